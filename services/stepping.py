"""One step of a process instance: lock, run the engine, write the difference.

Everything a step writes is queued on the unit of work and sent in one batch. Lock order: the root item's row, then
instances by id; callers lock through this module only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from bpmn.bundle import Bundle
from bpmn.engine import OpenTask, Step
from bpmn.specs import UserTask
from domain.calendar import NO_LIMIT, DueDate, local_date
from domain.deadlines import goals_due, year_due
from domain.errors import NobodyResponsible, NotFound, WrongStatus
from domain.items import ResponsibilityRole
from domain.telling import said
from services.activity import pack
from services.clock import STOPPED_WITH_THE_ITEM
from services.unit_of_work import UnitOfWork

LOCK_ROOT: LiteralString = "SELECT id FROM item WHERE id = %s FOR NO KEY UPDATE"
READ_PARTIES: LiteralString = (
    "SELECT unit_id, role, weight FROM responsibility WHERE item_id = %s AND unit_id IS NOT NULL"
    " AND (valid_to IS NULL OR valid_to > %s) ORDER BY position"
)
_LOCK_INSTANCE: LiteralString = (
    "SELECT id, item_id, root_item_id, version_id, key, rev, state, resume_at FROM process_instance WHERE id = %s"
    " FOR NO KEY UPDATE"
)
_READ_FACTS: LiteralString = (
    "SELECT i.status, i.office_unit_id, CASE WHEN NOT i.historical THEN i.due_at END,"
    " i.paused_at IS NOT NULL AND EXISTS"
    " (SELECT FROM suspension s WHERE s.item_id = i.id AND s.resumed_at IS NULL AND s.started_at >= p.started_at)"
    " FROM item i LEFT JOIN process_instance p ON p.id = %s WHERE i.id = %s"
)
_READ_ROUND: LiteralString = (
    "SELECT r.co_due_at, r.due_at, coalesce(p.provisional, false) FROM progress_round r"
    " LEFT JOIN report_period p ON p.id = r.report_period_id WHERE r.instance_id = %s"
)
_ADD_INSTANCE: LiteralString = (
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, period, rev, state, outcome,"
    " started_at, ended_at) VALUES (%s, %s, %s, %s, %s, %s, 0, %s, %s, %s, %s)"
)
# Closing the work item, saving the instance and logging are one statement: each statement of a batch costs the
# client as much as the server.
_STEP: LiteralString = (
    "WITH closed AS (UPDATE work_item SET closed_at = %(now)s, closed_by = %(by)s, decision = %(decision)s,"
    "  closed_as = 'done', office_unit_id = NULL, version = version + 1 WHERE id = %(work)s),"
    " saved AS (UPDATE process_instance SET rev = rev + 1, state = %(state)s, resume_at = %(resume_at)s,"
    "  outcome = %(outcome)s, ended_at = %(ended_at)s WHERE id = %(instance)s)"
    " INSERT INTO activity_log (instance_id, rev, at, entries) VALUES (%(instance)s, %(rev)s, %(now)s, %(entries)s)"
)
_SAVE_INSTANCE: LiteralString = (
    "UPDATE process_instance SET rev = rev + 1, state = %s, resume_at = %s, outcome = %s, ended_at = %s WHERE id = %s"
)
_ADD_LOG: LiteralString = "INSERT INTO activity_log (instance_id, rev, at, entries) VALUES (%s, %s, %s, %s)"
_CANCEL_WORK: LiteralString = (
    "UPDATE work_item SET closed_at = %s, closed_as = %s, office_unit_id = NULL, version = version + 1"
    " WHERE instance_id = %s AND task_id = ANY(%s) AND closed_at IS NULL"
)
_WORK_INTO: LiteralString = (
    "WITH opened AS (INSERT INTO work_item (id, instance_id, item_id, office_unit_id, task_id, bpmn_id, unit_id, role,"
    " weight, opened_at, paused_at, due_at, provisional, version)"
    " SELECT u.id, %s, %s, %s, %s, %s, u.unit_id, %s, u.weight, %s, %s, u.due_at, u.provisional, 1 FROM "
)
_WORK_OUT: LiteralString = (
    " AS u(id, unit_id, weight, due_at, provisional) RETURNING id, opened_at)"
    " INSERT INTO delivery (topic, subject_id, created_at) SELECT 'opened', id, opened_at FROM opened"
)
_ADD_WORK: LiteralString = (
    _WORK_INTO + "unnest(%s::uuid[], %s::uuid[], %s::float8[], %s::timestamptz[], %s::bool[])" + _WORK_OUT
)
# Most steps ask one party; arrays of one cost the client more than the rest of the statement.
_ADD_ONE: LiteralString = (
    _WORK_INTO + "(VALUES (%s::uuid, %s::uuid, %s::float8, %s::timestamptz, %s::bool))" + _WORK_OUT
)
_ADD_TIMER: LiteralString = (
    "WITH dropped AS (DELETE FROM process_timer WHERE task_id = ANY(%s))"
    " INSERT INTO process_timer (task_id, instance_id, bpmn_id, due_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (task_id) DO UPDATE SET due_at = EXCLUDED.due_at"
)
_DROP_TIMERS: LiteralString = "DELETE FROM process_timer WHERE task_id = ANY(%s)"
_ADD_WAIT: LiteralString = (
    "INSERT INTO event_wait (task_id, instance_id, bpmn_id, kind, name) VALUES (%s, %s, %s, %s, %s)"
)
_DROP_WAITS: LiteralString = "DELETE FROM event_wait WHERE task_id = ANY(%s)"


RoundLimits = tuple[datetime, datetime, bool]
"""When co-units and lead report (UTC), and whether that is provisional."""


@dataclass(frozen=True, slots=True)
class Party:
    """A unit with a part in the item. `weight` counts where a rule is weighted."""

    unit_id: UUID
    role: str
    weight: float


@dataclass(slots=True)
class LockedInstance:
    """An instance whose row, and whose root item's row, this transaction holds. `item_due_at` is null for history: what
    ran out before the issue limits no step. `stands_still`: what opens in it now does not run before the item does.
    """

    id: UUID
    item_id: UUID
    root_item_id: UUID
    version_id: int
    key: str
    rev: int
    state: bytes
    bundle: Bundle
    office_unit_id: UUID
    item_status: str
    item_due_at: datetime | None
    parties: list[Party]
    resume_at: str = ""
    round_limits: RoundLimits | None = None
    stands_still: bool = False


@dataclass(frozen=True, slots=True)
class OpenedWorkItem:
    """A work item that a step opened."""

    id: UUID
    bpmn_id: str
    unit_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """The step that was just decided: its BPMN id, its routing facts, and the form of who decided it.

    `chosen` is what this last party chose, which is not the decision of the step where the parties' rule makes it;
    `opinion` are its words.
    """

    bpmn_id: str
    outputs: Mapping[str, Any]
    form: Mapping[str, Any]
    chosen: str = ""
    opinion: str = ""

    @property
    def decision(self) -> str:
        """The decision of the step."""
        return str(self.outputs.get(f"decision_{self.bpmn_id}", ""))


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one step of the engine led to."""

    opened: tuple[OpenedWorkItem, ...]
    outcome: str | None
    thrown: tuple[str, ...]


