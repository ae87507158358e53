"""The fact sheets of all units of an evaluation, read in a few statements and put together by pure functions.

Whoever led an item when the fact happened has it; what a unit did that was merged within the period is its
successor's. A joint lead has every fact of its item as the other one has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from sqlmodel import Session

from domain.calendar import end_of, start_of
from domain.evaluation_facts import (
    Fact,
    FactSheet,
    Family,
    LeftOut,
    Outside,
    counted_deadline,
    rectifications,
    with_short_keys,
)
from domain.items import ResponsibilityRole
from domain.light_facts import DeadlineClass, deadline_class
from services.queries.evaluation_sources import (
    CASES,
    DEADLINES,
    ITEMS,
    LIGHTS,
    PARTIES,
    PARTS,
    REPORTS,
    RETURNS,
)

_OF_CLASS = {
    DeadlineClass.FIRM: "firm",
    DeadlineClass.STRIVE: "strive",
    DeadlineClass.BREAKTHROUGH: "breakthrough",
    DeadlineClass.CONDITIONAL: "firm",
}
"""What a completion counts as; one that waited for the higher level is firm once it was triggered."""
_DONE = frozenset({"closed", "closed_for_stage"})
_LEFT_OUT = {"terminated": Outside.TERMINATED, "withdrawn": Outside.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked: an office's tasks over local days, as known on `known_on` (UTC).

    `units` says of every unit that had a part whose sheet it goes to: its own, or its successor's. `months` is how many
    months of the period each evaluated unit existed.
    """

    office_unit_id: UUID
    first_day: date
    last_day: date
    known_on: datetime
    units: Mapping[UUID, UUID]
    months: Mapping[UUID, int]

    @property
    def since(self) -> datetime:
        """The instant at which the period begins (UTC)."""
        return start_of(self.first_day)

    @property
    def as_of(self) -> datetime:
        """The cut-off (UTC)."""
        return end_of(self.last_day)

    def parameters(self) -> dict[str, object]:
        """What the statements are asked with."""
        return {
            "office": self.office_unit_id,
            "since": self.since,
            "as_of": self.as_of,
            "known_on": self.known_on,
            "first_day": self.first_day,
            "last_day": self.last_day,
            "units": list(self.units),
        }


def fact_sheets(session: Session, scope: Scope) -> dict[UUID, FactSheet]:
    """The fact sheet of every evaluated unit, by its id."""
    collected = _Collected(scope)
    parties = _read(session, PARTIES, scope)
    collected.add_tasks(parties)
    held = _Held(parties)
    deadlines = {
        item_id: counted_deadline((kind, due_at, excused) for _, kind, due_at, excused in changes)
        for item_id, changes in groupby(_read(session, DEADLINES, scope), key=lambda row: row[0])
    }
    ended: set[UUID] = set()
    for task in map(_Task._make, _read(session, ITEMS, scope)):
        if task.ended_at is not None:
            ended.add(task.id)
        collected.add_item(task, deadlines.get(task.id), held)
    collected.add_reports(_read(session, REPORTS, scope), "reports")
    collected.add_reports(_read(session, PARTS, scope), "parts")
    collected.add_returns(_read(session, RETURNS, scope))
    collected.add_lights(_read(session, LIGHTS, scope), ended)
    collected.add_cases(_read(session, CASES, scope))
    return collected.sheets()


