"""The work list through the API: a liaison who sees 5,000 of 100,000 open work items, an office that sees them all."""

import http.client
import json
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString
from urllib.parse import quote
from uuid import UUID

import psycopg
from sqlmodel import Session

from app.application import make_application
from app.cli.serve import run_server
from app.container import Container, make_container
from app.logging import configure_logging
from app.settings import Settings
from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from bpmn.bundle import Bundle
from db.access import DatabaseAccess
from domain.permissions import Actor, Membership, Role
from services.accounts import CreateToken
from services.process_library import publish

ITEMS, UNITS, OF_LIAISON = 100_000, 100, 5_000
GOAL_MS = 20.0
REPEATS, WARM_UP = 100, 40
OFFICE, LIAISON_UNIT, LIST = UUID(int=1), UUID(int=1000), UUID(int=3)
LIAISON, CLERK = UUID(int=11), UUID(int=12)

_CITY: tuple[LiteralString, ...] = (
    "INSERT INTO unit (id, official_name, short_name, kind, sort_order)"
    " VALUES (int_uuid(1), 'office', 'office', 'office', 0)",
    "INSERT INTO unit (id, official_name, short_name, kind, sort_order)"
    " SELECT int_uuid(1000 + n), 'unit ' || n, 'u' || n, 'department', n FROM generate_series(0, 99) n",
    "INSERT INTO calendar_year (year, source, loaded_at) VALUES (2026, 'bench', now())",
    "INSERT INTO person (id, name, post, phone, email, failed_attempts, created_at)"
    " VALUES (int_uuid(11), 'liaison', '', '', '', 0, now()), (int_uuid(12), 'clerk', '', '', '', 0, now())",
    "INSERT INTO unit_member (id, person_id, unit_id, role, deputy, valid_from)"
    " VALUES (gen_random_uuid(), int_uuid(11), int_uuid(1000), 'liaison', false, '2020-01-01'),"
    " (gen_random_uuid(), int_uuid(12), int_uuid(1), 'office_staff', false, '2020-01-01')",
    "INSERT INTO task_list (id, office_unit_id, origin, title, kind, found_count, status, warnings, created_at,"
    " version)"
    " VALUES (int_uuid(3), int_uuid(1), 'document', 'bench', 'task_list', 100000, 'approved', '[]', now(), 1)",
    "INSERT INTO item (id, root_id, list_id, office_unit_id, position, number, section, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, due_at, created_at, issued_at, version)"
    " SELECT int_uuid(1000000 + n), int_uuid(1000000 + n), int_uuid(3), int_uuid(1), n, n::text,"
    "  'section ' || n % 20, 'bench item ' || n, 'bench item ' || n, '[]', false, false, false, 'in_progress',"
    "  now() + (n % 400 - 100) * interval '1 day', now(), now(), 1 FROM generate_series(0, 99999) n",
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT gen_random_uuid(), int_uuid(1000000 + n), unit_of(n), 'lead', 'u', 0, 1, false, now()"
    " FROM generate_series(0, 99999) n",
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, rev, started_at)"
    " SELECT int_uuid(2000000 + n), int_uuid(1000000 + n), int_uuid(1000000 + n), 1, 'supervision', 0, now()"
    " FROM generate_series(0, 99999) n",
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, office_unit_id, opened_at, due_at, version,"
    " provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), int_uuid(2000000 + n), int_uuid(1000000 + n), gen_random_uuid(), unit_of(n),"
    "  int_uuid(1), now() - interval '9 days', now() + (n % 400 - 100) * interval '1 day', 1, false,"
    "  (ARRAY['sign_for', 'draft_plan', 'claim_completion'])[1 + n % 3], 'liaison' FROM generate_series(0, 99999) n",
)
# The first 5,000 rows are the liaison's; the others are spread over the other units.
_FUNCTIONS: LiteralString = """
CREATE FUNCTION int_uuid(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$;
CREATE FUNCTION unit_of(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT int_uuid(1000 + CASE WHEN n < 5000 THEN 0 ELSE 1 + n % 99 END) $$;
"""


