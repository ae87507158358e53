"""Rows from a damaged table, mended from the document's own body, with a flag wherever a person must look.

What is lost stays lost: a task without a printed deadline or without units is blocked, numbers are inferred only where
they fit exactly between printed ones, and a section comes from the body heading under which the measure stands.
"""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

from importers.grammar.characters import tidy
from importers.grammar.deadlines import deadlines_in_text, read_deadlines
from importers.grammar.headings import numbering, passages
from importers.grammar.repair import Body, Repair, suspects
from importers.grammar.responsibility import read_responsibility
from importers.model import Flag, FlagCode, LeadRule, ParsedRow
from importers.recovery.drafts import Draft, DraftReader
from importers.registry import UnitRegistry
from importers.structure import Heading, Paragraph, Table

# Where this share of a list's texts stands in the body, a text that does not is suspect.
MOST = 0.8


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """What the rows need to know of their document."""

    registry: UnitRegistry
    lead_rule: LeadRule | None = None
    document_year: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Numbered:
    """The number of a row and what is to be said about it."""

    number: int | None
    flags: tuple[Flag, ...] = ()


def recover(tables: Sequence[Table], prose: Iterable[Heading | Paragraph], setting: Setting) -> tuple[ParsedRow, ...]:
    """The rows of the list that `tables` print page by page; `prose` is the running text outside the list."""
    reader = DraftReader(tables, setting.registry, setting.document_year)
    drafts = reader.drafts()
    numbers = _numbers(drafts)
    repairs = _repairs(drafts, Body(passages(prose)))
    sections = _sections(drafts, repairs)
    held = sum(repair is not None for repair in repairs)
    whole_list_in_body = bool(drafts) and held >= MOST * len(drafts)
    rows = []
    for draft, numbered, repair, section in zip(drafts, numbers, repairs, sections, strict=True):
        row = _row(draft, repair, setting, has_deadlines=reader.columns.has_deadlines)
        text_flags = _text_flags(draft, repair, whole_list_in_body=whole_list_in_body)
        flags = (*numbered.flags, *section.flags, *text_flags, *row.flags)
        rows.append(dataclasses.replace(row, number=numbered.number, section=section.name, flags=flags))
    return tuple(rows)


def _row(draft: Draft, repair: Repair | None, setting: Setting, *, has_deadlines: bool) -> ParsedRow:
    """A draft with its deadline and parties read."""
    text = repair.text if repair else tidy(draft.text)
    deadlines = read_deadlines(draft.share.deadline, setting.document_year)
    parties = read_responsibility(draft.share.units, setting.registry, lead_rule=setting.lead_rule)
    return ParsedRow(
        text=text,
        text_printed=draft.text,
        deadlines=(*deadlines.deadlines, *deadlines_in_text(text, setting.document_year)),
        leads=parties.leads,
        co_units=parties.co_units,
        groups=parties.groups,
        open_ended=parties.open_ended,
        by_duty=parties.by_duty,
        flags=(*_share_flags(draft, has_deadlines=has_deadlines), *deadlines.flags, *parties.flags),
        units_printed=draft.share.units,
        position=draft.position,
    )


def _share_flags(draft: Draft, *, has_deadlines: bool) -> list[Flag]:
    """What the cells of a row leave open."""
    flags = []
    if draft.merged > 1:
        note = draft.uncertain or f"原表将{draft.merged}项任务印在同一行，本项时限和单位按原文附列的内容拆出"
        flags.append(Flag(FlagCode.MERGED_ROW, "row", note, blocking=bool(draft.uncertain)))
    if draft.unplaced:
        note = f"“{draft.unplaced}”印在单位栏内，不知属于哪一项"
        flags.append(Flag(FlagCode.CELL_UNPLACED, "units", note, blocking=True))
    if has_deadlines and not draft.share.deadline.strip():
        flags.append(Flag(FlagCode.DEADLINE_MISSING, "deadlines", "本项没有印出时限，请对照原件填写", blocking=True))
    if not draft.share.units.strip():
        flags.append(Flag(FlagCode.UNITS_MISSING, "units", "本项没有印出责任单位，请对照原件填写", blocking=True))
    return flags