def partners(session: Session, scope: Scope) -> dict[UUID, frozenset[UUID]]:
    """With which evaluated units each shared a task as lead or co-unit."""
    by_item: dict[UUID, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    for item_id, unit_id, role, *_ in _read(session, PARTIES, scope):
        if unit_id in scope.units:
            by_item[item_id][role].add(scope.units[unit_id])
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for parts in by_item.values():
        for lead in parts[ResponsibilityRole.LEAD]:
            for other in parts[ResponsibilityRole.CO_UNIT] - {lead}:
                found[lead].add(other)
                found[other].add(lead)
    return {unit_id: frozenset(others) for unit_id, others in found.items()}


def units_with_tasks(session: Session, scope: Scope) -> frozenset[UUID]:
    """Units that led or joined a task of the office in the period, whatever became of them since."""
    return frozenset(row[1] for row in _read(session, PARTIES, scope))


def _read(session: Session, statement: LiteralString, scope: Scope) -> list[tuple[Any, ...]]:
    driver: Any = session.connection().connection.driver_connection
    rows: list[tuple[Any, ...]] = driver.execute(statement, scope.parameters()).fetchall()
    return rows


class _Task(NamedTuple):
    """A row of `ITEMS`; `checked` is whether the year's check was done, None where there was none."""

    id: UUID
    strength: str | None
    issued_at: datetime
    ended_at: datetime | None
    outcome: str | None
    historical: bool
    kinds: Sequence[str]
    suspended: bool
    triggered: bool
    claimed_at: datetime | None
    checked: bool | None


class _Held:
    """Who led an item when."""

    def __init__(self, parties: Iterable[Sequence[Any]]) -> None:
        self._leads: dict[UUID, list[tuple[UUID, datetime, datetime | None]]] = defaultdict(list)
        for item_id, unit_id, role, valid_from, valid_to in parties:
            if role == ResponsibilityRole.LEAD:
                self._leads[item_id].append((unit_id, valid_from, valid_to))

    def leads(self, item_id: UUID, at: datetime) -> Iterator[UUID]:
        """The leads of an item at an instant."""
        for unit_id, valid_from, valid_to in self._leads.get(item_id, ()):
            if valid_from <= at and (valid_to is None or valid_to > at):
                yield unit_id


class _Collected:
    """Facts by evaluated unit."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._facts: dict[UUID, list[Fact]] = defaultdict(list)
        self._left_out: dict[UUID, set[LeftOut]] = defaultdict(set)

    def _add(
        self,
        unit_id: UUID,
        key: str,
        family: Family,
        counts: Mapping[str, int],
        item_id: UUID,
        *,
        about: Mapping[str, str] | None = None,
    ) -> None:
        evaluated = self._scope.units.get(unit_id)
        if evaluated is None:
            return
        inherited = unit_id if unit_id != evaluated else None
        # Both the unit and the one whose place it took may have led an item: each time is a fact of its own.
        own_key = f"{key}@{unit_id}" if inherited else key
        self._facts[evaluated].append(Fact(own_key, family, counts, item_id, about or {}, inherited))

    def add_tasks(self, parties: Iterable[Sequence[Any]]) -> None:
        """What each unit led and joined at all."""
        held = {(item_id, unit_id, role) for item_id, unit_id, role, *_ in parties}
        for item_id, unit_id, role in held:
            name = "tasks_led" if role == ResponsibilityRole.LEAD else "tasks_joined"
            self._add(unit_id, f"task:{role}:{item_id}", Family.CONTEXT, {name: 1}, item_id)

    def add_item(self, task: _Task, due_at: datetime | None, held: _Held) -> None:
        """Whether an item was due and done, or why it does not count, for who led it then."""
        then = min(at for at in (due_at, task.ended_at, self._scope.as_of) if at is not None)
        leads = [*held.leads(task.id, max(then, task.issued_at))]
        cls = deadline_class(task.kinds, task.strength, dated=due_at is not None)
        why = _outside(task, cls, due_at)
        if why is not None:
            for unit_id in leads:
                evaluated = self._scope.units.get(unit_id)
                if evaluated is not None:
                    self._left_out[evaluated].add(LeftOut(task.id, why))
            return
        counts = _completion(task, cls, due_at, self._scope.as_of)
        about = {} if due_at is None else {"due": _text(due_at)}
        if task.outcome in _DONE and task.ended_at is not None:
            about["done"] = _text(task.claimed_at or task.ended_at)
        for unit_id in leads if counts else ():
            self._add(unit_id, f"item:{task.id}", Family.COMPLETION, counts, task.id, about=about)

    def add_reports(self, rows: Iterable[Sequence[Any]], what: str) -> None:
        """Reports of leads, or parts of co-units: those in time together, each other one by itself."""
        for item_id, unit_id, due, on_time, others in rows:
            if on_time:
                self._add(
                    unit_id,
                    f"{what}:{item_id}",
                    Family.REPORT,
                    {f"{what}_due": on_time, f"{what}_on_time": on_time},
                    item_id,
                    about={"reports": str(due)},
                )
            for round_id, period, how in others or ():
                counts = {f"{what}_due": 1, f"{what}_{how}": 1}
                self._add(unit_id, f"{what}:{round_id}", Family.REPORT, counts, item_id, about={"period": period})

    def add_returns(self, rows: Iterable[Sequence[Any]]) -> None:
        """What the office looked at, and each thing that it returned."""
        for item_id, unit_id, handed_in, returned in rows:
            self._add(unit_id, f"handed_in:{item_id}", Family.RETURN, {"handed_in": handed_in}, item_id)
            for work_item_id, step, at in returned or ():
                self._add(
                    unit_id,
                    f"return:{work_item_id}",
                    Family.RETURN,
                    {"returned": 1},
                    item_id,
                    about={"step": step, "at": at},
                )

    def add_lights(self, rows: Iterable[Sequence[Any]], ended: set[UUID]) -> None:
        """Frozen lights: green ones together, each yellow and red one by itself, and what was put right."""
        for item_id, unit_id, periods, lights in rows:
            judged = [(period, light) for period, light in zip(periods, lights, strict=True) if light != "grey"]
            green = sum(light not in {"yellow", "red"} for _, light in judged)
            if green:
                self._add(unit_id, f"lights:{item_id}", Family.LIGHT, {"lights_judged": green}, item_id)
            for period, light in judged:
                if light in {"yellow", "red"}:
                    counts = {"lights_judged": 1, f"lights_{light}": 1}
                    self._add(
                        unit_id, f"light:{item_id}:{period}", Family.LIGHT, counts, item_id, about={"period": period}
                    )
            for fact in rectifications(item_id, judged, ended=item_id in ended):
                self._add(unit_id, fact.key, fact.family, fact.counts, item_id, about=fact.about)

    def add_cases(self, rows: Iterable[Sequence[Any]]) -> None:
        """Replication cases by what became of them in the period."""
        for item_id, unit_id, submitted, adopted, national in rows:
            counts = {
                name: 1
                for name, counted in (
                    ("cases_submitted", submitted),
                    ("cases_adopted", adopted),
                    ("cases_national", national),
                )
                if counted
            }
            if counts:
                self._add(unit_id, f"case:{item_id}", Family.CASE, counts, item_id)

    def sheets(self) -> dict[UUID, FactSheet]:
        """The sheet of every evaluated unit, also of one without a single fact."""
        scope = self._scope
        inherited: dict[UUID, list[UUID]] = defaultdict(list)
        for unit_id, evaluated in scope.units.items():
            if unit_id != evaluated:
                inherited[evaluated].append(unit_id)
        return {
            unit_id: FactSheet(
                unit_id,
                scope.as_of,
                scope.known_on,
                months,
                tuple(sorted(with_short_keys(self._facts.get(unit_id, ())), key=lambda fact: fact.key)),
                tuple(sorted(self._left_out.get(unit_id, ()), key=lambda each: str(each.item_id))),
                tuple(sorted(inherited.get(unit_id, ()))),
            )
            for unit_id, months in scope.months.items()
        }


def _text(at: datetime) -> str:
    """An instant in one form, whatever zone the connection speaks of."""
    return at.astimezone(UTC).isoformat()


def _completion(task: _Task, cls: DeadlineClass, due_at: datetime | None, as_of: datetime) -> dict[str, int]:
    """What an item counts for: nothing while it is not due, once due or done 1 of its strength."""
    done = task.outcome in _DONE
    strength = _OF_CLASS.get(cls)
    if strength is None:
        # Work that goes on is held against its yearly check; without one nothing was asked of it yet.
        if task.checked is None and not done:
            return {}
        return {"due_ongoing": 1, "done_ongoing": int(bool(task.checked) or done)}
    if not done and (due_at is None or due_at > as_of):
        return {}
    handed_in = task.claimed_at or task.ended_at
    late = done and due_at is not None and handed_in is not None and handed_in > due_at
    return {f"due_{strength}": 1, f"done_{strength}": int(done)} | ({f"late_{strength}": 1} if late else {})


def _outside(task: _Task, cls: DeadlineClass, due_at: datetime | None) -> Outside | None:
    """Why an item is not in the denominator: what a higher level stopped is nobody's failure."""
    if task.outcome in _LEFT_OUT:
        return _LEFT_OUT[task.outcome]
    if task.outcome is not None:
        return None
    if task.suspended:
        return Outside.SUSPENDED
    if cls is DeadlineClass.CONDITIONAL and not task.triggered:
        return Outside.WAITING
    return Outside.HISTORICAL if task.historical and due_at is not None and due_at <= task.issued_at else None
