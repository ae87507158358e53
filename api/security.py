"""What surrounds every request: its id, headers that browsers heed, one line in the log, limits by source address."""

import re
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import API_PATH, answer
from domain.errors import TooManyRequests

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # One-time links and item numbers stay out of other servers' logs.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_API_HEADERS = {
    # Answers of the API are data. A browser that is tricked into showing one runs nothing of it.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # They depend on who asks and are out of date at once.
    "Cache-Control": "no-store",
}
_PAGE_HEADERS = {
    # Everything a page needs comes from here, and nothing in it is inline: text that somebody wrote cannot run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
        " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Nobody reads yesterday's list, or somebody else's after they signed out.
    "Cache-Control": "no-store",
}
_STRICT_TRANSPORT = "max-age=31536000"

_log = structlog.get_logger()


class RequestContext:
    """The outermost layer. Also words what the framework would answer by itself in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; lifespan events pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        scope["dudao.request_id"] = request_id
        answer = _Answer(scope, receive, send, request_id)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, answer.send)
            except Exception:  # noqa: BLE001  the last resort: nothing a request causes may show its text
                _log.exception("unexpected_error", error_id=request_id)
                await answer.fail()
            _log.info(
                "request",
                method=scope["method"],
                # The template, not the path: paths of one-time links hold their secret.
                route=getattr(scope.get("route"), "path", None),
                status=answer.status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )


@dataclass(slots=True)
class _Answer:
    """The response of one request on its way out."""

    scope: Scope
    receive: Receive
    sink: Send
    request_id: str
    status: int = 0
    replaced: bool = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            if self.status == 413 and headers.get("content-type", "").startswith("text/plain"):  # noqa: PLR2004
                # The framework's own answer to a body over the limit is plain text.
                self.replaced = True
                await self._replace("too_large", self.status)
                return
            self._add(headers)
        if not self.replaced:
            await self.sink(message)

    async def fail(self) -> None:
        if not self.status:
            self.status = 500
            await self._replace("internal_error", 500)

    async def _replace(self, code: str, status: int) -> None:
        facts = {"error_id": self.request_id} if code == "internal_error" else {}
        response = answer(self.scope, status=status, code=code, facts=facts)
        self._add(response.headers)
        await response(self.scope, self.receive, self.sink)

    def _add(self, headers: MutableHeaders) -> None:
        headers["X-Request-ID"] = self.request_id
        extra = _HEADERS | (_API_HEADERS if self.scope["path"].startswith(API_PATH) else _PAGE_HEADERS)
        for name, value in extra.items():
            headers.setdefault(name, value)
        if self.scope["scheme"] == "https":
            headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)


@dataclass(slots=True)
class FailureLimit:
    """At most `burst` failures at once and `per_minute` in the long run, for each source, in this process.

    Only failures count: a whole office may stand behind one address and sign in at nine o'clock. Remembers at most
    `sources` and forgets the one that was quiet the longest. What counts across processes is the account's lock; this
    keeps one address from trying many accounts.
    """

    per_minute: int = 10
    burst: int = 30
    sources: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, source: str) -> None:
        """Refuse a source that failed too often. Raises TooManyRequests with the seconds to wait."""
        with self._lock:
            left = self._left(source)
        if left < 1:
            raise TooManyRequests(source, seconds=ceil((1 - left) / self._per_second))

    def failed(self, source: str) -> None:
        """Count a failure."""
        with self._lock:
            left = self._left(source)
            self._buckets.pop(source, None)
            self._buckets[source] = (max(left - 1, 0.0), self.clock())
            if len(self._buckets) > self.sources:
                self._buckets.popitem(last=False)

    @property
    def _per_second(self) -> float:
        return self.per_minute / 60

    def _left(self, source: str) -> float:
        """What is left of the source's allowance; one that never failed has all of it."""
        if source not in self._buckets:
            return float(self.burst)
        left, at = self._buckets[source]
        return min(float(self.burst), left + (self.clock() - at) * self._per_second)
