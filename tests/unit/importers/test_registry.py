"""Who a printed name is: known exactly, by alias, successor or rule, and never by likeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.units import UnitKind
from importers.registry import AliasRecord, MatchBasis, StaticRegistry, UnitRecord, packaged_registry
from tests.unit.importers.documents import REGISTRY


@pytest.mark.parametrize(
    ("printed", "unit", "basis"),
    [
        ("市商务局", "市商务局", MatchBasis.EXACT),
        ("江北市商务局", "市商务局", MatchBasis.EXACT),
        ("市 商 务 局", "市商务局", MatchBasis.EXACT),
        ("市商務局", "市商务局", MatchBasis.EXACT),
        ("江北港(集团)有限公司", "江北港集团", MatchBasis.EXACT),
        ("市交通委", "市交通运输委", MatchBasis.ALIAS),
        ("江北市交通委", "市交通运输委", MatchBasis.RULE),
        ("市交通运输委员会", "市交通运输委", MatchBasis.RULE),
        ("云湖区政府", "云湖区人民政府", MatchBasis.RULE),
        ("江北市云湖区政府", "云湖区人民政府", MatchBasis.RULE),
        ("市大数据中心", "市数据局", MatchBasis.SUCCESSOR),
        ("市大数据管理中心", "市数据局", MatchBasis.SUCCESSOR),
        ("市港务局", "江北港集团", MatchBasis.SUCCESSOR),
    ],
)
def test_a_name_is_found_by_what_is_recorded_or_ruled(printed, unit, basis):
    match = REGISTRY.lookup(printed)
    assert (match.printed, match.unit, match.basis) == (printed, unit, basis)
    assert match.candidates == ()


@pytest.mark.parametrize(
    ("printed", "candidate"),
    [("市商务", "市商务局"), ("江北商务局", "市商务局"), ("市文旅局", None), ("甲", None), ("", None)],
)
def test_likeness_only_proposes(printed, candidate):
    match = REGISTRY.lookup(printed)
    assert (match.unit, match.kind, match.basis) == (None, None, None)
    assert next(iter(match.candidates), None) == candidate


def test_a_candidate_is_the_unit_of_today():
    assert REGISTRY.lookup("市大数据中").candidates[0] == "市数据局"


def test_an_alias_of_nobody_is_nobody():
    assert REGISTRY.lookup("无此单位").unit is None


def test_successors_in_a_circle_end():
    registry = StaticRegistry(
        [
            UnitRecord("甲局", "", UnitKind.OTHER, successor="乙局"),
            UnitRecord("乙局", "", UnitKind.OTHER, successor="甲局"),
        ]
    )
    assert registry.lookup("甲局").unit == "乙局"


def test_a_registry_is_read_from_two_tables():
    registry = StaticRegistry.from_csv(
        "name,official_name,kind,parent,valid_from,valid_to,successor\n市商务局,江北市商务局,department,,,,\n",
        "alias,unit,kind,valid_from,valid_to\n商务局,市商务局,spelling,,\n",
    )
    assert registry.lookup("商务局").unit == "市商务局"
    assert [unit.kind for unit in registry.units()] == [UnitKind.DEPARTMENT]
    assert "市商务局" in registry.names()


def test_an_unknown_kind_of_unit_is_refused():
    with pytest.raises(ValueError, match="ministry"):
        StaticRegistry.from_csv("name,official_name,kind\n甲,甲,ministry\n")


@given(st.text(max_size=80))
def test_any_text_has_an_answer(printed):
    match = REGISTRY.lookup(printed)
    assert match.printed == printed
    assert match.unit is None or match.basis is not None


class TestPackagedRegistry:
    def test_every_name_and_alias_leads_to_a_unit_that_has_no_successor(self):
        registry = packaged_registry()
        final = {unit.name for unit in registry.units() if not unit.successor}
        assert all(registry.lookup(name).unit in final for name in registry.names())

    def test_every_parent_and_successor_is_in_it(self):
        units = list(packaged_registry().units())
        names = {unit.name for unit in units}
        assert len(names) == len(units)
        assert {unit.parent for unit in units} | {unit.successor for unit in units} <= names | {""}

    def test_what_ends_names_its_successor_or_its_end(self):
        for unit in packaged_registry().units():
            assert not unit.valid_to or unit.successor

    def test_no_name_means_two_units(self):
        registry = packaged_registry()
        for unit in registry.units():
            for name in (unit.name, unit.official_name):
                assert not name or registry.lookup(name).unit in {unit.name, registry.lookup(unit.name).unit}

    @pytest.mark.parametrize("districts", [16])
    def test_the_city_has_all_its_districts(self, districts):
        assert sum(unit.kind is UnitKind.DISTRICT for unit in packaged_registry().units()) == districts


def test_an_alias_record_is_a_spelling_unless_said_otherwise():
    assert AliasRecord("甲", "乙").kind == "spelling"
