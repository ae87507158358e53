"""The ledger as a spreadsheet."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from api.deps import ContainerDep, CurrentActor
from api.reading import ordered
from api.routes.items import SortedLedgerQuery
from domain.calendar import local_date
from domain.labels import LEDGER_SHEET
from services.export import MEDIA_TYPE, ledger_workbook
from services.queries.ledger import LedgerSort
from services.queries.reading import reading

router = APIRouter(tags=["items"])

SPREADSHEET: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The spreadsheet.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/ledger.xlsx", response_class=Response, responses=SPREADSHEET)
def export_ledger(
    query: Annotated[SortedLedgerQuery, Query()], actor: CurrentActor, container: ContainerDep
) -> Response:
    """The rows that the ledger shows under the same filters, in the same order, as of one moment."""
    sort, descending = ordered(query.sort)
    with reading(container.executor, actor, sessions=container.snapshots) as asking:
        content = ledger_workbook(asking, query.filters(), sort=LedgerSort(sort), descending=descending)
        name = f"{LEDGER_SHEET}{local_date(asking.now):%Y%m%d}.xlsx"
    return spreadsheet(content, "ledger.xlsx", name)


def spreadsheet(content: bytes, plain: str, name: str) -> Response:
    """A spreadsheet to save: `plain` is its name for programs that know no other letters."""
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
