"""Asking for the rows of many ids at once."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, SQLColumnExpression, Uuid, any_, literal


def among(column: SQLColumnExpression[Any], ids: Collection[UUID]) -> ColumnElement[bool]:
    """Whether the column is one of these ids, as one parameter.

    A hundred parameters, which `in_` makes, are another statement for each number of ids: longer than psycopg keeps,
    and split and numbered anew each time, which took a millisecond.
    """
    wanted: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid)))
    return wanted
