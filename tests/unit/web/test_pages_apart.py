"""The small parts of the pages, each on its own."""

import gzip
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkCalendar, end_of
from domain.urgency import Urgency, UrgencyLimits
from web.addresses import ListAddress
from web.deadlines import due_of_item, due_of_step
from web.formatting import file_size, short_hash
from web.preferences import local_path
from web.static_files import StaticFiles


def at(now, calendar) -> Any:
    """What the limits need of a reading."""
    return SimpleNamespace(now=now, calendar=calendar, limits=UrgencyLimits.at(now, calendar))


FRIDAY = date(2026, 11, 20)
MORNING = end_of(FRIDAY) - timedelta(hours=14)


def due(day, of=due_of_step):
    return of(at(MORNING, WorkCalendar(covered_years=frozenset({2026}))), end_of(day))


@pytest.mark.parametrize(
    ("day", "state", "left"),
    [
        (date(2026, 11, 20), "today", 0),
        (date(2026, 11, 23), "soon", 1),
        (date(2026, 11, 30), "", 6),
        (date(2026, 11, 18), "over", -2),
        # Sunday: no working day has passed since, and it is late all the same.
        (date(2026, 11, 19), "over", -1),
    ],
)
def test_a_steps_limit_is_told_in_working_days(day, state, left):
    assert (due(day).state, due(day).left, due(day).day) == (state, left, day)


def test_a_limit_that_passed_at_the_weekend_is_late_on_monday():
    monday = at(end_of(date(2026, 11, 22)) + timedelta(hours=9), WorkCalendar())
    assert due_of_step(monday, end_of(date(2026, 11, 22))).left == -1


def test_an_items_deadline_is_told_in_calendar_days():
    found = due(date(2026, 12, 31), due_of_item)
    assert (found.left, found.calendar_days) == (41, True)


def test_no_limit_is_none():
    found = due_of_step(at(MORNING, WorkCalendar()), None)
    assert (found.day, found.left, found.urgency) == (None, None, Urgency.NO_LIMIT)


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "todo",
        "",
        None,
        "/api/v1/items",
        "/a\nb",
    ],
)
def test_nobody_is_sent_elsewhere(wanted):
    assert local_path(wanted) is None


@given(st.text(max_size=60))
def test_whatever_is_wanted_stays_within_the_pages(wanted):
    path = local_path(wanted)
    assert path is None or (path.startswith("/") and not path.startswith("//") and "\\" not in path)


def test_a_page_of_ours_may_be_wanted():
    assert local_path("/todo?scope=all&text=港口") == "/todo?scope=all&text=港口"


def test_an_address_keeps_its_filters_and_begins_at_the_first_page_again():
    address = ListAddress("/todo", {"kind": "sign_for", "text": "", "cursor": "abc"})
    assert str(address) == "/todo?kind=sign_for&cursor=abc"
    assert str(address.but(kind=None)) == "/todo"
    assert str(address.but(text="a&b")) == "/todo?kind=sign_for&text=a%26b"


def test_static_files_have_the_digest_of_all_of_them_in_their_address(tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("a { color: red }" * 20)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "vendor" / "dev").mkdir(parents=True)
    (tmp_path / "vendor" / "dev" / "axe.js").write_text("x")
    first = StaticFiles.read(tmp_path)
    assert set(first.files) == {"css/a.css"}
    assert first.path_of("css/a.css") == f"/static/{first.digest}/css/a.css"
    packed = first.files["css/a.css"].packed
    assert packed is not None and gzip.decompress(packed) == first.files["css/a.css"].content
    (tmp_path / "css" / "a.css").write_text("a { color: blue }")
    assert StaticFiles.read(tmp_path).digest != first.digest
    with pytest.raises(KeyError):
        first.path_of("css/misspelt.css")


def test_sizes_and_hashes_are_written_for_people():
    assert [file_size(n) for n in (900, 2048, 5 * 1024 * 1024)] == ["900 B", "2 kB", "5.0 MB"]
    assert short_hash("9f3c71aeffff") == "9f3c 71ae"