def _text_flags(draft: Draft, repair: Repair | None, *, whole_list_in_body: bool) -> list[Flag]:
    if repair is not None:
        return list(repair.flags())
    flags = [Flag(FlagCode.TEXT_SUSPECT, "text", f"“{words}”疑为重复识别") for words in suspects(draft.text)]
    if whole_list_in_body:
        flags.append(Flag(FlagCode.TEXT_SUSPECT, "text", "正文中没有找到与本项对应的表述，请对照原件核对"))
    return flags


def _repairs(drafts: Sequence[Draft], body: Body) -> list[Repair | None]:
    """The place of each text in the body, each looked for after the one before."""
    repairs: list[Repair | None] = []
    after = 0
    for draft in drafts:
        repair = body.find(draft.text, after)
        repairs.append(repair)
        after = repair.start if repair else after
    return repairs


def _numbers(drafts: Sequence[Draft]) -> list[_Numbered]:
    """The drafts' numbers: printed ones stand, a gap is filled where the count of rows fits the count of numbers."""
    printed = [draft.number for draft in drafts]
    known = [(place, number) for place, number in enumerate(printed) if number is not None]
    numbered = [_Numbered(number) for number in printed]
    if not known:
        return [_Numbered(None, (_missing(draft),)) for draft in drafts]
    # A list starts with 1; after its last printed number nothing confirms the count.
    fences = [(-1, 0), *known, (len(drafts), None)]
    for (left, low), (right, high) in itertools.pairwise(fences):
        fits = low is not None and (high is None or high - low == right - left)
        for place in range(left + 1, right):
            if fits and low is not None:
                number = low + place - left
                numbered[place] = _Numbered(number, (_inferred(drafts[place], number, confirmed=high is not None),))
            else:
                numbered[place] = _Numbered(None, (_missing(drafts[place]),))
        if high is not None and low is not None and high <= low:
            numbered[right] = _Numbered(high, (Flag(FlagCode.NUMBER_DUPLICATE, "number", f"序号{high}重复或次序颠倒"),))
        elif high is not None and not fits:
            numbered[right] = _Numbered(high, (Flag(FlagCode.NUMBER_GAP, "number", f"序号{low}与{high}之间行数不符"),))
    return numbered


def _inferred(draft: Draft, number: int, *, confirmed: bool) -> Flag:
    pile = f"首格印作“{draft.pile}”，" if draft.pile else ""
    basis = "前后序号和行数相符" if confirmed else "其后没有印出的序号可以印证"
    return Flag(FlagCode.NUMBER_INFERRED, "number", f"{pile}序号没有印出，按顺序推定为{number}（{basis}）")


def _missing(draft: Draft) -> Flag:
    pile = f"（首格印作“{draft.pile}”）" if draft.pile else ""
    return Flag(FlagCode.NUMBER_MISSING, "number", f"序号没有印出{pile}，也不能由前后序号推定", blocking=True)


@dataclasses.dataclass(frozen=True, slots=True)
class _Section:
    name: str | None
    flags: tuple[Flag, ...] = ()


def _sections(drafts: Sequence[Draft], repairs: Sequence[Repair | None]) -> list[_Section]:
    """The section of each row: the body's heading over its text, at the level of the printed labels; else the label.

    Labels of a damaged table stand where the page layout put them, not on the first row they govern.
    """
    numberings = [numbering(label) for label in {draft.label for draft in drafts if draft.label}]
    styles = Counter(known.style for known in numberings if known)
    if not styles:
        return [_Section(draft.label) for draft in drafts]
    style = styles.most_common(1)[0][0]
    sections: list[_Section] = []
    for draft, repair in zip(drafts, repairs, strict=True):
        heading = dict(repair.passage.headings).get(style) if repair else None
        if heading is None:
            note = "栏目名称按版面位置沿用，未能由正文印证"
            flags = (Flag(FlagCode.SECTION_INFERRED, "section", note),) if draft.label else ()
            sections.append(_Section(draft.label, flags))
            continue
        label, body = numbering(draft.label or ""), numbering(heading)
        if label and body and label.ordinal == body.ordinal:
            sections.append(_Section(heading))
        else:
            note = f"本页栏目印作“{draft.label or '（无）'}”，按正文应属“{heading}”"
            sections.append(_Section(heading, (Flag(FlagCode.SECTION_INFERRED, "section", note),)))
    return sections
