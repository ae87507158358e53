"""What climbs the ladder, as one look finds it: its clock, its policy, what went out, and who answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlmodel import Session

from domain.calendar import NO_LIMIT, WorkCalendar
from domain.items import FINAL, ItemStatus, Strength
from domain.ladder import Base, Clock, Policy, RungRole, SubjectKind
from domain.permissions import Role
from domain.standing_in import Desk, Recipient, deputies, receivers
from services.policy_book import policies
from services.process_library import ProcessLibrary

# While the lead's claim is with others, its deadline is not what anybody waits for.
CLAIM_UNDER_WAY = frozenset({ItemStatus.CLAIMED, ItemStatus.UNDER_REVIEW, ItemStatus.COMPLETED})

# Both ask the same of their subject `x`: the policy of this epoch, else the one in force now (a list's before one of
# all lists, and in either a step's before one of all steps); what went out in this epoch; which units lead.
_WORK_ITEM: LiteralString = (
    "SELECT x.id, x.item_id, i.office_unit_id, x.epoch, x.escalate_at, x.opened_at, x.due_at, i.due_strength,"
    " CASE WHEN x.ladder_epoch = x.epoch THEN x.ladder_id ELSE"
    "  (SELECT f.policy_id FROM escalation_policy_in_force f WHERE f.subject_kind = 'work_item'"
    "   AND (f.list_id = i.list_id OR f.list_id IS NULL) AND (f.step = x.bpmn_id OR f.step IS NULL)"
    "   ORDER BY f.list_id IS NULL, f.step IS NULL LIMIT 1) END,"
    " x.ladder_epoch IS NOT DISTINCT FROM x.epoch,"
    " (SELECT json_object_agg(level, most) FROM (SELECT level, max(occurrence) AS most FROM escalation e"
    "  WHERE e.subject_id = x.id AND e.epoch = x.epoch AND e.level > 0 GROUP BY level) AS went_out),"
    " ARRAY(SELECT r.unit_id FROM responsibility r WHERE r.item_id = x.item_id AND r.role = 'lead'"
    "  AND r.unit_id IS NOT NULL AND (r.valid_to IS NULL OR r.valid_to > %(now)s) ORDER BY r.position),"
    " x.unit_id, x.role, x.bpmn_id, p.version_id, x.closed_at IS NOT NULL, x.paused_at IS NOT NULL, false"
    " FROM work_item x JOIN process_instance p ON p.id = x.instance_id JOIN item i ON i.id = x.item_id WHERE "
)
_ITEM: LiteralString = (
    "SELECT x.id, x.id, x.office_unit_id, x.epoch, x.escalate_at, coalesce(x.issued_at, x.created_at),"
    " coalesce(x.due_at, %(no_limit)s), x.due_strength,"
    " CASE WHEN x.ladder_epoch = x.epoch THEN x.ladder_id ELSE"
    "  (SELECT f.policy_id FROM escalation_policy_in_force f WHERE f.subject_kind = 'item'"
    "   AND (f.list_id = x.list_id OR f.list_id IS NULL) ORDER BY f.list_id IS NULL LIMIT 1) END,"
    " x.ladder_epoch IS NOT DISTINCT FROM x.epoch,"
    " (SELECT json_object_agg(level, most) FROM (SELECT level, max(occurrence) AS most FROM escalation e"
    "  WHERE e.subject_id = x.id AND e.epoch = x.epoch AND e.level > 0 GROUP BY level) AS went_out),"
    " ARRAY(SELECT r.unit_id FROM responsibility r WHERE r.item_id = x.id AND r.role = 'lead'"
    "  AND r.unit_id IS NOT NULL AND (r.valid_to IS NULL OR r.valid_to > %(now)s) ORDER BY r.position),"
    " NULL::uuid, NULL, NULL, NULL::integer,"
    # What a list taken over as history brought along had passed by then: nobody is urged about it.
    " x.issued_at IS NULL OR x.historical OR x.status = ANY(%(final)s),"
    " x.paused_at IS NOT NULL, x.status = ANY(%(under_way)s) FROM item x WHERE "
)
_STATEMENTS: Mapping[SubjectKind, LiteralString] = {SubjectKind.WORK_ITEM: _WORK_ITEM, SubjectKind.ITEM: _ITEM}
_PAUSES: LiteralString = "SELECT started_at, resumed_at FROM suspension WHERE item_id = %s AND resumed_at > %s"
ONE: LiteralString = "x.id = %(id)s"


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject. `over` has nothing more to climb for, `paused` stands still, `held` waits for somebody else's step.

    `unit_id`, `role` and `step` are those of a work item; an item speaks to its leads.
    """

    kind: SubjectKind
    id: UUID
    item_id: UUID
    office_unit_id: UUID
    epoch: int
    escalate_at: datetime | None
    clock: Clock
    policy_id: UUID | None
    armed: bool
    fired: Mapping[int, int]
    leads: tuple[UUID, ...]
    unit_id: UUID | None
    role: Role
    step: str | None
    version_id: int | None
    over: bool
    paused: bool
    held: bool

    @property
    def has_limit(self) -> bool:
        """Whether there is a limit to climb for."""
        return self.clock.due_at < NO_LIMIT

    @property
    def parties(self) -> tuple[UUID, ...]:
        """The units that are asked."""
        return self.leads if self.unit_id is None else (self.unit_id,)

    @property
    def units(self) -> set[UUID]:
        """Every unit whose people a level may go to."""
        return {self.office_unit_id, *self.parties, *self.leads}


