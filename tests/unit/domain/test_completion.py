"""Half-time and final view: what counts, what does not, and that nothing is counted twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import end_of
from domain.completion import DeadlineClass, Outside, Standing, TaskOnDay, class_of, view
from domain.items import DeadlineKind, ItemStatus, Strength

ON = date(2023, 6, 30)
PAST, AHEAD = end_of(date(2023, 6, 30)), end_of(date(2023, 12, 31))
BEFORE = datetime(2023, 3, 1, tzinfo=UTC)


def task(**fields: Any) -> TaskOnDay:
    known: dict[str, Any] = {
        "id": uuid4(),
        "kind": DeadlineKind.BY_DATE,
        "strength": Strength.FIRM,
        "due_at": AHEAD,
        "ended_at": None,
        "ended_as": None,
        "suspended": False,
        "received": True,
    }
    return TaskOnDay(**(known | fields))


def closed(status: ItemStatus = ItemStatus.CLOSED, **fields: Any) -> TaskOnDay:
    return task(ended_at=BEFORE, ended_as=status, **fields)


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (closed(), Standing.COMPLETED),
        (closed(ItemStatus.CLOSED_FOR_STAGE), Standing.BREAKTHROUGH),
        (task(), Standing.IN_PROGRESS),
        (task(received=False), Standing.NOT_STARTED),
        # A deadline is over with the end of its day.
        (task(due_at=PAST), Standing.OVERDUE),
        (task(due_at=PAST + timedelta(days=1)), Standing.IN_PROGRESS),
        # What goes on without end is never late.
        (task(kind=DeadlineKind.ONGOING, strength=None, due_at=PAST), Standing.IN_PROGRESS),
        (task(strength=Strength.CONDITIONAL_ON_HIGHER_LEVEL, due_at=PAST), Standing.IN_PROGRESS),
    ],
)
def test_an_item_stands_where_it_stood_on_the_day(one, standing):
    assert view([one], ON).standing == {one.id: standing}


def test_suspended_and_terminated_items_leave_the_denominator_and_are_listed():
    suspended, terminated = task(suspended=True), closed(ItemStatus.TERMINATED)
    seen = view([closed(), task(), suspended, terminated], ON)
    assert seen.outside == {suspended.id: Outside.SUSPENDED, terminated.id: Outside.TERMINATED}
    assert (seen.total, seen.completed) == (2, 1)
    assert [row.rate for row in seen.classes] == [0.5]


def test_a_withdrawn_item_was_never_to_be_done():
    seen = view([closed(ItemStatus.WITHDRAWN), task()], ON)
    assert (seen.total, seen.outside) == (1, {})


def test_an_item_that_goes_on_as_another_is_counted_once():
    first = closed()
    again = task(continues_id=first.id)
    assert view([first, again], ON).standing == {again.id: Standing.IN_PROGRESS}


def test_a_stage_that_was_reached_is_not_taken_back_by_the_next_one_while_it_runs():
    stage = closed(ItemStatus.CLOSED_FOR_STAGE, strength=Strength.BREAKTHROUGH_OK)
    running = task(continues_id=stage.id, kind=DeadlineKind.ONGOING, strength=None)
    assert view([stage, running], ON).standing == {stage.id: Standing.BREAKTHROUGH}
    done = closed(continues_id=stage.id)
    assert view([stage, done], ON).standing == {done.id: Standing.COMPLETED}


def test_what_was_done_late_is_done_and_not_in_time():
    late = closed(due_at=BEFORE - timedelta(days=1))
    [row] = view([late, closed()], ON).classes
    assert (row.completed, row.on_time) == (2, 1)


@pytest.mark.parametrize(
    ("kind", "strength", "expected"),
    [
        (DeadlineKind.BY_DATE, None, DeadlineClass.FIRM),
        (DeadlineKind.BY_DATE, Strength.STRIVE, DeadlineClass.STRIVE),
        (DeadlineKind.BY_DATE, Strength.BREAKTHROUGH_OK, DeadlineClass.BREAKTHROUGH_OK),
        (DeadlineKind.ONGOING, None, DeadlineClass.ONGOING),
        (None, Strength.CONDITIONAL_ON_HIGHER_LEVEL, DeadlineClass.CONDITIONAL),
        (None, None, DeadlineClass.NONE),
        (DeadlineKind.NONE, None, DeadlineClass.NONE),
    ],
)
def test_a_deadline_has_the_class_of_its_words(kind, strength, expected):
    assert class_of(kind, strength) is expected


tasks = st.lists(
    st.builds(
        TaskOnDay,
        id=st.uuids(),
        kind=st.none() | st.sampled_from(DeadlineKind),
        strength=st.none() | st.sampled_from(Strength),
        due_at=st.none() | st.sampled_from([PAST, AHEAD, BEFORE]),
        ended_at=st.just(BEFORE),
        ended_as=st.none() | st.sampled_from([ItemStatus.CLOSED, ItemStatus.CLOSED_FOR_STAGE, ItemStatus.TERMINATED]),
        suspended=st.booleans(),
        received=st.booleans(),
    ),
    unique_by=lambda each: each.id,
    max_size=30,
)


@given(tasks=tasks)
def test_the_parts_of_every_class_add_up_and_every_item_is_somewhere_once(tasks):
    seen = view(tasks, ON)
    assert len(seen.standing) + len(seen.outside) == len(tasks)
    assert seen.standing.keys().isdisjoint(seen.outside)
    assert sum(row.total for row in seen.classes) == seen.total
    for row in seen.classes:
        parts = row.completed + row.breakthrough + row.in_progress + row.overdue + row.not_started
        assert parts == row.total
        assert row.on_time <= row.completed + row.breakthrough
        assert row.rate is not None
        assert 0 <= row.rate <= 1


def test_nothing_has_no_rate():
    assert view([], ON).total == 0
    assert UUID(int=0) not in view([], ON).standing
