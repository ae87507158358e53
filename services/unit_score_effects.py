"""What the steps of `unit_score` mean: who may score, what they put on the sheet, what a recheck changes."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from db.tables import Evaluation, EvaluationUnit, Unit
from domain.evaluation_entries import check_entry
from domain.evaluation_errors import (
    ConflictOfInterest,
    FactNotCited,
    NotAPartner,
    ScoreMissing,
    SelfScoreReturned,
)
from domain.evaluation_scheme import Scheme, Source
from domain.evaluation_scores import Entry, EntryKind
from services.evaluation_documents import issue_self_score
from services.evaluation_effects import is_host, store_facts, unit_is_scored
from services.evaluation_sheets import UnitSheet, scheme_of, scope_of, unit_sheets, units_of
from services.queries.evaluation_facts import fact_sheets, partners
from services.stepping import Advanced, Done, LockedInstance
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True
ANSWERED_WITHIN: Final = 5
"""Working days for an objection (domain notes, P2, step 5)."""
_SCORING: Final = frozenset({"score_by_office", "score_by_group"})
_RECHECKS: Final = frozenset({"recheck", "recheck_by_convener"})
_NEW: Final = 2**62
"""A number behind those of all entries there are: one that is being checked comes last."""

_ADD_ENTRY: LiteralString = (
    "INSERT INTO evaluation_entry (item_id, kind, target, points, fact_key, reason, person_id, from_unit_id,"
    " instance_id, answers, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_COUNT_RETURNS: LiteralString = (
    "SELECT count(*) FROM work_item WHERE instance_id = %s AND bpmn_id = 'check_self_score' AND decision = 'return'"
)
_READ_FORMS: LiteralString = (
    "SELECT w.unit_id, w.closed_by, s.form FROM work_item w JOIN submission s ON s.work_item_id = w.id"
    " WHERE w.instance_id = %s AND w.bpmn_id = %s AND w.closed_as = 'done' ORDER BY w.closed_at, w.unit_id"
)


def check_part(uow: UnitOfWork, instance: LockedInstance, unit_id: UUID, done: Done) -> None:
    """Refuse one person's part of a step: ConflictOfInterest, ScoreOutOfRange, CriterionUnknown, FactUsedTwice,
    FactNotCited, ScoreMissing, NotAPartner, SelfScoreReturned.
    """
    unit, row = _rows(uow, instance)
    if done.bpmn_id in _SCORING | _RECHECKS | {"settle_correction"}:
        _check_conflict(uow, row, unit, unit_id)
    if done.bpmn_id == "check_self_score" and done.decision == "return":
        [[(before,)]] = uow.read((_COUNT_RETURNS, (instance.id,)))
        if before:
            raise SelfScoreReturned(str(instance.item_id))
    elif done.bpmn_id == "confirm_data" and done.decision == "correct":
        _check_cited(uow, row, unit, [each["fact"] for each in done.form.get("corrections", ())])
    elif done.bpmn_id == "answer_feedback" and done.decision == "object":
        _check_objections(uow, row, unit, done.form.get("objections", ()))
    new = _new_entries(uow, row, unit, unit_id, done)
    if new:
        _check_entries(uow, row, unit, new)
    if done.bpmn_id in _SCORING:
        _check_complete(scheme_of(row), new)


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Until when the unit may object, once it was scored; everything else was checked part by part."""
    if done.bpmn_id in _SCORING:
        until = uow.calendar.of(instance.parties[0].unit_id).add_working_days(uow.today, ANSWERED_WITHIN)
        return {"answer_until": until.at.isoformat()}
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry a step of a unit's scoring into its sheet."""
    unit, row = _rows(uow, instance)
    if done is not None:
        if done.bpmn_id == "settle_correction" and done.decision == "corrected":
            _correct(uow, instance, row, unit, str(done.form.get("explanation", "")))
        elif done.bpmn_id == "score_by_group":
            uow.flush()
            [handed_in] = uow.read((_READ_FORMS, (instance.id, done.bpmn_id)))
            for unit_id, person_id, form in handed_in:
                said = Done(done.bpmn_id, done.outputs, form or {})
                _store(uow, instance, _new_entries(uow, row, unit, unit_id, said), person_id)
        else:
            by = unit.unit_id if done.bpmn_id in {"self_score", "rate_partners"} else row.office_unit_id
            _store(uow, instance, _new_entries(uow, row, unit, by, done), uow.actor.id)
        if done.bpmn_id == "sign_self_score" and done.decision == "sign":
            uow.flush()
            [handed_in] = uow.read((_READ_FORMS, (instance.id, "self_score")))
            issue_self_score(uow, row, unit, handed_in[-1][2] or {})
    if advanced.outcome is not None:
        uow.flush()
        unit_is_scored(uow, unit.evaluation_id, unit.item_id)


