"""Evaluations of units: the scheme, the facts that were locked, what people put on the sheets, and what was decided."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, json, json_or_null, reference, serial, words


class Evaluation(SQLModel, table=True):
    """One evaluation of all units of an office, beside its matter. `first_day` and `last_day` are the local days that
    it is about; the end of the last is the cut-off.

    `scheme` is JSON that `domain.evaluation_reading` reads; from `frozen_at` on neither it nor its digest changes.
    `host_unit_id` is the body that hosts the office, which the office does not score. `known_on` is when the data were
    locked.
    """

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("office_unit_id", "first_day", "last_day", "trial"),)

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    office_unit_id: UUID = reference("unit.id", index=False)
    first_day: date
    last_day: date
    trial: bool = False
    host_unit_id: UUID | None = reference("unit.id", nullable=True, index=False)
    # Who scores the host, and the units that are listed without having a task; ids as text.
    assessors: list[str] = json(list)
    without_tasks: list[str] = json(list)
    scheme: dict[str, object] = json()
    scheme_digest: bytes = binary()
    scheme_version: int = 1
    frozen_at: datetime | None = instant(nullable=True)
    known_on: datetime | None = instant(nullable=True)
    decided_at: datetime | None = instant(nullable=True)
    decided_by: UUID | None = None
    circular_id: UUID | None = None


class EvaluationUnit(SQLModel, table=True):
    """A unit that is evaluated, with the matter that only it and the office see.

    `inherits` are the units whose place it took within the period, each with the last day of the unit it was.
    """

    __tablename__ = "evaluation_unit"
    __table_args__ = (UniqueConstraint("evaluation_id", "unit_id"),)

    item_id: UUID = Field(primary_key=True, foreign_key="item.id")
    evaluation_id: UUID = reference("evaluation.item_id", index=False)
    unit_id: UUID = reference("unit.id")
    group_id: str
    months: int = 12
    inherits: list[dict[str, str]] = json(list)


class EvaluationFacts(SQLModel, table=True):
    """The fact sheet of a unit as it was locked, with its sha256. Append-only: an accepted correction is a new row."""

    __tablename__ = "evaluation_facts"
    __table_args__ = (UniqueConstraint("item_id", "version"),)

    id: int | None = serial()
    item_id: UUID = reference("evaluation_unit.item_id", index=False)
    version: int
    as_of: datetime = instant()
    known_on: datetime = instant()
    content: dict[str, object] = json()
    digest: bytes = binary()
    recorded_at: datetime = instant()


class EvaluationEntry(SQLModel, table=True):
    """What a person put on a unit's sheet: a score, a rating, a bonus, a deduction, a veto, a ruling. Append-only.

    `kind`, `target`, `fact_key` and `points` are those of `domain.evaluation_scores.Entry`. `answers` is the objection
    that a ruling answers.
    """

    __tablename__ = "evaluation_entry"

    id: int | None = serial()
    item_id: UUID = reference("evaluation_unit.item_id")
    kind: str
    target: str
    points: Decimal | None = Field(default=None, max_digits=7, decimal_places=2)
    fact_key: str | None = None
    reason: str = words()
    person_id: UUID | None = None
    from_unit_id: UUID = reference("unit.id", index=False)
    instance_id: UUID | None = None
    answers: dict[str, object] | None = json_or_null()
    at: datetime = instant()


class EvaluationResult(SQLModel, table=True):
    """A unit's sheet and standing as the conference decided them, with the sha256 of both. Append-only."""

    __tablename__ = "evaluation_result"

    item_id: UUID = Field(primary_key=True, foreign_key="evaluation_unit.item_id")
    facts_id: int = Field(foreign_key="evaluation_facts.id", sa_type=BigInteger)
    sheet: dict[str, object] = json()
    standing: dict[str, object] = json()
    digest: bytes = binary()
    decided_at: datetime = instant()
