"""States stored by earlier releases are read, and go on to their end."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from bpmn import codec
from tests.unit.bpmn.drawing import ENGINE, Case
from tests.unit.bpmn.golden import golden_file, journey, life, picture

FORMATS = range(1, codec.FORMAT + 1)
GOLDEN = [
    (version, name, content)
    for version in FORMATS
    for name, content in orjson.loads(golden_file(version).read_bytes()).items()
]
LATER = datetime(2026, 6, 1, tzinfo=UTC)
DO = {"review": {"decision_review": "approve"}}


@pytest.mark.parametrize(("version", "name", "content"), GOLDEN, ids=[f"{case[0]} {case[1]}" for case in GOLDEN])
def test_a_stored_state_says_what_it_said_when_it_was_stored(version: int, name: str, content: dict[str, object]):
    state = base64.b64decode(str(content["state"]))
    assert picture(state) == content


@pytest.mark.parametrize(("version", "name", "content"), GOLDEN, ids=[f"{case[0]} {case[1]}" for case in GOLDEN])
def test_a_stored_state_goes_on_to_its_end(version: int, name: str, content: dict[str, object]):
    state = base64.b64decode(str(content["state"]))
    case = Case.__new__(Case)
    case.bundle, case.now = journey(), LATER
    if content["completed"]:
        assert content["outcome"] == "closed"
        return
    case.step = ENGINE.fire_timers(case.bundle, state, now=LATER)
    for _ in range(30):
        if case.step.completed:
            break
        if case.step.open_tasks:
            task = case.step.open_tasks[0].bpmn_id
            case.do(task, **DO.get(task, {}))
        else:
            case.fire(case.now + timedelta(days=3))
    assert case.step.completed and case.step.outcome == "closed"
    assert case.step.data["title"] == "修缮河堤"


def test_every_format_has_a_golden_file_and_a_way_to_the_newest():
    assert all(golden_file(version).exists() for version in FORMATS)
    assert set(codec.UPGRADES) == set(range(1, codec.FORMAT))


def test_this_release_writes_what_the_newest_golden_file_holds():
    """If this fails, the stored form changed: give it a new format number, a golden file and an upgrade."""
    stored = orjson.loads(golden_file(codec.FORMAT).read_bytes())
    for name, state in life().items():
        ours, theirs = picture(state), stored[name]
        shape = {key: ours[key] for key in ("data", "completed", "outcome")}
        assert shape == {key: theirs[key] for key in shape}
        assert [row[1:] for row in ours["open"]] == [row[1:] for row in theirs["open"]]


def test_the_form_of_a_state_is_the_form_of_the_golden_file():
    def form(state: bytes) -> object:
        def shape(value: object) -> object:
            return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__

        import zlib

        return shape(orjson.loads(zlib.decompress(state)))

    stored = orjson.loads(golden_file(codec.FORMAT).read_bytes())
    for name, state in life().items():
        assert form(state) == form(base64.b64decode(stored[name]["state"])), name
