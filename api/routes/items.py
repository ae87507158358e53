"""Items: the ledger, one item with everything around it, and what its office does to it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.examples import ITEM_ID, LEDGER_ROW
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, ordered, paged
from api.schemas import Answer, Body, Day, SeenVersion
from domain.items import DeadlineKind, ItemStatus, Origin, ResponsibilityRole, Strength
from domain.lights import Light
from domain.urgency import Urgency
from services.items import AssignUnits, CreatedItem, CreateItem, ExpandGroup, NewDeadline, NewItem, StopItem
from services.lists import CorrectItem
from services.queries.counts import Count
from services.queries.item_detail import ItemDetail, item_detail
from services.queries.ledger import LedgerFilter, LedgerGroup, LedgerRow, LedgerSort, count_ledger, ledger

router = APIRouter(prefix="/items", tags=["items"])

Words = Annotated[str, Field(min_length=1, max_length=5000)]
Units = Annotated[tuple[UUID, ...], Field(max_length=100)]


class LedgerQuery(Body):
    """Filters of the ledger. Dates are local and inclusive; `urgency` leaves out items that have ended."""

    list_id: UUID | None = None
    section: Annotated[str | None, Field(max_length=300)] = None
    unit_id: UUID | None = None
    unit_role: ResponsibilityRole | None = None
    status: Annotated[tuple[ItemStatus, ...], Field(max_length=20)] = ()
    due_from: Day | None = None
    due_to: Day | None = None
    urgency: Urgency | None = None
    light: Annotated[tuple[Light, ...], Field(max_length=5)] = ()
    parent_id: UUID | None = None
    text: Annotated[str | None, Field(max_length=100, description="Part of the item's text, or its number.")] = None

    def filters(self) -> LedgerFilter:
        """As the query takes them."""
        return LedgerFilter(
            list_id=self.list_id,
            section=self.section,
            unit_id=self.unit_id,
            unit_role=self.unit_role,
            statuses=self.status,
            due_from=self.due_from,
            due_to=self.due_to,
            urgency=self.urgency,
            lights=self.light,
            parent_id=self.parent_id,
            text=self.text,
        )


class SortedLedgerQuery(LedgerQuery):
    """The filters and the order: `number` as printed, or by a date; a minus turns it round."""

    sort: Literal["number", "-number", "due", "-due", "issued", "-issued", "ended", "-ended"] = "number"


class LedgerPageQuery(SortedLedgerQuery):
    """The filters, the order and the place in it."""

    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class LedgerCountQuery(LedgerQuery):
    """The filters, and what to count by."""

    by: LedgerGroup = LedgerGroup.STATUS


class DeadlineBody(Body):
    """A deadline: the phrase as somebody wrote it, and its normal form."""

    phrase: Annotated[str, Field(min_length=1, max_length=300, examples=["2026年底前"])]
    kind: DeadlineKind
    on_date: Annotated[Day | None, Field(description="The last day in time.")] = None
    rule: Annotated[str | None, Field(max_length=300)] = None
    anchor: Annotated[str | None, Field(max_length=300)] = None
    strength: Strength | None = None
    applies_to: Literal["row", "text"] = "row"

    def deadline(self) -> NewDeadline:
        """As the command takes it."""
        return NewDeadline(
            phrase=self.phrase,
            kind=self.kind,
            on_date=self.on_date,
            rule=self.rule,
            anchor=self.anchor,
            strength=self.strength,
            applies_to=self.applies_to,
        )


class NewItemBody(Body):
    """An item that comes without a document: a leader's instruction, a meeting's resolution, or typed in."""

    office_unit_id: Annotated[UUID, Field(description="The office that supervises it: one of one's own.")]
    origin: Literal[Origin.INSTRUCTION, Origin.MEETING, Origin.MANUAL] = Origin.MANUAL
    text: Annotated[Words, Field(examples=["建立外贸企业联系服务机制"])]
    leads: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]
    co_units: Units = ()
    joint_lead: bool = False
    deadlines: Annotated[tuple[DeadlineBody, ...], Field(max_length=20)] = ()
    measures: Annotated[tuple[Words, ...], Field(max_length=50)] = ()
    section: Annotated[str | None, Field(max_length=300)] = None


class Correction(Body):
    """What a person settles: the fields given replace the item's, the flags named are resolved with words."""

    seen_version: SeenVersion
    text: Words | None = None
    number: Annotated[str | None, Field(min_length=1, max_length=30)] = None
    section: Annotated[str | None, Field(max_length=300)] = None
    deadlines: Annotated[tuple[DeadlineBody, ...] | None, Field(max_length=20)] = None
    flag_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    resolution: Annotated[str, Field(max_length=1000)] = ""


