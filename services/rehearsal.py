"""A rehearsal: a list is played forward on a clock of its own, nobody acts, and what the clock does is written down.

It works on a scratch copy (`db.scratch`) in one transaction that is rolled back, by the very sweeps and commands that
will do it in earnest. From stop to stop it jumps to the next moment at which a sweep has something to find.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Connection, text
from sqlmodel import Session

from db.scratch import copy_of_items
from domain.calendar import LOCAL, local_date
from domain.errors import DomainError
from domain.permissions import Actor, Membership, Role
from domain.scheduling_errors import SimulationBackwards, SimulationTooLarge
from domain.urgency import last_day
from services.executor import Executor
from services.ports import SetClock
from services.recipients import recipients
from services.sweeping import Failed, Sweeper
from services.sweeps import SWEEPS, Sweep
from services.work_items import CompleteWorkItem

MOST_ITEMS = 1000
MOST_DAYS = 3 * 366
PASSES = 8
"""How often all sweeps are looked at in one stop: what one does, such as an escalation, another takes up."""

_COUNT: LiteralString = (
    "SELECT count(*) FROM item WHERE ended_at IS NULL AND (CAST(:list_id AS uuid) IS NULL OR list_id = :list_id)"
)
_TO_ISSUE: LiteralString = (
    "SELECT w.id, w.version, w.unit_id, w.role, i.number FROM work_item w JOIN item i ON i.id = w.item_id"
    " WHERE w.bpmn_id = 'issue' AND w.closed_at IS NULL ORDER BY i.position, i.id"
)
# What the copy has and the original has not; what was due is asked of the copy as it is at the end.
_ITEM: LiteralString = "i.id, i.number, i.text, i.list_id, l.title"
_LEADS: LiteralString = (
    "ARRAY(SELECT u.short_name FROM responsibility s JOIN unit u ON u.id = s.unit_id"
    " WHERE s.item_id = i.id AND s.role = 'lead' AND s.valid_to IS NULL ORDER BY s.position)"
)
_ESCALATIONS: LiteralString = (
    "SELECT e.fired_at, e.kind, p.name, ARRAY[u.short_name], {item}, w.bpmn_id, v.version_id, e.due_at, r.name,"
    " e.level, e.document, e.channels FROM escalation e"
    " JOIN item i ON i.id = e.item_id JOIN task_list l ON l.id = i.list_id"
    " LEFT JOIN person p ON p.id = e.recipient_id LEFT JOIN unit u ON u.id = e.recipient_unit_id"
    " LEFT JOIN work_item w ON e.subject_kind = 'work_item' AND w.id = e.subject_id"
    " LEFT JOIN process_instance v ON v.id = w.instance_id"
    " LEFT JOIN escalation_rung r ON r.policy_id = e.policy_id AND r.level = e.level"
    " WHERE NOT EXISTS (SELECT FROM public.escalation old WHERE old.id = e.id)"
).replace("{item}", _ITEM)
_ROUNDS: LiteralString = (
    (
        "SELECT r.opened_at, 'round_opened', NULL, {leads}, {item}, NULL, NULL, r.due_at, r.period, NULL, NULL, NULL"
        " FROM progress_round r JOIN item i ON i.id = r.item_id JOIN task_list l ON l.id = i.list_id"
        " WHERE NOT EXISTS (SELECT FROM public.progress_round old WHERE old.id = r.id)"
    )
    .replace("{item}", _ITEM)
    .replace("{leads}", _LEADS)
)
_WORK_DUE: LiteralString = (
    "SELECT w.due_at, 'work_item_overdue', NULL, ARRAY[u.short_name], {item}, w.bpmn_id, v.version_id, w.due_at,"
    " NULL, NULL, NULL, NULL FROM work_item w JOIN item i ON i.id = w.item_id JOIN task_list l ON l.id = i.list_id"
    " JOIN unit u ON u.id = w.unit_id JOIN process_instance v ON v.id = w.instance_id"
    " WHERE w.due_at > :start AND w.due_at <= :until AND (w.closed_at IS NULL OR w.closed_at > w.due_at)"
).replace("{item}", _ITEM)
_ITEMS_DUE: LiteralString = (
    (
        "SELECT i.due_at, 'item_overdue', NULL, {leads}, {item}, NULL, NULL, i.due_at, NULL, NULL, NULL, NULL"
        " FROM item i JOIN task_list l ON l.id = i.list_id"
        " WHERE i.issued_at IS NOT NULL AND i.due_at > :start AND i.due_at <= :until AND i.ended_at IS NULL"
    )
    .replace("{item}", _ITEM)
    .replace("{leads}", _LEADS)
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that would happen, `at` that instant.

    `kind` is `reminder`, `urge` or `escalation` with its person and level, `round_opened`, `work_item_overdue` or
    `item_overdue`; these concern units. `day` is the local day that it belongs to: a limit passes at its end.
    """

    at: datetime
    day: date
    kind: str
    person: str | None
    units: tuple[str, ...]
    item_id: UUID
    number: str
    text: str
    list_id: UUID
    list_title: str
    step: str | None
    due_at: datetime | None
    label: str | None
    level: int | None
    document: str | None
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What would happen in order, how many items took part, at how many moments something was done, what failed."""

    start: datetime
    until: datetime
    items: int
    stops: int
    happenings: tuple[Happening, ...]
    failed: tuple[Failed, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """What is played: from when to the end of which local day, which list (None: all), and whether items that wait to
    be issued are issued first, as a rehearsal of an issue needs it.
    """

    start: datetime
    last_day: date
    list_id: UUID | None = None
    issue: bool = False

    @property
    def until(self) -> datetime:
        """The end of the last day."""
        return datetime.combine(self.last_day + timedelta(days=1), datetime.min.time(), LOCAL).astimezone(UTC)


def play(
    connection: Connection,
    executor: Executor,
    script: Script,
    *,
    sweeps: Sequence[Sweep[Any]] = SWEEPS,
    on_stop: Callable[[datetime], None] = lambda _at: None,
) -> Played:
    """Play the script on a connection of its own, which is of no other use afterwards. `on_stop` is told how far it is.

    Raises SimulationBackwards, SimulationTooLarge.
    """
    if script.until <= script.start:
        raise SimulationBackwards(str(script.until), until=script.last_day, start=local_date(script.start))
    with connection.begin() as transaction:
        try:
            return _Play(connection, executor, script, tuple(s for s in sweeps if s.rehearsed), on_stop).run()
        finally:
            transaction.rollback()


def do_what_is_due(sweeper: Sweeper, sweeps: Sequence[Sweep[Any]]) -> list[tuple[str, Failed]]:
    """Everything that is due at this moment, and what comes of it at once; what failed, by sweep."""
    failed = []
    for _ in range(PASSES):
        ran = [sweeper.run(sweep) for sweep in sweeps]
        failed += [(each.name, failure) for each in ran for failure in each.failed]
        if not any(each.done for each in ran):
            break
    return failed


def next_stop(session: Session, sweeps: Sequence[Sweep[Any]], now: datetime) -> datetime:
    """The next moment at which a sweep finds something, the next midnight at the latest: what cannot be foreseen is
    looked for once a day.
    """
    midnight = datetime.combine(local_date(now) + timedelta(days=1), datetime.min.time(), LOCAL).astimezone(UTC)
    coming = [sweep.upcoming(session, now) for sweep in sweeps if sweep.upcoming is not None]
    return min([midnight, *(at for at in coming if at is not None and at > now)])


@dataclass(slots=True)
class _Play:
    connection: Connection
    template: Executor
    script: Script
    sweeps: tuple[Sweep[Any], ...]
    on_stop: Callable[[datetime], None]
    failed: dict[tuple[str, str], Failed] = field(default_factory=dict)
    stops: int = 0

    def run(self) -> Played:
        script = self.script
        self._check_size()
        items = copy_of_items(self.connection, script.list_id)
        clock = SetClock(script.start)
        executor = Executor(self._session, clock, self.template.engine, self.template.library)
        sweeper = Sweeper(executor, self._reading)
        if script.issue:
            self._issue(executor)
        while clock.at <= script.until:
            self.on_stop(clock.at)
            self._stop(sweeper)
            clock.at = self._next(clock.at)
        happenings = tuple(sorted(self._happenings(), key=lambda h: (h.day, h.at, h.number, h.level or 0)))
        return Played(script.start, script.until, items, self.stops, happenings, tuple(self.failed.values()))

    def _session(self) -> Session:
        """Sessions whose commits are savepoints of the one transaction."""
        return Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")

    def _reading(self) -> Session:
        """Sessions that leave the transaction as it is: no savepoint for each look."""
        return Session(self.connection, join_transaction_mode="rollback_only")

    def _check_size(self) -> None:
        count = self.connection.execute(text(_COUNT), {"list_id": self.script.list_id}).scalar_one()
        days = (self.script.until - self.script.start).days
        if count > MOST_ITEMS or days > MOST_DAYS:
            raise SimulationTooLarge(
                f"{count} items, {days} days", count=count, limit=MOST_ITEMS, days=days, most_days=MOST_DAYS
            )

    def _issue(self, executor: Executor) -> None:
        """Issue what waits for it, as somebody of the office who could."""
        for id_, version, unit_id, role, number in self.connection.execute(text(_TO_ISSUE)).all():
            with self._session() as session:
                staff = recipients(session, unit_id, Role(role), self.script.start)
            try:
                person = staff[0]
                actor = Actor(
                    id=person.person_id, name=person.name, memberships=frozenset({Membership(unit_id, Role(role))})
                )
                executor.execute(CompleteWorkItem(work_item_id=id_, seen_version=version), actor=actor)
            except DomainError as error:
                self.failed["issue", number] = Failed(number, error.code, str(error))
            except IndexError:
                self.failed["issue", number] = Failed(number, "nobody_responsible", role)

    def _stop(self, sweeper: Sweeper) -> None:
        for name, failed in do_what_is_due(sweeper, self.sweeps):
            self.failed.setdefault((name, failed.key), replace(failed, key=f"{name} {failed.key}"))
        self.stops += 1

    def _next(self, now: datetime) -> datetime:
        with self._reading() as session:
            return next_stop(session, self.sweeps, now)

    def _happenings(self) -> Iterator[Happening]:
        parameters = {"start": self.script.start, "until": self.script.until}
        for statement in (_ESCALATIONS, _ROUNDS, _WORK_DUE, _ITEMS_DUE):
            given = parameters if ":start" in statement else {}
            for row in self.connection.execute(text(statement), given).all():
                yield self._happening(row)

    def _happening(self, row: Any) -> Happening:
        at, kind, person, units, item_id, number, words, list_id, title, step, version_id, due_at, label, *rest = row
        level, document, channels = rest
        overdue = kind in {"work_item_overdue", "item_overdue"}
        return Happening(
            at=at,
            day=last_day(at) if overdue else local_date(at),
            kind=kind,
            person=person,
            units=tuple(unit for unit in units if unit),
            item_id=item_id,
            number=number,
            text=words,
            list_id=list_id,
            list_title=title,
            step=self._step(version_id, step),
            due_at=due_at,
            label=label,
            level=level,
            document=document,
            channels=tuple(channels or ()),
        )

    def _step(self, version_id: int | None, bpmn_id: str | None) -> str | None:
        """The step's name in its model."""
        if version_id is None or bpmn_id is None:
            return None
        with self._session() as session:
            return self.template.library.bundle(session, version_id).user_tasks[bpmn_id].name
