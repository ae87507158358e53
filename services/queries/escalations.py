"""Who gets what, when: what the ladder of an item has sent, and what it will send if nothing is done by then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlmodel import col, select

from db.tables import Item, Unit, WorkItem
from domain.calendar import local_date
from domain.labels import label
from domain.ladder import (
    LATE_AFTER,
    EscalationDocument,
    EscalationKind,
    Ladder,
    LevelState,
    Planned,
    Policy,
    RungRole,
    SubjectKind,
    look,
    occurrences,
)
from domain.standing_in import Desk, Standing
from services.ladder_subjects import Subject, addressed, parameters, policy_of, running_clock, statement, subject_of
from services.queries.item_detail import visible_item
from services.queries.reading import Reading
from services.queries.steps import step_label
from services.queries.went_out import Level, Receiver, reached, went_out
from services.recipients import desks
from services.visibility import OFFICE_ROLES

_OPEN_WORK: LiteralString = "x.item_id = %(item)s AND x.closed_at IS NULL ORDER BY x.opened_at, x.unit_id"
_ITEM: LiteralString = "x.id = %(item)s"


@dataclass(frozen=True, slots=True)
class SubjectLadder:
    """The ladder of one open work item, or of the item's deadline (`step` is null).

    `held` says that the deadline waits while a claim is under way; `reached` is the highest level that went out, 0 for
    none. Without a policy nothing is sent but what is urged by hand.
    """

    kind: SubjectKind
    kind_label: str
    subject_id: UUID
    step: str | None
    step_label: str
    units: tuple[str, ...]
    opened_at: datetime
    due_at: datetime | None
    provisional: bool
    paused: bool
    held: bool
    policy_id: UUID | None
    policy: str
    policy_version: int | None
    reached: int
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class ItemLadder:
    """Everything that was or will be sent about an item: open steps and deadline, then what went out about steps that
    are done.
    """

    item_id: UUID
    subjects: tuple[SubjectLadder, ...]
    past: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy that is not saved, tried on an item: on its open work of a step, on all of it, or on its deadline."""

    kind: SubjectKind
    step: str | None
    name: str
    ladder: Ladder

    def fits(self, subject: Subject) -> bool:
        """Whether the subject would climb it."""
        return subject.kind is self.kind and self.step in {None, subject.step}


def item_ladder(reading: Reading, item_id: UUID, draft: Draft | None = None) -> ItemLadder:
    """The ladder of an item that the actor sees; with `draft` as if that policy were in force. Raises NotFound."""
    item = visible_item(reading, item_id)
    view = _View(reading, item)
    subjects = view.subjects()
    shown = {subject.id for subject in subjects}
    past = [level for id_, levels in view.went_out.items() if id_ not in shown for level in levels]
    return ItemLadder(
        item_id=item_id,
        subjects=tuple(view.ladder(subject, draft) for subject in subjects),
        past=tuple(sorted(past, key=lambda level: level.at)),
    )


