"""Sendings: claimed before they are sent, their answer recorded after, tried again, given up, sent again by a person.

What is sent goes out between two transactions: `BeginSending` claims it for a while and counts the attempt,
`RecordAttempt` says what was answered. A worker that dies in between leaves a claim that runs out, and the sending is
sent once more, under the same Message-ID: at least once, and recognisably so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from domain.calendar import local_date
from domain.delivery import LEASE, TO_MACHINES, Channel, Outcome, Preference, SendingState, Topic, next_try
from domain.delivery_errors import NotResendable
from domain.errors import NotFound
from domain.permissions import ActorKind, Permission
from services.policy_book import quiet_hours
from services.unit_of_work import UnitOfWork

BATCH = 500
"""Jobs of one transaction."""
_LONGEST_ANSWER = 500

# The job is looked up by a subquery of its own, not by a join: the table of jobs is empty one minute and long the next,
# and a plan made for an empty one compares every sending with every job.
_FIND: LiteralString = (
    "SELECT s.id FROM sending s WHERE s.state IN ('queued', 'deferred') AND s.next_try_at <= :now"
    " AND (s.claimed_until IS NULL OR s.claimed_until <= :now)"
    " AND (SELECT j.id FROM procrastinate_jobs j"
    "  WHERE j.queueing_lock = 'sending:' || s.id AND j.status = 'todo') IS NULL"
    " ORDER BY s.next_try_at, s.id LIMIT 1"
)
_NEXT: LiteralString = (
    "SELECT min(greatest(next_try_at, claimed_until)) FROM sending WHERE state IN ('queued', 'deferred')"
    " AND greatest(next_try_at, claimed_until) > :now"
)
_BACKLOG: LiteralString = (
    "SELECT count(*), min(next_try_at) FROM sending WHERE state IN ('queued', 'deferred') AND next_try_at <= :now"
    " AND (claimed_until IS NULL OR claimed_until <= :now)"
)
# The queue's own function, in our transaction: the jobs are there if and only if it commits.
_ENQUEUE: LiteralString = (
    "WITH due AS (SELECT s.id FROM sending s WHERE s.state IN ('queued', 'deferred') AND s.next_try_at <= %(now)s"
    " AND (s.claimed_until IS NULL OR s.claimed_until <= %(now)s) AND (SELECT j.id FROM procrastinate_jobs j"
    "  WHERE j.queueing_lock = 'sending:' || s.id AND j.status = 'todo') IS NULL"
    " ORDER BY s.next_try_at, s.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)"
    " SELECT coalesce(cardinality(procrastinate_defer_jobs_v1(array_agg(ROW('delivery', 'send', 0, NULL,"
    " 'sending:' || due.id, jsonb_build_object('sending_id', due.id), NULL)::procrastinate_job_to_defer_v1))), 0)"
    " FROM due HAVING count(*) > 0"
)
_FIND_STALLED: LiteralString = (
    "SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
    " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - interval '30 seconds') LIMIT 1"
)
# By the database's own clock, which the queue goes by. A job whose place was taken by a newer one is not needed.
_RETRY_STALLED: LiteralString = (
    "WITH stalled AS (SELECT j.id, j.queueing_lock FROM procrastinate_jobs j"
    " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
    " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - interval '30 seconds')"
    " ORDER BY j.id FOR UPDATE OF j SKIP LOCKED),"
    " again AS (SELECT DISTINCT ON (coalesce(queueing_lock, id::text)) id FROM stalled s WHERE NOT EXISTS ("
    "  SELECT FROM procrastinate_jobs t WHERE t.queueing_lock = s.queueing_lock AND t.status = 'todo')),"
    " gone AS (DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM stalled EXCEPT SELECT id FROM again))"
    " SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM again"
)
# Failed jobs prove nothing: the sending's own state says what is left to do.
_CLEAR: LiteralString = "DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')"

_CLAIM: LiteralString = (
    "SELECT s.channel, s.address, s.endpoint_id, s.recipient_id, s.topic, s.digest, s.attempts, s.message_id"
    " FROM sending s WHERE s.id = %s AND s.state IN ('queued', 'deferred') AND s.next_try_at <= %s"
    " AND (s.claimed_until IS NULL OR s.claimed_until <= %s) FOR NO KEY UPDATE SKIP LOCKED"
)
# A message asks for nothing any more when its step was done, or the item whose deadline it names has ended.
WHAT_IT_IS_ABOUT: LiteralString = (
    " LEFT JOIN escalation e ON m.subject_kind = 'escalation' AND e.id = m.subject_id"
    " LEFT JOIN work_item w ON w.id = CASE m.subject_kind WHEN 'work_item' THEN m.subject_id ELSE e.subject_id END"
    " LEFT JOIN item i ON e.subject_kind = 'item' AND i.id = e.subject_id"
)
OVERTAKEN: LiteralString = "(w.closed_at IS NOT NULL OR i.ended_at IS NOT NULL)"
_TOLD: LiteralString = (
    "SELECT m.id, m.topic, w.id, m.item_id, m.facts, m.created_at,"
    " CASE m.subject_kind WHEN 'document' THEN m.subject_id END, pol.quiet, "
)
_CARRIED: LiteralString = " FROM sending_message c JOIN message m ON m.id = c.message_id"
_BY_POLICY: LiteralString = (
    " LEFT JOIN escalation_policy pol ON pol.id = e.policy_id WHERE c.sending_id = %s ORDER BY m.created_at, m.id"
)
_READ_CARRIED: LiteralString = _TOLD + OVERTAKEN + _CARRIED + WHAT_IT_IS_ABOUT + _BY_POLICY
_READ_RECIPIENT: LiteralString = (
    "SELECT p.name, p.email, p.phone, p.disabled_at IS NULL AND EXISTS (SELECT FROM unit_member u"
    "   WHERE u.person_id = p.id AND u.valid_from <= %s AND (u.valid_to IS NULL OR u.valid_to >= %s)), f.digest_hour"
    " FROM person p LEFT JOIN message_preference f ON f.person_id = p.id WHERE p.id = %s"
)
_READ_ENDPOINT: LiteralString = "SELECT kind, name, url, secret, options, enabled FROM channel_endpoint WHERE id = %s"
_BEGIN: LiteralString = (
    "UPDATE sending SET attempts = %s, claimed_until = %s, message_id = %s, address = %s WHERE id = %s"
)
_HOLD: LiteralString = "UPDATE sending SET next_try_at = %s, claimed_until = NULL WHERE id = %s"
_END: LiteralString = (
    "UPDATE sending SET state = %s, next_try_at = coalesce(%s, next_try_at), claimed_until = NULL, last_answer = %s,"
    " ended_at = %s WHERE id = %s AND state IN ('queued', 'deferred')"
)
_ADD_ATTEMPT: LiteralString = (
    "INSERT INTO sending_attempt (sending_id, number, started_at, ended_at, channel, address, message_id, outcome,"
    " answer) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_READ_ENDING: LiteralString = (
    "SELECT channel, address, attempts, message_id, created_at, state FROM sending WHERE id = %s FOR NO KEY UPDATE"
)
_READ_DEAD: LiteralString = "SELECT office_unit_id, state FROM sending WHERE id = %s FOR NO KEY UPDATE"
_RESEND: LiteralString = (
    "UPDATE sending SET state = 'queued', next_try_at = %s, claimed_until = NULL, ended_at = NULL WHERE id = %s"
)


def due_sendings(session: Session, now: datetime, _limit: int) -> Sequence[UUID]:
    """The first sending that is due and not in the queue yet, if there is one: another one after each batch."""
    return session.connection().execute(text(_FIND), {"now": now}).scalars().all()


def sending_backlog(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many sendings are due, and since when."""
    count, since = session.connection().execute(text(_BACKLOG), {"now": now}).one()
    return count, since


