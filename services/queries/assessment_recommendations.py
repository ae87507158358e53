"""What an assessment's last meeting recommends, how each can be taken up, and what became of it since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ProcessInstance, Recommendation, ReplicationCase
from domain.assessment import STOPPING, RecommendationKind, TakenUpAs, ways
from domain.items import ItemStatus
from domain.labels import label
from domain.messages.replication import STATE_NAMES
from domain.replication_states import CaseState
from domain.urgency import last_day
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class Way:
    """One way to take a recommendation up. `stops` is whether it ends an issued item, for who may rule only."""

    way: str
    label: str
    stops: bool


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """What is recommended, and what became of it.

    `became_id` is the new item or case, or the item that is changed; `became_state` where that is today, of a change of
    the lead whether it was decided. `became_seen` is whether the reader may open it.
    """

    id: UUID
    position: int
    kind: str
    kind_label: str
    text: str
    unit: str
    task_id: UUID | None
    task_number: str
    ways: tuple[Way, ...]
    settled_at: datetime | None
    became_as: str | None
    became_label: str
    became_id: UUID | None
    became_number: str
    became_state: str
    became_due_on: date | None
    became_seen: bool
    document_number: str | None
    dropped_because: str | None


def recommendations(asked: Reading, assessment_id: UUID, names: Mapping[UUID, str]) -> tuple[RecommendationRow, ...]:
    """The recommendations that no later meeting has replaced, in order; `names` are those of the units."""
    rows = asked.session.exec(
        select(Recommendation)
        .where(Recommendation.assessment_id == assessment_id, col(Recommendation.superseded_at).is_(None))
        .order_by(col(Recommendation.position))
    ).all()
    concerned = {each for row in rows for each in (row.task_id, row.became_id) if each is not None}
    items = {item.id: item for item in asked.session.exec(select(Item).where(col(Item.id).in_(concerned)))}
    seen = set(asked.session.exec(select(Item.id).where(col(Item.id).in_(concerned), visible_items(asked.actor))))
    return tuple(_row(asked, row, items, seen, names) for row in rows)


def _row(
    asked: Reading, row: Recommendation, items: Mapping[UUID, Item], seen: set[UUID], names: Mapping[UUID, str]
) -> RecommendationRow:
    kind, became = RecommendationKind(row.kind), items[row.became_id] if row.became_id else None
    task = items[row.task_id] if row.task_id else None
    open_ways = ways(kind, about_item=task is not None) if row.settled_at is None else ()
    return RecommendationRow(
        id=row.id,
        position=row.position,
        kind=row.kind,
        kind_label=label(RecommendationKind, row.kind),
        text=row.text,
        unit=names[row.unit_id] if row.unit_id else "",
        task_id=row.task_id,
        task_number=task.number if task else "",
        ways=tuple(Way(each, label(TakenUpAs, each), each in STOPPING) for each in open_ways),
        settled_at=row.settled_at,
        became_as=row.became_as,
        became_label=label(TakenUpAs, row.became_as),
        became_id=row.became_id,
        became_number=became.number if became else "",
        became_state=_state(asked, row, became) if became else "",
        became_due_on=last_day(became.due_at) if became and became.due_at else None,
        became_seen=row.became_id in seen,
        document_number=row.document_number,
        dropped_because=row.dropped_because,
    )


def _state(asked: Reading, row: Recommendation, became: Item) -> str:
    if row.became_as == TakenUpAs.CASE:
        return STATE_NAMES[CaseState(asked.session.get_one(ReplicationCase, became.id).state)]
    if row.became_instance_id is not None:
        process = asked.session.get_one(ProcessInstance, row.became_instance_id)
        return label(ItemStatus, ItemStatus.SETTLED if process.ended_at else ItemStatus.UNDER_WAY)
    return label(ItemStatus, became.status)
