"""Urging by hand: the office asks again, in its own words. Counted, and told in the item's story."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import LiteralString
from uuid import UUID, uuid4

from sqlmodel import col, select

from db.tables import Item, WorkItem
from domain.calendar import CalendarUnit
from domain.errors import NotFound
from domain.escalation_errors import NobodyToUrge, UrgedRecently, UrgeWithoutWords
from domain.labels import LISTING
from domain.ladder import BY_HAND, EscalationDocument, EscalationKind, RungRole, SubjectKind
from domain.permissions import Actor, Permission
from services.batches import Outcome, each
from services.executor import Executor, RequestInfo
from services.ladder import RECORD, escalation_row, recorded
from services.ladder_subjects import Addressed, Subject, addressed, parameters, statement, subject_of
from services.recipients import desks_query, read_desks
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

AGAIN_AFTER = (1, CalendarUnit.WORKING_DAYS)
"""How soon the same person may be urged again without saying that it is meant."""
ALL_CHANNELS = ("mail", "robot", "sms")

_OF_WORK_ITEM: LiteralString = "x.id = %(id)s AND x.closed_at IS NULL"
_OF_ITEM: LiteralString = "x.item_id = %(id)s AND x.closed_at IS NULL ORDER BY x.opened_at, x.id"
# One office at a time: two clerks who urge the same people at once are one after the other.
_ONE_AT_A_TIME: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 3))"
_LATELY: LiteralString = (
    "SELECT e.recipient_id, p.name, max(e.fired_at) FROM escalation e JOIN item i ON i.id = e.item_id"
    " JOIN person p ON p.id = e.recipient_id WHERE e.level = 0 AND e.recipient_id = ANY(%(people)s)"
    " AND e.fired_at > %(since)s AND i.office_unit_id = %(office)s"
    " AND e.facts->>'batch' IS DISTINCT FROM %(batch)s GROUP BY e.recipient_id, p.name ORDER BY p.name"
)
_COUNTED: LiteralString = (
    "SELECT subject_id, max(occurrence) FROM escalation WHERE level = 0 AND subject_id = ANY(%s) GROUP BY subject_id"
)


@dataclass(frozen=True, slots=True)
class Urged:
    """Who was urged, and who was left out because this office urged them within a working day."""

    people: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge:
    """Urge whoever has to act: on one work item, or on everything of an item that waits for a unit.

    Who was urged by this office within a working day is left out unless `confirmed`. `batch` names an act over many
    subjects, in which the same person may be told of each. `with_leader` tells the unit's leader too.
    """

    words: str
    work_item_id: UUID | None = None
    item_id: UUID | None = None
    with_leader: bool = False
    confirmed: bool = False
    batch: UUID | None = field(default=None, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> Urged:
        """Raises NotFound, PermissionDenied, UrgeWithoutWords, NobodyToUrge, UrgedRecently when everybody
        would be left out.
        """
        target = self.work_item_id or self.item_id
        assert target is not None, "urge a work item or an item"
        uow.about(target)
        office = self._office(uow, target)
        if not self.words.strip():
            raise UrgeWithoutWords
        condition = _OF_WORK_ITEM if self.work_item_id else _OF_ITEM
        kind = SubjectKind.WORK_ITEM
        _, rows = uow.read(
            (_ONE_AT_A_TIME, (str(office),)), (statement(kind, condition), parameters(uow.now, id=target))
        )
        # The office does not urge itself: what waits for it is on its own work list.
        found = [subject_of(kind, row) for row in rows]
        subjects = [s for s in found if not s.paused and s.unit_id != s.office_unit_id]
        if not subjects:
            raise NobodyToUrge(str(target))
        told = self.addressed(uow, subjects)
        lately = {} if self.confirmed else self._lately(uow, office, told)
        wanted = {s.id: [a for a in told[s.id] if a.recipient.person_id not in lately] for s in subjects}
        if not any(wanted.values()):
            raise UrgedRecently(str(target), people=LISTING.join(lately.values())) if lately else NobodyToUrge("")
        self._record(uow, subjects, wanted)
        names = [a.recipient.name for people in wanted.values() for a in people]
        return Urged(tuple(dict.fromkeys(names)), tuple(lately.values()))

    def _office(self, uow: UnitOfWork, target: UUID) -> UUID:
        statement = select(Item.office_unit_id)
        if self.work_item_id is not None:
            statement = statement.join(WorkItem, col(WorkItem.item_id) == col(Item.id)).where(WorkItem.id == target)
        else:
            statement = statement.where(Item.id == target)
        office = uow.session.exec(statement).one_or_none()
        if office is None or office not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(str(target))
        uow.require(Permission.ESCALATION_URGE, unit_id=office)
        return office

    def addressed(self, uow: UnitOfWork, subjects: Sequence[Subject]) -> Mapping[UUID, Sequence[Addressed]]:
        """Whom to tell about each subject."""
        units = {unit_id for subject in subjects for unit_id in subject.units}
        [people] = uow.read(desks_query(units, uow.now))
        desks = read_desks(people)
        to = (RungRole.ASSIGNEE, RungRole.UNIT_LEADER) if self.with_leader else (RungRole.ASSIGNEE,)
        return {subject.id: addressed(subject, to, desks) for subject in subjects}

    def _lately(self, uow: UnitOfWork, office: UUID, told: Mapping[UUID, Sequence[Addressed]]) -> dict[UUID, str]:
        people = sorted({a.recipient.person_id for each in told.values() for a in each})
        since = _a_working_day_before(uow)
        batch = str(self.batch) if self.batch else ""
        values = {"people": people, "since": since, "office": office, "batch": batch}
        [rows] = uow.read((_LATELY, values))
        return {person_id: name for person_id, name, _ in rows}

    def _record(self, uow: UnitOfWork, subjects: Sequence[Subject], wanted: Mapping[UUID, Sequence[Addressed]]) -> None:
        facts: dict[str, object] = {"words": self.words.strip(), "by": uow.actor.name}
        if self.batch is not None:
            facts["batch"] = str(self.batch)
        record_urge(uow, subjects, wanted, EscalationDocument.URGE_NOTICE, facts)


def prepare_word(uow: UnitOfWork, item_id: UUID) -> Callable[[str, EscalationDocument, Mapping[str, object]], None]:
    """Get ready to tell everybody for whom something of the item waits, and their leaders, of a document.

    What is waited for and read is done now, so that the caller may take its document's number afterwards; calling the
    result with the words, the document and its facts writes. Nobody being there is no fault: the paper is issued.
    """
    urge = Urge(words="", item_id=item_id, with_leader=True)
    office = uow.session.exec(select(Item.office_unit_id).where(Item.id == item_id)).one()
    kind = SubjectKind.WORK_ITEM
    _, rows = uow.read((_ONE_AT_A_TIME, (str(office),)), (statement(kind, _OF_ITEM), parameters(uow.now, id=item_id)))
    found = [subject_of(kind, row) for row in rows]
    subjects = [s for s in found if not s.paused and s.unit_id != s.office_unit_id]
    told = urge.addressed(uow, subjects) if subjects else {}

    def say(words: str, document: EscalationDocument, facts: Mapping[str, object]) -> None:
        record_urge(uow, subjects, told, document, {"words": words, "by": uow.actor.name, **facts})

    return say


def record_urge(
    uow: UnitOfWork,
    subjects: Sequence[Subject],
    wanted: Mapping[UUID, Sequence[Addressed]],
    document: EscalationDocument,
    facts: dict[str, object],
) -> None:
    """Write what the office said by hand to these people, counted on for each subject."""
    [rows] = uow.read((_COUNTED, ([subject.id for subject in subjects],)))
    counted = dict(rows)
    for subject in subjects:
        values = [
            escalation_row(
                who,
                level=BY_HAND,
                occurrence=counted.get(subject.id, 0) + 1,
                kind=EscalationKind.URGE.value,
                document=document.value,
                channels=list(ALL_CHANNELS),
                planned_at=uow.now.isoformat(),
                facts=facts,
            )
            for who in wanted[subject.id]
        ]
        if values:
            uow.write(RECORD, recorded(subject, values, uow, policy_id=None))


def _a_working_day_before(uow: UnitOfWork) -> datetime:
    amount, unit = AGAIN_AFTER
    return uow.calendar.shift(uow.now, -amount, unit).at


def urge_all(
    executor: Executor,
    work_item_ids: Iterable[UUID],
    words: str,
    *,
    actor: Actor,
    request: RequestInfo,
    with_leader: bool = False,
    confirmed: bool = False,
) -> Iterable[Outcome[Urged]]:
    """Urge on each of these work items as one act: the same person hears of all of theirs."""
    batch = request.key or uuid4()
    commands = [
        (id_, Urge(work_item_id=id_, words=words, with_leader=with_leader, confirmed=confirmed, batch=batch))
        for id_ in work_item_ids
    ]
    return each(executor, commands, actor=actor, request=request)
