"""The ledger 台账: every item that the visitor sees, narrowed by an address that can be passed on and printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.pagination import decode_cursor, encode_cursor
from domain.calendar import local_date
from domain.items import TASK_STATUSES, ItemStatus, ResponsibilityRole
from domain.labels import LEDGER_SHEET, label
from domain.lights import Light
from domain.urgency import Urgency
from services.export import MEDIA_TYPE, ledger_workbook
from services.queries.board_lights import frozen_pairs
from services.queries.ledger import RUNNING as UNENDED
from services.queries.ledger import LedgerFilter, LedgerGroup, LedgerRow, LedgerSort, count_ledger, ledger
from services.queries.lights import LightCounts, LightGroup, light_counts
from services.queries.lists import task_lists
from services.queries.page import MAX_PAGE
from services.queries.reading import Reading, reading
from services.queries.units import list_units
from web.visit import Visiting

router = APIRouter()

ROWS = 100
_ROLES = (ResponsibilityRole.LEAD, ResponsibilityRole.CO_UNIT)
RUNNING = "running"
"""The state of everything that has not ended, which has no status of its own."""
BEHIND_LIGHTS = "behind"
_BEHIND = (Light.YELLOW, Light.RED)
NO_SECTION = "-"
"""What stands for these in the address: yellow and red, and the items that stand in no section."""

Sort = Literal["number", "-number", "due", "-due", "issued", "-issued", "ended", "-ended"]


class LedgerAddress(BaseModel):
    """What the address asks for. A filter that is left empty in the form is none."""

    model_config = ConfigDict(extra="ignore")

    list: UUID | None = None
    section: Annotated[str | None, Field(max_length=300)] = None
    unit: UUID | None = None
    role: ResponsibilityRole | None = None
    state: Literal["running"] | ItemStatus | None = None
    light: Literal["behind"] | Light | None = None
    light_before: date | None = None
    period: Annotated[str | None, Field(max_length=20)] = None
    due: Urgency | None = None
    due_from: date | None = None
    due_to: date | None = None
    parent: UUID | None = None
    text: Annotated[str | None, Field(max_length=100)] = None
    sort: Sort = "number"
    after: Annotated[str | None, Field(max_length=500)] = None

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value != ""}

    def filters(self, asking: Reading) -> LedgerFilter:
        """As the query takes them. A period that was never frozen is none."""
        state, light = self.state, self.light
        return LedgerFilter(
            list_id=self.list,
            section="" if self.section == NO_SECTION else self.section,
            unit_id=self.unit,
            unit_role=self.role,
            statuses=() if state is None else UNENDED if state == RUNNING else (ItemStatus(state),),
            lights=() if light is None else _BEHIND if light == BEHIND_LIGHTS else (Light(light),),
            light_before=self.light_before,
            frozen=frozen_pairs(asking, self.list, self.period) if self.period else (),
            urgency=self.due,
            due_from=self.due_from,
            due_to=self.due_to,
            parent_id=self.parent,
            text=self.text,
        )

    @property
    def order(self) -> tuple[LedgerSort, bool]:
        """What it is sorted by, and whether the last comes first."""
        return LedgerSort(self.sort.removeprefix("-")), self.sort.startswith("-")

    def query(self, **changes: object) -> str:
        """The address's query with these changes; None takes a filter away. Any change leads back to the first page."""
        values = self.model_dump(mode="json", exclude_none=True, exclude={"after"}) | changes
        kept = {name: value for name, value in values.items() if value is not None and (name, value) != _USUAL_SORT}
        return "?" + urlencode(kept) if kept else "?"


