"""Webhooks, group robots and gateways. Saving one makes a test call, and says what was wrong with it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, SecretStr

from api.deps import ContainerDep, Run, Runner
from api.examples import AT, ENDPOINT_ID, UNIT_ID
from api.reading import Asking, example
from api.schemas import Answer, Body, SeenVersion
from domain.delivery import Topic
from services.channels import EndpointForm, SwitchEndpoint, save_endpoint
from services.queries.deliveries import EndpointRow, endpoints

router = APIRouter(prefix="/channels", tags=["messages"])

ENDPOINT = EndpointRow(
    id=ENDPOINT_ID,
    kind="wecom",
    name="商务局工作群",
    host="qyapi.weixin.qq.com",
    unit_id=UNIT_ID,
    unit="市商务局",
    person_id=None,
    has_secret=False,
    topics=("escalation",),
    enabled=True,
    tested_at=AT,
    version=1,
)


class EndpointBody(Body):
    """An endpoint. `secret` left out keeps the one that is there; it is shown to nobody again.

    `kind`: `webhook`, `wecom`, `dingtalk`, or `http` with `options` `body` (a template with `${phone}`, `${name}`,
    `${title}`, `${text}`, `${url}`, `${secret}`, `${id}`), `content_type`, `headers`, `accepts`. With neither `unit_id`
    nor `person_id` it serves every unit. `phone` is where the test of a gateway goes.
    """

    kind: Annotated[str, Field(pattern="^(webhook|wecom|dingtalk|http)$", examples=["wecom"])]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    unit_id: UUID | None = None
    person_id: UUID | None = None
    secret: Annotated[SecretStr | None, Field(max_length=500)] = None
    topics: Annotated[tuple[Topic, ...], Field(max_length=20)] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    phone: Annotated[str | None, Field(max_length=30)] = None


class EndpointChange(EndpointBody):
    """The same, of an endpoint that one looked at."""

    seen_version: SeenVersion


class Switched(Body):
    """Whether it is to be used."""

    enabled: bool
    seen_version: SeenVersion


class EndpointId(Answer):
    """The endpoint that was saved."""

    id: UUID


@router.get("", responses=example([ENDPOINT]))
def list_channels(asking: Asking) -> list[EndpointRow]:
    """The endpoints that one keeps: of one's units, one's own; an administrator's are all."""
    return list(endpoints(asking))


@router.post("", responses=example({"id": ENDPOINT_ID}))
def add_channel(body: EndpointBody, run: Run, container: ContainerDep) -> EndpointId:
    """Try an endpoint and save it."""
    return EndpointId(id=_save(body, run, container))


@router.put("/{endpoint_id}", responses=example({"id": ENDPOINT_ID}))
def change_channel(endpoint_id: UUID, body: EndpointChange, run: Run, container: ContainerDep) -> EndpointId:
    """Try an endpoint as it is to be, and save it."""
    return EndpointId(id=_save(body, run, container, endpoint_id, body.seen_version))


@router.patch("/{endpoint_id}", status_code=204)
def switch_channel(endpoint_id: UUID, body: Switched, run: Run) -> None:
    """Switch an endpoint off or on."""
    command = SwitchEndpoint(endpoint_id=endpoint_id, enabled=body.enabled, seen_version=body.seen_version)
    run.executor.execute(command, actor=run.actor, request=run.request)


def _save(
    body: EndpointBody,
    run: Runner,
    container: ContainerDep,
    endpoint_id: UUID | None = None,
    seen_version: int | None = None,
) -> UUID:
    form = EndpointForm(
        kind=body.kind,
        name=body.name,
        url=body.url,
        unit_id=body.unit_id,
        person_id=body.person_id,
        secret=None if body.secret is None else body.secret.get_secret_value(),
        topics=tuple(body.topics),
        options=body.options,
        phone=body.phone,
    )
    return save_endpoint(
        run.executor,
        container.endpoint_trial,
        container.secret_box,
        form,
        actor=run.actor,
        request=run.request,
        endpoint_id=endpoint_id,
        seen_version=seen_version,
    )
