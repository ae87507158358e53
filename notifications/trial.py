"""Trying an endpoint before it is saved: a test call, and a clear word about what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from domain.delivery import Channel, Outcome
from domain.delivery_errors import EndpointForbidden, EndpointInvalid, EndpointRefused, EndpointUnreachable
from notifications.answers import Post
from notifications.channels.endpoints import DIALECTS, EndpointCarrier
from notifications.channels.outbound import (
    ForbiddenAddressError,
    InvalidUrlError,
    Outbound,
    UnreachableError,
    check_url,
)
from notifications.rendering import Renderer
from services.sendings import EndpointAddress


@dataclass(frozen=True, slots=True)
class Trial:
    """Sends test messages. A gateway that sends text messages is only connected to unless a phone is given: a message
    to nobody would be refused, and one to somebody costs.
    """

    outbound: Outbound
    renderer: Renderer

    def __call__(
        self, kind: str, url: str, secret: str | None, options: Mapping[str, Any], *, phone: str | None, now: datetime
    ) -> None:
        """Raises EndpointForbidden, EndpointUnreachable, EndpointRefused, EndpointInvalid."""
        post = Post(
            message_id=f"<test-{uuid4()}@dudao>",
            address=phone or "13800000000",
            name="",
            words=self.renderer.test_message(),
            at=now,
            topic="test",
            endpoint=EndpointAddress(kind, "", url, None, options),
            secret=secret,
        )
        try:
            host, port = check_url(url)
        except InvalidUrlError as error:
            raise EndpointInvalid(str(error), field="url", reason=url) from error
        where = f"{host}:{port}"
        try:
            request = DIALECTS[Channel(kind)].request(post, url, options)
        except (ValueError, KeyError) as error:
            raise EndpointInvalid(str(error), field="body", reason=str(error)) from error
        try:
            if kind == Channel.HTTP and phone is None:
                self.outbound.request("HEAD", url, headers={"User-Agent": "dudao"}, body=b"")
                return
            answer = self.outbound.request(
                request.method, request.url, headers={"User-Agent": "dudao", **request.headers}, body=request.body
            )
        except ForbiddenAddressError as error:
            raise EndpointForbidden(str(error), where=where, address=error.address) from error
        except UnreachableError as error:
            raise EndpointUnreachable(str(error), where=where, reason=str(error)) from error
        except InvalidUrlError as error:
            raise EndpointInvalid(str(error), field="url", reason=str(error)) from error
        judged = EndpointCarrier.judged(answer, kind, options)
        if judged.outcome is not Outcome.ACCEPTED:
            raise EndpointRefused(judged.words, where=where, reason=judged.words)
