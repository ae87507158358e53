"""Works until it is killed, for tests: `faults_process.py APP_URL`. Prints the key of every acknowledged command.

Its people and items are its own; the database is migrated and empty.
"""

import sys
import time
from uuid import UUID

from tests.faults import Work, together, world_on


def main() -> None:
    """Take items along their lives in three threads, and say at once what was acknowledged."""

    def acknowledged(key: UUID) -> None:
        sys.stdout.write(f"{key}\n")
        sys.stdout.flush()

    with world_on(sys.argv[1]) as world:
        work, until = Work(world, on_done=acknowledged), time.monotonic() + 20

        def days() -> None:
            while time.monotonic() < until:
                work.live(world.item(), patient=True, until=until)

        for thread in together([days] * 3, work.crashes):
            thread.join()


if __name__ == "__main__":
    main()
