"""A worker until it is killed, for tests: `worker_process.py APP_URL SHIFT_SECONDS SMTP_PORT`."""

import sys
import threading
from datetime import timedelta

import structlog

from notifications.worker import run_worker
from tests.delivery_world import ShiftedClock, deliverer_on, executor_on, mail_to


def main() -> None:
    """Work on the queue of that database, at that time, with that mail server."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    app_url, shift, port = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    with executor_on(app_url, ShiftedClock(timedelta(seconds=shift))) as executor:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        run_worker(app_url, deliverer_on(executor, mail_to(port, seconds=30)), stop=threading.Event())


if __name__ == "__main__":
    main()
