"""One contestant on the workload with a number of clients, each a process of its own."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty
from typing import Any

from app.memory import settle
from benchmarks.workload import moves

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Race:
    """Steps per second over all clients, and the latency of each step in milliseconds, sorted."""

    per_second: float
    latencies: list[float]

    def percentile(self, share: float) -> float:
        """The latency that `share` of the steps stay below."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def _client(kind: Callable[[str], Any], url: str, numbers: Sequence[int], barrier: Any, queue: Any) -> None:
    contestant = kind(url)
    latencies: list[float] = []

    plans = {number: moves(number) for number in numbers}

    def walk(number: int) -> None:
        began = time.perf_counter()
        handle = contestant.start(number)
        latencies.append(time.perf_counter() - began)
        for move in plans[number]:
            began = time.perf_counter()
            contestant.step(handle, move)
            latencies.append(time.perf_counter() - began)

    for number in numbers[:WARM_UP]:
        walk(number)
    latencies.clear()
    # As every process of the product does when it is put together; the same for all contestants.
    settle()
    barrier.wait()
    began = time.time()
    for number in numbers[WARM_UP:]:
        walk(number)
    queue.put((began, time.time(), latencies))
    contestant.close()


def race(kind: Callable[[str], Any], url: str, *, clients: int, each: int, first: int = 0) -> Race:
    """Run `each` instances per client, after a warm-up that does not count. `first` is the first instance's number."""
    context = multiprocessing.get_context("spawn")
    queue, barrier = context.Queue(), context.Barrier(clients)
    size = each + WARM_UP
    processes = [
        context.Process(
            target=_client, args=(kind, url, range(first + n * size, first + (n + 1) * size), barrier, queue)
        )
        for n in range(clients)
    ]
    for process in processes:
        process.start()
    results: list[Any] = []
    while len(results) < clients:
        try:
            results.append(queue.get(timeout=2))
        except Empty:
            if any(process.exitcode for process in processes):
                for process in processes:
                    process.kill()
                raise RuntimeError("a client failed; its traceback is above") from None
    for process in processes:
        process.join(60)
    wall = max(r[1] for r in results) - min(r[0] for r in results)
    latencies = sorted(x * 1000 for r in results for x in r[2])
    return Race(len(latencies) / wall, latencies)
