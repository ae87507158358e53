"""Sentences about reporting: drafts, the rhythm of a list, report sheets."""

MESSAGES: dict[str, str] = {
    "stale_draft": "{who}已于{when}保存过这份草稿，您填写的内容没有覆盖它。请对照后再保存。",
    "draft_too_large": "草稿超过{limit}千字，不能保存。较长的材料请作为佐证材料上传。",
    "rhythm_invalid": "报送安排不能保存：{reason}。请修改后再保存。",
    "sheet_changed": "报送单新增了{count}行（事项{numbers}）。内容没有提交，请刷新核对后一并办理。",
    "sheet_overtaken": "报送单中有{count}行已被他人办理或修改（按事项编号）：{reasons}"
    "整张报送单都没有提交，已填内容仍在，请刷新后再办理。",
    "sheet_rows_refused": "报送单中有{count}行不能提交（按事项编号）：{reasons}整张报送单都没有提交，请补正后再提交。",
    "sheet_waits": "还有{count}行在等配合单位报送（事项{numbers}）。请催报；确需先报其余各行的，请选择“其余先报”。",
    "sheet_twice": "事项{number}在提交内容中出现了两次。请去掉重复的一行。",
    "not_preliminary": "事项{number}的本期报送不在待签发状态，不能报送未签数据。请刷新查看。",
}

# What is wrong with the rule of a list's reports.
RHYTHM_PROBLEMS: dict[str, str] = {
    "out_of_range": "该项应在{low}到{high}之间",
    "year_out_of_range": "年份应在{low}到{high}之间",
    "co_units_after_lead": "配合单位的报送日不能晚于牵头单位的",
    "dates_unused": "只有按指定日期报送的，才填写日期",
    "dates_unsorted": "日期应从早到晚排列，不能重复",
    "end_before_start": "结束日期早于开始日期",
    "pause_reversed": "暂停的起止日期不对",
    "no_period": "按此安排没有任何报送期",
}