class Assignment(Body):
    """Who is responsible: one lead; two that lead jointly; or several, each in its own duty, of which one collects."""

    seen_version: SeenVersion
    leads: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]
    co_units: Units = ()
    joint_lead: bool = False
    collecting: UUID | None = None


class Expansion(Body):
    """The units that a group stands for, each of which gets a member item."""

    seen_version: SeenVersion
    unit_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]


class Withdrawal(Body):
    """Why the item should not have been issued."""

    seen_version: SeenVersion
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Termination(Withdrawal):
    """Why the item ends undone, with the number of the document that revokes it."""

    document_number: Annotated[str, Field(min_length=1, max_length=100, examples=["江政发2026年9号"])]


class ItemVersion(Answer):
    """The item's new version."""

    version: int


class MemberIds(Answer):
    """The ids of the member items."""

    item_ids: list[UUID]


class Stopped(Answer):
    """The status the item ended in."""

    status: ItemStatus


@router.get("", responses=example({"items": [LEDGER_ROW], "next_cursor": None}))
def list_items(query: Annotated[LedgerPageQuery, Query()], asking: Asking) -> Page[LedgerRow]:
    """The ledger: every item that one sees, with who holds it and how far it has come."""
    sort, descending = ordered(query.sort)
    order = f"ledger {query.sort}"
    found = ledger(
        asking,
        query.filters(),
        sort=LedgerSort(sort),
        descending=descending,
        limit=query.limit,
        after=decode_cursor(query.cursor, order),
    )
    return paged(found, order)


@router.get("/counts", responses=example([Count("in_progress", "推进中", 12)]))
def count_items(query: Annotated[LedgerCountQuery, Query()], asking: Asking) -> list[Count]:
    """How many items there are, by status, urgency, light, list, section or lead agency."""
    return list(count_ledger(asking, query.filters(), query.by))


@router.post("", status_code=201, responses=example(CreatedItem(ITEM_ID, "7"), 201))
def create_item(body: NewItemBody, run: Run) -> CreatedItem:
    """An item without a document. It is registered at once and waits to be issued."""
    item = NewItem(
        text=body.text,
        leads=body.leads,
        co_units=body.co_units,
        joint_lead=body.joint_lead,
        deadlines=tuple(each.deadline() for each in body.deadlines),
        measures=body.measures,
        section=body.section,
    )
    return run(CreateItem(office_unit_id=body.office_unit_id, origin=body.origin, item=item))


@router.get("/{item_id}")
def get_item(item_id: UUID, asking: Asking) -> ItemDetail:
    """Everything about an item, its whole story, and what one may do with it now."""
    return item_detail(asking, item_id)


@router.patch("/{item_id}")
def correct_item(item_id: UUID, body: Correction, run: Run) -> ItemVersion:
    """Correct an item that is not issued, and resolve its flags. What the document prints stays as it is."""
    command = CorrectItem(
        item_id=item_id,
        seen_version=body.seen_version,
        text=body.text,
        number=body.number,
        section=body.section,
        deadlines=None if body.deadlines is None else tuple(each.deadline() for each in body.deadlines),
        flag_ids=body.flag_ids,
        resolution=body.resolution,
    )
    return ItemVersion(version=run(command))


@router.put("/{item_id}/units")
def assign_units(item_id: UUID, body: Assignment, run: Run) -> ItemVersion:
    """Say who is responsible: closes an open list, names a lead, settles a send-back."""
    command = AssignUnits(
        item_id=item_id,
        seen_version=body.seen_version,
        leads=body.leads,
        co_units=body.co_units,
        joint_lead=body.joint_lead,
        collecting=body.collecting,
    )
    return ItemVersion(version=run(command))


@router.post("/{item_id}/members", status_code=201)
def expand_group(item_id: UUID, body: Expansion, run: Run) -> MemberIds:
    """Fan a group item out: one member item per unit, each with its own process."""
    command = ExpandGroup(item_id=item_id, seen_version=body.seen_version, unit_ids=body.unit_ids)
    return MemberIds(item_ids=list(run(command)))


@router.post("/{item_id}/withdraw")
def withdraw_item(item_id: UUID, body: Withdrawal, run: Run) -> Stopped:
    """Take back an item that should not have been issued."""
    command = StopItem(item_id=item_id, seen_version=body.seen_version, message="withdraw", reason=body.reason)
    return Stopped(status=run(command))


@router.post("/{item_id}/terminate")
def terminate_item(item_id: UUID, body: Termination, run: Run) -> Stopped:
    """End an item whose ground was revoked. It is not completed, and leaves the denominator of an evaluation."""
    command = StopItem(
        item_id=item_id,
        seen_version=body.seen_version,
        message="terminate",
        reason=body.reason,
        document_number=body.document_number,
    )
    return Stopped(status=run(command))
