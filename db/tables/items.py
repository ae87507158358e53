"""Task lists and their items, with what the document prints beside what is worked with."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import (
    armed,
    binary,
    datetime,
    filled,
    instant,
    json,
    json_or_null,
    key,
    reference,
    small_number,
    small_number_or_null,
    words,
)


class TaskList(SQLModel, table=True):
    """One imported document, or the list that single items of one origin stand in."""

    __tablename__ = "task_list"
    __table_args__ = (
        Index(
            "uq_task_list_source",
            "office_unit_id",
            "source_digest",
            unique=True,
            postgresql_where=sql("source_digest IS NOT NULL"),
        ),
    )

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id")
    origin: str
    title: str = words()
    document_number: str | None = None
    issuer: str | None = None
    kind: str
    lead_rule: str | None = None
    declared_count: int | None = None
    found_count: int
    status: str
    source_name: str | None = None
    source_digest: bytes | None = binary(nullable=True)
    warnings: list[str] = json(list)
    created_at: datetime = instant()
    created_by: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    approved_by: UUID | None = None
    # Imported long after the fact: dates that were past at the issue blame nobody until the office says otherwise.
    historical: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    version: int = 1


class Item(SQLModel, table=True):
    """One supervised task, or a matter (`kind`, docs/decisions/0010). `text` is worked with, `text_printed` is what
    stands in the document and never changes.

    `root_id` is the item itself, or the item whose group was fanned out; its row is the first lock of every command.
    `due_at` is the current deadline, as an instant in UTC; null where there is none.

    `escalate_at` is when the escalation ladder looks at this deadline again: null when it is not armed, or when nothing
    is left to do; arming is setting it to now. `epoch` counts the deadlines that the ladder has worked for.
    `paused_at` is since when the clock stands still.
    `light` is the current light with its reason, `light_since` since when it shows; `light_check_at` is when it has to
    be judged again. What a light is judged by arms it by a trigger, so that nobody can forget to.

    `listed_at`, the list and `place` say where a ledger prints the item: lists as they came, members of a group after
    it. Filled by a trigger from the list and the parent, which would otherwise be looked up to sort every item.
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("list_id", "position"),
        Index(
            "ix_item_printed",
            *("listed_at", "list_id", "place", "position", "id"),
            postgresql_where=sql("kind = 'task'"),
        ),
        Index("ix_item_ledger", "office_unit_id", "status", "due_at", "id", postgresql_where=sql("kind = 'task'")),
        Index("ix_item_matter", "office_unit_id", "kind", "created_at", postgresql_where=sql("kind <> 'task'")),
        Index("ix_item_escalate", "escalate_at", postgresql_where=sql("escalate_at IS NOT NULL")),
        # Empty but for moments: an item that was issued with a deadline and has not been looked at by the ladder.
        Index(
            "ix_item_ladder_new",
            "issued_at",
            postgresql_where=sql(
                "ladder_epoch IS NULL AND escalate_at IS NULL AND paused_at IS NULL AND issued_at IS NOT NULL"
                " AND due_at IS NOT NULL AND ended_at IS NULL"
            ),
        ),
        # What is behind, the longest first: a few of many, and no step changes a light.
        Index("ix_item_behind", "light", "light_since", "id", postgresql_where=sql("light IN ('red', 'yellow')")),
        Index("ix_item_light_check", "light_check_at", postgresql_where=sql("light_check_at IS NOT NULL")),
    )
    # A new item is not read back for what the trigger gave it: hundreds are inserted at once, and nobody asks.
    __mapper_args__: ClassVar[dict[str, object]] = {"eager_defaults": False}

    id: UUID = key()
    root_id: UUID = reference("item.id")
    parent_id: UUID | None = reference("item.id", nullable=True)
    list_id: UUID = reference("task_list.id")
    office_unit_id: UUID = reference("unit.id", index=False)
    position: int
    listed_at: datetime = filled(DateTime(timezone=True))
    place: int = filled(Integer)
    number: str
    section: str | None = None
    article: str | None = None
    text: str = words()
    text_printed: str = words()
    text_confirmed_by: UUID | None = None
    text_confirmed_at: datetime | None = instant(nullable=True)
    measures: list[str] = json(list)
    range: str | None = None
    kpi: dict[str, object] | None = json_or_null()
    joint_lead: bool = False
    by_duty: bool = False
    open_list: bool = False
    status: str
    outcome: str | None = None
    due_at: datetime | None = instant(nullable=True)
    due_strength: str | None = None
    # Whether `due_at` was computed in part in a year whose notice of holidays is not loaded.
    due_provisional: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    continues_id: UUID | None = reference("item.id", nullable=True)
    kind: str = Field(default="task", sa_column_kwargs={"server_default": sql("'task'")})
    created_at: datetime = instant()
    issued_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    escalate_at: datetime | None = instant(nullable=True)
    paused_at: datetime | None = instant(nullable=True)
    # Issued with a deadline that had passed long before, from a historical list: shown as history, blames nobody.
    historical: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    epoch: int = small_number()
    # The policy version that this epoch climbs, given when it was armed.
    ladder_id: UUID | None = None
    ladder_epoch: int | None = small_number_or_null()
    light: str | None = None
    light_since: datetime | None = instant(nullable=True)
    light_reason: dict[str, object] | None = json_or_null()
    light_check_at: datetime | None = armed()
    version: int = 1


