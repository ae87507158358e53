"""The real application under uvicorn, on a copy of the demonstration's city, at a time that the tests set."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from rich.console import Console
from sqlmodel import Session

from app.application import make_application
from app.container import Container, make_container
from app.demo.city import PASSWORD, PLACE
from app.demo.run import play_sample
from app.demo.show import Screen
from app.settings import Settings
from db.access import DatabaseAccess
from db.session import make_engine
from services.sweeping import Sweeper
from services.sweeps import SWEEPS
from tests.conftest import FixedClock
from tests.databases import TestDatabase
from tests.e2e.browser import DESKTOP, PHONE, Watched, watch
from tests.executors import new_executor

TODAY = date(2026, 11, 20)
"""A Friday, eight months after the city's list was issued."""
NOW = datetime(2026, 11, 20, 2, 42, tzinfo=UTC)
"""10:42 on that day in Asia/Shanghai."""
PATIENCE = 30_000
"""Milliseconds that a test waits for something on a page: a busy machine is slow, not broken."""


def play_city(database: TestDatabase, folder: Path) -> None:
    """Bring the city into an empty database, through the ordinary commands, and its files into the folder."""
    engine = make_engine(database.app_url, application_name="dudao-tests-city")
    try:
        with (folder / "played.txt").open("w", encoding="utf-8") as told:
            screen = Screen(Console(file=told, width=160))
            play_sample(new_executor(engine, folder), screen, today=TODAY, out=folder / "out")
    finally:
        engine.dispose()


@dataclass
class Visitor:
    """Somebody with a browser of their own."""

    context: BrowserContext
    page: Page
    watched: Watched


@dataclass
class Site:
    """A running service, and browsers that visit it."""

    base_url: str
    container: Container
    clock: FixedClock
    browser: Browser
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def sessions(self) -> Callable[[], Session]:
        """Sessions on the service's own database, for looking behind the pages."""
        return self.container.sessions

    def visitor(self, login: str | None = None, *, phone: bool = False) -> Visitor:
        """A new browser window, signed in as one of the city's sample accounts or as nobody."""
        size = PHONE if phone else DESKTOP
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport=size,  # type: ignore[arg-type]
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        visitor = Visitor(context, page, watch(page))
        self.visitors.append(visitor)
        if login is not None:
            answer = context.request.post("/api/v1/auth/session", data={"login": login, "password": PASSWORD})
            assert answer.ok, answer.text()
        return visitor

    def sweep(self) -> None:
        """Let the clock do what is due at the site's time: hand over messages, judge lights, climb ladders."""
        sweeper = Sweeper(self.container.executor, self.container.reads)
        for sweep in SWEEPS:
            if sweep.rehearsed:
                sweeper.run(sweep)

    def leave(self) -> list[str]:
        """Close all windows; what went wrong in them."""
        faults = [fault for visitor in self.visitors for fault in visitor.watched.unexpected()]
        for visitor in self.visitors:
            visitor.context.close()
        self.visitors.clear()
        return faults


@contextmanager
def running_site(database: TestDatabase, folder: Path, browser: Browser) -> Iterator[Site]:
    """The service on this database, with the evidence in that folder, until the block ends."""
    clock = FixedClock(NOW)
    access = DatabaseAccess(database.owner_url, database.app_url, None)
    container = make_container(Settings(data_dir=folder, place_name=PLACE), access, clock=clock)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(make_application(container), access_log=False, log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the service did not start"
                time.sleep(0.02)
            yield Site(f"http://127.0.0.1:{port}", container, clock, browser)
        finally:
            server.should_exit = True
            thread.join(20)
            container.engine.dispose()
