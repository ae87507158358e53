import pytest

from bpmn.bundle import Bundle
from domain.errors import InvalidForm
from services.forms import check_form

BUNDLE = Bundle.shipped("supervision")


def faults(form, decision="", said=None, **values):
    with pytest.raises(InvalidForm) as refused:
        check_form(BUNDLE, form, decision, values, said or {})
    return refused.value.facts["fields"]


def test_every_fault_is_told_at_once_by_the_title_of_its_field():
    told = faults("plan", milestones=[{"title": "开工", "due_on": "明天", "evidence_planned": "照片"}], extra=1)
    assert {f["field"] for f in told} == {"milestones/0/due_on", ""}
    assert all("“" in f["fault"] or "栏目" in f["fault"] for f in told)


def test_a_missing_field_is_named_with_its_row():
    [told] = faults("plan", milestones=[{"title": "开工", "evidence_planned": "照片"}])
    assert told["field"] == "milestones/0/due_on"
    assert "1" in told["fault"] and "没有填写" in told["fault"]


def test_what_a_decision_asks_for_is_asked_only_then():
    check_form(BUNDLE, "claim_completion", "completed", {"summary": "已完成"}, {})
    assert {f["field"] for f in faults("claim_completion", "breakthrough", summary="有突破")} == {
        "artefacts",
        "next_goal",
    }


def test_a_reason_outside_the_list_is_refused():
    [told] = faults("sign_for", "send_back", {"reason_code": "too_busy", "opinion": "忙"})
    assert told["field"] == "reason_code"


def test_a_step_without_a_form_takes_an_opinion_and_nothing_else():
    check_form(BUNDLE, None, "done", {}, {"opinion": "同意"})
    with pytest.raises(InvalidForm):
        check_form(BUNDLE, None, "done", {"percent": 1}, {})
