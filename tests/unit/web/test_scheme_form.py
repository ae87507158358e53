"""The scheme as fields of a form: nothing that was typed is lost on the way, and rows come and go."""

import pytest

from domain.evaluation_reading import read_scheme
from domain.evaluation_scheme import Part, Scheme
from tests.evaluation_samples import shipped
from web.scheme_form import add_row, drop_row, fields_of, scheme_of, typed_fields


def sent(value, name=""):
    """What a browser sends of fields: one value each, several of ticked boxes."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from sent(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from sent(each, f"{name}.{at}" if isinstance(each, dict) else name)
    elif value is not None and value is not False:
        yield name, str(value)


def told(part: Part):
    """What a part says, its table without the ids of its rows, which no form shows."""
    table = part.measure.table if part.measure is not None else None
    rules = [(rule.condition.source, rule.outcome, rule.words) for rule in table.rules] if table is not None else []
    formula = part.measure.source if part.measure is not None else None
    return part.id, part.label, part.points, part.source, part.how, formula, rules


def test_a_scheme_comes_back_from_its_form_as_it_was():
    first, again = read_scheme(shipped()), read_scheme(scheme_of(typed_fields(sent(fields_of(shipped())))))
    assert isinstance(first, Scheme)
    assert isinstance(again, Scheme)
    for before, after in zip((*first.parts, *first.bonus), (*again.parts, *again.bonus), strict=True):
        assert told(after) == told(before)
    for name in ("total", "bonus_cap", "deductions", "vetoes", "groups", "grades", "ceiling", "tie", "title"):
        assert getattr(again, name) == getattr(first, name)


def test_what_is_wrong_is_told_at_the_field_it_is_about():
    fields = fields_of(shipped())
    fields["criteria"][0]["points"] = "四十"
    fields["criteria"][1]["parts"][0]["formula"] = "points * gifts"
    fields["criteria"][4]["parts"][0]["table"] += "\n>= 2 | 7 | 9 | 重复"
    faults = read_scheme(scheme_of(typed_fields(sent(fields))))
    assert isinstance(faults, list)
    assert {
        ("number_wrong", "criteria.0.points"),
        ("fact_unknown", "criteria.1.parts.0.formula"),
        ("table_refused", "criteria.4.parts.0.table"),
        ("criteria_sum", "total"),
    } <= {(fault.code, fault.at) for fault in faults}


def test_a_formula_stays_in_its_field_when_the_office_is_to_score_instead():
    fields = fields_of(shipped())
    fields["criteria"][0]["parts"][0]["measure"] = "office"
    again = typed_fields(sent(fields))
    assert "due_firm" in again["criteria"][0]["parts"][0]["formula"]
    assert "formula" not in scheme_of(again)["criteria"][0]["parts"][0]


def test_rows_are_added_with_an_id_of_their_own_and_taken_away():
    fields = fields_of(shipped())
    assert add_row(fields, "criteria") == "criteria.5.label"
    assert add_row(fields, "criteria.5.parts") == "criteria.5.parts.1.label"
    assert add_row(fields, "deductions.kinds") == "deductions.kinds.3.label"
    ids = [part["id"] for part in fields["criteria"][5]["parts"]]
    assert len(set(ids)) == 2
    drop_row(fields, "criteria.5.parts.0")
    assert [part["id"] for part in fields["criteria"][5]["parts"]] == ids[1:]


@pytest.mark.parametrize("place", ["", "tie", "criteria.99.parts", "criteria.x", "criteria.0.parts.x", "title.0"])
def test_rows_are_added_and_taken_away_nowhere_else(place):
    with pytest.raises(KeyError):
        add_row(fields_of(shipped()), place)
    with pytest.raises(KeyError):
        drop_row(fields_of(shipped()), place)


@pytest.mark.parametrize(
    "given",
    [
        [("criteria", "x"), ("criteria.0.label", "y")],
        [("bonus.kinds", "x"), ("bonus.kinds.0.label", "y")],
        [("criteria.0", "x"), ("groups.0.kinds.1", "z"), ("tie.0.1", "q"), ("ceiling", "1")],
        [("total", "9" * 5000), ("criteria.0.parts.0.points", "1e9"), ("grades.0.from", "٣")],
        [("grades.9999999.label", "x"), ("__class__.a", "x"), ("title.a.b.c.d.e", "x")],
    ],
)
def test_a_form_that_no_page_made_is_refused_and_not_a_crash(given):
    fields = typed_fields(given)
    assert isinstance(read_scheme(scheme_of(fields)), list)
    add_row(fields, "criteria")
    add_row(fields, "bonus.kinds")
