"""Schemes: what is refused, with the sum that it gives, and that the one that comes with the program is in order."""

from typing import Any

import pytest

from domain.evaluation_reading import read_scheme
from domain.messages.evaluations import FAULTS
from domain.scheme_words import scheme_words
from tests.evaluation_samples import checked, shipped, small


def refused(data: dict[str, Any]) -> list[str]:
    faults = read_scheme(data)
    assert isinstance(faults, list)
    assert scheme_words(faults)
    return [fault.code for fault in faults]


def test_the_scheme_that_comes_with_the_program_is_in_order():
    scheme = checked(shipped())
    assert sum(criterion.points for criterion in scheme.criteria) == 100
    assert not next(group for group in scheme.groups if "court" in group.kinds).ranked


def test_weights_that_do_not_sum_are_refused_with_the_sum_that_they_give():
    data = small()
    data["criteria"][0]["points"] = 55
    data["criteria"][0]["parts"][0]["points"] = 50
    faults = read_scheme(data)
    assert isinstance(faults, list)
    assert scheme_words(faults) == "“任务”的各小项合计50.00分，应为55.00分。各项指标合计95.00分，应为100.00分。"


def test_rows_of_a_decision_table_that_overlap_are_refused():
    data = shipped()
    cases = next(c for c in data["criteria"] if c["id"] == "innovation")["parts"][0]
    cases["table"]["rows"][1]["cells"] = ["-", ">= 1"]
    faults = read_scheme(data)
    assert isinstance(faults, list)
    assert "第3行和第2行会同时命中，例如列入推广案例=1，申报案例=1" in scheme_words(faults)


def test_a_decision_table_with_a_gap_or_more_points_than_its_part_is_refused():
    data = shipped()
    table = next(c for c in data["criteria"] if c["id"] == "innovation")["parts"][0]["table"]
    table["rows"].pop(1)
    table["rows"][-1]["points"] = 12
    assert set(refused(data)) == {"table_refused", "row_beyond_points"}


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("points * done_firm / due_firm", "formula_fails"),
        ("points * gifts", "fact_unknown"),
        ("__import__('os')", "formula_refused"),
        ("'many'", "formula_no_number"),
    ],
)
def test_a_formula_that_cannot_be_computed_is_refused(formula, code):
    data = small()
    data["criteria"][0]["parts"][0]["formula"] = formula
    assert refused(data) == [code]


def test_a_deduction_of_what_a_formula_counts_already_is_refused():
    data = small()
    data["criteria"][0]["parts"][0]["formula"] = "max(0, points - lights_red)"
    assert refused(data) == ["family_twice"]


def test_two_deductions_of_one_fact_are_refused():
    data = small()
    data["deductions"]["kinds"].append({"id": "red2", "label": "再扣", "each": 1, "cap": 1, "fact": "lights_red"})
    assert refused(data) == ["fact_twice"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"grades": [{"id": "a", "label": "甲", "from": 10}]}, "grades_order"),
        ({"groups": []}, "scheme_empty"),
        ({"groups": [{"id": "x", "label": "x", "kinds": ["choir"]}]}, "kinds_unknown"),
        ({"tie": ["luck"]}, "tie_unknown"),
        ({"title": ""}, "text_missing"),
        ({"total": "many"}, "number_wrong"),
        ({"criteria": "all"}, "list_wrong"),
    ],
)
def test_whatever_does_not_fit_is_named(change, code):
    assert code in refused(small(**change))


def test_every_fault_has_its_sentence():
    data = small()
    data["criteria"][0]["parts"][0] |= {"source": "guess", "table": {}}
    data["deductions"]["kinds"][0] |= {"each": 5, "fact": "due_firm"}
    data["groups"].append({"id": "city", "label": "又", "kinds": ["department"]})
    codes = refused(data)
    assert {"source_unknown", "each_beyond_cap", "fact_not_adverse", "kind_twice", "id_twice"} <= set(codes)
    assert set(codes) <= set(FAULTS)
