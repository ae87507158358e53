"""Whether evaluations still give what was decided: facts are collected again as of then, and sheets computed anew."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Evaluation, EvaluationFacts, EvaluationResult
from domain.evaluation_facts import FactSheet, digest_of
from domain.evaluation_scores import score
from services.evaluation_sheets import (
    entries_of,
    scheme_of,
    scope_of,
    standing_json,
    standings_of,
    unit_sheets,
    units_of,
)
from services.queries.evaluation_facts import fact_sheets


@dataclass(frozen=True, slots=True)
class EvaluationDifference:
    """What came out differently: `what` is `scheme`, `kept` (the kept facts do not match their hash), `facts` (they are
    collected otherwise today), `result` (kept results do not match their hash) or `sheet` (computed otherwise today).
    """

    evaluation_id: UUID
    unit_id: UUID | None
    what: str
    kept: str
    computed: str


@dataclass(frozen=True, slots=True)
class EvaluationCheck:
    """How many fact sheets and results were computed again, and every difference."""

    facts: int
    sheets: int
    differences: tuple[EvaluationDifference, ...]


def check_results(session: Session, evaluation_id: UUID | None = None) -> EvaluationCheck:
    """Compute every locked fact sheet and every decided result again, of one evaluation or of all."""
    statement = select(Evaluation).order_by(col(Evaluation.first_day), col(Evaluation.item_id))
    if evaluation_id is not None:
        statement = statement.where(Evaluation.item_id == evaluation_id)
    found: list[EvaluationDifference] = []
    facts = sheets = 0
    for row in session.exec(statement).all():
        digest = digest_of(row.scheme)
        if digest != row.scheme_digest:
            found.append(_difference(row, None, "scheme", row.scheme_digest, digest))
        count, differences = _check_facts(session, row)
        facts, found = facts + count, found + differences
        count, differences = _check_sheets(session, row)
        sheets, found = sheets + count, found + differences
    return EvaluationCheck(facts, sheets, tuple(found))


def _difference(row: Evaluation, unit_id: UUID | None, what: str, kept: bytes, computed: bytes) -> EvaluationDifference:
    return EvaluationDifference(row.item_id, unit_id, what, kept.hex()[:16], computed.hex()[:16])


def _check_facts(session: Session, row: Evaluation) -> tuple[int, list[EvaluationDifference]]:
    units = {unit.item_id: unit for unit in units_of(session, row.item_id)}
    statement = select(EvaluationFacts).where(col(EvaluationFacts.item_id).in_(list(units)))
    by_instant: dict[datetime, list[EvaluationFacts]] = defaultdict(list)
    for kept in session.exec(statement.order_by(col(EvaluationFacts.id))):
        by_instant[kept.known_on].append(kept)
    found = []
    for known_on, rows in by_instant.items():
        # All units of one lock are collected at once, as they were then.
        asked = [units[kept.item_id] for kept in rows]
        computed = fact_sheets(session, scope_of(row, asked, known_on))
        for kept in rows:
            unit_id = units[kept.item_id].unit_id
            stored, again = digest_of(kept.content), digest_of(computed[unit_id].to_json())
            if stored != kept.digest:
                found.append(_difference(row, unit_id, "kept", kept.digest, stored))
            if again != kept.digest:
                found.append(_difference(row, unit_id, "facts", kept.digest, again))
    return sum(map(len, by_instant.values())), found


def _check_sheets(session: Session, row: Evaluation) -> tuple[int, list[EvaluationDifference]]:
    """Results from the facts that they were decided by: a later correction would be another result."""
    units = {unit.item_id: unit for unit in units_of(session, row.item_id)}
    results = session.exec(select(EvaluationResult).where(col(EvaluationResult.item_id).in_(list(units)))).all()
    scheme = scheme_of(row)
    entries = entries_of(session, list(units))
    standing = {each.unit_id: each for each in standings_of(row, unit_sheets(session, row))} if results else {}
    found = []
    for kept in results:
        unit_id = units[kept.item_id].unit_id
        stored = digest_of({"sheet": kept.sheet, "standing": kept.standing})
        if stored != kept.digest:
            found.append(_difference(row, unit_id, "result", kept.digest, stored))
        facts = session.get_one(EvaluationFacts, kept.facts_id)
        sheet = score(scheme, FactSheet.from_json(facts.content), entries.get(kept.item_id, ()))
        again = digest_of({"sheet": sheet.to_json(), "standing": standing_json(standing[unit_id])})
        if again != kept.digest:
            found.append(_difference(row, unit_id, "sheet", kept.digest, again))
    return len(results), found
