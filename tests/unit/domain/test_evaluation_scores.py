"""Score sheets: totals add up, caps hold, each fact counts once, and what was tolerated costs nothing."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation_entries import check_entry
from domain.evaluation_errors import CriterionUnknown, FactNotCited, FactUsedTwice, ScoreOutOfRange
from domain.evaluation_facts import Fact, FactSheet, Family, digest_of, rectifications
from domain.evaluation_scores import Entry, EntryKind, LineState, score
from tests.evaluation_samples import (
    SMALL,
    checked,
    entries,
    fact_sheets,
    firm,
    red,
    scored,
    sheet_of,
    shipped,
    small,
)

SCHEME = checked(SMALL)


@given(fact_sheets(), entries())
def test_a_sheet_always_adds_up_and_keeps_its_caps(facts, given):
    sheet = score(SCHEME, facts, given)
    lines = [line for section in sheet.sections for line in section.lines]
    assert sheet.raw == sum(section.points for section in sheet.sections) == sum(line.points for line in lines)
    assert all(0 <= line.points <= line.most for line in [*lines, *sheet.bonus])
    assert sheet.base <= SCHEME.total
    assert 0 <= sheet.bonus_points <= SCHEME.bonus_cap
    assert sheet.deducted == sum(line.points for line in sheet.deductions) <= SCHEME.deduction_cap
    for kind in SCHEME.deductions:
        assert sum(line.points for line in sheet.deductions if line.id == kind.id) <= kind.cap
    assert sheet.total == max(0, sheet.base + sheet.bonus_points - sheet.deducted)


@given(fact_sheets(), entries())
def test_each_deduction_cites_a_fact_and_no_fact_is_cited_twice(facts, given):
    sheet = score(SCHEME, facts, given)
    cited = [line.fact_key for line in sheet.deductions]
    assert len(cited) == len(set(cited))
    assert not set(cited) & {taken.fact_key for taken in sheet.taken}


@given(fact_sheets(), entries(), st.randoms())
def test_the_order_in_which_facts_and_entries_are_read_changes_nothing(facts, given, chance):
    shuffled = list(facts.facts)
    chance.shuffle(shuffled)
    mixed = list(given)
    chance.shuffle(mixed)
    one = score(SCHEME, replace(facts, facts=tuple(sorted(facts.facts, key=lambda f: f.key))), given)
    kept = FactSheet.from_json(replace(facts, facts=tuple(shuffled)).to_json())
    assert digest_of(score(SCHEME, kept, mixed).to_json()) == digest_of(one.to_json())


def test_a_part_that_does_not_apply_makes_room_for_the_others():
    sheet = score(SCHEME, sheet_of(), [scored(1, "quality", "20")])
    assert (sheet.raw, sheet.applicable, sheet.base) == (Decimal(20), Decimal(25), Decimal(80))
    assert sheet.sections[0].lines[0].state is LineState.NOT_APPLICABLE


def test_a_unit_without_tasks_is_not_rated():
    sheet = score(SCHEME, FactSheet(UUID(int=1), SHEET.as_of, SHEET.known_on, 12, ()), [scored(1, "quality", "20")])
    assert not sheet.rated
    assert sheet.total == 0


SHEET = sheet_of(firm(1), firm(2, done=False), red(1), red(2), red(3), red(4))


def test_points_can_be_followed_to_what_they_come_from():
    sheet = score(SCHEME, SHEET, [scored(1, "quality", "20"), scored(2, "partners", "8", EntryKind.RATING)])
    [done], [quality, partners] = (section.lines for section in sheet.sections)
    assert (done.points, done.read) == (Decimal(30), {"due_firm": 2, "done_firm": 1})
    assert (quality.points, quality.entries) == (Decimal(20), (1,))
    assert (partners.points, partners.entries) == (Decimal(12), (2,))
    # Four red lights at one point each, three at most.
    assert [(line.fact_key, line.points) for line in sheet.deductions] == [
        ("light:1", Decimal(1)),
        ("light:2", Decimal(1)),
        ("light:3", Decimal(1)),
        ("light:4", Decimal(0)),
    ]
    assert sheet.total == Decimal(62) - 3


def test_an_accepted_tolerance_takes_the_deduction_away_and_stays_on_record():
    tolerated = Entry(3, EntryKind.TOLERANCE, "", None, "light:1", UUID(int=9), "先行先试，程序合规")
    sheet = score(SCHEME, sheet_of(red(1)), [scored(1, "quality", "20"), tolerated])
    assert (sheet.deducted, sheet.deductions) == (Decimal(0), ())
    assert [(taken.fact_key, taken.reason) for taken in sheet.taken] == [("light:1", "先行先试，程序合规")]


def test_an_accepted_tolerance_takes_a_shortfall_out_of_the_denominator():
    tolerated = Entry(3, EntryKind.TOLERANCE, "", None, "item:2", UUID(int=9), "改革试错")
    before, after = (score(SCHEME, SHEET, given).sections[0].points for given in ([], [tolerated]))
    assert (before, after) == (Decimal(30), Decimal(60))


def test_a_veto_is_lifted_by_the_recheck_only():
    veto = Entry(5, EntryKind.VETO, "falsified", None, None, UUID(int=9), "伪造验收报告")
    assert score(SCHEME, SHEET, [veto]).vetoes == ("falsified",)
    lifted = Entry(6, EntryKind.LIFT, "falsified", None, None, UUID(int=9), "查无此事")
    assert score(SCHEME, SHEET, [veto, lifted]).vetoes == ()


def test_several_assessors_count_equally_and_the_recheck_replaces_them():
    given = [scored(1, "quality", "20", unit=1), scored(2, "quality", "25", unit=2), scored(3, "quality", "15", unit=3)]
    assert score(SCHEME, SHEET, given).sections[1].lines[0].points == 20
    given.append(scored(4, "quality", "22.5", EntryKind.RECHECK))
    assert score(SCHEME, SHEET, given).sections[1].lines[0].points == Decimal("22.50")


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (scored(9, "quality", "25.01"), ScoreOutOfRange),
        (scored(9, "quality", "-1"), ScoreOutOfRange),
        (scored(9, "partners", "11", EntryKind.RATING), ScoreOutOfRange),
        (scored(9, "done", "10"), CriterionUnknown),
        (scored(9, "luck", "1"), CriterionUnknown),
        (Entry(9, EntryKind.DEDUCTION, "blame", Decimal(2), "light:1"), FactUsedTwice),
        (Entry(9, EntryKind.DEDUCTION, "blame", Decimal(2), "批评1"), FactUsedTwice),
        (Entry(9, EntryKind.DEDUCTION, "blame", Decimal(2), None), FactNotCited),
        (Entry(9, EntryKind.TOLERANCE, "", None, "light:99"), FactNotCited),
    ],
)
def test_what_may_not_stand_on_a_sheet_is_refused(entry, error):
    before = [Entry(1, EntryKind.DEDUCTION, "blame", Decimal(2), "批评1")]
    with pytest.raises(error):
        check_entry(SCHEME, {fact.key for fact in SHEET.facts}, before, entry)


def test_what_was_put_right_is_told_from_what_was_not():
    lights = [("01", "red"), ("02", "red"), ("03", "green"), ("04", "red"), ("05", "grey")]
    first, second = rectifications(UUID(int=5), lights, ended=False)
    assert (first.counts, first.about) == (
        {"rectifications_due": 1, "rectifications_done": 1},
        {"since": "01", "until": "03"},
    )
    assert second.counts == {"rectifications_due": 1}
    assert [f.about for f in rectifications(UUID(int=5), lights, ended=True)][1]["until"] == "ended"


def test_the_default_scheme_scores_a_year_of_facts():
    scheme = checked(shipped())
    facts = sheet_of(
        firm(1),
        firm(2, done=False),
        Fact("reports:1", Family.REPORT, {"reports_due": 4, "reports_on_time": 3, "reports_late": 1}),
        Fact("case:1", Family.CASE, {"cases_submitted": 1, "cases_adopted": 1}),
    )
    given = [scored(1, "quality", "4"), scored(2, "adoption", "6"), scored(3, "partners", "9", EntryKind.RATING)]
    sheet = score(scheme, facts, given)
    # 25 of 50, 7 + 4 of 12 (nothing was handed in), 10, 9, 6 + 6 of 15: 67 of 97 points that apply.
    assert (sheet.raw, sheet.applicable, sheet.base) == (Decimal(67), Decimal(97), Decimal("69.07"))


def test_a_formula_above_its_part_is_capped():
    data = small()
    data["criteria"][0]["parts"][0]["formula"] = "points * 3"
    assert score(checked(data), SHEET, []).sections[0].points == 60
