"""Moving an instance to another version: what is kept, and what is refused."""

from datetime import timedelta

import pytest

from bpmn import migrate
from bpmn.bundle import Bundle
from domain.process_errors import MigrationRefused
from tests.unit.bpmn.drawing import (
    ENGINE,
    NOW,
    Case,
    both,
    boundary,
    bundle,
    end,
    flow,
    message,
    model,
    open_ids,
    path,
    start,
    sub,
    timer,
    user,
    xor,
)

BODY = (
    start(),
    user("draft"),
    user("review"),
    boundary("review_late", "review", timer("Date", "due_at"), interrupting=False),
    end("urged"),
    end(),
    path("started", "draft", "review"),
    path("review_late", "urged"),
)
OLD = bundle(model(*BODY, flow("review", "finished")))
DUE = {"due_at": "2026-06-01T00:00:00+08:00"}


def reasons(new: Bundle, case: Case) -> list[tuple[str, str]]:
    return [(reason.code, reason.bpmn_id) for reason in migrate.check(case.bundle, new, case.step.state)]


def test_a_new_step_behind_the_open_one_runs_and_ids_timers_and_data_are_kept():
    new = bundle(model(*BODY, user("legal_check"), path("review", "legal_check", "finished")))
    case = Case(OLD, {**DUE, "title": "x"})
    (due,) = case.do("draft", decision_draft="submit").timers_added
    extended = due.due_at + timedelta(days=10)
    case.step = ENGINE.set_timer(OLD, case.step.state, due.task_id, extended, now=NOW)
    before = case.step
    assert reasons(new, case) == []
    moved = migrate.apply(OLD, new, case.step.state, now=NOW)
    assert moved.open_tasks == before.open_tasks and moved.opened == moved.closed == ()
    assert moved.timers_added == () and moved.timers_removed == () and moved.log == ()
    assert ENGINE.inspect(new, moved.state).timers[0].due_at == extended
    assert moved.data == before.data
    case.bundle, case.step = new, moved
    assert open_ids(case.do("review")) == ["legal_check"]
    assert case.do("legal_check").outcome == "finished"


def test_conditions_that_read_new_decisions_find_them_blank():
    new = bundle(
        model(
            *BODY,
            xor("reviewed", default="reviewed_to_finished"),
            path("review", "reviewed", "finished"),
            flow("reviewed", "draft", "decision_review == 'return' and decision_draft != ''"),
        )
    )
    case = Case(OLD, DUE)
    case.do("draft")
    case.step = migrate.apply(OLD, new, case.step.state, now=NOW)
    case.bundle = new
    assert case.step.data["decision_review"] == ""
    assert case.do("review", decision_review="return").completed


def refused(*parts: str) -> Bundle:
    return bundle(model(*parts))


def test_an_open_step_that_is_gone_or_means_another_type_is_refused():
    case = Case(OLD, DUE)
    gone = refused(start(), user("other"), end(), path("started", "other", "finished"))
    assert reasons(gone, case) == [("element_gone", "draft")]
    inside = sub("draft", start("in_draft"), end("draft_end"), path("in_draft", "draft_end"))
    assert reasons(refused(start(), inside, end(), path("started", "draft", "finished")), case) == [
        ("type_changed", "draft")
    ]
    with pytest.raises(MigrationRefused) as error:
        migrate.apply(OLD, gone, case.step.state, now=NOW)
    assert "draft" in str(error.value.facts["reasons"])


def test_a_boundary_event_added_to_or_taken_from_the_open_step_is_refused():
    case = Case(OLD, DUE)
    added = bundle(
        model(
            *BODY,
            flow("review", "finished"),
            boundary("stopped", "draft", message("stop")),
            flow("stopped", "finished"),
            messages=("stop",),
        )
    )
    assert reasons(added, case) == [("boundary_changed", "draft")]
    case.do("draft")
    assert reasons(added, case) == []
    bare = refused(start(), user("draft"), user("review"), end(), path("started", "draft", "review", "finished"))
    assert ("boundary_changed", "review") in reasons(bare, case) and ("element_gone", "review_late") in reasons(
        bare, case
    )


def test_a_name_the_new_version_needs_and_the_instance_lacks_is_refused():
    new = bundle(
        model(
            *BODY,
            xor("reviewed", default="reviewed_to_finished"),
            path("review", "reviewed", "finished"),
            flow("reviewed", "draft", "has_co_units"),
        )
    )
    assert reasons(new, Case(OLD, DUE)) == [("data_missing", "has_co_units")]
    assert reasons(new, Case(OLD, {**DUE, "has_co_units": False})) == []


def test_a_join_that_waits_for_one_branch_more_is_refused_while_the_branches_are_open():
    def drawn(*more: str) -> Bundle:
        branches = ("north", "south", *more)
        return bundle(
            model(
                start(),
                user("before"),
                both("split"),
                *(user(branch) for branch in branches),
                both("joined"),
                end(),
                path("started", "before", "split"),
                *(path("split", branch, "joined") for branch in branches),
                flow("joined", "finished"),
            )
        )

    case = Case(drawn())
    assert reasons(drawn("west"), case) == []
    case.do("before")
    assert reasons(drawn("west"), case) == [("join_changed", "joined")]


def test_a_completed_instance_and_another_process_are_refused():
    case = Case(OLD, DUE)
    other = bundle(model(start(), user("draft"), end(), path("started", "draft", "finished"), key="other"), "other")
    assert reasons(other, case) == [("process_gone", "")]
    case.do("draft")
    case.do("review")
    assert reasons(OLD, case) == [("completed", "")]


def test_a_sub_process_that_is_gone_is_refused():
    inside = sub(
        "part",
        start("part_started"),
        user("inner_work"),
        end("part_end"),
        path("part_started", "inner_work", "part_end"),
    )
    case = Case(refused(start(), inside, end(), path("started", "part", "finished")))
    new = refused(start(), user("part"), end(), path("started", "part", "finished"))
    assert {code for code, _ in reasons(new, case)} == {"process_gone", "type_changed"}
