"""Progress rounds: opened by the office for one item or many, listed with who still owes a report."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, model_validator

from api.batches import Refusal, refusal
from api.deps import ContainerDep, CurrentActor, Run
from api.examples import INSTANCE_ID, ITEM_ID, LATE_REPORT, ROUND_ROW
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.routes.ledger import SPREADSHEET, spreadsheet
from api.schemas import Answer, Body, Day
from domain.calendar import end_of, local_date
from domain.labels import LATE_SHEET
from services.batches import each
from services.export import late_workbook
from services.preliminary import SendPreliminary
from services.queries.late_reports import LateReport, late_reports
from services.queries.reading import Reading, reading
from services.queries.rounds import RoundRow, progress_rounds
from services.rounds import OpenRound

router = APIRouter(prefix="/rounds", tags=["rounds"])


class RoundQuery(Body):
    """Which rounds. `state` is `open` for those that still wait for somebody."""

    period: Annotated[str | None, Field(max_length=30, examples=["2026-03"])] = None
    state: Literal["open", "all"] = "all"
    list_id: UUID | None = None
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class LateQuery(Body):
    """Which late reports: `missing` has not come yet, `all` includes what came late."""

    period: Annotated[str | None, Field(max_length=30, examples=["2026-03"])] = None
    list_id: UUID | None = None
    state: Literal["missing", "all"] = "missing"


class LateReports(Answer):
    """Late reports, the latest of all first."""

    items: list[LateReport]


class NewRounds(Body):
    """A reporting period for some items: until which local day the co-units, and then the lead, report."""

    item_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=500)]
    period: Annotated[str, Field(min_length=1, max_length=30, examples=["2026-03"])]
    co_due_on: Day
    due_on: Day

    @model_validator(mode="after")
    def _co_units_first(self) -> "NewRounds":
        if self.co_due_on > self.due_on:
            raise ValueError("co_due_on is after due_on")
        return self


class RoundOutcome(Answer):
    """What became of one item's round: its process instance, or the `problem` that refused it."""

    item_id: UUID
    instance_id: UUID | None
    problem: Refusal | None


class RoundOutcomes(Answer):
    """What became of each, in the order of the request."""

    outcomes: list[RoundOutcome]


class UnsignedRounds(Body):
    """Reports that wait for their signature."""

    round_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=300)]


class Sent(Answer):
    """How many were sent."""

    sent: int


_OPENED = {"outcomes": [{"item_id": ITEM_ID, "instance_id": INSTANCE_ID, "problem": None}]}


@router.get("", responses=example({"items": [ROUND_ROW], "next_cursor": None}))
def list_rounds(query: Annotated[RoundQuery, Query()], asking: Asking) -> Page[RoundRow]:
    """The rounds of the items that one sees, the latest due first."""
    found = progress_rounds(
        asking,
        period=query.period,
        open_only=query.state == "open",
        list_id=query.list_id,
        limit=query.limit,
        after=decode_cursor(query.cursor, "rounds"),
    )
    return paged(found, "rounds")


@router.get("/late", responses=example({"items": [LATE_REPORT]}))
def list_late(query: Annotated[LateQuery, Query()], asking: Asking) -> LateReports:
    """Who has not reported in time, lead and co-units, with the days; of the items that one sees."""
    return LateReports(items=list(_late(asking, query)))


@router.get("/late.xlsx", response_class=Response, responses=SPREADSHEET)
def export_late(query: Annotated[LateQuery, Query()], actor: CurrentActor, container: ContainerDep) -> Response:
    """The same as a spreadsheet."""
    with reading(container.executor, actor, sessions=container.snapshots) as asking:
        content = late_workbook(asking, _late(asking, query))
        name = f"{LATE_SHEET}{local_date(asking.now):%Y%m%d}.xlsx"
    return spreadsheet(content, "late.xlsx", name)


def _late(asking: Reading, query: LateQuery) -> Sequence[LateReport]:
    return late_reports(asking, list_id=query.list_id, period=query.period, missing_only=query.state == "missing")


@router.post("", responses=example(_OPENED))
def open_rounds(body: NewRounds, run: Run) -> RoundOutcomes:
    """Ask for the report of a period. An item whose round is refused does not keep the others from theirs."""
    commands = [
        (
            item_id,
            OpenRound(
                item_id=item_id, period=body.period, co_due_at=end_of(body.co_due_on), due_at=end_of(body.due_on)
            ),
        )
        for item_id in dict.fromkeys(body.item_ids)
    ]
    found = each(run.executor, commands, actor=run.actor, request=run.request)
    return RoundOutcomes(
        outcomes=[
            RoundOutcome(item_id=outcome.subject_id, instance_id=outcome.result, problem=refusal(outcome.error))
            for outcome in found
        ]
    )


@router.post("/preliminary", responses=example({"sent": 1}))
def send_preliminary(body: UnsignedRounds, run: Run) -> Sent:
    """Send the figures of reports that nobody can sign now to the office, marked as unsigned until they are signed."""
    return Sent(sent=run(SendPreliminary(round_ids=body.round_ids)))
