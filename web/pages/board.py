"""The board 看板: one page for leaders. Every number of it opens the items behind it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from domain.calendar import local_date
from services.queries.board import Board, board_of
from services.queries.board_lights import BoardList, Cell, Column, Counted, DueDay, Lights
from services.queries.board_steps import StepTime, step_scope
from services.queries.lists import list_names
from services.queries.processes import Version, versions
from web.addresses import ListAddress
from web.pages.ledger import NO_SECTION
from web.trend import Trend, trend_of
from web.visit import Visit, Visiting

router = APIRouter()

UNITS_SHOWN = 20
"""Rows of the heat table at first; the rest has neither red nor yellow, or is asked for."""
MOST_COLUMNS = 12
WEEKS = 8
_MONTHS = 12
_WEEK = 7


class BoardQuery(BaseModel):
    """What the address says: of which list, as of the close of which period, and what is unfolded."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    list: UUID | Literal[""] = ""
    period: Annotated[str, Query(max_length=20)] = ""
    units: Literal["all", ""] = ""
    process: Annotated[str, Query(max_length=60)] = "supervision"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """What a unit leads, by column; None where it leads nothing. `total` counts what it leads in other lists too."""

    unit_id: UUID
    unit: str
    cells: tuple[Lights | None, ...]
    total: Lights


@dataclass(frozen=True, slots=True)
class HeatColumn:
    """A column with the sums over its items, each counted once; `section` is None where columns are lists, and
    `divided` says whether its list has other columns too.
    """

    list_id: UUID
    title: str
    section: str | None
    lights: Lights
    divided: bool = True


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """A list over its columns; `divided` unless its one column is the whole list."""

    title: str
    width: int
    divided: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """Units by sections, those with most red first. `groups` are the lists over the columns, empty for only one."""

    columns: tuple[HeatColumn, ...]
    groups: tuple[ColumnGroup, ...]
    rows: tuple[HeatRow, ...]
    more: int


@dataclass(frozen=True, slots=True)
class DueSpan:
    """How many fall due from a day to another, and how many of them are behind."""

    first: date
    last: date
    count: int
    behind: int


@router.get("/board", name="board")
def show_board(visit: Visiting, query: Annotated[BoardQuery, Query()]) -> Response:
    """The board, now or as of the close of a period."""
    reading = visit.reading
    list_id = query.list or None
    board = board_of(reading, list_id, query.period or None)
    today = local_date(board.measured.as_of)
    of_process = [step for step in board.measured.steps if step.process == query.process]
    processes = {each.process: each for each in versions(reading) if each.newest}
    return visit.page(
        "board/board.html",
        query=query,
        board=board,
        lights=board.counted.lights,
        leads=len({cell.unit_id for cell in board.counted.cells}),
        address=_address(visit, query),
        ledger=_to_ledger(visit, query, board),
        work=_to_work(visit, query),
        lists=list_names(reading),
        periods=[moment.key for moment in reversed(board.moments)],
        heat=heat_of(board.counted, show_all=query.units == "all"),
        trend=_trend(board),
        this_year=_sum(board.measured.due, today, date(today.year, _MONTHS, 31)),
        months=list(_months(board.measured.due, today)),
        weeks=[week for week in _weeks(board.measured.due, today) if week.count],
        steps=of_process,
        process=processes.get(query.process),
        processes=_processes(board.measured.steps, processes),
        marks=_marks(of_process),
    )


def heat_of(counted: Counted, *, show_all: bool) -> Heat:
    """The heat table. One list is divided by sections, several too as long as they fit; otherwise by lists."""
    titles = {each.id: each.title for each in counted.lists}
    by_section = len(counted.columns) <= MOST_COLUMNS or len(counted.lists) == 1
    keys: dict[Column, Column] = {}
    sums: dict[Column, Lights] = {}
    for each in counted.columns:
        key = each.column if by_section else Column(each.column.list_id, "")
        keys[each.column] = key
        sums[key] = sums.get(key, Lights()) + each.lights
    worst = sorted(sums, key=lambda key: (-sums[key].red, -sums[key].yellow))[:MOST_COLUMNS]
    shown = [key for key in sums if len(sums) <= MOST_COLUMNS or by_section or key in worst]
    widths = Counter(key.list_id for key in shown)
    columns = tuple(
        HeatColumn(
            list_id=key.list_id,
            title=titles[key.list_id],
            section=key.section if by_section else None,
            lights=sums[key],
            divided=bool(key.section) or widths[key.list_id] > 1,
        )
        for key in shown
    )
    rows = sorted(_rows(counted.cells, keys, shown), key=_worst_first)
    kept = rows if show_all else rows[:UNITS_SHOWN]
    return Heat(columns, _groups(counted.lists, columns), tuple(kept), len(rows) - len(kept))


