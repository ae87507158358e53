"""Whether a process grows with its returns: the 500th against the first, in the main line and in an open branch."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files

from benchmarks.figures import Figure
from benchmarks.product import loop
from benchmarks.workload import START_DATA
from bpmn.bundle import Bundle
from bpmn.engine import ProcessEngine, Step

RETURNS = 500
WINDOW = 25
GOAL = 1.2
NOW = datetime(2026, 3, 10, tzinfo=UTC)


def growth() -> Iterator[Figure]:
    """`state_growth_500_returns*`: the step time of the last returns over that of the first, and bytes."""
    main = loop()
    branch = Bundle.of({"branch.bpmn": (files("benchmarks") / "open_branch.bpmn").read_bytes()}, "open_branch")
    figures = [
        *_figures("main_line", main, dict(START_DATA), ("submit_progress", "lead_signoff", "office_review")),
        *_figures("open_branch", branch, {"decision_review_part": ""}, ("do_part", "review_part")),
    ]
    yield from figures
    yield Figure("state_growth_500_returns", max(figure.value for figure in figures), "x", GOAL, "lower")


def _figures(name: str, bundle: Bundle, data: dict[str, object], circle: tuple[str, ...]) -> Iterator[Figure]:
    engine = ProcessEngine()
    step = engine.start(bundle, data, now=NOW)
    if circle[0] not in {task.bpmn_id for task in step.open_tasks}:
        step = _complete(engine, bundle, step, step.open_tasks[0].bpmn_id, "done")
    times: list[float] = []
    sizes: list[int] = []
    for _ in range(RETURNS + WINDOW):
        began = time.perf_counter()
        for bpmn_id in circle:
            step = _complete(engine, bundle, step, bpmn_id, "return" if bpmn_id == circle[-1] else "done")
        times.append(time.perf_counter() - began)
        sizes.append(len(step.state))
    # The first window warms the caches of the interpreter; both windows that are compared run warm.
    # The fastest of each: what else the machine does only ever adds to a time.
    first, last = min(times[5 : 5 + WINDOW]), min(times[-WINDOW:])
    yield Figure(f"state_growth_500_returns_{name}", last / first, "x", GOAL, "lower")
    yield Figure(f"state_growth_500_returns_bytes_{name}", sizes[-1] / sizes[5], "x", GOAL, "lower")


def _complete(engine: ProcessEngine, bundle: Bundle, step: Step, bpmn_id: str, decision: str) -> Step:
    task = next(task for task in step.open_tasks if task.bpmn_id == bpmn_id)
    return engine.complete(bundle, step.state, task.task_id, {f"decision_{bpmn_id}": decision}, now=NOW)
