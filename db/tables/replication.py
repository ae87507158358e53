"""复制推广: cases, what departments and experts said, batches, adoptions, letters, reports upward."""

from datetime import date
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json, key, reference, words


class ReplicationCase(SQLModel, table=True):
    """One reform that is proposed for others; the matter is the item of this id.

    `dossier` is the form that was signed last, `state` a `domain.replication.CaseState`. `range` to `due_on` are what
    the conference decided; `range_units` are the units that it named, as ids. The clue came from the task
    `source_item_id`, from its report `source_round_id`, or from the assessment `source_assessment_id`.
    """

    __tablename__ = "replication_case"
    __table_args__ = (Index("ix_replication_case_state", "state"),)

    item_id: UUID = Field(foreign_key="item.id", primary_key=True)
    applicant_unit_id: UUID = reference("unit.id")
    source_kind: str
    source_item_id: UUID | None = reference("item.id", nullable=True)
    source_round_id: UUID | None = reference("progress_round.id", nullable=True, index=False)
    source_assessment_id: UUID | None = reference("item.id", nullable=True, index=False)
    clue: str = words()
    state: str
    dossier: dict[str, object] = json(dict)
    risk_level: str | None = None
    range: str | None = None
    range_units: list[str] = json(list)
    responsible: list[str] = json(list)
    conference: str | None = words(nullable=True)
    due_on: date | None = None
    policy_expires_on: date | None = None
    letter_number: str | None = None
    second_letter_number: str | None = None
    merged_into_id: UUID | None = reference("item.id", nullable=True)
    ended_because: str | None = words(nullable=True)


class ReplicationOpinion(SQLModel, table=True):
    """What one department said, or that it said nothing to the second letter either. Append-only."""

    __tablename__ = "replication_opinion"
    __table_args__ = (Index("ix_replication_opinion_item", "item_id", "recorded_at"),)

    id: UUID = key()
    item_id: UUID = reference("item.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    letter: int
    # agree, object, none: silence is recorded as no opinion, never as consent.
    answer: str
    opinion: str = words()
    work_item_id: UUID | None = None
    recorded_at: datetime = instant()


class ReplicationScore(SQLModel, table=True):
    """One expert's marks. Append-only."""

    __tablename__ = "replication_score"
    __table_args__ = (UniqueConstraint("work_item_id"), Index("ix_replication_score_item", "item_id"))

    id: UUID = key()
    item_id: UUID = reference("item.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    person_id: UUID = reference("person.id", index=False)
    work_item_id: UUID
    # Null where the expert withdrew.
    innovation: int | None = None
    effect: int | None = None
    replicability: int | None = None
    risk: int | None = None
    recused: bool = False
    opinion: str = words()
    scored_at: datetime = instant()


class ReplicationBatch(SQLModel, table=True):
    """A list of cases that is issued together: the n-th batch of the office."""

    __tablename__ = "replication_batch"
    __table_args__ = (UniqueConstraint("office_unit_id", "number"),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    number: int
    title: str = words()
    drafted_by: UUID = reference("person.id", index=False)
    drafted_at: datetime = instant()
    issued_by: UUID | None = None
    issued_at: datetime | None = instant(nullable=True)
    document_id: UUID | None = None
    version: int = 1


class ReplicationBatchEntry(SQLModel, table=True):
    """A case in a batch; the four columns are frozen when the batch is issued, with firms masked."""

    __tablename__ = "replication_batch_entry"

    item_id: UUID = Field(foreign_key="item.id", primary_key=True)
    batch_id: UUID = reference("replication_batch.id")
    position: int
    title: str | None = words(nullable=True)
    content: str | None = words(nullable=True)
    range_text: str | None = words(nullable=True)
    responsible_text: str | None = words(nullable=True)


class KnownReplication(SQLModel, table=True):
    """A case of an earlier list that was imported: a former batch of the city's, or a national list."""

    __tablename__ = "known_replication"
    __table_args__ = (UniqueConstraint("office_unit_id", "source_digest", "position"),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    source: str
    source_digest: bytes
    national: bool
    position: int
    title: str = words()
    content: str = words()
    range_text: str = words()
    responsible_text: str = words()
    imported_by: UUID = reference("person.id", index=False)
    imported_at: datetime = instant()


class ReplicationLikeness(SQLModel, table=True):
    """A case may be the same reform as a published one: found by the titles, settled by a person."""

    __tablename__ = "replication_likeness"
    __table_args__ = (UniqueConstraint("item_id", "known_id"),)

    id: UUID = key()
    item_id: UUID = reference("item.id", index=False)
    # A row of known_replication, or another case.
    known_id: UUID
    known_title: str = words()
    known_source: str = words()
    likeness: float
    found_at: datetime = instant()
    same: bool | None = None
    reason: str = words()
    decided_by: UUID | None = None
    decided_at: datetime | None = instant(nullable=True)


class Adoption(SQLModel, table=True):
    """What one unit in the range makes of a case; the matter is the item of this id."""

    __tablename__ = "adoption"
    __table_args__ = (UniqueConstraint("case_item_id", "unit_id"), Index("ix_adoption_unit", "unit_id"))

    item_id: UUID = Field(foreign_key="item.id", primary_key=True)
    case_item_id: UUID = reference("item.id", index=False)
    unit_id: UUID = reference("unit.id", index=False)
    state: str
    # already, plan, not_applicable, once it was answered.
    answer: str | None = None
    said: str = words()
    planned_on: date | None = None
    answered_at: datetime | None = instant(nullable=True)
    settled_at: datetime | None = instant(nullable=True)


class ReplicationLetter(SQLModel, table=True):
    """A letter that asks somebody beyond the city's power to take a case up, with the answer. Never an assignment."""

    __tablename__ = "replication_letter"
    __table_args__ = (UniqueConstraint("case_item_id", "addressee"),)

    id: UUID = key()
    case_item_id: UUID = reference("item.id", index=False)
    addressee: str = words()
    document_id: UUID | None = None
    document_number: str | None = None
    sent_at: datetime = instant()
    answered_on: date | None = None
    answer_number: str | None = None
    answer: str | None = words(nullable=True)
    recorded_by: UUID | None = None


class NationalReport(SQLModel, table=True):
    """One report of a case to the State Council's inter-ministry office; the process instance is of this id."""

    __tablename__ = "national_report"
    __table_args__ = (
        Index("uq_national_report_open", "case_item_id", unique=True, postgresql_where=sql("result IS NULL")),
    )

    instance_id: UUID = Field(foreign_key="process_instance.id", primary_key=True)
    case_item_id: UUID = reference("item.id")
    title: str = words()
    addressee: str = words()
    document_id: UUID | None = None
    document_number: str | None = None
    signed_at: datetime | None = instant(nullable=True)
    sent_on: date | None = None
    received_on: date | None = None
    receipt_number: str | None = None
    answered_on: date | None = None
    answer_number: str | None = None
    supplements: int = 0
    # selected, not_selected, cancelled.
    result: str | None = None
    result_batch: str | None = None
    result_words: str = words()