def next_sending(session: Session, now: datetime) -> datetime | None:
    """When the next sending after `now` is due."""
    found: datetime | None = session.connection().execute(text(_NEXT), {"now": now}).scalar_one()
    return found


def stalled_jobs(session: Session, _now: datetime, _limit: int) -> Sequence[int]:
    """A job whose worker is gone, if there is one: a sign that stalled ones have to be taken up."""
    return session.connection().execute(text(_FIND_STALLED)).scalars().all()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueSendings:
    """Put due sendings into the job queue. Not done by the step: the queue notifies its workers, and that makes
    commits wait for each other. `BATCH` at a time.
    """

    def execute(self, uow: UnitOfWork) -> int:
        """How many jobs were made."""
        uow.require(Permission.MESSAGE_DELIVER)
        uow.audited = False
        [rows] = uow.read((_ENQUEUE, {"now": uow.now, "limit": BATCH}))
        return int(rows[0][0]) if rows else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStalledJobs:
    """Jobs that a dead worker had taken go back into the queue; what ended is cleared away."""

    def execute(self, uow: UnitOfWork) -> int:
        """How many went back."""
        uow.require(Permission.MESSAGE_DELIVER)
        uow.audited = False
        again, _ = uow.read((_RETRY_STALLED, ()), (_CLEAR + " RETURNING id", ()))
        return len(again)


