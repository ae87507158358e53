"""Sentences for who runs the service: the database, its schema, the embedded server."""

MESSAGES: dict[str, str] = {
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
    "demo_data_differs": (
        "这里的示范数据是另一个版本的程序推演的，接不下去（{reason}）。"
        "请运行 make clean 清除本目录的示范数据，再运行 make demo；或用 DUDAO_DATA_DIR 另指定一个空目录。"
    ),
    "internal_error": "系统出现意外错误（编号 {error_id}）。请稍后重试，仍不行请把编号告诉系统管理员。",
    "migration_running": "另一个进程正在升级同一个数据库。请等它结束后再试。",
}
