"""Drafts of a work item's form: saved while one writes, gone when it is handed in."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.reading import Asking
from api.schemas import Body
from services.drafts import DiscardDraft, SavedDraft, SaveDraft
from services.queries.drafts import DraftView, draft_of

router = APIRouter(prefix="/work-items/{work_item_id}/draft", tags=["work items"])

SeenDraft = Annotated[
    int, Field(ge=0, le=2**31 - 1, examples=[0], description="The draft's version one went on from; 0 for the first.")
]


class DraftBody(Body):
    """What was typed so far; `form` may be unfinished, and may hold opinion and reason code too."""

    seen_version: SeenDraft
    form: Annotated[dict[str, Any], Field(default_factory=dict, examples=[{"percent": 40}])]
    decision: Annotated[str | None, Field(max_length=100)] = None


@router.get("")
def get_draft(work_item_id: UUID, asking: Asking) -> DraftView:
    """The unit's draft, with who saved it when; version 0 where there is none."""
    return draft_of(asking, work_item_id)


@router.put("")
def save_draft(work_item_id: UUID, body: DraftBody, run: Run) -> SavedDraft:
    """Save the draft. 409 `stale_draft` when somebody of the unit saved it since: nothing is overwritten."""
    return run(
        SaveDraft(work_item_id=work_item_id, seen_version=body.seen_version, form=body.form, decision=body.decision)
    )


@router.delete("", status_code=204)
def discard_draft(work_item_id: UUID, run: Run, seen_version: Annotated[int, Query(ge=1, le=2**31 - 1)]) -> None:
    """Throw the draft away."""
    run(DiscardDraft(work_item_id=work_item_id, seen_version=seen_version))
