"""Sentences and words of 复制推广; what the rules look for in a text is here too, because it is words."""

MESSAGES: dict[str, str] = {
    "adoption_date_too_late": "完成日期{due}晚于推广时限{latest}。请提前日期；确实做不到的，与办公室联系。",
    "batch_issued": "第{number}批已经印发，不能再改。需要补充的，放入下一批。",
    "batch_empty": "本批还没有案例。请先放入审议通过的案例。",
    "case_not_approved": "案例“{title}”还在“{state}”，不能放入批次。请等联席会议审议通过。",
    "case_state_wrong": "案例现在处于“{state}”，不能{act}。请刷新后再看。",
    "claim_unproven": "“{claims}”没有证明。请附证明材料，并在“证明什么”中写明；没有证明的，请改掉这个说法。",
    "consent_unproven": "没有“{firm}”同意公开名称的材料。请附书面同意，在“证明什么”中写明企业名称；不同意的取消勾选。",
    "dossier_too_long": "正文共{length}字，最多{most}字。请删减后再送签。",
    "duplicate_open": "“{title}”与已印发的“{known}”相近，还没有人认定。请先认定是否同一项改革。",
    "expert_not_independent": "“{unit}”是申报单位，应当回避。请换一家专家单位。",
    "expert_twice": "“{unit}”已有一名专家。请每家单位只请一名。",
    "firm_not_listed": "正文写到“{firm}”，但企业名单中没有。请列入“写到的企业”，写明是否同意公开。",
    "formal_return_used_up": "形式审查只能退回一次，这件已经退回过。请通过或者不予受理。",
    "merge_with_itself": "请选择同一个办公室的另一个案例。",
    "no_replication_list": "“{name}”不是复制推广清单。请导入有改革事项、主要内容、推广范围、负责单位四栏的文件。",
    "panel_too_small": "现有{count}名专家，至少要{least}名。请再请几家专家单位。",
    "adoption_proof_missing": "答复“已有”要附证明。请上传文件、照片或者数据，再送签。",
    "range_without_units": "推广范围“{range}”中没有单位。请写明由哪些单位落实。",
    "report_running": "这个案例的报送正在办理，办完后才能再报。",
    "unit_not_known": "单位名录中没有“{name}”。请写单位全称或者规范简称；确实没有的，请系统管理员补充名录。",
}

RANGE_NAMES: dict[str, str] = {
    "city": "全市",
    "districts": "部分区和单位",
    "jjj": "京津冀",
    "national": "建议全国",
}
STATE_NAMES: dict[str, str] = {
    "nomination": "申报",
    "formal_check": "形式审查",
    "consultation": "部门会商",
    "experts": "专家评估",
    "legality": "合法性审查",
    "ministry": "请示部委",
    "conference": "联席会议审议",
    "publicity": "公示",
    "approved": "待印发",
    "implementing": "落实中",
    "effect_check": "效果评估",
    "kept": "持续有效",
    "revised": "已修订",
    "stopped": "停止推广",
    "not_adopted": "不予推广",
    "refused_by_ministry": "部委不同意",
    "withdrawn": "已撤回",
    "merged": "已合并",
}
ADOPTION_NAMES: dict[str, str] = {
    "asked": "待答复",
    "answered": "已答复待核",
    "carrying_out": "落实中",
    "adopted": "已落实",
    "already_in_place": "已有",
    "not_applicable": "不适用",
    "cancelled": "已停止",
}
BATCH_SHEET = "复制推广清单"
BATCH_COLUMNS = ("序号", "改革事项", "主要内容及成效", "推广范围", "负责单位")
ACTS: dict[str, str] = {
    "withdraw": "撤回",
    "merge": "合并",
    "take_in": "并入另一案例",
    "stop": "停止推广",
    "report": "报送",
}
"""What is done to a case, as a refusal names it."""
CASE_NUMBER = "推广〔{year}〕{number}号"
ELSEWHERE_NAMES: dict[str, tuple[str, ...]] = {
    "jjj": ("北京市", "河北省"),
    "national": ("国务院服务贸易发展部际联席会议办公室",),
}
MASKED_FIRM = "某企业{mark}"
MASK_MARKS = "甲乙丙丁戊己庚辛壬癸"
CLAIM_PATTERN = "(?:全国|国内|全球|世界|我国|全市)(?:首|第一)[单个创例家批次款笔张支座条只项艘台票]|首创"
FIRM_PATTERN = r"[\w（）()]{2,40}?(?:有限责任公司|有限公司|集团公司|股份公司)"
FIRM_SUFFIX = "(?:股份|集团)?(?:有限责任公司|有限公司|公司)$"
HEAD_OF_NOTICE = "{office}文件"
TO_ALL_UNITS = "各有关单位"
TO_UNITS_CONCERNED = "推广范围内各单位"
PUBLIC_NOTE = "此件公开发布"
BATCH_NOTICE_TITLE = "关于印发{title}的通知"
BATCH_TEXT = (
    "经联席会议审议通过，现将《{title}》印发给你们，共{count}项。\n"
    "推广范围内的各单位请在十五个工作日内答复：已有的附证明，拟落实的写明计划和日期，不适用的写明理由。"
    "印发满十二个月，办公室组织效果评估。"
)
LETTER_TITLE = "关于商请参考“{title}”的函"
LETTER_TEXT = (
    "我市“{title}”经联席会议审议通过，已在市内推广。现将主要内容及成效函告，供参考。\n"
    "{content}\n"
    "是否采用，由贵方根据实际确定；如有意见，请函复。"
)
STOP_ENDS = "。；，,. "
"""A reason ends inside a sentence of the notice."""
STOP_TITLE = "关于停止推广“{title}”的通知"
STOP_TEXT = "因{reason}，“{title}”自即日起停止推广。各单位正在办理的落实事项随之结束，已经取得的成果照常使用。"
ANSWERS: dict[str, str] = {"agree": "同意", "object": "有意见", "none": "无意见（二次发函未复）", "recused": "回避"}
RESULTS: dict[str, str] = {"selected": "入选", "not_selected": "未入选", "cancelled": "已取消"}
EFFECTS: dict[str, str] = {"keep": "持续有效", "revise": "修订", "stop": "停止推广"}
"""What the check of a case's effect proposes, as the decisions of its step in the model."""
CASE_COLUMNS = ("编号", "案例号", "改革事项", "申报单位", "状态", "批次", "推广范围", "落实", "待办")
BATCHES_COLUMNS = ("编号", "批次", "名称", "案例数", "起草人", "印发日期")
MATRIX_SHEET, UNIT_COLUMN = "推广落实矩阵", "单位"
SOURCES = {"call": "集中征集", "item": "督办事项", "round": "进展报告", "assessment": "总结评估"}
"""Where a clue comes from."""
