"""The order in which a ledger prints items: lists as they came, a list as printed, members after their item."""

from typing import Any

from sqlalchemy import SQLColumnExpression, case
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item, TaskList

_PARENT = aliased(Item)


def number_columns(last: SQLColumnExpression[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    """Columns over `Item` and its `TaskList`; `last` makes them unique."""
    # Looked up for members alone: joining every item with itself costs more than all the rest of the order.
    parents = select(_PARENT.position).where(col(_PARENT.id) == col(Item.parent_id)).correlate(Item).scalar_subquery()
    place = case((col(Item.parent_id).is_(None), col(Item.position)), else_=parents)
    return (col(TaskList.created_at), col(TaskList.id), place, col(Item.position), last)
