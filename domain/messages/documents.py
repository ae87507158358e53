"""Sentences about documents and spreadsheets that cannot be imported."""

MESSAGES: dict[str, str] = {
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
}
