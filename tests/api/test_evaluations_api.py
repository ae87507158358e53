"""Evaluations over the API: drafted, refused with the sum, ranks, and a sheet that its unit alone may open."""

import pytest

from domain.permissions import Role
from services.evaluations import shipped_scheme
from tests.evaluation_world import Evaluating, evaluated_year
from tests.world import build_world

OFFICE = "滨海示范市联席会议办公室"
GOOD, BAD = "市牵头甲局", "市牵头乙局"


@pytest.fixture
def year(new_session, clock) -> Evaluating:
    return evaluated_year(build_world(new_session, clock))


def test_an_evaluation_is_opened_once_for_the_same_days(year, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    [row] = clerk.get("/api/v1/evaluations").json()
    assert (row["number"], row["step"], row["units"]) == ("评价〔2026〕1号", "拟定方案", 0)
    body = {"office_unit_id": str(year.world.office), "first_day": "2026-01-01", "last_day": "2026-12-31"}
    again = clerk.post("/api/v1/evaluations", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    trial = clerk.post("/api/v1/evaluations", json=body | {"last_day": "2026-06-30", "trial": True})
    assert trial.status_code == 201
    assert len(clerk.get("/api/v1/evaluations").json()) == 2


def test_a_scheme_that_does_not_add_up_is_refused_with_the_sum_that_it_gives(year, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    scheme = clerk.get("/api/v1/evaluations/scheme").json()
    assert clerk.post("/api/v1/evaluations/scheme/check", json={"scheme": scheme}).json()["total"] == "100.00"
    scheme["criteria"][0]["points"] = 45
    refused = clerk.put(f"/api/v1/evaluations/{year.id}/scheme", json={"scheme": scheme, "seen_version": 1})
    assert (refused.status_code, refused.json()["code"]) == (422, "scheme_refused")
    assert "各项指标合计95.00分，应为100.00分" in refused.json()["detail"]
    scheme["criteria"][0]["points"] = 50
    scheme["title"] = "二〇二六年方案"
    saved = clerk.put(f"/api/v1/evaluations/{year.id}/scheme", json={"scheme": scheme, "seen_version": 1})
    assert saved.json() == {"version": 2}
    shown = clerk.get(f"/api/v1/evaluations/{year.id}").json()
    assert (shown["scheme_title"], shown["scheme_version"]) == ("二〇二六年方案", 2)


def test_a_decision_table_given_as_a_dmn_file_is_checked_for_overlaps(year, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    scheme = shipped_scheme()
    part = next(c for c in scheme["criteria"] if c["id"] == "innovation")["parts"][0]
    del part["table"]
    part["dmn"] = dmn("0", "[0..2]")
    refused = clerk.post("/api/v1/evaluations/scheme/check", json={"scheme": scheme})
    assert (refused.status_code, refused.json()["code"]) == (422, "scheme_refused")
    assert "第2行和第1行会同时命中" in refused.json()["detail"]
    part["dmn"] = dmn("0", ">= 1")
    checked = clerk.post("/api/v1/evaluations/scheme/check", json={"scheme": scheme}).json()["scheme"]
    kept = next(c for c in checked["criteria"] if c["id"] == "innovation")["parts"][0]
    assert [row["points"] for row in kept["table"]["rows"]] == ["0", "9"]


def dmn(one: str, other: str) -> str:
    rows = "".join(
        f'<rule id="r{n}"><description>第{n}档</description><inputEntry id="i{n}"><text><![CDATA[{cell}]]></text>'
        f'</inputEntry><outputEntry id="o{n}"><text>{points}</text></outputEntry></rule>'
        for n, (cell, points) in enumerate(((one, 0), (other, 9)), 1)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
        '<decision id="cases"><decisionTable hitPolicy="UNIQUE"><input id="in"><inputExpression id="e">'
        f'<text>cases_adopted</text></inputExpression></input><output id="out"/>{rows}</decisionTable></decision>'
        "</definitions>"
    )


def test_a_sheet_is_opened_by_its_unit_and_the_office_and_by_nobody_else(year, client_as):
    year.to_approval()
    year.lock()
    bad = year.world.leads[1]
    year.score(bad)
    item = year.unit_item(bad)
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    sheet = clerk.get(f"/api/v1/evaluations/sheets/{item}").json()
    done = sheet["sections"][0]["lines"][0]
    assert (done["points"], done["most"]) == ("0.00", "50.00")
    [fact] = done["facts"]
    assert (fact["counts"], fact["text"]) == ("应完成（限时）1、已完成（限时）0", "建立跨部门数据共享机制")
    assert [(d["points"], d["fact"]["family"]) for d in sheet["deductions"]] == [
        ("1.00", "亮灯"),
        ("1.00", "亮灯"),
        ("0.50", "亮灯"),
    ]
    own = client_as(Role.LIAISON, unit=BAD)
    assert own.get(f"/api/v1/evaluations/sheets/{item}").json()["total"] == sheet["total"]
    other = client_as(Role.LIAISON, unit=GOOD)
    assert other.get(f"/api/v1/evaluations/sheets/{item}").status_code == 404
    [progress] = other.get(f"/api/v1/evaluations/{year.id}").json()["progress"]
    assert progress["unit"] == GOOD


def test_a_unit_sees_its_facts_and_no_scores_before_the_feedback_and_no_ranks_before_the_decision(year, client_as):
    year.to_approval()
    year.lock()
    good = year.world.leads[0]
    own = client_as(Role.LIAISON, unit=GOOD)
    sheet = own.get(f"/api/v1/evaluations/sheets/{year.unit_item(good)}").json()
    assert (sheet["shown"], sheet["total"]) == (False, None)
    assert sheet["sections"][0]["lines"][0]["read"]
    assert own.get(f"/api/v1/evaluations/{year.id}").json()["rankings"] == []
    for unit in year.units():
        year.score(unit)
        year.accept(unit)
    year.decide()
    [group] = own.get(f"/api/v1/evaluations/{year.id}").json()["rankings"]
    assert group["rows"][0]["unit"] == GOOD
    assert {row["item_id"] for row in group["rows"] if row["unit"] != GOOD} == {None}
    sheet = own.get(f"/api/v1/evaluations/sheets/{year.unit_item(good)}").json()
    assert (sheet["rank"], sheet["grade"], sheet["decided"]) == (1, "良好", True)
