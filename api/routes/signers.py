"""Who signs an open step, changed by the office while it is open."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.schemas import Answer, Body, SeenVersion
from services.signers import AddParty, AskAgain

router = APIRouter(prefix="/work-items", tags=["work items"])


class NewParty(Body):
    """The unit that is asked too; it becomes a co-unit of the item."""

    seen_version: SeenVersion
    unit_id: UUID


class SecondQuestion(Body):
    """Why a party is asked again. Its first answer stays on record and counts no more."""

    seen_version: SeenVersion
    reason: Annotated[str, Field(min_length=1, max_length=1000, examples=["时间安排已调整"])]


class WorkItemId(Answer):
    """The work item of the party that is asked now."""

    work_item_id: UUID


@router.post("/{work_item_id}/parties", status_code=201)
def add_party(work_item_id: UUID, body: NewParty, run: Run) -> WorkItemId:
    """Ask one more unit to take part in the open step of a work item. Not in a step of the office's own."""
    command = AddParty(work_item_id=work_item_id, seen_version=body.seen_version, unit_id=body.unit_id)
    return WorkItemId(work_item_id=run(command))


@router.post("/{work_item_id}/ask-again", status_code=201)
def ask_again(work_item_id: UUID, body: SecondQuestion, run: Run) -> WorkItemId:
    """Ask a party once more that has answered, while the others of its step have not."""
    command = AskAgain(work_item_id=work_item_id, seen_version=body.seen_version, reason=body.reason)
    return WorkItemId(work_item_id=run(command))
