"""Fixtures of the tests in a browser. One worker runs them all: the city is played once, each module has a copy."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from playwright.sync_api import Browser, Page, expect

from db.access import DatabaseAccess
from tests.databases import TestDatabase, copied_database, worker_database
from tests.e2e.browser import MISSING, running_browser
from tests.e2e.site import PATIENCE, Site, Visitor, play_city, running_site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skipped with the reason where there is no browser. `tests/conftest.py` gives all of them to one worker."""
    for item in items:
        if MISSING is not None and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.skip(reason=MISSING))


def _tell(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
    """Errors go where pytest shows them beside the failure; the rest is nobody's concern here."""
    if level in {"error", "exception", "critical"}:
        sys.stderr.write(f"{event.get('event')}\n{event.get('exception', '')}\n")
    return ""


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Without a set-up structlog draws tracebacks with all local variables."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, _tell], logger_factory=structlog.ReturnLoggerFactory()
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. What a test expects of a page may take as long as any other wait: 5 s is Playwright's own."""
    expect.set_options(timeout=PATIENCE)
    with running_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def city(
    database_server: DatabaseAccess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestDatabase, Path]]:
    """The demonstration's city, to be copied, and the folder of its files."""
    folder = tmp_path_factory.mktemp("city")
    with worker_database(database_server, "_city") as created:
        play_city(created, folder)
        yield created, folder


@pytest.fixture(scope="module")
def module_site(city: tuple[TestDatabase, Path], browser: Browser, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The service on a copy of the city that the tests of one module share."""
    original, folder = city
    purpose = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    with copied_database(original, purpose) as database, running_site(database, folder, browser) as running:
        yield running


@pytest.fixture
def site(module_site: Site) -> Iterator[Site]:
    """The running service. A test fails when any of its windows complained: scripts, content policy, requests."""
    yield module_site
    faults = module_site.leave()
    assert not faults, "\n".join(faults)


@pytest.fixture
def visit(site: Site) -> Callable[..., Page]:
    """`visit("lichenxi", "/todo")`: a page, as that person sees it; `phone=True` on a phone."""

    def open_page(login: str | None, path: str = "/", *, phone: bool = False) -> Page:
        visitor: Visitor = site.visitor(login, phone=phone)
        visitor.page.goto(path)
        return visitor.page

    return open_page
