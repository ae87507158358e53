"""Pages on the wire. A cursor is the place of a page's last row: deep pages cost what the first one does.

It is opaque to clients and checked on the way in: here that it belongs to this list and order, in the query that its
values have the order's types.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from domain.errors import InvalidCursor

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows per page.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before; none for the first page.")
]


class Page(BaseModel, Generic[Item]):
    """One page. `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(order: str, key: Sequence[object] | None) -> str | None:
    """The cursor for the place `key` in the order called `order`; None where there is no next page."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(orjson.dumps([order, *to_jsonable_python(key)])).decode().rstrip("=")


def decode_cursor(cursor: str | None, order: str) -> tuple[Any, ...] | None:
    """The place that `encode_cursor` was given, as JSON values; None for the first page.

    Raises InvalidCursor for a cursor of another list, another order, or nobody's.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found, *key = orjson.loads(raw)
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidCursor(cursor[:40]) from error
    if found != order:
        raise InvalidCursor(f"of the order {found!r}, not {order!r}")
    return tuple(key)