def _rows(uow: UnitOfWork, instance: LockedInstance) -> tuple[EvaluationUnit, Evaluation]:
    unit = uow.get(EvaluationUnit, instance.item_id)
    return unit, uow.get(Evaluation, unit.evaluation_id)


def _check_conflict(uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, unit_id: UUID) -> None:
    """Nobody scores a unit that they belong to, whatever other role they hold; nor the office its host."""
    own = {membership.unit_id for membership in uow.actor.memberships}
    own |= {membership.unit_id for membership, _ in uow.actor.lent}
    host_by_office = is_host(row, unit.unit_id) and unit_id == row.host_unit_id
    if unit.unit_id in own - {row.office_unit_id} or host_by_office:
        raise ConflictOfInterest(str(unit.unit_id), unit=uow.get(Unit, unit.unit_id).short_name)


def _new_entries(
    uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, from_unit: UUID, done: Done
) -> list[tuple[UUID, Entry, Mapping[str, Any] | None]]:
    """What a form puts on which sheets: the matter of the sheet, the entry, and the objection that it answers."""
    form, item_id = done.form, unit.item_id
    if done.bpmn_id == "self_score":
        return [(item_id, _scored(EntryKind.SELF, each, from_unit), None) for each in form.get("scores", ())]
    if done.bpmn_id == "rate_partners":
        return list(_ratings(uow, row, unit, form.get("ratings", ())))
    if done.bpmn_id in _SCORING:
        found = [_scored(EntryKind.SCORE, each, from_unit) for each in form.get("scores", ())]
        found += [_given(EntryKind.BONUS, each, from_unit, reason="basis") for each in form.get("bonus", ())]
        found += [_given(EntryKind.DEDUCTION, each, from_unit, reason="reason") for each in form.get("deductions", ())]
        found += [_given(EntryKind.VETO, each, from_unit, reason="basis") for each in form.get("vetoes", ())]
        return [(item_id, entry, None) for entry in found]
    if done.bpmn_id in _RECHECKS and done.decision == "uphold":
        return [(item_id, _ruling(row, each, from_unit), each) for each in form.get("rulings", ())]
    return []


