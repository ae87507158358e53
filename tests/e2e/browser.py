"""A browser for tests: Debian's Chromium, which reports whatever a page did wrong."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.databases import ROOT
from web.static_files import FOLDER

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = FOLDER / "vendor" / "dev" / "axe.js"
SCREENSHOTS = ROOT / "out" / "screenshots"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")

_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

MISSING = (
    "there is no chromium: run scripts/browser as root"
    if CHROMIUM is None
    else "web/static/vendor is not there: run scripts/static"
    if not AXE.is_file()
    else None
)
"""Why there can be no test in a browser on this machine; None where there can."""


@dataclass
class Watched:
    """A page and what went wrong in it: errors of scripts, refused content, failed requests."""

    page: Page
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect_fault(self, part: str) -> None:
        """A fault whose text contains `part` is what the test is about, such as the answer 409."""
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        """What should not have happened."""
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]


def watch(page: Page) -> Watched:
    """Take notes of everything the page complains about. Violations of the content policy are console errors."""
    watched = Watched(page)

    def on_console(message: ConsoleMessage) -> None:
        # A page or a form that is refused is what a test looks at; a missing file or a failing server never is.
        refused = _REFUSED.search(message.text) and "/static/" not in message.location.get("url", "")
        if message.type in {"error", "warning"} and not refused:
            watched.faults.append(f"{message.type}: {message.text} ({page.url})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: watched.faults.append(f"script: {error} ({page.url})"))
    page.on("requestfailed", lambda request: _note_failure(watched, request))
    return watched


def _note_failure(watched: Watched, request: Any) -> None:
    # A page that is left cancels what it still waits for.
    if request.failure != "net::ERR_ABORTED":
        watched.faults.append(f"request: {request.url} {request.failure}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page, *, within: str | None = None) -> list[str]:
    """What axe-core finds wrong, one line each: rule, what it means, and where."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": list(RULES)}, "rules": {"target-size": {"enabled": True}}}
    found: Any = page.evaluate(
        "([within, options]) => axe.run(within ?? document, options).then((result) => result.violations)",
        [within, options],
    )
    return [
        f"{each['id']}: {each['help']} at {node['target']}: {node['html'][:160]}"
        for each in found
        for node in each["nodes"]
    ]


def assert_accessible(page: Page, *, within: str | None = None) -> None:
    """No violation of WCAG 2.1 AA or of a best practice, at 1440 and at 390 px, and no scrolling sideways."""
    before = page.viewport_size
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found = violations(page, within=within)
        assert not found, f"{page.url} at {size['width']} px:\n" + "\n".join(found)
        overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{page.url} at {size['width']} px is {overflow} px too wide"
    if before is not None:
        page.set_viewport_size(before)


def screenshot(page: Page, name: str, *, phone: bool = False) -> Path:
    """The whole page as out/screenshots/<name>.png; with `phone` also as <name>-phone.png."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    before = page.viewport_size
    page.evaluate("() => document.fonts.ready")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.screenshot(path=path, full_page=True)
    if phone:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.screenshot(path=SCREENSHOTS / f"{name}-phone.png", full_page=True)
    if before is not None:
        page.set_viewport_size(before)
    return path
