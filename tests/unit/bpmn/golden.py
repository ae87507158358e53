"""Golden states: what this release stores, kept for good so that later releases still read it.

    .venv/bin/python -m tests.unit.bpmn.golden     writes tests/data/states/format_{FORMAT}.json

Run it once for a new format, never for an old one: the old files are the states of offices in service.
"""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bpmn import codec
from bpmn.bundle import Bundle
from tests.unit.bpmn.drawing import ENGINE, FORM, Case

DATA = Path(__file__).parents[2] / "data"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
START = {"due_at": "2026-03-20T18:00:00+08:00", "title": "修缮河堤", "units": ["u1", "u2"], "nested": {"a": [1, None]}}


def journey() -> Bundle:
    """The model golden states belong to. Its file never changes either."""
    files = {"journey.bpmn": (DATA / "bpmn" / "journey.bpmn").read_bytes(), "forms/opinion.json": FORM}
    return Bundle.of(files, "journey")


def golden_file(version: int) -> Path:
    return DATA / "states" / f"format_{version}.json"


def picture(state: bytes) -> dict[str, Any]:
    """A state and what is in it, as JSON."""
    seen = ENGINE.inspect(journey(), state)
    return {
        "state": base64.b64encode(state).decode(),
        "open": [[str(task.task_id), task.process_id, task.bpmn_id] for task in seen.open_tasks],
        "timers": [[str(due.task_id), due.bpmn_id, due.due_at.isoformat()] for due in seen.timers],
        "waits": [[str(wait.task_id), wait.bpmn_id, wait.kind, wait.name] for wait in seen.waits],
        "data": dict(seen.data),
        "completed": seen.completed,
        "outcome": seen.outcome,
    }


def life() -> dict[str, bytes]:
    """States from one life through the model, by what is special about each."""
    case = Case(journey(), START, now=NOW)
    states = {"first step": case.step.state}
    case.do("draft", decision_draft="submit", opinion={"text": "ok"})
    states["two branches open"] = case.step.state
    case.do("contribute", part="road")
    states["one branch waits at the join"] = case.step.state
    case.do("report")
    case.do("review", decision_review="return", reason="thin")
    states["returned inside an open branch"] = case.step.state
    case.fire(NOW + timedelta(days=30))
    states["a timer went off and a side branch is open"] = case.step.state
    case.do("explain_delay", cause="rain")
    case.fire(NOW + timedelta(days=31))
    states["a side branch ended and is parked"] = case.step.state
    case.do("report")
    case.do("review", decision_review="approve")
    states["joined, waiting for one of two events"] = case.step.state
    case.send("answer", text="yes")
    states["after the event"] = case.step.state
    case.do("close")
    states["completed"] = case.step.state
    return states


if __name__ == "__main__":
    written = {name: picture(state) for name, state in life().items()}
    golden_file(codec.FORMAT).write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2) + b"\n")
