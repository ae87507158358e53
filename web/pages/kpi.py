"""KPI targets: how each stands and where it goes, one with its course, figures and sources; completion as of a day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from domain.calendar import local_date
from domain.completion import DeadlineClass
from domain.errors import Conflict, DomainError, RuleViolation
from domain.kpi import KpiKind
from domain.kpi_reporting import KpiRhythm
from domain.labels import LABELS
from services.executor import Command
from services.kpi import LinkKpiItem, RecordKpiReading, RetireKpiTarget, SetKpiBase, SetKpiTarget
from services.kpi_requests import ArrangeKpiReporting, AskForKpiFigure, WithdrawKpiRequest
from services.queries.completion_counts import completion_page
from services.queries.completion_tally import LISTED
from services.queries.kpi import KpiDetail, kpi_target, kpi_targets
from services.queries.ledger import LedgerFilter, LedgerRow, ledger
from services.queries.lists import list_names
from services.queries.offices import offices
from services.queries.units import names_to_choose
from services.visibility import offices_of
from web.notices import Notice
from web.typed import day_in, id_in, named_units
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

TARGET = "/kpi-targets/{target_id}"
FOUND = 10
"""Items that are offered at once to be linked."""
LONGEST_SEARCH = 100
FEWEST_MARKS = 3
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 260, 56, 14, 28
"""The chart in units of its view box; the plot lies right of `LEFT`, between `TOP` and `BOTTOM`."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place in the chart with what it stands for."""

    x: float
    y: float
    value: float
    on: date


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines of a target's chart in the view box; `range_top` and `range_bottom` bound the forecast's range."""

    dots: tuple[Dot, ...]
    line: str
    course: str
    target_y: float
    ahead: Dot | None
    range_top: float | None
    range_bottom: float | None
    marks: tuple[tuple[float, float], ...]


def chart_of(detail: KpiDetail) -> Chart | None:
    """Where to draw what of a target; None where there is no figure that can be compared with it."""
    row = detail.row
    points = [(point.as_of, point.value, point.expected) for point in detail.series if point.value is not None]
    if not points:
        return None
    values = [row.target, *(value for _, value, _ in points), *(each for _, _, each in points if each is not None)]
    values += [each for each in (row.forecast, row.low, row.high) if each is not None]
    low, high = min(values), max(values)
    # A little room above and below, so that no line lies on the edge.
    room = (high - low or abs(high) or 1.0) * 0.08
    low, high = low - room, high + room
    first, last = points[0][0], max(row.target_on, points[-1][0])
    days = max((last - first).days, 1)

    def x_of(on: date) -> float:
        return round(LEFT + (WIDTH - LEFT - 60) * (on - first).days / days, 1)

    def y_of(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    dots = tuple(Dot(x_of(on), y_of(value), value, on) for on, value, _ in points)
    course = [(x_of(on), y_of(each)) for on, _, each in points if each is not None]
    course.append((x_of(row.target_on), y_of(row.target)))
    return Chart(
        dots=dots,
        line=_drawn([(dot.x, dot.y) for dot in dots]),
        course=_drawn(course),
        target_y=y_of(row.target),
        ahead=None
        if row.forecast is None
        else Dot(x_of(row.target_on), y_of(row.forecast), row.forecast, row.target_on),
        range_top=None if row.high is None else y_of(row.high),
        range_bottom=None if row.low is None else y_of(row.low),
        marks=tuple((y_of(value), value) for value in round_marks(low, high)),
    )


def round_marks(low: float, high: float) -> tuple[float, ...]:
    """Three to seven round numbers between `low` and a larger `high`: multiples of 1, 2 or 5 of some power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / 3))
    # The largest step of which three lie in the range; one power below, there are always more than three.
    steps = (5 * power, 2 * power, power, power / 2)
    for step in steps:
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first >= FEWEST_MARKS - 1:
            break
    digits = max(0, 1 - math.floor(math.log10(step)))
    return tuple(round(number * step, digits) for number in range(first, last + 1))


