"""Items that go on after they ended: the next stage after a breakthrough, and supervision taken up again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.examples import ITEM_ID
from api.reading import example
from api.routes.items import DeadlineBody, Words
from api.schemas import Body, SeenVersion
from services.continuation import ContinueItem, ReopenItem
from services.items import CreatedItem

router = APIRouter(prefix="/items", tags=["items"])

Deadlines = Annotated[tuple[DeadlineBody, ...], Field(max_length=20)]


class NextStage(Body):
    """The goal of the next stage; without one it is that of the claim. Without deadlines the stage is ongoing."""

    seen_version: SeenVersion
    goal: Annotated[Words | None, Field(examples=["推广到全部园区"])] = None
    deadlines: Deadlines = ()


class Reopening(Body):
    """Why the item is supervised again. Without deadlines those of the ended item are taken over."""

    seen_version: SeenVersion
    reason: Annotated[str, Field(min_length=1, max_length=1000, examples=["审计发现问题仍未解决"])]
    document_number: Annotated[str, Field(max_length=100)] = ""
    deadlines: Deadlines = ()


@router.post("/{item_id}/continue", status_code=201, responses=example(CreatedItem(ITEM_ID, "7/2"), 201))
def continue_item(item_id: UUID, body: NextStage, run: Run) -> CreatedItem:
    """Let a stage that was closed by a breakthrough go on, as a new linked item that waits to be issued."""
    deadlines = tuple(each.deadline() for each in body.deadlines)
    return run(ContinueItem(item_id=item_id, seen_version=body.seen_version, goal=body.goal, deadlines=deadlines))


@router.post("/{item_id}/reopen", status_code=201, responses=example(CreatedItem(ITEM_ID, "7/2"), 201))
def reopen_item(item_id: UUID, body: Reopening, run: Run) -> CreatedItem:
    """Supervise a closed, withdrawn or terminated item again, as a new linked item that waits to be issued."""
    return run(
        ReopenItem(
            item_id=item_id,
            seen_version=body.seen_version,
            reason=body.reason,
            document_number=body.document_number,
            deadlines=tuple(each.deadline() for each in body.deadlines),
        )
    )
