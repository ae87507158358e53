"""Arming the ladder, and firing what is due on it: each level once, however many schedulers look.

One subject is one transaction. The row of the work item or item is taken with SKIP LOCKED: whoever else holds it is
doing a step of it or is another scheduler, and the next sweep looks again. Nothing is waited for while it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlmodel import Session

from domain.calendar import NO_LIMIT
from domain.ladder import NOBODY_AGAIN_AFTER, Due, Policy, SubjectKind, look
from domain.permissions import Permission
from services.ladder_subjects import (
    Addressed,
    Subject,
    addressed,
    parameters,
    policy_of,
    running_clock,
    statement,
    subject_of,
)
from services.recipients import desks_query, read_desks
from services.unit_of_work import UnitOfWork

LOOK_AGAIN = timedelta(hours=12)
"""When a deadline is looked at again whose item is with somebody else: a claim may come back at any time."""

# An item that was issued with a deadline climbs by itself, from the first look on; a work item once it was handed over.
_FIND: dict[SubjectKind, LiteralString] = {
    SubjectKind.WORK_ITEM: "SELECT id FROM work_item WHERE escalate_at <= :now ORDER BY escalate_at LIMIT :limit",
    SubjectKind.ITEM: (
        "(SELECT id FROM item WHERE escalate_at <= :now ORDER BY escalate_at LIMIT :limit) UNION ALL"
        " (SELECT id FROM item WHERE ladder_epoch IS NULL AND escalate_at IS NULL AND paused_at IS NULL"
        "  AND issued_at IS NOT NULL AND due_at IS NOT NULL AND ended_at IS NULL ORDER BY issued_at LIMIT :limit)"
        " LIMIT :limit"
    ),
}
_NEXT: dict[SubjectKind, LiteralString] = {
    SubjectKind.WORK_ITEM: "SELECT min(escalate_at) FROM work_item WHERE escalate_at > :now",
    SubjectKind.ITEM: "SELECT min(escalate_at) FROM item WHERE escalate_at > :now",
}
_BACKLOG: dict[SubjectKind, LiteralString] = {
    SubjectKind.WORK_ITEM: "SELECT count(*), min(escalate_at) FROM work_item WHERE escalate_at <= :now",
    SubjectKind.ITEM: "SELECT count(*), min(escalate_at) FROM item WHERE escalate_at <= :now",
}
_CLAIM: dict[SubjectKind, LiteralString] = {
    SubjectKind.WORK_ITEM: "SELECT id FROM work_item WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED",
    SubjectKind.ITEM: "SELECT id FROM item WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED",
}
_SET: LiteralString = " SET escalate_at = %(next_at)s, ladder_id = %(policy_id)s, ladder_epoch = %(epoch)s WHERE id = "
_SETTLE: dict[SubjectKind, LiteralString] = {
    SubjectKind.WORK_ITEM: "UPDATE work_item" + _SET + "%(subject_id)s",
    SubjectKind.ITEM: "UPDATE item" + _SET + "%(subject_id)s",
}
# What is recorded already is neither recorded nor told again: that is what makes it happen once.
RECORD: LiteralString = (
    "WITH fired AS (INSERT INTO escalation (id, subject_kind, subject_id, epoch, level, occurrence, recipient_id,"
    " recipient_unit_id, item_id, kind, document, channels, due_at, planned_at, fired_at, policy_id, fired_by, facts)"
    " SELECT r.id, %(kind)s, %(subject_id)s, %(epoch)s, r.level, r.occurrence, r.recipient_id, r.recipient_unit_id,"
    " %(item_id)s, r.kind, r.document, r.channels, %(due_at)s, r.planned_at, %(now)s, %(policy_id)s, %(by)s, r.facts"
    " FROM jsonb_to_recordset(%(rows)s) AS r(id uuid, level smallint, occurrence integer, recipient_id uuid,"
    " recipient_unit_id uuid, kind text, document text, channels text[], planned_at timestamptz, facts jsonb)"
    " ON CONFLICT DO NOTHING RETURNING id)"
    " INSERT INTO delivery (topic, subject_id, created_at) SELECT 'escalation', id, %(now)s FROM fired"
)
_ARM: LiteralString = (
    "UPDATE work_item SET escalate_at = %s WHERE id = ANY(%s) AND closed_at IS NULL AND paused_at IS NULL"
    " AND due_at < %s AND escalate_at IS NULL AND ladder_epoch IS DISTINCT FROM epoch"
)


def arm(uow: UnitOfWork, work_item_ids: Sequence[UUID]) -> None:
    """Let the ladder look at these work items from now on: for the hand-over of what a step opened.

    The caller holds their rows. What is closed, paused, without a limit or was armed in this epoch stays as it is.
    """
    uow.write(_ARM, (uow.now, list(work_item_ids), NO_LIMIT))


def due_subjects(kind: SubjectKind, session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Ids of the subjects of that kind that have to be looked at by `now`, the longest waiting first."""
    return session.connection().execute(text(_FIND[kind]), {"now": now, "limit": limit}).scalars().all()


