"""How the entries of a list's change are read: which items they name, and what each has to say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.list_acts import ListAct, NewClass
from domain.list_change_errors import (
    ListChangeEmpty,
    ListChangeIncomplete,
    ListChangeNumberTwice,
    ListChangeNumberUnknown,
    ListChangePaperMissing,
    ListChangeWithEnd,
)
from domain.list_changes import Entry, entries_of, numbers_in

KNOWN = {str(number) for number in range(1, 31)} | {"6-1", "6-2", "7/2"}


def read(*changes, **form):
    return entries_of({"changes": list(changes), **form}, KNOWN)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("3", ("3",)),
        ("3、5，9", ("3", "5", "9")),
        ("5—8", ("5", "6", "7", "8")),
        ("5 - 7, 12", ("5", "6", "7", "12")),
        ("3 至 5", ("3", "4", "5")),
        ("6-1、6-2 7/2", ("6-1", "6-2", "7/2")),
    ],
)
def test_numbers_are_read_one_by_one_and_in_rows_and_as_the_list_has_them(words, numbers):
    assert numbers_in(words, KNOWN) == numbers


@pytest.mark.parametrize("words", ["31", "29-31", "8-5", "三", "1-9999999"])
def test_a_number_that_the_list_does_not_have_is_refused(words):
    with pytest.raises(ListChangeNumberUnknown):
        numbers_in(words, KNOWN)


@given(st.lists(st.sampled_from(sorted(KNOWN)), unique=True), st.sampled_from(["、", ",", " ", "； "]))
def test_what_is_written_with_any_mark_between_is_read_back(numbers, between):
    assert numbers_in(between.join(numbers), KNOWN) == tuple(numbers)


def test_entries_are_read_with_their_classes_and_days():
    assert read(
        {"act": "deadline", "numbers": "3", "deadline": "strive", "due_on": "2027-06-30"},
        {"act": "deadline", "numbers": "4", "deadline": "ongoing"},
        {"act": "add", "text": "按月会商", "unit": "市商务局"},
    ) == (
        Entry(ListAct.DEADLINE, ("3",), NewClass.STRIVE, date(2027, 6, 30)),
        Entry(ListAct.DEADLINE, ("4",), NewClass.ONGOING),
        Entry(ListAct.ADD, unit="市商务局", text="按月会商"),
    )


@pytest.mark.parametrize(
    "row",
    [
        {"act": "withdraw"},
        {"act": "lead", "numbers": "3"},
        {"act": "deadline", "numbers": "3"},
        {"act": "deadline", "numbers": "3", "deadline": "firm"},
        {"act": "deadline", "numbers": "3", "deadline": "ongoing", "due_on": "2027-06-30"},
        {"act": "add", "unit": "市商务局"},
        {"act": "add", "text": "按月会商", "unit": "市商务局", "deadline": "firm"},
    ],
)
def test_an_entry_that_does_not_say_what_it_needs_is_refused_with_its_place(row):
    with pytest.raises(ListChangeIncomplete) as refused:
        read({"act": "withdraw", "numbers": "1"}, row)
    assert refused.value.facts["place"] == 2
    assert refused.value.facts["missing"]


def test_a_change_without_entries_or_with_an_item_twice_or_without_its_paper_is_refused():
    with pytest.raises(ListChangeEmpty):
        read()
    with pytest.raises(ListChangeNumberTwice):
        read({"act": "withdraw", "numbers": "3-5"}, {"act": "lead", "numbers": "4", "unit": "市商务局"})
    with pytest.raises(ListChangePaperMissing):
        read({"act": "terminate", "numbers": "3"})
    with pytest.raises(ListChangePaperMissing):
        read({"act": "end"}, document_number=" ")
    with pytest.raises(ListChangeWithEnd):
        read({"act": "end"}, {"act": "withdraw", "numbers": "3"}, document_number="会议纪要1号")
