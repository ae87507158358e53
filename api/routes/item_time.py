"""The time of an item: extension, suspension, change of the lead, the trigger of a conditional deadline."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.examples import DUE, INSTANCE_ID, UNIT_ID, WORK_ITEM_ID
from api.reading import example
from api.schemas import Body, Day, SeenVersion
from services.clock_keeping import RecordTrigger, ResumeItem, TakeUpHistory
from services.side_processes import SideProcess, StartedProcess, StartSideProcess
from services.stepping import OpenedWorkItem

router = APIRouter(prefix="/items", tags=["items"])


class Asked(Body):
    """What is asked for. The application itself is the form of the work item that opens."""

    seen_version: SeenVersion
    process: SideProcess


class HigherLevel(Body):
    """The higher level's document. Without `due_on` the date follows from the printed words, if they say how."""

    seen_version: SeenVersion
    document_number: Annotated[str, Field(min_length=1, max_length=100, examples=["部发2026年30号"])]
    happened_on: Day
    due_on: Day | None = None


class Resumption(Body):
    """Why the clock goes on."""

    seen_version: SeenVersion
    reason: Annotated[str, Field(min_length=1, max_length=1000, examples=["上级标准已经印发"])]


class Seen(Body):
    """The version that was looked at."""

    seen_version: SeenVersion


_STARTED = StartedProcess(INSTANCE_ID, (OpenedWorkItem(WORK_ITEM_ID, "apply_extension", UNIT_ID, DUE),))


@router.post("/{item_id}/processes", status_code=201, responses=example(_STARTED, 201))
def start_process(item_id: UUID, body: Asked, run: Run) -> StartedProcess:
    """Ask for an extension, a suspension or another lead; one of a kind at a time."""
    return run(StartSideProcess(item_id=item_id, seen_version=body.seen_version, process=body.process))


@router.post("/{item_id}/triggers", status_code=204)
def record_trigger(item_id: UUID, body: HigherLevel, run: Run) -> None:
    """Record the higher level's document: a conditional deadline starts to run, a suspended clock goes on."""
    run(
        RecordTrigger(
            item_id=item_id,
            seen_version=body.seen_version,
            document_number=body.document_number,
            happened_on=body.happened_on,
            due_on=body.due_on,
        )
    )


@router.post("/{item_id}/resume", status_code=204)
def resume_item(item_id: UUID, body: Resumption, run: Run) -> None:
    """Let a suspended clock go on, with the working time that was left."""
    run(ResumeItem(item_id=item_id, seen_version=body.seen_version, reason=body.reason))


@router.post("/{item_id}/take-up", status_code=204)
def take_up_history(item_id: UUID, body: Seen, run: Run) -> None:
    """Let the date of an item that was taken over as history count from now on."""
    run(TakeUpHistory(item_id=item_id, seen_version=body.seen_version))
