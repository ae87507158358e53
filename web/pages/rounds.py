"""Reporting: the periods of a list, how far each unit has come, who is late; the office urges them."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from domain.calendar import local_date
from domain.labels import LATE_SHEET, LISTING
from services.export import MEDIA_TYPE, late_workbook
from services.queries.late_reports import late_reports
from services.queries.lists import list_names
from services.queries.preliminary import unsigned_by_unit
from services.queries.reading import reading
from services.queries.report_periods import PeriodRow, open_report_work, report_periods, reporting_list, sheets_of
from services.queries.rhythms import rhythm_view
from services.urging import Urge
from services.visibility import offices_of
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

SHOWN = 200
"""Late reports on the page; the export has all."""
MOST_URGED = 200


class RoundsQuery(BaseModel):
    """Which list and which of its periods; without them the newest list that reports, and its last period."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    list: UUID | None = None
    period: Annotated[str | None, Query(max_length=30)] = None


Asked = Annotated[RoundsQuery, Query()]


@router.get("/rounds", name="rounds")
def show_rounds(visit: Visiting, asked: Asked) -> Response:
    """The periods of a list, its units in one of them, and who is late."""
    asking = visit.reading
    lists = list_names(asking)
    list_id = (
        asked.list or reporting_list(asking, [each.id for each in lists]) or next((each.id for each in lists), None)
    )
    periods = report_periods(asking, list_id) if list_id else ()
    chosen = _chosen(periods, asked.period)
    late = late_reports(asking, list_id=list_id, period=chosen.period) if chosen else ()
    offices = offices_of(visit.actor)
    work = open_report_work(asking, [row.round_id for row in late[:SHOWN]]) if late and offices else {}
    return visit.page(
        "rounds/rounds.html",
        lists=lists,
        list_id=list_id,
        rhythm=rhythm_view(asking, list_id) if list_id else None,
        periods=periods,
        chosen=chosen,
        units=sheets_of(asking, chosen.id) if chosen else (),
        unsigned_of=unsigned_by_unit(asking, chosen.id) if chosen else {},
        late=[(row, work.get((row.round_id, row.unit_id))) for row in late[:SHOWN]],
        late_count=len(late),
        may_urge=bool(work),
        address=_address(visit, list_id, chosen),
    )


@router.get("/rounds/late.xlsx", name="rounds_late_export")
def export_late(visit: Visiting, asked: Asked) -> Response:
    """Who is late, as the page shows it, all of them."""
    container = visit.container
    with reading(container.executor, visit.actor, sessions=container.snapshots) as asking:
        content = late_workbook(asking, late_reports(asking, list_id=asked.list, period=asked.period))
        name = f"{LATE_SHEET}{local_date(asking.now):%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f"attachment; filename=\"late.xlsx\"; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.post("/rounds", name="urge_late")
def urge_late(visit: Submitting, asked: Asked) -> Response:
    """Urge the chosen ones in the office's own words, as one act: the same person hears of all of theirs."""
    words = visit.text("words")
    chosen = [id_ for id_ in map(_id, visit.texts("work")[:MOST_URGED]) if id_ is not None]
    back = ListAddress(visit.url("rounds"), {k: str(v) for k, v in asked.model_dump(exclude_none=True).items()})
    if not chosen or not words:
        return visit.redirect_to(str(back), notice=Notice("late_nobody"))
    batch, confirmed = uuid4(), bool(visit.text("confirmed"))
    outcomes = visit.run_each(
        (id_, Urge(work_item_id=id_, words=words, confirmed=confirmed, batch=batch)) for id_ in chosen
    )
    people = dict.fromkeys(name for each in outcomes if each.result for name in each.result.people)
    refused = dict.fromkeys(visit.sentence(each.error) for each in outcomes if each.error)
    facts = {"people": LISTING.join(list(people)[:20]), "count": len(people), "refused": list(refused)[:3]}
    return visit.redirect_to(str(back), notice=Notice("late_urged", facts))


def _chosen(periods: Sequence[PeriodRow], name: str | None) -> PeriodRow | None:
    named = next((each for each in periods if each.period == name), None)
    return named or (periods[0] if periods else None)


def _address(visit: Visit, list_id: UUID | None, chosen: PeriodRow | None) -> ListAddress:
    params = {"list": str(list_id) if list_id else "", "period": chosen.period if chosen else ""}
    return ListAddress(visit.url("rounds"), {name: value for name, value in params.items() if value})


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
