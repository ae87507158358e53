"""The files of documents are drawn ahead, where the worker runs: who asks for one finds it ready."""

import threading
from typing import Self
from uuid import UUID

import structlog

from domain.errors import Unavailable
from services.database_errors import DATABASE_ERRORS
from services.executor import Executor
from services.ports import Draughtsman
from services.printing import print_pending

EVERY_SECONDS = 10.0
AGAIN_AFTER = 360
"""Rounds after which what could not be drawn is tried again: an hour."""

_log = structlog.get_logger()


class Printing:
    """Draws while the context lasts, in a thread of its own. Any number may run: what is drawn twice is kept once."""

    def __init__(self, executor: Executor, draughtsman: Draughtsman) -> None:
        self._executor = executor
        self._draughtsman = draughtsman
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="printing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        # A document under way is left to whoever asks for it: its file is kept whole or not at all.
        self._thread.join(timeout=1)

    def _work(self) -> None:
        passed_over: set[UUID] = set()
        rounds = 0
        while not self._stopping.wait(EVERY_SECONDS):
            rounds += 1
            if rounds % AGAIN_AFTER == 0:
                passed_over.clear()
            try:
                print_pending(
                    self._executor,
                    self._draughtsman,
                    self._executor.sessions,
                    passed_over=passed_over,
                    stopping=self._stopping.is_set,
                )
            except (Unavailable, *DATABASE_ERRORS) as error:
                _log.warning("printing_interrupted", error=str(error).strip())
