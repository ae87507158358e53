"""What the models say of themselves: names, documentation, and the properties the services act on."""

import ast
import re

import pytest

from domain.answers import Answers
from domain.items import ResponsibilityRole
from tests.unit.models.model_files import BPMN, FOLDER, KEYS, Drawing, drawing, properties, words

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FACTS = {
    *("joint_lead", "has_co_units", "has_members", "breakthrough_ok", "completion_returns", "return_to", "resume_at"),
    *("enough_scores", "needs_publicity", "expires_first"),
    *("by_office", "needs_convener", "notice_enough", "has_partners", "is_host"),
    *("opinions_wanted", "field_check", "announced"),
    *("has_criticised", "has_quoted", "recall", "special_meeting"),
}
REQUIRED = {"parties", "role", "rule", "decisions", "decision_labels", "limit", "form", "evidence"}
OPTIONAL = {"answers", "adverse", "veto", "return_to", "not_by"}


@pytest.fixture(params=KEYS)
def model(request: pytest.FixtureRequest) -> Drawing:
    return drawing(request.param)


def test_ids_are_snake_case_and_unique(model: Drawing) -> None:
    ids = [str(element.attrib["id"]) for element in model.root.iter("*") if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert [bpmn_id for bpmn_id in ids if not SNAKE_CASE.fullmatch(bpmn_id)] == []


def test_everything_a_person_reads_is_chinese(model: Drawing) -> None:
    names = [node.get("name", "") for node in model.nodes.values()]
    names += [flow.name for flow in model.flows.values() if flow.name]
    assert [name for name in names if not CHINESE.search(name)] == []


def test_every_user_task_says_who_until_when_and_on_what_ground(model: Drawing) -> None:
    for bpmn_id, node in model.user_tasks().items():
        text = node.findtext(f"{BPMN}documentation") or ""
        assert re.fullmatch(r"办理人：.+。时限：.+。来源：.+。", text), bpmn_id


def test_documented_working_days_are_those_of_the_limit(model: Drawing) -> None:
    for bpmn_id, node in model.user_tasks().items():
        limit = properties(node)["limit"]
        stated = re.search(r"时限：(\d+)个工作日", node.findtext(f"{BPMN}documentation") or "")
        assert (f"{stated[1]}wd" if stated else None) == (limit if limit.endswith("wd") else None), bpmn_id


def test_user_tasks_carry_exactly_the_agreed_properties(model: Drawing) -> None:
    for bpmn_id, node in model.user_tasks().items():
        given = properties(node)
        assert set(given) >= REQUIRED, bpmn_id
        assert set(given) <= REQUIRED | OPTIONAL, bpmn_id
        assert given["parties"] in {"office", "leads", "co_units", "members", *ResponsibilityRole}, bpmn_id
        assert given["role"] in {"liaison", "unit_leader", "office_staff", "convener", "assessor"}, bpmn_id
        assert re.fullmatch(r"all|any|(ratio|weighted):(0\.\d+|1)", given["rule"]), bpmn_id
        assert re.fullmatch(
            r"[1-9]\d*(wd|d)|item_deadline|round_due|round_co_due|goals_due|year_due|none", given["limit"]
        ), bpmn_id
        assert given["evidence"] in {"required", "optional", "none"}, bpmn_id
        assert given.get("answers", "shared") in set(Answers), bpmn_id
        assert (FOLDER / "forms" / f"{given['form']}.json").is_file(), bpmn_id


def test_decisions_are_labelled_and_the_adverse_one_is_not_the_normal_one(model: Drawing) -> None:
    for bpmn_id, node in model.user_tasks().items():
        given = properties(node)
        decisions = words(given["decisions"])
        assert len(decisions) == len(set(decisions)) == len(words(given["decision_labels"])) > 0, bpmn_id
        assert ("adverse" in given) == ("veto" in given), bpmn_id
        if "adverse" in given:
            assert given["adverse"] in decisions[1:], bpmn_id
            assert given["veto"] in {"yes", "no"}, bpmn_id
        assert "adverse" in given or "return" not in decisions, bpmn_id


def test_steps_named_in_properties_exist(model: Drawing) -> None:
    tasks = model.user_tasks()
    for bpmn_id, node in tasks.items():
        given = properties(node)
        for name in ("return_to", "not_by"):
            named = words(given.get(name, ""))
            assert set(named) <= set(tasks) - {bpmn_id}, (bpmn_id, name)
        assert "adverse" in given or "return_to" not in given, bpmn_id


def test_nobody_signs_or_approves_what_they_handed_in(model: Drawing) -> None:
    """`domain.md` section 9, invariant 6."""
    for bpmn_id, node in model.user_tasks().items():
        given = properties(node)
        if {"sign", "approve", "close"} & set(words(given["decisions"])):
            assert words(given.get("not_by", "")), bpmn_id


def test_conditions_read_only_facts_that_exist_from_the_start(model: Drawing) -> None:
    known = FACTS | {f"decision_{bpmn_id}" for bpmn_id in model.user_tasks()}
    for flow in model.flows.values():
        if flow.condition is not None:
            names = {n.id for n in ast.walk(ast.parse(flow.condition, mode="eval")) if isinstance(n, ast.Name)}
            assert names and names <= known, flow.id


def test_conditions_compare_with_decisions_and_steps_that_exist(model: Drawing) -> None:
    tasks = {bpmn_id: properties(node) for bpmn_id, node in model.user_tasks().items()}
    allowed = {f"decision_{bpmn_id}": set(words(given["decisions"])) for bpmn_id, given in tasks.items()}
    allowed["return_to"] = {step for given in tasks.values() for step in words(given.get("return_to", ""))}
    allowed["resume_at"] = {bpmn_id for bpmn_id, given in tasks.items() if "return_to" in given}
    for flow in model.flows.values():
        for node in ast.walk(ast.parse(flow.condition or "0", mode="eval")):
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in allowed:
                [right] = node.comparators
                assert isinstance(right, ast.Constant)
                assert right.value in allowed[node.left.id], flow.id


def test_every_gateway_has_a_way_out_when_no_condition_holds(model: Drawing) -> None:
    for bpmn_id, node in model.nodes.items():
        if model.kind(bpmn_id) == "exclusiveGateway":
            default = node.get("default")
            outgoing = model.outgoing(bpmn_id)
            assert default in {flow.id for flow in outgoing}, bpmn_id
            assert all((flow.condition is None) == (flow.id == default) for flow in outgoing), bpmn_id
        elif model.kind(bpmn_id) == "eventBasedGateway":
            targets = [flow.target for flow in model.outgoing(bpmn_id)]
            assert {model.kind(target) for target in targets} == {"intermediateCatchEvent"}, bpmn_id
        elif model.kind(bpmn_id) != "endEvent":
            assert len(model.outgoing(bpmn_id)) == 1, bpmn_id
