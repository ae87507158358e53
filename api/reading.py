"""How a route asks: as the actor, at one instant, with a session that cannot write."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic_core import to_jsonable_python

from api.deps import ContainerDep, CurrentActor, ReadSession
from api.pagination import Item, Page, encode_cursor
from services.queries.page import Page as Found
from services.queries.reading import Reading


def ask(session: ReadSession, actor: CurrentActor, container: ContainerDep) -> Reading:
    """The reading of this request."""
    executor = container.executor
    return Reading(session, actor, container.clock.now(), executor.calendar.get(session), executor.library)


Asking = Annotated[Reading, Depends(ask)]


def paged(found: Found[Item], order: str) -> Page[Item]:
    """A page of a query on the wire; `order` is the name its cursor was decoded with."""
    return Page(items=list(found.rows), next_cursor=encode_cursor(order, found.next))


def example(value: object, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that shows an answer as its example."""
    return {status: {"content": {"application/json": {"example": to_jsonable_python(value)}}}}


def ordered(sort: str) -> tuple[str, bool]:
    """A sort parameter as (name, descending): a minus before the name turns the order round."""
    return sort.removeprefix("-"), sort.startswith("-")
