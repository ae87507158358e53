"""One line of JSON per event, with the context of the request, whoever wrote it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.logging import configure_logging, logger


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(captured: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_an_event_carries_the_context_and_its_own_words(capsys: pytest.CaptureFixture[str]):
    configure_logging(style="json")
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        logger.info("signed", unit="财政局")
    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["request_id"], line["unit"], line["level"]) == ("signed", "r1", "财政局", "info")
    assert str(line["timestamp"]).endswith("Z")


def test_a_librarys_lines_look_the_same(capsys: pytest.CaptureFixture[str]):
    configure_logging(style="json")
    with structlog.contextvars.bound_contextvars(request_id="r2"):
        logging.getLogger("some.library").warning("slow: %d ms", 12)
    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["request_id"], line["logger"]) == ("slow: 12 ms", "r2", "some.library")


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]):
    configure_logging(style="json")
    logger.error("failed", exc_info=ValueError("inside"))
    (line,) = lines(capsys.readouterr().err)
    assert "ValueError: inside" in str(line["exception"])


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]):
    configure_logging("warning", "json")
    logger.info("chatter")
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_readable_lines(capsys: pytest.CaptureFixture[str]):
    configure_logging(style="console")
    logger.info("signed", unit="x")
    printed = capsys.readouterr().err
    assert "signed" in printed and not printed.startswith("{")
