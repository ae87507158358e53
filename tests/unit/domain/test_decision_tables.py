"""Decision tables: cells, overlaps, gaps, and rows as expressions that agree with their sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision_tables import (
    DecisionTable,
    FactRange,
    FactType,
    Refused,
    WrittenRow,
    WrittenTable,
    check_table,
)
from domain.light_words import findings_words

LAG = FactRange("lag", FactType.NUMBER, -100, 100, missing=True)
KIND = FactRange("deadline_class", FactType.TEXT, texts=("firm", "strive"))
CLAIMED = FactRange("claimed", FactType.BOOLEAN)
KNOWN = (LAG, KIND, CLAIMED)
LIGHTS = ("green", "yellow", "red")


def table(*rows: tuple[str, ...], facts: tuple[str, ...] = ("lag",), policy: str = "UNIQUE") -> WrittenTable:
    """Each row: its cells, then the outcome."""
    written = tuple(WrittenRow(f"r{n}", row[:-1], row[-1], f"第{n}行") for n, row in enumerate(rows, 1))
    return WrittenTable(policy, facts, written)


def refused(written: WrittenTable) -> list[tuple[str, int]]:
    checked = check_table(written, KNOWN, LIGHTS)
    assert isinstance(checked, Refused)
    assert findings_words(checked.findings)
    return [(finding.code, finding.row) for finding in checked.findings]


def accepted(written: WrittenTable) -> DecisionTable:
    checked = check_table(written, KNOWN, LIGHTS)
    assert isinstance(checked, DecisionTable), checked
    return checked


def test_bounds_belong_to_the_side_that_the_bracket_says() -> None:
    rules = accepted(table(("< 10, null", "green"), ("[10..30)", "yellow"), (">= 30", "red")))
    found = {lag: rules.decide({"lag": lag}).outcome for lag in (None, -100, 9, 10, 29, 30, 100)}
    assert found == {None: "green", -100: "green", 9: "green", 10: "yellow", 29: "yellow", 30: "red", 100: "red"}


def test_a_table_whose_rows_meet_is_refused_under_unique_and_taken_from_above_under_first() -> None:
    rows = ((">= 30", "red"), (">= 10", "yellow"), ("-", "green"))
    assert refused(table(*rows)) == [("rows_overlap", 2), ("rows_overlap", 3), ("rows_overlap", 3)]
    assert accepted(table(*rows, policy="FIRST")).decide({"lag": 40}).outcome == "red"


def test_what_no_row_covers_is_named_with_an_example() -> None:
    checked = check_table(table(("< 10", "green"), ("> 10", "red"), ("null", "green")), KNOWN, LIGHTS)
    assert isinstance(checked, Refused)
    [finding] = checked.findings
    assert (finding.code, finding.args["example"]) == ("not_covered", {"lag": 10})
    assert "落后百分点=10" in findings_words(checked.findings)


def test_a_missing_value_has_to_be_covered_too() -> None:
    checked = check_table(table((">= 0", "green"), ("< 0", "red")), KNOWN, LIGHTS)
    assert isinstance(checked, Refused)
    assert checked.findings[0].args["example"] == {"lag": None}
    assert "无" in findings_words(checked.findings)


def test_a_row_that_others_use_up_is_refused() -> None:
    assert refused(table((">= 10", "red"), ("[20..30]", "yellow"), ("-", "green"), policy="FIRST")) == [
        ("row_never_counts", 2)
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("about 10", "cell_not_understood"),
        ("10 or 20", "cell_not_understood"),
        ('"ten"', "cell_not_understood"),
        (">= 10,", "cell_not_understood"),
        ("__import__('os')", "cell_not_understood"),
        ("[30..10]", "range_empty"),
        ("10.5", "not_whole"),
        ("> 100", "cell_matches_nothing"),
        ("9" * 300, "cell_too_long"),
    ],
)
def test_a_cell_that_cannot_be_used_is_refused_with_its_row(cell: str, code: str) -> None:
    assert refused(table(("-", "green"), (cell, "red"), policy="FIRST"))[0] == (code, 2)


def test_unknown_names_values_and_outcomes_are_refused_with_what_there_is() -> None:
    assert refused(table(("-", "green"), facts=("laag",))) == [("fact_unknown", 0)]
    assert refused(table(('"later"', "green"), facts=("deadline_class",))) == [("value_unknown", 1)]
    assert refused(table(("-", "blue"))) == [("outcome_unknown", 1)]
    assert refused(table(("-", "green"), policy="COLLECT")) == [("hit_policy", 0)]
    assert refused(table()) == [("table_empty", 0)]
    assert refused(table(("-", "-", "green"))) == [("cells_missing", 1)]
    assert refused(table(*[("-", "green")] * 101, policy="FIRST")) == [("too_many_rows", 0)]
    assert refused(table(("-", "-", "green"), facts=("lag", "lag"))) == [("fact_twice", 0)]


def test_texts_and_yes_and_no_can_be_listed_and_inverted() -> None:
    rules = accepted(
        table(
            ('not("firm")', "-", "green"),
            ('"firm"', "true", "green"),
            ('"firm"', "false", "red"),
            facts=("deadline_class", "claimed"),
        )
    )
    assert rules.decide({"deadline_class": "strive", "claimed": False}).outcome == "green"
    assert rules.decide({"deadline_class": "firm", "claimed": False}).outcome == "red"


_bound = st.integers(-110, 110)
_cells = st.one_of(
    st.just("-"),
    st.just("null"),
    st.builds(lambda sign, n: f"{sign} {n}", st.sampled_from(["<", "<=", ">", ">=", "!="]), _bound),
    st.builds(
        lambda a, n, m, b: f"{a}{min(n, m)}..{max(n, m)}{b}",
        st.sampled_from("[("),
        _bound,
        _bound,
        st.sampled_from("])"),
    ),
    st.builds(lambda n, m: f"not({n}, {m}, null)", _bound, _bound),
)
_texts = st.sampled_from(["-", '"firm"', '"strive"', 'not("firm")', '"firm","strive"'])


@given(
    st.lists(st.tuples(_cells, _texts, st.sampled_from(LIGHTS)), min_size=1, max_size=6),
    st.sampled_from(["UNIQUE", "FIRST"]),
)
def test_what_is_accepted_decides_everything_and_what_is_refused_has_a_witness(
    rows: list[tuple[str, str, str]], policy: str
) -> None:
    """Brute force over all facts: gaps and overlaps are found if and only if they are there."""
    written = table(*rows, facts=("lag", "deadline_class"), policy=policy)
    checked = check_table(written, KNOWN, LIGHTS)
    everything = [{"lag": lag, "deadline_class": kind} for lag in (None, *range(-100, 101)) for kind in KIND.texts]
    if isinstance(checked, DecisionTable):
        for facts in everything:
            hits = [rule for rule in checked.rules if rule.condition.evaluate(facts)]
            assert checked.decide(facts) is hits[0]
            assert policy == "FIRST" or len(hits) == 1
        return
    gap = [finding for finding in checked.findings if finding.code == "not_covered"]
    filled = check_table(table(*rows, ("-", "-", "green"), facts=written.facts, policy="FIRST"), KNOWN, LIGHTS)
    if gap and policy == "FIRST":
        assert isinstance(filled, DecisionTable)
        assert filled.decide(gap[0].args["example"]).number == len(rows) + 1  # type: ignore[arg-type]
