"""How a list's units report: its rhythm, the periods that were opened, and figures sent ahead of their signature."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, reference


class ReportRhythm(SQLModel, table=True):
    """The rule by which the rounds of a list are opened: `domain.rhythm.Rhythm` as JSON. What it was before stands in
    the audit.

    `next_at` is when the sweep has to look at the list again; null at the rhythm's end.
    """

    __tablename__ = "report_rhythm"

    list_id: UUID = Field(foreign_key="task_list.id", primary_key=True)
    set_by: UUID | None = None
    set_at: datetime = instant()
    next_at: datetime | None = instant(nullable=True, index=True)
    version: int = 1
    rule: dict[str, object] = json()


class ReportPeriod(SQLModel, table=True):
    """A period of a list that was opened. The rounds of one unit in it are its report sheet, if `sheet` says so.

    `as_of` is the instant whose state the reports tell. A round that was asked for late has a later limit of its own.
    """

    __tablename__ = "report_period"
    __table_args__ = (UniqueConstraint("list_id", "period"),)

    id: UUID = key()
    list_id: UUID = reference("task_list.id", index=False)
    as_of: datetime = instant()
    co_due_at: datetime = instant()
    due_at: datetime = instant()
    opened_at: datetime = instant()
    provisional: bool = False
    sheet: bool = True
    period: str


class PreliminaryReport(SQLModel, table=True):
    """Figures that a unit sent before its leader signed them. Append-only; void once the report is signed."""

    __tablename__ = "preliminary_report"

    id: UUID = key()
    round_id: UUID = reference("progress_round.id")
    work_item_id: UUID
    unit_id: UUID
    sent_by: UUID
    sent_at: datetime = instant()
    percent: int
    form: dict[str, object] = json()
