"""Endpoints: the webhooks, group robots and gateways of units and people, tried before they are saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from db.tables import ChannelEndpoint, Unit
from domain.delivery import ENDPOINT_KINDS, Topic
from domain.delivery_errors import EndpointInvalid
from domain.errors import NotFound, PermissionDenied, StaleVersion
from domain.permissions import Actor, Permission, is_allowed
from services.executor import Executor, RequestInfo
from services.unit_of_work import UnitOfWork

_NO_UNIT = UUID(int=0)


class EndpointTrial(Protocol):
    """Sends a test message to an endpoint that is about to be saved."""

    def __call__(
        self, kind: str, url: str, secret: str | None, options: Mapping[str, Any], *, phone: str | None, now: datetime
    ) -> None:
        """Raises EndpointForbidden, EndpointUnreachable, EndpointRefused, EndpointInvalid."""
        ...


class Sealing(Protocol):
    """Seals and opens the secrets of endpoints."""

    @property
    def seal(self) -> Callable[[str], bytes]:
        """What the database holds of a secret."""
        ...

    @property
    def unseal(self) -> Callable[[bytes], str]:
        """The secret again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForm:
    """An endpoint as somebody enters it. `secret` None keeps the one that is there; empty removes it.

    With neither `unit_id` nor `person_id` it serves every unit. `phone` is where the test of a gateway goes.
    """

    kind: str
    name: str
    url: str
    unit_id: UUID | None = None
    person_id: UUID | None = None
    secret: str | None = field(default=None, repr=False)
    topics: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveEndpoint:
    """Keep an endpoint that answered its trial. `endpoint_id` None makes a new one; use `save_endpoint`."""

    kind: str
    name: str
    # Robots have their key in the address.
    url: str = field(metadata={"audit": False})
    unit_id: UUID | None
    person_id: UUID | None
    secret: bytes | None = field(metadata={"audit": False}, repr=False)
    topics: tuple[str, ...]
    options: Mapping[str, Any] = field(metadata={"audit": False})
    endpoint_id: UUID | None = None
    seen_version: int | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """Its id. Raises NotFound, PermissionDenied, StaleVersion, EndpointInvalid."""
        if self.endpoint_id is not None:
            uow.about(self.endpoint_id)
        require_endpoint(uow, unit_id=self.unit_id, person_id=self.person_id)
        check_form(self.kind, self.unit_id, self.person_id, self.topics)
        if self.unit_id is not None:
            uow.get(Unit, self.unit_id)
        if self.endpoint_id is None:
            row = ChannelEndpoint(
                kind=self.kind, name=self.name, url=self.url, created_at=uow.now, created_by=uow.actor.id
            )
        else:
            row = _owned(uow, self.endpoint_id, self.seen_version)
            if (row.unit_id, row.person_id) != (self.unit_id, self.person_id):
                raise NotFound(f"endpoint {self.endpoint_id}")
            row.version += 1
        row.kind, row.name, row.url = self.kind, self.name, self.url
        row.unit_id, row.person_id, row.secret = self.unit_id, self.person_id, self.secret
        row.topics, row.options = list(self.topics), dict(self.options)
        row.enabled, row.tested_at = True, uow.now
        uow.session.add(row)
        uow.about(row.id)
        return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchEndpoint:
    """Switch an endpoint off, or on again. What waits for one that is off is not sent any more."""

    endpoint_id: UUID
    enabled: bool
    seen_version: int

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, StaleVersion."""
        uow.about(self.endpoint_id)
        row = _owned(uow, self.endpoint_id, self.seen_version)
        row.enabled = self.enabled
        row.version += 1
        uow.session.add(row)


def save_endpoint(
    executor: Executor,
    trial: EndpointTrial,
    box: Sealing,
    form: EndpointForm,
    *,
    actor: Actor,
    request: RequestInfo,
    endpoint_id: UUID | None = None,
    seen_version: int | None = None,
) -> UUID:
    """Try an endpoint and save it. Nothing is saved, and nobody without the permission makes us call anything.

    Raises what `SaveEndpoint` and the trial raise.
    """
    secret = _secret_to_use(executor, box, form, endpoint_id)
    if may_keep(actor, unit_id=form.unit_id, person_id=form.person_id):
        check_form(form.kind, form.unit_id, form.person_id, form.topics)
        now = executor.clock.now()
        trial(form.kind, form.url, secret or None, form.options, phone=form.phone, now=now)
    command = SaveEndpoint(
        kind=form.kind,
        name=form.name,
        url=form.url,
        unit_id=form.unit_id,
        person_id=form.person_id,
        secret=box.seal(secret) if secret else None,
        topics=form.topics,
        options=form.options,
        endpoint_id=endpoint_id,
        seen_version=seen_version,
    )
    return executor.execute(command, actor=actor, request=request)


def _secret_to_use(executor: Executor, box: Sealing, form: EndpointForm, endpoint_id: UUID | None) -> str | None:
    """The secret that was entered, or the one that is there. It goes nowhere else than where it went before: whoever
    could point it at an address of their own would learn it.
    """
    if form.secret is not None or endpoint_id is None:
        return form.secret
    with executor.sessions() as session:
        row = session.get(ChannelEndpoint, endpoint_id)
    if row is None or (row.unit_id, row.person_id) != (form.unit_id, form.person_id) or row.secret is None:
        return None
    if (row.kind, urlsplit(row.url)[:2]) != (form.kind, urlsplit(form.url)[:2]):
        raise EndpointInvalid("another address", field="secret", reason=form.url)
    return box.unseal(row.secret)


def may_keep(actor: Actor, *, unit_id: UUID | None, person_id: UUID | None) -> bool:
    """Whether the actor keeps the endpoints of that unit, of that person, or those that serve every unit."""
    if person_id is not None:
        return person_id == actor.id and is_allowed(actor, Permission.ACCOUNT_SELF)
    # An administrator and the operator keep every unit's; nobody else has a unit with this id.
    return is_allowed(actor, Permission.CHANNEL_MANAGE, unit_id=unit_id or _NO_UNIT)


def require_endpoint(uow: UnitOfWork, *, unit_id: UUID | None, person_id: UUID | None) -> None:
    """Raises PermissionDenied."""
    uow.authorized = True
    if not may_keep(uow.actor, unit_id=unit_id, person_id=person_id):
        raise PermissionDenied(f"{uow.actor.name} keeps no such endpoint")
    uow.on_behalf_of = unit_id


def check_form(kind: str, unit_id: UUID | None, person_id: UUID | None, topics: tuple[str, ...]) -> None:
    """Raises EndpointInvalid."""
    if kind not in ENDPOINT_KINDS:
        raise EndpointInvalid(kind, field="kind", reason=kind)
    if unit_id is not None and person_id is not None:
        raise EndpointInvalid("of a unit and of a person", field="person_id", reason="unit_id")
    for topic in topics:
        if topic not in set(Topic):
            raise EndpointInvalid(topic, field="topics", reason=topic)


def _owned(uow: UnitOfWork, endpoint_id: UUID, seen_version: int | None) -> ChannelEndpoint:
    row = uow.session.get(ChannelEndpoint, endpoint_id, with_for_update=True)
    if row is None or not may_keep(uow.actor, unit_id=row.unit_id, person_id=row.person_id):
        uow.authorized = True
        raise NotFound(f"endpoint {endpoint_id}")
    require_endpoint(uow, unit_id=row.unit_id, person_id=row.person_id)
    if row.version != seen_version:
        raise StaleVersion(str(endpoint_id), seen=seen_version, current=row.version)
    return row
