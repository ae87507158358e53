"""The pages with 100,000 items in the database: how long the server takes, and what a first visit transfers."""

import http.client
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from urllib.parse import urljoin
from uuid import UUID

import psycopg
from sqlmodel import col, select

from api.deps import COOKIE
from app.container import Container, make_container
from app.settings import Settings
from benchmarks import matters
from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from benchmarks.import_list import document
from benchmarks.worklist import CLERK, ITEMS, LIAISON, LIST, OFFICE, fill, publish_models, served
from db.tables import UserSession, WorkItem
from domain.permissions import SCHEDULER, Actor, Membership, Role
from services.board_keeping import TakeBoard, boards_to_take
from services.document_import import import_command
from services.lights import RefreshLights
from services.secrets import digest_of, new_secret
from services.unit_lookup import stored_registry

GOAL_MS, GOAL_KB = 150.0, 300.0
REPEATS, WARM_UP = 60, 15
KILOBYTE = 1024
ITEM = UUID(int=1_000_010)
"""A red one of the liaison's."""
PAGES: tuple[tuple[str, UUID, str], ...] = (
    ("todo_liaison", LIAISON, "/todo"),
    ("todo_office", CLERK, "/todo?scope=all"),
    ("todo_kind", CLERK, "/todo?scope=all&kind=sign_for"),
    ("todo_search", LIAISON, "/todo?text=77"),
    ("done", LIAISON, "/done"),
    ("started", LIAISON, "/started"),
    ("messages", LIAISON, "/messages"),
    ("account", LIAISON, "/account"),
    ("ledger_office", CLERK, "/ledger"),
    ("ledger_liaison", LIAISON, "/ledger"),
    ("ledger_red", CLERK, "/ledger?light=red"),
    ("item_liaison", LIAISON, f"/items/{ITEM}"),
    ("item_office", CLERK, f"/items/{ITEM}"),
    ("board_office", CLERK, "/board"),
    ("board_list", CLERK, f"/board?list={LIST}"),
    ("step", LIAISON, "/work/{step}"),
    ("desk", CLERK, "/desk"),
    ("desk_list", CLERK, "/desk/lists/{imported}"),
    ("rounds", CLERK, "/rounds"),
    ("units", CLERK, "/units"),
    ("calendar", CLERK, "/calendar"),
    ("policies", CLERK, f"/policies?list={LIST}"),
    ("light_rules", CLERK, f"/light-rules?list={LIST}"),
    ("models", CLERK, "/models"),
    ("deliveries", CLERK, "/deliveries"),
    ("cases", CLERK, "/cases"),
    ("case", CLERK, f"/cases/{matters.CASE}"),
    ("case_in_consultation", CLERK, f"/cases/{matters.DRAFT}"),
    ("adoptions", CLERK, "/adoptions"),
    ("bulletins", CLERK, "/bulletins"),
    ("bulletin", CLERK, f"/bulletins/{matters.BULLETIN}"),
    ("conferences", CLERK, "/conferences"),
    ("conference", CLERK, f"/conferences/{matters.CONFERENCE}"),
    ("evaluation", CLERK, "/evaluations/{evaluation}"),
    ("completion", CLERK, "/completion"),
    ("completion_list", CLERK, f"/completion?list={LIST}"),
    ("kpi_targets", CLERK, "/kpi-targets"),
    ("kpi_target", CLERK, "/kpi-targets/{target}"),
)
"""Name, who looks, and the address. Every page that people open often has a row. `{step}` is an open step of the
liaison's, `{imported}` a list of 131 rows that was imported and waits for confirmation.
"""
_HISTORY: tuple[LiteralString, ...] = (
    # A tenth is red, a fifth yellow, some are not judged; half a year of frozen lights; a completed step of each item.
    "UPDATE item SET light_since = now() - position % 90 * interval '1 day', light_check_at = NULL,"
    ' light_reason = \'{"code": "late", "rule": "", "asked": [], "facts": {"lag": 31}}\','
    " light = CASE WHEN position % 10 = 0 THEN 'red' WHEN position % 5 = 1 THEN 'yellow'"
    "  WHEN position % 20 = 3 THEN 'grey' ELSE 'green' END",
    # As large as it would be if its lights had come with its rows.
    "VACUUM FULL item",
    "INSERT INTO light_period (list_id, period, starts_at, closes_at, frozen_at)"
    " SELECT int_uuid(3), to_char(m, 'YYYY-MM'), m - interval '1 month', m, m FROM"
    " (SELECT date_trunc('month', now()) - n * interval '1 month' AS m FROM generate_series(0, 5) n) months",
    "INSERT INTO light (item_id, period, as_of, known_on, light, reason)"
    " SELECT i.id, p.period, p.closes_at, p.closes_at,"
    "  (ARRAY['green', 'green', 'yellow', 'red', 'grey'])[1 + (i.position + p.period_number) % 5], i.light_reason"
    " FROM item i CROSS JOIN (SELECT *, row_number() OVER (ORDER BY period)::int AS period_number FROM light_period) p",
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, opened_at, due_at, closed_at, closed_as,"
    " closed_by, version, provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), int_uuid(2000000 + n), int_uuid(1000000 + n), gen_random_uuid(), unit_of(n),"
    "  now() - (n % 200 + n % 7) * interval '1 day', now() - (n % 200 - 2) * interval '1 day',"
    "  now() - n % 200 * interval '1 day', 'done', int_uuid(12), 1, false,"
    "  (ARRAY['issue', 'sign_for', 'draft_plan', 'check_plan'])[1 + n % 4], 'liaison' FROM generate_series(0, 99999) n",
)
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))"')
_IMPORTED = re.compile(r'from "(\./[^"]+\.js)"')


