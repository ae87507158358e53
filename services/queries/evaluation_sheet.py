"""One unit's score sheet with the facts beside it: every point can be opened down to what it comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from db.tables import Evaluation, EvaluationEntry, EvaluationResult, EvaluationUnit, Item, Person, Unit, WorkItem
from domain.calendar import local_date
from domain.errors import NotFound
from domain.evaluation_facts import Fact, FactSheet
from domain.evaluation_scores import EntryKind, Line, ScoreSheet
from domain.labels import LISTING, NAMES
from domain.messages.evaluation_documents import TAKEN_WORDS
from domain.messages.evaluations import FACT_LABELS, FAMILY_LABELS, OUTSIDE_LABELS, REMARK_LABELS
from services.evaluation_documents import how_words
from services.evaluation_sheets import UnitSheet, kept_standing, scheme_of, standings_of, unit_sheets
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items


@dataclass(frozen=True, slots=True)
class FactView:
    """One fact: `key` is what an objection cites; `counts` are what it counts for in words, `counted` one by one."""

    key: str
    family: str
    item_id: UUID | None
    number: str
    text: str
    counts: str
    counted: tuple[tuple[str, int], ...]
    about: str
    inherited_from: str | None
    taken_out: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """What a person put on the sheet. Who rated is not told to whom they rated."""

    kind: str
    target: str
    points: Decimal | None
    fact_key: str | None
    reason: str
    who: str | None
    unit: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LineView:
    """A part with its points, the unit's own score, how it is scored, the facts it read and the entries that made it.

    `points` is None where it does not apply, is still to be scored, or is not shown to the unit yet.
    """

    id: str
    label: str
    most: Decimal
    points: Decimal | None
    state: str
    own_points: Decimal | None
    how: str
    row: str
    read: tuple[tuple[str, int], ...]
    facts: tuple[FactView, ...]
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A criterion with its lines."""

    id: str
    label: str
    most: Decimal
    points: Decimal | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class DeductionView:
    """Points off, and the one fact that they cite."""

    label: str
    points: Decimal
    reason: str
    fact_key: str
    fact: FactView | None


@dataclass(frozen=True, slots=True)
class TakenView:
    """A fact that was taken out of the sheet: tolerated or lifted, with the reason."""

    fact_key: str
    how: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """An item outside the denominator, with the reason."""

    item_id: UUID
    number: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScoreSheetView:
    """A unit's sheet with everything its page needs. `shown`: scores are told to whoever asks; before the feedback a
    unit sees its facts only.
    """

    item_id: UUID
    evaluation_id: UUID
    unit_id: UUID
    unit: str
    group: str
    months: int
    inherits: tuple[str, ...]
    locked: bool
    known_on: datetime | None
    as_of: datetime | None
    shown: bool
    sections: tuple[SectionView, ...]
    bonus: tuple[LineView, ...]
    deductions: tuple[DeductionView, ...]
    taken: tuple[TakenView, ...]
    left_out: tuple[LeftOutView, ...]
    vetoes: tuple[str, ...]
    base: Decimal | None
    bonus_points: Decimal | None
    deducted: Decimal | None
    total: Decimal | None
    rank: int | None
    grade: str
    remark: str
    decided: bool
    entries: tuple[EntryView, ...]


def score_sheet(reading: Reading, item_id: UUID) -> ScoreSheetView:
    """The sheet whose matter is `item_id`. Raises NotFound for who may not see it: another unit never does."""
    session = reading.session
    row = session.exec(
        select(EvaluationUnit)
        .join(Item, col(Item.id) == col(EvaluationUnit.item_id))
        .where(EvaluationUnit.item_id == item_id, visible_items(reading.actor))
    ).one_or_none()
    if row is None:
        raise NotFound(f"score sheet {item_id}")
    evaluation = session.get_one(Evaluation, row.evaluation_id)
    [unit] = unit_sheets(session, evaluation, only=item_id)
    by_office = evaluation.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    return _Drawn(reading, evaluation, unit, by_office=by_office).view()


