"""Rhythm, drafts, sheets and the list of the late over HTTP."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from api.main import create_app
from db.tables import ReportPeriod, UserSession
from domain.permissions import Role
from services.secrets import digest_of
from tests.api.conftest import ApiClient, ApiContainer
from tests.integration.test_sheets import make_sheet
from tests.world import REPORT, build_world


@pytest.fixture
def world(new_session, clock):
    return build_world(new_session, clock)


@pytest.fixture
def sheet(world):
    return make_sheet(world, 2)


@pytest.fixture
def client_of(world, new_session, clock):
    """A client signed in as an actor of the world."""
    opened = []

    def sign_in(actor):
        secret = f"secret-of-{actor.id}"
        row = UserSession(
            token_hash=digest_of(secret),
            person_id=actor.id,
            csrf_token="csrf",
            created_at=clock.now(),
            last_seen_at=clock.now(),
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        )
        with new_session() as session:
            session.add(row)
            session.commit()
        client = ApiClient(create_app(ApiContainer(world.executor, clock, new_session)), raise_server_exceptions=False)
        client.csrf_token = "csrf"
        client.cookies.set("dudao_session", secret)
        client.__enter__()
        opened.append(client)
        return client

    yield sign_in
    for client in opened:
        client.__exit__(None, None, None)


def test_a_sheet_is_filled_handed_in_and_partly_returned(world, sheet, client_of):
    liaison, leader, clerk = (
        client_of(a) for a in (sheet.liaison, world.actor(sheet.unit, Role.UNIT_LEADER), world.clerk)
    )
    path = f"/api/v1/report-sheets/{sheet.period}/{sheet.unit}"
    shown = liaison.get(path).json()
    for row in shown["rows"]:
        draft = f"/api/v1/work-items/{row['work_item_id']}/draft"
        assert liaison.put(draft, json={"seen_version": 0, "form": REPORT}).json()["version"] == 1
        stale = liaison.put(draft, json={"seen_version": 0, "form": {"percent": 1}})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_draft")
        assert sheet.liaison.name in stale.json()["detail"]
        assert leader.get(draft).status_code == 403
    rows = [
        {"work_item_id": r["work_item_id"], "seen_version": r["seen_version"], "seen_draft": 1} for r in shown["rows"]
    ]
    lacking = liaison.post(f"{path}/submit", json={"rows": rows[:1]})
    assert (lacking.status_code, lacking.json()["code"]) == (409, "sheet_changed")
    assert liaison.post(f"{path}/submit", json={"rows": rows, "preliminary": True}).json()["preliminary"] == 2
    assert [r["preliminary"]["percent"] for r in clerk.get(path).json()["rows"]] == [40, 40]

    def decide(client, act, decisions):
        waiting = client.get(path).json()["rows"]
        body = [
            {"work_item_id": r["work_item_id"], "seen_version": r["seen_version"], **d}
            for r, d in zip(waiting, decisions, strict=True)
        ]
        return client.post(f"{path}/{act}", json={"rows": body})

    assert decide(leader, "sign", [{}, {}]).status_code == 200
    silent = decide(clerk, "review", [{}, {"decision": "return"}])
    assert (silent.status_code, silent.json()["code"]) == (422, "sheet_rows_refused")
    assert [row["code"] for row in silent.json()["facts"]["rows"]] == ["reason_missing"]
    back = {"decision": "return", "reason_code": "figures_contradict", "opinion": "与上期不衔接"}
    assert decide(clerk, "review", [{}, back]).status_code == 200
    assert [r["outcome"] or r["step"] for r in liaison.get(path).json()["rows"]] == ["accepted", "consolidate"]


def test_the_work_list_shows_the_sheet_as_one_entry(sheet, client_of):
    client = client_of(sheet.liaison)
    [entry] = client.get("/api/v1/work-items", params={"kind": "consolidate"}).json()["items"]
    assert entry["sheet"] == {
        "report_period_id": str(sheet.period),
        "unit_id": str(sheet.unit),
        "part": "lead",
        "waiting": 2,
        "rows": 2,
    }


def test_a_rhythm_is_tried_out_before_it_is_saved(world, sheet, client_of):
    client = client_of(world.clerk)
    with world.sessions() as session:
        list_id = session.exec(select(ReportPeriod.list_id)).one()
    path = f"/api/v1/lists/{list_id}/rhythm"
    rule = {"kind": "quarterly", "starts_on": "2026-01-01", "due_day": 20, "co_due_day": 15}
    tried = client.post(f"{path}/preview", json=rule).json()["next"]
    assert (tried[0]["period"], tried[0]["due_on"]) == ("2026-Q1", str(date(2026, 4, 20)))
    assert client.get(path).json()["version"] == 1
    refused = client.put(path, json=rule | {"seen_version": 1, "co_due_day": 21})
    assert (refused.status_code, refused.json()["code"]) == (422, "rhythm_invalid")
    assert client.put(path, json=rule | {"seen_version": 1}).json() == {"version": 2}


def test_the_late_are_listed_and_exported(world, sheet, client_of, clock):
    clock.at = datetime(2026, 3, 28, 2, tzinfo=UTC)
    client = client_of(world.clerk)
    rows = client.get("/api/v1/rounds/late", params={"period": "2026-03"}).json()["items"]
    assert [(row["part"], row["days_late"]) for row in rows] == [("lead", 3)] * 2
    exported = client.get("/api/v1/rounds/late.xlsx")
    assert exported.headers["content-type"].endswith("spreadsheetml.sheet")
    assert exported.content[:2] == b"PK"
