"""Keyset pages: the next page starts after the last row's position, so rows that come and go repeat or skip nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, SQLColumnExpression, tuple_

from domain.errors import InvalidCursor

Row = TypeVar("Row")
Key = tuple[str | int | datetime | UUID, ...]

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in order, and the position after which the next page starts; None at the end."""

    rows: tuple[Row, ...]
    next: Key | None


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows: `columns` are unique together and never null; `types` are their Python types."""

    columns: tuple[SQLColumnExpression[Any], ...]
    types: tuple[type, ...]
    descending: bool = False

    def clauses(self) -> list[ColumnElement[Any]]:
        """For ORDER BY."""
        return [column.desc() if self.descending else column.asc() for column in self.columns]

    def after(self, key: Key) -> ColumnElement[bool]:
        """The rows behind that position. Raises InvalidCursor when it is none of this order."""
        own, position = tuple_(*self.columns), tuple_(*self.read(key))
        return own < position if self.descending else own > position

    def read(self, key: Sequence[object]) -> Key:
        """A position as it came back from outside, in this order's types. Raises InvalidCursor."""
        try:
            return tuple(_adapter(kind).validate_python(part) for kind, part in zip(self.types, key, strict=True))
        except ValueError as error:
            raise InvalidCursor(str(key)) from error


@lru_cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def page_of(found: Sequence[Row], limit: int, key: Callable[[Row], Key]) -> Page[Row]:
    """A page from up to `limit` + 1 rows: the one too many only tells that there is a next page."""
    rows = tuple(found[:limit])
    return Page(rows, key(rows[-1]) if len(found) > limit else None)
