"""Each finding of the linter, on the smallest model that shows it, and none on models that are right."""

import re
import string

import pytest

from bpmn.bundle import SHIPPED, Bundle
from bpmn.findings import Finding
from domain.messages import FINDINGS, finding_sentence
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    bundle,
    end,
    flow,
    model,
    path,
    start,
    sub,
    user,
    xor,
)
from tests.unit.bpmn.lint_cases import CASES, instead

GOOD = model(start(), user("work"), end(), path("started", "work", "finished"))
NAMED = [f"{number} {case[0]}" for number, case in enumerate(CASES)]


def errors(content: bytes, **files: bytes) -> list[Finding]:
    return [finding for finding in bundle(content, "small_process", **files).lint() if finding.severity == "error"]


def test_a_right_model_has_no_finding():
    assert bundle(GOOD).lint() == []


@pytest.mark.parametrize("key", SHIPPED)
def test_the_shipped_models_have_no_errors(key: str):
    assert [finding for finding in Bundle.shipped(key).lint() if finding.severity == "error"] == []


@pytest.mark.parametrize(("code", "element_id", "content"), CASES, ids=NAMED)
def test_a_model_that_would_run_wrongly_is_refused(code: str, element_id: str, content: bytes):
    found = errors(content)
    assert (code, element_id) in [(finding.code, finding.element_id) for finding in found]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("parties", "everyone"),
        ("role", "king"),
        ("rule", "most"),
        ("rule", "ratio:0"),
        ("rule", "ratio:1.5"),
        ("rule", "ratio:x"),
        ("veto", "maybe"),
        ("adverse", "reject"),
        ("decisions", "Yes,No"),
        ("decisions", "submit,submit"),
        ("decision_labels", "a"),
        ("decision_labels", "a,"),
        ("limit", "2"),
        ("limit", "0d"),
        ("limit", "two weeks"),
        ("form", "../etc/passwd"),
        ("evidence", "some"),
        ("not_by", "a,,b"),
        ("return_to", "work"),
    ],
)
def test_an_ill_formed_property_is_refused(key: str, value: str):
    props = {"adverse": "return"} if key == "return_to" else {}
    found = errors(instead(user("work", **{**props, key: value})))
    assert ("property_invalid", key, value) in [
        (finding.code, finding.args.get("property"), finding.args.get("value")) for finding in found
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rule", "all"),
        ("rule", "ratio:0.67"),
        ("rule", "weighted:0.5"),
        ("rule", "ratio:1"),
        ("limit", "5d"),
        ("limit", "item_deadline"),
        ("limit", "none"),
        ("evidence", "required"),
        ("adverse", "return"),
        ("decision_labels", "submit it,send it back"),
    ],
)
def test_a_well_formed_property_is_accepted(key: str, value: str):
    assert errors(instead(user("work", **{key: value}))) == []


@pytest.mark.parametrize("content", [b"not json", b"[]", b'{"type": "nonsense"}', b'{"properties": 5}'])
def test_a_form_that_is_no_schema_is_refused(content: bytes):
    found = Bundle.of({"small_process.bpmn": GOOD, "forms/opinion.json": content}, "small_process").lint()
    assert [(finding.code, finding.element_id) for finding in found] == [("form_invalid", "forms/opinion.json")]


def test_an_id_that_means_another_type_than_in_the_version_before_is_refused():
    before = bundle(GOOD)
    after = bundle(instead(sub("work", start("in_work"), end("work_end"), path("in_work", "work_end"))))
    (finding,) = after.lint(previous=before)
    assert (finding.code, finding.element_id, dict(finding.args)) == (
        "id_reused",
        "work",
        {"before": "userTask", "now": "subProcess"},
    )
    assert bundle(GOOD).lint(previous=before) == []


def test_ids_are_unique_over_all_files_of_a_bundle():
    called = model(
        start("call_started"), user("work"), end("call_end"), path("call_started", "work", "call_end"), key="called"
    )
    content = model(
        start(),
        user("work"),
        '<bpmn:callActivity id="call_it" calledElement="called"/>',
        end(),
        path("started", "work", "call_it", "finished"),
    )
    assert "id_twice" in [finding.code for finding in errors(content, called__bpmn=called)]


