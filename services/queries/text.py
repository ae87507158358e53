"""Searching in an item's words."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from db.tables import Item


def contains(text: str) -> ColumnElement[bool]:
    """The items whose text contains `text`, or whose number it is. No pattern characters, no case."""
    wanted = text.strip()
    return or_(col(Item.text).icontains(wanted, autoescape=True), col(Item.number) == wanted)
