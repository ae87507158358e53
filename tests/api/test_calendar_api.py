"""The working calendar over HTTP."""

import pytest
from sqlmodel import select

from db.tables import CalendarDay
from domain.permissions import Role
from tests.api.test_surfaces import path
from tests.unit.importers.notices import NOTICE_2027


@pytest.fixture
def keeper(client_as):
    return client_as(Role.SYSTEM_ADMIN)


def send(client, text=NOTICE_2027, *, name="通知.txt", **query):
    return client.post(
        path("calendar/years"),
        params={"name": name, **query},
        content=text if isinstance(text, bytes) else text.encode(),
        headers={"Content-Type": "application/octet-stream"},
    )


def test_a_year_is_previewed_loaded_and_read_by_everybody(keeper, client_as, session):
    preview = send(keeper, check_only=True)
    assert preview.status_code == 200, preview.text
    assert (preview.json()["written"], preview.json()["days_off"]) == (False, 18)
    assert keeper.get(path("calendar/years/2027")).json() == {"year": 2027, "loaded": None, "days": []}

    assert send(keeper).json()["written"] is True
    reader = client_as(Role.LIAISON)
    year = reader.get(path("calendar/years/2027")).json()
    assert year["loaded"]["source"] == "通知.txt" and year["loaded"]["loaded_by"]
    assert {"day": "2027-02-14", "working": True, "name": "春节"} in year["days"]
    assert reader.get(path("calendar/years")).json()["years"][0]["make_up_days"] == 6
    [change] = [c for c in reader.get(path("calendar/changes")).json()["changes"] if c["years"] == [2027]]
    assert change["recomputed_at"] is None


def test_another_content_is_a_conflict_that_shows_the_difference(keeper):
    send(keeper)
    other = NOTICE_2027.replace("1月31日（周日）、", "")
    refused = send(keeper, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "year_loaded")
    assert refused.json()["facts"]["differences"] == [{"day": "2027-01-31", "before": True, "after": None}]
    assert send(keeper, other, replace=True).json()["written"] is True


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (NOTICE_2027.replace("2月14日（周日）", "2月30日（周日）"), "通知.txt", "impossible_day"),
        (NOTICE_2027.replace("1月31日（周日）", "1月31日（周一）"), "通知.txt", "wrong_weekday"),
        (b"", "通知.txt", "document_empty"),
        (b"", "2027.csv", "calendar_file_empty"),
        ("日期,安排\n2027-02-30,休\n", "2027.csv", "impossible_day"),
        ("日期,安排\n明天,休\n", "2027.csv", "rows_refused"),
        (b"PK\x03\x04nothing", "2027.xlsx", "sheet_unreadable"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_and_stores_nothing(keeper, session, text, name, code):
    refused = send(keeper, text, name=name)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert len(refused.json()["detail"]) > 20
    assert not [day for day in session.exec(select(CalendarDay)) if day.day.year == 2027]


def test_units_have_days_of_their_own(keeper, client_as, directory):
    unit = directory.unit("市商务局").id
    days = path(f"calendar/units/{unit}/days")
    put = keeper.put(days, json={"days": [{"day": "2027-03-03", "working": False, "name": "区庆"}]})
    assert put.status_code == 200, put.text
    assert put.json()["days"][0]["name"] == "区庆"
    assert keeper.delete(f"{days}/2027-03-03").status_code == 204
    assert keeper.delete(f"{days}/2027-03-03").json()["code"] == "not_found"
    assert client_as(Role.LIAISON).get(days).json() == {"days": []}


def test_working_hours_are_set_from_a_day_on(keeper):
    hours = path("calendar/hours")
    assert (
        keeper.put(f"{hours}/2027-05-01", json={"spans": [["08:30", "12:00"], ["14:30", "18:00"]]}).status_code == 204
    )
    assert keeper.get(hours).json()["set"][0]["shown"] == "08:30-12:00, 14:30-18:00"
    refused = keeper.put(f"{hours}/2027-05-01", json={"spans": [["12:00", "08:30"]]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_working_hours")
