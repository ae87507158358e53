"""The group, its recusals, the lot, and how grades agree."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assessment import (
    Grade,
    Member,
    Sampling,
    assign,
    by_lot,
    check_coverage,
    check_grade,
    check_group,
    check_meeting,
    check_notice,
    check_substitute,
    check_visit,
    common_view,
    draw,
    draw_visits,
    scale,
    settler,
    views_differ,
)
from domain.assessment_errors import (
    GradeNotOpen,
    GroupChairNotOne,
    GroupEven,
    GroupMemberTwice,
    GroupMemberUnfit,
    GroupTooSmall,
    GroupWithoutDistrict,
    MinorityAbsent,
    NoQuorum,
    NotAMember,
    NoticeTooShort,
    SampleUnclear,
    SubstituteOfOtherKind,
    TooFewAssessors,
    VisitInFuture,
)
from domain.units import UnitKind

OFFICE = uuid4()


def member(name: str, kind: UnitKind = UnitKind.DEPARTMENT, *, chair: bool = False) -> Member:
    return Member(UUID(int=sum(map(ord, name)) * 7919), name, kind, chair)


FIVE = (
    member("市甲局", chair=True),
    member("市乙局"),
    member("市丙委"),
    member("东区", UnitKind.DISTRICT),
    member("西区", UnitKind.DISTRICT),
)
units = [each.unit_id for each in FIVE]


def test_a_group_of_five_with_a_district_and_one_chair_is_fit():
    check_group(FIVE, OFFICE)


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        (FIVE[:4], GroupTooSmall),
        ((*FIVE, member("市丁局")), GroupEven),
        ((*FIVE[:3], member("市丁局"), member("市戊局")), GroupWithoutDistrict),
        ((member("市甲局"), *FIVE[1:]), GroupChairNotOne),
        ((*FIVE[:4], Member(FIVE[4].unit_id, "西区", UnitKind.DISTRICT, chair=True)), GroupChairNotOne),
        ((*FIVE, FIVE[1], member("市丁局")), GroupMemberTwice),
        ((*FIVE[:4], member("海关", UnitKind.CENTRAL_BRANCH)), GroupMemberUnfit),
        ((*FIVE[:4], member("法院", UnitKind.COURT)), GroupMemberUnfit),
        ((*FIVE[:4], Member(OFFICE, "市商务局", UnitKind.DEPARTMENT)), GroupMemberUnfit),
    ],
)
def test_a_group_that_is_not_fit_is_refused(members, refused):
    with pytest.raises(refused):
        check_group(members, OFFICE)


def test_a_lost_member_is_replaced_by_one_of_its_kind_who_takes_its_place():
    changed = check_substitute(FIVE, units[0], member("市丁局"), OFFICE)
    assert [each.name for each in changed] == ["市丁局", "市乙局", "市丙委", "东区", "西区"]
    assert changed[0].chair


def test_a_substitute_of_another_kind_or_for_nobody_is_refused():
    with pytest.raises(SubstituteOfOtherKind):
        check_substitute(FIVE, units[3], member("市丁局"), OFFICE)
    with pytest.raises(NotAMember):
        check_substitute(FIVE, uuid4(), member("市丁局"), OFFICE)
    with pytest.raises(GroupMemberTwice):
        check_substitute(FIVE, units[1], FIVE[2], OFFICE)


items = st.lists(st.uuids(), min_size=1, max_size=40, unique=True)
seeds = st.text(min_size=1, max_size=20)


@given(keys=items, seed=seeds, percent=st.integers(1, 100))
def test_a_sample_is_drawn_alike_from_any_order_and_is_as_large_as_was_said(keys, seed, percent):
    drawn = draw(keys, sampling=Sampling.SHARE, seed=seed, percent=percent)
    assert set(drawn) == set(draw(keys[::-1], sampling=Sampling.SHARE, seed=seed, percent=percent))
    assert len(drawn) == -(-len(keys) * percent // 100)
    assert drawn == [key for key in keys if key in set(drawn)]


@given(keys=items, seed=seeds, size=st.integers(1, 60), data=st.data())
def test_items_that_are_named_are_in_the_sample_whatever_the_lot_says(keys, seed, size, data):
    named = data.draw(st.sets(st.sampled_from(keys)))
    drawn = draw(keys, sampling=Sampling.NUMBER, seed=seed, size=size, named=named)
    assert named <= set(drawn)
    assert len(drawn) == max(len(named), min(size, len(keys)))


def test_another_seed_draws_another_sample():
    keys = [UUID(int=n) for n in range(100)]
    one, other = (draw(keys, sampling=Sampling.NUMBER, seed=seed, size=10) for seed in ("2026", "2027"))
    assert one != other
    assert by_lot(keys, "2026", "sample")[:10] != by_lot(keys, "2026", "visit")[:10]


def test_the_lot_stays_what_it_was_in_every_release():
    keys = [UUID(int=n) for n in range(10)]
    assert [key.int for key in draw(keys, sampling=Sampling.NUMBER, seed="2026-01", size=3)] == LOT


LOT = [2, 5, 7]
"""What sha256 says of the seed above: a released sample must be drawn again for ever."""


def test_a_sample_without_a_size_is_refused():
    for sampling in (Sampling.SHARE, Sampling.NUMBER):
        with pytest.raises(SampleUnclear):
            draw([uuid4()], sampling=sampling, seed="x")


@given(keys=items, seed=seeds, percent=st.integers(1, 100))
def test_visits_are_a_part_of_the_sample(keys, seed, percent):
    visits = draw_visits(keys, percent, seed)
    assert visits <= set(keys)
    assert len(visits) == -(-len(keys) * percent // 100)
    assert draw_visits(keys, None, seed) == set(keys)


leads = st.lists(st.sets(st.sampled_from(units), max_size=2), min_size=1, max_size=40)


@given(leads=leads, seed=seeds)
def test_nobody_assesses_what_their_unit_leads_and_the_two_of_an_item_are_two(leads, seed):
    of = {UUID(int=n): units for n, units in enumerate(leads)}
    pairs = assign(list(of), FIVE, of, seed)
    assert set(pairs) == set(of)
    for item, (one, other) in pairs.items():
        assert one != other
        assert {one, other}.isdisjoint(of[item])
        assert settler(FIVE, of[item]) not in of[item]
    assert pairs == assign(list(of), FIVE, of, seed)


@given(count=st.integers(1, 60), seed=seeds)
def test_without_recusals_the_work_is_spread_evenly(count, seed):
    pairs = assign([UUID(int=n) for n in range(count)], FIVE, {}, seed)
    loads = [sum(unit in pair for pair in pairs.values()) for unit in units]
    assert max(loads) - min(loads) <= 1


def test_the_chair_settles_unless_its_unit_leads_the_item():
    assert settler(FIVE, ()) == units[0]
    assert settler(FIVE, {units[0]}) == units[1]
    with pytest.raises(TooFewAssessors):
        settler(FIVE, units)


def test_an_item_that_fewer_than_three_may_assess_is_named():
    check_coverage(FIVE, {"1": {units[0], units[1]}})
    with pytest.raises(TooFewAssessors) as refused:
        check_coverage(FIVE, {"1": {units[0]}, "7": set(units[:3]), "9": set(units)})
    assert refused.value.facts["numbers"] == "7、9"


@pytest.mark.parametrize(
    ("one", "other", "accepts", "differ"),
    [
        (Grade.COMPLETED, Grade.MOSTLY_COMPLETED, False, False),
        (Grade.COMPLETED, Grade.IN_PROGRESS, False, True),
        # Where no breakthrough is accepted it is no step between the two.
        (Grade.MOSTLY_COMPLETED, Grade.IN_PROGRESS, False, False),
        (Grade.MOSTLY_COMPLETED, Grade.IN_PROGRESS, True, True),
        (Grade.MOSTLY_COMPLETED, Grade.BREAKTHROUGH, True, False),
        (Grade.ADJUST_OR_END, Grade.NOT_STARTED, False, True),
        (Grade.ADJUST_OR_END, Grade.ADJUST_OR_END, False, False),
    ],
)
def test_a_third_is_asked_when_two_differ_by_more_than_one_step(one, other, accepts, differ):
    assert views_differ(one, other, accepts_breakthrough=accepts) is differ
    assert views_differ(other, one, accepts_breakthrough=accepts) is differ


@given(grades=st.lists(st.sampled_from(Grade), min_size=1, max_size=3), accepts=st.booleans())
def test_the_common_view_is_one_of_the_views_whatever_their_order(grades, accepts):
    view = common_view(grades, accepts_breakthrough=accepts)
    assert view is None or view in grades
    assert common_view(grades[::-1], accepts_breakthrough=accepts) == view


def test_three_views_that_all_differ_meet_in_the_middle_and_two_neighbours_leave_it_to_a_person():
    three = [Grade.NOT_STARTED, Grade.COMPLETED, Grade.IN_PROGRESS]
    assert common_view(three, accepts_breakthrough=False) is Grade.IN_PROGRESS
    assert common_view([Grade.COMPLETED, Grade.MOSTLY_COMPLETED], accepts_breakthrough=False) is None
    assert common_view([Grade.COMPLETED, Grade.ADJUST_OR_END, Grade.IN_PROGRESS], accepts_breakthrough=False) is None


def test_a_breakthrough_is_a_grade_only_where_the_deadline_accepts_one():
    assert Grade.BREAKTHROUGH not in scale(accepts_breakthrough=False)
    check_grade(Grade.BREAKTHROUGH, accepts_breakthrough=True)
    with pytest.raises(GradeNotOpen):
        check_grade(Grade.BREAKTHROUGH, accepts_breakthrough=False)


TODAY = date(2026, 4, 10)


def test_a_visit_is_announced_three_days_before_and_reported_after_it_was():
    check_notice(TODAY, TODAY + timedelta(days=3))
    with pytest.raises(NoticeTooShort):
        check_notice(TODAY, TODAY + timedelta(days=2))
    check_visit(TODAY, TODAY)
    with pytest.raises(VisitInFuture):
        check_visit(TODAY, TODAY + timedelta(days=1))


def test_a_meeting_needs_more_than_half_and_a_minority_that_was_there():
    names = {each.unit_id: each.name for each in FIVE}
    check_meeting(names, units[:3], [units[2]])
    with pytest.raises(NoQuorum):
        check_meeting(names, [units[0], units[1], units[1]], [])
    with pytest.raises(MinorityAbsent):
        check_meeting(names, units[:3], [units[4]])
    with pytest.raises(NotAMember):
        check_meeting(names, [*units[:3], uuid4()], [])
