"""The sample city's task list as a Word document: head, number, body, and an annex with a table.

The same day gives the same bytes, so that the import recognises the document when the demo is run again.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from app.demo.tasks import ISSUER, TITLE, Issue, Task, tasks

_HEADER = ("序号", "重点任务", "主要措施", "完成时限", "责任单位")
_WIDTHS_MM = (12, 52, 44, 24, 34)
_MEASURE_LABELS = ("一是", "二是", "三是", "四是")
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_BODY_FONT = "仿宋"


def write_task_list(issue: Issue) -> bytes:
    """The document as .docx."""
    document: Any = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin, section.top_margin = Mm(28), Mm(26), Mm(37)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _BODY_FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _BODY_FONT)
    rows = tasks(issue)
    _write_head(document, issue)
    _write_body(document, issue, len(rows))
    document.add_page_break()
    document.add_paragraph("附件")
    _centred(document, TITLE, size=16)
    _write_table(document, rows)
    written_at = datetime(issue.on.year, issue.on.month, issue.on.day)  # noqa: DTZ001  the format has no zone
    properties = document.core_properties
    properties.author, properties.title = ISSUER, TITLE
    properties.created = properties.modified = written_at
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _write_head(document: Any, issue: Issue) -> None:
    _centred(document, f"{ISSUER}文件", size=22)
    _centred(document, issue.document_number, size=14)
    _centred(document, f"{ISSUER}关于印发《{TITLE}》的通知", size=18)


def _write_body(document: Any, issue: Issue, count: int) -> None:
    paragraphs = (
        "各区人民政府，联席会议各成员单位：",
        f"《{TITLE}》已经联席会议审议通过，共{count}项任务，现印发给你们。有关要求通知如下。",
        "一、清单所列责任单位，排在首位的为牵头单位，其余为配合单位；双牵头的，两家单位共同负责、共同签报。",
        "二、牵头单位收到任务后及时签收，十个工作日内提出实施方案，明确阶段目标、完成节点和拟提供的佐证材料。",
        "三、任务完成情况按月报送，办结须附印发文件、上线页面、首单凭证等材料，由我办审核后销号。",
    )
    for text in paragraphs:
        document.add_paragraph(text)
    for text in (ISSUER, f"{issue.on.year}年{issue.on.month}月{issue.on.day}日"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _write_table(document: Any, rows: Sequence[Task]) -> None:
    """The header is repeated on every page; a section is one cell over the whole width."""
    table = document.add_table(rows=1, cols=len(_HEADER))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, _HEADER, strict=True):
        cell.text = words
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  python-docx has no setter
    section = None
    for task in rows:
        if task.section != section:
            section = task.section
            cells = table.add_row().cells
            cells[0].merge(cells[-1]).text = section
        cells = table.add_row().cells
        measures = [f"{label}{text}。" for label, text in zip(_MEASURE_LABELS, task.measures, strict=False)]
        written = (str(task.number), task.text, "".join(measures), task.deadline, task.units)
        for cell, words in zip(cells, written, strict=True):
            cell.text = words
    for row in table.rows:
        for cell, width in zip(row.cells, _WIDTHS_MM, strict=True):
            cell.width = Mm(width)


def _centred(document: Any, text: str, *, size: int) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).font.size = Pt(size)


def _without_times(package: bytes) -> bytes:
    """The same package; a zip archive otherwise carries the moment at which each part was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), old.read(name), compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
