"""The clock, the ladder and leave from the console, each as a person would use them, on a committed database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.console_city import PRINTED, found_city, shown, task_list

ROWS = [
    PRINTED,
    ["1", "建立外贸企业联系服务机制", "2098年底前", "市商务局、市财政局"],
    ["2", "按国家部署开放数据跨境服务", "按照国家有关部门部署，持续推进", "市商务局"],
]


@pytest.fixture
def city(dudao, tmp_path):
    """An approved list whose items are issued and wait for the lead's answer; the hands, the list's id, the items'."""
    found_city(dudao, tmp_path)
    dudao("import", task_list(tmp_path, ROWS), "--as", "zhoumin")
    list_id = shown(dudao, "lists", "list", "--as", "zhoumin")[0]["id"]
    dudao("lists", "approve", list_id, "--as", "chengyuanhang")
    for row in shown(dudao, "worklist", "list", "--as", "zhoumin"):
        dudao("worklist", "complete", row["id"], "--as", "zhoumin", "--form", '{"notice_number": "北督1号"}')
    items = {row["number"]: row["id"] for row in shown(dudao, "items", "list", "--as", "zhoumin")}
    return dudao, list_id, items


def work(dudao, login, step):
    return [row for row in shown(dudao, "worklist", "list", "--as", login) if row["bpmn_id"] == step]


def test_an_extension_is_asked_for_and_a_trigger_recorded(city):
    dudao, _, items = city
    opened = dudao("clock", "ask", "extension", items["1"], "--as", "lichenxi").stdout
    [application] = work(dudao, "lichenxi", "apply_extension")
    assert application["id"][:8] in opened
    form = {"cause": "own", "reason": "牵涉面广", "progress": "已完成调研", "new_date": "2099-03-31"}
    dudao("worklist", "complete", application["id"], "--as", "lichenxi", "--form", json.dumps(form))
    assert work(dudao, "wangjianye", "sign_extension")
    again = dudao("clock", "ask", "extension", items["1"], "--as", "lichenxi", code=2)
    assert "延期" in again.stderr
    trigger = ("clock", "trigger", items["2"], "--document", "部发30号", "--on", "2026-01-05", "--as", "zhoumin")
    assert dudao(*trigger, code=2).stderr
    dudao(*trigger, "--due", "2098-10-31")
    assert "2098-10-31" in dudao("items", "list", "--as", "zhoumin").stdout


def test_the_ladder_of_an_item_is_shown_its_policies_listed_and_somebody_urged(city):
    dudao, list_id, items = city
    assert "王建业" in dudao("escalations", "show", items["1"], "--as", "zhoumin").stdout
    policies = shown(dudao, "escalations", "policies", list_id, "--as", "zhoumin")
    assert {policy["subject_kind"] for policy in policies} == {"work_item", "item"}
    dudao("escalations", "urge", items["1"], "--words", "请尽快签收。", "--as", "zhoumin")
    assert "李晨曦" in dudao("escalations", "show", items["1"], "--as", "zhoumin").stdout


def test_leave_is_recorded_and_the_substitute_acts_until_it_is_ended(city):
    dudao, _, _ = city
    today = datetime.now(UTC).date()
    dates = ("--from", f"{today - timedelta(days=1)}", "--until", f"{today + timedelta(days=3)}")
    dudao("absences", "record", *dates, "--substitute", "wangjianye", "--as", "lichenxi")
    [row] = shown(dudao, "absences", "list", "--as", "lichenxi")
    assert (row["person"], row["substitute"], row["mine"]) == ("李晨曦", "王建业", True)
    assert work(dudao, "wangjianye", "sign_for")
    dudao("absences", "end", row["id"], "--as", "lichenxi")
    assert shown(dudao, "absences", "list", "--as", "lichenxi") == []
    assert work(dudao, "wangjianye", "sign_for") == []