def next_look(kind: SubjectKind, session: Session, now: datetime) -> datetime | None:
    """When the next subject of that kind after `now` has to be looked at."""
    found: datetime | None = session.connection().execute(text(_NEXT[kind]), {"now": now}).scalar_one()
    return found


def due_backlog(kind: SubjectKind, session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many subjects of that kind wait to be looked at, and since when."""
    count, since = session.connection().execute(text(_BACKLOG[kind]), {"now": now}).one()
    return count, since


@dataclass(frozen=True, slots=True, kw_only=True)
class FireEscalation:
    """Look at one subject: record and send what is due on its ladder, and set when to look again.

    The first look after arming gives it the version of the policy that is in force then; it keeps that version for
    the epoch.
    """

    subject_kind: SubjectKind
    subject_id: UUID

    def execute(self, uow: UnitOfWork) -> int:
        """How many people were told; none when it is not due, or somebody else holds it."""
        uow.require(Permission.ESCALATION_FIRE)
        uow.about(self.subject_id)
        uow.audited = False
        kind = self.subject_kind
        claimed, rows = uow.read(
            (_CLAIM[kind], (self.subject_id,)),
            (statement(kind), parameters(uow.now, id=self.subject_id)),
        )
        if not claimed or not rows:
            return 0
        subject = subject_of(kind, rows[0])
        # Also where clocks differ: another scheduler has looked, and this one's clock is behind.
        if not _is_due(subject, uow.now):
            return 0
        policy = policy_of(uow.driver, uow.session, uow.library, subject)
        if policy is None or subject.over or subject.paused or not subject.has_limit:
            _settle(uow, subject, policy, None)
            return 0
        if subject.held:
            _settle(uow, subject, policy, uow.now + LOOK_AGAIN)
            return 0
        return self._climb(uow, subject, policy)

    def _climb(self, uow: UnitOfWork, subject: Subject, policy: Policy) -> int:
        calendar = uow.calendar.of(subject.parties[0] if subject.parties else None)
        clock = running_clock(uow.driver, subject, policy, calendar)
        found = look(policy.ladder, clock, subject.fired, uow.now, calendar)
        told: list[dict[str, object]] = []
        next_at = found.next_at
        if found.due:
            [people] = uow.read(desks_query(subject.units, uow.now))
            desks = read_desks(people)
            for due in found.due:
                who = addressed(subject, due.planned.rung.to, desks)
                told += [_row(due, each, uow.now) for each in who]
                if not who:
                    # It stays due: whoever is appointed is told then, and it is marked as late.
                    again = uow.now + NOBODY_AGAIN_AFTER
                    next_at = again if next_at is None else min(next_at, again)
        if told:
            uow.audited = True
            uow.write(RECORD, recorded(subject, told, uow, policy_id=policy.id))
        _settle(uow, subject, policy, next_at)
        return len(told)


def recorded(
    subject: Subject, rows: Sequence[dict[str, object]], uow: UnitOfWork, *, policy_id: UUID | None
) -> dict[str, object]:
    """The parameters of `RECORD`."""
    return {
        "kind": subject.kind.value,
        "subject_id": subject.id,
        "epoch": subject.epoch,
        "item_id": subject.item_id,
        "due_at": subject.clock.due_at if subject.has_limit else None,
        "now": uow.now,
        "policy_id": policy_id,
        "by": uow.actor.id,
        "rows": Jsonb(list(rows)),
    }


def escalation_row(who: Addressed, **values: object) -> dict[str, object]:
    """One person's row for `RECORD`; `values` are the columns that do not come from who it is."""
    recipient = who.recipient
    facts = {"to": who.to.value, "role": recipient.role.value, "standing": recipient.standing.value}
    given = values.pop("facts", {})
    assert isinstance(given, dict)
    return {
        "id": str(uuid4()),
        "recipient_id": str(recipient.person_id),
        "recipient_unit_id": str(recipient.unit_id),
        "facts": {**facts, **given},
        **values,
    }


def _row(due: Due, who: Addressed, now: datetime) -> dict[str, object]:
    planned, rung = due.planned, due.planned.rung
    facts: dict[str, object] = {}
    if due.late(now):
        facts["late"] = True
    if due.missed:
        facts["missed"] = due.missed
    return escalation_row(
        who,
        level=rung.level,
        occurrence=planned.occurrence,
        kind=rung.kind.value,
        document=rung.document.value if rung.document else None,
        channels=list(rung.channels),
        planned_at=planned.at.isoformat(),
        facts=facts,
    )


def _is_due(subject: Subject, now: datetime) -> bool:
    if subject.escalate_at is None:
        return subject.kind is SubjectKind.ITEM and not subject.armed and not subject.paused
    return subject.escalate_at <= now


def _settle(uow: UnitOfWork, subject: Subject, policy: Policy | None, next_at: datetime | None) -> None:
    uow.write(
        _SETTLE[subject.kind],
        {
            "next_at": next_at,
            "policy_id": policy.id if policy else None,
            "epoch": subject.epoch,
            "subject_id": subject.id,
        },
    )
