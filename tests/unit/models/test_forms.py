"""The forms of the two models: JSON Schemas that pages draw and Python checks."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import jsonschema_rs
import pytest

from tests.unit.models.model_files import FOLDER, KEYS, drawing, properties, words

FORMS = sorted(path.stem for path in (FOLDER / "forms").glob("*.json"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WIDGETS = {"text", "textarea", "select", "radio", "checkbox", "date", "number", "percent", "points", "rows"}
RETURN_CODES = {
    "material_insufficient",
    "content_vague",
    "figures_contradict",
    "not_fulfilled",
    "format_wrong",
    "other",
}


def schema(form: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / "forms" / f"{form}.json").read_text(encoding="utf-8"))
    return loaded


def faults(form: str, values: object) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(schema(form), validate_formats=True)
    return [error.message for error in validator.iter_errors(values)]


def objects(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object schemas in `node`, itself included."""
    if node.get("type") == "object":
        yield node
        for child in node["properties"].values():
            yield from objects(child)
    elif node.get("type") == "array":
        yield from objects(node["items"])


def fields(form: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for node in objects(schema(form)):
        yield from node["properties"].items()


def steps_with(form: str) -> list[tuple[str, dict[str, str]]]:
    tasks = [(bpmn_id, properties(node)) for key in KEYS for bpmn_id, node in drawing(key).user_tasks().items()]
    return [(bpmn_id, given) for bpmn_id, given in tasks if given["form"] == form]


def test_every_form_is_the_form_of_a_step() -> None:
    assert [form for form in FORMS if not steps_with(form)] == []


@pytest.mark.parametrize("form", FORMS)
def test_form_is_a_valid_schema_that_takes_nothing_unknown(form: str) -> None:
    loaded = schema(form)
    jsonschema_rs.meta.validate(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for node in objects(loaded):
        assert node["additionalProperties"] is False
        assert set(node["x-ui"]["order"]) == set(node["properties"])
        assert len(node["x-ui"]["order"]) == len(node["properties"])
        assert set(node.get("required", ())) <= set(node["properties"])
    assert faults(form, {**loaded["examples"][0], "decision": "approve"})


@pytest.mark.parametrize("form", FORMS)
def test_every_field_is_bounded_and_labelled_in_chinese(form: str) -> None:
    for name, field in fields(form):
        assert CHINESE.search(field["title"]), name
        assert CHINESE.search(field.get("description", field["title"])), name
        assert field["x-ui"]["widget"] in WIDGETS, name
        if field["type"] == "string":
            assert "enum" in field or "format" in field or 0 < field["maxLength"] <= 3000, name
        elif field["type"] == "array":
            assert 0 < field["maxItems"] <= 50, name
        elif field["type"] == "integer":
            assert field["minimum"] < field["maximum"], name
        if "enum" in field:
            labels = field["x-ui"]["labels"]
            assert list(labels) == field["enum"], name
            assert all(re.search(r"[\u4e00-\u9fff]", label) for label in labels.values()), name


@pytest.mark.parametrize("form", FORMS)
def test_examples_validate(form: str) -> None:
    examples = schema(form)["examples"]
    assert examples
    for example in examples:
        assert faults(form, example) == []


@pytest.mark.parametrize("form", FORMS)
def test_what_is_required_cannot_be_left_out_or_left_blank(form: str) -> None:
    full = max(schema(form)["examples"], key=len)
    for name in schema(form).get("required", ()):
        assert faults(form, {key: value for key, value in full.items() if key != name}), name
        blank = deepcopy(full)
        blank[name] = type(full[name])() if not isinstance(full[name], int) else None
        assert faults(form, blank), name
        if isinstance(full[name], str):
            assert faults(form, {**full, name: " \n　"}), name


@pytest.mark.parametrize("form", FORMS)
def test_text_that_is_too_long_and_a_value_outside_the_list_are_refused(form: str) -> None:
    valid = max(schema(form)["examples"], key=len)
    for name, field in schema(form)["properties"].items():
        if "maxLength" in field:
            assert faults(form, {**valid, name: "字" * field["maxLength"]}) == [], name
            assert faults(form, {**valid, name: "字" * (field["maxLength"] + 1)}), name
        if "enum" in field:
            assert all(faults(form, {**valid, name: value}) == [] for value in field["enum"]), name
            assert faults(form, {**valid, name: "because"}), name


@pytest.mark.parametrize("form", FORMS)
def test_words_given_with_any_decision_fit_into_the_form(form: str) -> None:
    """Opinion and reason code travel beside the form and are shown in it: every form has room for the opinion,
    and every step with an adverse decision asks for a reason from a closed list."""
    given = schema(form)["properties"]
    assert given["opinion"]["maxLength"] == 1000
    adverse = {step["adverse"] for _, step in steps_with(form) if "adverse" in step}
    assert ("reason_code" in given) == bool(adverse)
    needed = schema(form)["x-ui"].get("required_for", {})
    for decision in adverse:
        assert {"reason_code", "opinion"} <= set(needed[decision])
    decisions = {decision for _, step in steps_with(form) for decision in words(step["decisions"])}
    assert set(needed) <= decisions
    assert all(set(names) <= set(given) for names in needed.values())


def test_reason_codes_of_returns_are_the_same_everywhere() -> None:
    for form in FORMS:
        codes = schema(form)["properties"].get("reason_code", {}).get("enum")
        if form == "sign_for":
            assert set(codes) == {"not_our_duty", "lead_disputed", "unclear"}
        elif form in {"confirm_plan", "opinion_on_change"}:
            assert set(codes) == {"not_our_duty", *RETURN_CODES}
        elif form == "expert_score":
            assert set(codes) == {"conflict_of_interest", "took_part", "other"}
        elif codes is not None:
            assert set(codes) == RETURN_CODES, form


@pytest.mark.parametrize("percent", [-1, 101, 62.5, "62", None])
def test_percent_is_a_whole_number_from_0_to_100(percent: object) -> None:
    report = {"progress": "两个码头已接入。"}
    assert faults("report", {**report, "percent": 0}) == faults("report", {**report, "percent": 100}) == []
    assert faults("report", {**report, "percent": percent})


@pytest.mark.parametrize("due_on", ["2026-02-30", "2026/06/30", "六月底", ""])
def test_a_milestone_needs_a_real_date(due_on: str) -> None:
    milestone = {"title": "印发办法", "evidence_planned": "印发件"}
    assert faults("plan", {"milestones": [{**milestone, "due_on": date(2026, 6, 30).isoformat()}]}) == []
    assert faults("plan", {"milestones": [{**milestone, "due_on": due_on}]})


def test_a_plan_needs_at_least_one_milestone_and_takes_at_most_fifty() -> None:
    milestone = {"title": "印发办法", "due_on": "2026-06-30", "evidence_planned": "印发件"}
    assert faults("plan", {"milestones": []})
    assert faults("plan", {"milestones": [milestone] * 50}) == []
    assert faults("plan", {"milestones": [milestone] * 51})


def test_an_artefact_needs_a_known_kind() -> None:
    claim = {"summary": "首家试点企业取得许可。"}
    assert faults("claim_completion", {**claim, "artefacts": [{"kind": "first_case", "title": "首张许可"}]}) == []
    assert faults("claim_completion", {**claim, "artefacts": [{"kind": "rumour", "title": "首张许可"}]})
    assert faults("claim_completion", {**claim, "artefacts": [{"title": "首张许可"}]})
