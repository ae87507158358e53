"""Schemes, facts and entries for tests of the evaluation: a small scheme that is easy to break, and random sheets."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from typing import Any
from uuid import UUID

import orjson
from hypothesis import strategies as st

from domain.evaluation_facts import Fact, FactSheet, Family
from domain.evaluation_reading import read_scheme
from domain.evaluation_scheme import Scheme
from domain.evaluation_scores import Entry, EntryKind

CUT_OFF = datetime(2026, 12, 31, 16, tzinfo=UTC)
UNIT = UUID(int=1)

SMALL: dict[str, Any] = {
    "title": "试行方案",
    "total": 100,
    "groups": [
        {"id": "city", "label": "部门", "kinds": ["department"], "ranked": True},
        {"id": "others", "label": "其他", "kinds": ["court"], "ranked": False},
    ],
    "criteria": [
        {
            "id": "work",
            "label": "任务",
            "points": 60,
            "parts": [
                {
                    "id": "done",
                    "label": "完成",
                    "points": 60,
                    "source": "facts",
                    "formula": "None if due_firm == 0 else points * done_firm / due_firm",
                }
            ],
        },
        {
            "id": "rest",
            "label": "其他",
            "points": 40,
            "parts": [
                {"id": "quality", "label": "质量", "points": 25, "source": "office"},
                {"id": "partners", "label": "互评", "points": 15, "source": "mutual"},
            ],
        },
    ],
    "bonus": {"cap": 6, "kinds": [{"id": "praise", "label": "表扬", "points": 4, "source": "office"}]},
    "deductions": {
        "cap": 10,
        "kinds": [
            {"id": "red", "label": "红灯", "each": 1, "cap": 3, "fact": "lights_red"},
            {"id": "blame", "label": "通报批评", "each": 2, "cap": 8},
        ],
    },
    "vetoes": [{"id": "falsified", "label": "弄虚作假"}],
    "grades": [
        {"id": "excellent", "label": "优秀", "from": 90},
        {"id": "pass", "label": "合格", "from": 60},
        {"id": "fail", "label": "不合格", "from": 0},
    ],
    "ceiling": {"share": 0.3, "at_least": 1},
    "tie": ["work", "deductions"],
}


def small(**changes: Any) -> dict[str, Any]:
    """A copy of the small scheme with other values on top."""
    return {**deepcopy(SMALL), **changes}


def checked(data: dict[str, Any]) -> Scheme:
    """The scheme, which must be in order."""
    scheme = read_scheme(data)
    assert isinstance(scheme, Scheme), scheme
    return scheme


def shipped() -> dict[str, Any]:
    """The scheme that comes with the program."""
    content: dict[str, Any] = orjson.loads((resources.files("services") / "data/evaluation_scheme.json").read_bytes())
    return content


def sheet_of(*facts: Fact, months: int = 12) -> FactSheet:
    """A fact sheet with a task to lead."""
    task = Fact("task:1", Family.CONTEXT, {"tasks_led": 1})
    return FactSheet(UNIT, CUT_OFF, CUT_OFF, months, (task, *facts))


def firm(number: int, *, done: bool = True) -> Fact:
    """A firm task that was due."""
    return Fact(f"item:{number}", Family.COMPLETION, {"due_firm": 1, "done_firm": int(done)})


def red(number: int) -> Fact:
    """A red light of a period."""
    return Fact(f"light:{number}", Family.LIGHT, {"lights_judged": 1, "lights_red": 1})


def scored(number: int, target: str, points: str, kind: EntryKind = EntryKind.SCORE, unit: int = 9) -> Entry:
    """Points that somebody of a unit gave."""
    return Entry(number, kind, target, Decimal(points), from_unit=UUID(int=unit))


POINTS = st.decimals(min_value=0, max_value=40, places=2)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Whatever people might have put on a sheet, checked or not."""
    kinds = draw(st.lists(st.sampled_from(list(EntryKind)), max_size=12))
    targets = st.sampled_from(["done", "quality", "partners", "praise", "red", "blame", "falsified"])
    keys = st.sampled_from([None, "item:1", "light:1", "light:2", "批评1", "批评2"])
    return [
        Entry(number, kind, draw(targets), draw(st.none() | POINTS), draw(keys), UUID(int=draw(st.integers(1, 4))))
        for number, kind in enumerate(kinds)
    ]


@st.composite
def fact_sheets(draw: st.DrawFn) -> FactSheet:
    """Some firm tasks, some red lights, with or without any task at all."""
    tasks = draw(st.integers(0, 6))
    facts = [firm(number, done=draw(st.booleans())) for number in range(tasks)]
    facts += [red(number) for number in range(draw(st.integers(0, 6)))]
    context = [Fact("task:1", Family.CONTEXT, {"tasks_led": 1})] if draw(st.booleans()) else []
    return FactSheet(UNIT, CUT_OFF, CUT_OFF, 12, (*context, *facts))
