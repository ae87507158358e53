"""Bulletins by their rules: months, returns, who signs, figures, and a draft that says nothing its data do not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bulletin_errors import BulletinReturnedTwice
from domain.bulletin_words import correction_sections, drafted_sections, drafted_title
from domain.bulletins import (
    CHECK_RETURNS,
    MONTHLY_DAY,
    SERIES,
    BulletinKind,
    Happened,
    check_return,
    is_whole_month,
    month_before,
    monthly_due,
    needs_convener,
    paragraphs_of,
    unsupported_figures,
)

DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))
NAMES = st.text("口岸数据标准服务贸易", min_size=1, max_size=8)


@given(DAYS)
def test_the_month_before_is_whole_and_ends_on_the_day_before_this_one(today):
    first, last = month_before(today)
    assert is_whole_month(first, last)
    assert last + timedelta(days=1) == today.replace(day=1)


@given(DAYS, DAYS)
def test_only_the_first_and_last_day_of_one_month_are_a_whole_month(one, other):
    whole = one.day == 1 and (other + timedelta(days=1)).day == 1 and (one.year, one.month) == (other.year, other.month)
    assert is_whole_month(one, other) == whole


@given(DAYS)
def test_a_monthly_bulletin_is_due_from_the_fifth_on_and_tells_the_month_before(today):
    due = monthly_due(today)
    assert (due is None) == (today.day < MONTHLY_DAY)
    assert due in {None, f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"}


def test_each_kind_has_a_series_and_only_briefs_are_signed_by_the_head():
    assert set(SERIES) == set(BulletinKind)
    assert len(set(SERIES.values())) == len(SERIES)
    assert [kind for kind in BulletinKind if not needs_convener(kind)] == [BulletinKind.BRIEF]


def test_a_checker_returns_a_text_twice():
    for before in range(CHECK_RETURNS):
        check_return(before)
    with pytest.raises(BulletinReturnedTwice):
        check_return(CHECK_RETURNS)


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_period_is_material_as_soon_as_anything_happened(counts):
    assert Happened(*counts).is_material == any(counts)


def item(number: int) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {
            "number": st.just(str(number)),
            "text": NAMES,
            "leads": st.lists(NAMES, min_size=1, max_size=2),
            "on": st.just("2026-03-05"),
            "light": st.sampled_from(["red", "yellow"]),
            "words": NAMES,
        }
    )


COUNTS = ("total", "done", "open", "green", "yellow", "red", "grey")
HAPPENED = ("issued", "completed", "reported", "cases", "contributed")
SNAPSHOTS = st.fixed_dictionaries(
    {
        "from_on": st.just("2026-03-01"),
        "as_of": st.just("2026-03-31"),
        "counts": st.fixed_dictionaries({name: st.integers(0, 5000) for name in COUNTS}),
        "happened": st.fixed_dictionaries({name: st.integers(0, 5000) for name in HAPPENED}),
        "units": st.lists(st.fixed_dictionaries({"unit": NAMES}), max_size=3),
        "completed": st.lists(item(7), max_size=3),
        "behind": st.lists(item(9), max_size=3),
        "contributed": st.lists(st.fixed_dictionaries({"unit": NAMES, "title": NAMES, "text": NAMES}), max_size=3),
    }
)


@given(SNAPSHOTS, st.sampled_from(BulletinKind))
def test_a_draft_has_no_figure_that_its_data_do_not_hold_and_prints_every_row(content, kind):
    sections = drafted_sections(kind, content)
    printed = paragraphs_of({"title": "", "note": "", "sections": sections})
    assert unsupported_figures(printed, content) == ()
    text = "\n".join(printed)
    of_leaders = [row for row in content["behind"] if row["light"] == "red"]
    rows = of_leaders if kind is BulletinKind.SPECIAL else (*content["completed"], *content["behind"])
    for row in rows:
        assert str(row["text"]) in text
    assert len(sections) == 3 + (kind is BulletinKind.BRIEF and bool(content["contributed"]))


@given(SNAPSHOTS)
def test_a_leader_is_told_what_to_decide_and_a_circular_demands_of_who_lags(content):
    special = drafted_sections(BulletinKind.SPECIAL, content)
    red = [row for row in content["behind"] if row["light"] == "red"]
    assert [section["heading"] for section in special] == ["一、基本情况", "二、需要关注的问题", "三、提请研究事项"]
    assert len(paragraphs_of({"sections": special[2:]})) == 1 + max(1, len(red))
    demand = paragraphs_of({"sections": drafted_sections(BulletinKind.CIRCULAR, content)[2:]})
    assert all(unit in demand[1] for row in content["behind"] for unit in row["leads"])


@given(SNAPSHOTS, st.integers(6000, 9999))
def test_a_figure_from_elsewhere_is_found_once_however_often_it_is_written(content, figure):
    assert unsupported_figures([f"共{figure}项。", f"另有{figure}项。"], content) == (str(figure),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("截至2026年3月9日，第12期", ()),
        ("增长1.50倍", ()),
        ("增长1.51倍", ("1.51",)),
        ("共07项", ()),
        ("文号2026-03-09", ()),
        ("占比37.5%", ("37.5",)),
    ],
)
def test_dates_and_ordinals_are_no_figures_and_spelling_does_not_matter(text, found):
    assert unsupported_figures([text], {"a": 1.5, "b": 7}) == found


def test_titles_say_month_or_subject():
    assert drafted_title(BulletinKind.BRIEF, "", date(2026, 3, 31)) == "2026年3月试点任务推进情况"
    assert drafted_title(BulletinKind.SPECIAL, "口岸收费", date(2026, 3, 31)) == "关于口岸收费的专报"


@given(st.lists(st.fixed_dictionaries({"heading": NAMES, "paragraphs": st.lists(NAMES)}), max_size=3))
def test_a_correction_names_what_it_corrects_before_anything_else(sections):
    made = correction_sections("三月情况", "第3期", date(2026, 4, 8), sections)
    assert made[1:] == sections
    assert made[0]["paragraphs"] == ["《三月情况》（第3期，2026年4月8日印发）有误，现更正如下，原期不再引用。"]
