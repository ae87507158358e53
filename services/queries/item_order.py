"""The order in which a ledger prints items: lists as they came, a list as printed, members after their item."""

from typing import Any

from sqlalchemy import SQLColumnExpression
from sqlmodel import col

from db.tables import Item


def number_columns(last: SQLColumnExpression[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    """Columns over `Item`; `last` makes them unique. With the item's id they are those of one index, in its order."""
    return (col(Item.listed_at), col(Item.list_id), col(Item.place), col(Item.position), last)
