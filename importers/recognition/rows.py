"""From the records of a list to rows with texts, numbers, sections, deadlines and parties."""

import dataclasses
import re
from collections.abc import Iterator, Sequence

from importers.grammar.deadlines import deadlines_in_text, read_deadlines
from importers.grammar.merged import Share, assign, shares
from importers.grammar.responsibility import Responsibility, read_responsibility
from importers.model import Deadline, Flag, FlagCode, LeadRule, ParsedRow
from importers.recognition.columns import WHAT, WHO, Role
from importers.recognition.labels import SectionPath, label_level
from importers.recognition.measures import breaks_off, split_measures
from importers.recognition.numbers import (
    Numbered,
    before_label,
    before_text,
    complete,
    inner_tasks,
    is_pile,
    plain_number,
)
from importers.recognition.records import Field, Record, TaskList
from importers.registry import UnitRegistry

_LABELLED_ENOUGH = 0.8
_ROLE_WORDS = re.compile(r"牵头|配合|主办|协办|会同")
_END_OF_STATEMENT = re.compile(r"(?<=负责|牵头|配合|协助|参与|落实|办理)[ \u3000\u00a0]*\n\s*")
# Ten times what the longest cell of a city's lists holds: more is a damaged table, or one made to keep us busy.
_LONGEST_UNITS = 1_500
_LONGEST_DEADLINE = 300
_MOST_ROLES = 40
_LOOKED_AT = 5_000
_END_OF_CLAUSE = re.compile(r"[；;。\n]+")
_BLANKS_BETWEEN_NAMES = re.compile(r"[\u4e00-\u9fff）)][ \u3000\u00a0]+[\u4e00-\u9fff]")
_LISTED = re.compile(r"[、，,；;]")
_PEOPLE = re.compile(r"[、，,；;/\n\s]+")
_WRAPPED = re.compile(
    r"(?<![。；;：:！？.!?])\n(?!\s*(?:[（(]?\d{1,2}[.、．）)]|[一二三四五六七八九十]+[是、要]|第[一二三四五六七八九十]))"
)


def build_rows(
    found: TaskList, registry: UnitRegistry, lead_rule: LeadRule | None, year: int | None
) -> list[ParsedRow]:
    """The rows of one list in printed order. `year` is the document's, for deadlines that leave it out."""
    builder = _Builder(found, registry, lead_rule, year)
    rows = [row for record in found.records for row in builder.rows(record)]
    numbered = complete([row.number for row in rows])
    return [
        row if shared else dataclasses.replace(row, number=number, flags=(*flags, *row.flags))
        for row, shared, (number, flags) in zip(rows, builder.shared, numbered, strict=True)
    ]


def section_columns(found: TaskList) -> list[int]:
    """The columns that name a section: those called so, and a first column of tasks that only holds labels.

    Under the header 试点任务 a list may print the tasks themselves, or the heading under which several measures
    stand, once or merged down; what is in the column tells.
    """
    columns = found.column(Role.SECTION)
    what = found.column(*WHAT)
    if len(what) < 2:  # noqa: PLR2004 - the only text column is the text
        return columns
    own = [record.fields[what[0]].text for record in found.records if not record.fields[what[0]].merged]
    own = [text for text in own if text]
    labelled = sum(label_level(before_label(text).rest) is not None or plain_number(text) is not None for text in own)
    numbers = found.column(Role.NUMBER)
    sparse = len(own) * 2 < len(found.records)
    numbers_too = bool(numbers) and sum(_own(record.fields[numbers[0]]) for record in found.records) <= len(own)
    if own and (labelled >= len(own) * _LABELLED_ENOUGH or (sparse and not numbers_too)):
        return [*columns, what[0]]
    return columns


def _own(field: Field) -> bool:
    return bool(field.text) and not field.merged