def _drawn(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


@router.get("/kpi-targets", name="kpi_targets")
def show_targets(visit: Visiting, as_of: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Every target in force as of a day."""
    return _list(visit, day_in(as_of))


def _list(
    visit: Visit,
    as_of: date | None = None,
    *,
    refused: DomainError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    asking = visit.reading
    own = offices_of(visit.actor)
    today = local_date(asking.now)
    return visit.page(
        "kpi/targets.html",
        status=409 if refused is not None else 200,
        rows=kpi_targets(asking, as_of=as_of),
        as_of=as_of or today,
        today=today,
        kinds=LABELS[KpiKind],
        own_offices=[each for each in offices(asking) if each.id in own] if visit.may("kpi:edit") else [],
        refused=visit.sentence(refused) if refused is not None else None,
        typed=typed or {},
    )


@router.post("/kpi-targets", name="set_kpi_target")
def set_target(visit: Submitting) -> Response:
    """Set a target with where it is printed."""
    try:
        made = visit.run(_target(visit))
    except (Conflict, RuleViolation) as error:
        return _list(visit, refused=error, typed=_typed(visit))
    return visit.redirect("kpi_target", target_id=made, notice=Notice("kpi_acted", {"act": "set"}))


def _target(visit: Submission) -> SetKpiTarget:
    kind = visit.text("kind")
    today = local_date(visit.reading.now)
    return SetKpiTarget(
        office_unit_id=id_in(visit.text("office")) or UUID(int=0),
        name=visit.text("name"),
        kind=KpiKind(kind) if kind in set(KpiKind) else KpiKind.CUMULATIVE_COUNT,
        target=_figure(visit.text("target")) or 0.0,
        unit=visit.text("unit"),
        base_on=day_in(visit.text("base_on")) or today,
        target_on=day_in(visit.text("target_on")) or today,
        source=visit.text("source"),
        base=_figure(visit.text("base")),
        base_source=visit.text("source") if visit.text("base") else "",
    )


def _figure(text: str) -> float | None:
    """A number as a browser sends it; None for anything else."""
    try:
        return float(text)
    except ValueError:
        return None


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


@router.get(TARGET, name="kpi_target")
def show_target(
    visit: Visiting,
    target_id: UUID,
    as_of: Annotated[str, Query(max_length=10)] = "",
    find: Annotated[str, Query(max_length=LONGEST_SEARCH)] = "",
) -> Response:
    """One target: its chart with the course it should take and the forecast, its figures and their sources.

    `find` looks for items that could serve it.
    """
    return _page(visit, target_id, day_in(as_of), find=find.strip())


def _page(
    visit: Visit,
    target_id: UUID,
    as_of: date | None = None,
    *,
    find: str = "",
    refused: DomainError | None = None,
    unknown_unit: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    detail = kpi_target(visit.reading, target_id, as_of=as_of)
    editable = detail.may_edit and visit.may("kpi:edit")
    today = local_date(visit.reading.now)
    return visit.page(
        "kpi/target.html",
        status=409 if refused is not None else 422 if unknown_unit else 200,
        detail=detail,
        row=detail.row,
        editable=editable,
        rhythms=LABELS[KpiRhythm],
        units=names_to_choose(visit.reading.session) if editable else (),
        find=find,
        candidates=_candidates(visit, detail, find) if find and detail.may_edit else [],
        chart=chart_of(detail),
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        as_of=as_of or today,
        today=today,
        refused=visit.sentence(refused) if refused is not None else None,
        unknown_unit=unknown_unit,
        typed=typed or {},
    )


def _unit(visit: Submission) -> tuple[UUID | None, str]:
    """The unit that a form names, if it does, and what is no unit's name."""
    name = visit.text("unit").strip()
    found, _ = named_units(visit.reading, name)
    return (found[0], "") if len(found) == 1 else (None, name)


def _candidates(visit: Visit, detail: KpiDetail, find: str) -> list[LedgerRow]:
    """Items of the ledger that could serve the target and do not yet."""
    known = {each.id for each in detail.serving}
    found = ledger(visit.reading, LedgerFilter(text=find), limit=FOUND + len(known)).rows
    return [row for row in found if row.id not in known][:FOUND]


@router.post(TARGET, name="act_on_kpi_target")
def act_on_target(visit: Submitting, target_id: UUID) -> Response:
    """Record a figure or the base, link or unlink an item, arrange who reports, ask, withdraw, retire the target; the
    form names which.
    """
    act = visit.text("act")
    unit_id, unknown = _unit(visit)
    if unknown:
        return _page(visit, target_id, unknown_unit=unknown, typed=_typed(visit))
    try:
        visit.run(_command(visit, target_id, act, unit_id))
    except (Conflict, RuleViolation) as error:
        return _page(visit, target_id, refused=error, typed=_typed(visit))
    told = Notice("kpi_acted", {"act": act})
    # A target that was retired is on no page any more.
    return (
        visit.redirect("kpi_targets", notice=told)
        if act == "retire"
        else visit.redirect("kpi_target", target_id=target_id, notice=told)
    )


def _command(visit: Submission, target_id: UUID, act: str, unit_id: UUID | None) -> Command[object]:
    if act == "retire":
        return RetireKpiTarget(target_id=target_id)
    if act == "arrange":
        rhythm = visit.text("rhythm")
        return ArrangeKpiReporting(
            target_id=target_id,
            unit_id=unit_id or UUID(int=0),
            rhythm=KpiRhythm(rhythm) if rhythm in set(KpiRhythm) else None,
        )
    if act == "withdraw":
        return WithdrawKpiRequest(item_id=id_in(visit.text("request")) or UUID(int=0), reason=visit.text("reason"))
    if act == "ask":
        asked_on = day_in(visit.text("asked_on")) or local_date(visit.reading.now)
        return AskForKpiFigure(target_id=target_id, as_of=asked_on, unit_id=unit_id)
    if act in {"link", "unlink"}:
        item_id = id_in(visit.text("item")) or UUID(int=0)
        return LinkKpiItem(target_id=target_id, item_id=item_id, serves=act == "link")
    value = _figure(visit.text("value"))
    # A field without a number is refused as one out of range, and what was typed stays.
    number = float("nan") if value is None else value
    if act == "base":
        return SetKpiBase(target_id=target_id, value=number, source=visit.text("source"))
    as_of = day_in(visit.text("as_of")) or local_date(visit.reading.now)
    return RecordKpiReading(target_id=target_id, as_of=as_of, value=number, source=visit.text("source"))


@router.get("/completion", name="completion")
def show_completion(
    visit: Visiting,
    as_of: Annotated[str, Query(max_length=10)] = "",
    chosen: Annotated[str, Query(alias="list", max_length=40)] = "",
    deadline: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Half-time and final view as of a day: by class of deadline, with what is outside the denominator beside it."""
    asking = visit.reading
    list_id = id_in(chosen)
    picked = DeadlineClass(deadline) if deadline in set(DeadlineClass) else None
    page = completion_page(
        asking, list_ids=[list_id] if list_id else (), as_of=day_in(as_of), deadline=picked, most=LISTED, ahead=True
    )
    items = page.report.items
    return visit.page(
        "kpi/completion.html",
        report=page.report,
        lists=list_names(asking),
        list_id=list_id,
        picked_label=LABELS[DeadlineClass][picked] if picked else "",
        most=LISTED,
        listed=page.listed,
        items=[item for item in items if item.outside is None],
        outside=[(count, [item for item in items if item.outside == kind]) for kind, count in page.outside.items()],
        today=local_date(asking.now),
    )
