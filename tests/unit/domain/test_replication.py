"""Who scores, what is claimed and named, how far the city's power reaches, what is the same reform."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replication import (
    ALIKE,
    ELSEWHERE,
    FEWEST_SCORES,
    Expert,
    Firm,
    Known,
    RangeUnit,
    Score,
    alike,
    beyond_the_city,
    check_claims,
    check_firms,
    check_length,
    check_panel,
    claims_in,
    likeness,
    mask_firms,
    mean_total,
    reach,
)
from domain.replication_errors import (
    ClaimUnproven,
    ConsentUnproven,
    DossierTooLong,
    ExpertNotIndependent,
    ExpertTwice,
    FirmNotListed,
    PanelTooSmall,
    RangeWithoutUnits,
)
from domain.replication_states import RangeKind
from domain.units import UnitKind

UNITS = [UUID(int=number) for number in range(1, 9)]
KINDS = [kind for kind in UnitKind if kind is not UnitKind.GROUP]
registries = st.lists(
    st.builds(RangeUnit, st.sampled_from(UNITS), st.just("某单位"), st.sampled_from(KINDS)),
    unique_by=lambda unit: unit.id,
    max_size=8,
)
marks = st.builds(Score, *[st.integers(0, 100)] * 4)
titles = st.text(st.sampled_from("样品清单管理制度创新跨境贸易便利"), min_size=1, max_size=20)


@given(st.sampled_from(RangeKind), registries, st.sets(st.sampled_from(UNITS)), st.sets(st.sampled_from(UNITS)))
def test_nothing_beyond_the_city_is_ever_assigned(kind, registry, listed, applicants):
    """`domain.md` §9, invariant 12."""
    try:
        found = reach(kind, registry, listed, applicants)
    except RangeWithoutUnits:
        assert not beyond_the_city(kind)
        return
    under_the_city = {
        unit.id for unit in registry if unit.kind not in {UnitKind.CENTRAL_BRANCH, UnitKind.COURT}
    } - applicants
    assert set(found.assigned) <= under_the_city
    assert len(set(found.assigned)) == len(found.assigned)
    assert set(ELSEWHERE[kind]) <= set(found.asked)
    assert set(found.assigned) >= listed & under_the_city


def test_jjj_is_a_letter_to_the_neighbours_and_a_task_at_home():
    district = RangeUnit(uuid4(), "江北区", UnitKind.DISTRICT)
    customs = RangeUnit(uuid4(), "滨海海关", UnitKind.CENTRAL_BRANCH)
    bureau = RangeUnit(uuid4(), "市数据局", UnitKind.DEPARTMENT)
    found = reach(RangeKind.JJJ, [district, customs, bureau], {customs.id}, set())
    assert found.assigned == (district.id,)
    assert found.asked == ("滨海海关", "北京市", "河北省")


@given(st.lists(st.sampled_from(UNITS), max_size=8), st.sets(st.sampled_from(UNITS)), st.sets(st.sampled_from(UNITS)))
def test_a_panel_that_passes_is_independent_and_large_enough(units, applicants, heard):
    try:
        check_panel([Expert(unit, "单位") for unit in units], applicants, heard)
    except (PanelTooSmall, ExpertTwice, ExpertNotIndependent):
        good = len(set(units)) == len(units) and not set(units) & (applicants | heard)
        assert not good or len(units) + len(heard) < FEWEST_SCORES
        return
    assert len(set(units)) == len(units)
    assert not set(units) & (applicants | heard)
    assert len(units) + len(heard) >= FEWEST_SCORES


@given(st.lists(marks, max_size=7))
def test_the_mean_lies_between_the_marks_and_needs_three(scores):
    mean = mean_total(scores)
    assert (mean is None) == (len(scores) < FEWEST_SCORES)
    if mean is not None:
        totals = [score.total() for score in scores]
        assert min(totals) <= mean <= max(totals)


def test_marks_are_weighted_and_rounded_half_up():
    assert Score(innovation=85, effect=80, replicability=78, risk=90).total() == Decimal("82.5")
    assert Score(100, 100, 100, 100).total() == Decimal("100.0")
    assert Score(0, 0, 0, 1).total() == Decimal("0.2")


@pytest.mark.parametrize("part", ["background", "practices", "results", "next_steps"])
def test_the_four_parts_together_have_at_most_3000_characters(part):
    check_length({part: "字 " * 3000})
    with pytest.raises(DossierTooLong):
        check_length({"background": "字" * 1500, part: "字" * 3001})


def test_a_claim_to_be_first_needs_evidence_that_names_it():
    text = "办理了全国首单样品租赁，推出国内首创的清单，全国首单已复制。"
    assert claims_in(text) == ("全国首单", "国内首创")
    check_claims(text, ["证明全国首单的公证书", "查新报告：国内首创"])
    with pytest.raises(ClaimUnproven) as refused:
        check_claims(text, ["证明全国首单的公证书"])
    assert refused.value.facts["claims"] == "国内首创"
    check_claims("首批企业受益，首次开展抽查。", [])


def test_a_firm_that_the_text_names_is_listed_and_its_consent_shown():
    firms = [Firm("示范仪器有限公司", consents=True)]
    check_firms("支持示范仪器有限公司开展试点。", firms, ["示范仪器有限公司书面同意"])
    with pytest.raises(FirmNotListed):
        check_firms("支持另一家仪器有限公司开展试点。", firms, ["示范仪器有限公司书面同意"])
    with pytest.raises(ConsentUnproven):
        check_firms("支持示范仪器有限公司开展试点。", firms, ["合同"])


def test_firms_that_do_not_agree_are_masked_by_name_and_stem():
    firms = [Firm("海河检测有限公司", False), Firm("示范仪器有限公司", True), Firm("海河检测服务有限公司", False)]
    text = "海河检测服务有限公司、海河检测有限公司（海河检测）和示范仪器有限公司参加。"
    assert mask_firms(text, firms) == "某企业丙、某企业甲（某企业甲）和示范仪器有限公司参加。".replace("丙", "乙")


names = st.text(st.sampled_from("海河检测示范仪器金谷"), min_size=3, max_size=6).map(lambda stem: f"{stem}有限公司")


@given(st.lists(st.builds(Firm, names, st.booleans()), max_size=6), st.data())
def test_no_text_for_the_public_names_a_firm_that_did_not_agree(firms, data):
    words = data.draw(st.lists(st.sampled_from([firm.name for firm in firms] or ["某地"]) | st.just("开展试点")))
    public = mask_firms("，".join(words), firms)
    hidden = {firm.name for firm in firms if not firm.consents}
    assert not [name for name in hidden if name in public]
    assert mask_firms(public, firms) == public


@given(titles, titles)
def test_likeness_is_symmetric_and_whole_for_the_same_title(one, other):
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1


@given(titles, st.lists(st.builds(Known, st.uuids(), titles, st.just("第一批")), max_size=6))
def test_what_was_published_under_the_same_title_is_always_found(title, known):
    found = alike(title, known)
    assert {each.id for each in known if each.title == title} <= {match.known.id for match in found}
    assert all(match.likeness >= ALIKE for match in found)


def test_likeness_overlooks_spelling_and_tells_other_reforms_apart():
    assert likeness("样品清单管理创新", "创新“样品”清单管理") > ALIKE
    assert likeness("样品清单管理创新", "跨境直播基地建设") < ALIKE
