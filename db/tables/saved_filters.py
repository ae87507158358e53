"""Filters that a person keeps under a name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import instant, key, reference


class SavedFilter(SQLModel, table=True):
    """A way to look at a list: `query` is the part of the page's address behind the question mark."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("person_id", "page", "name"),)

    id: UUID = key()
    person_id: UUID = reference("person.id", index=False)
    page: str = Field(max_length=40)
    name: str = Field(max_length=40)
    query: str = Field(max_length=1000)
    created_at: datetime = instant()
