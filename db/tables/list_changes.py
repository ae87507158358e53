"""Changes of a whole task list, and what each did to which item."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, reference, serial, words


class ListChange(SQLModel, table=True):
    """One change of a list, a matter. `number` counts those of the list that came into force, which `in_force_at` and
    `approved_by` say; both are empty of one that is being prepared, or was dropped.
    """

    __tablename__ = "list_change"
    __table_args__ = (UniqueConstraint("list_id", "number"),)

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    list_id: UUID = reference("task_list.id", index=False)
    number: int | None = None
    reason: str | None = words(nullable=True)
    document_number: str | None = None
    begun_at: datetime = instant()
    begun_by: UUID | None = None
    in_force_at: datetime | None = instant(nullable=True)
    approved_by: UUID | None = None


class ListChangeEntry(SQLModel, table=True):
    """What a change that is in force did to one item, with what stood there before. Append-only.

    `before` and `after` hold, by the act (`domain.list_acts`): units by name, a deadline's phrase and day, a status.
    """

    __tablename__ = "list_change_entry"
    __table_args__ = (Index("ix_list_change_entry_change", "change_id", "position"),)

    id: int | None = serial()
    change_id: UUID = reference("list_change.item_id", index=False)
    position: int
    act: str
    item_id: UUID | None = reference("item.id", nullable=True)
    before: dict[str, object] = json()
    after: dict[str, object] = json()
