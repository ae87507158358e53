"""The registry of units: official names, other names with their validity, successors, groups."""

from datetime import date
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, key, reference, words


class Unit(SQLModel, table=True):
    """One organisation. `successor_id` is where work goes today when it was merged or renamed by a reform."""

    __tablename__ = "unit"

    id: UUID = key()
    official_name: str = Field(unique=True)
    short_name: str
    # A value of `domain.units.UnitKind`.
    kind: str
    parent_id: UUID | None = reference("unit.id", nullable=True)
    successor_id: UUID | None = reference("unit.id", nullable=True)
    valid_from: date | None = None
    valid_to: date | None = None
    # No ICU in the embedded server: pinyin order cannot be asked of it, so the order is stored.
    sort_order: int = 0


class UnitAlias(SQLModel, table=True):
    """Another name of a unit, as documents print it. `kind` is `spelling` or `former`."""

    __tablename__ = "unit_alias"
    __table_args__ = (UniqueConstraint("name"),)

    id: UUID = key()
    unit_id: UUID = reference("unit.id")
    name: str
    kind: str = "spelling"
    valid_from: date | None = None
    valid_to: date | None = None


class UnitGroup(SQLModel, table=True):
    """A group that documents name as one party ("all district governments"), with its members."""

    __tablename__ = "unit_group"

    id: UUID = key()
    name: str = Field(unique=True)


class UnitGroupMember(SQLModel, table=True):
    """One unit of a group."""

    __tablename__ = "unit_group_member"

    group_id: UUID = Field(foreign_key="unit_group.id", primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True, index=True)


class UnitCandidate(SQLModel, table=True):
    """A printed name that the registry does not know. A person decides which unit it is."""

    __tablename__ = "unit_candidate"
    __table_args__ = (UniqueConstraint("printed"),)

    id: UUID = key()
    printed: str
    context: str = words()
    seen_at: datetime = instant()
    unit_id: UUID | None = reference("unit.id", nullable=True)
    rejected: bool = False
    decided_by: UUID | None = None
    decided_at: datetime | None = instant(nullable=True)
