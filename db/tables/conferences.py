"""Conferences: topics that wait or were settled, who attended, the minutes in versions, and what was resolved."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, reference, words


class Conference(SQLModel, table=True):
    """One meeting, a matter. `kind` is a `domain.conferences.ConferenceKind`. `meets_on` and `place` are the convener's
    decision, `held_on` the day on which it took place; `minutes_document_id` its issued minutes.
    """

    __tablename__ = "conference"
    __table_args__ = (Index("ix_conference_office", "office_unit_id", "opened_at"),)

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    office_unit_id: UUID = reference("unit.id", index=False)
    kind: str
    title: str = words()
    meets_on: date | None = None
    place: str | None = words(nullable=True)
    held_on: date | None = None
    minutes_version: int = 0
    minutes_document_id: UUID | None = None
    opened_at: datetime = instant()
    concluded_at: datetime | None = instant(nullable=True)


class ConferenceTopic(SQLModel, table=True):
    """What a unit wants a meeting to decide. On an agenda `conference_id` and `position` are set; `result` is what the
    meeting decided. `coordination_id` is the process of a task that brought it here, `about_item_id` that task;
    `collected_in_id` the conference for which it was collected.
    """

    __tablename__ = "conference_topic"
    __table_args__ = (Index("ix_conference_topic_office", "office_unit_id", "proposed_at"),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    title: str = words()
    proposal: str = words()
    wanted: str
    proposed_by: UUID | None = None
    proposed_at: datetime = instant()
    about_item_id: UUID | None = reference("item.id", nullable=True, index=False)
    coordination_id: UUID | None = None
    collected_in_id: UUID | None = reference("conference.item_id", nullable=True, index=False)
    conference_id: UUID | None = reference("conference.item_id", nullable=True)
    position: int | None = None
    result: str | None = words(nullable=True)


class ConferenceAttendance(SQLModel, table=True):
    """Whether a unit came to a conference or to its liaison officers' meeting before (`premeeting`), and by whom."""

    __tablename__ = "conference_attendance"

    conference_id: UUID = Field(primary_key=True, foreign_key="conference.item_id")
    unit_id: UUID = Field(primary_key=True, foreign_key="unit.id")
    premeeting: bool = Field(primary_key=True)
    present: bool
    person: str
    note: str = words()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class ConferenceMinutes(SQLModel, table=True):
    """A version of the minutes: `paragraphs` of text, `resolutions` as {text, leads, co_units, due_on} with ids of
    units. Append-only.
    """

    __tablename__ = "conference_minutes"

    conference_id: UUID = Field(primary_key=True, foreign_key="conference.item_id")
    version: int = Field(primary_key=True)
    paragraphs: list[str] = json(list)
    resolutions: list[dict[str, object]] = json(list)
    saved_by: UUID | None = None
    saved_at: datetime = instant()


class ConferenceResolution(SQLModel, table=True):
    """A resolution of the signed minutes, and the item that it became. Append-only."""

    __tablename__ = "conference_resolution"
    __table_args__ = (UniqueConstraint("conference_id", "position"),)

    id: UUID = key()
    conference_id: UUID = reference("conference.item_id", index=False)
    position: int
    text: str = words()
    item_id: UUID = reference("item.id")
    registered_at: datetime = instant()
