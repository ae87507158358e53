"""The message catalogue: what a user reads for each error code. It says what happened and what to do next.

Placeholders are the `facts` of the error. A missing fact prints as an empty string, never as an exception:
the sentence about an error must not become an error itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from domain.errors import DomainError

MESSAGES: dict[str, str] = {
    "domain_error": "这个操作无法完成。请核对后重试，仍不行请联系办公室。",
    "not_found": "没有找到，或者您无权查看。请核对编号，或联系办公室。",
    "permission_denied": "您没有权限做这一步。需要办理请联系{holder}。",
    "not_signed_in": "您还没有登录，或者登录已过期。请重新登录。",
    "sign_in_failed": "登录名或密码不正确，或账户暂时不能登录（连续输错会锁定一段时间）。"
    "请核对后再试，忘记密码请联系管理员。",
    "no_role": "您目前没有在任的角色，不能查看和办理。如有疑问请联系办公室。",
    "csrf_failed": "页面已过期，这次操作没有提交。请刷新页面后重试。",
    "wrong_password": "当前密码不正确，没有修改。请重新输入。",
    "weak_password": "新密码不符合要求，没有修改。请换一个：{min_length}至{max_length}位，"
    "含大写、小写、数字、符号中的三类，不用连续或重复的字符，不含登录名、姓名和电话。",
    "link_unusable": "这个链接无效：可能已用过、已过期或被新的链接代替。请联系管理员重新发送。",
    "no_account": "{name}没有登录名，不能登录。请先在人员表中填写登录名。",
    "own_account": "不能停用自己的账户。请由另一位管理员办理。",
    "ambiguous_reference": "“{reference}”对应不止一个编号。请多写几位。",
    "no_office": "您在{count}个办公室有这项权限。请用 --office 写明办公室名称。",
    "invalid_cursor": "翻页位置无效。请从第一页重新查看。",
    "candidate_decided": "“{printed}”已有人处理过。请刷新查看结果。",
    "unstorable_value": "内容中有无法保存的字符或过大的数值，没有保存。请删去不可见的特殊字符后再提交。",
    "rows_refused": "表格中有{count}行不能导入，没有写入任何内容：{problems}",
    "request_invalid": "请求中有{count}处不符合要求：{problems}。请修改后再提交。",
    "route_not_found": "没有这个地址。请核对后再试。",
    "method_not_allowed": "这个地址不支持这种操作。请核对后再试。",
    "http_error": "请求无法处理。请核对后再试。",
    "conflict": "内容刚刚有变化。请刷新后再办理，已填写的内容请先保存。",
    "rule_violation": "内容不符合规则：{reason}。请修改后再提交。",
    "too_large": "超过上限{limit}。请减小后再试。",
    "too_many_requests": "操作太频繁。请{seconds}秒后再试。",
    "unavailable": "系统暂时不可用，没有保存任何内容。请稍后再试。",
    "took_too_long": "操作用时太长，已被停止，没有保存任何内容。请缩小范围后再试；仍不行请联系系统管理员。",
    "fate_unknown": "提交时与数据库的连接中断，暂时无法确认是否已经保存。请稍后刷新查看，确认没有保存再重新提交。",
    "answer_lost": "您的操作已经保存，只是回执在传输中丢失。请刷新查看，不要重复提交。",
    "stale_version": "您打开后内容已有更新（您看到第{seen}版，现在是第{current}版）。请刷新查看变化，再决定是否提交。",
    "work_item_closed": "这一步已由{who}于{when}办理（{decision}）。您填写的内容没有提交，请刷新查看。",
    "row_locked": "另一位同事正在办理同一事项。请稍等几秒再提交，您的内容没有丢失。",
    "idempotency_mismatch": "同一个请求编号已用于另一个请求。请换一个编号再提交。",
    "already_exists": "{what}已存在。请核对，或改用另一个。",
    "not_waiting": "该事项当前不能做这一操作。请刷新查看它现在的环节。",
    "invalid_decision": "这一步没有“{decision}”这个选项。可选：{allowed}。",
    "invalid_form": "表单有{count}处需要修改：{problems}",
    "invalid_return": "不能退回到“{target}”。可退回：{allowed}。",
    "reason_missing": "退回必须选择原因并写明理由。请补充后再提交。",
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
    "own_submission": "您办理过“{step}”，不能再审批自己提交的内容。请由他人办理。",
    "breakthrough_not_allowed": "该事项的时限没有写明“完成或取得突破性进展”，只能按完成申请办结。",
    "blocking_flags": "还有{count}处必须处理的标记，暂不能交办。请先在导入核对中处理。",
    "lead_missing": "事项{number}没有牵头单位。请指定牵头单位，或写明各负其责并指定汇总单位。",
    "party_twice": "“{unit}”已经承办该事项，同一单位只能列一次。请去掉重复的单位。",
    "joint_lead_not_two": "双牵头须是两个单位，现在选了{count}个。请改为两个，或改为各负其责并指定汇总单位。",
    "collector_not_lead": "汇总单位必须是牵头单位之一。请重新指定。",
    "send_back_contradicted": "办理结果与责任单位不一致：选“调整责任单位”须先改牵头单位，选其他则牵头单位应不变。"
    "请核对责任单位后再办理。",
    "not_for_others": "“{step}”由办公室自己办理，不能请其他单位参加。请在单位办理的环节增加。",
    "round_limits": "配合单位的报送时限不能晚于牵头单位的。请调整后再发起。",
    "no_member_completed": "各成员的事项都已撤回或终止，没有一项办结，不能销号。请终止该事项，并写明依据的文号。",
    "open_list_not_closed": "事项{number}的责任单位写了“等”，请先确定全部单位，再交办。",
    "group_not_expanded": "事项{number}的责任单位“{group}”是一组单位，请先确定成员，再交办。",
    "unit_not_confirmed": "事项{number}的责任单位“{printed}”不在单位名录中。请确认它是哪个单位，再交办。",
    "wrong_status": "当前状态是“{status}”，不能这样操作。",
    "roles_mixed": "系统、安全、审计管理员必须由不同的人担任，且不能办理业务。请调整角色。",
    "nobody_responsible": "“{step}”没有可办理的单位。请先补充责任单位。",
    "embedded_unavailable": "内嵌数据库没有启动成功：{reason}。完整日志在 {log}，请按日志处理后重试。",
    "embedded_account_missing": "没有可以运行内嵌数据库的系统用户“{user}”。请由系统管理员创建该用户"
    "（useradd --system --user-group {user}），或用普通用户运行，或用 DUDAO_DATABASE_URL 指定已有的数据库。",
    "embedded_programs_missing": "安装中没有 PostgreSQL {major} 的程序（可用：{offered}）。"
    "请调整 DUDAO_EMBEDDED_MAJOR，或用 DUDAO_DATABASE_URL 指定已有的数据库。",
    "embedded_directory_unwritable": "不能写入目录 {path}（{error}）。请调整权限，或用 DUDAO_DATA_DIR 换一个目录。",
    "embedded_directory_unreachable": "系统用户“{user}”进不了目录 {path}：上级目录不对其他用户开放。"
    "请用 DUDAO_DATA_DIR 换一个目录，如 /var/lib/dudao。",
    "embedded_directory_foreign": "{path} 不是用户“{user}”专有的目录，为安全起见不使用。"
    "请核对它的所有者和权限，或用 DUDAO_DATA_DIR 换一个目录。",
    "embedded_disk_full": "{path} 所在的磁盘空间不足，数据库没有启动，已有数据不受影响。请清理磁盘后重试。",
    "embedded_path_too_long": "路径 {path} 太长（{length} 字节）。请用 DUDAO_DATA_DIR 换一个较短的目录。",
    "embedded_busy": "另一个进程正在启动或停止 {path} 的数据库，等了 {seconds} 秒仍未完成。请稍后重试。",
    "data_of_older_major": "{path} 是 PostgreSQL {found} 的数据，本程序要用 {wanted}，没有改动任何数据。升级步骤："
    "一、DUDAO_EMBEDDED_MAJOR={found} dudao db dump dudao.dump；二、把 {path} 改名保存；"
    "三、dudao db restore dudao.dump。也可以继续用旧版：设 DUDAO_EMBEDDED_MAJOR={found}。",
    "data_of_newer_major": "{path} 是 PostgreSQL {found} 的数据，比要用的 {wanted} 新，没有改动任何数据。"
    "请设 DUDAO_EMBEDDED_MAJOR={found}，或升级本程序。",
    "database_unreachable": "连不上数据库 {where}：{error}。请核对 DUDAO_DATABASE_URL、网络和口令。",
    "database_too_old": "数据库 {where} 是 PostgreSQL {found}，本程序需要 {needed} 或更新的版本。请升级数据库。",
    "database_role_missing": "数据库缺少角色 {role}，或连接用户不是它的成员。请由数据库管理员执行："
    "CREATE ROLE {role} NOLOGIN; GRANT {role} TO {user};",
    "schema_out_of_date": "数据库结构的版本是 {found}，本程序需要 {needed}。请先运行 dudao db upgrade。",
    "embedded_in_use": "还有其他进程在使用 {path} 的数据库，没有停止。请先结束它们，或加 --force 强制停止。",
    "internal_error": "系统出现意外错误（编号 {error_id}）。请稍后重试，仍不行请把编号告诉系统管理员。",
    "migration_running": "另一个进程正在升级同一个数据库。请等它结束后再试。",
    "sheet_unreadable": "“{name}”不是可以读取的表格。请另存为不加密的 .xlsx，或 UTF-8 编码的 .csv，再导入。",
    "sheet_too_large": "“{name}”超过上限{limit}。请拆分成几个表格再导入。",
    "document_unreadable": "“{name}”不是可以读取的公文文件。请提供 Word 文档（.docx）或纯文本（.txt）。",
    "document_empty": "“{name}”是空文件，里面没有文字。请核对是否传错了文件。",
    "document_encrypted": "“{name}”设有打开密码，无法读取。请去掉密码另存后再导入。",
    "document_scanned_pdf": "“{name}”是扫描件，只有图片没有文字。请提供原始的 Word 文档（.docx）。",
    "document_text_pdf": "暂不能从 PDF 可靠地读取表格。请提供“{name}”原始的 Word 文档（.docx）。",
    "document_legacy_word": "“{name}”是旧版格式（.doc、.wps 或 .rtf）。请用 Word 或 WPS 打开，另存为 .docx 后再导入。",
    "document_other_office": "“{name}”是{format}，不是公文文档。请把任务清单另存为 Word 文档（.docx）后再导入。",
    "document_macro": "“{name}”含有宏，为安全起见不予读取。请另存为不含宏的 .docx 后再导入。",
    "document_bomb": "“{name}”解压后异常庞大，不像正常公文，已停止读取。请用 Word 重新另存后再导入。",
    "document_unsafe_xml": "“{name}”含有正常公文不会有的外部引用，为安全起见不予读取。请用 Word 重新另存后再导入。",
    "document_damaged": "“{name}”已损坏，无法作为 Word 文档打开。请用 Word 修复或重新另存后再导入。",
    "document_encoding": "“{name}”的文字编码无法识别。请另存为 UTF-8 编码的文本，或提供 Word 文档（.docx）。",
    "document_classified": "“{name}”标有“{mark}”，是涉密文件，不得导入本系统，没有保存任何内容。"
    "请按保密规定处理该文件，只在系统中登记纸质文件的文号和存放处。",
    "document_too_complex": "“{name}”的内容超过{limit}，已停止读取。请拆分成几个文件，或只保留任务清单后再导入。",
    "document_too_large": "“{name}”超过导入上限{limit}。请去掉图片或拆分后再导入。",
    "document_not_found": "没有找到文件“{name}”，或者没有权限读取。请核对路径。",
    "task_not_open": "这一步已经办理，或流程已不在这一步。请刷新后查看当前环节。",
    "nothing_waits": "流程当前不等待这个操作。请刷新查看它现在的环节。",
    "expression_refused": "表达式“{expression}”不能使用：{reason}。请修改流程模型中的表达式。",
    "expression_failed": "流程条件“{expression}”无法判断：{reason}。内容没有保存，请联系系统管理员检查流程模型。",
    "model_refused": "流程模型不能使用：{reason}。请修改模型后再发布。",
    "timer_invalid": "定时“{timer}”的时间不正确：{reason}。内容没有保存，请核对期限，或联系系统管理员。",
    "process_fault": "流程无法继续：{reason}。内容没有保存，请联系系统管理员处理。",
    "endless_loop": "流程在“{element}”附近形成死循环，无法继续。内容没有保存，请联系系统管理员检查流程模型。",
    "dead_end": "流程“{process}”走到没有出口的地方，无法继续。内容没有保存，请联系系统管理员检查流程模型。",
    "state_unreadable": "流程实例的状态无法读取：{reason}。没有改动任何内容，请联系系统管理员。",
    "process_data_invalid": "流程数据格式不正确（{reason}）。内容没有保存，请联系系统管理员。",
    "process_data_too_large": "流程数据超过{limit}。材料和意见请放在表单与附件中，再提交。",
    "process_data_incomplete": "流程启动时缺少数据：{names}。没有启动，请联系系统管理员检查流程模型。",
    "migration_refused": "流程实例不能迁移到新版本：{reasons}。请等它走过这些环节后再迁移。",
}

# What is wrong with one field of a request, by pydantic's error type.
FIELD_PROBLEMS: dict[str, str] = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识此项",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文字",
    "string_unicode": "含有无效的字符",
    "string_too_short": "至少{min_length}个字",
    "string_too_long": "至多{max_length}个字",
    "string_pattern_mismatch": "格式不对",
    "too_short": "至少{min_length}项",
    "too_long": "至多{max_length}项",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "应不小于{ge}",
    "less_than": "应小于{lt}",
    "less_than_equal": "应不大于{le}",
    "enum": "应为其中之一：{expected}",
    "literal_error": "应为其中之一：{expected}",
    "uuid_parsing": "不是有效的编号",
    "uuid_type": "不是有效的编号",
    "date_from_datetime_parsing": "不是有效的日期（如 2026-03-10）",
    "date_parsing": "不是有效的日期（如 2026-03-10）",
    "date_type": "不是有效的日期（如 2026-03-10）",
    "datetime_from_date_parsing": "不是有效的时间",
    "datetime_parsing": "不是有效的时间",
    "timezone_aware": "时间应写明时区",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "bytes_type": "应为文件内容",
}
OTHER_FIELD_PROBLEM = "内容不对"

# Why a row of an imported spreadsheet is refused.
ROW_PROBLEMS: dict[str, str] = {
    "column_missing": "缺少“{column}”一列",
    "column_twice": "“{column}”一列出现了两次",
    "no_rows": "没有内容",
    "value_missing": "“{column}”没有填写",
    "value_unknown": "“{column}”中的“{value}”不认识，可填：{allowed}",
    "value_too_long": "“{column}”超过{limit}个字",
    "date_invalid": "“{column}”中的“{value}”不是日期，请写成 2026-03-10",
    "dates_reversed": "“{column}”的截止日期早于起始日期",
    "number_invalid": "“{column}”中的“{value}”不是整数",
    "email_invalid": "“{value}”不是邮箱地址",
    "login_invalid": "登录名“{value}”只能用小写字母、数字、点、横线和下划线，以字母开头，3到32位",
    "unit_twice": "“{name}”在第{other}行已出现",
    "name_taken": "“{name}”已是“{unit}”的名称",
    "name_taken_in_row": "“{name}”在第{other}行已用作“{unit}”的名称",
    "unit_unknown": "单位“{name}”不在单位名录和本表中",
    "unit_parent_circle": "“{name}”的上级单位绕了一圈回到它自己",
    "unit_successor_circle": "“{name}”的承接单位绕了一圈回到它自己",
    "unit_ended": "单位“{name}”已于{date}撤销",
    "login_taken": "登录名“{value}”已属于“{name}”",
    "person_ambiguous": "有{count}位“{name}”，请填写登录名以便区分",
    "second_liaison": "“{unit}”在同一时间已有联络员“{name}”，请先填写其截止日期，或把本行设为代理",
    "liaison_of_two": "“{name}”在同一时间已是“{unit}”的联络员，一人只能任一个单位的联络员",
    "roles_mixed": "“{name}”兼任了系统、安全、审计管理员中的两种，或兼办业务，必须由不同的人担任",
    "row_twice": "与第{other}行重复",
}


CLASSIFICATION_NAMES: dict[str, str] = {
    "internal": "内部",
    "secret": "秘密",
    "highly_secret": "机密",
    "top_secret": "绝密",
}


# What a sentence says where the error does not know better.
_USUAL_FACTS = {"holder": "办公室"}


def row_message(code: str, facts: Mapping[str, object]) -> str:
    """The 中文 reason for refusing a row."""
    return ROW_PROBLEMS[code].format_map(defaultdict(str, facts))


def field_message(kind: str, facts: Mapping[str, object]) -> str:
    """The 中文 sentence for a field's fault by pydantic's error type."""
    return FIELD_PROBLEMS.get(kind, OTHER_FIELD_PROBLEM).format_map(defaultdict(str, facts))


def fields_shown(problems: Iterable[tuple[str, str]], *, limit: int = 3) -> str:
    """The first few faults of a form as one clause: each field with its sentence."""
    return "；".join(f"{field}：{sentence}" for field, sentence in islice(problems, limit))


def rows_shown(problems: Iterable[tuple[int, str]], *, limit: int = 5) -> str:
    """The first few faults of a spreadsheet as one clause: each row number with its sentence."""
    return "；".join(f"第{number}行{sentence}" for number, sentence in islice(problems, limit))


def message_of(code: str, facts: Mapping[str, object]) -> str:
    """The 中文 sentence of an error code."""
    return MESSAGES.get(code, MESSAGES["domain_error"]).format_map(defaultdict(str, {**_USUAL_FACTS, **facts}))


FINDINGS: dict[str, str] = {
    "model_refused": "模型文件不能读取：{reason}。",
    "process_missing": "没有找到流程“{element_id}”。请核对流程的 id。",
    "id_twice": "“{element_id}”这个 id 用了两次。请换一个。",
    "id_style": "“{element_id}”不是好懂的 id。请用小写英文单词和下划线，说明这一步做什么，如 check_plan。",
    "id_reused": "“{element_id}”在上一版是 {before}，现在是 {now}。请换一个新的 id，历史记录才不会混淆。",
    "start_events": "“{element_id}”要有一个、也只能有一个开始事件，现在有{count}个。",
    "unsupported_element": "“{element_id}”是 {element}，不能运行。请换成用户任务、网关或子流程。",
    "unsupported_event": "“{element_id}”的事件类型 {element} 不能用在这里。请换成消息、信号或定时。",
    "script_task": "“{element_id}”含有脚本，不能运行。请把规则写进决策表或网关条件。",
    "complex_gateway": "“{element_id}”是复杂网关，不能运行。请用排他或并行网关。",
    "link_event": "“{element_id}”是链接事件，不会按图运行。请直接连线。",
    "compensation": "“{element_id}”是补偿，不能运行。请画出补救的步骤。",
    "event_sub_process": "“{element_id}”是事件子流程，会影响其他事项。请改用子流程边界上的消息事件。",
    "multi_instance": "“{element_id}”是多实例或循环。多家单位办理请用 parties 和 rule，退回请画箭头。",
    "service_operator_unknown": "“{element_id}”调用的服务“{operator}”不存在。",
    "several_events": "“{element_id}”上有几个事件。请分开画。",
    "event_without_definition": "“{element_id}”没有写明等待什么。请选消息、信号或定时。",
    "event_without_name": "“{element_id}”没有写明是哪个消息或信号。请选择。",
    "timer_cycle_misplaced": "“{element_id}”是循环定时，只能用作不中断的边界事件。",
    "boundary_host": "“{element_id}”不能附在“{host}”上。边界事件请附在用户任务或子流程上。",
    "event_gateway_target": "“{element_id}”是事件网关，后面至少两个分支，每个都要是等待事件；“{target}”不合适。",
    "event_gateway_timers": "“{element_id}”后面有{count}个定时，只能有一个。",
    "flow_loose": "连线“{element_id}”有一端没有接上。",
    "flow_twice": "“{source}”到“{target}”有两条连线（{element_id}）。请合并。",
    "end_goes_on": "结束事件“{element_id}”后面还有连线。请去掉。",
    "dead_end": "“{element_id}”后面没有连线，走到这里就停住了。请接到下一步或结束事件。",
    "many_outgoing": "“{element_id}”后面有{count}条连线。请先接网关，再分支。",
    "condition_ignored": "连线“{element_id}”上的条件不起作用，因为“{source}”不是选择网关。请去掉，或改用网关。",
    "condition_missing": "连线“{element_id}”没有条件，也不是默认。请写条件，或设为默认。",
    "condition_on_default": "默认连线“{element_id}”不应有条件。请去掉条件。",
    "default_missing": "网关“{element_id}”没有默认连线，条件都不符合时无路可走。请指定默认。",
    "unreachable": "“{element_id}”从开始走不到。请接上，或删除。",
    "no_way_to_an_end": "从“{element_id}”走不到任何结束事件。请补上出口。",
    "join_waits_for_itself": "并行网关“{element_id}”等待“{source}”，而它只能从这个网关之后到达。请用排他网关汇合。",
    "called_process_missing": "“{element_id}”调用的流程“{called}”不在这个版本里。",
    "decision_missing": "“{element_id}”使用的决策表“{called}”不在这个版本里。",
    "expression_refused": "“{element_id}”的表达式“{expression}”不能使用：{reason}。",
    "name_never_set": "“{element_id}”的条件用到“{name}”，但没有哪一步会写它。请核对拼写，或在开始事件声明。",
    "data_undeclared": "流程“{element_id}”启动时须提供：{names}。建议写进开始事件的 data 属性，以便检查拼写。",
    "name_missing": "用户任务“{element_id}”没有名称。请写上办理人看得懂的名称。",
    "property_missing": "用户任务“{element_id}”缺少属性 {property}。",
    "property_unknown": "用户任务“{element_id}”的属性 {property} 不认识。请核对拼写。",
    "property_invalid": "用户任务“{element_id}”的属性 {property} 不能是“{value}”。",
    "task_unknown": "用户任务“{element_id}”的 {property} 指向“{target}”，没有这个用户任务。",
    "form_missing": "用户任务“{element_id}”的表单“{form}”不在这个版本里。",
    "form_invalid": "表单“{element_id}”不是正确的 JSON Schema：{reason}。",
}
"""What a publisher reads for each code of `bpmn.findings.Finding`; placeholders are `element_id` and its args."""


FORM_FAULTS: dict[str, str] = {
    "required": "“{title}”没有填写",
    "minLength": "“{title}”太短，至少{limit}个字",
    "maxLength": "“{title}”太长，最多{limit}个字",
    "pattern": "“{title}”的写法不对",
    "format": "“{title}”的写法不对，应为 {format}",
    "type": "“{title}”的类型不对",
    "enum": "“{title}”不在可选范围内：{options}",
    "minimum": "“{title}”不能小于{limit}",
    "maximum": "“{title}”不能大于{limit}",
    "minItems": "“{title}”至少要有{limit}项",
    "maxItems": "“{title}”最多{limit}项",
    "additionalProperties": "表单没有这些栏目：{unexpected}",
}
"""What a user reads for each kind of fault in a form, by the JSON Schema keyword that it breaks."""


def form_fault(keyword: str, title: str, facts: Mapping[str, object]) -> str:
    """The 中文 words for one fault; `title` is the field's title in the form."""
    known: defaultdict[str, object] = defaultdict(str, facts, title=title)
    for name, value in facts.items():
        if isinstance(value, list):
            known[name] = "、".join(str(part) for part in value)
    return FORM_FAULTS.get(keyword, "“{title}”不符合要求").format_map(known)


def finding_sentence(code: str, element_id: str, args: Mapping[str, object]) -> str:
    """The 中文 sentence of a linter's finding."""
    facts: defaultdict[str, object] = defaultdict(str, args, element_id=element_id)
    return FINDINGS.get(code, "“{element_id}”有问题（{code}）。").format_map(facts | {"code": code})


def message_for(error: DomainError) -> str:
    """The 中文 sentence for `error`, its facts filled in."""
    return message_of(error.code, error.facts)