def pages() -> Iterator[Figure]:
    """`page_p95_ms_*` and `page_kb_*`: server time of a page, and kilobytes of a first visit with all it loads."""
    with fresh_database() as access:
        container = make_container(Settings(), access)
        with container.sessions() as session:
            publish_models(session)
        matters.publish_matters(container)
        fill(plain(access.owner_url), *_HISTORY, *matters.FILLED)
        container.executor.execute(RefreshLights(batch=1), actor=SCHEDULER)  # puts the shipped rules there
        _take_boards(container)
        places = {"step": _open_step(container), "imported": _imported(container)}
        places |= matters.judged(container, _office_clerk(), OFFICE)
        with psycopg.connect(plain(access.owner_url), autocommit=True) as connection:
            # What autovacuum does within a minute of an import.
            connection.execute("ANALYZE")
        visitors = {person: _signed_in(container, person) for person in {person for _, person, _ in PAGES}}
        with served(access) as port:
            for name, person, pattern in PAGES:
                path = pattern.format_map(places)
                visitor = _Visitor(port, visitors[person])
                for _ in range(WARM_UP):
                    visitor.get(path)
                times = sorted(visitor.timed(path) for _ in range(REPEATS))
                yield Figure(f"page_p95_ms_{name}", times[int(len(times) * 0.95)], "ms", GOAL_MS, "lower")
                yield Figure(f"page_kb_{name}", visitor.weight(path) / KILOBYTE, "kB", GOAL_KB, "lower")
        container.engine.dispose()


def _take_boards(container: Container) -> None:
    """What the scheduler does every few minutes."""
    with container.sessions() as session:
        keys = boards_to_take(session, container.clock.now(), ITEMS)
    for key in keys:
        command = TakeBoard(office_unit_id=key.office_unit_id, list_id=key.list_id)
        container.executor.execute(command, actor=SCHEDULER)


def _open_step(container: Container) -> UUID:
    with container.sessions() as session:
        statement = select(WorkItem.id).where(WorkItem.item_id == ITEM, col(WorkItem.closed_at).is_(None))
        return session.exec(statement).one()


def _office_clerk() -> Actor:
    return Actor(id=CLERK, name="clerk", memberships=frozenset({Membership(OFFICE, Role.OFFICE_STAFF)}))


def _imported(container: Container) -> UUID:
    """The id of an imported list with units that the registry does not know, and so with open questions."""
    clerk = _office_clerk()
    with container.sessions() as session:
        registry = stored_registry(session, on=datetime.now(UTC).date())
    content = document(1).encode()
    command = import_command(clerk, content, name="list.txt", office_unit_id=OFFICE, registry=registry)
    imported: UUID = container.executor.execute(command, actor=clerk).id
    return imported


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
        waiting, loaded = _LINKED.findall(self._plain(path)), {path: len(page)}
        while waiting:
            address = waiting.pop()
            if address in loaded:
                continue
            loaded[address] = len(self.get(address))
            if address.endswith(".js") and "/vendor/" not in address:
                waiting += [urljoin(address, name) for name in _IMPORTED.findall(self._plain(address))]
        return sum(loaded.values())

    def _plain(self, address: str) -> str:
        self.connection.request("GET", address, headers={**self.headers, "Accept-Encoding": "identity"})
        return self.connection.getresponse().read().decode()