class _Builder:
    """Reads the records of one list in order, carrying the count, the section and what merged cells share."""

    def __init__(self, found: TaskList, registry: UnitRegistry, lead_rule: LeadRule | None, year: int | None) -> None:
        self._list = found
        self._registry = registry
        self._lead_rule = lead_rule
        self._year = year
        self._sections = section_columns(found)
        self._what = [index for index in found.column(*WHAT) if index not in self._sections]
        self._numbers = found.column(Role.NUMBER)
        self._spaces_separate = self._units_by_blanks()
        self._last: int | None = None
        self._section = ""
        self._page_section = ""
        self._inferred = False
        self._previous: Record | None = None
        self.shared: list[bool] = []

    def rows(self, record: Record) -> Iterator[ParsedRow]:
        """The rows of a record: one, or as many as tasks were merged into its cell."""
        record, flags = self._within_reason(record)
        shared = self._shares_number(record)
        number, printed_section = self._number_and_section(record)
        self._enter(record, printed_section)
        text = self._field(record, self._what[0])
        if shared and number is None:
            number = self._last
        pieces = self._pieces(number, text)
        found = shares(self._list.value(record, Role.DEADLINE), self._list.value(record, *WHO), self._year)
        flags += _unplaced(found[len(pieces) :])
        if len(pieces) > 1:
            for piece, share in zip(pieces, assign([piece.rest for piece in pieces], found), strict=True):
                own = share or Share()
                marks = (_merged_flag(len(pieces), own.doubt), *flags)
                part = self._with_share(record, own)
                yield self._row(part, piece.number, Field(piece.rest, piece.rest), marks)
                self.shared.append(False)
                self._last = piece.number
        else:
            if pieces[0].number != number:
                number, text = pieces[0].number, Field(pieces[0].rest, text.printed)
            if shared:
                flags = (*flags, Flag(FlagCode.MERGED_ROW, "number", f"与序号{number}的其他行共用编号"))
            yield self._row(self._with_share(record, found[0]) if len(found) > 1 else record, number, text, flags)
            self.shared.append(shared)
            self._last = self._last if number is None else number
        self._previous = record

    def _within_reason(self, record: Record) -> tuple[Record, tuple[Flag, ...]]:
        """`record` without cells that are too long for what their column holds, and a flag for each."""
        fields, flags = list(record.fields), tuple[Flag, ...]()
        for roles, limit, code, field in (
            (WHO, _LONGEST_UNITS, FlagCode.UNIT_NOISE, "units"),
            ({Role.DEADLINE}, _LONGEST_DEADLINE, FlagCode.DEADLINE_UNREADABLE, "deadlines"),
        ):
            for index in self._list.column(*roles):
                text = fields[index].text
                if len(text) > limit or (roles is WHO and len(_ROLE_WORDS.findall(text)) > _MOST_ROLES):
                    fields[index] = Field("", fields[index].printed)
                    header = self._list.layout.columns[index].header
                    note = f"“{header}”栏有{len(text)}字，不像该栏应有的内容，请对照原件填写"
                    flags = (*flags, Flag(code, field, note, blocking=True))
        return (dataclasses.replace(record, fields=fields) if flags else record), flags

    def _pieces(self, number: int | None, text: Field) -> list[Numbered]:
        """The text with its number, or the several tasks that a page without a column for numbers ran together."""
        if self._numbers:
            return [Numbered(number, text.text)]
        first = before_text(text.text, self._last) if number is None else Numbered(number, text.text)
        return [first] if first.number is None else inner_tasks(first.rest, first.number)

    def _with_share(self, record: Record, share: Share) -> Record:
        """`record` with only this share of the deadline and the units."""
        fields = list(record.fields)
        for roles, text in (((Role.DEADLINE,), share.deadline), (tuple(WHO), share.units)):
            for place, index in enumerate(self._list.column(*roles)):
                fields[index] = Field() if place else Field(text, text)
        return dataclasses.replace(record, fields=fields)

    def _shares_number(self, record: Record) -> bool:
        """Whether the row hangs under the number above: its number or task cell is merged down, or left out."""
        merged = any(record.fields[index].merged for index in self._numbers)
        return self._previous is not None and (merged or record.carried)

    def _field(self, record: Record, index: int) -> Field:
        """A cell, or what it shares with the row above."""
        field = record.fields[index]
        if not field.text and record.carried and self._previous is not None and index == self._what[0]:
            record.fields[index] = field = dataclasses.replace(self._previous.fields[index], merged=True)
        return field

    def _number_and_section(self, record: Record) -> tuple[int | None, str]:
        """The number as its own column, a column without header or the section's cell prints it; and the section."""
        number = next((plain_number(record.fields[index].text) for index in self._numbers if not record.carried), None)
        if number is None:
            number = plain_number(record.loose_number)
        labels: list[str] = []
        for index in self._sections:
            text = record.fields[index].text
            alone = plain_number(text) if text and label_level(text) is None else None
            taken = before_label(text)
            if alone is not None or is_pile(text):
                number = alone if number is None else number
            elif text:
                number = taken.number if number is None else number
                labels.append(taken.rest)
        return number, " / ".join(labels)

    def _enter(self, record: Record, printed: str) -> None:
        """Move to the section that the row, or the page it stands on, prints."""
        if record.section != self._page_section:
            self._page_section = self._section = record.section
        self._inferred = False
        if printed:
            path = SectionPath()
            for part in (*([self._page_section] if Role.SECTION in self._list.layout.roles else []), printed):
                if part:
                    path.enter(part)
            self._section = str(path)
        else:
            self._inferred = bool(self._sections) and bool(self._section)

    def _row(self, record: Record, number: int | None, text: Field, flags: tuple[Flag, ...]) -> ParsedRow:
        measures = self._measures(record)
        wrapped = _unwrap(text.text)
        deadlines, deadline_flags = self._deadlines(record, [wrapped, *measures])
        duty, units_printed = self._responsibility(record)
        all_flags = [*flags, *self._own_flags(record, wrapped, measures), *deadline_flags, *duty.flags]
        return ParsedRow(
            text=wrapped,
            text_printed=text.printed or text.text,
            number=number,
            section=self._section or None,
            article=self._list.value(record, Role.ARTICLE) or None,
            measures=measures,
            deadlines=deadlines,
            leads=duty.leads,
            co_units=duty.co_units,
            groups=duty.groups,
            open_ended=duty.open_ended,
            by_duty=duty.by_duty,
            range=self._list.value(record, Role.RANGE) or None,
            flags=tuple(dict.fromkeys(all_flags)),
            units_printed=units_printed,
            persons=tuple(name for name in _PEOPLE.split(self._list.value(record, Role.PERSON)) if name),
            others=self._others(record),
            position=record.position,
        )

    def _measures(self, record: Record) -> tuple[str, ...]:
        """The measures of the columns after the text; those of the text itself where it counts them."""
        if len(self._what) == 1:
            own = split_measures(record.fields[self._what[0]].text)
            return own if len(own) > 1 else ()
        pieces: list[str] = []
        for index in self._what[1:]:
            text = record.fields[index].text
            if self._list.layout.roles[index] is Role.CONTENT:
                pieces += [text] if text else []
            else:
                pieces += split_measures(text)
        return tuple(pieces)

    def _deadlines(self, record: Record, texts: Sequence[str]) -> tuple[tuple[Deadline, ...], list[Flag]]:
        columns = self._list.column(Role.DEADLINE)
        deadlines: list[Deadline] = []
        flags: list[Flag] = []
        for index in columns:
            reading = read_deadlines(record.fields[index].text, self._year)
            deadlines += reading.deadlines
            flags += reading.flags
        if columns and not deadlines:
            flags.append(Flag(FlagCode.DEADLINE_MISSING, "deadlines", "时限栏为空，请填写", blocking=True))
        for text in texts:
            deadlines += deadlines_in_text(text[:_LOOKED_AT], self._year)
        return tuple(deadlines), flags

    def _units_by_blanks(self) -> bool:
        """Whether this list separates units by blanks: no cell has a 、, and some have a blank between names."""
        cells = [self._list.value(record, *WHO) for record in self._list.records]
        return not any(_LISTED.search(text) for text in cells) and any(
            _BLANKS_BETWEEN_NAMES.search(text) for text in cells
        )

    def _responsibility(self, record: Record) -> tuple[Responsibility, str]:
        """The parties of a row, of one column or of separate ones for lead and co-units; and the cells as printed."""
        leads, others = self._list.value(record, Role.LEAD), self._list.value(record, Role.CO_UNITS, Role.UNITS)
        printed = "\n".join(
            record.fields[index].printed for index in self._list.column(*WHO) if record.fields[index].printed
        )
        if not leads and not others:
            if not self._list.column(*WHO):
                return Responsibility(), printed
            missing = Flag(FlagCode.UNITS_MISSING, "units", "责任单位栏为空，请填写", blocking=True)
            return Responsibility(flags=(missing,)), printed
        words = _one_phrase(leads, others)
        separate = self._spaces_separate
        return read_responsibility(words, self._registry, lead_rule=self._lead_rule, spaces_separate=separate), printed

    def _own_flags(self, record: Record, text: str, measures: tuple[str, ...]) -> list[Flag]:
        """What is odd about the row itself."""
        flags: list[Flag] = []
        if self._inferred:
            flags.append(Flag(FlagCode.SECTION_INFERRED, "section", "该行未印所属部分，沿用上文"))
        if not text.strip():
            flags.append(Flag(FlagCode.TEXT_MISSING, "text", "任务内容为空，请对照原件补录", blocking=True))
        if record.stray:
            flags.append(
                Flag(FlagCode.CELL_UNPLACED, "others", f"表外文字“{record.stray}”未归入任何一栏", blocking=True)
            )
        if measures and breaks_off(measures):
            flags.append(Flag(FlagCode.MEASURE_SEQUENCE, "measures", "措施编号不连续，请核对是否漏印"))
        return flags

    def _others(self, record: Record) -> tuple[tuple[str, str], ...]:
        """Columns that the model has no field for, and numbers that are not numbers; nothing printed is lost."""
        columns = self._list.layout.columns
        kept = [
            (columns[index].header, record.fields[index].text)
            for index in self._list.column(Role.OTHER)
            if record.fields[index].text
        ]
        kept += [
            (columns[index].header, record.fields[index].printed)
            for index in self._list.column(Role.DEADLINE)
            if record.fields[index].printed and not record.fields[index].text
        ]
        for index in self._numbers:
            text = record.fields[index].text
            if text and plain_number(text) is None:
                kept.insert(0, (columns[index].header, text))
        if record.stray:
            kept.append(("", record.stray))
        return tuple(kept)


