"""A mail server on this machine for tests, which can be told how to misbehave."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class Mailbox:
    """What the server took, and what it says to the next mails. Thread-safe enough for tests."""

    port: int
    taken: list[Envelope] = field(default_factory=list)
    # What it says to each recipient and to each mail, before its usual yes.
    to_recipient: Callable[[str], str | None] = lambda _address: None
    to_data: Callable[[], str | None] = lambda: None
    drop_before: bool = False
    drop_after: bool = False
    delay: float = 0.0
    delay_after: float = 0.0
    signed_in: list[str] = field(default_factory=list)
    sessions: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails as a reader's program sees them."""
        found = [message_from_bytes(envelope.original_content or b"", policy=policy.default) for envelope in self.taken]
        assert all(isinstance(mail, EmailMessage) for mail in found)
        return found

    @property
    def ids(self) -> list[str]:
        """Their Message-IDs."""
        return [str(mail["Message-ID"]) for mail in self.mails]


class _Handler:
    def __init__(self, box: Mailbox) -> None:
        self.box = box
        self.transports: list[Any] = []

    def _abort(self, server: SMTP) -> None:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()

    async def hang_up(self) -> None:
        """End what is still open: the library leaves it to the garbage collector, which complains."""
        for transport in self.transports:
            transport.abort()
        await asyncio.sleep(0.02)

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:  # noqa: N802
        session.host_name = hostname
        self.box.sessions += 1
        self.transports.append(server.transport)
        return responses

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        said = self.box.to_recipient(address)
        if said is not None:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.box.delay:
            await asyncio.sleep(self.box.delay)
        if self.box.drop_before:
            self._abort(server)
            return "421 gone"
        said = self.box.to_data()
        if said is not None:
            return said
        self.box.taken.append(envelope)
        self.box.arrived.set()
        if self.box.delay_after:
            await asyncio.sleep(self.box.delay_after)
        if self.box.drop_after:
            self._abort(server)
        return "250 2.0.0 taken"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def mail_server(port: int | None = None, *, password: str | None = None, **options: Any) -> Iterator[Mailbox]:
    """A server on 127.0.0.1 for as long as the context lasts; with a password it wants a sign-in."""
    box = Mailbox(port or free_port())

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        box.signed_in.append(data.login.decode())
        return AuthResult(success=data.password.decode() == password, handled=False)

    if password is not None:
        options |= {"auth_required": True, "authenticator": authenticate}
    handler = _Handler(box)
    controller = Controller(handler, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(handler.hang_up(), controller.loop).result(5)
        controller.stop()