def worklist() -> Iterator[Figure]:
    """`worklist_p95_ms_*`: p95 over first page, a deep cursor and the counts, each request over HTTP."""
    with fresh_database() as access:
        container = make_container(Settings(), access)
        with container.sessions() as session:
            publish_models(session)
        fill(plain(access.owner_url))
        with served(access) as port:
            liaison = _token(container, LIAISON, Membership(LIAISON_UNIT, Role.LIAISON))
            clerk = _token(container, CLERK, Membership(OFFICE, Role.OFFICE_STAFF))
            yield from _figures(port, "liaison", liaison, "scope=mine", OF_LIAISON)
            yield from _figures(port, "office", clerk, "scope=all", ITEMS)
        container.engine.dispose()


def _figures(port: int, who: str, token: str, scope: str, expected: int) -> Iterator[Figure]:
    client = _Client(port, token)
    counts = client.get(f"/api/v1/work-items/counts?{scope}")
    assert counts["total"] == expected, counts
    deep = _deep_cursor(client, scope)
    worst = 0.0
    for name, path in (
        ("first_page", f"/api/v1/work-items?{scope}"),
        ("deep_cursor", f"/api/v1/work-items?{scope}&cursor={quote(deep)}"),
        ("counts", f"/api/v1/work-items/counts?{scope}"),
    ):
        for _ in range(WARM_UP):
            client.get(path)
        times = sorted(client.timed(path) for _ in range(REPEATS))
        p95 = times[int(len(times) * 0.95)]
        worst = max(worst, p95)
        yield Figure(f"worklist_p95_ms_{who}_{name}", p95, "ms", None, "lower")
    yield Figure(f"worklist_p95_ms_{who}", worst, "ms", GOAL_MS, "lower")


def _deep_cursor(client: "_Client", scope: str, pages: int = 20) -> str:
    cursor = ""
    for _ in range(pages):
        page = client.get(f"/api/v1/work-items?{scope}&limit=200" + (f"&cursor={quote(cursor)}" if cursor else ""))
        cursor = page["next_cursor"]
    return cursor


class _Client:
    """One kept-alive connection with a bearer token."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        """The JSON answer."""
        return json.loads(self._answer(path))

    def _answer(self, path: str) -> bytes:
        """The whole answer; anything but 200 fails the benchmark."""
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == http.client.OK, (response.status, body[:500])
        return body

    def timed(self, path: str) -> float:
        """Milliseconds until the whole answer is there."""
        began = time.perf_counter()
        self._answer(path)
        return (time.perf_counter() - began) * 1000


def _serve(app_url: str, owner_url: str, port: int) -> None:
    # A line per request on a terminal would be measured too.
    configure_logging("error", "json")
    container = make_container(Settings(), DatabaseAccess(owner_url, app_url))
    run_server(make_application(container), "127.0.0.1", port)


@contextmanager
def served(access: DatabaseAccess) -> Iterator[int]:
    """API and pages in a process of their own: beside the client they would wait for the interpreter's lock."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(access.app_url, access.owner_url, port), daemon=True
    )
    process.start()
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield port
    finally:
        process.terminate()
        process.join(15)


def _token(container: Container, person: UUID, membership: Membership) -> str:
    actor = Actor(id=person, name="bench", memberships=frozenset({membership}))
    return container.executor.execute(CreateToken(name="bench"), actor=actor).secret


def publish_models(session: Session) -> None:
    """Publish the processes of this release."""
    for key in ("supervision", "progress_round"):
        publish(session, Bundle.shipped(key), published_at=datetime.now(UTC), published_by=None)
    session.commit()


def fill(owner: str, *more: LiteralString) -> None:
    """Fill an empty database with a city of 100,000 items in progress, each with one open work item, and `more`."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(_FUNCTIONS)
        for statement in (*_CITY, *more):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