def statement(kind: SubjectKind, condition: LiteralString = ONE) -> LiteralString:
    """The statement whose rows `subject_of` reads; the condition is on `x`, the work item or item."""
    return _STATEMENTS[kind] + condition


def parameters(now: datetime, **more: object) -> dict[str, object]:
    """The parameters of `statement`, with those of its condition."""
    return {
        "now": now,
        "no_limit": NO_LIMIT,
        "final": [status.value for status in FINAL],
        "under_way": [status.value for status in CLAIM_UNDER_WAY],
        **more,
    }


def subject_of(kind: SubjectKind, row: Sequence[Any]) -> Subject:
    """A row of `statement`."""
    id_, item_id, office, epoch, escalate_at, opened_at, due_at, strength, policy_id, armed, *rest = row
    fired, leads, unit_id, role, step, version_id, over, paused, held = rest
    return Subject(
        kind=kind,
        id=id_,
        item_id=item_id,
        office_unit_id=office,
        epoch=epoch,
        escalate_at=escalate_at,
        clock=Clock(opened_at, due_at, Strength(strength) if strength else None),
        policy_id=policy_id,
        armed=armed,
        fired={int(level): occurrence for level, occurrence in (fired or {}).items()},
        leads=tuple(leads),
        unit_id=unit_id,
        role=Role(role) if role else Role.LIAISON,
        step=step,
        version_id=version_id,
        over=bool(over),
        paused=paused,
        held=held,
    )


# A step whose limit is the item's own deadline climbs with the item, or everybody would be told twice.
_ITEM_DEADLINE = "item_deadline"


def policy_of(
    connection: psycopg.Connection[Any], session: Session, library: ProcessLibrary, subject: Subject
) -> Policy | None:
    """The version that the subject climbs or, before it was armed, would climb now; None where it does not climb."""
    if subject.policy_id is None:
        return None
    policy = policies(connection, [subject.policy_id]).get(subject.policy_id)
    if policy is None or subject.armed or subject.step is None or policy.step is not None:
        return policy
    assert subject.version_id is not None
    task = library.bundle(session, subject.version_id).user_tasks.get(subject.step)
    return None if task is not None and task.properties.get("limit") == _ITEM_DEADLINE else policy


def running_clock(
    connection: psycopg.Connection[Any], subject: Subject, policy: Policy, calendar: WorkCalendar
) -> Clock:
    """The subject's clock with its opening later by the working time for which its item was suspended since.

    A limit was moved when the clock went on; what counts from the opening has to be moved here.
    """
    clock = subject.clock
    if all(rung.base is Base.DUE for rung in policy.ladder.rungs):
        return clock
    pauses = connection.execute(_PAUSES, (subject.item_id, clock.opened_at)).fetchall()
    stood = sum((calendar.working_time(max(start, clock.opened_at), end) for start, end in pauses), start=timedelta(0))
    return replace(clock, opened_at=calendar.add_working_time(clock.opened_at, stood).at) if stood else clock


@dataclass(frozen=True, slots=True)
class Addressed:
    """Somebody a level goes to, and as what."""

    to: RungRole
    recipient: Recipient


def addressed(subject: Subject, to: Sequence[RungRole], desks: Mapping[UUID, Desk]) -> tuple[Addressed, ...]:
    """Whom a level of the subject goes to, each person once, by the first of `to` that they are.

    Never nobody while the office has anybody: a level whose people are all missing goes to the office.
    """
    found: dict[UUID, Addressed] = {}
    for role in to:
        for recipient in _holders(subject, role, desks):
            found.setdefault(recipient.person_id, Addressed(role, recipient))
    if not found:
        for recipient in _holders(subject, RungRole.OFFICE, desks):
            found.setdefault(recipient.person_id, Addressed(RungRole.OFFICE, recipient))
    return tuple(found.values())


def _holders(subject: Subject, to: RungRole, desks: Mapping[UUID, Desk]) -> list[Recipient]:
    office = _desk(desks, subject.office_unit_id)
    parties = [_desk(desks, unit_id) for unit_id in subject.parties]
    leads = [_desk(desks, unit_id) for unit_id in subject.leads]
    match to:
        case RungRole.ASSIGNEE:
            found = [receivers(desk, subject.role, office) for desk in parties]
        case RungRole.DEPUTY:
            found = [deputies(desk, subject.role) for desk in parties]
        case RungRole.UNIT_LEADER:
            found = [receivers(desk, Role.UNIT_LEADER, office) for desk in parties]
        case RungRole.LEAD_LEADER:
            found = [receivers(desk, Role.UNIT_LEADER, office) for desk in leads]
        case RungRole.OFFICE:
            found = [receivers(office, Role.OFFICE_STAFF, None)]
        case RungRole.OFFICE_HEAD:
            found = [receivers(office, Role.UNIT_LEADER, None)]
        case RungRole.CONVENER:
            found = [receivers(office, Role.CONVENER, None)]
    return [recipient for each in found for recipient in each]


def _desk(desks: Mapping[UUID, Desk], unit_id: UUID) -> Desk:
    return desks.get(unit_id) or Desk(unit_id)
