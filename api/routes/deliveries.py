"""The delivery log: what was sent to whom and what was answered, dead letters, people without an address."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.examples import AT, MESSAGE_ID, PERSON_ID, SENDING_ID
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.schemas import Body
from domain.delivery import Channel, SendingState
from services.queries.deliveries import (
    AttemptRow,
    DeliveryDetail,
    DeliveryFilter,
    DeliveryRow,
    UnreachablePerson,
    deliveries,
    delivery_detail,
    unreachable_people,
)
from services.sendings import Resend

router = APIRouter(prefix="/deliveries", tags=["messages"])

DELIVERY = DeliveryRow(
    id=SENDING_ID,
    created_at=AT,
    channel="mail",
    address="lichenxi@example.gov.cn",
    recipient="李晨曦",
    unit="市商务局",
    topic="escalation",
    digest=False,
    state="dead",
    attempts=1,
    next_try_at=None,
    ended_at=AT,
    answer="550 no such user",
)
ATTEMPT = AttemptRow(
    number=1,
    started_at=AT,
    ended_at=AT,
    address=DELIVERY.address,
    message_id=f"<{SENDING_ID}@example.gov.cn>",
    outcome="permanent",
    answer=DELIVERY.answer,
)
PERSON = UnreachablePerson(PERSON_ID, "宋佳禾", "市市场监管局", ("liaison",), "", can_sign_in=True)


class DeliveryQuery(Body):
    """Which sendings; everything that is given has to hold. `state` `dead` are the dead letters."""

    state: SendingState | None = None
    channel: Channel | None = None
    recipient_id: UUID | None = None
    item_id: UUID | None = None
    address: Annotated[str | None, Field(max_length=320)] = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


@router.get("", responses=example({"items": [DELIVERY], "next_cursor": None}))
def list_deliveries(query: Annotated[DeliveryQuery, Query()], asking: Asking) -> Page[DeliveryRow]:
    """What was sent for one's office, the newest first."""
    wanted = DeliveryFilter(
        state=query.state,
        channel=query.channel,
        recipient_id=query.recipient_id,
        item_id=query.item_id,
        address=query.address,
        since=query.since,
        until=query.until,
    )
    return paged(
        deliveries(asking, wanted, limit=query.limit, after=decode_cursor(query.cursor, "deliveries")), "deliveries"
    )


@router.get("/unreachable", responses=example([PERSON]))
def list_unreachable(asking: Asking) -> list[UnreachablePerson]:
    """People with a role and without a mail address: they are told in their inbox alone."""
    return list(unreachable_people(asking))


@router.get(
    "/{sending_id}", responses=example(DeliveryDetail(delivery=DELIVERY, attempts=(ATTEMPT,), item_ids=(MESSAGE_ID,)))
)
def read_delivery(sending_id: UUID, asking: Asking) -> DeliveryDetail:
    """One sending with every attempt."""
    return delivery_detail(asking, sending_id)


@router.post("/{sending_id}/resend", status_code=204)
def resend(sending_id: UUID, run: Run) -> None:
    """Send again what was given up, or try at once what waits for its next attempt."""
    run.executor.execute(Resend(sending_id=sending_id), actor=run.actor, request=run.request)
