"""The pages with 100,000 items in the database: how long the server takes, and what a first visit transfers."""

import http.client
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from api.deps import COOKIE
from app.container import Container, make_container
from app.settings import Settings
from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from benchmarks.worklist import CLERK, LIAISON, fill, publish_models, served
from db.tables import UserSession
from services.secrets import digest_of, new_secret

GOAL_MS, GOAL_KB = 150.0, 300.0
REPEATS, WARM_UP = 60, 15
KILOBYTE = 1024
PAGES: tuple[tuple[str, UUID, str], ...] = (
    ("todo_liaison", LIAISON, "/todo"),
    ("todo_office", CLERK, "/todo?scope=all"),
    ("todo_kind", CLERK, "/todo?scope=all&kind=sign_for"),
    ("todo_search", LIAISON, "/todo?text=77"),
    ("done", LIAISON, "/done"),
    ("started", LIAISON, "/started"),
    ("messages", LIAISON, "/messages"),
    ("account", LIAISON, "/account"),
)
"""Name, who looks, and the address. Every page that people open often has a row."""
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"')
_IMPORTED = re.compile(r'from "(\./[^"]+\.js)"')


def pages() -> Iterator[Figure]:
    """`page_p95_ms_*` and `page_kb_*`: server time of a page, and kilobytes of a first visit with all it loads."""
    with fresh_database() as access:
        container = make_container(Settings(), access)
        with container.sessions() as session:
            publish_models(session)
        fill(plain(access.owner_url))
        visitors = {person: _signed_in(container, person) for person in {person for _, person, _ in PAGES}}
        with served(access) as port:
            for name, person, path in PAGES:
                visitor = _Visitor(port, visitors[person])
                for _ in range(WARM_UP):
                    visitor.get(path)
                times = sorted(visitor.timed(path) for _ in range(REPEATS))
                yield Figure(f"page_p95_ms_{name}", times[int(len(times) * 0.95)], "ms", GOAL_MS, "lower")
                yield Figure(f"page_kb_{name}", visitor.weight(path) / KILOBYTE, "kB", GOAL_KB, "lower")
        container.engine.dispose()


def _signed_in(container: Container, person: UUID) -> str:
    """The secret of a session of this person."""
    secret, now = new_secret(), datetime.now(UTC)
    with container.sessions() as session:
        session.add(
            UserSession(
                token_hash=digest_of(secret),
                person_id=person,
                csrf_token=new_secret(),
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=12),
            )
        )
        session.commit()
    return secret


class _Visitor:
    """A browser's connection, signed in."""

    def __init__(self, port: int, secret: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Cookie": f"{COOKIE}={secret}", "Accept": "text/html", "Accept-Encoding": "gzip"}

    def get(self, path: str) -> bytes:
        """The answer as it went over the wire; anything but 200 fails the benchmark."""
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == http.client.OK, (path, response.status, body[:500])
        return body

    def timed(self, path: str) -> float:
        """Milliseconds until the whole page is there."""
        began = time.perf_counter()
        self.get(path)
        return (time.perf_counter() - began) * 1000

    def weight(self, path: str) -> int:
        """Bytes of the page and of everything it loads, as a browser with an empty cache takes them."""
        page = self.get(path)
        waiting, loaded = _LINKED.findall(page.decode()), {path: len(page)}
        while waiting:
            address = waiting.pop()
            if address in loaded:
                continue
            loaded[address] = len(self.get(address))
            if address.endswith(".js") and "/vendor/" not in address:
                waiting += [urljoin(address, name) for name in _IMPORTED.findall(self._plain(address))]
        return sum(loaded.values())

    def _plain(self, address: str) -> str:
        self.connection.request("GET", address)
        return self.connection.getresponse().read().decode()
