"""A parsed document as a table on the terminal, for whoever checks an import before it is stored."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from importers.model import AppliesTo, ParsedDocument

_WIDTH_OF_A_FILE = 160


def print_table(document: ParsedDocument) -> None:
    """Print a table with one entry per row and what a person has to look at, to standard output."""
    # Into a file or pipe there is no width to ask for.
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH_OF_A_FILE)
    for line in (document.title, document.document_number, document.issuer):
        if line:
            console.print(Text(line, style="bold" if line == document.title else ""))
    table = Table("序号", "任务", "时限", "牵头单位", "配合单位", "待核", show_lines=True)
    for row in document.rows:
        lead = "、".join(party.printed for party in row.leads)
        others = "、".join([*(party.printed for party in row.co_units), *row.groups])
        deadlines = "\n".join(deadline.phrase for deadline in row.deadlines if deadline.applies_to is AppliesTo.ROW)
        flags = "\n".join(("※ " if flag.blocking else "") + flag.note for flag in row.flags)
        number = "" if row.number is None else str(row.number)
        cells = (number, row.text, deadlines, lead, others + ("等" if row.open_ended else ""), flags)
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    if document.rows:
        console.print(table)
    blocked = sum(row.blocked for row in document.rows)
    declared = f"（文件自称{document.declared_count}项）" if document.declared_count is not None else ""
    rule = document.lead_rule.printed if document.lead_rule else "文件未规定"
    console.print(Text(f"共{document.found_count}项{declared}，其中{blocked}项须先处理（※）。牵头规则：{rule}。"))
    for warning in document.warnings:
        console.print(Text(warning.note))
