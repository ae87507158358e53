"""What a document is: a list of tasks, of replicated experience, of targets, or none of these."""

import itertools
import re
from collections.abc import Iterable, Sequence

from importers.grammar.kpi import read_kpis
from importers.model import DocumentKind, FlagCode, Notice, ParsedDocument, ParsedRow
from importers.recognition.columns import Role
from importers.recognition.labels import is_note
from importers.recognition.mending import mend
from importers.recognition.metadata import Metadata, declared_count, lead_rule, read_metadata
from importers.recognition.records import TaskList, find_lists
from importers.recognition.rows import build_rows
from importers.registry import UnitRegistry
from importers.structure import Document, Heading, Paragraph

_LONGEST_PARAGRAPH = 10_000
_REPLICATED = re.compile(r"复制推广|推广.{0,12}(?:经验|案例|做法)|(?:经验|案例)清单")


def recognize(document: Document, registry: UnitRegistry) -> ParsedDocument:
    """Read `document`. Units are looked up in `registry`. Never raises: what cannot be read is flagged or left out."""
    lists = find_lists(document)
    # No sentence of a document is as long as this; what is was made to keep us busy.
    prose = [block for block in document.prose() if len(block.text) <= _LONGEST_PARAGRAPH]
    first = lists[0].position if lists else None
    opening = [block for block in prose if first is None or block.position.line < first.line]
    captions = list(itertools.chain.from_iterable(found.captions for found in lists))
    metadata = read_metadata(opening, prose, captions)
    if not lists:
        return _without_list(document, metadata, read_kpis(prose, metadata.year))
    notes = list(itertools.chain.from_iterable(found.notes for found in lists))
    headers = [column.header for found in lists for column in found.layout.columns]
    rule = lead_rule([*headers, *captions, *notes, *(block.text for block in prose)])
    rows = [row for found in lists for row in mend(build_rows(found, registry, rule, metadata.year), opening)]
    declared = declared_count([*captions, *notes, *_about_the_list(opening, metadata.title)])
    return ParsedDocument(
        kind=_kind(lists, metadata.title, captions),
        title=metadata.title,
        document_number=metadata.document_number,
        issuer=metadata.issuer,
        declared_count=declared,
        lead_rule=rule,
        rows=tuple(rows),
        warnings=(*_remarks(document), *_warnings(lists, rows, declared)),
    )


def _without_list(document: Document, metadata: Metadata, targets: tuple[ParsedRow, ...]) -> ParsedDocument:
    """A document without a list: its quantified targets if it is a plan that sets some, else nothing to supervise."""
    notes = () if targets else (Notice("no_task_list", "没有找到任务清单表格。请核对文件，或改为手工录入事项。"),)
    return ParsedDocument(
        kind=DocumentKind.KPI_LIST if targets else DocumentKind.NONE,
        rows=targets,
        title=metadata.title,
        document_number=metadata.document_number,
        issuer=metadata.issuer,
        warnings=(*_remarks(document), *notes),
    )


def _kind(lists: Sequence[TaskList], title: str | None, captions: Iterable[str]) -> DocumentKind:
    replicated = any(found.layout.has(Role.RANGE) for found in lists)
    described = any(found.layout.has(Role.CONTENT) for found in lists)
    if replicated or (described and any(_REPLICATED.search(text) for text in (title or "", *captions))):
        return DocumentKind.REPLICATION_LIST
    return DocumentKind.TASK_LIST


def _about_the_list(opening: Sequence[Heading | Paragraph], title: str | None) -> list[str]:
    """The places where a document counts its tasks: the title, notes, and sentences that name the list."""
    texts = [block.text for block in opening if is_note(block.text) or re.search(r"清单|任务|分工|附件", block.text)]
    return [title or "", *texts]


def _remarks(document: Document) -> list[Notice]:
    return [
        Notice(remark.code, remark.note, remark.position.line if remark.position else None)
        for remark in document.remarks
    ]


def _warnings(lists: Sequence[TaskList], rows: Sequence[ParsedRow], declared: int | None) -> list[Notice]:
    """What to know about the list as a whole."""
    warnings: list[Notice] = []
    if declared is not None and declared != len(rows):
        note = f"文件自称{declared}项，实际读到{len(rows)}项，请核对是否漏印或漏读。"
        warnings.append(Notice(FlagCode.COUNT_MISMATCH, note))
    if len(lists) > 1:
        note = "文件中有多份清单，已依次读取：" + "，".join(
            f"第{found.position.line}行起{len(found.records)}项" for found in lists
        )
        warnings.append(Notice("several_lists", note + "。"))
    if rows and not any(row.deadlines for row in rows):
        warnings.append(Notice("no_deadlines", "清单没有印完成时限，立项时须逐项确定。"))
    return warnings
