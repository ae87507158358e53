"""The addresses that people are given outside the pages: in mails, in calendars, to robots, in one-time links.

Whoever writes such an address takes it from here, and the pages stand at these paths, so that the two cannot part.
"""

from uuid import UUID

HOME = "/"
STEP = "/work/{work_item_id}"
ITEM = "/items/{item_id}"
DOCUMENT = "/documents/{document_id}"
LINK = "/links/{secret}"
CALENDAR = "/api/v1/calendars/{secret}.ics"


def step_path(work_item_id: UUID) -> str:
    """Where a work item is decided; once it is decided the page says by whom and how."""
    return STEP.format(work_item_id=work_item_id)


def item_path(item_id: UUID) -> str:
    """Everything about one item."""
    return ITEM.format(item_id=item_id)


def document_path(document_id: UUID) -> str:
    """An issued document: its pages, whether it is still in force."""
    return DOCUMENT.format(document_id=document_id)


def link_path(secret: str) -> str:
    """Where the owner of a one-time link sets a password."""
    return LINK.format(secret=secret)


def calendar_path(secret: str) -> str:
    """Where a calendar program reads a person's limits."""
    return CALENDAR.format(secret=secret)


def message_path(*, work_item_id: UUID | None, item_id: UUID | None, document_id: UUID | None = None) -> str:
    """Where a message is answered: at its step, at the document or item that it is about, or else the first page."""
    if work_item_id is not None:
        return step_path(work_item_id)
    if document_id is not None:
        return document_path(document_id)
    return HOME if item_id is None else item_path(item_id)
