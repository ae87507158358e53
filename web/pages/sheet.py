"""The report sheet of a unit: written row by row by several people, handed in, signed and reviewed in one act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import Conflict, DomainError, InvalidForm, OwnSubmission, RuleViolation, WorkItemClosed
from domain.reporting_errors import SheetWaits, StaleDraft
from services.drafts import SavedDraft, SaveDraft
from services.queries.evidence import evidence_of_rounds, loose_evidence
from services.queries.sheets import SheetAction, SheetRow, SheetView, sheet_view
from services.sheets import ReviewSheet, RowAct, SheetDone, SheetStep, SignSheet, SubmitSheet
from web.notices import Notice
from web.sheet_forms import WRITTEN, Seen, WrittenRow, digest_of, drafted, seen_rows, typed_values, written_row
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

PATH = "/sheets/{report_period_id}/{unit_id}/{part}"
RETURN = "return"
"""The decision of a leader or of the office that sends a row back."""


class Part(StrEnum):
    """Whether the unit reports as lead, or its parts of others' reports."""

    LEAD = "lead"
    CO_UNIT = "co_unit"


@dataclass(frozen=True, slots=True)
class Address:
    """Which sheet."""

    report_period_id: UUID
    unit_id: UUID
    part: Part

    def view(self, visit: Visit) -> SheetView:
        """The sheet as it is now. Raises NotFound."""
        return sheet_view(visit.reading, self.report_period_id, self.unit_id, co_unit=self.part is Part.CO_UNIT)

    def params(self) -> dict[str, object]:
        """For the address of the page."""
        return {"report_period_id": self.report_period_id, "unit_id": self.unit_id, "part": self.part.value}