def _told(words: str) -> str:
    """What a fact says of itself: an instant as its local day, of a deadline the last day that it leaves."""
    if "T" not in words:
        return words
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return words
    return local_date(at - timedelta(microseconds=1)).isoformat()


class _Drawn:
    """The parts of one sheet's view, which look each other up."""

    def __init__(self, reading: Reading, evaluation: Evaluation, unit: UnitSheet, *, by_office: bool) -> None:
        self._reading, self._evaluation, self._unit = reading, evaluation, unit
        self._scheme = scheme_of(evaluation)
        self._by_office = by_office
        self._shown = by_office or self._fed_back()
        self._items = self._read_items()
        self._taken = {each.fact_key for each in unit.sheet.taken} if unit.sheet is not None else set()
        self._names: dict[UUID, str] = {}
        self._entries = self._read_entries()
        facts = unit.facts.facts if unit.facts is not None else ()
        self._facts = {fact.key: self._fact(fact) for fact in facts}

    def _fed_back(self) -> bool:
        """Whether the unit was asked what it says to its scores, or everything is decided."""
        statement = select(WorkItem.id).where(
            WorkItem.item_id == self._unit.row.item_id, WorkItem.bpmn_id == "answer_feedback"
        )
        return self._evaluation.decided_at is not None or self._reading.session.exec(statement).first() is not None

    def _read_items(self) -> dict[UUID, Item]:
        sheet = self._unit.facts
        if sheet is None:
            return {}
        ids = {fact.item_id for fact in sheet.facts if fact.item_id is not None}
        ids |= {each.item_id for each in sheet.left_out}
        return {item.id: item for item in self._reading.session.exec(select(Item).where(col(Item.id).in_(list(ids))))}

    def _read_entries(self) -> dict[int, EntryView]:
        statement = (
            select(EvaluationEntry, Person.name, Unit.short_name)
            .outerjoin(Person, col(Person.id) == col(EvaluationEntry.person_id))
            .join(Unit, col(Unit.id) == col(EvaluationEntry.from_unit_id))
            .where(EvaluationEntry.item_id == self._unit.row.item_id)
            .order_by(col(EvaluationEntry.id))
        )
        found = {}
        for entry, person, unit in self._reading.session.exec(statement):
            own = entry.kind == EntryKind.SELF
            if not (self._shown or own):
                continue
            told = self._by_office or entry.kind not in {EntryKind.RATING, EntryKind.SCORE}
            found[entry.id or 0] = EntryView(
                kind=entry.kind,
                target=entry.target,
                points=entry.points,
                fact_key=entry.fact_key,
                reason=entry.reason if told or entry.kind == EntryKind.SCORE else "",
                who=person if told else None,
                unit=unit if told else None,
                at=entry.at,
            )
        return found

    def _fact(self, fact: Fact) -> FactView:
        item = self._items.get(fact.item_id) if fact.item_id is not None else None
        return FactView(
            key=fact.key,
            family=FAMILY_LABELS[fact.family],
            item_id=fact.item_id,
            number=item.number if item else "",
            text=item.text if item else "",
            counts=NAMES.join(f"{FACT_LABELS[name]}{count}" for name, count in fact.counts.items()),
            counted=tuple((FACT_LABELS[name], count) for name, count in fact.counts.items()),
            about=LISTING.join(_told(words) for words in fact.about.values()),
            inherited_from=self._name(fact.from_unit) if fact.from_unit is not None else None,
            taken_out=fact.key in self._taken,
        )

    def _name(self, unit_id: UUID) -> str:
        if unit_id not in self._names:
            self._names[unit_id] = self._reading.session.get_one(Unit, unit_id).short_name
        return self._names[unit_id]

    def view(self) -> ScoreSheetView:
        """The whole sheet."""
        unit, sheet, facts = self._unit, self._unit.sheet, self._unit.facts
        shown = self._shown and sheet is not None
        rank, grade, remark = self._standing() if shown else (None, "", "")
        group = next((each.label for each in self._scheme.groups if each.id == unit.row.group_id), unit.row.group_id)
        vetoes = {veto.id: veto.label for veto in self._scheme.vetoes}
        return ScoreSheetView(
            item_id=unit.row.item_id,
            evaluation_id=self._evaluation.item_id,
            unit_id=unit.row.unit_id,
            unit=unit.name,
            group=group,
            months=unit.row.months,
            inherits=tuple(each["name"] for each in unit.row.inherits),
            locked=facts is not None,
            known_on=facts.known_on if facts else None,
            as_of=facts.as_of if facts else None,
            shown=shown,
            sections=self._sections(sheet, facts),
            bonus=tuple(self._line(line, facts) for line in sheet.bonus) if sheet and shown else (),
            deductions=tuple(self._deductions(sheet)) if sheet and shown else (),
            taken=tuple(TakenView(t.fact_key, TAKEN_WORDS[t.kind], t.reason) for t in sheet.taken) if sheet else (),
            left_out=tuple(self._left_out(facts)) if facts else (),
            vetoes=tuple(vetoes[id_] for id_ in sheet.vetoes) if sheet and shown else (),
            base=sheet.base if sheet and shown else None,
            bonus_points=sheet.bonus_points if sheet and shown else None,
            deducted=sheet.deducted if sheet and shown else None,
            total=sheet.total if sheet and shown else None,
            rank=rank,
            grade=grade,
            remark=remark,
            decided=self._evaluation.decided_at is not None,
            entries=tuple(self._entries.values()),
        )

    def _standing(self) -> tuple[int | None, str, str]:
        """The place as decided; before, as it stands, for the office only."""
        if self._evaluation.decided_at is not None:
            kept = self._reading.session.get_one(EvaluationResult, self._unit.row.item_id)
            found = kept_standing(kept.standing)
        elif self._by_office:
            sheets = unit_sheets(self._reading.session, self._evaluation)
            standings = standings_of(self._evaluation, sheets)
            found = next(each for each in standings if each.unit_id == self._unit.row.unit_id)
        else:
            return None, "", ""
        grade = next((each.label for each in self._scheme.grades if each.id == found.grade), "")
        return found.rank, grade, REMARK_LABELS[found.remark] if found.remark else ""

    def _sections(self, sheet: ScoreSheet | None, facts: FactSheet | None) -> tuple[SectionView, ...]:
        if sheet is None:
            return ()
        return tuple(
            SectionView(
                section.id,
                section.label,
                section.most,
                section.points if self._shown else None,
                tuple(self._line(line, facts) for line in section.lines),
            )
            for section in sheet.sections
        )

    def _line(self, line: Line, facts: FactSheet | None) -> LineView:
        part = self._scheme.part(line.id)
        own = [e for e in self._unit.entries if e.kind is EntryKind.SELF and e.target == line.id]
        read: Mapping[str, int] = line.read or {}
        return LineView(
            id=line.id,
            label=line.label,
            most=line.most,
            points=line.points if self._shown and line.state == "scored" else None,
            state=line.state.value,
            own_points=own[-1].points if own else None,
            how=how_words(part) if part is not None else "",
            row=line.row,
            read=tuple((FACT_LABELS[name], count) for name, count in read.items()),
            facts=tuple(self._behind(read, facts)) if facts is not None else (),
            entries=tuple(self._entries[number] for number in line.entries if number in self._entries),
        )

    def _behind(self, names: Iterable[str], facts: FactSheet) -> Iterable[FactView]:
        """The facts that count for one of these names."""
        wanted = set(names)
        for fact in facts.facts:
            if any(count and name in wanted for name, count in fact.counts.items()):
                yield self._facts[fact.key]

    def _deductions(self, sheet: ScoreSheet) -> Sequence[DeductionView]:
        return [
            DeductionView(each.label, each.points, each.reason, each.fact_key, self._facts.get(each.fact_key))
            for each in sheet.deductions
        ]

    def _left_out(self, facts: FactSheet) -> Iterable[LeftOutView]:
        for each in facts.left_out:
            item = self._items[each.item_id]
            yield LeftOutView(each.item_id, item.number, item.text, OUTSIDE_LABELS[each.reason])
