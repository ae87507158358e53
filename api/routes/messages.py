"""A person's inbox, how they want to be told, and the secret address of their calendar."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.deps import ContainerDep, Run
from api.examples import AT, DUE, ITEM_ID, MESSAGE_ID, WORK_ITEM_ID
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.schemas import Answer, Body
from domain.addresses import calendar_path, step_path
from domain.delivery import Digest, Preference, Topic
from domain.notices import notice
from services.inbox import MarkRead, NewCalendarFeed, RevokeCalendarFeed, SetPreference
from services.queries.calendar_feed import calendar_feed, feed_actor
from services.queries.inbox import FeedState, InboxRow, inbox, own_feed, own_preference, unread_count
from services.queries.reading import reading

router = APIRouter(tags=["messages"])

_FACTS = {
    "number": "12",
    "text": "建立外贸企业联系服务机制",
    "office": "市开放办",
    "unit": "市商务局",
    "due_at": DUE.isoformat(),
}
_TOLD = notice(Topic.ISSUED, _FACTS, AT)
MESSAGE = InboxRow(
    id=MESSAGE_ID,
    topic=_TOLD.topic,
    title=_TOLD.headline,
    reason=_TOLD.reason,
    action=_TOLD.action,
    item_id=ITEM_ID,
    work_item_id=WORK_ITEM_ID,
    path=step_path(UUID(str(WORK_ITEM_ID))),
    number="12",
    text=_TOLD.text,
    due_at=DUE,
    days_left=_TOLD.days_left,
    left=_TOLD.left,
    created_at=AT,
    read_at=None,
)


class InboxQuery(Body):
    """Which messages. `state` is `unread` for those that nobody looked at."""

    state: Annotated[str, Field(pattern="^(unread|all)$")] = "all"
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class Unread(Answer):
    """How many messages are unread."""

    unread: int


class ReadMessages(Body):
    """Messages that were read; without `ids`, all of them."""

    ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=500)] | None = None


class PreferenceBody(Body):
    """How one wants to be told. `digest`: `never`, `rounds` (reporting periods), `everything`. The hour is local."""

    mail: bool
    digest: Digest
    digest_hour: Annotated[int, Field(ge=0, le=23, examples=[8])]


class PreferenceAnswer(PreferenceBody):
    """How one is told."""

    @classmethod
    def of(cls, preference: Preference) -> "PreferenceAnswer":
        """The preference on the wire."""
        return cls(mail=preference.mail, digest=preference.digest, digest_hour=preference.digest_hour)


class FeedAnswer(Answer):
    """The calendar's address, if there is one in force."""

    feed: FeedState | None


class NewFeed(Answer):
    """A new address, shown once. Whoever has it reads the calendar: treat it like a password."""

    url: str


@router.get("/messages", responses=example({"items": [MESSAGE], "next_cursor": None}))
def list_messages(query: Annotated[InboxQuery, Query()], asking: Asking) -> Page[InboxRow]:
    """One's own messages, the newest first."""
    found = inbox(
        asking,
        unread_only=query.state == "unread",
        limit=query.limit,
        after=decode_cursor(query.cursor, "messages"),
    )
    return paged(found, "messages")


@router.get("/messages/unread", responses=example({"unread": 4}))
def count_unread(asking: Asking) -> Unread:
    """How many of one's messages are unread."""
    return Unread(unread=unread_count(asking.session, asking.actor.id))


@router.post("/messages/read", responses=example({"unread": 0}))
def mark_read(body: ReadMessages, run: Run, container: ContainerDep) -> Unread:
    """Mark messages as read; how many are left."""
    run.executor.execute(MarkRead(message_ids=body.ids), actor=run.actor, request=run.request)
    with container.reads() as session:
        return Unread(unread=unread_count(session, run.actor.id))


@router.get("/messages/preference", responses=example({"mail": True, "digest": "rounds", "digest_hour": 8}))
def read_preference(asking: Asking) -> PreferenceAnswer:
    """How one is told."""
    return PreferenceAnswer.of(own_preference(asking.session, asking.actor.id))


@router.put("/messages/preference", responses=example({"mail": True, "digest": "everything", "digest_hour": 7}))
def set_preference(body: PreferenceBody, run: Run) -> PreferenceAnswer:
    """Say how one wants to be told. What presses comes by mail all the same."""
    command = SetPreference(mail=body.mail, digest=body.digest, digest_hour=body.digest_hour)
    return PreferenceAnswer.of(run.executor.execute(command, actor=run.actor, request=run.request))


@router.get("/calendar-feed", responses=example({"feed": {"created_at": AT, "last_read_at": None}}))
def read_feed(asking: Asking) -> FeedAnswer:
    """Whether one's calendar has an address."""
    return FeedAnswer(feed=own_feed(asking.session, asking.actor.id))


@router.post("/calendar-feed", responses=example({"url": "https://dudao.example/api/v1/calendars/x.ics"}))
def new_feed(run: Run, container: ContainerDep) -> NewFeed:
    """Make a new secret address for one's calendar; the one before stops working."""
    secret = run.executor.execute(NewCalendarFeed(), actor=run.actor, request=run.request)
    return NewFeed(url=container.base_url + calendar_path(secret))


@router.delete("/calendar-feed", status_code=204)
def revoke_feed(run: Run) -> None:
    """Let one's calendar be read under no address any more."""
    run.executor.execute(RevokeCalendarFeed(), actor=run.actor, request=run.request)


@router.get("/calendars/{secret}.ics", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
def read_calendar(secret: str, container: ContainerDep) -> Response:
    """The calendar of whoever the address was given to, for calendar programs."""
    executor = container.executor
    with container.reads() as session:
        actor = feed_actor(session, secret, container.clock.now())
    with reading(executor, actor, sessions=container.reads) as asked:
        content = calendar_feed(asked, container.base_url)
    return Response(
        content, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=900"}
    )
