"""Bulletins, conferences and coordination from the console, on a committed database."""

import json

import pytest

from app.cli import EXIT_REFUSED
from tests.console_city import PRINTED, found_city, task_list

ROWS = [
    PRINTED,
    ["1", "建立外贸企业联系服务机制", "2098年底前", "市商务局"],
]


@pytest.fixture
def office(dudao, tmp_path):
    """A published city whose office has one list."""
    found_city(dudao, tmp_path)
    dudao("import", task_list(tmp_path, ROWS), "--as", "zhoumin")
    return dudao


def shown(dudao, *arguments):
    return json.loads(dudao(*arguments, "--json").stdout)


def test_a_bulletin_is_opened_addressed_written_and_shown(office):
    sent = ("--unit", "市商务局", "--office", "市开放办", "--title", "首票通关", "--text", "当日放行。")
    office("bulletins", "contribute", "--as", "lichenxi", *sent)
    days = ("--from", "2026-03-01", "--as-of", "2026-03-31")
    made = office("bulletins", "open", "brief", *days, "--as", "zhoumin").stdout.strip()
    office("bulletins", "address", made, "--to", "市商务局", "--outside", "邻市办公室", "--as", "zhoumin")
    text = json.dumps({"title": "三月进展", "sections": [{"heading": "一、情况", "paragraphs": ["接入37个码头。"]}]})
    assert office("bulletins", "text", made, "--json-text", text, "--as", "zhoumin").stdout.strip() == "2"
    [row] = shown(office, "bulletins", "list", "--as", "zhoumin")
    assert (row["title"], row["state"], row["month"]) == ("三月进展", "open", "2026-03")
    printed = office("bulletins", "show", made, "--as", "zhoumin").stdout
    assert "接入37个码头。" in printed
    assert "not in the data: 37" in printed
    assert "邻市办公室" in printed
    office("bulletins", "show", made, "--as", "lichenxi", code=EXIT_REFUSED)
    again = office("bulletins", "open", "brief", *days, "--as", "zhoumin", code=EXIT_REFUSED)
    assert "一个月编一期" in again.output
    office("bulletins", "withdraw", made, "--because", "误发", "--as", "zhoumin", code=EXIT_REFUSED)


def test_a_conference_is_called_and_topics_are_chosen(office):
    topic = ("--unit", "市商务局", "--office", "市开放办", "--title", "明确牵头", "--proposal", "请会议明确")
    proposed = office("conferences", "propose", "--as", "lichenxi", *topic).stdout.strip()
    made = office("conferences", "call", "--unit", "市商务局", "--as", "zhoumin").stdout.strip()
    [row] = shown(office, "conferences", "list", "--as", "lichenxi")
    assert row["kind"] == "joint"
    assert "明确牵头" in office("conferences", "show", made, "--as", "zhoumin").stdout
    early = office("conferences", "agenda", made, "--topic", proposed, "--as", "zhoumin", code=EXIT_REFUSED)
    assert "议程" in early.output
    minutes = json.dumps({"paragraphs": ["研究。"]})
    office("conferences", "minutes", made, "--json", minutes, "--as", "zhoumin", code=EXIT_REFUSED)
    office("conferences", "attendance", made, "--present", "市商务局=王处长", "--as", "zhoumin", code=EXIT_REFUSED)


def test_coordination_is_listed_where_there_is_some(office):
    assert shown(office, "coordination", "list", "--as", "zhoumin") == []
    office("coordination", "show", "abc", "--as", "zhoumin", code=EXIT_REFUSED)
