"""Further pitfalls of SpiffWorkflow 3.2.0, by name."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bpmn import codec
from bpmn.specs import parse
from domain.process_errors import ProcessDataInvalid
from tests.unit.bpmn.drawing import (
    NOW,
    Case,
    boundary,
    bundle,
    catch,
    end,
    flow,
    message,
    model,
    open_ids,
    path,
    start,
    sub,
    user,
    xor,
)
from tests.unit.bpmn.loops import LOOP, LOOP_DATA, PARALLEL_LOOP, payload


def test_trap_live_references_a_step_keeps_nothing_of_the_callers_objects():
    given: dict[str, Any] = {"nested": {"list": [1]}}
    case = Case(LOOP, {**LOOP_DATA, **given})
    step = case.do("work", **given)
    given["nested"]["list"].append(2)
    assert step.data["nested"] == {"list": [1]}


@pytest.mark.parametrize("value", [NOW, {1, 2}, object(), {"at": NOW}, 2**70, b"x"])
def test_trap_datetimes_come_back_as_strings_process_data_is_json_only(value: Any):
    with pytest.raises(ProcessDataInvalid):
        Case(LOOP, LOOP_DATA).do("work", value=value)


def test_trap_shared_objects_under_threads_instances_on_one_spec_do_not_meet():
    barrier = threading.Barrier(8)

    def life(number: int) -> dict[str, Any]:
        barrier.wait()
        data: dict[str, Any] = {}
        for round_no in range(10):
            case = Case(PARALLEL_LOOP, {"number": number * 100 + round_no})
            for _ in range(2):
                case.do("work", work=number)
                case.do("review", decision_review="return")
            case.do("hold", hold=number)
            case.do("work", work=number)
            case.do("review", decision_review="approve")
            data = dict(case.do("sum_up").data)
            assert data["number"] == number * 100 + round_no and case.step.completed
        return data

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(life, range(8)))
    assert [result["work"] for result in results] == list(range(8))
    assert [result["hold"] for result in results] == list(range(8))


def test_trap_one_model_asked_for_by_many_threads_at_once_is_parsed_once(monkeypatch):
    drawn = bundle(model(start(), user("unique_work"), end(), path("started", "unique_work", "finished")))
    parsed = []

    def counting(*args: Any) -> Any:
        parsed.append(1)
        return parse(*args)

    monkeypatch.setattr("bpmn.bundle.parse", counting)
    with ThreadPoolExecutor(8) as pool:
        specs = list(pool.map(lambda _: drawn.specs, range(16)))
    assert len(parsed) == 1 and all(spec is specs[0] for spec in specs)


def test_trap_predicted_tasks_are_not_in_the_tree():
    step = Case(LOOP, LOOP_DATA).step
    rows = payload(step.state)[6][0]
    assert [row[2] for row in rows] == ["Start", "work"]


def test_trap_a_missing_key_at_a_gateway_is_blank_until_the_model_sets_it():
    drawn = bundle(
        model(
            start(),
            xor("asked_before", default="asked_before_to_ask"),
            user("ask"),
            end(),
            path("started", "asked_before", "ask", "finished"),
            flow("asked_before", "finished", "decision_ask == 'submit'"),
        )
    )
    case = Case(drawn)
    assert open_ids(case.step) == ["ask"] and case.step.data == {"decision_ask": ""}


def test_trap_a_withdrawn_instance_completes_too_the_outcome_tells_how():
    drawn = bundle(
        model(
            start(),
            sub("work", start("work_started"), user("report"), end("work_done")).replace(
                "</bpmn:subProcess>", path("work_started", "report", "work_done") + "</bpmn:subProcess>"
            ),
            boundary("withdrawn", "work", message("withdraw")),
            end("closed"),
            end("withdrawn_end"),
            path("started", "work", "closed"),
            path("withdrawn", "withdrawn_end"),
            messages=("withdraw",),
        )
    )
    withdrawn = Case(drawn).send("withdraw")
    closed = Case(drawn).do("report")
    assert (withdrawn.completed, withdrawn.outcome) == (True, "withdrawn_end")
    assert (closed.completed, closed.outcome) == (True, "closed")
    assert withdrawn.open_tasks == () and withdrawn.waits_removed != ()


def test_trap_compaction_forgets_steps_a_return_drawn_as_an_arrow_still_reaches_them():
    drawn = bundle(
        model(
            start(),
            user("draft"),
            user("sign"),
            user("check"),
            xor("checked", default="checked_to_finished"),
            xor("return_where", default="return_where_to_sign"),
            end(),
            path("started", "draft", "sign", "check", "checked", "finished"),
            flow("checked", "return_where", "decision_check == 'return'"),
            flow("return_where", "sign"),
            flow("return_where", "draft", "return_to == 'draft'"),
        )
    )
    case = Case(drawn)
    case.do("draft")
    case.do("sign")
    assert [row[2] for row in payload(case.step.state)[6][0]] == ["Start", "check"]
    assert open_ids(case.do("check", decision_check="return", return_to="draft")) == ["draft"]
    case.do("draft")
    case.do("sign")
    assert open_ids(case.do("check", decision_check="return", return_to="")) == ["sign"]


def test_trap_naming_a_message_of_the_wrong_class_does_not_matter_names_do():
    drawn = bundle(
        model(
            start(),
            catch("told", message("tell")),
            user("read"),
            end(),
            path("started", "told", "read", "finished"),
            messages=("tell",),
        )
    )
    assert open_ids(Case(drawn).send("tell")) == ["read"]


def test_trap_a_library_format_that_migrates_silently_our_format_has_a_path_from_every_number():
    assert set(codec.UPGRADES) == set(range(1, codec.FORMAT))