_USUAL_SORT = ("sort", "number")
Asked = Annotated[LedgerAddress, Query()]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together: those of one section of one list, and how many there are of it on all pages.

    `list_title` is empty where it is the same as above.
    """

    list_title: str
    section: str
    rows: tuple[LedgerRow, ...]
    counts: LightCounts | None


@router.get("/ledger", name="ledger")
def show_ledger(visit: Visiting, asked: Asked) -> Response:
    """A page of the ledger."""
    asking = visit.reading
    filters = asked.filters(asking)
    sort, descending = asked.order
    page = ledger(
        asking, filters, sort=sort, descending=descending, limit=ROWS, after=decode_cursor(asked.after, asked.sort)
    )
    following = encode_cursor(asked.sort, page.next)
    choices = _choices(asking, asked)
    chosen = _chosen(asked, choices)
    return visit.page(
        "ledger/ledger.html",
        asked=asked,
        groups=_grouped(asking, asked, page.rows),
        total=_count(asking, filters),
        everything=_count(asking, LedgerFilter(list_id=asked.list)) if chosen else None,
        chosen=chosen,
        choices=choices,
        one_list=next((row for row in page.rows if row.list_id == asked.list), None),
        today=local_date(asking.now),
        next_page=asked.query(after=following) if following else None,
    )


@router.get("/ledger.xlsx", name="ledger_export")
def export_ledger(visit: Visiting, asked: Asked) -> Response:
    """The rows that the page shows under the same address, all of them, as of one moment."""
    sort, descending = asked.order
    container = visit.container
    with reading(container.executor, visit.actor, sessions=container.snapshots) as asking:
        content = ledger_workbook(asking, asked.filters(asking), sort=sort, descending=descending)
        name = f"{LEDGER_SHEET}{local_date(asking.now):%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f"attachment; filename=\"ledger.xlsx\"; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _count(asking: Reading, filters: LedgerFilter) -> int:
    return sum(count.count for count in count_ledger(asking, filters))


def _grouped(asking: Reading, asked: LedgerAddress, rows: tuple[LedgerRow, ...]) -> list[Group]:
    """By list and section where the order is the document's; otherwise the rows as they come."""
    if asked.order[0] is not LedgerSort.NUMBER:
        return [Group("", "", rows, None)] if rows else []
    # Only within one list: sections of two lists may have the same name.
    counted = light_counts(asking, asked.filters(asking), LightGroup.SECTION) if asked.list else ()
    counts = {each.key: each for each in counted}
    groups: list[Group] = []
    above = rows[0].list_title if asked.list and rows else ""
    for (title, section), found in groupby(rows, key=lambda row: (row.list_title, row.section or "")):
        groups.append(Group("" if title == above else title, section, tuple(found), counts.get(section)))
        above = title
    return groups


Choices = dict[str, list[tuple[str, str]]]


def _choices(asking: Reading, asked: LedgerAddress) -> Choices:
    """What each filter can be set to: (value, 中文 words)."""
    lists = task_lists(asking, limit=MAX_PAGE).rows
    sections = count_ledger(asking, LedgerFilter(list_id=asked.list), LedgerGroup.SECTION) if asked.list else ()
    units = list_units(asking.session, limit=MAX_PAGE).rows
    return {
        "list": [(str(each.id), each.title) for each in lists],
        "section": [(each.value, each.label) for each in sections if each.value],
        "unit": [(str(each.id), each.short_name) for each in units],
        "role": [(role.value, label(ResponsibilityRole, role)) for role in _ROLES],
        "light": [(light.value, label(Light, light)) for light in Light],
        "due": [(urgency.value, label(Urgency, urgency)) for urgency in Urgency],
        "state": [(status.value, label(ItemStatus, status)) for status in TASK_STATUSES],
    }


_FILTERS = (
    *("list", "section", "unit", "role", "light", "light_before", "period"),
    *("due", "due_from", "due_to", "state", "text", "parent"),
)


def _chosen(asked: LedgerAddress, choices: Choices) -> list[tuple[str, str, str]]:
    """The filters that are set: the address without each, and its words; no words where they are the template's."""
    found = []
    for name in _FILTERS:
        value = getattr(asked, name)
        if value is not None:
            found.append((asked.query(**{name: None}), name, dict(choices.get(name, ())).get(str(value), "")))
    return found
