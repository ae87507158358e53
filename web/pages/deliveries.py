"""The delivery log 投递记录: what was sent to whom and what came of it, who cannot be reached, and the channels."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.pagination import decode_cursor, encode_cursor
from domain.calendar import end_of, start_of
from domain.delivery import ENDPOINT_KINDS, Channel, SendingState, Topic
from domain.errors import DomainError, PermissionDenied
from domain.permissions import Permission
from services.channels import EndpointForm, SwitchEndpoint, save_endpoint
from services.queries.deliveries import (
    DeliveryFilter,
    deliveries,
    delivery_detail,
    endpoints,
    unreachable_people,
)
from services.queries.page import MAX_PAGE
from services.queries.units import list_units
from services.sendings import Resend
from web.addresses import ListAddress
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

ROWS = 100
ORDER = "deliveries page"
UNPROCESSABLE = 422


class DeliveriesAddress(BaseModel):
    """What of the log is asked for; days are local and inclusive."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    state: SendingState | Literal[""] = ""
    channel: Channel | Literal[""] = ""
    address: Annotated[str, Query(max_length=320)] = ""
    item: UUID | Literal[""] = ""
    since: date | Literal[""] = ""
    until: date | Literal[""] = ""
    cursor: Annotated[str, Query(max_length=500)] = ""

    def filters(self) -> DeliveryFilter:
        """As the query takes them."""
        return DeliveryFilter(
            state=self.state or None,
            channel=self.channel or None,
            address=self.address or None,
            item_id=self.item or None,
            since=start_of(self.since) if self.since else None,
            until=end_of(self.until) if self.until else None,
        )


@router.get("/deliveries", name="deliveries")
def show_deliveries(visit: Visiting, asked: Annotated[DeliveriesAddress, Query()]) -> Response:
    """The log, the newest first."""
    _require(visit)
    reading = visit.reading
    page = deliveries(reading, asked.filters(), limit=ROWS, after=decode_cursor(asked.cursor or None, ORDER))
    dead = deliveries(reading, DeliveryFilter(state=SendingState.DEAD), limit=ROWS)
    following = encode_cursor(ORDER, page.next)
    params = {name: getattr(value, "value", value) for name, value in asked if value != ""}
    address = ListAddress(visit.url("deliveries"), params).but()
    return visit.page(
        "deliveries/deliveries.html",
        asked=asked,
        address=address,
        rows=page.rows,
        next_page=address.but(cursor=following) if following else None,
        dead=len(dead.rows),
        more_dead=dead.next is not None,
        states=list(SendingState),
        channels=list(Channel),
        unreachable=unreachable_people(reading),
    )


@router.get("/deliveries/channels", name="channels")
def show_channels(visit: Visiting) -> Response:
    """The endpoints that the visitor keeps."""
    return _channels_page(visit)


def _channels_page(visit: Visit, *, refused: DomainError | None = None, typed: Submission | None = None) -> Response:
    _require(visit, Permission.CHANNEL_MANAGE)
    units = list_units(visit.reading.session, limit=MAX_PAGE).rows
    everywhere = visit.may(Permission.UNIT_IMPORT)
    return visit.page(
        "deliveries/channels.html",
        status=UNPROCESSABLE if refused else 200,
        rows=endpoints(visit.reading),
        units=[unit for unit in units if everywhere or unit.id in visit.own_units],
        everywhere=everywhere,
        kinds=sorted(ENDPOINT_KINDS - {Channel.HTTP}),
        topics=list(Topic),
        refused=visit.sentence(refused) if refused else None,
        typed=typed,
    )


@router.post("/deliveries/channels", name="save_channel")
def save_channel(visit: Submitting) -> Response:
    """Try an endpoint, and keep it if it answered."""
    unit_id = visit.text("unit_id")
    form = EndpointForm(
        kind=visit.text("kind"),
        name=visit.text("name")[:80],
        url=visit.text("url")[:2000],
        unit_id=UUID(unit_id) if unit_id else None,
        secret=visit.text("secret")[:500] or None,
        topics=tuple(visit.texts("topics")),
    )
    executor, container = visit.container.executor, visit.container
    try:
        visit.close_reading()
        save_endpoint(
            executor,
            container.endpoint_trial,
            container.secret_box,
            form,
            actor=visit.actor,
            request=visit.request_info(None),
        )
    except DomainError as error:
        return _channels_page(visit, refused=error, typed=visit)
    return visit.redirect("channels", notice=Notice("channel_saved", {"name": form.name}))


@router.post("/deliveries/channels/{endpoint_id}", name="switch_channel")
def switch_channel(visit: Submitting, endpoint_id: UUID) -> Response:
    """Switch an endpoint off, or on again."""
    enabled, seen = visit.text("enabled") == "yes", visit.text("seen_version")
    visit.run(
        SwitchEndpoint(endpoint_id=endpoint_id, enabled=enabled, seen_version=int(seen) if seen.isdecimal() else 0)
    )
    return visit.redirect("channels", notice=Notice("channel_switched", {"enabled": enabled}))


@router.get("/deliveries/{sending_id}", name="delivery")
def show_delivery(visit: Visiting, sending_id: UUID) -> Response:
    """One sending with every attempt."""
    _require(visit)
    return visit.page("deliveries/delivery.html", detail=delivery_detail(visit.reading, sending_id))


@router.post("/deliveries/{sending_id}/resend", name="resend")
def resend(visit: Submitting, sending_id: UUID) -> Response:
    """Send again what was given up, or try at once what waits."""
    visit.run(Resend(sending_id=sending_id))
    return visit.redirect("delivery", sending_id=sending_id, notice=Notice("resent"))


def _require(visit: Visit, permission: Permission = Permission.DELIVERY_READ) -> None:
    if not visit.may(permission):
        raise PermissionDenied(f"{visit.actor.name} lacks {permission}")
