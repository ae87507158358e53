"""The order in which a ledger prints items: lists as they came, a list as printed, members after their item."""

from typing import Any

from sqlalchemy import SQLColumnExpression, func
from sqlalchemy.orm import aliased
from sqlmodel import col

from db.tables import Item, TaskList

PARENT = aliased(Item)


def number_columns(last: SQLColumnExpression[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    """Columns over `Item`, its `TaskList` and its `PARENT` (outer joined); `last` makes them unique."""
    place = func.coalesce(col(PARENT.position), col(Item.position))
    return (col(TaskList.created_at), col(TaskList.id), place, col(Item.position), last)
