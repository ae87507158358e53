"""Work items: the work list, its counts, what was done, and completing one or many."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.batches import Refusal, refusal
from api.deps import Run
from api.examples import COMPLETED, WORK_COUNTS, WORK_ROW
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Cursor, Limit, Page, decode_cursor
from api.reading import Asking, example, ordered, paged
from api.schemas import Answer, Body, SeenVersion
from domain.urgency import Urgency
from services.batches import each
from services.queries.work_counts import WorkCounts, count_work
from services.queries.work_item_detail import WorkItemDetail, work_item_detail
from services.queries.worklist import (
    WorkFilter,
    WorkRow,
    WorkSort,
    done_work,
    open_work,
)
from services.visibility import WorkScope
from services.work_items import Completed, CompleteWorkItem

router = APIRouter(prefix="/work-items", tags=["work items"])

LARGEST_BATCH = 100


class WorkQuery(Body):
    """Filters of the work list. `scope` is `mine`, `unit` for all that waits for one's units, or `all` for an
    office's lists; `kind` names steps by their BPMN ids.
    """

    scope: WorkScope = WorkScope.MINE
    kind: Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=50)] = ()
    urgency: Urgency | None = None
    list_id: UUID | None = None
    section: Annotated[str | None, Field(max_length=300)] = None
    unit_id: UUID | None = None
    text: Annotated[str | None, Field(max_length=100, description="Part of the item's text, or its number.")] = None

    def filters(self) -> WorkFilter:
        """As the query takes them."""
        return WorkFilter(
            scope=self.scope,
            kinds=self.kind,
            urgency=self.urgency,
            list_id=self.list_id,
            section=self.section,
            unit_id=self.unit_id,
            text=self.text,
        )


class WorkPageQuery(WorkQuery):
    """The filters, the order and the place in it."""

    sort: Literal["due", "-due", "opened", "-opened", "number", "-number"] = "due"
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class Completion(Body):
    """What a person decides. `seen_version` is that of the work item they looked at. A return names where it goes
    (`return_to`, a BPMN id among the offered ones), whether it comes straight back afterwards (`resume_here`), and
    which parties are asked again (`return_units`, none for all).
    """

    seen_version: SeenVersion
    decision: Annotated[str | None, Field(max_length=100, examples=["accept"])] = None
    form: Annotated[dict[str, Any], Field(default_factory=dict, description="Values for the step's form.")]
    opinion: Annotated[str, Field(max_length=2000)] = ""
    reason_code: Annotated[str | None, Field(max_length=100, examples=["material_insufficient"])] = None
    return_to: Annotated[str | None, Field(max_length=100)] = None
    resume_here: bool = False
    return_units: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    evidence_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()

    def command(self, work_item_id: UUID) -> CompleteWorkItem:
        """The command for this work item."""
        return CompleteWorkItem(
            work_item_id=work_item_id,
            seen_version=self.seen_version,
            decision=self.decision,
            form=self.form,
            opinion=self.opinion,
            reason_code=self.reason_code,
            return_to=self.return_to,
            resume_here=self.resume_here,
            return_units=self.return_units,
            evidence_ids=self.evidence_ids,
        )


class NamedCompletion(Completion):
    """One of several."""

    work_item_id: UUID


class Completions(Body):
    """Several work items to complete, each on its own: a refused one does not stop the others."""

    completions: Annotated[tuple[NamedCompletion, ...], Field(min_length=1, max_length=LARGEST_BATCH)]


class CompletionOutcome(Answer):
    """What became of one of several: `completed`, or the `problem` that refused it."""

    work_item_id: UUID
    completed: Completed | None
    problem: Refusal | None


class CompletionOutcomes(Answer):
    """What became of each, in the order of the request."""

    outcomes: list[CompletionOutcome]


@router.get("", responses=example({"items": [WORK_ROW], "next_cursor": None}))
def list_work(query: Annotated[WorkPageQuery, Query()], asking: Asking) -> Page[WorkRow]:
    """Open work items, the most pressing first."""
    sort, descending = ordered(query.sort)
    order = f"work {query.sort}"
    found = open_work(
        asking,
        query.filters(),
        sort=WorkSort(sort),
        descending=descending,
        limit=query.limit,
        after=decode_cursor(query.cursor, order),
    )
    return paged(found, order)


@router.get("/counts", responses=example(WORK_COUNTS))
def count_open_work(query: Annotated[WorkQuery, Query()], asking: Asking) -> WorkCounts:
    """How many open work items there are, by step and by urgency; each group under all filters but its own."""
    return count_work(asking, query.filters())


@router.get("/done", responses=example({"items": [], "next_cursor": None}))
def list_done_work(asking: Asking, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[WorkRow]:
    """What one has completed, newest first."""
    return paged(done_work(asking, limit=limit, after=decode_cursor(cursor, "done")), "done")


@router.get("/{work_item_id}")
def get_work_item(work_item_id: UUID, asking: Asking) -> WorkItemDetail:
    """One work item with the form, the decisions and the version that completing it needs."""
    return work_item_detail(asking, work_item_id)


_OUTCOMES = {"outcomes": [{"work_item_id": WORK_ROW.id, "completed": COMPLETED, "problem": None}]}


@router.post("/complete", responses=example(_OUTCOMES))
def complete_work_items(body: Completions, run: Run) -> CompletionOutcomes:
    """Complete several work items, each in a transaction of its own. The answer says for each what became of it."""
    commands = [(each_one.work_item_id, each_one.command(each_one.work_item_id)) for each_one in body.completions]
    found = each(run.executor, commands, actor=run.actor, request=run.request)
    return CompletionOutcomes(
        outcomes=[
            CompletionOutcome(
                work_item_id=outcome.subject_id,
                completed=outcome.result,
                problem=refusal(outcome.error),
            )
            for outcome in found
        ]
    )


@router.post("/{work_item_id}/complete", responses=example(COMPLETED))
def complete_work_item(work_item_id: UUID, body: Completion, run: Run) -> Completed:
    """Complete one's unit's part of a step."""
    return run(body.command(work_item_id))
