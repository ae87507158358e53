"""The work list: what waits for a person, the most pressing first; what they did; what several can be done at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.pagination import decode_cursor, encode_cursor
from api.reading import ordered
from domain.errors import InvalidCursor
from domain.lights import Light
from domain.urgency import Urgency, last_day
from services.queries.batch_offers import batch_offers
from services.queries.lists import list_names
from services.queries.page import Key
from services.queries.started import started_by
from services.queries.work_context import NO_CONTEXT, WorkContext, contexts_of
from services.queries.work_counts import WorkCounts, count_work
from services.queries.worklist import WorkFilter, WorkRow, WorkSort, done_work, open_work
from services.saved_filters import FilteredPage, RemoveFilter, SaveFilter, saved_filters
from services.visibility import WorkScope, offices_of
from services.work_items import CompleteWorkItem
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

LARGEST_BATCH = 100
Place = Annotated[str | None, Query(max_length=500)]


class TodoQuery(BaseModel):
    """What the address of the list says."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    scope: WorkScope = WorkScope.MINE
    kind: Annotated[str, Query(max_length=100)] = ""
    urgency: Urgency | Literal[""] = ""
    light: Light | Literal[""] = ""
    list_id: UUID | Literal[""] = ""
    text: Annotated[str, Query(max_length=100)] = ""
    sort: Literal["due", "-due", "opened", "-opened", "number", "-number"] = "due"
    cursor: Annotated[str, Query(max_length=500)] = ""

    def filters(self) -> WorkFilter:
        """As the query takes them."""
        return WorkFilter(
            scope=self.scope,
            kinds=(self.kind,) if self.kind else (),
            urgency=self.urgency or None,
            light=self.light or None,
            list_id=self.list_id or None,
            text=self.text or None,
        )

    def address(self, path: str) -> ListAddress:
        """The page's own address; what is as usual is left out."""
        usual = TodoQuery()
        params = {name: value for name, value in self if value != getattr(usual, name)}
        return ListAddress(path, {name: getattr(value, "value", value) for name, value in params.items()})


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one urgency; `count` is how many there are on all pages. `urgency` is None in another order."""

    urgency: Urgency | None
    count: int
    rows: list[WorkRow] = field(default_factory=list)


@router.get("/todo", name="todo")
def show_todo(visit: Visiting, query: Annotated[TodoQuery, Query()]) -> Response:
    """What waits for the visitor, for their units, or in the lists of their office."""
    reading, filters = visit.reading, query.filters()
    address = query.address(visit.url("todo"))
    sort, descending = ordered(query.sort)
    order = f"work {query.sort}"
    found = open_work(reading, filters, sort=WorkSort(sort), descending=descending, after=_place(query.cursor, order))
    plain = WorkFilter(scope=filters.scope)
    everything = visit.open_work if plain == WorkFilter() else count_work(reading, plain)
    counts = everything if filters == plain else count_work(reading, filters)
    following = encode_cursor(order, found.next)
    return visit.page(
        "todo/todo.html",
        query=query,
        address=address,
        groups=_groups(found.rows, counts, by_urgency=sort == WorkSort.DUE),
        counts=counts,
        everything=everything,
        pressing={count.value: count.count for count in everything.by_urgency},
        contexts=_contexts(visit, found.rows),
        lists=list_names(reading),
        saved=saved_filters(reading.session, visit.actor, FilteredPage.TO_DO),
        scopes=_scopes(visit),
        next_page=address.but(cursor=following) if following else None,
        today=reading.now,
        next_due=_next_due(visit, found.rows)
        if filters == plain and query.sort == "due" and not query.cursor
        else None,
        soon_day=last_day(reading.limits.soon_ends),
    )


def _groups(rows: Sequence[WorkRow], counts: WorkCounts, *, by_urgency: bool) -> list[Group]:
    """The rows under their urgencies, which is the order they come in; any other order is one group."""
    if not by_urgency:
        return [Group(None, counts.total, list(rows))] if rows else []
    totals = {count.value: count.count for count in counts.by_urgency}
    groups: dict[Urgency, Group] = {}
    for row in rows:
        group = groups.setdefault(row.urgency, Group(row.urgency, totals.get(row.urgency, 0)))
        group.rows.append(row)
    return list(groups.values())


def _next_due(visit: Visit, rows: Sequence[WorkRow]) -> date | None:
    """The last day in time of the most pressing entry."""
    return visit.due(rows[0].due_at).day if rows else None


def _contexts(visit: Visit, rows: Sequence[WorkRow]) -> dict[UUID, WorkContext]:
    found = contexts_of(visit.reading, [row.id for row in rows])
    return {row.id: found.get(row.id, NO_CONTEXT) for row in rows}


def _scopes(visit: Visit) -> list[WorkScope]:
    """The scopes that differ for the visitor."""
    return [WorkScope.MINE, WorkScope.UNIT, *([WorkScope.ALL] if offices_of(visit.actor) else [])]


def _place(cursor: str | None, order: str) -> Key | None:
    """Where the page begins. A place of another order is the first page: people edit addresses."""
    try:
        return decode_cursor(cursor or None, order)
    except InvalidCursor:
        return None


@router.get("/done", name="done")
def show_done(visit: Visiting, cursor: Place = None) -> Response:
    """What the visitor completed, newest first."""
    found = done_work(visit.reading, after=_place(cursor, "done"))
    following = encode_cursor("done", found.next)
    return visit.page(
        "todo/done.html",
        rows=found.rows,
        next_page=ListAddress(visit.url("done"), {"cursor": following}) if following else None,
        first_page=visit.url("done") if cursor else None,
    )


@router.get("/started", name="started")
def show_started(visit: Visiting, cursor: Place = None) -> Response:
    """What the visitor set going, newest first, and who holds it now."""
    found = started_by(visit.reading, after=_place(cursor, "started"))
    following = encode_cursor("started", found.next)
    return visit.page(
        "todo/started.html",
        rows=found.rows,
        next_page=ListAddress(visit.url("started"), {"cursor": following}) if following else None,
        first_page=visit.url("started") if cursor else None,
    )


@router.post("/todo/filters", name="save_filter")
def keep_filter(visit: Submitting) -> Response:
    """Keep the filters of the address under a name."""
    name, query = visit.text("name"), visit.text("query")
    path = ListAddress(visit.url("todo"), {})
    if not name:
        return visit.redirect_to(f"{path}?{query}", notice=Notice("filter_unnamed"))
    visit.run(SaveFilter(page=FilteredPage.TO_DO, name=name, query=query))
    return visit.redirect_to(f"{path}?{query}", notice=Notice("filter_saved", {"name": name}))


@router.post("/todo/filters/{filter_id}/remove", name="remove_filter")
def forget_filter(visit: Submitting, filter_id: UUID) -> Response:
    """Forget a kept filter."""
    visit.run(RemoveFilter(filter_id=filter_id))
    return visit.redirect("todo")


@router.post("/todo/batch", name="batch")
def show_batch(visit: Submitting) -> Response:
    """What would be done with the chosen ones, for a look before it is done."""
    offers = batch_offers(visit.reading, _chosen(visit, "work"))
    return visit.page("todo/batch.html", offers=offers, back=visit.text("back") or visit.url("todo"))


@router.post("/todo/batch/run", name="run_batch")
def run_batch(visit: Submitting) -> Response:
    """Do it: each on its own, and say of each what became of it."""
    chosen = {}
    for value in visit.texts("work")[:LARGEST_BATCH]:
        id_, _, version = value.partition(":")
        if version.isdecimal():
            chosen[UUID(id_)] = int(version)
    offers = {offer.work_item_id: offer for offer in batch_offers(visit.reading, list(chosen))}
    commands = [
        (id_, CompleteWorkItem(work_item_id=id_, seen_version=version, decision=offers[id_].decision))
        for id_, version in chosen.items()
    ]
    outcomes = visit.run_each(commands)
    failed = [(offers[each.subject_id], visit.sentence(each.error)) for each in outcomes if each.error is not None]
    done = [offers[each.subject_id] for each in outcomes if each.error is None]
    return visit.page("todo/batch_done.html", failed=failed, done=done, back=visit.text("back") or visit.url("todo"))


def _chosen(visit: Submission, name: str) -> list[UUID]:
    """The ids of the ticked boxes; what is none is left out."""
    found = []
    for value in visit.texts(name)[:LARGEST_BATCH]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