def _points(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _scored(kind: EntryKind, each: Mapping[str, Any], from_unit: UUID) -> Entry:
    reason = str(each.get("reason", ""))
    return Entry(_NEW, kind, each["part"].strip(), _points(each["points"]), None, from_unit, reason)


def _given(kind: EntryKind, each: Mapping[str, Any], from_unit: UUID, *, reason: str) -> Entry:
    points = None if kind is EntryKind.VETO else _points(each["points"])
    key = each["fact"].strip() if kind is EntryKind.DEDUCTION else None
    return Entry(_NEW, kind, each["kind"].strip(), points, key, from_unit, str(each.get(reason, "")))


def _ruling(row: Evaluation, each: Mapping[str, Any], from_unit: UUID) -> Entry:
    target, reason = each["target"].strip(), each["reason"]
    if each["kind"] == "score":
        if "points" not in each:
            raise ScoreMissing(target, labels=target)
        return Entry(_NEW, EntryKind.RECHECK, target, _points(each["points"]), None, from_unit, reason)
    kind = EntryKind.TOLERANCE if each["kind"] == "tolerance" else EntryKind.LIFT
    if kind is EntryKind.LIFT and any(veto.id == target for veto in scheme_of(row).vetoes):
        return Entry(_NEW, kind, target, None, None, from_unit, reason)
    return Entry(_NEW, kind, "", None, target, from_unit, reason)


def _ratings(
    uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, ratings: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[UUID, Entry, None]]:
    """A rating stands on the sheet of the unit that is rated. Raises NotAPartner."""
    rated = {each.unit_id: each.item_id for each in units_of(uow.session, row.item_id)}
    shared = partners(uow.session, scope_of(row, units_of(uow.session, row.item_id), uow.now))[unit.unit_id]
    registry = stored_registry(uow.session, uow.today)
    seen: set[UUID] = set()
    parts = [part.id for part in scheme_of(row).parts if part.source is Source.MUTUAL]
    for each in ratings:
        match = registry.lookup(each["unit"])
        partner = registry.unit_id(match.unit) if match.unit else None
        if partner is None or partner not in shared or partner not in rated or partner in seen:
            raise NotAPartner(each["unit"], unit=each["unit"])
        seen.add(partner)
        for part in parts:
            entry = _scored(EntryKind.RATING, {**each, "part": part}, unit.unit_id)
            yield rated[partner], entry, None


def _sheet(uow: UnitOfWork, row: Evaluation, item_id: UUID) -> UnitSheet:
    uow.session.flush()
    [sheet] = unit_sheets(uow.session, row, only=item_id)
    return sheet


def _check_entries(
    uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, new: Sequence[tuple[UUID, Entry, Any]]
) -> None:
    scheme = scheme_of(row)
    own = _sheet(uow, row, unit.item_id)
    known = {fact.key for fact in own.facts.facts} if own.facts is not None else set()
    before = [*own.entries]
    for item_id, entry, _ in new:
        # On another unit's sheet only ratings are put, which ask for nothing that is on it.
        mine = item_id == unit.item_id
        check_entry(scheme, known if mine else (), before if mine else (), entry)
        before.append(entry)


def _check_complete(scheme: Scheme, new: Sequence[tuple[UUID, Entry, Any]]) -> None:
    """Raises ScoreMissing naming what was left out."""
    given = {entry.target for _, entry, _ in new if entry.kind is EntryKind.SCORE}
    missing = [part.label for part in scheme.parts if part.source is Source.OFFICE and part.id not in given]
    if missing:
        raise ScoreMissing(", ".join(missing), labels="”、“".join(missing))


def _check_cited(uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, keys: Iterable[str]) -> None:
    own = _sheet(uow, row, unit.item_id)
    known = {fact.key for fact in own.facts.facts} if own.facts is not None else set()
    for key in keys:
        if key.strip() not in known:
            raise FactNotCited(key, key=key)


def _check_objections(
    uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, objections: Iterable[Mapping[str, Any]]
) -> None:
    """An objection names a part of the sheet, a veto, or a fact or deduction on it."""
    own = _sheet(uow, row, unit.item_id)
    scheme = scheme_of(row)
    known = {part.id for part in scheme.parts} | {veto.id for veto in scheme.vetoes}
    known |= {fact.key for fact in own.facts.facts} if own.facts is not None else set()
    known |= {entry.fact_key for entry in own.entries if entry.fact_key}
    for each in objections:
        if each["target"].strip() not in known:
            raise FactNotCited(each["target"], key=each["target"])


def _store(
    uow: UnitOfWork,
    instance: LockedInstance,
    new: Iterable[tuple[UUID, Entry, Mapping[str, Any] | None]],
    person_id: UUID | None,
) -> None:
    for item_id, entry, answers in new:
        uow.write(
            _ADD_ENTRY,
            (
                item_id,
                entry.kind,
                entry.target,
                entry.points,
                entry.fact_key,
                entry.reason,
                person_id,
                entry.from_unit,
                instance.id,
                None if answers is None else Jsonb(dict(answers)),
                uow.now,
            ),
        )


def _correct(
    uow: UnitOfWork, instance: LockedInstance, row: Evaluation, unit: EvaluationUnit, explanation: str
) -> None:
    """Lock the unit's facts again, as known now; what is still on the sheet though it is wrong is lifted."""
    uow.flush()
    [handed_in] = uow.read((_READ_FORMS, (instance.id, "confirm_data")))
    corrections = (handed_in[-1][2] or {}).get("corrections", ()) if handed_in else ()
    scope = scope_of(row, units_of(uow.session, row.item_id), uow.now, only=unit.unit_id)
    sheet = fact_sheets(uow.session, scope)[unit.unit_id]
    store_facts(uow, unit, sheet)
    left = {fact.key for fact in sheet.facts}
    lifted = [
        (unit.item_id, Entry(_NEW, EntryKind.LIFT, "", None, key, row.office_unit_id, explanation), each)
        for each in corrections
        if (key := each["fact"].strip()) in left
    ]
    _store(uow, instance, lifted, uow.actor.id)
