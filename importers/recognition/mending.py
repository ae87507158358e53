"""Rows of a damaged list mended from the running text of the same document.

The body of a plan often prints the measures that its annex lists. Where a list shows that it was damaged on the way, a
measure that the body certainly holds takes the body's wording, and the heading it stands under there, since page layout
moves section labels too; what was printed is kept, and each difference is flagged. In a sound list nothing is replaced:
an annex may say less than the body on purpose, and may have sections of its own.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence

from importers.grammar.characters import squeeze, to_simplified
from importers.grammar.headings import numbering, passages
from importers.grammar.repair import Body, Repair, suspects
from importers.model import Flag, FlagCode, ParsedRow
from importers.structure import Heading, Paragraph

# Traces of text recognition on rows; a slip of the pen leaves one kind of them, a bad page several.
_TRACES = frozenset(
    {
        FlagCode.NUMBER_INFERRED,
        FlagCode.NUMBER_MISSING,
        FlagCode.MERGED_ROW,
        FlagCode.UNIT_NOISE,
        FlagCode.CELL_UNPLACED,
    }
)
_DAMAGED = 2
_MOST = 0.8
_SHORTEST = 6


def mend(rows: Sequence[ParsedRow], prose: Iterable[Heading | Paragraph]) -> tuple[ParsedRow, ...]:
    """`rows` with texts, sections and flags as the body in `prose` allows; as they are where it says nothing."""
    damaged = is_damaged(rows)
    repairs = _repairs(rows, Body(passages(prose)))
    style = _section_style(rows)
    held = sum(repair is not None for repair in repairs)
    all_in_body = bool(rows) and held >= _MOST * len(rows)
    return tuple(
        _mended(row, repair, style, damaged=damaged, all_in_body=all_in_body)
        for row, repair in zip(rows, repairs, strict=True)
    )


def is_damaged(rows: Sequence[ParsedRow]) -> bool:
    """Whether a list bears several kinds of traces of a damaged page."""
    traces: set[str] = {flag.code for row in rows for flag in row.flags if flag.code in _TRACES}
    if any(suspects(row.text_printed) for row in rows):
        traces.add("doubled words")
    if 0 < sum(to_simplified(row.text_printed) != row.text_printed for row in rows) < len(rows) / 2:
        traces.add("characters of another script")
    return len(traces) >= _DAMAGED


def _repairs(rows: Sequence[ParsedRow], body: Body) -> list[Repair | None]:
    """The place of each text in the body, each looked for after the one before."""
    repairs: list[Repair | None] = []
    after = 0
    for row in rows:
        repair = body.find(row.text, after) if len(squeeze(row.text)) >= _SHORTEST else None
        repairs.append(repair)
        after = repair.start if repair else after
    return repairs


def _section_style(rows: Sequence[ParsedRow]) -> str | None:
    """The style of numbering of the list's own section labels, None where they have none."""
    known = (numbering(section.rpartition(" / ")[2]) for section in {row.section for row in rows} if section)
    styles = Counter(label.style for label in known if label)
    return styles.most_common(1)[0][0] if styles else None


def _mended(row: ParsedRow, repair: Repair | None, style: str | None, *, damaged: bool, all_in_body: bool) -> ParsedRow:
    if not damaged:
        return dataclasses.replace(row, flags=(*row.flags, *(repair.flags() if repair else ())))
    if repair is None:
        flags = [*row.flags, *_doubled(row)]
        if all_in_body:
            flags.append(Flag(FlagCode.TEXT_SUSPECT, "text", "正文中没有找到与本项对应的表述，请对照原件核对"))
        return dataclasses.replace(row, flags=tuple(flags))
    section, section_flags = _section(row, repair, style)
    # The body has settled what the label left open.
    own = [flag for flag in row.flags if flag.code is not FlagCode.SECTION_INFERRED]
    return dataclasses.replace(row, text=repair.text, section=section, flags=(*own, *section_flags, *repair.flags()))


def _doubled(row: ParsedRow) -> list[Flag]:
    return [Flag(FlagCode.TEXT_SUSPECT, "text", f"“{words}”疑为重复识别") for words in suspects(row.text_printed)]


def _section(row: ParsedRow, repair: Repair, style: str | None) -> tuple[str | None, tuple[Flag, ...]]:
    """The body's heading over the text at the level of the list's labels, and a flag where the label says otherwise."""
    heading = dict(repair.passage.headings).get(style) if style else None
    if heading is None:
        return row.section, ()
    outer, _, printed = (row.section or "").rpartition(" / ")
    label, body = numbering(printed), numbering(heading)
    section = f"{outer} / {heading}" if outer else heading
    if label and body and label.ordinal == body.ordinal:
        return section, ()
    note = f"栏目印作“{printed or '（无）'}”，按正文应属“{heading}”"
    return section, (Flag(FlagCode.SECTION_INFERRED, "section", note),)
