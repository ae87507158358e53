"""The two loops most traps are shown on, and a look into a stored state."""

import zlib
from typing import Any

import orjson

from tests.unit.bpmn.drawing import both, boundary, bundle, end, flow, model, path, start, timer, user, xor

LOOP = bundle(
    model(
        start(),
        user("work"),
        user("review"),
        boundary("review_late", "review", timer("Date", "due_at"), interrupting=False),
        xor("reviewed", default="reviewed_to_work"),
        end(),
        end("urged"),
        path("started", "work", "review", "reviewed"),
        flow("reviewed", "work"),
        flow("reviewed", "finished", "decision_review == 'approve'"),
        flow("review_late", "urged"),
    )
)
LOOP_DATA = {"due_at": "2026-12-31T00:00:00+08:00"}

PARALLEL_LOOP = bundle(
    model(
        start(),
        both("split"),
        user("hold"),
        user("work"),
        user("review"),
        xor("reviewed", default="reviewed_to_work"),
        both("joined"),
        user("sum_up"),
        end(),
        path("started", "split", "hold", "joined", "sum_up", "finished"),
        path("split", "work", "review", "reviewed"),
        flow("reviewed", "work"),
        flow("reviewed", "joined", "decision_review == 'approve'"),
    )
)


def payload(state: bytes) -> list[Any]:
    return orjson.loads(zlib.decompress(state))
