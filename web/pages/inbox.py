"""A person's messages, how they want to be told, and the secret address of their calendar."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.pagination import decode_cursor, encode_cursor
from domain.addresses import calendar_path
from domain.delivery import Digest, Preference
from services.inbox import MarkRead, NewCalendarFeed, RevokeCalendarFeed, SetPreference
from services.queries.inbox import inbox, own_feed, own_preference, path_of_message, unread_count
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

PER_PAGE = 50
ORDER = "messages"
HOURS = range(24)


@router.get("/messages", name="inbox")
def show_inbox(
    *,
    visit: Visiting,
    unread: Annotated[bool, Query()] = False,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The messages, the newest first."""
    return _inbox_page(visit, unread_only=unread, cursor=cursor)


def _inbox_page(
    visit: Visit, *, unread_only: bool = False, cursor: str | None = None, feed_url: str | None = None
) -> Response:
    reading, person_id = visit.reading, visit.actor.id
    found = inbox(reading, unread_only=unread_only, limit=PER_PAGE, after=decode_cursor(cursor, ORDER))
    following = encode_cursor(ORDER, found.next)
    address = ListAddress(visit.url("inbox"), {"unread": "true" if unread_only else None})
    return visit.page(
        "inbox/inbox.html",
        rows=found.rows,
        unread=unread_count(reading.session, person_id),
        unread_only=unread_only,
        address=address,
        next_page=address.but(cursor=following) if following else None,
        first_page=address if cursor else None,
        preference=own_preference(reading.session, person_id),
        digests=list(Digest),
        hours=HOURS,
        feed=own_feed(reading.session, person_id),
        feed_url=feed_url,
    )


@router.post("/messages/read", name="read_messages")
def mark_read(visit: Submitting) -> Response:
    """Mark all messages as read."""
    visit.run(MarkRead())
    return visit.redirect("inbox")


@router.post("/messages/{message_id}/open", name="open_message")
def open_message(visit: Submitting, message_id: UUID) -> Response:
    """Mark a message as read and go to what it is about."""
    visit.run(MarkRead(message_ids=(message_id,)))
    return visit.redirect_to(path_of_message(visit.reading, message_id))


@router.post("/messages/preference", name="set_preference")
def set_preference(visit: Submitting) -> Response:
    """Say how one wants to be told."""
    hour = visit.text("digest_hour")
    command = SetPreference(
        mail=bool(visit.text("mail")),
        digest=Digest(visit.text("digest")) if visit.text("digest") in set(Digest) else Digest.NEVER,
        digest_hour=int(hour) if hour.isdecimal() and int(hour) in HOURS else Preference().digest_hour,
    )
    visit.run(command)
    return visit.redirect("inbox", notice=Notice("preference_kept"))


@router.post("/messages/calendar", name="new_feed")
def new_feed(visit: Submitting) -> Response:
    """A new address of the calendar, which this answer shows and no other."""
    secret = visit.run_unrepeatable(NewCalendarFeed())
    return _inbox_page(visit, feed_url=visit.container.base_url + calendar_path(secret))


@router.post("/messages/calendar/revoke", name="revoke_feed")
def revoke_feed(visit: Submitting) -> Response:
    """Let the calendar be read under no address any more."""
    visit.run(RevokeCalendarFeed())
    return visit.redirect("inbox", notice=Notice("feed_revoked"))
