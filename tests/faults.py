"""What the tests of faults share: a server of their own that may be killed, people who work while it is, a tally."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import NullPool, create_engine
from sqlmodel import Session, SQLModel, col, select

import db.migrate
import db.tables
from db.embedded import EmbeddedPostgres
from db.embedded import start as start_durably
from db.roles import protect_records
from db.session import make_engine, make_sessions
from db.tables import AuditEntry, IdempotencyKey
from domain.errors import DomainError
from domain.permissions import Actor, Role
from services.database_errors import DATABASE_ERRORS
from services.executor import RequestInfo
from services.ports import SystemClock
from services.work_items import CompleteWorkItem
from tests.conftest import FixedClock
from tests.integration.embedded_support import MAJOR, private_place
from tests.world import CLAIM, PLAN, World, build_world

# Killed processes lose nothing that the operating system has; an acknowledged commit has to be there, though.
DURABLE_AGAINST_KILLS = {"fsync": "off", "autovacuum": "off", "max_connections": "100"}
Act = tuple[str, str | None, dict[str, Any]]
T = TypeVar("T")
_CLAIM_AND_SIGN: tuple[Act, ...] = (
    ("claim_completion", "completed", {"form": CLAIM}),
    ("sign_completion", "sign", {}),
)
LIFE: tuple[Act, ...] = (
    ("issue", None, {}),
    ("sign_for", "accept", {}),
    ("draft_plan", None, {"form": PLAN}),
    ("sign_plan", "sign", {}),
    ("check_plan", "approve", {}),
    *_CLAIM_AND_SIGN,
    ("review_completion", "return", {"reason_code": "material_insufficient", "opinion": "缺验收单，请补"}),
    *_CLAIM_AND_SIGN,
    ("review_completion", "approve", {}),
    ("close", "close", {}),
    ("file_item", None, {"form": {"archive_number": "2026-督-009"}}),
)
"""From the issue over a return to closure: the steps of an item with one lead and no co-units."""


class RunningClock(FixedClock):
    """Instants that grow with real time, in the year that the world's calendar knows."""

    started = SystemClock().now()

    def now(self) -> datetime:
        """The world's day, with the real time that passed."""
        return self.at + (SystemClock().now() - self.started)


@contextmanager
def killable_server() -> Iterator[EmbeddedPostgres]:
    """A migrated embedded server that nobody else uses."""
    with private_place() as place, start_durably(place / "d", MAJOR, settings=DURABLE_AGAINST_KILLS) as server:
        db.migrate.upgrade(server.owner_url)
        if db.migrate.head() is None:
            owner = create_engine(server.owner_url, poolclass=NullPool)
            with owner.begin() as opened:
                SQLModel.metadata.create_all(opened)
                protect_records(opened)
        yield server


@contextmanager
def world_on(app_url: str) -> Iterator[World]:
    """A world on a pool of its own, with a clock that goes."""
    engine = make_engine(app_url, application_name="dudao-faults")
    try:
        yield build_world(make_sessions(engine), RunningClock())
    finally:
        engine.dispose()


@dataclass
class Work:
    """What people asked for, and what they were told of it by key: `None` for done, else the codes of refusals."""

    world: World
    told: dict[UUID, list[str | None]] = field(default_factory=dict)
    crashes: list[BaseException] = field(default_factory=list)
    on_done: Callable[[UUID], None] = lambda _key: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, command: Any, actor: Actor, key: UUID | None = None) -> Any:
        """One command with a key; None when it was refused."""
        key = key or uuid4()
        request = RequestInfo(key=key, request_id=str(key))
        try:
            result = self.world.executor.execute(command, actor=actor, request=request)
        except DomainError as error:
            self._note(key, error.code)
            return None
        self._note(key, None)
        self.on_done(key)
        return result

    def _note(self, key: UUID, code: str | None) -> None:
        with self._lock:
            self.told.setdefault(key, []).append(code)

    def live(self, item_id: UUID, *, patient: bool, until: float, path: Sequence[Act] = LIFE) -> None:
        """Take an item along `path` until monotonic `until`. Who is patient repeats a request with its key until it is
        done; who is not looks what became of it and does what is open then, with a new key.
        """
        left = list(path)
        while left and time.monotonic() < until:
            bpmn_id, decision, fields = left[0]
            found = patiently(lambda: self.world.open_work(item_id), until)
            here = [work for work in found or () if work.bpmn_id == bpmn_id]
            if not here:
                left.pop(0)
                continue
            work, key = here[0], uuid4()
            person = self.world.people[work.unit_id, Role(work.role)]
            if bpmn_id == "claim_completion":
                added = patiently(lambda: self.world.evidence(item_id, person), until)  # noqa: B023
                fields = {**fields, "evidence_ids": (added,)}
            command = CompleteWorkItem(work_item_id=work.id, seen_version=work.version, decision=decision, **fields)
            done = self.ask(command, person, key)
            while done is None and patient and time.monotonic() < until:
                time.sleep(0.05)
                done = self.ask(command, person, key)
            if done is not None:
                left.pop(0)

    def codes(self) -> set[str]:
        """Every refusal that anybody was told."""
        return {code for told in self.told.values() for code in told if code is not None}

    @property
    def done(self) -> set[UUID]:
        """Keys of what was acknowledged."""
        return {key for key, told in self.told.items() if None in told}


def patiently(read: Callable[[], T], until: float) -> T | None:
    """Read as somebody does who reloads the page while the database is away."""
    while time.monotonic() < until:
        try:
            return read()
        except DATABASE_ERRORS:
            time.sleep(0.05)
    return None


def together(jobs: Sequence[Callable[[], None]], crashes: list[BaseException]) -> list[threading.Thread]:
    """Start each job in a thread; whatever ends one is kept in `crashes`."""

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001  the test fails with it in its own thread
            crashes.append(error)

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def check_exactly_once(session: Session, told: Mapping[UUID, Sequence[str | None]]) -> None:
    """Acknowledged commands are there once; none is there twice; what was told to be unsaved is not there."""
    keys = set(session.exec(select(IdempotencyKey.key))) & set(told)
    entries = session.exec(
        select(AuditEntry.request_id).where(
            col(AuditEntry.error_code).is_(None), col(AuditEntry.request_id).is_not(None)
        )
    )
    done = Counter(UUID(request) for request in entries if request is not None)
    done_by_word = {key for key, codes in told.items() if None in codes}
    assert not done_by_word - keys, "acknowledged, and lost"
    assert set(done.values()) <= {1}, "done twice"
    # What was committed a moment before the kill, and told to nobody, is no fault.
    assert set(done) & set(told) == keys, "a step is there wholly or not at all"
    unsaved = {key for key, codes in told.items() if set(codes) == {"unavailable"}}
    assert not unsaved & keys, "told that nothing was saved, and it was"