@dataclass(frozen=True, slots=True)
class Carried:
    """One message of a sending, as it has to be worded. `work_item_id` is the step it asks for, also when the ladder
    of that step asks; `document_id` the document that it is about.
    """

    message_id: UUID
    topic: str
    work_item_id: UUID | None
    item_id: UUID | None
    facts: Mapping[str, Any]
    created_at: datetime
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """Where a webhook, robot or gateway is. `secret` is sealed."""

    kind: str
    name: str
    url: str
    secret: bytes | None = field(repr=False, default=None)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed sending with everything that is needed to send it. `now` is the instant of the claim."""

    sending_id: UUID
    number: int
    channel: Channel
    address: str
    recipient: str
    topic: str
    digest: bool
    message_id: str
    messages: tuple[Carried, ...]
    now: datetime
    endpoint: EndpointAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSending:
    """Claim a sending for one attempt. `host` is the right side of its Message-ID, given once and for all.

    In quiet hours it is put off to their end: also what was late, or is tried again.
    """

    sending_id: UUID
    host: str

    def execute(self, uow: UnitOfWork) -> Outgoing | None:
        """What to send; None when it is not due, somebody else is at it, or there is nothing left to say."""
        uow.require(Permission.MESSAGE_DELIVER)
        uow.audited = False
        [rows] = uow.read((_CLAIM, (self.sending_id, uow.now, uow.now)))
        if not rows:
            return None
        channel, address, endpoint_id, recipient_id, topic, digest, attempts, message_id = rows[0]
        today = local_date(uow.now)
        carried, people, endpoints = uow.read(
            (_READ_CARRIED, (self.sending_id,)),
            (_READ_RECIPIENT, (today, today, recipient_id)),
            (_READ_ENDPOINT, (endpoint_id,)),
        )
        left = [row[:-1] for row in carried if not row[-1]]
        messages = tuple(Carried(*row[:-1]) for row in left)
        name, reason, preference = "", None, Preference()
        if not messages:
            reason = "overtaken"
        if people:
            name, email, phone, holds, hour = people[0]
            preference = preference if hour is None else Preference(digest_hour=hour)
            address = _address_today(channel, address, email, phone)
            if not holds:
                reason = "left"
            elif not address:
                reason = "no_address"
        endpoint = EndpointAddress(*_endpoint(endpoints[0])) if endpoints else None
        if endpoint_id is not None and not endpoints[0][-1]:
            reason = "endpoint_off"
        if reason is not None:
            uow.write(_END, (SendingState.SKIPPED, None, reason, uow.now, self.sending_id))
            return None
        morning = _allowed([row[-1] for row in left], preference, uow)
        if morning > uow.now and channel not in TO_MACHINES and topic != Topic.ACCOUNT:
            uow.write(_HOLD, (morning, self.sending_id))
            return None
        message_id = message_id or f"<{self.sending_id}@{self.host}>"
        uow.write(_BEGIN, (attempts + 1, uow.now + LEASE, message_id, address, self.sending_id))
        return Outgoing(
            sending_id=self.sending_id,
            number=attempts + 1,
            channel=Channel(channel),
            address=address,
            recipient=name,
            topic=topic,
            digest=digest,
            message_id=message_id,
            messages=messages,
            now=uow.now,
            endpoint=endpoint,
        )


def _allowed(policies: Sequence[Mapping[str, Any] | None], preference: Preference, uow: UnitOfWork) -> datetime:
    """When the first of the messages may go out, by the hours of its policy, or by the person's."""
    hours = [preference.hours if policy is None else quiet_hours(policy) for policy in policies]
    return min(each.next_allowed(uow.now, uow.calendar) for each in hours)