def lock_instance(uow: UnitOfWork, root_item_id: UUID, instance_id: UUID) -> LockedInstance:
    """The instance, locked after its root item. Raises NotFound, WrongStatus when it has ended."""
    _, instances = uow.read((LOCK_ROOT, (root_item_id,)), (_LOCK_INSTANCE, (instance_id,)))
    if not instances:
        raise NotFound(f"process instance {instance_id}")
    item_id = instances[0][1]
    facts, parties = uow.read((_READ_FACTS, (instance_id, item_id)), (READ_PARTIES, (item_id, uow.now)))
    return located(uow, instances[0], facts[0], parties)


def located(
    uow: UnitOfWork, instance: Sequence[Any], facts: Sequence[Any], parties: Iterable[Sequence[Any]]
) -> LockedInstance:
    """A locked instance from rows that were read under the lock."""
    id_, item_id, root_item_id, version_id, key, rev, state, resume_at = instance
    status, office_unit_id, due_at, stands_still = facts
    if state is None:
        raise WrongStatus(f"instance {id_} has ended", status=status)
    return LockedInstance(
        id=id_,
        item_id=item_id,
        root_item_id=root_item_id,
        version_id=version_id,
        key=key,
        rev=rev,
        state=bytes(state),
        bundle=uow.library.bundle(uow.session, version_id),
        office_unit_id=office_unit_id,
        item_status=status,
        item_due_at=due_at,
        parties=[Party(*row) for row in parties],
        resume_at=resume_at or "",
        stands_still=bool(stands_still) and key in STOPPED_WITH_THE_ITEM,
    )


