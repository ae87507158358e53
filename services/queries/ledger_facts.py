"""What stands around items, read for a page of them at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, func, select

from db.tables import Item, ItemDeadline, ProcessInstance, ProgressRound, Responsibility, Unit, WorkItem
from domain.answers import Answers
from domain.calendar import local_date
from domain.items import FINAL
from domain.permissions import BUSINESS
from services.answers import answers_of
from services.queries.among import among
from services.queries.preliminary import preliminary_of_items
from services.queries.reading import Reading
from services.queries.steps import step_label
from services.visibility import OFFICE_ROLES


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has to act now: a unit, in a step of a process instance, since then."""

    work_item_id: UUID
    instance_id: UUID
    unit_id: UUID
    unit: str
    bpmn_id: str
    step: str
    role: str
    since: datetime


@dataclass(slots=True)
class Facts:
    """By item id: (role, name) of the parts held now, printed deadline phrases, who holds it, (percent, date) of the
    last accepted report, percent of an unsigned one, (number, ended) of members.
    """

    parts: dict[UUID, list[tuple[str, str]]] = field(default_factory=dict)
    phrases: dict[UUID, list[str]] = field(default_factory=dict)
    holders: dict[UUID, tuple[Holder, ...]] = field(default_factory=dict)
    progress: dict[UUID, tuple[int | None, date | None]] = field(default_factory=dict)
    unsigned: dict[UUID, int] = field(default_factory=dict)
    members: dict[UUID, tuple[int, int]] = field(default_factory=dict)


def facts_of(reading: Reading, item_ids: Sequence[UUID]) -> Facts:
    """The facts of these items, which the caller has found visible."""
    if not item_ids:
        return Facts()
    return Facts(
        parts=_parts(reading, item_ids),
        phrases=_phrases(reading, item_ids),
        holders=holders_of(reading, item_ids),
        progress=_progress(reading, item_ids),
        unsigned={id_: sent.percent for id_, sent in preliminary_of_items(reading, item_ids).items()},
        members=_members(reading, item_ids),
    )


def holders_of(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, tuple[Holder, ...]]:
    """Who has to act now, by item; the longest waiting first. Units that are each asked about itself do not see each
    other's steps.
    """
    statement = (
        select(WorkItem, Unit.short_name, ProcessInstance.version_id)
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        # Through the instance: that is where an index leads from an item to its work.
        .where(among(col(ProcessInstance.item_id), item_ids), col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.opened_at), col(Unit.sort_order), col(WorkItem.id))
    )
    held: dict[UUID, list[Holder]] = defaultdict(list)
    own, offices = reading.actor.units_as(*BUSINESS), reading.actor.units_as(*OFFICE_ROLES)
    for work, unit, version_id in reading.session.exec(statement):
        bundle = reading.library.bundle(reading.session, version_id)
        if answers_of(bundle, work.bpmn_id) is Answers.OWN and not (
            work.unit_id in own or work.unit_id == work.office_unit_id or work.office_unit_id in offices
        ):
            continue
        step = step_label(bundle, work.bpmn_id)
        held[work.item_id].append(
            Holder(work.id, work.instance_id, work.unit_id, unit, work.bpmn_id, step, work.role, work.opened_at)
        )
    return {item_id: tuple(holders) for item_id, holders in held.items()}


def _parts(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    statement = (
        select(Responsibility.item_id, Responsibility.role, func.coalesce(Unit.short_name, Responsibility.printed))
        .outerjoin(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(among(col(Responsibility.item_id), item_ids), col(Responsibility.valid_to).is_(None))
        .order_by(col(Responsibility.position), col(Responsibility.id))
    )
    parts: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for item_id, role, name in reading.session.exec(statement):
        parts[item_id].append((role, name))
    return parts


def _phrases(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    statement = (
        select(ItemDeadline.item_id, ItemDeadline.phrase)
        .where(among(col(ItemDeadline.item_id), item_ids), ItemDeadline.applies_to == "row")
        .where(col(ItemDeadline.replaced_at).is_(None))
        .order_by(col(ItemDeadline.position))
    )
    phrases: dict[UUID, list[str]] = defaultdict(list)
    for item_id, phrase in reading.session.exec(statement):
        phrases[item_id].append(phrase)
    return phrases


def _progress(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, tuple[int | None, date | None]]:
    statement = (
        select(ProgressRound.item_id, ProgressRound.percent, ProcessInstance.ended_at)
        .join(ProcessInstance, col(ProcessInstance.id) == col(ProgressRound.instance_id))
        .where(among(col(ProgressRound.item_id), item_ids), ProgressRound.outcome == "accepted")
        .order_by(col(ProgressRound.item_id), col(ProcessInstance.ended_at).desc())
        .ext(distinct_on(col(ProgressRound.item_id)))
    )
    return {
        item_id: (percent, local_date(ended_at) if ended_at else None)
        for item_id, percent, ended_at in reading.session.exec(statement)
    }


def _members(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    ended = func.count().filter(col(Item.status).in_([status.value for status in FINAL]))
    statement = (
        select(Item.parent_id, func.count(), ended)
        .where(among(col(Item.parent_id), item_ids))
        .group_by(col(Item.parent_id))
    )
    return {parent: (total, done) for parent, total, done in reading.session.exec(statement) if parent is not None}
