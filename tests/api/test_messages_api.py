"""Inbox, preferences, calendar, delivery log and channels over HTTP."""

from datetime import timedelta
from functools import cache

import icalendar
import pytest
from sqlmodel import col, select, update

from db.tables import ChannelEndpoint, Person, WorkItem
from domain.delivery import Outcome
from domain.permissions import Role
from notifications.answers import Answer
from notifications.channels.outbound import Outbound
from notifications.rendering import Renderer
from notifications.trial import Trial
from services.rounds import OpenRound
from tests.api.conftest import ApiClient
from tests.api.test_surfaces import got, path, refused
from tests.delivery_world import deliverer_on, give_addresses, send_all, sendings, sweep
from tests.http_server import http_server
from tests.mail_server import free_port
from tests.world import build_world


@pytest.fixture
def world(container, new_session, clock):
    built = build_world(new_session, clock)
    give_addresses(new_session)
    return built


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


class Refusing:
    """A mail server that takes nothing."""

    def send(self, post):
        return Answer(Outcome.PERMANENT, "550 no such user")


def test_the_inbox_says_what_is_to_be_done_and_remembers_what_was_read(as_, world):
    items = [world.item(text="甲事项"), world.item(text="乙事项")]
    sweep(world)
    clerk = as_(world.clerk)
    found = got(clerk.get(path("messages")), 200)["items"]
    assert {row["item_id"] for row in found} == {str(item_id) for item_id in items}
    assert all(row["title"].startswith("【督办】待办“交办”：") and row["read_at"] is None for row in found)
    assert got(clerk.get(path("messages/unread")), 200) == {"unread": 2}
    assert got(clerk.post(path("messages/read"), json={"ids": [found[0]["id"]]}), 200) == {"unread": 1}
    left = got(clerk.get(path("messages"), params={"state": "unread"}), 200)["items"]
    assert [row["id"] for row in left] == [found[1]["id"]]
    assert got(clerk.post(path("messages/read"), json={}), 200) == {"unread": 0}


def test_nobody_reads_or_marks_the_messages_of_another(as_, world):
    world.item()
    sweep(world)
    [message] = got(as_(world.clerk).get(path("messages")), 200)["items"]
    head = as_(world.head)
    assert got(head.get(path("messages")), 200)["items"] == []
    got(head.post(path("messages/read"), json={"ids": [message["id"]]}), 200)
    assert got(as_(world.clerk).get(path("messages/unread")), 200) == {"unread": 1}


def test_pages_of_the_inbox_repeat_and_skip_nothing(as_, world):
    for _ in range(5):
        world.item()
    sweep(world)
    clerk, seen, cursor = as_(world.clerk), [], None
    for _ in range(3):
        page = got(clerk.get(path("messages"), params={"limit": 2} | ({"cursor": cursor} if cursor else {})), 200)
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None and len(seen) == 5 == len(set(seen))


def test_how_one_is_told_is_ones_own_choice(as_, world):
    clerk = as_(world.clerk)
    assert got(clerk.get(path("messages/preference")), 200) == {"mail": True, "digest": "rounds", "digest_hour": 8}
    wanted = {"mail": False, "digest": "everything", "digest_hour": 7}
    assert got(clerk.put(path("messages/preference"), json=wanted), 200) == wanted
    assert got(clerk.get(path("messages/preference")), 200) == wanted
    assert got(as_(world.head).get(path("messages/preference")), 200)["mail"] is True
    refused(clerk.put(path("messages/preference"), json=wanted | {"digest_hour": 24}), 422, "request_invalid")


# The delivery log ------------------------------------------------------------------------------------------------


def test_a_dead_letter_is_seen_with_its_answer_and_sent_again(as_, world):
    world.item()
    sweep(world)
    send_all(world, deliverer_on(world.executor, Refusing()))
    clerk = as_(world.clerk)
    [dead] = got(clerk.get(path("deliveries"), params={"state": "dead"}), 200)["items"]
    assert (dead["answer"], dead["attempts"], dead["recipient"]) == ("550 no such user", 1, world.clerk.name)
    detail = got(clerk.get(path(f"deliveries/{dead['id']}")), 200)
    assert [a["outcome"] for a in detail["attempts"]] == ["permanent"]
    assert detail["item_ids"] and detail["attempts"][0]["message_id"].startswith(f"<{dead['id']}@")
    assert clerk.post(path(f"deliveries/{dead['id']}/resend")).status_code == 204
    assert got(clerk.get(path("deliveries"), params={"state": "queued"}), 200)["items"][0]["id"] == dead["id"]
    refused(clerk.post(path(f"deliveries/{dead['id']}/resend")), 409, "not_resendable")


