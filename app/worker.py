"""The worker of this process: sends what is due from the job queue, and says that it is alive."""

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Self

import structlog

from app.scheduler import BEAT_SECONDS, Identity
from domain.errors import Unavailable
from domain.permissions import SCHEDULER
from notifications.deliverer import Deliverer
from notifications.worker import CONCURRENCY, run_worker
from services.database_errors import DATABASE_ERRORS
from services.operation import LeaveBeat, NoteTick

_log = structlog.get_logger()


class Worker:
    """Works while the context lasts, in threads of its own. Any number may run, on as many hosts."""

    def __init__(
        self,
        app_url: str,
        deliverer: Deliverer,
        *,
        concurrency: int = CONCURRENCY,
        printing: AbstractContextManager[object] | None = None,
    ) -> None:
        self.identity = Identity("worker")
        self._app_url = app_url
        self._deliverer = deliverer
        self._concurrency = concurrency
        self._printing = printing or nullcontext()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for name, work in (("worker", self._work), ("worker-beat", self._beat)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._printing.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._printing.__exit__(None, None, None)
        for thread in self._threads:
            thread.join()
        try:
            self._deliverer.executor.execute(LeaveBeat(id=self.identity.id), actor=SCHEDULER)
        except (Unavailable, *DATABASE_ERRORS):
            _log.warning("worker_left_without_a_word")

    def _work(self) -> None:
        run_worker(self._app_url, self._deliverer, stop=self._stopping, concurrency=self._concurrency)

    def _beat(self) -> None:
        while not self._stopping.is_set():
            try:
                self._deliverer.executor.execute(NoteTick(beat=self.identity.beat()), actor=SCHEDULER)
            except (Unavailable, *DATABASE_ERRORS) as error:
                _log.warning("beat_not_noted", error=str(error).strip())
            self._stopping.wait(BEAT_SECONDS)
