"""The worker: takes jobs from procrastinate's queue and sends what they name.

A job carries the id of a sending and nothing else, and may run any number of times: the sending's own row says whether
there is something to do. So the queue needs no retries of its own, and nothing is lost with it.
"""

import asyncio
import logging
import threading
from uuid import UUID

import procrastinate
import structlog

from db.access import conninfo
from notifications.deliverer import Deliverer

QUEUE = "delivery"
SEND = "send"
CONCURRENCY = 4
POLL_SECONDS = 5.0
"""How often the queue is looked at when no notification came: one may be lost with a connection."""
GRACE_SECONDS = 30
"""How long sendings under way may take when the worker is told to stop."""
RESTART_SECONDS = 1.0
LONGEST_RESTART = 15.0

_log = structlog.get_logger()


def queue_of(app_url: str, deliverer: Deliverer) -> procrastinate.App:
    """The queue on this database, with its one task."""
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo(app_url), min_size=1))

    @queue.task(name=SEND, queue=QUEUE)
    def send(sending_id: str) -> None:
        deliverer.deliver(UUID(sending_id))

    return queue


def run_worker(app_url: str, deliverer: Deliverer, *, stop: threading.Event, concurrency: int = CONCURRENCY) -> None:
    """Work until `stop` is set, also in a thread; sendings under way are finished first.

    A database that goes away ends the queue's listeners: the worker begins anew when it is back.
    """
    # Its own account of every job would be a line for each poll; ours is in `sending_attempt`.
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    wait = RESTART_SECONDS
    while not stop.is_set():
        try:
            asyncio.run(_work(queue_of(app_url, deliverer), stop, concurrency))
            wait = RESTART_SECONDS
        except Exception as error:  # noqa: BLE001  psycopg's, the queue's and the system's alike
            _log.warning("worker_interrupted", error=str(error) or type(error).__name__, again_in=wait)
            stop.wait(wait)
            wait = min(wait * 2, LONGEST_RESTART)


async def _work(queue: procrastinate.App, stop: threading.Event, concurrency: int) -> None:
    async with queue.open_async():
        working = asyncio.create_task(
            queue.run_worker_async(
                queues=[QUEUE],
                name="dudao",
                concurrency=concurrency,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="always",
                install_signal_handlers=False,
            )
        )
        while not working.done() and not stop.is_set():
            await asyncio.wait({working}, timeout=0.2)
        if not working.done():
            working.cancel()
        try:
            await working
        except asyncio.CancelledError:
            if not stop.is_set():
                raise
