"""Sentences about evidence and its uploads."""

MESSAGES: dict[str, str] = {
    "evidence_missing": "这一步必须附佐证材料。请至少上传一份，或登记纸质材料。",
    "invalid_file_name": "文件名无法使用。请改一个文件名再上传。",
    "file_type_not_allowed": "不接受{found}文件。可上传：{allowed}。"
    "旧版doc、xls、ppt和wps请另存为docx、xlsx、pptx或PDF，压缩包请解压后逐个上传。",
    "extension_mismatch": "文件内容是{found}，与扩展名{declared}不符。请用正确的格式另存后再上传。",
    "file_damaged": "文件已损坏，打不开。请核对原文件后重新上传。",
    "file_encrypted": "文件有密码保护，审核人员打不开。请取消密码后再上传。",
    "file_has_macros": "文件带有宏或程序。请另存为不带宏的格式，或转为PDF后再上传。",
    "file_expands_too_far": "文件展开后过大，可能有问题，没有接收。请转为PDF后再上传。",
    "malware_found": "文件被查出病毒（{threat}），没有保存。请先在本机查杀，并报告信息安全人员。",
    "evidence_classified": "文件标有密级（{mark}），本系统不能存放涉密文件，内容没有保存。"
    "请改为登记纸质材料：文号、密级、存放处。",
    "content_expunged": "这份文件此前已按规定清除，不能再次上传。如有疑问请联系办公室。",
    "hash_mismatch": "收到的内容与您的文件不一致，可能是传输出错，没有保存。请重新上传。",
    "offset_mismatch": "这一段接不上，已收到{offset}字节。请从那里继续上传。",
    "upload_incomplete": "文件还没有传完，已收到{offset}字节，共{size}字节。请从那里继续上传。",
    "upload_ended": "这次上传已经结束或已过期。请重新上传这份文件。",
    "too_many_uploads": "您有{count}份文件还没有传完。请先传完或取消，再上传新的。",
    "evidence_expunged": "这份材料已由两人按规定清除，只保留记录。如有疑问请联系办公室。",
    "expunge_pending": "已有人申请清除这份材料，正等待另一人审核。",
    "expunge_decided": "这项清除申请已由{who}处理过。请刷新查看结果。",
    "second_person_needed": "清除材料须由两人办理，申请人不能审核自己的申请。请由另一人审核。",
    "unit_not_involved": "您所在单位目前不承办该事项，不能添加材料。请核对事项，或联系办公室。",
    "unit_ambiguous": "您有多个单位承办该事项。请选择代表哪个单位添加材料。",
    "storage_full": "服务器存储空间不足，没有保存。请稍后再传，并告知系统管理员。",
    "content_missing": "材料的内容暂时取不到。请联系系统管理员核查，记录没有丢失。",
}

CLASSIFICATION_NAMES: dict[str, str] = {
    "internal": "内部",
    "secret": "秘密",
    "highly_secret": "机密",
    "top_secret": "绝密",
}
