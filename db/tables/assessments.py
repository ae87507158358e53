"""Summary assessments: the group, the sample with its seed, what each said, and what came of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, json_or_null, key, reference, serial, words


class Assessment(SQLModel, table=True):
    """One assessment, a matter. `list_ids` are the task lists; `seed` with `sampling` lets anybody draw the sample
    again from the items of `assessment_pool`. `document_id` is the report, a frozen snapshot with its hash.
    """

    __tablename__ = "assessment"

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    cycle: str
    period_from: date
    period_to: date
    list_ids: list[str] = json(list)
    method: str | None = words(nullable=True)
    sampling: str | None = None
    sample_percent: int | None = None
    sample_size: int | None = None
    named: list[str] = json(list)
    seed: str | None = None
    visits: str | None = None
    visit_percent: int | None = None
    drawn_at: datetime | None = instant(nullable=True)
    document_id: UUID | None = reference("issued_document.id", nullable=True, index=False)
    reported_at: datetime | None = instant(nullable=True)


class AssessmentMember(SQLModel, table=True):
    """A unit of the group from `valid_from` on. Who was replaced keeps the row, with the reason."""

    __tablename__ = "assessment_member"
    __table_args__ = (
        Index(
            "uq_assessment_member_now",
            "assessment_id",
            "unit_id",
            unique=True,
            postgresql_where=sql("valid_to IS NULL"),
        ),
    )

    id: UUID = key()
    assessment_id: UUID = reference("assessment.item_id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    kind: str
    chair: bool = False
    position: int
    valid_from: datetime = instant()
    valid_to: datetime | None = instant(nullable=True)
    replaces_id: UUID | None = reference("assessment_member.id", nullable=True, index=False)
    reason: str | None = words(nullable=True)


class AssessmentPool(SQLModel, table=True):
    """What the sample was drawn from, and what was outside the denominator (`outside`: suspended, terminated) as of
    the draw. Append-only.
    """

    __tablename__ = "assessment_pool"

    assessment_id: UUID = Field(primary_key=True, foreign_key="assessment.item_id")
    task_id: UUID = Field(primary_key=True, foreign_key="item.id")
    position: int
    outside: str | None = None
    drawn: bool = False


class AssessmentRecusal(SQLModel, table=True):
    """Who may not assess which item: `lead` by the responsibilities of the period, `declared` by themselves, `changed`
    where the lead changed meanwhile. Append-only.
    """

    __tablename__ = "assessment_recusal"
    __table_args__ = (Index("ix_assessment_recusal_item", "assessment_id", "task_id"),)

    id: int | None = serial()
    assessment_id: UUID = reference("assessment.item_id", index=False)
    task_id: UUID = reference("item.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    reason: str
    statement: str | None = words(nullable=True)
    recorded_at: datetime = instant()


class AssessedItem(SQLModel, table=True):
    """One item of the sample, a matter. `basis` is what it is graded by, `seats` who assesses it first and second,
    `settler_id` who settles its grade, `visit` how it is looked at on the spot.
    """

    __tablename__ = "assessed_item"
    __table_args__ = (UniqueConstraint("assessment_id", "task_id"),)

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    assessment_id: UUID = reference("assessment.item_id")
    task_id: UUID = reference("item.id")
    position: int
    basis: str
    accepts_breakthrough: bool
    visit: str
    seats: list[str] = json(list)
    settler_id: UUID = reference("unit.id", index=False)
    self_item_id: UUID | None = None
    self_outcome: str | None = None


class ItemGrade(SQLModel, table=True):
    """A grade that an item was given, at the settling, by the meeting, or by an adopted opinion. Append-only; the
    newest row counts.
    """

    __tablename__ = "item_grade"

    id: int | None = serial()
    assessed_id: UUID = reference("assessed_item.item_id")
    stage: str
    grade: str
    reason: str = words()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class ItemReview(SQLModel, table=True):
    """One assessor's independent view of an item, a matter that only its own unit and the office see.

    What stands in it is shown to nobody else while another view of the item is asked for.
    """

    __tablename__ = "item_review"

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    assessed_id: UUID = reference("assessed_item.item_id")
    unit_id: UUID = reference("unit.id", index=False)
    seat: int
    grade: str | None = None
    scores: dict[str, object] | None = json_or_null()
    findings: str | None = words(nullable=True)
    outcome: str | None = None
    opened_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class AssessmentMeeting(SQLModel, table=True):
    """A meeting of the group: who was there and what it said as a whole. Append-only; the newest counts."""

    __tablename__ = "assessment_meeting"
    __table_args__ = (UniqueConstraint("assessment_id", "number"),)

    id: UUID = key()
    assessment_id: UUID = reference("assessment.item_id", index=False)
    number: int
    held_on: date
    present: list[str] = json(list)
    overall: str = words()
    recorded_by: UUID | None = None
    recorded_at: datetime = instant()


class MinorityOpinion(SQLModel, table=True):
    """What a member holds against the group's view, of an item or of the whole. Append-only."""

    __tablename__ = "minority_opinion"

    id: UUID = key()
    meeting_id: UUID = reference("assessment_meeting.id")
    unit_id: UUID = reference("unit.id", index=False)
    assessed_id: UUID | None = reference("assessed_item.item_id", nullable=True, index=False)
    view: str = words()


class LeadOpinion(SQLModel, table=True):
    """What a lead says to a grade, a matter of its own for each, and what became of it: agreed, silent, adopted,
    refused.
    """

    __tablename__ = "lead_opinion"

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    assessed_id: UUID = reference("assessed_item.item_id")
    unit_id: UUID = reference("unit.id", index=False)
    meeting_id: UUID = reference("assessment_meeting.id", index=False)
    grade: str
    outcome: str | None = None
    grounds: str | None = words(nullable=True)
    proposed_grade: str | None = None
    reply: str | None = words(nullable=True)
    asked_at: datetime = instant()
    settled_at: datetime | None = instant(nullable=True)


class Recommendation(SQLModel, table=True):
    """What the group recommends, and what became of it (`became_as`): an item, a case, a change of the item that it is
    about, or why nothing. A change of the lead is a process of its own, `became_instance_id`.

    A later meeting's recommendations take the place of the earlier one's (`superseded_at`). Nothing is settled without
    an answer.
    """

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("meeting_id", "position"),
        CheckConstraint(
            "settled_at IS NULL OR became_id IS NOT NULL OR document_number IS NOT NULL OR dropped_because IS NOT NULL",
            name="answered",
        ),
    )

    id: UUID = key()
    assessment_id: UUID = reference("assessment.item_id")
    meeting_id: UUID = reference("assessment_meeting.id", index=False)
    position: int
    kind: str
    text: str = words()
    unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    task_id: UUID | None = reference("item.id", nullable=True, index=False)
    superseded_at: datetime | None = instant(nullable=True)
    settled_at: datetime | None = instant(nullable=True)
    settled_by: UUID | None = None
    became_as: str | None = None
    became_id: UUID | None = reference("item.id", nullable=True, index=False)
    became_instance_id: UUID | None = None
    document_number: str | None = None
    dropped_because: str | None = words(nullable=True)
