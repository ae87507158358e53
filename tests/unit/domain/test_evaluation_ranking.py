"""Ranks and grades: within groups, blind to order, never more of the best than the ceiling allows."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.evaluation_ranking import Candidate, Remark, standings
from domain.evaluation_scores import score
from tests.evaluation_samples import SMALL, checked, firm, scored, sheet_of, small

SCHEME = checked(SMALL)
CITY, OTHERS = SCHEME.groups
PLAIN = score(SCHEME, sheet_of(firm(1)), [scored(1, "quality", "25")])


def candidate(number: int, total: str, *, group=CITY, deducted: str = "0", **changes) -> Candidate:
    sheet = replace(PLAIN, total=Decimal(total), deducted=Decimal(deducted), **changes)
    return Candidate(UUID(int=number), f"单位{number:03}", group, sheet)


TOTALS = st.sampled_from(["95", "92", "90", "89.99", "70", "60", "59.99", "0"])
CROWD = st.lists(
    st.builds(
        lambda total, deducted, group, veto: (total, deducted, group, veto),
        TOTALS,
        st.sampled_from(["0", "1"]),
        st.sampled_from([CITY, OTHERS]),
        st.booleans(),
    ),
    max_size=12,
).map(
    lambda rows: [
        candidate(n, total, group=group, deducted=deducted, vetoes=("falsified",) if veto else ())
        for n, (total, deducted, group, veto) in enumerate(rows)
    ]
)


@given(CROWD, st.randoms())
def test_the_order_of_the_units_changes_nothing(crowd, chance):
    mixed = list(crowd)
    chance.shuffle(mixed)
    assert standings(SCHEME, mixed) == standings(SCHEME, crowd)


@given(CROWD)
def test_ranks_grades_and_the_ceiling_always_hold(crowd):
    found = standings(SCHEME, crowd)
    assert {standing.unit_id for standing in found} == {each.unit_id for each in crowd}
    city = [standing for standing in found if standing.group_id == CITY.id]
    best = [standing for standing in city if standing.grade == "excellent"]
    assert SCHEME.ceiling is not None
    assert len(best) <= SCHEME.ceiling.of(len(city))
    assert all(standing.total >= 90 and standing.rank is not None for standing in best)
    ranked = [(standing.rank, standing.total) for standing in city if standing.rank is not None]
    for rank, total in ranked:
        assert rank == 1 + sum(other < rank for other, _ in ranked)
        assert all(lower <= total for other, lower in ranked if other > rank)
    for standing in city:
        assert (standing.rank is None) == (standing.remark is Remark.VETOED)
        assert standing.remark is not Remark.VETOED or standing.grade == "fail"
    for standing in found:
        if standing.group_id == OTHERS.id:
            assert (standing.rank, standing.grade, standing.remark) == (None, None, Remark.SHOWN_ONLY)


def test_equal_totals_are_told_apart_by_the_tie_rule_or_share_the_rank():
    found = standings(SCHEME, [candidate(1, "80", deducted="1"), candidate(2, "80"), candidate(3, "80")])
    assert [(each.name, each.rank) for each in found] == [("单位002", 1), ("单位003", 1), ("单位001", 3)]


def test_units_that_share_the_last_place_under_the_ceiling_all_go_below_it():
    found = standings(SCHEME, [candidate(n, "95") for n in range(4)])
    assert [(each.rank, each.grade, each.remark) for each in found] == [(1, "pass", Remark.CEILING)] * 4


def test_a_scheme_without_a_ceiling_gives_every_grade_that_was_earned():
    scheme = checked(small(ceiling=None))
    found = standings(scheme, [candidate(n, "95") for n in range(4)])
    assert [each.grade for each in found] == ["excellent"] * 4


def test_a_unit_without_tasks_has_no_grade():
    [standing] = standings(SCHEME, [candidate(1, "0", applicable=Decimal(0))])
    assert (standing.rank, standing.grade, standing.remark) == (None, None, Remark.NO_TASKS)
