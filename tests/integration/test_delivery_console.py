"""Inbox, delivery log and channels from the console, with mail in files, on a committed database."""

import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from app.cli import EXIT_REFUSED
from app.container import opened_container
from app.delivery import make_deliverer
from domain.calendar import LOCAL
from services.ports import SystemClock
from services.sweeping import Sweeper
from services.sweeps import SWEEPS
from tests.console_city import PRINTED, found_city, task_list
from tests.delivery_world import DELIVERY_SWEEPS, due_jobs
from tests.http_server import http_server

ROW = ["1", "建立外贸企业联系服务机制", "2098年底前", "市商务局、市财政局"]
PEOPLE = [
    ["姓名", "单位", "角色", "登录名", "邮箱"],
    ["周敏", "市开放办", "办公室人员", "zhoumin", "zhoumin@example.gov.cn"],
    ["程远航", "市开放办", "单位负责人", "chengyuanhang", ""],
    ["李晨曦", "市商务局", "联络员", "lichenxi", "lichenxi@example.gov.cn"],
]


@pytest.fixture
def told(dudao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An office whose clerk has an item to issue; mail goes into files."""
    monkeypatch.setenv("DUDAO_MAIL_DIR", str(tmp_path / "mail"))
    found_city(dudao, tmp_path, people=PEOPLE)
    dudao("import", task_list(tmp_path, [PRINTED, ROW]), "--as", "zhoumin")
    [[list_id]] = [[row["id"]] for row in json.loads(dudao("lists", "list", "--as", "zhoumin", "--json").stdout)]
    dudao("lists", "approve", list_id, "--as", "chengyuanhang")
    # Whatever the hour is at which the test runs: nobody is written to at night who did not choose it.
    dudao("messages", "prefer", "--hour", str(SystemClock().now().astimezone(LOCAL).hour), "--as", "zhoumin")
    deliver()
    return dudao


def deliver() -> None:
    """What the clock and a worker do."""
    with opened_container() as container:
        sweeper = Sweeper(container.executor, container.reads)
        for sweep in DELIVERY_SWEEPS:
            sweeper.run(sweep)
        deliverer = make_deliverer(container.settings, container.executor)
        for sending_id in due_jobs(container.sessions):
            deliverer.deliver(sending_id)


def test_a_message_is_in_the_inbox_in_a_file_and_in_the_log(told, tmp_path: Path):
    assert "待办“交办”：建立外贸企业联系服务机制" in told("messages", "list", "--as", "zhoumin").stdout
    [file] = (tmp_path / "mail").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == "zhoumin@example.gov.cn"
    [row] = json.loads(told("deliveries", "list", "--json").stdout)
    assert (row["state"], row["answer"]) == ("sent", file.name)
    assert str(mail["Message-ID"]) in told("deliveries", "show", row["id"][:8]).stdout
    told("deliveries", "resend", row["id"][:8], code=EXIT_REFUSED)
    assert told("messages", "read", "--all", "--as", "zhoumin").stdout == "1 read\n"
    assert "程远航" in told("deliveries", "unreachable").stdout


def test_a_person_chooses_how_to_be_told_and_gets_a_calendar(told):
    chosen = told("messages", "prefer", "--no-mail", "--digest", "everything", "--hour", "7", "--as", "lichenxi")
    assert chosen.stdout == "mail off, digest everything at 7:00\n"
    assert "/api/v1/calendars/" in told("messages", "calendar", "--as", "lichenxi").stdout
    assert told("messages", "calendar", "--revoke", "--as", "lichenxi").stdout == "revoked\n"


def test_a_channel_is_tried_before_it_is_saved(told, monkeypatch: pytest.MonkeyPatch):
    with http_server() as site:
        site.body = b'{"errcode":0}'
        add = ("channels", "add", "wecom", f"{site.url}/send?key=geheim", "--name", "工作群", "--unit", "市开放办")
        assert "DUDAO_ALLOWED_NETWORKS" in told(*add, code=EXIT_REFUSED).stderr
        assert site.got == []
        monkeypatch.setenv("DUDAO_ALLOWED_NETWORKS", '["127.0.0.0/8"]')
        endpoint_id = told(*add).stdout.strip()
        assert len(site.got) == 1
    listed = told("channels", "list").stdout
    assert "工作群" in listed and "geheim" not in listed
    assert told("channels", "switch", endpoint_id[:8]).stdout == "off\n"
    assert "没有保存" in told(*add, code=EXIT_REFUSED).stderr


def test_every_sweep_of_delivery_is_run_by_the_clock():
    assert {sweep.name for sweep in DELIVERY_SWEEPS} == {"hand_over", "digests", "sendings", "stalled_jobs"}
    assert set(DELIVERY_SWEEPS) <= set(SWEEPS)
