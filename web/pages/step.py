"""Doing a step: its form, its evidence, its decisions; a draft that saves itself; what to do when it is too late."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from domain.addresses import STEP
from domain.errors import Conflict, DomainError, RuleViolation, StaleVersion, TooLarge, WorkItemClosed
from domain.evidence import CHUNK_BYTES
from services.drafts import SaveDraft
from services.queries.drafts import DraftView, draft_of
from services.queries.evidence import EvidenceRow, evidence_of_item
from services.queries.handed_in import compared
from services.queries.reading import reading as opened_reading
from services.queries.work_context import contexts_of
from services.queries.work_item_detail import WorkItemDetail, work_item_detail
from services.uploads import FinishUpload, StartUpload, receive_chunk
from services.work_items import CompleteWorkItem
from web.forms import ADD_ROW, KEPT_APART, PREFIX, form_view, sent_values
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

LONGEST_NUMBER = 9
"""Digits of a version in a form, so that it fits the column it is compared with."""
LARGEST_POST = 32 * 1024 * 1024
"""Bytes of a form with files that is sent without script; with it, files go in parts and may be larger."""


@router.get(STEP, name="step")
def show_step(visit: Visiting, work_item_id: UUID) -> Response:
    """The step with what is needed to decide it; or what became of it."""
    detail = work_item_detail(visit.reading, work_item_id)
    if detail.action is None:
        return visit.page("step/done.html", detail=detail, typed=(), refused=None)
    draft = draft_of(visit.reading, work_item_id)
    kept = draft if draft.version or draft.earlier is None else draft.earlier
    return _page(visit, detail, draft, kept.form)


def _page(
    visit: Visit,
    detail: WorkItemDetail,
    draft: DraftView,
    values: Mapping[str, Any],
    *,
    refused: DomainError | None = None,
    decision: str | None = None,
    extra_row: str | None = None,
    chosen: Mapping[str, Any] | None = None,
) -> Response:
    action = detail.action
    assert action is not None
    schema = action.form or {}
    view = form_view(schema, values, refused=refused, decision=decision, extra_row=extra_row)
    apart = {"reason_code"} | (set() if schema else {"opinion"})
    row = detail.work_item
    back = next((each for each in reversed(detail.handed_in) if each.decision == "return"), None)
    return visit.page(
        "step/step.html",
        status=200 if refused is None else 409 if isinstance(refused, Conflict) else 422,
        detail=detail,
        work=row,
        item=detail.item,
        action=action,
        view=view,
        fields=[each for each in view.fields if each.name.removeprefix(PREFIX) not in apart],
        reason=view.field("reason_code"),
        problems=view.problems,
        refused=None if refused is None or view.problems else visit.sentence(refused),
        draft=draft,
        earlier=draft.earlier if not draft.version else None,
        own_files=_own_files(visit, row.item_id),
        evidence_names={each.id: each for each in evidence_of_item(visit.reading, row.item_id)},
        compared=compared(visit.reading, row.id, detail.handed_in),
        context=contexts_of(visit.reading, [row.id])[row.id],
        returned=back,
        due=visit.due(row.due_at, provisional=row.provisional),
        chosen=chosen or {},
        parties_of=_parties_of(detail),
    )


def _own_files(visit: Visit, item_id: UUID) -> list[EvidenceRow]:
    """What the visitor has uploaded for the item and not handed in with a step yet: found again after a reload."""
    rows = evidence_of_item(visit.reading, item_id)
    return [row for row in rows if row.added_by == visit.actor.id and row.work_item_id is None and not row.expunged_at]


@router.post(STEP, name="do_step")
def do_step(visit: Submitting, work_item_id: UUID) -> Response:
    """Decide it, keep it for later, or add a row to it, by the button that was pressed."""
    detail = work_item_detail(visit.reading, work_item_id)
    values = sent_values(detail.action.form or {}, visit.form) if detail.action else {}
    if detail.action is None:
        return _overtaken(visit, work_item_id, WorkItemClosed(str(work_item_id)))
    if visit.text(ADD_ROW):
        draft = draft_of(visit.reading, work_item_id)
        return _page(visit, detail, draft, values, extra_row=visit.text(ADD_ROW).removeprefix(PREFIX))
    if visit.text("go") == "keep":
        return _keep(visit, detail, values)
    return _decide(visit, detail, values)


def _decide(visit: Submission, detail: WorkItemDetail, values: Mapping[str, Any]) -> Response:
    action = detail.action
    assert action is not None
    decision = visit.text("decision") or None
    returns = decision == "return"
    command = CompleteWorkItem(
        work_item_id=action.work_item_id,
        seen_version=_number(visit.text("seen_version")),
        decision=decision,
        form={name: value for name, value in values.items() if name not in KEPT_APART},
        opinion=str(values.get("opinion") or visit.text("opinion")),
        reason_code=str(values["reason_code"]) if values.get("reason_code") and decision == action.adverse else None,
        return_to=(visit.text("return_to") or None) if returns else None,
        return_units=_chosen_parties(visit, detail) if returns else (),
        resume_here=returns and bool(visit.text("resume_here")),
        evidence_ids=_ids(visit.texts("evidence")),
    )
    try:
        done = visit.run(command)
    except (WorkItemClosed, StaleVersion) as error:
        return _overtaken(visit, action.work_item_id, error)
    except (Conflict, RuleViolation) as error:
        fresh = work_item_detail(visit.reading, action.work_item_id)
        chosen: dict[str, Any] = {name: visit.text(name) for name in ("return_to", "resume_here")}
        chosen |= {
            "adverse": decision is not None and decision == action.adverse,
            "return_units": visit.texts("return_units"),
        }
        draft = draft_of(visit.reading, action.work_item_id)
        return _page(visit, fresh, draft, values, refused=error, decision=decision, chosen=chosen)
    label = next((choice.label for choice in action.decisions if choice.decision == decision), "")
    facts = {
        "step": action.step,
        "decision": label,
        "number": detail.item.number,
        "item": str(detail.item.id),
        "decided": done.decided,
    }
    return visit.redirect("todo", notice=Notice("step_done", facts))


def _parties_of(detail: WorkItemDetail) -> dict[str, dict[UUID, str]]:
    """Who did each step that this one can be returned to, where several did: a return may ask some of them only."""
    targets = () if detail.action is None else detail.action.return_targets
    parties: dict[str, dict[UUID, str]] = {target.bpmn_id: {} for target in targets}
    for entry in detail.handed_in:
        if entry.name in parties and entry.unit_id is not None:
            parties[entry.name][entry.unit_id] = entry.unit
    return {step: units for step, units in parties.items() if len(units) > 1}


def _chosen_parties(visit: Submission, detail: WorkItemDetail) -> tuple[UUID, ...]:
    """The parties that are asked again; none stands for all. Boxes of another step than the chosen one do not count."""
    asked = _parties_of(detail).get(visit.text("return_to"), {})
    return tuple(unit_id for unit_id in _ids(visit.texts("return_units")) if unit_id in asked)


def _overtaken(visit: Submission, work_item_id: UUID, error: DomainError) -> Response:
    """Somebody was faster: what they did, and what the visitor typed, to be taken along."""
    detail = work_item_detail(visit.reading, work_item_id)
    typed = [
        (name.removeprefix(PREFIX), value.strip())
        for name, value in visit.form.multi_items()
        if name.startswith(PREFIX) and isinstance(value, str) and value.strip()
    ]
    return visit.page("step/done.html", status=409, detail=detail, typed=typed, refused=error)


def _keep(visit: Submission, detail: WorkItemDetail, values: Mapping[str, Any]) -> Response:
    try:
        _save(visit, detail.work_item.id, values)
    except (Conflict, RuleViolation) as error:
        fresh = work_item_detail(visit.reading, detail.work_item.id)
        return _page(visit, fresh, draft_of(visit.reading, detail.work_item.id), values, refused=error)
    return visit.redirect("todo", notice=Notice("draft_kept", {"number": detail.item.number}))


def _save(visit: Submission, work_item_id: UUID, values: Mapping[str, Any]) -> Any:
    seen = _number(visit.text("draft_version"))
    return visit.run_unrepeatable(SaveDraft(work_item_id=work_item_id, seen_version=seen, form=dict(values)))


@router.post(f"{STEP}/draft", name="save_step_draft")
def save_step_draft(visit: Submitting, work_item_id: UUID) -> Response:
    """What the page's script sends while one writes. The answer is the line that says when it was saved."""
    detail = work_item_detail(visit.reading, work_item_id)
    if detail.action is None:
        return visit.page("step/saved.html", status=409, saved=None, refused=None)
    try:
        saved = _save(visit, work_item_id, sent_values(detail.action.form or {}, visit.form))
    except (Conflict, RuleViolation) as error:
        return visit.page("step/saved.html", status=409, saved=None, refused=visit.sentence(error))
    return visit.page("step/saved.html", saved=saved, refused=None)


