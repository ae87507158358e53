"""What is on record of a case of 复制推广, for whoever has found the case visible."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    NationalReport,
    ReplicationLetter,
    ReplicationLikeness,
    ReplicationOpinion,
    ReplicationScore,
    Submission,
    Unit,
    WorkItem,
)
from domain.messages.replication import EFFECTS
from domain.replication import Score, mean_total
from services.answers import withheld
from services.queries.reading import Reading

CHECKED, CONFIRMED = "check_effect", "confirm_effect"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a department said to which letter; answer `none` is silence, recorded after the second one."""

    unit: str
    letter: int
    answer: str
    opinion: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ExpertScore:
    """One expert's marks; without marks where the expert withdrew."""

    unit_id: UUID
    unit: str
    recused: bool
    innovation: int | None
    effect: int | None
    replicability: int | None
    risk: int | None
    total: Decimal | None
    opinion: str
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter beyond the city's power."""

    id: UUID
    addressee: str
    document_id: UUID | None
    document_number: str | None
    sent_at: datetime
    answered_on: date | None
    answer_number: str | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report to the State Council's inter-ministry office."""

    instance_id: UUID
    title: str
    addressee: str
    document_id: UUID | None
    document_number: str | None
    signed_at: datetime | None
    sent_on: date | None
    received_on: date | None
    receipt_number: str | None
    answered_on: date | None
    answer_number: str | None
    supplements: int
    result: str | None
    result_batch: str | None
    result_words: str


@dataclass(frozen=True, slots=True)
class LikenessRow:
    """A published case that may be the same; `same` is null until a person has said so."""

    id: UUID
    known_title: str
    known_source: str
    likeness: float
    same: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class EffectCheck:
    """What the check of a case's effect proposed, on which ground, with figures as (name, measure, value); `decided`
    is null until the head of the office has said so: `confirm` or `return`.
    """

    proposed: str
    proposed_label: str
    summary: str
    why: str
    figures: tuple[tuple[str, str, str], ...]
    checked_at: datetime
    decided: str | None = None
    decided_at: datetime | None = None
    decided_words: str = ""


def effects_of(reading: Reading, item_id: UUID) -> tuple[EffectCheck, ...]:
    """The checks of a case's effect, in order, each with what was decided on it."""
    rows = reading.session.exec(
        select(WorkItem, Submission)
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .where(
            WorkItem.item_id == item_id,
            col(WorkItem.bpmn_id).in_((CHECKED, CONFIRMED)),
            WorkItem.closed_as == "done",
        )
        .order_by(col(WorkItem.closed_at), col(WorkItem.bpmn_id), col(WorkItem.id))
    )
    found: list[EffectCheck] = []
    for work, said in rows:
        form: Mapping[str, Any] = (said.form if said is not None else None) or {}
        opinion = str(form.get("opinion") or (said.opinion if said is not None else "") or "")
        if work.bpmn_id == CHECKED:
            figures = tuple((row["name"], row["measure"], row["value"]) for row in form.get("indicators") or ())
            label, summary = EFFECTS[work.decision or "keep"], str(form.get("summary", ""))
            found.append(
                EffectCheck(work.decision or "", label, summary, opinion, figures, work.closed_at or work.opened_at)
            )
        elif found:
            found[-1] = replace(found[-1], decided=work.decision, decided_at=work.closed_at, decided_words=opinion)
    return tuple(found)


def opinions_of(reading: Reading, item_id: UUID) -> tuple[Opinion, ...]:
    """What departments said, in order."""
    rows = reading.session.exec(
        select(ReplicationOpinion, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ReplicationOpinion.unit_id))
        .where(ReplicationOpinion.item_id == item_id)
        .order_by(col(ReplicationOpinion.recorded_at), col(ReplicationOpinion.letter), col(Unit.sort_order))
    )
    return tuple(Opinion(name, row.letter, row.answer, row.opinion, row.recorded_at) for row, name in rows)


def scores_of(reading: Reading, item_id: UUID) -> tuple[ExpertScore, ...]:
    """What experts gave, in order; what of it the actor reads."""
    rows = reading.session.exec(
        select(ReplicationScore, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ReplicationScore.unit_id))
        .where(ReplicationScore.item_id == item_id)
        .order_by(col(ReplicationScore.scored_at), col(Unit.sort_order), col(Unit.short_name))
    )
    kept = withheld(reading.session, reading.actor, reading.library, item_id)
    scores = []
    for row, name in rows:
        if row.work_item_id in kept.work:
            continue
        marks = (row.innovation, row.effect, row.replicability, row.risk)
        total = None if row.recused else Score(*(mark or 0 for mark in marks)).total()
        scores.append(ExpertScore(row.unit_id, name, row.recused, *marks, total, row.opinion, row.scored_at))
    return tuple(scores)


def mean_of(reading: Reading, item_id: UUID) -> Decimal | None:
    """The mean of all marks: it tells nobody's. None while there are fewer than three."""
    rows = reading.session.exec(
        select(ReplicationScore).where(ReplicationScore.item_id == item_id, col(ReplicationScore.recused).is_(False))
    )
    marks = [(row.innovation, row.effect, row.replicability, row.risk) for row in rows]
    return mean_total([Score(*(mark or 0 for mark in each)) for each in marks])


def letters_of(reading: Reading, item_id: UUID) -> tuple[Letter, ...]:
    """The letters of a case."""
    rows = reading.session.exec(
        select(ReplicationLetter)
        .where(ReplicationLetter.case_item_id == item_id)
        .order_by(col(ReplicationLetter.sent_at), col(ReplicationLetter.addressee))
    )
    return tuple(
        Letter(
            row.id,
            row.addressee,
            row.document_id,
            row.document_number,
            row.sent_at,
            row.answered_on,
            row.answer_number,
            row.answer,
        )
        for row in rows
    )


def reports_of(reading: Reading, item_id: UUID) -> tuple[Report, ...]:
    """The reports of a case upward."""
    rows = reading.session.exec(
        select(NationalReport)
        .where(NationalReport.case_item_id == item_id)
        .order_by(col(NationalReport.signed_at), col(NationalReport.instance_id))
    )
    return tuple(
        Report(
            instance_id=row.instance_id,
            title=row.title,
            addressee=row.addressee,
            document_id=row.document_id,
            document_number=row.document_number,
            signed_at=row.signed_at,
            sent_on=row.sent_on,
            received_on=row.received_on,
            receipt_number=row.receipt_number,
            answered_on=row.answered_on,
            answer_number=row.answer_number,
            supplements=row.supplements,
            result=row.result,
            result_batch=row.result_batch,
            result_words=row.result_words,
        )
        for row in rows
    )


def likenesses_of(reading: Reading, item_id: UUID) -> tuple[LikenessRow, ...]:
    """What a case is like, the likest first."""
    rows = reading.session.exec(
        select(ReplicationLikeness)
        .where(ReplicationLikeness.item_id == item_id)
        .order_by(col(ReplicationLikeness.likeness).desc(), col(ReplicationLikeness.id))
    )
    return tuple(
        LikenessRow(row.id, row.known_title, row.known_source, row.likeness, row.same, row.reason) for row in rows
    )