class _View:
    """One item's ladders as of now: what went out is read once, the registry once for each day that is planned for."""

    def __init__(self, reading: Reading, item: Item) -> None:
        self.reading = reading
        self.item = item
        self.went_out = went_out(reading, item.id)
        self._desks: dict[date, Mapping[UUID, Desk]] = {}
        self._units: dict[UUID, str] = {}

    @property
    def connection(self) -> psycopg.Connection[Any]:
        connection = self.reading.session.connection().connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        return connection

    def subjects(self) -> list[Subject]:
        values = parameters(self.reading.now, item=self.item.id)
        work = self.connection.execute(statement(SubjectKind.WORK_ITEM, _OPEN_WORK), values).fetchall()
        deadline = self.connection.execute(statement(SubjectKind.ITEM, _ITEM), values).fetchall()
        found = [subject_of(SubjectKind.WORK_ITEM, row) for row in work]
        found += [s for s in (subject_of(SubjectKind.ITEM, row) for row in deadline) if s.has_limit and not s.over]
        wanted = {unit_id for subject in found for unit_id in subject.units}
        names = self.reading.session.exec(select(Unit.id, Unit.short_name).where(col(Unit.id).in_(wanted)))
        self._units = dict(names.all())
        return found

    def ladder(self, subject: Subject, draft: Draft | None) -> SubjectLadder:
        policy = policy_of(self.connection, self.reading.session, self.reading.library, subject)
        if draft is not None and draft.fits(subject):
            policy = _as_policy(subject, draft)
        climbs = policy is not None and subject.has_limit and not subject.paused
        coming = self._coming(subject, policy) if climbs and policy is not None else []
        fired = list(self.went_out.get(subject.id, ()))
        return SubjectLadder(
            kind=subject.kind,
            kind_label=label(SubjectKind, subject.kind),
            subject_id=subject.id,
            step=subject.step,
            step_label=self._step(subject),
            units=tuple(self._units.get(unit_id, "") for unit_id in subject.parties),
            opened_at=subject.clock.opened_at,
            due_at=subject.clock.due_at if subject.has_limit else None,
            provisional=self._provisional(subject),
            paused=subject.paused,
            held=subject.held,
            policy_id=policy.id if policy and policy.version else None,
            policy=policy.name if policy else "",
            policy_version=policy.version or None if policy else None,
            reached=reached(fired, subject.epoch),
            levels=tuple(sorted([*fired, *coming], key=lambda level: (level.at, level.level, level.occurrence))),
        )

    def _coming(self, subject: Subject, policy: Policy) -> list[Level]:
        calendar = self.reading.calendar.of(subject.parties[0] if subject.parties else None)
        now = self.reading.now
        clock = running_clock(self.connection, subject, policy, calendar)
        due = {
            (each.planned.rung.level, each.planned.occurrence)
            for each in look(policy.ladder, clock, subject.fired, now, calendar).due
        }
        levels = []
        for rung in policy.ladder.rungs:
            done = subject.fired.get(rung.level, 0)
            for planned in occurrences(policy.ladder, rung, clock, calendar, after=done):
                key = (rung.level, planned.occurrence)
                if planned.skipped:
                    state = LevelState.SKIPPED
                elif planned.at <= now and key not in due:
                    continue  # missed, and told with the newest of them
                else:
                    state = LevelState.DUE if key in due else LevelState.PLANNED
                levels.append(self._planned(subject, planned, state))
        return levels

    def _planned(self, subject: Subject, planned: Planned, state: LevelState) -> Level:
        rung, now = planned.rung, self.reading.now
        people: tuple[Receiver, ...] = ()
        if state is not LevelState.SKIPPED:
            people = self._receivers(subject, rung.to, max(planned.at, now))
        return Level(
            level=rung.level,
            occurrence=planned.occurrence,
            epoch=subject.epoch,
            name=rung.name,
            kind=rung.kind,
            kind_label=label(EscalationKind, rung.kind),
            state=state,
            state_label=label(LevelState, state),
            at=planned.at,
            wanted_at=planned.wanted_at,
            moved=planned.moved,
            late=state is LevelState.DUE and now - planned.at > LATE_AFTER,
            document=rung.document,
            document_label=label(EscalationDocument, rung.document),
            channels=rung.channels,
            receivers=people,
        )

    def _receivers(self, subject: Subject, to: Sequence[RungRole], at: datetime) -> tuple[Receiver, ...]:
        """Who receives on that day, by the roles and the leave that are on record by now."""
        day = local_date(at)
        known = self._desks.get(day, {})
        if not subject.units <= known.keys():
            known = self._desks[day] = {**known, **desks(self.reading.session, subject.units, at)}
        found = []
        for each in addressed(subject, to, known):
            who = each.recipient
            found.append(
                Receiver(
                    person_id=who.person_id,
                    name=who.name,
                    unit_id=who.unit_id,
                    unit=self._unit(who.unit_id),
                    to=each.to,
                    to_label=label(RungRole, each.to),
                    standing=who.standing,
                    standing_label=label(Standing, who.standing),
                )
            )
        return tuple(found)

    def _unit(self, unit_id: UUID) -> str:
        if unit_id not in self._units:
            self._units[unit_id] = self.reading.session.get_one(Unit, unit_id).short_name
        return self._units[unit_id]

    def _step(self, subject: Subject) -> str:
        if subject.step is None or subject.version_id is None:
            return ""
        return step_label(self.reading.library.bundle(self.reading.session, subject.version_id), subject.step)

    def _provisional(self, subject: Subject) -> bool:
        if subject.kind is SubjectKind.ITEM:
            return self.item.due_provisional
        return self.reading.session.get_one(WorkItem, subject.id).provisional


def _as_policy(subject: Subject, draft: Draft) -> Policy:
    """A draft in the place of a version: it has no number yet."""
    return Policy(subject.id, draft.name, 0, draft.kind, None, draft.step, draft.ladder)


def late_work(reading: Reading, *, unit_id: UUID | None = None, list_id: UUID | None = None) -> Sequence[UUID]:
    """The late work items of units in the lists of the actor's offices, longest late first: whom to urge."""
    statement = (
        select(WorkItem.id)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(
            col(Item.office_unit_id).in_(reading.actor.units_as(*OFFICE_ROLES)),
            col(WorkItem.closed_at).is_(None),
            col(WorkItem.paused_at).is_(None),
            col(WorkItem.due_at) <= reading.now,
            # The office does not urge itself.
            col(WorkItem.unit_id) != col(Item.office_unit_id),
        )
        .order_by(col(WorkItem.due_at), col(WorkItem.id))
    )
    if unit_id is not None:
        statement = statement.where(WorkItem.unit_id == unit_id)
    if list_id is not None:
        statement = statement.where(Item.list_id == list_id)
    return reading.session.exec(statement).all()