def test_an_office_sees_its_own_log_alone_and_units_see_none(as_, world, client_as):
    world.item()
    sweep(world)
    [sending] = sendings(world)
    other = client_as(Role.OFFICE_STAFF, unit="江北市外事办公室")
    assert got(other.get(path("deliveries")), 200)["items"] == []
    refused(other.get(path(f"deliveries/{sending.id}")), 404, "not_found")
    refused(other.post(path(f"deliveries/{sending.id}/resend")), 403, "permission_denied")
    refused(as_(world.actor(world.leads[0], Role.LIAISON)).get(path("deliveries")), 403, "permission_denied")
    administrator = client_as(Role.SYSTEM_ADMIN)
    assert got(administrator.get(path(f"deliveries/{sending.id}")), 200)["item_ids"] == [], "none of them sees an item"


def test_the_log_is_filtered(as_, world):
    one, two = world.item(), world.item()
    sweep(world)
    clerk = as_(world.clerk)
    assert len(got(clerk.get(path("deliveries"), params={"item_id": str(one)}), 200)["items"]) == 1
    assert got(clerk.get(path("deliveries"), params={"channel": "wecom"}), 200)["items"] == []
    since = (world.clock.now() + timedelta(days=1)).isoformat()
    assert got(clerk.get(path("deliveries"), params={"since": since}), 200)["items"] == []
    assert len(got(clerk.get(path("deliveries"), params={"until": since, "item_id": str(two)}), 200)["items"]) == 1
    refused(clerk.get(path("deliveries"), params={"state": "lost"}), 422, "request_invalid")


def test_people_without_an_address_are_listed(as_, world):
    with world.sessions() as session:
        session.get_one(Person, world.head.id).email = ""
        session.commit()
    [person] = got(as_(world.clerk).get(path("deliveries/unreachable")), 200)
    assert (person["name"], person["roles"]) == (world.head.name, ["unit_leader"])


# Channels --------------------------------------------------------------------------------------------------------


def robot(world, url, **fields):
    return {"kind": "wecom", "name": "工作群", "url": url, "unit_id": str(world.office), **fields}


def test_a_robot_is_saved_after_it_took_a_test_message_and_then_gets_posts(as_, world):
    clerk = as_(world.clerk)
    with http_server() as site:
        site.body = b'{"errcode":0}'
        saved = got(clerk.post(path("channels"), json=robot(world, f"{site.url}/send?key=geheim")), 200)
        assert b"msgtype" in site.got[0].body
    [row] = got(clerk.get(path("channels")), 200)
    assert (row["id"], row["enabled"], row["has_secret"]) == (saved["id"], True, False)
    assert "geheim" not in str(row), "robots have their key in the address"
    world.item()
    sweep(world)
    assert {s.channel for s in sendings(world)} == {"mail", "wecom"}


def test_an_endpoint_that_is_not_there_is_a_clear_error_and_is_not_saved(as_, world):
    clerk, port = as_(world.clerk), free_port()
    problem = refused(
        clerk.post(path("channels"), json=robot(world, f"http://127.0.0.1:{port}/")), 422, "endpoint_unreachable"
    )
    assert f"127.0.0.1:{port}" in problem["detail"] and "没有保存" in problem["detail"]
    assert got(clerk.get(path("channels")), 200) == []


def test_an_endpoint_in_a_private_network_is_a_clear_error(as_, world, container):
    container.endpoint_trial = Trial(Outbound(), Renderer("http://dudao.test"))
    clerk = as_(world.clerk)
    for url in ("http://10.1.2.3/hook", "http://localhost:8000/", "http://169.254.169.254/latest/meta-data/"):
        problem = refused(clerk.post(path("channels"), json=robot(world, url)), 422, "endpoint_forbidden")
        assert "DUDAO_ALLOWED_NETWORKS" in problem["detail"]


def test_nobody_makes_us_call_an_address_without_the_permission(as_, world, client_as):
    with http_server() as site:
        liaison = as_(world.actor(world.leads[0], Role.LIAISON))
        of_lead = robot(world, site.url) | {"unit_id": str(world.leads[0])}
        refused(liaison.post(path("channels"), json=of_lead), 403, "permission_denied")
        other = client_as(Role.OFFICE_STAFF, unit="江北市外事办公室")
        refused(other.post(path("channels"), json=robot(world, site.url)), 403, "permission_denied")
        refused(other.post(path("channels"), json=robot(world, site.url) | {"unit_id": None}), 403, "permission_denied")
    assert site.got == []


