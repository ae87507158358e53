"""What the steps of `unit_evaluation` mean: scheme frozen, a matter opened per unit, data locked, results decided."""

from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from sqlmodel import col, select

from db.tables import Evaluation, EvaluationResult, EvaluationUnit, Item, Unit
from domain.calendar import end_of
from domain.evaluation_errors import NothingToEvaluate, ScoresMissing, TooFewAssessors
from domain.evaluation_facts import FactSheet, digest_of
from domain.items import ItemKind, ResponsibilityRole
from domain.messages.evaluations import DAY, NOTHING_REASONS, UNIT_NUMBER, UNIT_TITLE
from domain.telling import said
from services.evaluation_documents import issue_circular, issue_fact_sheet, issue_record, issue_scheme
from services.evaluation_sheets import (
    scheme_of,
    scope_of,
    standing_json,
    standings_of,
    unit_sheets,
    units_of,
)
from services.evaluations import LEAST_ASSESSORS, current_units, grouped, months_of
from services.matters import MatterParty, open_matter, tell_process
from services.queries.evaluation_facts import Scope, fact_sheets, partners, units_with_tasks
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True
UNIT_SCORE: Final = "unit_score"
OPINIONS_WITHIN: Final = 10
CONFIRMED_WITHIN: Final = 3
"""Working days (domain notes, P2, steps 1 and 3)."""

_ADD_FACTS: LiteralString = (
    "INSERT INTO evaluation_facts (item_id, version, as_of, known_on, content, digest, recorded_at)"
    " SELECT %(item)s, coalesce(max(version), 0) + 1, %(as_of)s, %(known_on)s, %(content)s, %(digest)s, %(now)s"
    " FROM evaluation_facts WHERE item_id = %(item)s"
)
_WAITING: LiteralString = (
    "SELECT p.id FROM process_instance p JOIN evaluation_unit u ON u.item_id = p.item_id"
    " WHERE u.evaluation_id = %s AND p.key = 'unit_score' AND p.ended_at IS NULL ORDER BY p.id"
)
_OPEN_SIBLINGS: LiteralString = (
    "SELECT count(*) FROM evaluation_unit u JOIN process_instance p ON p.item_id = u.item_id AND p.key = 'unit_score'"
    " WHERE u.evaluation_id = %s AND u.item_id <> %s AND p.ended_at IS NULL"
)
_PARENT_INSTANCE: LiteralString = (
    "SELECT p.id, i.root_id FROM process_instance p JOIN item i ON i.id = p.item_id"
    " WHERE p.item_id = %s AND p.key = 'unit_evaluation' AND p.ended_at IS NULL"
)


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Routing facts. Raises what forbids the step: NothingToEvaluate before the cut-off, UnitNotRanked,
    TooFewAssessors, ScoresMissing.
    """
    row = _evaluation(uow, instance)
    if done.bpmn_id == "draft_scheme":
        until = uow.calendar.add_working_days(uow.today, OPINIONS_WITHIN)
        return {"opinions_until": until.at.isoformat()}
    if done.bpmn_id == "approve_scheme" and done.decision == "approve":
        _planned(uow, row)
    elif done.bpmn_id == "lock_data" and uow.now < end_of(row.last_day):
        until_words = DAY.format(day=row.last_day)
        raise NothingToEvaluate(str(row.last_day), reason=said(NOTHING_REASONS["not_over"], {"until": until_words}))
    elif done.bpmn_id in {"submit_results", "decide_results"}:
        missing = [each.name for each in unit_sheets(uow.session, row) if each.sheet is None or not each.sheet.complete]
        if missing:
            raise ScoresMissing(", ".join(missing), units="、".join(missing))
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry a step of the evaluation into its tables."""
    if done is None or (advanced.outcome is not None and done.bpmn_id != "issue_circular"):
        return
    row = _evaluation(uow, instance)
    if done.bpmn_id == "approve_scheme" and done.decision == "approve":
        _freeze(uow, row)
    elif done.bpmn_id == "lock_data":
        _lock(uow, row)
    elif done.bpmn_id == "decide_results" and done.decision == "approve":
        _decide(uow, row)
    elif done.bpmn_id == "issue_circular":
        uow.flush()
        row.circular_id = issue_circular(uow, row, str(done.form.get("requirements", "")))
        uow.session.add(row)


def _evaluation(uow: UnitOfWork, instance: LockedInstance) -> Evaluation:
    return uow.get(Evaluation, instance.item_id)


def _planned(uow: UnitOfWork, row: Evaluation) -> tuple[dict[UUID, UUID], dict[UUID, str]]:
    """Whose facts go to whom, and the group of each evaluated unit. Raises what forbids the approval."""
    scope = Scope(row.office_unit_id, row.first_day, row.last_day, uow.now, {}, {})
    mapping = current_units(uow.session, units_with_tasks(uow.session, scope), row.last_day, uow.today)
    evaluated = sorted(set(mapping.values()))
    if not evaluated:
        raise NothingToEvaluate("nobody", reason=said(NOTHING_REASONS["nobody"]))
    hosts = [unit_id for unit_id in evaluated if is_host(row, unit_id)]
    if hosts and len(row.assessors) < LEAST_ASSESSORS:
        raise TooFewAssessors(str(hosts[0]), unit=uow.get(Unit, hosts[0]).short_name, least=LEAST_ASSESSORS)
    return mapping, grouped(uow.session, scheme_of(row), evaluated)


