"""The score sheets of an evaluation as they stand: scheme, newest facts and entries put together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from bpmn.decisions import read_table
from db.tables import Evaluation, EvaluationEntry, EvaluationFacts, EvaluationUnit, Unit
from domain.evaluation_errors import SchemeRefused
from domain.evaluation_facts import FactSheet
from domain.evaluation_ranking import Candidate, Remark, Standing, standings
from domain.evaluation_reading import read_scheme
from domain.evaluation_scheme import Fault, Scheme
from domain.evaluation_scores import Entry, EntryKind, ScoreSheet, score
from domain.scheme_words import scheme_words
from services.queries.evaluation_facts import Scope


def checked_scheme(content: Mapping[str, Any]) -> Scheme:
    """The scheme of this JSON. Raises SchemeRefused with every fault."""
    found = read_scheme(content)
    if isinstance(found, list):
        raise SchemeRefused(f"{len(found)} faults", reason=scheme_words(found))
    return found


def self_contained(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same scheme with each decision table that is given as a DMN file (`dmn`) written out as rows, so that what is
    frozen needs no other file. Raises ModelRefused, SchemeRefused for numbers that no database keeps.
    """
    try:
        kept: dict[str, Any] = orjson.loads(orjson.dumps(dict(content)))
    except orjson.JSONEncodeError as error:
        fault = Fault("not_storable", {"reason": str(error)})
        raise SchemeRefused(str(error), reason=scheme_words([fault])) from error
    criteria = kept.get("criteria")
    bonus = kept.get("bonus")
    parts = [part for criterion in _rows(criteria) for part in _rows(criterion.get("parts"))]
    parts += _rows(bonus.get("kinds")) if isinstance(bonus, dict) else []
    for part in parts:
        written = part.pop("dmn", None)
        if isinstance(written, str):
            part["table"] = _table(written)
    return kept


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _table(dmn: str) -> dict[str, Any]:
    written = read_table(dmn.encode(), "scheme.dmn")
    rows = [{"id": row.id, "cells": list(row.cells), "points": row.outcome, "words": row.words} for row in written.rows]
    return {"hit_policy": written.hit_policy, "facts": list(written.facts), "rows": rows}


@lru_cache(maxsize=32)
def _parsed(_digest: bytes, content: bytes) -> Scheme:
    return checked_scheme(orjson.loads(content))


def scheme_of(evaluation: Evaluation) -> Scheme:
    """The scheme that an evaluation goes by; parsed once per digest."""
    return _parsed(evaluation.scheme_digest, orjson.dumps(evaluation.scheme))


def scope_of(
    evaluation: Evaluation, units: Iterable[EvaluationUnit], known_on: datetime, *, only: UUID | None = None
) -> Scope:
    """What the facts of these units are asked by: by the mapping that was kept when the scheme was frozen."""
    chosen = [unit for unit in units if only is None or unit.unit_id == only]
    mapping = {unit.unit_id: unit.unit_id for unit in chosen}
    for unit in chosen:
        mapping |= {UUID(each["unit"]): unit.unit_id for each in unit.inherits}
    return Scope(
        office_unit_id=evaluation.office_unit_id,
        first_day=evaluation.first_day,
        last_day=evaluation.last_day,
        known_on=known_on,
        units=mapping,
        months={unit.unit_id: unit.months for unit in chosen},
    )


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """A unit with what its points come from; `facts` and `sheet` are None before the data are locked."""

    row: EvaluationUnit
    name: str
    kind: str
    facts_id: int | None
    facts: FactSheet | None
    entries: tuple[Entry, ...]
    sheet: ScoreSheet | None


def units_of(session: Session, evaluation_id: UUID) -> list[EvaluationUnit]:
    """The evaluated units, in one order."""
    statement = select(EvaluationUnit).where(EvaluationUnit.evaluation_id == evaluation_id)
    return list(session.exec(statement.order_by(col(EvaluationUnit.unit_id))))


def entries_of(session: Session, item_ids: Sequence[UUID]) -> dict[UUID, list[Entry]]:
    """What people put on these sheets, in order."""
    found: dict[UUID, list[Entry]] = defaultdict(list)
    statement = select(EvaluationEntry).where(col(EvaluationEntry.item_id).in_(item_ids))
    for row in session.exec(statement.order_by(col(EvaluationEntry.id))):
        found[row.item_id].append(entry_of(row))
    return found


def entry_of(row: EvaluationEntry) -> Entry:
    """A row as the rules read it."""
    assert row.id is not None
    points = None if row.points is None else Decimal(row.points)
    return Entry(row.id, EntryKind(row.kind), row.target, points, row.fact_key, row.from_unit_id, row.reason)


def newest_facts(session: Session, item_ids: Sequence[UUID]) -> dict[UUID, tuple[int, FactSheet]]:
    """The fact sheet of each unit as it was locked last, with the row's id."""
    statement = (
        select(EvaluationFacts)
        .where(col(EvaluationFacts.item_id).in_(item_ids))
        .ext(distinct_on(col(EvaluationFacts.item_id)))
        .order_by(col(EvaluationFacts.item_id), col(EvaluationFacts.version).desc())
    )
    return {row.item_id: (row.id or 0, FactSheet.from_json(row.content)) for row in session.exec(statement)}


def unit_sheets(session: Session, evaluation: Evaluation, *, only: UUID | None = None) -> list[UnitSheet]:
    """The sheets of all units, or of the one whose matter is `only`, computed anew."""
    scheme = scheme_of(evaluation)
    rows = [row for row in units_of(session, evaluation.item_id) if only in (None, row.item_id)]
    item_ids = [row.item_id for row in rows]
    facts, entries = newest_facts(session, item_ids), entries_of(session, item_ids)
    units = {
        unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_([row.unit_id for row in rows])))
    }
    found = []
    for row in rows:
        facts_id, locked = facts.get(row.item_id, (None, None))
        given = tuple(entries.get(row.item_id, ()))
        unit = units[row.unit_id]
        sheet = None if locked is None else score(scheme, locked, given)
        found.append(UnitSheet(row, unit.short_name, unit.kind, facts_id, locked, given, sheet))
    return found


def standings_of(evaluation: Evaluation, sheets: Iterable[UnitSheet]) -> tuple[Standing, ...]:
    """Ranks and grades as they stand; units whose data are not locked are left out."""
    scheme = scheme_of(evaluation)
    groups = {group.id: group for group in scheme.groups}
    return standings(
        scheme,
        [
            Candidate(each.row.unit_id, each.name, groups[each.row.group_id], each.sheet)
            for each in sheets
            if each.sheet is not None
        ],
    )


def standing_json(standing: Standing) -> dict[str, Any]:
    """A standing as it is kept and hashed."""
    return {
        "unit": str(standing.unit_id),
        "name": standing.name,
        "group": standing.group_id,
        "total": str(standing.total),
        "rank": standing.rank,
        "grade": standing.grade,
        "remark": None if standing.remark is None else standing.remark.value,
    }


def kept_standing(kept: Mapping[str, Any]) -> Standing:
    """The standing that `standing_json` made."""
    remark = None if kept["remark"] is None else Remark(kept["remark"])
    total = Decimal(kept["total"])
    return Standing(UUID(kept["unit"]), kept["name"], kept["group"], total, kept["rank"], kept["grade"], remark)