@dataclass(slots=True)
class Refusal:
    """Why the page is shown again: in one sentence, and row by row; with what was typed."""

    status: int = HTTPStatus.OK
    error: DomainError | None = None
    rows: dict[UUID, DomainError] = field(default_factory=dict)
    typed: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    keep: dict[UUID, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A row that is signed or reviewed, with what was chosen for it before the page was shown again."""

    row: SheetRow
    decision: str
    reason_code: str
    opinion: str
    refused: DomainError | None


@router.get(PATH, name="sheet")
def show_sheet(visit: Visiting, report_period_id: UUID, unit_id: UUID, part: Part) -> Response:
    """The sheet as the visitor may write, sign or review it now."""
    return _page(visit, Address(report_period_id, unit_id, part), Refusal())


@router.post(PATH, name="act_on_sheet")
def act_on_sheet(visit: Submitting, report_period_id: UUID, unit_id: UUID, part: Part) -> Response:
    """Save the rows, hand the sheet in, sign it or review it, by the button that was pressed."""
    address = Address(report_period_id, unit_id, part)
    act, _, chosen = visit.text("act").partition(":")
    if act in {"sign", "review"}:
        return _decide(visit, address, SheetStep.SIGN if act == "sign" else SheetStep.REVIEW)
    refusal, drafts = _save(visit, address, act=act, chosen=chosen)
    if refusal.rows:
        return _page(visit, address, refusal)
    if act not in {"submit", "preliminary"}:
        return visit.redirect("sheet", notice=Notice("sheet_saved", {"count": len(drafts)}), **address.params())
    seen = seen_rows(visit.form)
    command = SubmitSheet(
        report_period_id=report_period_id,
        unit_id=unit_id,
        rows=tuple(
            RowAct(
                work_item_id=id_,
                seen_version=each.version,
                seen_draft=drafts.get(id_, each.draft),
                evidence_ids=_ids(visit.texts(f"evidence.{id_}")),
            )
            for id_, each in seen.items()
        ),
        step=SheetStep.CONTRIBUTE if part is Part.CO_UNIT else SheetStep.CONSOLIDATE,
        leave_waiting=bool(visit.text("leave_waiting")),
        preliminary=act == "preliminary",
    )
    return _run(visit, address, command, notice="sheet_submitted", typed=refusal.typed)


@router.post(PATH + "/rows/{work_item_id}", name="save_sheet_row")
def save_row(visit: Submitting, report_period_id: UUID, unit_id: UUID, part: Part, work_item_id: UUID) -> Response:
    """Save one row while it is typed. The answer is the line that says so, with the versions to go on from."""
    address = Address(report_period_id, unit_id, part)
    refusal, _ = _save(visit, address, act="save", chosen="", only=work_item_id)
    view = address.view(visit)
    found = next((row for row in _written(view, refusal) if row.row.work_item_id == work_item_id), None)
    if found is None:
        raise WorkItemClosed(str(work_item_id), when="", decision="")
    error = refusal.rows.get(work_item_id)
    return visit.page("sheet/state_alone.html", status=_status(error) if error else HTTPStatus.OK, each=found)


def _save(
    visit: Submission, address: Address, *, act: str, chosen: str, only: UUID | None = None
) -> tuple[Refusal, dict[UUID, int]]:
    """Save the rows that were touched; what became of those that could not be saved, and the new drafts' versions.

    `act` and `chosen` may say of one row whose text shall hold: one's own (`mine`), or what somebody else saved
    meanwhile (`theirs`).
    """
    view = address.view(visit)
    schemas = {action.step: action.form or {} for action in view.actions}
    rows = {row.work_item_id: row for row in view.rows if row.may_act and row.work_item_id and row.step in WRITTEN}
    refusal, commands, seen_of = Refusal(), [], seen_rows(visit.form)
    for id_, seen in seen_of.items():
        row = rows.get(id_)
        if row is None or row.step is None or (only is not None and id_ != only):
            continue
        typed = typed_values(schemas[SheetStep(row.step)], visit.form, id_)
        current = row.draft.version if row.draft else 0
        if str(id_) == chosen and act == "theirs":
            continue
        refusal.typed[id_] = typed
        mine = str(id_) == chosen and act == "mine"
        untouched = seen.draft != current and digest_of(typed) == seen.digest
        if typed != drafted(row) and not untouched:
            version = current if mine else seen.draft
            commands.append((id_, SaveDraft(work_item_id=id_, seen_version=version, form=typed)))
    drafts: dict[UUID, int] = {}
    for outcome in visit.run_each(commands):
        if isinstance(outcome.result, SavedDraft):
            drafts[outcome.subject_id] = outcome.result.version
        elif outcome.error is not None:
            refusal.rows[outcome.subject_id] = outcome.error
            refusal.status = max(refusal.status, _status(outcome.error))
            if isinstance(outcome.error, StaleDraft):
                refusal.keep[outcome.subject_id] = seen_of[outcome.subject_id]
    return refusal, drafts


def _ids(texts: Sequence[str]) -> tuple[UUID, ...]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _decide(visit: Submission, address: Address, step: SheetStep) -> Response:
    """Sign or review: a decision for each row of the form."""
    acts = []
    for id_, seen in seen_rows(visit.form).items():
        act = RowAct(work_item_id=id_, seen_version=seen.version, decision=visit.text(f"decision.{id_}") or None)
        if act.decision == RETURN:
            # What was typed for a return that was thought better of is not said to anybody.
            reason = visit.text(f"reason.{id_}") or None
            act = replace(act, reason_code=reason, opinion=visit.text(f"opinion.{id_}"))
        acts.append(act)
    kind = SignSheet if step is SheetStep.SIGN else ReviewSheet
    command = kind(report_period_id=address.report_period_id, unit_id=address.unit_id, rows=tuple(acts))
    returned = sum(act.decision == RETURN for act in acts)
    name = "sheet_signed" if step is SheetStep.SIGN else "sheet_reviewed"
    return _run(visit, address, command, notice=name, returned=returned)


def _run(
    visit: Submission,
    address: Address,
    command: SubmitSheet | SignSheet | ReviewSheet,
    *,
    notice: str,
    typed: Mapping[UUID, Mapping[str, Any]] | None = None,
    returned: int = 0,
) -> Response:
    """Carry the act out and go on to the page, which says so; or show the page again with why not."""
    try:
        done: SheetDone = visit.run(command)
    except (Conflict, RuleViolation, OwnSubmission) as error:
        refusal = Refusal(_status(error), error, typed=dict(typed or {}))
        rows = error.facts.get("rows", ())
        for row in rows if isinstance(rows, Sequence) else ():
            refusal.rows[UUID(row["work_item_id"])] = _row_error(row)
        return _page(visit, address, refusal)
    facts = {"count": len(done.rows) - returned, "returned": returned, "preliminary": done.preliminary}
    return visit.redirect("sheet", notice=Notice(notice, facts), **address.params())


def _row_error(row: Mapping[str, Any]) -> DomainError:
    """What the refusal of the whole sheet says of one of its rows; `said` is its sentence."""
    return InvalidForm(row["detail"], said=row["detail"], fields=row["fields"])


def _status(error: DomainError) -> int:
    return HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY


def _written(view: SheetView, refusal: Refusal) -> list[WrittenRow]:
    """The rows that the visitor writes."""
    schemas = {action.step: action.form or {} for action in view.actions}
    found = []
    for row in view.rows:
        if row.may_act and row.work_item_id is not None and row.step in WRITTEN:
            id_ = row.work_item_id
            found.append(
                written_row(
                    row,
                    schemas[SheetStep(row.step)],
                    typed=refusal.typed.get(id_),
                    refused=refusal.rows.get(id_),
                    keep=refusal.keep.get(id_),
                )
            )
    return found


def _decided(visit: Visit, view: SheetView, step: SheetStep, refusal: Refusal) -> list[DecidedRow]:
    """The rows that wait for the visitor in this step, with what they had chosen."""
    text = visit.text if isinstance(visit, Submission) else lambda _: ""
    return [
        DecidedRow(
            row,
            text(f"decision.{row.work_item_id}"),
            text(f"reason.{row.work_item_id}"),
            text(f"opinion.{row.work_item_id}"),
            refusal.rows.get(row.work_item_id),
        )
        for row in view.rows
        if row.may_act and row.step == step and row.work_item_id is not None
    ]


def _page(visit: Visit, address: Address, refusal: Refusal) -> Response:
    view = address.view(visit)
    actions: dict[SheetStep, SheetAction] = {action.step: action for action in view.actions}
    written = _written(view, refusal)
    decisions = {
        step: _decided(visit, view, step, refusal) for step in (SheetStep.SIGN, SheetStep.REVIEW) if step in actions
    }
    own = {each.row.round_id for each in written} | {each.row.round_id for rows in decisions.values() for each in rows}
    return visit.page(
        "sheet/sheet.html",
        status=refusal.status,
        view=view,
        params=address.params(),
        actions=actions,
        written=written,
        files=loose_evidence(visit.reading, [each.row.item_id for each in written]),
        handed_in_files=evidence_of_rounds(visit.reading, [row.round_id for row in view.rows]),
        ready=sum(bool(each.row.draft and each.row.draft.version and not each.row.missing) for each in written),
        decisions=decisions,
        reasons={step: _reasons(action) for step, action in actions.items()},
        others=[row for row in view.rows if row.round_id not in own],
        refused=refusal.error,
        refused_rows=[(row, refusal.rows[row.work_item_id]) for row in view.rows if row.work_item_id in refusal.rows],
        waits=isinstance(refusal.error, SheetWaits),
    )


def _reasons(action: SheetAction) -> list[tuple[str, str]]:
    """The codes and words with which a row can be returned."""
    part = (action.form or {}).get("properties", {}).get("reason_code", {})
    labels = part.get("x-ui", {}).get("labels", {})
    return [(code, labels.get(code, code)) for code in part.get("enum", ())]