def is_host(row: Evaluation, unit_id: UUID) -> bool:
    """Whether the office would judge itself: the unit hosts the office, or is the office."""
    return unit_id in {row.host_unit_id, row.office_unit_id}


def _freeze(uow: UnitOfWork, row: Evaluation) -> None:
    """Freeze the scheme and open a matter for each unit, which only that unit and the office see."""
    subject = uow.subject_id
    mapping, groups = _planned(uow, row)
    row.frozen_at = uow.now
    row.without_tasks = sorted(set(row.without_tasks) - {str(unit_id) for unit_id in groups})
    uow.session.add(row)
    scope = Scope(row.office_unit_id, row.first_day, row.last_day, uow.now, mapping, {})
    shared = partners(uow.session, scope)
    matter = uow.get(Item, row.item_id)
    units = uow.session.exec(select(Unit).where(col(Unit.id).in_(list(groups))).order_by(col(Unit.sort_order))).all()
    for position, unit in enumerate(units, 1):
        item_id = uuid4()
        parties = [MatterParty(unit.id, ResponsibilityRole.SUBJECT)]
        if is_host(row, unit.id):
            parties += [MatterParty(UUID(each), ResponsibilityRole.ASSESSOR) for each in row.assessors]
        opened = open_matter(
            uow,
            item_id=item_id,
            kind=ItemKind.UNIT_SCORE,
            office_unit_id=row.office_unit_id,
            title=UNIT_TITLE.format(unit=unit.short_name, title=matter.text),
            number=UNIT_NUMBER.format(number=matter.number, position=position),
            process=UNIT_SCORE,
            data={
                "has_partners": bool(shared.get(unit.id, frozenset()) & groups.keys()),
                "is_host": is_host(row, unit.id),
                "answer_until": "",
            },
            parties=parties,
            parent_id=row.item_id,
        )
        uow.session.add(
            EvaluationUnit(
                item_id=opened.item_id,
                evaluation_id=row.item_id,
                unit_id=unit.id,
                group_id=groups[unit.id],
                months=months_of(unit, row.first_day, row.last_day),
                inherits=_inherited(uow, mapping, unit.id),
            )
        )
    uow.session.flush()
    # The audit entry is about the step, not about the matters that it opened.
    uow.subject_id = subject
    issue_scheme(uow, row)


def _inherited(uow: UnitOfWork, mapping: dict[UUID, UUID], unit_id: UUID) -> list[dict[str, str]]:
    """The units whose place it took, with the last day of each."""
    former = sorted(each for each, current in mapping.items() if current == unit_id and each != unit_id)
    rows = [uow.get(Unit, each) for each in former]
    return [
        {"unit": str(unit.id), "name": unit.short_name, "until": unit.valid_to.isoformat() if unit.valid_to else ""}
        for unit in rows
    ]


def _lock(uow: UnitOfWork, row: Evaluation) -> None:
    """Lock the facts of all units as of the cut-off, as known now, and let each unit see its own."""
    row.known_on = uow.now
    uow.session.add(row)
    units = units_of(uow.session, row.item_id)
    found = fact_sheets(uow.session, scope_of(row, units, uow.now))
    for unit in units:
        store_facts(uow, unit, found[unit.unit_id])
    uow.flush()
    until = uow.calendar.add_working_days(uow.today, CONFIRMED_WITHIN).at.isoformat()
    [waiting] = uow.read((_WAITING, (row.item_id,)))
    for (instance_id,) in waiting:
        tell_process(uow, row.item_id, instance_id, "data_locked", {"confirm_until": until})
    for unit in units:
        issue_fact_sheet(uow, row, unit, found[unit.unit_id])


def store_facts(uow: UnitOfWork, unit: EvaluationUnit, sheet: FactSheet) -> None:
    """Keep a unit's fact sheet with its hash, as the next version."""
    content = sheet.to_json()
    uow.write(
        _ADD_FACTS,
        {
            "item": unit.item_id,
            "as_of": sheet.as_of,
            "known_on": sheet.known_on,
            "content": Jsonb(content),
            "digest": digest_of(content),
            "now": uow.now,
        },
    )


def unit_is_scored(uow: UnitOfWork, evaluation_id: UUID, item_id: UUID) -> None:
    """A unit's sheet is settled; the last one lets the evaluation go on. The root row is the evaluation's."""
    [[(left,)]] = uow.read((_OPEN_SIBLINGS, (evaluation_id, item_id)))
    if left:
        return
    [parents] = uow.read((_PARENT_INSTANCE, (evaluation_id,)))
    for instance_id, root_id in parents:
        tell_process(uow, root_id, instance_id, "units_scored")


def _decide(uow: UnitOfWork, row: Evaluation) -> None:
    """Freeze every unit's sheet and standing as decided."""
    sheets = unit_sheets(uow.session, row)
    standing = {each.unit_id: each for each in standings_of(row, sheets)}
    for each in sheets:
        assert each.sheet is not None
        assert each.facts_id is not None
        content, place = each.sheet.to_json(), standing_json(standing[each.row.unit_id])
        uow.session.add(
            EvaluationResult(
                item_id=each.row.item_id,
                facts_id=each.facts_id,
                sheet=content,
                standing=place,
                digest=digest_of({"sheet": content, "standing": place}),
                decided_at=uow.now,
            )
        )
    row.decided_at, row.decided_by = uow.now, uow.actor.id
    uow.session.add(row)
    uow.session.flush()
    for each in sheets:
        issue_record(uow, row, each, standing[each.row.unit_id])