def test_names_are_checked_against_what_the_start_event_declares():
    def drawn(declared: str) -> bytes:
        first = (
            '<bpmn:startEvent id="started"><bpmn:extensionElements><spiffworkflow:properties>'
            f'<spiffworkflow:property name="data" value="{declared}"/>'
            "</spiffworkflow:properties></bpmn:extensionElements></bpmn:startEvent>"
        )
        return model(
            first,
            user("work"),
            xor("gate", default="gate_to_over"),
            end(),
            end("over"),
            path("started", "work", "gate", "over"),
            flow("gate", "finished", "has_co_units and decision_work == 'submit'"),
        )

    assert bundle(drawn("has_co_units, other")).lint() == []
    (finding,) = bundle(drawn("has_counits")).lint()
    assert (finding.code, finding.severity, finding.args["name"]) == ("name_never_set", "error", "has_co_units")


def test_undeclared_start_data_is_a_warning_that_lists_it():
    content = model(
        start(),
        user("work"),
        xor("gate", default="gate_to_over"),
        end(),
        end("over"),
        path("started", "work", "gate", "over"),
        flow("gate", "finished", "has_co_units"),
    )
    (finding,) = bundle(content).lint()
    assert (finding.code, finding.severity) == ("data_undeclared", "warning")
    assert finding.args["names"] == "has_co_units" and bundle(content).specs.needs == {"has_co_units"}


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="grading_file" name="g" namespace="t">
<decision id="grading" name="grading"><decisionTable id="grading_table" hitPolicy="UNIQUE">
<input id="in_score"><inputExpression id="in_score_x" typeRef="number"><text>score</text></inputExpression></input>
<output id="out_grade" name="grade" typeRef="string"/>
<rule id="good"><inputEntry id="good_in"><text>&gt;= 90</text></inputEntry>
<outputEntry id="good_out"><text>"A"</text></outputEntry></rule>
<rule id="fair"><inputEntry id="fair_in"><text>60 &lt;= ? &lt; 90</text></inputEntry>
<outputEntry id="fair_out"><text>"B"</text></outputEntry></rule>
<rule id="rest"><inputEntry id="rest_in"><text>&lt; 60</text></inputEntry>
<outputEntry id="rest_out"><text>{rest}</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
GRADING = (
    '<bpmn:businessRuleTask id="grade_it"><bpmn:extensionElements><spiffworkflow:calledDecisionId>grading'
    "</spiffworkflow:calledDecisionId></bpmn:extensionElements></bpmn:businessRuleTask>"
)


def graded(rest: str = '"C"') -> Bundle:
    content = model(
        start(), user("work"), GRADING, user("look"), end(), path("started", "work", "grade_it", "look", "finished")
    )
    return bundle(content, grading__dmn=TABLE.replace("{rest}", rest).encode())


@pytest.mark.parametrize(("score", "grade"), [(95, "A"), (90, "A"), (75, "B"), (60, "B"), (12, "C")])
def test_a_decision_table_runs_in_the_interpreter(score: int, grade: str):
    drawn = graded()
    assert [finding.code for finding in drawn.lint()] == ["data_undeclared"]
    step = ENGINE.start(drawn, {"score": 0}, now=NOW)
    step = ENGINE.complete(drawn, step.state, step.open_tasks[0].task_id, {"score": score}, now=NOW)
    assert step.data["grade"] == grade


def test_a_decision_table_with_a_forbidden_expression_is_refused():
    found = [finding for finding in graded("open('/etc/passwd')").lint() if finding.severity == "error"]
    assert [(finding.code, finding.element_id) for finding in found] == [("expression_refused", "grading")]


def test_every_finding_has_a_sentence_with_all_its_facts():
    seen = {finding.code: finding for _, _, content in CASES for finding in bundle(content).lint()}
    for finding in seen.values():
        sentence = finding_sentence(finding.code, finding.element_id, finding.args)
        assert finding.code in FINDINGS and finding.code not in sentence and re.search(r"[一-龥]", sentence)
        wanted = {name for _, name, _, _ in string.Formatter().parse(FINDINGS[finding.code]) if name}
        assert wanted <= {"element_id", *finding.args}
    others = {"form_invalid", "id_reused", "id_twice", "data_undeclared", "property_invalid"}
    assert others | set(seen) == set(FINDINGS)
