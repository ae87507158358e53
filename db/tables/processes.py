"""Process versions and instances, the index of what is open, and the log of what happened."""

from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import (
    binary,
    datetime,
    instant,
    json_or_null,
    key,
    reference,
    small_number,
    small_number_or_null,
    words,
)


class ProcessVersion(SQLModel, table=True):
    """A published, immutable bundle."""

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    version: int
    digest: bytes = Field(unique=True)
    published_at: datetime = instant()
    published_by: UUID | None = None


class ProcessFile(SQLModel, table=True):
    """One file of a bundle."""

    __tablename__ = "process_file"

    version_id: int = Field(foreign_key="process_version.id", primary_key=True)
    path: str = Field(primary_key=True)
    content: bytes = binary()


class ProcessInstance(SQLModel, table=True):
    """A running process of an item. `state` is the engine's, in our codec; null once the instance has ended,
    because the activity log tells the story and a finished state is never run again.
    """

    __tablename__ = "process_instance"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    root_item_id: UUID = reference("item.id", index=False)
    version_id: int = reference("process_version.id", index=False)
    key: str
    period: str | None = None
    rev: int = 0
    state: bytes | None = binary(nullable=True)
    # The step that a return under way comes straight back to.
    resume_at: str | None = None
    outcome: str | None = None
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class WorkItem(SQLModel, table=True):
    """One party's part of an open BPMN user task. Closed rows stay: they are the list of work done, and who decided
    what for which unit and when.

    `due_at` is `domain.calendar.NO_LIMIT` where there is no limit, so that one index serves the work list's order.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        # One column each, on purpose: equal keys are stored once, and an instance or a person has few rows to sort.
        Index("ix_work_item_instance", "instance_id"),
        Index("ix_work_item_open_unit", "unit_id", "role", "due_at", "id", postgresql_where=sql("closed_at IS NULL")),
        Index("ix_work_item_open_office", "office_unit_id", "due_at", "id", postgresql_where=sql("closed_at IS NULL")),
        # Counts of an office's open work by kind and limit, without the table and in this very order.
        Index(
            "ix_work_item_open_kind", "office_unit_id", "bpmn_id", "due_at", postgresql_where=sql("closed_at IS NULL")
        ),
        Index("ix_work_item_done_by", "closed_by", postgresql_where=sql("closed_as = 'done'")),
        # Empty of new rows: the hand-over of a work item's delivery arms it, not the step.
        Index("ix_work_item_escalate", "escalate_at", postgresql_where=sql("escalate_at IS NOT NULL")),
    )

    # Wide columns first: PostgreSQL pads each to its alignment, and this table grows with every signature.
    id: UUID = key()
    instance_id: UUID = reference("process_instance.id", index=False)
    # No foreign keys on what the instance already vouches for: each would cost a look-up per step.
    item_id: UUID
    task_id: UUID
    unit_id: UUID
    # Only while it is open: it serves the index of the office's open work.
    office_unit_id: UUID | None = None
    closed_by: UUID | None = None
    opened_at: datetime = instant()
    due_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    # As on `item`: when the escalation ladder looks at it again, and since when its clock stands still.
    escalate_at: datetime | None = instant(nullable=True)
    paused_at: datetime | None = instant(nullable=True)
    # The policy version that this epoch climbs, given when it was armed.
    ladder_id: UUID | None = None
    weight: float | None = None
    version: int = 1
    epoch: int = small_number()
    ladder_epoch: int | None = small_number_or_null()
    provisional: bool = False
    bpmn_id: str
    role: str
    decision: str | None = None
    # `done` by a person, `superseded` when the step was decided without this party, `cancelled` with its step.
    closed_as: str | None = None


class Submission(SQLModel, table=True):
    """What a person handed in with a work item. Who, for which unit, when and with which decision stands there;
    this is the rest, and there is no row when there is nothing to add.
    """

    __tablename__ = "submission"

    work_item_id: UUID = Field(foreign_key="work_item.id", primary_key=True)
    reason_code: str | None = None
    return_to: str | None = None
    opinion: str | None = words(nullable=True)
    form: dict[str, object] | None = json_or_null()


class ProcessTimer(SQLModel, table=True):
    """A BPMN timer that waits."""

    __tablename__ = "process_timer"

    task_id: UUID = Field(primary_key=True)
    instance_id: UUID = reference("process_instance.id")
    bpmn_id: str
    due_at: datetime = instant(index=True)


class EventWait(SQLModel, table=True):
    """A message or signal that an instance waits for; an event-based gateway waits for several at once."""

    __tablename__ = "event_wait"

    task_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True)
    instance_id: UUID = reference("process_instance.id")
    bpmn_id: str
    kind: str


class ActivityLog(SQLModel, table=True):
    """What the engine did in one step of an instance. Append-only: the application cannot change or delete a row.

    `entries` is the step's log in the form of `services.activity`. One row per step, not per element: the row's
    overhead would be larger than what it says. Who did it stands in the work item that the step closed.
    """

    __tablename__ = "activity_log"

    # No foreign key: the row is written in the transaction that holds the instance's lock, and never deleted.
    instance_id: UUID = Field(primary_key=True)
    rev: int = Field(primary_key=True)
    at: datetime = instant()
    entries: list[list[str]] = Field(sa_type=JSON)


class ProgressRound(SQLModel, table=True):
    """One reporting period of one item, with the instance that collects it.

    `unit_id` is the unit that hands the report in: the lead, or the one that collects. `report_period_id` is the
    period of the list whose rhythm it belongs to; null for a round that the office asked for beside the rhythm.
    """

    __tablename__ = "progress_round"
    __table_args__ = (
        UniqueConstraint("item_id", "period"),
        Index(
            "ix_progress_round_sheet",
            "report_period_id",
            "unit_id",
            postgresql_where=sql("report_period_id IS NOT NULL"),
        ),
    )

    id: UUID = key()
    item_id: UUID = reference("item.id", index=False)
    instance_id: UUID = reference("process_instance.id")
    period: str
    co_due_at: datetime = instant()
    due_at: datetime = instant()
    opened_at: datetime = instant()
    outcome: str | None = None
    percent: int | None = None
    report_period_id: UUID | None = reference("report_period.id", nullable=True, index=False)
    unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
