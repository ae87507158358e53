"""Sentences about 复制推广."""

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
    "panel_too_small": "现有{count}名专家，至少要{least}名。请再请几家专家单位。",
    "adoption_proof_missing": "答复“已有”要附证明。请上传文件、照片或者数据，再送签。",
    "range_without_units": "推广范围“{range}”中没有单位。请写明由哪些单位落实。",
    "report_running": "这个案例的报送正在办理，办完后才能再报。",
    "unit_not_known": "单位名录中没有“{name}”。请写单位全称，或者先请系统管理员补充名录。",
}
