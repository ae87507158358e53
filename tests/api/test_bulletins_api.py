"""Bulletins, conferences and coordination over HTTP: made by the office, read by who may, refused with reasons."""

from functools import cache

import pytest

from domain.permissions import Role
from tests.api.conftest import ApiClient
from tests.bulletin_world import held_conference, issued_one, open_one, second_clerk
from tests.world import build_world

DAYS = {"from_on": "2026-03-01", "as_of": "2026-03-09"}


@pytest.fixture
def world(container, new_session, clock):
    return build_world(new_session, clock)


@pytest.fixture
def as_(application, directory, world):
    @cache
    def sign_in(actor):
        client = ApiClient(application, raise_server_exceptions=False)
        secret = f"secret-of-{actor.name}"
        client.csrf_token = directory.signed_in(actor.id, secret)
        client.cookies.set("dudao_session", secret)
        return client

    return sign_in


def path(*parts):
    return "/".join(("/api/v1", *map(str, parts)))


def given(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    return answer.json()


def test_the_office_opens_writes_and_addresses_a_bulletin_with_the_version_it_saw(world, as_):
    office = as_(world.clerk)
    body = {"office_unit_id": str(world.office), "kind": "brief", **DAYS}
    made = given(office.post(path("bulletins"), json=body), 201)["id"]
    recipients = [{"manner": "issued", "unit_id": str(world.leads[0])}, {"manner": "sent", "name": "邻市办公室"}]
    given(office.put(path("bulletins", made, "recipients"), json={"recipients": recipients}), 204)
    text = {"seen_version": 1, "title": "三月", "sections": [{"heading": "一、", "paragraphs": ["接入37个码头。"]}]}
    assert given(office.put(path("bulletins", made, "text"), json=text))["version"] == 2
    refused(office.put(path("bulletins", made, "text"), json=text), 422, "bulletin_text_changed")
    detail = given(office.get(path("bulletins", made)))
    assert (detail["figures"], [row["name"] for row in detail["recipients"]]) == (["37"], ["市牵头甲局", "邻市办公室"])
    assert given(office.get(path("bulletins", made, "proof"))) == {"as_frozen": None}
    refused(office.post(path("bulletins"), json={**body, "as_of": "2026-03-11"}), 422, "bulletin_day_ahead")


def test_a_draft_is_nobody_elses_and_an_issued_one_is_read_withdrawn_and_recalled(world, as_):
    reader, head = as_(world.actor(world.leads[0], Role.LIAISON)), as_(world.head)
    draft = open_one(world)
    refused(reader.get(path("bulletins", draft)), 404, "not_found")
    item_id = issued_one(world, second_clerk(world))
    assert given(reader.get(path("bulletins", item_id)))["row"]["state"] == "issued"
    [row] = given(reader.get(path("bulletins")))["items"]
    assert row["item_id"] == str(item_id)
    assert given(head.get(path("bulletins", item_id, "proof"))) == {"as_frozen": True}
    paper = {"name": "邻市联席会议办公室", "sent_on": "2026-03-10", "receipt": "已签收"}
    given(as_(world.clerk).post(path("bulletins", item_id, "outside-deliveries"), json=paper), 204)
    refused(reader.post(path("bulletins", item_id, "withdraw"), json={"reason": "误发"}), 404, "not_found")
    given(head.post(path("bulletins", item_id, "withdraw"), json={"reason": "误发"}), 204)
    assert given(reader.get(path("bulletins", item_id)))["texts"] == []


def test_a_unit_contributes_for_itself(world, as_):
    world.item()
    reader = as_(world.actor(world.leads[0], Role.LIAISON))
    body = {"office_unit_id": str(world.office), "unit_id": str(world.leads[0]), "title": "首票", "text": "当日放行。"}
    given(reader.post(path("bulletins", "contributions"), json=body), 201)
    [sent] = given(as_(world.clerk).get(path("bulletins", "contributions"), params={"state": "open"}))["items"]
    assert (sent["title"], sent["used_in_id"]) == ("首票", None)
    other = {**body, "unit_id": str(world.leads[1])}
    refused(reader.post(path("bulletins", "contributions"), json=other), 403, "permission_denied")


def test_a_conference_is_written_down_over_http(world, as_):
    office, item_id = as_(world.clerk), held_conference(world)
    lead = str(world.leads[0])
    minutes = {"seen_version": 0, "paragraphs": ["研究。"], "resolutions": [{"text": "统一口径", "leads": []}]}
    refused(office.put(path("conferences", item_id, "minutes"), json=minutes), 422, "resolution_without_lead")
    minutes["resolutions"] = [{"text": "统一口径", "leads": [lead], "due_on": "2026-06-30"}]
    assert given(office.put(path("conferences", item_id, "minutes"), json=minutes))["version"] == 1
    detail = given(office.get(path("conferences", item_id)))
    assert [row["present"] for row in detail["attendance"]] == [True, True]
    assert detail["minutes"][0]["resolutions"][0]["leads"] == [lead]
    refused(office.put(path("conferences", item_id, "agenda"), json={"topic_ids": []}), 422, "agenda_elsewhere")
    [row] = given(as_(world.actor(world.leads[1], Role.LIAISON)).get(path("conferences")))["items"]
    assert row["item_id"] == str(item_id)
    outsider = as_(world.actor(world.co_units[0], Role.LIAISON))
    refused(outsider.get(path("conferences", item_id)), 404, "not_found")


def test_topics_and_problems_are_listed(world, as_):
    world.item()
    reader = as_(world.actor(world.leads[0], Role.LIAISON))
    body = {"office_unit_id": str(world.office), "unit_id": str(world.leads[0]), "title": "接口", "proposal": "请明确"}
    made = given(reader.post(path("conference-topics"), json=body), 201)["id"]
    [topic] = given(reader.get(path("conference-topics"), params={"state": "waiting"}))["items"]
    assert topic["id"] == made
    assert given(reader.get(path("coordinations"))) == {"items": []}
    refused(reader.get(path("coordinations", made)), 404, "not_found")