def _unplaced(left: Sequence[Share]) -> tuple[Flag, ...]:
    """A flag for deadlines and units that stand in the row's cells but belong to none of its tasks."""
    if not left:
        return ()
    words = "；".join(f"{share.deadline} {share.units}" for share in left)
    return (Flag(FlagCode.CELL_UNPLACED, "units", f"“{words}”不知属于哪一项", blocking=True),)


def _merged_flag(count: int, doubt: str) -> Flag:
    note = doubt or f"{count}项任务印在同一单元格，时限和单位属于哪一项请核对"
    return Flag(FlagCode.MERGED_ROW, "text", note, blocking=bool(doubt))


def _one_phrase(leads: str, others: str) -> str:
    """The cells of separate columns as the phrase that a single column would print."""
    leads, others = (_END_OF_STATEMENT.sub("；", text) for text in (leads, others))
    if not leads:
        return others
    if _ROLE_WORDS.search(leads):
        return f"{leads}；{others}" if others else leads
    words = "牵头单位：" + _END_OF_CLAUSE.sub("、", leads)
    if others:
        words += "；" + (others if _ROLE_WORDS.search(others) else "配合单位：" + _END_OF_CLAUSE.sub("、", others))
    return words


def _unwrap(text: str) -> str:
    """`text` without line breaks inside sentences; those between paragraphs and numbered items stay."""
    return _WRAPPED.sub("", text)
