"""KPI targets with their bases and readings, which have two times, and the items that serve them."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, reference, serial, words


class KpiTarget(SQLModel, table=True):
    """What a plan wants to reach by a day. `item_id` is the row of the imported document that prints it, if there is
    one; `kind` a `domain.kpi.KpiKind`; `base_on` the day from which is counted.
    """

    __tablename__ = "kpi_target"

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id")
    item_id: UUID | None = reference("item.id", nullable=True)
    parent_id: UUID | None = reference("kpi_target.id", nullable=True, index=False)
    name: str = words()
    kind: str
    target: float
    unit: str
    base_on: date
    target_on: date
    strength: str | None = None
    source: str = words()
    created_at: datetime = instant()
    created_by: UUID | None = None
    retired_at: datetime | None = instant(nullable=True)


class KpiBase(SQLModel, table=True):
    """The value that a target counts or grows from. Append-only; the newest row known at a moment counts."""

    __tablename__ = "kpi_base"

    id: int | None = serial()
    target_id: UUID = reference("kpi_target.id")
    value: float
    source: str = words()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class KpiReading(SQLModel, table=True):
    """A figure that is true of `as_of` and known since `recorded_at`. Append-only; a correction is a later row."""

    __tablename__ = "kpi_reading"
    __table_args__ = (Index("ix_kpi_reading_target", "target_id", "as_of"),)

    id: int | None = serial()
    target_id: UUID = reference("kpi_target.id", index=False)
    as_of: date
    value: float
    source: str = words()
    evidence_ids: list[str] = json(list)
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class KpiItem(SQLModel, table=True):
    """An item that serves a target."""

    __tablename__ = "kpi_item"

    target_id: UUID = Field(primary_key=True, foreign_key="kpi_target.id")
    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    linked_by: UUID | None = None
    linked_at: datetime = instant()
