"""A scheduler on a clock that runs fast, for tests: `scheduler_process.py APP_URL SPEED`. Prints `ready`, waits for a
line with the moment of the machine's clock at which the world's day begins, and works until it is killed.
"""

import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.scheduler import Scheduler
from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from services.executor import Executor
from services.sweeps import SWEEPS
from tests.conftest import REFERENCE_NOW

WITHOUT = {"uploads", "calendar_years", "audit_seal"}
"""They need files, or would find nothing in the test's year."""


@dataclass
class FastClock:
    """`speed` seconds of the world's time in a second."""

    zero: float
    speed: float

    def now(self) -> datetime:
        return REFERENCE_NOW + timedelta(seconds=(time.time() - self.zero) * self.speed)


def main() -> None:
    engine = make_engine(sys.argv[1], application_name="dudao-faults")
    sessions = make_sessions(engine)
    clock = FastClock(0.0, float(sys.argv[2]))
    sweeps = [sweep for sweep in SWEEPS if sweep.name not in WITHOUT]
    scheduler = Scheduler(
        Executor(sessions, clock, ProcessEngine()), sessions, sys.argv[1], sweeps=sweeps, tick_seconds=0.1
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    clock.zero = float(sys.stdin.readline())
    threading.Thread(target=hurry, args=(scheduler,), daemon=True).start()
    with scheduler:
        threading.Event().wait()


def hurry(scheduler: Scheduler) -> None:
    """In fast time the sweeps' own rhythm would be weeks."""
    while True:
        scheduler.hurry()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