def test_a_secret_is_kept_sealed_shown_to_nobody_and_goes_nowhere_else(as_, world):
    clerk = as_(world.clerk)
    with http_server() as site, http_server() as elsewhere:
        body = robot(world, f"{site.url}/hook", kind="webhook", secret="geheim-73")
        endpoint_id = got(clerk.post(path("channels"), json=body), 200)["id"]
        with world.sessions() as session:
            stored = session.exec(select(ChannelEndpoint)).one()
            assert stored.secret is not None and b"geheim-73" not in stored.secret
        listed = clerk.get(path("channels"))
        assert "geheim-73" not in listed.text and got(listed, 200)[0]["has_secret"] is True
        kept = {**body, "secret": None, "seen_version": 1, "name": "新名"}
        got(clerk.put(path(f"channels/{endpoint_id}"), json=kept), 200)
        assert "x-dudao-signature" in site.got[-1].headers, "the secret that is there is used"
        moved = {**kept, "url": f"{elsewhere.url}/mine", "seen_version": 2}
        refused(clerk.put(path(f"channels/{endpoint_id}"), json=moved), 422, "endpoint_invalid")
        assert elsewhere.got == []
        refused(clerk.put(path(f"channels/{endpoint_id}"), json=kept), 409, "stale_version")


def test_an_endpoint_is_switched_off_and_what_waits_for_it_is_not_sent(as_, world):
    clerk = as_(world.clerk)
    with http_server() as site:
        site.body = b'{"errcode":0}'
        endpoint_id = got(clerk.post(path("channels"), json=robot(world, site.url)), 200)["id"]
    world.item()
    sweep(world)
    switched = clerk.patch(path(f"channels/{endpoint_id}"), json={"enabled": False, "seen_version": 1})
    assert switched.status_code == 204
    send_all(world, deliverer_on(world.executor, Refusing()))
    assert {s.channel: s.state for s in sendings(world)} == {"mail": "dead", "wecom": "skipped"}


# The calendar ----------------------------------------------------------------------------------------------------


def entries(client, url):
    answer = client.get(url.removeprefix("http://dudao.test"))
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return {str(event["UID"]): event for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}


def test_a_unit_sees_its_limits_in_any_calendar_program(as_, anonymous, world):
    item_id = world.item()
    world.to_progress(item_id)
    due = world.clock.now() + timedelta(days=10)
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    liaison = as_(world.actor(world.leads[0], Role.LIAISON))
    url = got(liaison.post(path("calendar-feed")), 200)["url"]
    found = entries(anonymous, url)
    [work] = world.open_work(item_id, "consolidate")
    event = found[f"work-{work.id}@dudao"]
    assert str(event["SUMMARY"]).startswith("牵头汇总：") and str(event["STATUS"]) == "CONFIRMED"
    assert str(event["URL"]) == f"http://dudao.test/work/{work.id}"
    with world.sessions() as session:
        moved = update(WorkItem).where(col(WorkItem.id) == work.id)
        session.execute(moved.values(due_at=due + timedelta(days=5), provisional=True, epoch=2))
        session.commit()
    again = entries(anonymous, url)[f"work-{work.id}@dudao"]
    assert again["DTSTART"].dt == event["DTSTART"].dt + timedelta(days=5), "the same entry has moved"
    assert str(again["STATUS"]) == "TENTATIVE" and "暂定" in str(again["DESCRIPTION"])


def test_a_calendars_address_is_revoked(as_, anonymous, world):
    clerk = as_(world.clerk)
    first = got(clerk.post(path("calendar-feed")), 200)["url"]
    second = got(clerk.post(path("calendar-feed")), 200)["url"]
    refused(anonymous.get(first.removeprefix("http://dudao.test")), 404, "feed_unknown")
    assert entries(anonymous, second) == {}
    assert got(clerk.get(path("calendar-feed")), 200)["feed"]["created_at"]
    assert clerk.delete(path("calendar-feed")).status_code == 204
    refused(anonymous.get(second.removeprefix("http://dudao.test")), 404, "feed_unknown")
    assert got(clerk.get(path("calendar-feed")), 200) == {"feed": None}