@router.post(f"{STEP}/files", name="add_files", max_body_size=LARGEST_POST)
def add_files(visit: Submitting, work_item_id: UUID) -> Response:
    """Files that are sent with the form itself, without script. What was typed is shown again with them."""
    detail = work_item_detail(visit.reading, work_item_id)
    if detail.action is None:
        return _overtaken(visit, work_item_id, WorkItemClosed(str(work_item_id)))
    values = sent_values(detail.action.form or {}, visit.form)
    refused: DomainError | None = None
    for given in visit.form.getlist("files"):
        if isinstance(given, UploadFile) and given.filename:
            try:
                _store(visit, detail, given, given.filename)
            except (Conflict, RuleViolation, TooLarge) as error:
                refused = error
    fresh = work_item_detail(visit.reading, work_item_id)
    return _page(visit, fresh, draft_of(visit.reading, work_item_id), values, refused=refused)


def _store(visit: Submission, detail: WorkItemDetail, given: UploadFile, name: str) -> None:
    content = given.file.read()
    command = StartUpload(
        item_id=detail.item.id,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        unit_id=detail.work_item.unit_id,
    )
    started = visit.run_unrepeatable(command)
    container = visit.container
    storage = container.executor.storage
    assert storage is not None, "an application that serves evidence is given a file store"
    for offset in range(0, len(content), CHUNK_BYTES):
        data = content[offset : offset + CHUNK_BYTES]
        with opened_reading(container.executor, visit.actor, sessions=container.reads) as asking:
            receive_chunk(
                asking.session, storage, visit.actor, started.id, offset=offset, data=data, now=container.clock.now()
            )
    proves = visit.text("proves") or name
    visit.run_unrepeatable(FinishUpload(upload_id=started.id, proves=proves))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def _ids(texts: list[str]) -> tuple[UUID, ...]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return tuple(found)
