"""The database goes away in the middle of a step that was sent over HTTP: there wholly or not at all, and said so."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psutil
import pytest
from sqlmodel import select

from api.deps import CSRF_HEADER
from api.main import create_app
from db.embedded import EmbeddedPostgres
from db.tables import AuditEntry, UserSession
from services.secrets import digest_of
from tests.api.conftest import ApiClient, ApiContainer
from tests.faults import killable_server, world_on
from tests.integration.embedded_support import eventually
from tests.invariants import check_everything

SECRET = "secret-of-the-clerk"


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with killable_server() as running:
        yield running


@pytest.fixture
def world(server):
    with world_on(server.app_url) as built:
        yield built


@pytest.fixture
def client(world):
    """A client of the world's clerk."""
    now = world.clock.now()
    with world.sessions() as session:
        session.add(
            UserSession(
                token_hash=digest_of(SECRET),
                person_id=world.clerk.id,
                csrf_token="token",
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=12),
            )
        )
        session.commit()
    container = ApiContainer(world.executor, world.clock, world.sessions)
    with ApiClient(create_app(container), raise_server_exceptions=False) as opened:
        opened.cookies.set("dudao_session", SECRET)
        opened.headers[CSRF_HEADER] = "token"
        yield opened


def kill(server):
    pid = server.server_pid()
    assert pid is not None
    postmaster = psutil.Process(pid)
    for process in (postmaster, *postmaster.children()):
        process.kill()
    assert eventually(lambda: server.server_pid() is None)


def test_a_step_in_whose_middle_the_database_dies_is_told_and_repeated_without_loss(server, world, client, monkeypatch):
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    address, key = f"/api/v1/work-items/{work.id}/complete", {"Idempotency-Key": str(uuid4())}
    complete = world.executor.engine.complete

    def dying(*args, **kwargs):
        kill(server)
        return complete(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(type(world.executor.engine), "complete", lambda _engine, *a, **k: dying(*a, **k))
        refused = client.post(address, json={"seen_version": 1}, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "没有保存任何内容" in refused.json()["detail"]
    assert refused.headers["retry-after"]
    reading = client.get("/api/v1/work-items")
    assert (reading.status_code, reading.json()["code"]) == (503, "unavailable")
    assert server.revive()
    assert world.status(item_id) == "registered"
    done = client.post(address, json={"seen_version": 1}, headers=key)
    assert done.status_code == 200
    assert client.post(address, json={"seen_version": 1}, headers=key).json() == done.json()
    with world.sessions() as session:
        steps = session.exec(select(AuditEntry).where(AuditEntry.subject_id == work.id)).all()
        assert [entry.error_code for entry in steps] == [None]
        check_everything(session)