def start_instance(
    uow: UnitOfWork,
    *,
    key: str,
    item_id: UUID,
    root_item_id: UUID,
    data: Mapping[str, object],
    period: str | None = None,
    instance_id: UUID | None = None,
    round_limits: RoundLimits | None = None,
) -> tuple[UUID, Advanced]:
    """Start an instance of the newest version of `key` for an item whose root row the caller holds."""
    version_id = uow.library.newest(uow.session, key)
    bundle = uow.library.bundle(uow.session, version_id)
    step = uow.engine.start(bundle, data, now=uow.now)
    uow.session.flush()
    facts, parties = uow.read((_READ_FACTS, (None, item_id)), (READ_PARTIES, (item_id, uow.now)))
    instance = LockedInstance(
        id=instance_id or uuid4(),
        item_id=item_id,
        root_item_id=root_item_id,
        version_id=version_id,
        key=key,
        rev=0,
        state=step.state,
        bundle=bundle,
        office_unit_id=facts[0][1],
        item_status=facts[0][0],
        item_due_at=facts[0][2],
        parties=[Party(*row) for row in parties],
        round_limits=round_limits,
    )
    state, ended_at = (None, uow.now) if step.completed else (step.state, None)
    uow.write(
        _ADD_INSTANCE,
        (instance.id, item_id, root_item_id, version_id, key, period, state, step.outcome, uow.now, ended_at),
    )
    uow.write(_ADD_LOG, (instance.id, 0, uow.now, pack(step.log, key)))
    return instance.id, _open_next(uow, instance, step, only_units=frozenset())


@dataclass(frozen=True, slots=True)
class ClosedWork:
    """The work item that a step closes, and the decision it is closed with."""

    id: UUID
    task_id: UUID
    decision: str
    alone: bool


def advance(
    uow: UnitOfWork,
    instance: LockedInstance,
    step: Step,
    *,
    only_units: frozenset[UUID] = frozenset(),
    closes: ClosedWork | None = None,
) -> Advanced:
    """Save what the engine made of the instance. `only_units` limits the parties of the step that opens, for a
    return that asks only some of them again; empty means all.
    """
    ended_at = uow.now if step.completed else None
    state = None if step.completed else step.state
    instance.rev += 1
    instance.state = step.state
    entries = pack(step.log, instance.key)
    if closes is None:
        uow.write(_SAVE_INSTANCE, (state, instance.resume_at or None, step.outcome, ended_at, instance.id))
        uow.write(_ADD_LOG, (instance.id, instance.rev, uow.now, entries))
    else:
        uow.write(
            _STEP,
            {
                "now": uow.now,
                "by": uow.actor.id,
                "decision": closes.decision,
                "work": closes.id,
                "state": state,
                "resume_at": instance.resume_at or None,
                "outcome": step.outcome,
                "ended_at": ended_at,
                "instance": instance.id,
                "rev": instance.rev,
                "entries": entries,
            },
        )
    cancelled = [task_id for task_id in step.closed if closes is None or task_id != closes.task_id]
    if cancelled:
        uow.write(_CANCEL_WORK, (uow.now, "cancelled", instance.id, cancelled))
    if closes is not None and not closes.alone:
        uow.write(_CANCEL_WORK, (uow.now, "superseded", instance.id, [closes.task_id]))
    return _open_next(uow, instance, step, only_units=only_units)


def _open_next(uow: UnitOfWork, instance: LockedInstance, step: Step, *, only_units: frozenset[UUID]) -> Advanced:
    opened: list[OpenedWorkItem] = []
    for task in step.opened:
        opened += _open_work(uow, instance, task, only_units)
    _index_events(uow, instance, step)
    return Advanced(tuple(opened), step.outcome, tuple(thrown.name for thrown in step.thrown))


