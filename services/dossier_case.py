"""What a dossier says of a case of 复制推广: the case as `domain.md` §5.6 has it, its figures, who said what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    IssuedDocument,
    Item,
    ReplicationBatch,
    ReplicationBatchEntry,
    ReplicationCase,
    ReplicationOpinion,
    ReplicationScore,
    Unit,
)
from domain.labels import NAMES
from domain.messages.dossiers import (
    CASE_FACTS,
    CASE_SECTIONS,
    CONSULTED,
    MEAN,
    OPINION_WORDS,
    RECUSED,
    SCORE_COLUMNS,
    SCORED,
    WITHOUT_WORDS,
)
from domain.messages.replication import BATCH_COLUMNS, RANGE_NAMES, RESULTS, STATE_NAMES
from domain.replication import Firm, Score, firms_of, mask_firms, mean_total
from services.answers import withheld
from services.dossier_processes import day, moment
from services.queries.adoptions import adoptions_of
from services.queries.reading import Reading
from services.queries.replication_record import letters_of, reports_of
from services.queries.replication_source import source_of

_MARKS = ("innovation", "effect", "replicability", "risk")


@dataclass(frozen=True, slots=True)
class CasePart:
    """What a case adds to a dossier. `firms` stand in for enterprises in public, `spoken_of` are those that agreed."""

    data: Mapping[str, Any] = field(default_factory=dict)
    facts: Sequence[Sequence[str]] = ()
    firms: Mapping[str, str] = field(default_factory=dict)
    spoken_of: Sequence[str] = ()


def case_part(reading: Reading, item: Item) -> CasePart:
    """The case of an item that the actor sees; nothing for an item that is none."""
    case = reading.session.get(ReplicationCase, item.id)
    if case is None:
        return CasePart()
    firms = firms_of(case.dossier)
    return CasePart(
        data={
            "case": {"sections": _sections(case.dossier)},
            "indicators": _indicators(case.dossier),
            "scores": _scores(reading, item.id),
            "consulted": _opinions(reading, item.id),
            "batch": _batch(reading, item.id),
            "adoptions": _adoptions(reading, item.id),
            "letters": _letters(reading, item.id),
        },
        facts=_facts(reading, case),
        firms=_stand_ins(firms),
        spoken_of=[firm.name for firm in firms if firm.consents],
    )


def _sections(dossier: Mapping[str, object]) -> list[dict[str, str]]:
    return [{"title": title, "text": str(dossier[name])} for name, title in CASE_SECTIONS.items() if dossier.get(name)]


def _indicators(dossier: Mapping[str, object]) -> list[dict[str, str]]:
    rows = dossier.get("indicators")
    if not isinstance(rows, list):
        return []
    return [
        {
            "name": str(row.get("name", "")),
            "unit": str(row.get("measure", "")),
            "before": str(row.get("before", "")),
            "after": str(row.get("after", "")),
            "source": str(row.get("period") or ""),
        }
        for row in rows
        if isinstance(row, Mapping)
    ]


def _facts(reading: Reading, case: ReplicationCase) -> list[list[str]]:
    unit = reading.session.get_one(Unit, case.applicant_unit_id)
    values = {
        "applicant": unit.official_name,
        "source": source_of(reading, case).words,
        "state": STATE_NAMES.get(case.state, case.state),
        "range": RANGE_NAMES.get(case.range or "", ""),
        "responsible": NAMES.join(str(name) for name in case.responsible),
        "conference": case.conference or "",
        "due_on": f"{case.due_on:%Y-%m-%d}" if case.due_on else "",
        "policy_expires_on": f"{case.policy_expires_on:%Y-%m-%d}" if case.policy_expires_on else "",
        "ended_because": case.ended_because or "",
    }
    return [[title, values[name]] for name, title in CASE_FACTS.items() if values[name]]


def _scores(reading: Reading, item_id: UUID) -> dict[str, Any] | None:
    statement = (
        select(ReplicationScore, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ReplicationScore.unit_id))
        .where(ReplicationScore.item_id == item_id)
        .order_by(col(ReplicationScore.scored_at), col(ReplicationScore.id))
    )
    kept = withheld(reading.session, reading.actor, reading.library, item_id)
    read = [found for found in reading.session.exec(statement) if found[0].work_item_id not in kept.work]
    rows: list[list[str]] = []
    given: list[Score] = []
    for number, (row, unit) in enumerate(read, 1):
        marks = [getattr(row, name) for name in _MARKS]
        if row.recused or any(mark is None for mark in marks):
            rows.append([SCORED.format(number=number, unit=unit), *[RECUSED] * len(marks), "", row.opinion])
            continue
        score = Score(*marks)
        given.append(score)
        rows.append([SCORED.format(number=number, unit=unit), *map(str, marks), str(score.total()), row.opinion])
    if not rows:
        return None
    mean = mean_total(given)
    if mean is not None:
        rows.append([MEAN, *[""] * len(_MARKS), str(mean), ""])
    return {"columns": list(SCORE_COLUMNS), "rows": rows}


def _opinions(reading: Reading, item_id: UUID) -> list[dict[str, str]]:
    statement = (
        select(ReplicationOpinion, Unit.short_name)
        .join(Unit, col(Unit.id) == col(ReplicationOpinion.unit_id))
        .where(ReplicationOpinion.item_id == item_id)
        .order_by(col(ReplicationOpinion.recorded_at), col(ReplicationOpinion.id))
    )
    return [
        {
            "at": moment(row.recorded_at),
            "unit": unit,
            "letter": CONSULTED.format(letter=row.letter),
            "answer": OPINION_WORDS.get(row.answer, row.answer),
            "opinion": row.opinion or WITHOUT_WORDS,
        }
        for row, unit in reading.session.exec(statement)
    ]


def _batch(reading: Reading, item_id: UUID) -> dict[str, Any] | None:
    """The batch in which the case was issued, and its four columns as they were frozen; nothing before the issue."""
    statement = (
        select(ReplicationBatchEntry, ReplicationBatch, IssuedDocument)
        .join(ReplicationBatch, col(ReplicationBatch.id) == col(ReplicationBatchEntry.batch_id))
        .join(IssuedDocument, col(IssuedDocument.id) == col(ReplicationBatch.document_id))
        .where(ReplicationBatchEntry.item_id == item_id)
    )
    found = reading.session.exec(statement).one_or_none()
    if found is None:
        return None
    entry, batch, document = found
    cells = (str(entry.position), entry.title, entry.content, entry.range_text, entry.responsible_text)
    return {
        "title": batch.title,
        "mark": document.mark,
        "issued_on": f"{document.issued_on:%Y-%m-%d}",
        "columns": list(BATCH_COLUMNS),
        "row": [cell or "" for cell in cells],
    }


def _adoptions(reading: Reading, item_id: UUID) -> list[dict[str, str]]:
    return [
        {
            "unit": row.unit,
            "state": row.state_label,
            "said": row.said or WITHOUT_WORDS,
            "answered_on": day(row.answered_at),
            "planned_on": f"{row.planned_on:%Y-%m-%d}" if row.planned_on else "",
            "settled_on": day(row.settled_at),
        }
        for row in adoptions_of(reading, [item_id])
    ]


def _letters(reading: Reading, item_id: UUID) -> list[dict[str, str]]:
    """What was written beyond the city's power: letters that ask, and reports upward, with what was answered."""
    asked = [
        {
            "to": row.addressee,
            "mark": row.document_number or "",
            "sent_on": day(row.sent_at),
            "answered_on": f"{row.answered_on:%Y-%m-%d}" if row.answered_on else "",
            "answer": " ".join(part for part in (row.answer_number, row.answer) if part) or WITHOUT_WORDS,
        }
        for row in letters_of(reading, item_id)
    ]
    reported = [
        {
            "to": row.addressee,
            "mark": row.document_number or "",
            "sent_on": f"{row.sent_on:%Y-%m-%d}" if row.sent_on else "",
            "answered_on": f"{row.answered_on:%Y-%m-%d}" if row.answered_on else "",
            "answer": " ".join(
                part for part in (RESULTS.get(row.result or "", ""), row.result_batch, row.result_words) if part
            )
            or WITHOUT_WORDS,
        }
        for row in reports_of(reading, item_id)
    ]
    return [*asked, *reported]


def _stand_ins(firms: Sequence[Firm]) -> dict[str, str]:
    """Each enterprise that does not agree, with the mark that the batch's public list gives it too."""
    return {firm.name: mask_firms(firm.name, firms) for firm in firms if not firm.consents and firm.name}
