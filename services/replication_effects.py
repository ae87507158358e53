"""What a step of `replication` means for its case: dossier, opinions, scores, range, state.

Keyed by the BPMN ids of `bpmn/models/replication.bpmn`, which are stable. Rules are those of `domain.replication`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from db.tables import Item
from domain.calendar import LOCAL, end_of
from domain.items import ResponsibilityRole
from domain.messages.replication import STOP_ENDS
from domain.replication import (
    FEWEST_SCORES,
    Expert,
    check_claims,
    check_firms,
    check_length,
    check_panel,
    firms_of,
    reach,
    text_of,
)
from domain.replication_errors import FormalReturnUsedUp
from domain.replication_states import STATE_AFTER, STATE_OF_STEP, CaseState, RangeKind
from services.matters import MatterParty, add_parties, end_parties
from services.replication_endings import stop_published
from services.replication_units import named_units, range_registry, units_called
from services.stepping import Advanced, Done, LockedInstance, Party
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True
FIRST_LETTER_DAYS: Final = 10
SECOND_LETTER_DAYS: Final = 5
YEAR: Final = timedelta(days=365)
"""Working days that departments have to answer (P6 step 4; the limits of the steps in the model say the same)."""

_COUNT_RETURNS: LiteralString = (
    "SELECT count(*) FROM work_item WHERE instance_id = %s AND bpmn_id = 'check_form' AND decision = 'return'"
)
_READ_EXPIRY: LiteralString = "SELECT policy_expires_on FROM replication_case WHERE item_id = %s"
_READ_WHY: LiteralString = (
    "SELECT coalesce(s.opinion, '') FROM submission s JOIN work_item w ON w.id = s.work_item_id"
    " WHERE w.instance_id = %s AND w.bpmn_id = 'check_effect' ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_READ_DOSSIER: LiteralString = "SELECT dossier FROM replication_case WHERE item_id = %s"
_READ_PROOFS: LiteralString = (
    "SELECT e.name || ' ' || e.proves FROM evidence e LEFT JOIN blob b ON b.sha256 = e.blob_sha256"
    " WHERE e.item_id = %s AND b.expunged_at IS NULL"
)
# The parts of the round that is under way: those of the task that was opened last.
_READ_ROUND: LiteralString = (
    "SELECT w.id, w.unit_id, w.closed_by, w.closed_as, w.decision, coalesce(s.opinion, ''), s.form"
    " FROM work_item w LEFT JOIN submission s ON s.work_item_id = w.id"
    " WHERE w.instance_id = %(instance)s AND w.bpmn_id = %(step)s AND w.task_id = (SELECT task_id FROM work_item"
    "  WHERE instance_id = %(instance)s AND bpmn_id = %(step)s ORDER BY opened_at DESC, id LIMIT 1)"
    " ORDER BY w.closed_at, w.id"
)
# A case that came back after it was scored is scored anew: only what was said since counts.
_READ_SCORED: LiteralString = (
    "SELECT DISTINCT w.unit_id FROM work_item w WHERE w.instance_id = %(instance)s AND w.bpmn_id = 'score'"
    " AND w.decision = 'score' AND w.closed_as = 'done' AND w.opened_at >= (SELECT max(closed_at) FROM work_item"
    "  WHERE instance_id = %(instance)s AND bpmn_id = 'settle_opinions' AND decision = 'proceed')"
)
_ADD_OPINION: LiteralString = (
    "INSERT INTO replication_opinion (id, item_id, unit_id, letter, answer, opinion, work_item_id, recorded_at)"
    " SELECT %s, %s, %s, %s, %s, %s, %s, %s WHERE NOT EXISTS"
    " (SELECT FROM replication_opinion WHERE work_item_id = %s)"
)
_ADD_SCORE: LiteralString = (
    "INSERT INTO replication_score (id, item_id, unit_id, person_id, work_item_id, innovation, effect, replicability,"
    " risk, recused, opinion, scored_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (work_item_id) DO NOTHING"
)
_SET_STATE: LiteralString = "UPDATE replication_case SET state = %s WHERE item_id = %s AND state <> %s"
_SET_DOSSIER: LiteralString = "UPDATE replication_case SET dossier = %s, policy_expires_on = %s WHERE item_id = %s"
_SET_RANGE: LiteralString = (
    "UPDATE replication_case SET range = %s, range_units = %s, responsible = %s, conference = %s, due_on = %s"
    " WHERE item_id = %s"
)


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """The routing facts of the step. Raises what the case's rules forbid."""
    handler = _CHECKS.get(done.bpmn_id)
    return handler(uow, instance, done) if handler is not None else {}


