"""KPI targets: how each stands, its series with forecast, its figures with their sources; and completion by a day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from api.deps import Run
from api.reading import Asking
from api.schemas import Answer, Body, Day
from domain.completion import DeadlineClass
from domain.items import Strength
from domain.kpi import KpiKind
from domain.kpi_reporting import KpiRhythm
from services.kpi import LinkKpiItem, RecordKpiReading, RetireKpiTarget, SetKpiBase, SetKpiTarget, TakeOverKpiTarget
from services.kpi_requests import ArrangeKpiReporting, AskForKpiFigure, WithdrawKpiRequest
from services.queries.completion import CompletionReport
from services.queries.completion_counts import completion_page
from services.queries.kpi import KpiDetail, KpiRow, kpi_target, kpi_targets
from services.queries.kpi_requests import KpiRequestRow, kpi_requests

router = APIRouter(tags=["kpi"])

MOST_LISTED = 10_000
AsOf = Annotated[date | None, Query(description="As of this day; today if it is not said.")]
KnownAt = Annotated[AwareDatetime | None, Query(description="As known at this moment; now if it is not said.")]
Source = Annotated[str, Field(min_length=1, max_length=500)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class Targets(Answer):
    """Targets, each part after its whole."""

    items: list[KpiRow]


class NewTarget(Body):
    """A target; `base` may come later, and until then a growth cannot be assessed."""

    office_unit_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    kind: KpiKind
    target: Figure
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    base_on: Day
    target_on: Day
    source: Source
    base: Figure | None = None
    base_source: Annotated[str, Field(max_length=500)] = ""
    strength: Strength | None = None
    parent_id: UUID | None = None


class TakeOver(Body):
    """An item whose import read a target, and the day from which is counted."""

    item_id: UUID
    base_on: Day


class Made(Answer):
    """The new target."""

    id: UUID


class NewBase(Body):
    """The base, with where it is printed."""

    value: Figure
    source: Source


class NewReading(Body):
    """A figure that is true of a day. Evidence is of the items that serve the target."""

    as_of: Day
    value: Figure
    source: Source
    evidence_ids: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()


class Recorded(Answer):
    """The figure's number."""

    id: int


class Reporting(Body):
    """Which unit reports a target's figures, and how often it is asked; without a rhythm by hand only."""

    unit_id: UUID
    rhythm: KpiRhythm | None = None


class NewRequest(Body):
    """The day of which a figure is wanted; `unit_id` if another unit than who reports the target is asked."""

    as_of: Day
    unit_id: UUID | None = None


class Asked(Answer):
    """The matter in which the unit answers."""

    item_id: UUID


class Withdrawal(Body):
    """Why the figure is not wanted any more."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Requests(Answer):
    """Requests for figures, the newest first."""

    items: list[KpiRequestRow]


class Link(Body):
    """Whether the item serves the target."""

    serves: bool = True


@router.get("/kpi-targets")
def list_targets(asking: Asking, as_of: AsOf = None, known_at: KnownAt = None) -> Targets:
    """The targets that one sees, as of a day. Where the base or a figure is missing, `value` is null, never zero."""
    return Targets(items=list(kpi_targets(asking, as_of=as_of, known_at=known_at)))


@router.post("/kpi-targets", status_code=201)
def set_target(body: NewTarget, run: Run) -> Made:
    """Set a target. 422 `kpi_dates_reversed`, `kpi_source_missing`, `kpi_value_out_of_range`."""
    return Made(id=run(SetKpiTarget(**body.model_dump())))


@router.post("/kpi-targets/from-item", status_code=201)
def take_over(body: TakeOver, run: Run) -> Made:
    """Make a target of an imported item. 422 `kpi_not_an_item_target` where the import read none."""
    return Made(id=run(TakeOverKpiTarget(**body.model_dump())))


@router.get("/kpi-targets/{target_id}")
def get_target(target_id: UUID, asking: Asking, as_of: AsOf = None, known_at: KnownAt = None) -> KpiDetail:
    """A target with its series, the course that it should take, and the forecast to its date."""
    return kpi_target(asking, target_id, as_of=as_of, known_at=known_at)


@router.post("/kpi-targets/{target_id}/bases", status_code=204)
def set_base(target_id: UUID, body: NewBase, run: Run) -> None:
    """Record the base of a target, or a better figure for it."""
    run(SetKpiBase(target_id=target_id, **body.model_dump()))


@router.post("/kpi-targets/{target_id}/readings", status_code=201)
def record_reading(target_id: UUID, body: NewReading, run: Run) -> Recorded:
    """Record a figure. One of the same day counts from now on; what was known before can still be asked."""
    return Recorded(id=run(RecordKpiReading(target_id=target_id, **body.model_dump())))


@router.put("/kpi-targets/{target_id}/reporting", status_code=204)
def arrange_reporting(target_id: UUID, body: Reporting, run: Run) -> None:
    """Say who reports a target's figures and how often. 422 `kpi_rhythm_unfit`, `kpi_reporter_unfit`."""
    run(ArrangeKpiReporting(target_id=target_id, **body.model_dump()))


@router.post("/kpi-targets/{target_id}/requests", status_code=201)
def ask_for_figure(target_id: UUID, body: NewRequest, run: Run) -> Asked:
    """Ask a unit for the figure of a day, besides what the clock asks. 409 `kpi_already_asked`."""
    return Asked(item_id=run(AskForKpiFigure(target_id=target_id, **body.model_dump())))


@router.get("/kpi-requests")
def list_requests(
    *, asking: Asking, open_only: Annotated[bool, Query(alias="open", description="Only those that are open.")] = False
) -> Requests:
    """Requests for figures that one sees: who was asked for which day, the answer, who holds it since when."""
    return Requests(items=list(kpi_requests(asking, open_only=open_only)))


@router.post("/kpi-requests/{item_id}/withdraw", status_code=204)
def withdraw_request(item_id: UUID, body: Withdrawal, run: Run) -> None:
    """End an open request with its reason; the same day may be asked for again. 409 `kpi_request_ended`."""
    run(WithdrawKpiRequest(item_id=item_id, reason=body.reason))


@router.put("/kpi-targets/{target_id}/items/{item_id}", status_code=204)
def link_item(target_id: UUID, item_id: UUID, body: Link, run: Run) -> None:
    """Say whether an item serves a target."""
    run(LinkKpiItem(target_id=target_id, item_id=item_id, serves=body.serves))


@router.post("/kpi-targets/{target_id}/retire", status_code=204)
def retire_target(target_id: UUID, run: Run) -> None:
    """Take a target off; its figures stay."""
    run(RetireKpiTarget(target_id=target_id))


@router.get("/completion")
def get_completion(
    *,
    asking: Asking,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    list_id: Annotated[list[UUID] | None, Query(max_length=50, description="Only these lists.")] = None,
    deadline_class: Annotated[DeadlineClass | None, Query(description="List only items of this class.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="So many items, and as many outside.")] = 100,
) -> CompletionReport:
    """Half-time and final view: completion by class of deadline as of a day, with suspended and terminated items
    outside the denominator. All are counted; the first of them are listed.
    """
    return completion_page(
        asking, list_ids=list_id or (), as_of=as_of, known_at=known_at, deadline=deadline_class, most=limit
    ).report