def _index_events(uow: UnitOfWork, instance: LockedInstance, step: Step) -> None:
    added = {timer.task_id for timer in step.timers_added}
    removed = [task_id for task_id in step.timers_removed if task_id not in added]
    for timer in step.timers_added:
        uow.write(_ADD_TIMER, (removed, timer.task_id, instance.id, timer.bpmn_id, timer.due_at))
        removed = []
    if removed:
        uow.write(_DROP_TIMERS, (removed,))
    if step.waits_removed:
        uow.write(_DROP_WAITS, ([wait.task_id for wait in step.waits_removed],))
    for wait in step.waits_added:
        uow.write(_ADD_WAIT, (wait.task_id, instance.id, wait.bpmn_id, wait.kind, wait.name))


def _open_work(
    uow: UnitOfWork, instance: LockedInstance, task: OpenTask, only_units: frozenset[UUID]
) -> list[OpenedWorkItem]:
    """One work item per party of the user task."""
    user_task = instance.bundle.user_tasks[task.bpmn_id]
    parties = [p for p in parties_of(instance, user_task) if not only_units or p.unit_id in only_units]
    if not parties:
        raise NobodyResponsible(f"{task.bpmn_id} of {instance.id}", step=said(user_task.name))
    limits = [due_of(uow, instance, user_task, parties[0].unit_id)] * len(parties)
    if uow.calendar.unit_days:
        limits = [due_of(uow, instance, user_task, p.unit_id) for p in parties]
    ids = [uuid4() for _ in parties]
    head = (
        instance.id,
        instance.item_id,
        instance.office_unit_id,
        task.task_id,
        task.bpmn_id,
        user_task.properties["role"],
        uow.now,
        uow.now if instance.stands_still else None,
    )
    rows = [
        (id_, party.unit_id, None if party.weight == 1.0 else party.weight, due_at, provisional)
        for id_, party, (due_at, provisional) in zip(ids, parties, limits, strict=True)
    ]
    if len(rows) == 1:
        uow.write(_ADD_ONE, (*head, *rows[0]))
    else:
        uow.write(_ADD_WORK, (*head, *(list(column) for column in zip(*rows, strict=True))))
    return [
        OpenedWorkItem(id_, task.bpmn_id, party.unit_id, due_at)
        for id_, party, (due_at, _) in zip(ids, parties, limits, strict=True)
    ]


_ROLE_OF_PARTIES = {"leads": ResponsibilityRole.LEAD, "co_units": ResponsibilityRole.CO_UNIT}


def parties_of(instance: LockedInstance, user_task: UserTask) -> list[Party]:
    """The units that take part in a user task, each once, in printed order."""
    parties = user_task.properties["parties"]
    if parties == "office":
        return [Party(instance.office_unit_id, "office", 1.0)]
    role = _ROLE_OF_PARTIES.get(parties, parties)
    return list({p.unit_id: p for p in instance.parties if p.role == role}.values())


def due_of(uow: UnitOfWork, instance: LockedInstance, user_task: UserTask, unit_id: UUID) -> tuple[datetime, bool]:
    """When a user task that opens now for a unit is due, and whether that is provisional.

    `limit` is `2wd` (working days after today), `5d` (calendar days), `item_deadline`, `round_due`, `round_co_due`,
    `goals_due`, `year_due` or `none`.
    """
    limit = user_task.properties.get("limit", "none")
    if limit.endswith("wd"):
        due = uow.calendar.of(unit_id).add_working_days(uow.today, int(limit.removesuffix("wd")))
        return due.at, due.provisional
    if limit.endswith("d") and limit[:-1].isdigit():
        due = DueDate(local_date(uow.now).fromordinal(uow.today.toordinal() + int(limit[:-1])), provisional=False)
        return due.at, False
    if limit == "item_deadline":
        return instance.item_due_at or NO_LIMIT, False
    if limit in {"round_due", "round_co_due"}:
        if instance.round_limits is None:
            [rounds] = uow.read((_READ_ROUND, (instance.id,)))
            instance.round_limits = rounds[0] if rounds else (NO_LIMIT, NO_LIMIT, False)
        co_due_at, due_at, provisional = instance.round_limits
        return (co_due_at if limit == "round_co_due" else due_at), provisional
    if limit in {"goals_due", "year_due"}:
        return (goals_due if limit == "goals_due" else year_due)(uow.today, uow.calendar), False
    return NO_LIMIT, False