def _address_today(channel: str, address: str, email: str, phone: str) -> str:
    """A person's address may have been corrected since the sending was written."""
    if channel == Channel.MAIL:
        return email.strip()
    return phone.strip() if channel == Channel.HTTP else address


def _endpoint(row: Sequence[Any]) -> tuple[Any, ...]:
    kind, name, url, secret, options, _ = row
    return kind, name, url, None if secret is None else bytes(secret), options


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttempt:
    """What came of an attempt. `started_at` is the instant of its claim, `answer` the other side's own words."""

    sending_id: UUID
    number: int
    started_at: datetime
    outcome: Outcome
    answer: str

    def execute(self, uow: UnitOfWork) -> SendingState:
        """The state the sending is in now."""
        uow.require(Permission.MESSAGE_DELIVER)
        uow.audited = False
        [rows] = uow.read((_READ_ENDING, (self.sending_id,)))
        if not rows:
            raise NotFound(f"sending {self.sending_id}")
        channel, address, attempts, message_id, created_at, state = rows[0]
        answer = " ".join(self.answer.replace("\x00", "").split())[:_LONGEST_ANSWER]
        log = (self.sending_id, self.number, self.started_at, uow.now, channel, address, message_id)
        uow.write(_ADD_ATTEMPT, (*log, self.outcome, answer))
        if state not in {SendingState.QUEUED, SendingState.DEFERRED}:
            return SendingState(state)
        if self.outcome is Outcome.ACCEPTED:
            # Also when the claim had run out: it was taken, and must not go out once more.
            uow.write(_END, (SendingState.SENT, None, answer, uow.now, self.sending_id))
            return SendingState.SENT
        if self.number != attempts:
            # Somebody else is at it: their answer decides.
            return SendingState(state)
        jitter = self.sending_id.int % 1009 / 1009
        wait = next_try(self.outcome, attempts=attempts, age=uow.now - created_at, jitter=jitter)
        after = SendingState.DEAD if wait is None else SendingState.DEFERRED
        again, ended = (None, uow.now) if wait is None else (uow.now + wait, None)
        uow.write(_END, (after, again, answer, ended, self.sending_id))
        return after


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """A person sends again what was given up, or tries at once what waits for its next attempt."""

    sending_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, NotResendable for what was sent or was overtaken."""
        uow.about(self.sending_id)
        [rows] = uow.read((_READ_DEAD, (self.sending_id,)))
        if not rows:
            uow.require(Permission.DELIVERY_RESEND)
            raise NotFound(f"sending {self.sending_id}")
        office_unit_id, state = rows[0]
        if uow.actor.kind is ActorKind.PERSON and office_unit_id is not None:
            uow.require(Permission.DELIVERY_RESEND, unit_id=office_unit_id)
        else:
            uow.require(Permission.DELIVERY_RESEND)
        if state not in {SendingState.DEAD, SendingState.DEFERRED}:
            raise NotResendable(str(self.sending_id), state=state)
        uow.write(_RESEND, (uow.now, self.sending_id))
