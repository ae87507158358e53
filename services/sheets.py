"""Report sheets: what one unit reports in one period of a list, handed in, signed and reviewed in one act.

A sheet has no process of its own. Each row is a round of an item with its instance; an act completes the rows' work
items in one transaction, through the very checks of a single completion. Lock order: the root items of all rows in
the order of their ids, then their instances in the order of theirs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from domain.calendar import LOCAL
from domain.errors import Conflict, DomainError, NotFound, OwnSubmission, RuleViolation
from domain.labels import LISTING
from domain.messages import fields_shown, message_for
from domain.reporting_errors import (
    SheetChanged,
    SheetOvertaken,
    SheetRowsRefused,
    SheetTwice,
    SheetWaits,
    StaleDraft,
)
from services import preliminary
from services.unit_of_work import UnitOfWork
from services.work_items import READ_WORK, Completed, CompleteWorkItem, Found

SHOWN = 5
"""Rows that a refusal names in its sentence; its facts name all."""


class SheetStep(StrEnum):
    """The steps of a round that are done by the sheet, by their BPMN ids."""

    CONTRIBUTE = "contribute"
    CONSOLIDATE = "consolidate"
    SIGN = "sign_report"
    REVIEW = "review_report"


# In the order of their ids, so that two acts that share rows wait for each other and never deadlock.
_LOCK_ROOTS: LiteralString = (
    "SELECT id FROM item WHERE id IN (SELECT p.root_item_id FROM work_item w JOIN process_instance p"
    " ON p.id = w.instance_id WHERE w.id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE"
)
_READ_ROWS: LiteralString = READ_WORK + " WHERE w.id = ANY(%s) ORDER BY p.id FOR NO KEY UPDATE OF p"
# The office reviews a unit's sheet; in every other step the unit that acts is the one whose sheet it is.
_READ_SHEET: LiteralString = (
    "SELECT w.id, w.instance_id, r.id, i.number, w.closed_at IS NULL, d.version, d.form,"
    " (SELECT name FROM person WHERE id = d.saved_by), d.saved_at"
    " FROM progress_round r JOIN work_item w ON w.instance_id = r.instance_id JOIN item i ON i.id = r.item_id"
    " LEFT JOIN draft d ON d.work_item_id = w.id"
    " WHERE r.report_period_id = %(period)s AND w.bpmn_id = %(step)s"
    " AND (w.closed_at IS NULL OR w.id = ANY(%(rows)s))"
    " AND CASE WHEN %(step)s = 'review_report' THEN r.unit_id ELSE w.unit_id END = %(unit)s"
)
# Rows of the unit's sheet whose co-units have not reported: they cannot be consolidated yet.
_READ_WAITING: LiteralString = (
    "SELECT DISTINCT i.number FROM progress_round r JOIN item i ON i.id = r.item_id"
    " JOIN work_item w ON w.instance_id = r.instance_id"
    " WHERE r.report_period_id = %s AND r.unit_id = %s AND r.outcome IS NULL"
    " AND w.bpmn_id = 'contribute' AND w.closed_at IS NULL ORDER BY i.number"
)
_REMOVE_DRAFTS: LiteralString = "DELETE FROM draft WHERE work_item_id = ANY(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAct:
    """What is decided about one row. `seen_version` is that of the row's work item.

    Without a `form` a row that is handed in takes what its draft holds, if that is still the draft `seen_draft`.
    """

    work_item_id: UUID
    seen_version: int
    seen_draft: int | None = None
    decision: str | None = None
    form: Mapping[str, Any] | None = None
    opinion: str = ""
    reason_code: str | None = None
    return_to: str | None = None
    resume_here: bool = False
    return_units: tuple[UUID, ...] = ()
    evidence_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class RowRecord:
    """What the audit entry says of a row; its words stand in the submission."""

    work_item_id: UUID
    seen_version: int
    decision: str | None
    reason_code: str | None
    return_to: str | None


@dataclass(frozen=True, slots=True)
class SheetDone:
    """What an act on a sheet led to, row by row in the order of the rows. `preliminary` counts the rows whose
    figures went to the office unsigned.
    """

    report_period_id: UUID
    unit_id: UUID
    rows: tuple[Completed, ...]
    preliminary: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _SheetAct:
    """What the acts have in common: the sheet, and a decision for every row of it that waits for the actor's unit."""

    report_period_id: UUID
    unit_id: UUID
    rows: tuple[RowAct, ...] = field(metadata={"audit": False})
    decided: tuple[RowRecord, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Note for the audit what is decided about each row."""
        records = (
            RowRecord(row.work_item_id, row.seen_version, row.decision, row.reason_code, row.return_to)
            for row in self.rows
        )
        object.__setattr__(self, "decided", tuple(records))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSheet(_SheetAct):
    """A liaison hands a unit's sheet in: the lead's reports for signature, or with `contribute` a co-unit's parts.

    All rows that wait for the unit go together. Rows that still wait for co-units hold the sheet up, unless
    `leave_waiting` says that they follow later. With `preliminary` the figures go to the office at once, marked as
    unsigned: there is nobody to sign (domain notes, section 8).
    """

    step: SheetStep = SheetStep.CONSOLIDATE
    leave_waiting: bool = False
    preliminary: bool = False

    def execute(self, uow: UnitOfWork) -> SheetDone:
        """Raises NotFound, PermissionDenied, SheetChanged, SheetOvertaken, SheetRowsRefused, SheetTwice, SheetWaits."""
        if self.step not in {SheetStep.CONTRIBUTE, SheetStep.CONSOLIDATE}:
            uow.authorized = True
            raise NotFound(f"step {self.step}")
        rows = _locked(uow, self, self.step)
        if self.step is SheetStep.CONSOLIDATE and not self.leave_waiting:
            [waiting] = uow.read((_READ_WAITING, (self.report_period_id, self.unit_id)))
            if waiting:
                numbers = LISTING.join(number for (number,) in waiting)
                raise SheetWaits(str(self.report_period_id), count=len(waiting), numbers=numbers)
        done = _carry_out(uow, rows)
        sent = 0
        if self.preliminary and self.step is SheetStep.CONSOLIDATE:
            for row, completed in zip(rows, done, strict=True):
                opened = [o for o in completed.opened if o.bpmn_id == SheetStep.SIGN]
                sent += preliminary.write(uow, row.round_id, opened, row.command.form)
        return SheetDone(self.report_period_id, self.unit_id, tuple(done), sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignSheet(_SheetAct):
    """A unit's leader signs the sheet, or returns rows of it, in one act."""

    def execute(self, uow: UnitOfWork) -> SheetDone:
        """Raises NotFound, PermissionDenied, SheetChanged, SheetOvertaken, SheetRowsRefused, SheetTwice."""
        done = _carry_out(uow, _locked(uow, self, SheetStep.SIGN))
        return SheetDone(self.report_period_id, self.unit_id, tuple(done))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSheet(_SheetAct):
    """The office reviews a unit's sheet: each row is approved, or returned with a reason code and words. Only the
    returned rows come back.
    """

    def execute(self, uow: UnitOfWork) -> SheetDone:
        """Raises NotFound, PermissionDenied, SheetChanged, SheetOvertaken, SheetRowsRefused, SheetTwice."""
        done = _carry_out(uow, _locked(uow, self, SheetStep.REVIEW))
        return SheetDone(self.report_period_id, self.unit_id, tuple(done))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row whose instance this transaction holds: the completion that it amounts to."""

    number: str
    round_id: UUID
    found: Found
    command: CompleteWorkItem


def _locked(uow: UnitOfWork, act: _SheetAct, step: SheetStep) -> list[_Row]:
    """The rows of the act, locked, in the order of their instances; every one of them open as it was seen."""
    uow.about(act.report_period_id)
    ids = [row.work_item_id for row in act.rows]
    asked = {"period": act.report_period_id, "unit": act.unit_id, "step": step.value, "rows": ids}
    _, found_rows, sheet_rows = uow.read(
        (_LOCK_ROOTS, (ids,)), (_READ_ROWS, (uow.now, uow.actor.id, ids)), (_READ_SHEET, asked)
    )
    sheet = {row[0]: row for row in sheet_rows}
    by_instance = {row[1]: row[0] for row in sheet_rows if row[0] in set(ids)}
    acts = {row.work_item_id: row for row in act.rows}
    if not ids or set(ids) - set(sheet):
        uow.authorized = True
        raise NotFound(f"sheet {act.report_period_id} of {act.unit_id}")
    rows = []
    for raw in found_rows:
        own, seen = acts[by_instance[raw[0]]], sheet[by_instance[raw[0]]]
        rows.append(_Row(seen[3], seen[2], Found.of(raw), _completion(own, seen, step)))
    for row in rows:
        row.command.authorize(uow, row.found)
        if ids.count(row.command.work_item_id) > 1:
            raise SheetTwice(row.number, number=row.number)
    _check_as_seen(rows, acts, sheet)
    added = [row[3] for id_, row in sheet.items() if id_ not in acts]
    if added:
        raise SheetChanged(str(act.report_period_id), count=len(added), numbers=LISTING.join(sorted(added)))
    return rows


def _completion(own: RowAct, seen: Sequence[Any], step: SheetStep) -> CompleteWorkItem:
    """The completion of one work item that the row amounts to."""
    draft: Mapping[str, Any] = seen[6] or {}
    takes_draft = own.form is None and step in {SheetStep.CONTRIBUTE, SheetStep.CONSOLIDATE}
    form = dict(draft if takes_draft else own.form or {})
    # A draft holds the opinion among the form's fields; a submission keeps it apart.
    opinion = str(form.pop("opinion", "") or "") if takes_draft else ""
    return CompleteWorkItem(
        work_item_id=own.work_item_id,
        seen_version=own.seen_version,
        decision=own.decision,
        form={name: value for name, value in form.items() if value is not None} if takes_draft else form,
        opinion=own.opinion or opinion,
        reason_code=own.reason_code,
        return_to=own.return_to,
        resume_here=own.resume_here,
        return_units=own.return_units,
        evidence_ids=own.evidence_ids,
    )


def _check_as_seen(rows: Sequence[_Row], acts: Mapping[UUID, RowAct], sheet: Mapping[UUID, Sequence[Any]]) -> None:
    """Raise SheetOvertaken for rows that somebody completed, changed or went on writing."""

    def check(row: _Row) -> None:
        row.command.check_open(row.found)
        id_ = row.command.work_item_id
        _, _, _, _, _, version, _, who, at = sheet[id_]
        seen = acts[id_].seen_draft
        if acts[id_].form is None and seen is not None and seen != (version or 0):
            when = f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""
            raise StaleDraft(str(id_), seen=seen, current=version or 0, who=who or "", when=when)

    _each(rows, check)


def _carry_out(uow: UnitOfWork, rows: Sequence[_Row]) -> list[Completed]:
    """Check every row before the first of them moves: a person who is told what is missing is told of all rows."""
    checked = _each(rows, lambda row: row.command.check(uow, row.found))
    done = [row.command.carry_out(uow, row.found, each) for row, each in zip(rows, checked, strict=True)]
    uow.write(_REMOVE_DRAFTS, ([row.command.work_item_id for row in rows],))
    return done


def _each(rows: Sequence[_Row], check: Callable[[_Row], Any]) -> list[Any]:
    """The results of a check of every row. Raises what all rows that did not pass have in common."""
    results, refused = [], []
    for row in rows:
        try:
            results.append(check(row))
        except (Conflict, RuleViolation, OwnSubmission) as error:
            refused.append((row, error))
    if not refused:
        return results
    facts = {
        "count": len(refused),
        "reasons": fields_shown(((row.number, message_for(error)) for row, error in refused), limit=SHOWN),
        "rows": [_refused(row, error) for row, error in refused],
    }
    if any(isinstance(error, Conflict) for _, error in refused):
        raise SheetOvertaken(str(len(refused)), **facts)
    raise SheetRowsRefused(str(len(refused)), **facts)


def _refused(row: _Row, error: DomainError) -> dict[str, object]:
    return {
        "work_item_id": str(row.command.work_item_id),
        "number": row.number,
        "code": error.code,
        "detail": message_for(error),
        "fields": error.facts.get("fields", []),
    }
