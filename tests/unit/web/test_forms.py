"""Forms of steps: what is drawn from the schema, and what comes back as it types it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from bpmn.bundle import SHIPPED, Bundle
from domain.errors import DomainError
from services.forms import check_form
from tests.world import BREAKTHROUGH, PLAN, REPORT
from web.forms import form_view, sent_values, without_said


def form_of(key, name) -> Any:
    return Bundle.shipped(key).form(name)


PLAN_FORM = form_of("supervision", "plan")
REPORT_FORM = form_of("progress_round", "report")
SIGN_FOR = form_of("supervision", "sign_for")


def flat(values, name="form"):
    """The values as a browser sends them."""
    if isinstance(values, dict):
        return [pair for key, value in values.items() for pair in flat(value, f"{name}.{key}")]
    if isinstance(values, list):
        return [pair for n, value in enumerate(values) for pair in flat(value, f"{name}.{n}")]
    return [(name, "yes" if values is True else str(values))]


def test_what_is_filled_in_comes_back_as_it_was():
    assert sent_values(PLAN_FORM, FormData(flat(PLAN))) == PLAN
    assert sent_values(form_of("supervision", "claim_completion"), FormData(flat(BREAKTHROUGH)))
    filled = {name: value for name, value in REPORT.items() if value != ""}
    assert sent_values(REPORT_FORM, FormData(flat(REPORT))) == filled


def test_every_example_of_every_form_survives_the_way_through_a_page():
    seen = 0
    for key in SHIPPED:
        bundle = Bundle.shipped(key)
        for task in bundle.user_tasks.values():
            form = form_of(key, task.properties["form"]) if task.properties.get("form") else {}
            for example in form.get("examples", ()):
                values = {name: value for name, value in example.items() if value not in ("", False)}
                assert sent_values(form, FormData(flat(values))) == values
                view = form_view(form, values)
                assert {field.name.removeprefix("form.") for field in view.fields} == set(form["properties"])
                seen += 1
    assert seen > 10


def test_what_is_not_a_number_is_refused_by_the_check_and_shown_again():
    values = sent_values(REPORT_FORM, FormData([("form.percent", "六十"), ("form.progress", "完成")]))
    assert values["percent"] == "六十"
    try:
        check_form(Bundle.shipped("progress_round"), "report", "submit", without_said(values), {})
    except DomainError as error:
        view = form_view(REPORT_FORM, values, refused=error)
    field = view.field("percent")
    assert field is not None and field.errors and field.value == "六十"
    assert view.problems[0].target == field.id == "f-percent"


def test_rows_keep_their_order_and_empty_ones_are_left_out():
    form = FormData(
        [("form.milestones.7.title", "后"), ("form.milestones.2.title", "先"), ("form.milestones.3.title", "")]
    )
    assert [row["title"] for row in sent_values(PLAN_FORM, form)["milestones"]] == ["先", "后"]


def test_a_fault_in_a_row_stands_at_its_field():
    error = DomainError("x", fields=[{"field": "milestones/1/due_on", "fault": "请填日期"}])
    view = form_view(PLAN_FORM, PLAN, refused=error)
    rows = view.field("milestones")
    assert rows is not None
    [wrong] = [part for part in rows.rows[1] if part.errors]
    assert wrong.name == "form.milestones.1.due_on"
    assert [problem.target for problem in view.problems] == [wrong.id]


def test_a_fault_of_no_field_is_told_all_the_same():
    error = DomainError("x", fields=[{"field": "nobody", "fault": "不认识的内容"}])
    assert [problem.sentence for problem in form_view(PLAN_FORM, PLAN, refused=error).problems] == ["不认识的内容"]


def test_a_decision_may_ask_for_more():
    assert not form_view(SIGN_FOR, decision="accept").fields[0].required
    assert form_view(SIGN_FOR, decision="send_back").fields[0].required


def test_one_more_row_is_offered_when_it_is_asked_for():
    field = form_view(PLAN_FORM, PLAN, extra_row="milestones").field("milestones")
    assert field is not None and len(field.rows) == len(PLAN["milestones"]) + 1
    assert field.blank[0].name == "form.milestones.__n__.title"


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=50), max_size=8))
def test_any_form_is_read_without_failing(fields):
    sent_values(PLAN_FORM, FormData({f"form.milestones.{name}": value for name, value in fields.items()}))
    sent_values(REPORT_FORM, FormData({f"form.{name}": value for name, value in fields.items()}))