def _check_nomination(_uow: UnitOfWork, _instance: LockedInstance, done: Done) -> dict[str, Any]:
    check_length(done.form)
    return {}


def _check_form(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    if done.decision == "return":
        [[(before,)]] = uow.read((_COUNT_RETURNS, (instance.id,)))
        if before:
            raise FormalReturnUsedUp(str(instance.item_id))
    elif done.decision == "accept":
        check_proven(uow, instance.item_id)
    return {}


def check_proven(uow: UnitOfWork, item_id: UUID) -> None:
    """Raises ClaimUnproven, FirmNotListed, ConsentUnproven for what a case says and its evidence does not show."""
    uow.flush()
    [[(dossier,)], proofs] = uow.read((_READ_DOSSIER, (item_id,)), (_READ_PROOFS, (item_id,)))
    said = [proof for (proof,) in proofs]
    check_claims(text_of(dossier), said)
    check_firms(text_of(dossier), firms_of(dossier), said)


def _plan_consultation(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    units = units_called(uow, [row["unit"] for row in done.form["departments"]])
    _give_part(uow, instance, units, ResponsibilityRole.CONSULTED)
    return {"consult_until": _working_days(uow, FIRST_LETTER_DAYS)}


def _second_letter(uow: UnitOfWork, instance: LockedInstance, _done: Done) -> dict[str, Any]:
    silent = [row[1] for row in _round(uow, instance, "consult") if row[3] != "done"]
    _give_part(uow, instance, silent, ResponsibilityRole.SILENT)
    return {"consult_again_until": _working_days(uow, SECOND_LETTER_DAYS)}


def _appoint_experts(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    names = [row["unit"] for row in done.form["experts"]]
    experts = [Expert(unit_id, name) for unit_id, name in zip(units_called(uow, names), names, strict=True)]
    applicants = {party.unit_id for party in instance.parties if party.role == ResponsibilityRole.APPLICANT}
    [heard] = uow.read((_READ_SCORED, {"instance": instance.id}))
    check_panel(experts, applicants, {unit_id for (unit_id,) in heard})
    [legal] = units_called(uow, [done.form["legality_unit"]])
    _give_part(uow, instance, [expert.unit_id for expert in experts], ResponsibilityRole.EXPERT)
    end_parties(uow, instance.item_id, ResponsibilityRole.LEGAL)
    instance.parties[:] = [party for party in instance.parties if party.role != ResponsibilityRole.LEGAL]
    _give_part(uow, instance, [legal], ResponsibilityRole.LEGAL)
    return {}


def _score(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    [scored] = uow.read((_READ_SCORED, {"instance": instance.id}))
    return {"enough_scores": len(scored) + (done.chosen == "score") >= FEWEST_SCORES}


def _decide_range(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    if done.decision != "adopt":
        return {}
    _reach_of(uow, instance, done.form)
    [[(expires_on,)]] = uow.read((_READ_EXPIRY, (instance.item_id,)))
    first = expires_on is not None and expires_on < uow.today + YEAR
    expires_at = end_of(expires_on).astimezone(LOCAL).isoformat() if first else ""
    publicize = bool(done.form.get("publicize"))
    return {"needs_publicity": publicize, "expires_first": first, "basis_expires_at": expires_at}


def _reach_of(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any]) -> tuple[list[UUID], list[UUID]]:
    """The units that the conference named for the range and as responsible. Raises RangeWithoutUnits, UnitNotKnown."""
    listed = units_called(uow, [row["unit"] for row in form.get("units", ())])
    responsible = units_called(uow, [row["unit"] for row in form.get("responsible", ())])
    applicants = {party.unit_id for party in instance.parties if party.role == ResponsibilityRole.APPLICANT}
    reach(RangeKind(form["range"]), range_registry(uow), listed, applicants)
    return listed, responsible


_CHECKS: Final = {
    "nominate": _check_nomination,
    "revise_case": _check_nomination,
    "check_form": _check_form,
    "plan_consultation": _plan_consultation,
    "send_second_letter": _second_letter,
    "appoint_experts": _appoint_experts,
    "score": _score,
    "decide_range": _decide_range,
}


def _give_part(uow: UnitOfWork, instance: LockedInstance, units: Sequence[UUID], role: ResponsibilityRole) -> None:
    """Units take part from now on: they see the case, and the step that opens next may ask them."""
    add_parties(uow, instance.item_id, [MatterParty(unit_id, role) for unit_id in units])
    known = {party.unit_id for party in instance.parties if party.role == role}
    instance.parties += [Party(unit_id, role, 1.0) for unit_id in units if unit_id not in known]


def _end_part(uow: UnitOfWork, instance: LockedInstance, role: ResponsibilityRole) -> None:
    end_parties(uow, instance.item_id, role)
    instance.parties[:] = [party for party in instance.parties if party.role != role]


def _working_days(uow: UnitOfWork, days: int) -> str:
    """The end of the n-th working day after today, as the text that a model's timer reads."""
    return uow.calendar.add_working_days(uow.today, days).at.astimezone(LOCAL).isoformat()


def _round(uow: UnitOfWork, instance: LockedInstance, step: str) -> list[tuple[Any, ...]]:
    uow.flush()
    [rows] = uow.read((_READ_ROUND, {"instance": instance.id, "step": step}))
    return rows


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry a step into the case; without `done` a timer went off."""
    opened = {work.bpmn_id for work in advanced.opened}
    if done is not None:
        _apply_step(uow, instance, done)
    if "send_second_letter" in opened or (done is not None and done.bpmn_id == "consult"):
        _record_opinions(uow, instance, "consult", 1, closing=False)
    if "settle_opinions" in opened:
        _record_opinions(uow, instance, "consult_again", 2, closing=True)
        _end_part(uow, instance, ResponsibilityRole.SILENT)
    state = STATE_AFTER.get(advanced.outcome or "")
    if state is None and opened:
        state = STATE_OF_STEP.get(min(opened))
    elif state is None and done is not None and done.bpmn_id in {"decide_range", "publicize"}:
        state = CaseState.APPROVED
    if state is not None:
        set_state(uow, instance.item_id, state)
    if advanced.outcome == "stopped":
        # The check of its effect found so, and the head of the office has confirmed it.
        [[(why,)]] = uow.read((_READ_WHY, (instance.id,)))
        stop_published(uow, uow.get(Item, instance.item_id), why.rstrip(STOP_ENDS))


def set_state(uow: UnitOfWork, item_id: UUID, state: CaseState) -> None:
    """Where the case stands from now on."""
    uow.write(_SET_STATE, (state, item_id, state))


def _apply_step(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    step, form = done.bpmn_id, done.form
    if step in {"nominate", "revise_case"}:
        expires = form.get("policy_expires_on")
        day = date.fromisoformat(expires) if expires else None
        uow.write(_SET_DOSSIER, (Jsonb(dict(form)), day, instance.item_id))
    elif step == "plan_consultation":
        _note(uow, instance, "UPDATE replication_case SET letter_number = %s WHERE item_id = %s", form["letter_number"])
    elif step == "send_second_letter":
        _note(
            uow,
            instance,
            "UPDATE replication_case SET second_letter_number = %s WHERE item_id = %s",
            form["letter_number"],
        )
    elif step == "settle_opinions" and done.decision != "proceed":
        _end_part(uow, instance, ResponsibilityRole.CONSULTED)
    elif step == "score":
        _record_scores(uow, instance)
        _end_part(uow, instance, ResponsibilityRole.EXPERT)
    elif step == "check_legality":
        _note(
            uow, instance, "UPDATE replication_case SET risk_level = %s WHERE item_id = %s", form.get("risk_level", "")
        )
    elif step == "decide_range" and done.decision == "adopt":
        listed, responsible = _reach_of(uow, instance, form)
        names = named_units(uow, responsible)
        uow.write(
            _SET_RANGE,
            (
                form["range"],
                Jsonb([str(unit_id) for unit_id in listed]),
                Jsonb([names[unit_id] for unit_id in responsible]),
                form["conference"],
                date.fromisoformat(form["due_on"]),
                instance.item_id,
            ),
        )


def _note(uow: UnitOfWork, instance: LockedInstance, statement: LiteralString, value: str) -> None:
    uow.write(statement, (value, instance.item_id))


def _record_opinions(uow: UnitOfWork, instance: LockedInstance, step: str, letter: int, *, closing: bool) -> None:
    """Keep what departments said. Only after the second letter silence is kept as well: as no opinion (P6 step 4)."""
    for work_id, unit_id, _, closed_as, decision, opinion, _ in _round(uow, instance, step):
        if closed_as != "done" and not closing:
            continue
        answer = decision if closed_as == "done" else "none"
        row = (uuid4(), instance.item_id, unit_id, letter, answer, opinion, work_id, uow.now, work_id)
        uow.write(_ADD_OPINION, row)


def _record_scores(uow: UnitOfWork, instance: LockedInstance) -> None:
    for work_id, unit_id, person_id, closed_as, decision, opinion, form in _round(uow, instance, "score"):
        if closed_as != "done":
            continue
        recused = decision == "recuse"
        marks = [None if recused else form[name] for name in ("innovation", "effect", "replicability", "risk")]
        row = (uuid4(), instance.item_id, unit_id, person_id, work_id, *marks, recused, opinion, uow.now)
        uow.write(_ADD_SCORE, row)
