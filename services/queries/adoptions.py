"""Who takes up which case of 复制推广: units by cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import sqlalchemy
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Adoption, Item, ReplicationBatchEntry, Unit
from domain.calendar import local_date
from domain.items import ItemKind
from domain.messages.replication import ADOPTION_NAMES
from domain.replication_states import AdoptionState
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """A unit and what it makes of a case."""

    item_id: UUID
    case_id: UUID
    case_number: str
    case_title: str
    unit_id: UUID
    unit: str
    state: str
    state_label: str
    answer: str | None
    said: str
    planned_on: date | None
    answered_at: datetime | None
    settled_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Units (rows, in the registry's order) by cases (columns, by number); a cell is missing where nothing is asked."""

    cases: tuple[tuple[UUID, str, str], ...]
    units: tuple[tuple[UUID, str], ...]
    cells: Mapping[tuple[UUID, UUID], AdoptionRow] = field(default_factory=dict)
    left_out: int = 0
    """How many older cases were not asked for."""

    def settled(self, unit_id: UUID | None = None) -> tuple[int, int]:
        """How many of the unit's cases are settled, and how many it is asked for; of all units without one.

        What ended with its case was settled by nobody, and nobody is asked for it any more.
        """
        own = [cell for (unit, _), cell in self.cells.items() if unit_id in (None, unit)]
        asked = [cell for cell in own if cell.state != AdoptionState.CANCELLED]
        return sum(cell.settled_at is not None for cell in asked), len(asked)


def adoptions_of(
    reading: Reading, case_ids: Sequence[UUID] | None = None, *, visible: bool = False
) -> list[AdoptionRow]:
    """The adoptions of these cases, of all if None; only those that the actor sees if `visible`, else the caller has
    found the cases visible. By case, then in the registry's order.
    """
    case = aliased(Item)
    statement = (
        sqlalchemy.select(Adoption, col(case.number), col(case.text), col(Unit.short_name))
        .join(case, col(case.id) == col(Adoption.case_item_id))
        .join(Unit, col(Unit.id) == col(Adoption.unit_id))
        .order_by(col(case.created_at), col(case.id), col(Unit.sort_order), col(Unit.short_name))
    )
    if case_ids is not None:
        statement = statement.where(col(Adoption.case_item_id).in_(case_ids))
    if visible:
        seen = select(Item.id).where(visible_items(reading.actor), Item.kind == ItemKind.ADOPTION)
        statement = statement.where(col(Adoption.item_id).in_(seen))
    today = local_date(reading.now)
    return [
        AdoptionRow(
            item_id=row.item_id,
            case_id=row.case_item_id,
            case_number=number,
            case_title=title,
            unit_id=row.unit_id,
            unit=name,
            state=row.state,
            state_label=ADOPTION_NAMES[row.state],
            answer=row.answer,
            said=row.said,
            planned_on=row.planned_on,
            answered_at=row.answered_at,
            settled_at=row.settled_at,
            late=row.state == AdoptionState.CARRYING_OUT and row.planned_on is not None and row.planned_on < today,
        )
        for row, number, title, name in reading.session.execute(statement)
    ]


def _newest_first(reading: Reading, unit_id: UUID | None) -> Sequence[UUID]:
    """The cases that the actor sees taken up, by that unit if one is named."""
    case = aliased(Item)
    seen = select(Item.id).where(visible_items(reading.actor), Item.kind == ItemKind.ADOPTION)
    statement = (
        select(case.id)
        .join(Adoption, col(Adoption.case_item_id) == col(case.id))
        .where(col(Adoption.item_id).in_(seen))
        .group_by(col(case.id))
        .order_by(col(case.created_at).desc(), col(case.id).desc())
    )
    if unit_id is not None:
        statement = statement.where(col(Adoption.unit_id) == unit_id)
    return reading.session.exec(statement).all()


def adoption_matrix(
    reading: Reading, *, batch_id: UUID | None = None, unit_id: UUID | None = None, newest: int | None = None
) -> Matrix:
    """Who takes up what: all the adoptions that the actor sees, or those of one batch, or of one unit; of the `newest`
    so many cases, if there are more.
    """
    case_ids, left_out = None, 0
    if batch_id is not None:
        entries = select(ReplicationBatchEntry.item_id).where(ReplicationBatchEntry.batch_id == batch_id)
        case_ids = reading.session.exec(entries).all()
    elif newest is not None:
        case_ids = _newest_first(reading, unit_id)
        case_ids, left_out = case_ids[:newest], max(0, len(case_ids) - newest)
    rows = [r for r in adoptions_of(reading, case_ids, visible=True) if unit_id in (None, r.unit_id)]
    columns = {row.case_id: (row.case_id, row.case_number, row.case_title) for row in rows}
    order = dict(
        reading.session.exec(
            select(Unit.id, Unit.sort_order).where(col(Unit.id).in_({row.unit_id for row in rows}))
        ).all()
    )
    units = sorted({(row.unit_id, row.unit) for row in rows}, key=lambda unit: (order[unit[0]], unit[1]))
    return Matrix(tuple(columns.values()), tuple(units), {(row.unit_id, row.case_id): row for row in rows}, left_out)