def _rows(cells: Iterable[Cell], keys: dict[Column, Column], shown: Sequence[Column]) -> Iterable[HeatRow]:
    units: dict[UUID, str] = {}
    found: dict[UUID, dict[Column, Lights]] = {}
    for cell in cells:
        units[cell.unit_id] = cell.unit
        of_unit = found.setdefault(cell.unit_id, {})
        key = keys[cell.column]
        of_unit[key] = of_unit.get(key, Lights()) + cell.lights
    for unit_id, of_unit in found.items():
        total = sum(of_unit.values(), Lights())
        yield HeatRow(unit_id, units[unit_id], tuple(of_unit.get(key) for key in shown), total)


def _worst_first(row: HeatRow) -> tuple[int, int, int, str]:
    return (-row.total.red, -row.total.yellow, -row.total.total, row.unit)


def _groups(lists: Sequence[BoardList], columns: Sequence[HeatColumn]) -> tuple[ColumnGroup, ...]:
    if len(lists) == 1 or all(column.section is None for column in columns):
        return ()
    own = {each.id: [column for column in columns if column.list_id == each.id] for each in lists}
    return tuple(ColumnGroup(each.title, len(own[each.id]), own[each.id][0].divided) for each in lists if own[each.id])


def _trend(board: Board) -> Trend | None:
    bars = [(each.key, each.lights.red, each.lights.yellow) for each in board.moments[-_MONTHS:]]
    now = board.measured.counted.lights
    return trend_of(bars, (now.red, now.yellow), shown=board.moment.key if board.moment else "") if bars else None


def _sum(days: Sequence[DueDay], first: date, last: date) -> DueSpan:
    within = [each for each in days if first <= each.day <= last]
    return DueSpan(first, last, sum(each.count for each in within), sum(each.behind for each in within))


def _months(days: Sequence[DueDay], today: date) -> Iterable[DueSpan]:
    first = today
    for _ in range(_MONTHS):
        following = date(first.year + first.month // _MONTHS, first.month % _MONTHS + 1, 1)
        yield _sum(days, first, following - timedelta(days=1))
        first = following


def _weeks(days: Sequence[DueDay], today: date) -> Iterable[DueSpan]:
    first = today
    for _ in range(WEEKS):
        last = first + timedelta(days=_WEEK - 1 - first.weekday())
        yield _sum(days, first, last)
        first = last + timedelta(days=1)


def _processes(steps: Sequence[StepTime], known: dict[str, Version]) -> list[tuple[Version, int]]:
    """The processes in which something was done or waits, with how many steps wait in each."""
    waiting: dict[str, int] = {}
    for step in steps:
        waiting[step.process] = waiting.get(step.process, 0) + step.waiting
    return [(known[key], number) for key, number in waiting.items() if key in known]


def _marks(steps: Sequence[StepTime]) -> dict[str, dict[str, object]]:
    """For the drawing: each step's heat, and what waits there."""
    return {
        step.bpmn_id: {"pressure": step.pressure, "typical": step.typical, "step": step}
        for step in steps
        if step.typical is not None or step.waiting
    }


def _address(visit: Visit, query: BoardQuery) -> ListAddress:
    usual = BoardQuery()
    return ListAddress(visit.url("board"), {name: value for name, value in query if value != getattr(usual, name)})


@dataclass(frozen=True, slots=True)
class LedgerLinks:
    """Addresses in the ledger of what is counted on the board."""

    base: ListAddress

    def __call__(self, **filters: object) -> ListAddress:
        """Narrowed by the ledger's own filters."""
        return self.base.but(**filters)

    def of(self, column: HeatColumn, **filters: object) -> ListAddress:
        """A column of the heat table."""
        section = column.section if column.section or column.section is None else NO_SECTION
        return self.base.but(list=column.list_id, section=section, **filters)

    def span(self, span: DueSpan, **filters: object) -> ListAddress:
        """What falls due within days, and has not ended."""
        return self.base.but(state="running", due_from=span.first, due_to=span.last, sort="due", **filters)


def _to_ledger(visit: Visit, query: BoardQuery, board: Board) -> LedgerLinks:
    period = board.moment.key if board.moment else ""
    return LedgerLinks(ListAddress(visit.url("ledger"), {"list": query.list, "period": period}))


def _to_work(visit: Visit, query: BoardQuery) -> ListAddress | None:
    """Where open work is listed, for who has a work list."""
    if not visit.has_page("todo"):
        return None
    return ListAddress(visit.url("todo"), {"scope": step_scope(visit.reading), "list_id": query.list})