class MatterCounter(SQLModel, table=True):
    """The last running number of a kind of matter in an office's register and year."""

    __tablename__ = "matter_counter"

    office_unit_id: UUID = Field(foreign_key="unit.id", primary_key=True)
    kind: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class ItemDeadline(SQLModel, table=True):
    """One printed deadline in its normal form. A person's correction before the issue is a row of its own beside the
    one that it replaces; a change after it is a row of `deadline_change`. Only a change of the whole list sets another
    deadline of an issued item beside the printed one, at `set_at`.
    """

    __tablename__ = "item_deadline"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    position: int
    phrase: str
    kind: str
    on_date: date | None = None
    rule: str | None = None
    anchor: str | None = None
    strength: str | None = None
    applies_to: str = "row"
    replaced_at: datetime | None = instant(nullable=True)
    replaced_by: UUID | None = None
    set_at: datetime | None = instant(nullable=True)


class DeadlineChange(SQLModel, table=True):
    """An approved change of an item's current deadline. Append-only; the newest row counts, the first is the original.

    `kind` is a `domain.deadlines.ChangeKind`, `instance_id` the process that decided it.
    """

    __tablename__ = "deadline_change"

    id: int | None = Field(default=None, primary_key=True)
    item_id: UUID = reference("item.id")
    due_at: datetime | None = instant(nullable=True)
    kind: str = Field(default="original", sa_column_kwargs={"server_default": "original"})
    instance_id: UUID | None = None
    reason: str = words()
    approved_by: UUID | None = None
    recorded_at: datetime = instant()


class Suspension(SQLModel, table=True):
    """An item's clock stands still because a higher level said so. At most one is open per item."""

    __tablename__ = "suspension"
    __table_args__ = (
        Index("uq_suspension_open", "item_id", unique=True, postgresql_where=sql("resumed_at IS NULL")),
        Index("ix_suspension_until", "until_on", postgresql_where=sql("resumed_at IS NULL")),
    )

    id: UUID = key()
    item_id: UUID = reference("item.id")
    instance_id: UUID | None = None
    document_number: str
    reason: str = words()
    # The local day on which the clock goes on by itself.
    until_on: date | None = None
    started_at: datetime = instant()
    resumed_at: datetime | None = instant(nullable=True)
    resumed_by: UUID | None = None
    resumed_because: str | None = words(nullable=True)


class TriggerEvent(SQLModel, table=True):
    """The higher level's document that a conditional deadline waited for. Append-only."""

    __tablename__ = "trigger_event"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    instance_id: UUID | None = None
    document_number: str
    happened_on: date
    due_at: datetime | None = instant(nullable=True)
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class ResponsibilityChange(SQLModel, table=True):
    """A change of the lead that was decided and takes effect at 00:00 local time of `effective_on`."""

    __tablename__ = "responsibility_change"
    __table_args__ = (
        Index("ix_responsibility_change_waiting", "effective_on", postgresql_where=sql("applied_at IS NULL")),
    )

    id: UUID = key()
    item_id: UUID = reference("item.id")
    instance_id: UUID
    new_unit_id: UUID = reference("unit.id", index=False)
    # Null where all leads are replaced.
    old_unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    old_stays: bool = False
    effective_on: date
    decided_by: UUID | None = None
    decided_at: datetime = instant()
    applied_at: datetime | None = instant(nullable=True)


class Responsibility(SQLModel, table=True):
    """The part of one unit in an item. `unit_id` is null while the printed name is not in the registry."""

    __tablename__ = "responsibility"
    __table_args__ = (Index("ix_responsibility_unit", "unit_id", "item_id"),)

    id: UUID = key()
    item_id: UUID = reference("item.id")
    unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    role: str
    printed: str
    position: int
    weight: float = 1.0
    collects: bool = False
    valid_from: datetime = instant()
    valid_to: datetime | None = instant(nullable=True)


class PrintedRow(SQLModel, table=True):
    """What the document prints of an item, cell by cell: a person compares it with what was read. Never changed.

    The row's text is `item.text_printed`. `number` and `section` are null where the row prints none; `deadlines` are
    the printed phrases, `others` the columns without a field of their own as (header, text). `line` and `cell` are
    where the row starts, from 1: in a .docx paragraphs and table rows in reading order, and cells.
    """

    __tablename__ = "printed_row"

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    number: str | None = None
    section: str | None = words(nullable=True)
    units: str = words()
    deadlines: list[str] = json(list)
    others: list[list[str]] = json(list)
    line: int | None = None
    cell: int | None = None


class ImportFlag(SQLModel, table=True):
    """A place where a person must look. A blocking flag that is open keeps its item from being issued."""

    __tablename__ = "import_flag"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    code: str
    field: str | None = None
    note: str = words()
    blocking: bool
    resolution: str | None = words(nullable=True)
    resolved_by: UUID | None = None
    resolved_at: datetime | None = instant(nullable=True)


class Milestone(SQLModel, table=True):
    """A stage goal of the plan that the office accepted. A new accepted plan retires the old rows."""

    __tablename__ = "milestone"

    id: UUID = key()
    item_id: UUID = reference("item.id")
    position: int
    title: str = words()
    due_on: date
    unit_id: UUID | None = reference("unit.id", nullable=True)
    evidence_planned: str = words()
    accepted_at: datetime = instant()
    retired_at: datetime | None = instant(nullable=True)
