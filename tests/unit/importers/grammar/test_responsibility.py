"""Responsibility phrases: every form, in names of an invented city, and the damage that must stop a row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.grammar.responsibility import read_responsibility
from importers.model import FlagCode, LeadRule, LeadRuleKind, Party
from tests.unit.importers.grammar.conftest import KNOWN, SmallRegistry

FIRST = LeadRule(LeadRuleKind.FIRST_LEADS, "列第一位的为牵头单位")
ALL = LeadRule(LeadRuleKind.ALL_LEAD_IF_NONE_NAMED, "无牵头单位的，责任单位即为牵头单位")


def names(parties: tuple[Party, ...]) -> list[str]:
    return [party.printed for party in parties]


def blocking(flags) -> set[FlagCode]:
    return {flag.code for flag in flags if flag.blocking}


@pytest.mark.parametrize(
    ("cell", "leads", "co_units", "groups"),
    [
        ("市商务局负责", ["市商务局"], [], []),
        ("市商务局", ["市商务局"], [], []),
        ("市商务局、市财政局按职责分工负责", [], ["市商务局", "市财政局"], []),
        ("市商务局，市财政局按职责分工负责", [], ["市商务局", "市财政局"], []),
        ("市商务局,市财政局", [], ["市商务局", "市财政局"], []),
        ("市商务局；市财政局", [], ["市商务局", "市财政局"], []),
        ("1.市商务局\n2.市财政局", [], ["市商务局", "市财政局"], []),
        ("市商务局牵头，市财政局、市税务局按职责分工负责", ["市商务局"], ["市财政局", "市税务局"], []),
        ("由市商务局牵头负责，市财政局配合", ["市商务局"], ["市财政局"], []),
        ("市商务局牵头市财政局配合", ["市商务局"], ["市财政局"], []),
        ("市商务局牵头，市商务局、市财政局分别负责", ["市商务局"], ["市财政局"], []),
        ("市商务局、市财政局共同牵头，市税务局参与", ["市商务局", "市财政局"], ["市税务局"], []),
        ("双牵头单位：市商务局、市财政局；配合单位：市税务局", ["市商务局", "市财政局"], ["市税务局"], []),
        ("牵头单位：市商务局 配合单位：市财政局、市税务局", ["市商务局"], ["市财政局", "市税务局"], []),
        ("责任单位：市商务局；协办单位：市财政局", ["市商务局"], ["市财政局"], []),
        ("市商务局负责，市财政局配合", ["市商务局"], ["市财政局"], []),
        ("市商务局会同市财政局、市税务局负责", ["市商务局"], ["市财政局", "市税务局"], []),
        ("市商务局（牵头）、市财政局", ["市商务局"], ["市财政局"], []),
        ("市商务局、各区人民政府", [], ["市商务局"], ["各区人民政府"]),
        ("市人社局（市人才办、市技能办）、市财政局", [], ["市人社局（市人才办、市技能办）", "市财政局"], []),
        ("市商务局、有关区人民政府负责", [], ["市商务局"], ["有关区人民政府"]),
        ("市商务局、各县（市、区）人民政府", [], ["市商务局"], ["各县（市、区）人民政府"]),
        ("市商务局牵头，服务贸易联席会议成员单位按分工负责", ["市商务局"], [], ["服务贸易联席会议成员单位"]),
        ("诚信建设领导小组各成员单位", [], [], ["诚信建设领导小组各成员单位"]),
        ("市商务局、会展业行业协会及其相关主管部门", [], ["市商务局"], ["会展业行业协会及其相关主管部门"]),
        ("市商务局、云湖区等有关区政府", [], ["市商务局", "云湖区"], ["有关区政府"]),
        ("市商务局和市财政局负责", [], ["市商务局", "市财政局"], []),
        ("市文化和旅游局负责", ["市文化和旅游局"], [], []),
        ("市商务局负责招商，市财政局负责资金保障", [], ["市商务局", "市财政局"], []),
        ("市商务局、市产业推进办公室负责", [], ["市商务局", "市产业推进办公室"], []),
        ("（责任单位：市商务局；各市、县〔区〕人民政府）", [], ["市商务局"], ["各市、县〔区〕人民政府"]),
        ("〔市商务局牵头，市财政局配合〕", ["市商务局"], ["市财政局"], []),
        ("市商务局，各市、州人民政府", [], ["市商务局"], ["各市、州人民政府"]),
        ("市商务局、各有关部门、单位", [], ["市商务局"], ["各有关部门、单位"]),
        ("市商务局和各区人民政府按职责负责", [], ["市商务局"], ["各区人民政府"]),
        ("市商务局、市属国有企业", [], ["市商务局"], ["市属国有企业"]),
        ("市商务局负责，市财政局配合，各区人民政府参与", ["市商务局"], ["市财政局"], ["各区人民政府"]),
        ("主办：市商务局；协办：市财政局", ["市商务局"], ["市财政局"], []),
        ("市商务局（牵头单位）、市财政局", ["市商务局"], ["市财政局"], []),
        ("市商务局  市财政局", [], ["市商务局", "市财政局"], []),
        ("市 商 务 局", ["市商务局"], [], []),
        ("市商务局、市财政局按职责分工负责，持续推进", [], ["市商务局", "市财政局"], []),
        ("", [], [], []),
    ],
)
def test_every_form_gives_its_parties_in_printed_order(registry, cell, leads, co_units, groups):
    read = read_responsibility(cell, registry)
    assert (names(read.leads), names(read.co_units), list(read.groups)) == (leads, co_units, groups)
    assert not blocking(read.flags)


@pytest.mark.parametrize(
    ("cell", "joint"),
    [
        ("双牵头单位：市商务局、市财政局", True),
        ("市商务局、市财政局联合牵头", True),
        ("市商务局、市财政局牵头", True),
        ("市商务局牵头，市财政局配合", False),
    ],
)
def test_several_named_leads_lead_jointly(registry, cell, joint):
    assert read_responsibility(cell, registry).joint_lead is joint


@pytest.mark.parametrize(
    ("cell", "open_ended", "by_duty"),
    [
        ("市商务局、市财政局等有关单位按职责分工负责", True, True),
        ("市商务局、市财政局等按职责分工负责", True, True),
        ("市商务局、市财政局等相关部门", True, False),
        ("市商务局、市财政局分别负责", False, True),
        ("市商务局、市财政局依职责分工落实", False, True),
        ("市商务局、市财政局负责", False, False),
    ],
)
def test_open_lists_and_duty_by_duty_are_told_apart(registry, cell, open_ended, by_duty):
    read = read_responsibility(cell, registry)
    assert (read.open_ended, read.by_duty) == (open_ended, by_duty)
    assert (FlagCode.OPEN_LIST in {flag.code for flag in read.flags}) is open_ended
    assert names(read.co_units) == ["市商务局", "市财政局"]


def test_an_open_list_with_one_name_has_no_lead(registry):
    assert read_responsibility("江北海关等有关单位按职责分工负责", registry).leads == ()


def test_the_document_s_rule_makes_the_first_unit_the_lead(registry):
    read = read_responsibility("市商务局、市财政局按职责分工负责", registry, lead_rule=FIRST)
    assert (names(read.leads), names(read.co_units)) == (["市商务局"], ["市财政局"])
    assert FlagCode.LEAD_NOT_STATED not in {flag.code for flag in read.flags}


def test_the_rule_for_the_first_unit_does_not_make_a_group_the_lead(registry):
    read = read_responsibility("数据安全机制成员单位、市商务局", registry, lead_rule=FIRST)
    assert read.leads == ()
    assert FlagCode.LEAD_NOT_STATED in {flag.code for flag in read.flags}


def test_the_rule_that_all_lead_holds_only_where_no_lead_is_named(registry):
    both = read_responsibility("市商务局、市财政局", registry, lead_rule=ALL)
    named = read_responsibility("市商务局牵头，市财政局配合", registry, lead_rule=ALL)
    assert (names(both.leads), names(named.leads)) == (["市商务局", "市财政局"], ["市商务局"])


def test_a_lead_named_again_among_the_others_is_no_repetition(registry):
    read = read_responsibility("市商务局牵头，市商务局、市财政局分别负责", registry)
    assert FlagCode.UNIT_NOISE not in {flag.code for flag in read.flags}


def test_spaces_separate_only_where_told_so(registry):
    assert names(read_responsibility("市商务局 市财政局", registry, spaces_separate=True).co_units) == [
        "市商务局",
        "市财政局",
    ]
    assert names(read_responsibility("市文化和\n旅游局", registry).leads) == ["市文化和旅游局"]


def test_a_known_unit_gets_the_registry_s_name_beside_the_printed_one(registry):
    read = read_responsibility("市大數據局、市商務局、江北经济技术开发区管委、云湖区等有关区政府、市园林局", registry)
    assert [party.unit for party in read.co_units] == [
        "市大数据局",
        "市商务局",
        "江北经济技术开发区管委会",
        "云湖区人民政府",
        None,
    ]
    assert names(read.co_units)[0] == "市大數據局"
    assert [flag.code for flag in read.flags if "市园林局" in flag.note] == [FlagCode.UNIT_UNKNOWN]


def test_a_reformed_unit_is_routed_to_its_successor_and_said_so(registry):
    read = read_responsibility("市大数据中心负责", registry)
    assert read.leads == (Party("市大数据中心", "市大数据局"),)
    assert [flag.code for flag in read.flags] == [FlagCode.UNIT_RENAMED]


@pytest.mark.parametrize(
    "cell",
    [
        "市商务局、江北经济技术开发区管委会促会按职责分工负责",
        "市商务局、市财政局市税务局负责",
        "市商务局、云湖区人民政",
        "市商务局、江北高新区人民政府负责",
        "市商务局、江北高新区等有关区政府负责",
        "市商务局、市财政局按职责分工负责 北经济技术开发区管委会",
        "市商务局、市财政局、市商务局、市税务局、市财政局负责",
        "市商务局、市园林局、市绿化委、市商务局负责",
    ],
)
def test_a_damaged_list_of_units_stops_the_row(registry, cell):
    assert blocking(read_responsibility(cell, registry).flags) == {FlagCode.UNIT_NOISE}


@pytest.mark.parametrize(
    "cell",
    [
        "市商务局、市园林局负责",
        "市商务局、市公安局云湖分局负责",
        "市商务局、江北经济技术开发区管委会办公室负责",
        "市商务局、海河基金管理委员会办公室",
        "市商务局、市财政局、市商务局负责",
        "市商务局、市总工会、团市委、市残联、国网江北电力",
    ],
)
def test_a_unit_that_nobody_registered_yet_does_not_stop_the_row(registry, cell):
    assert not blocking(read_responsibility(cell, registry).flags)


UNITS = st.lists(st.sampled_from([*KNOWN, "市园林局", "市体育局", "团市委", "各区人民政府"]), min_size=1, unique=True)
TAILS = st.sampled_from(["", "负责", "按职责分工负责", "等有关单位按职责分工负责", "等负责", "共同负责", "。"])


@given(UNITS, TAILS, st.sampled_from(["、", "，", "；", "、\n", "/"]), st.sampled_from([None, FIRST, ALL]))
def test_every_printed_unit_is_in_the_result_exactly_once(units, tail, separator, rule):
    read = read_responsibility(separator.join(units) + tail, SmallRegistry(), lead_rule=rule)
    found = [*names(read.leads), *names(read.co_units), *read.groups]
    assert sorted(found) == sorted(units)


@given(UNITS, UNITS)
def test_leads_and_supporters_are_told_apart_whatever_their_names(leads, others):
    others = [unit for unit in others if unit not in leads]
    read = read_responsibility(f"牵头单位：{'、'.join(leads)}；配合单位：{'、'.join(others)}", SmallRegistry())
    groups = {"各区人民政府", "服务贸易联席会议成员单位"}
    assert names(read.leads) == [unit for unit in leads if unit not in groups]
    assert names(read.co_units) == [unit for unit in others if unit not in groups]


PIECES = [
    "市商务局",
    "等",
    "有关",
    "区政府",
    "牵头",
    "配合",
    "负责",
    "会同",
    "按职责分工",
    "、",
    "，",
    "；",
    "：",
    "（",
    "）",
    "由",
    "单位",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, "双", "牵头单位：", " ", "\n"])).map("".join)))
def test_reading_never_raises_and_never_invents(text):
    squeezed = "".join(text.split())
    read = read_responsibility(text, SmallRegistry())
    for printed in (*names(read.leads), *names(read.co_units), *read.groups):
        assert "".join(printed.split()) in squeezed
