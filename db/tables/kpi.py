"""KPI targets with their bases, readings, which have two times, requests for those, and the items that serve them."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
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
    # Who reports the figures, how often (`domain.kpi_reporting.KpiRhythm`), and from which day on periods count.
    unit_id: UUID | None = reference("unit.id", nullable=True)
    rhythm: str | None = None
    reported_since: date | None = None
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
    # The request that a unit answered with it; null for what the office entered.
    request_item_id: UUID | None = reference("kpi_request.item_id", nullable=True)
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class KpiRequest(SQLModel, table=True):
    """A unit is asked for a target's figure of `last_on`; the matter with the process `kpi_reading` is about it.

    `first_on` is null for a day asked by hand, `asked_by` where the clock asked. The answer is the newest one that the
    unit gave; what it gave before stands with its steps. `outcome` is a `domain.kpi_reporting.KpiRequestEnd`.
    """

    __tablename__ = "kpi_request"
    __table_args__ = (
        # One request for a day, except that one which was withdrawn may be asked again.
        Index(
            "uq_kpi_request_day",
            "target_id",
            "last_on",
            unique=True,
            postgresql_where=text("outcome IS DISTINCT FROM 'cancelled'"),
        ),
    )

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    target_id: UUID = reference("kpi_target.id")
    unit_id: UUID = reference("unit.id", index=False)
    period: str
    first_on: date | None = None
    last_on: date
    asked_at: datetime = instant()
    asked_by: UUID | None = None
    answer: str | None = None
    value: float | None = None
    as_of: date | None = None
    said: str | None = words(nullable=True)
    answered_by: UUID | None = None
    answered_at: datetime | None = instant(nullable=True)
    outcome: str | None = None
    ended_at: datetime | None = instant(nullable=True)
    ended_because: str | None = words(nullable=True)


class KpiItem(SQLModel, table=True):
    """An item that serves a target."""

    __tablename__ = "kpi_item"

    target_id: UUID = Field(primary_key=True, foreign_key="kpi_target.id")
    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    linked_by: UUID | None = None
    linked_at: datetime = instant()
