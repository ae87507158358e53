"""What an expert has scored, and where they withdrew. What waits for them is open work as any other."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ReplicationScore, Unit
from domain.permissions import Role
from domain.replication import Score
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class GivenScore:
    """One case that a unit's expert has judged; `total` is None where the expert withdrew."""

    item_id: UUID
    number: str
    title: str
    unit: str
    recused: bool
    total: Decimal | None
    opinion: str
    scored_at: datetime


def given_scores(reading: Reading, *, limit: int = 100) -> tuple[GivenScore, ...]:
    """The scores of the units for which the actor assesses, the newest first."""
    units = reading.actor.units_as(Role.ASSESSOR)
    if not units:
        return ()
    rows = reading.session.exec(
        select(ReplicationScore, Item.number, Item.text, Unit.short_name)
        .join(Item, col(Item.id) == col(ReplicationScore.item_id))
        .join(Unit, col(Unit.id) == col(ReplicationScore.unit_id))
        .where(col(ReplicationScore.unit_id).in_(units))
        .order_by(col(ReplicationScore.scored_at).desc(), col(ReplicationScore.item_id))
        .limit(limit)
    )
    return tuple(
        GivenScore(row.item_id, number, title, unit, row.recused, _total(row), row.opinion, row.scored_at)
        for row, number, title, unit in rows
    )


def _total(row: ReplicationScore) -> Decimal | None:
    if row.recused:
        return None
    return Score(row.innovation or 0, row.effect or 0, row.replicability or 0, row.risk or 0).total()
