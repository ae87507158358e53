"""The message catalogue: what a user reads for each error code. It says what happened and what to do next.

Placeholders are the `facts` of the error. A missing fact prints as an empty string, never as an exception:
the sentence about an error must not become an error itself.
"""

from collections import defaultdict

from domain.errors import DomainError

MESSAGES: dict[str, str] = {
    "domain_error": "这个操作无法完成。请核对后重试，仍不行请联系办公室。",
    "not_found": "没有找到，或者您无权查看。请核对编号，或联系办公室。",
    "permission_denied": "您没有权限做这一步。需要办理请联系{holder}。",
    "not_signed_in": "您还没有登录，或者登录已过期。请重新登录。",
    "conflict": "内容刚刚有变化。请刷新后再办理，已填写的内容请先保存。",
    "rule_violation": "内容不符合规则：{reason}。请修改后再提交。",
    "too_large": "超过上限{limit}。请减小后再试。",
    "too_many_requests": "操作太频繁。请{seconds}秒后再试。",
    "unavailable": "系统暂时不可用，没有保存任何内容。请稍后再试。",
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
    "own_submission": "您办理过“{step}”，不能再审批自己提交的内容。请由他人办理。",
    "breakthrough_not_allowed": "该事项的时限没有写明“完成或取得突破性进展”，只能按完成申请办结。",
    "blocking_flags": "还有{count}处必须处理的标记，暂不能交办。请先在导入核对中处理。",
    "lead_missing": "事项{number}没有牵头单位。请指定牵头单位，或写明各负其责并指定汇总单位。",
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
    "migration_refused": "流程实例不能迁移到新版本：{reasons}。请等它走过这些环节后再迁移。",
}


def message_for(error: DomainError) -> str:
    """The 中文 sentence for `error`, its facts filled in."""
    facts: defaultdict[str, object] = defaultdict(str, error.facts)
    return MESSAGES.get(error.code, MESSAGES["domain_error"]).format_map(facts)
