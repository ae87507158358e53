"""Assessments, targets and views over the API: the matrix, what is kept back, and what is refused."""

import pytest

from domain.permissions import Role
from tests.assessment_world import AssessmentWorld, build_assessment_world
from tests.world import build_world

OFFICE = "滨海示范市联席会议办公室"


@pytest.fixture
def city(new_session, clock) -> AssessmentWorld:
    return build_assessment_world(build_world(new_session, clock))


def test_the_matrix_keeps_views_back_until_two_are_in(city, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    city.review("1", "completed")
    [row] = clerk.get("/api/v1/assessments").json()["items"]
    path = f"/api/v1/assessments/{row['id']}"
    [line] = clerk.get(path).json()["matrix"]
    assert not line["shown"]
    assert {cell["grade"] for cell in line["cells"]} == {None}
    city.review("1", "mostly_completed")
    [line] = clerk.get(path).json()["matrix"]
    assert {cell["grade"] for cell in line["cells"]} == {None, "completed", "mostly_completed"}
    sheet = clerk.get(f"/api/v1/assessments/sheets/{line['id']}").json()
    assert sheet["self_assessment"]["done"] == "办法已印发。"
    assert clerk.get(f"{path}/outcome").json()["meetings"] == []


def test_a_lead_is_told_of_no_assessment_and_a_clerk_may_not_stop_one(city, client_as):
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    lead = client_as(Role.LIAISON, unit="市牵头甲局")
    assert lead.get("/api/v1/assessments").json() == {"items": []}
    path = f"/api/v1/assessments/{city.assessment}"
    assert lead.get(path).status_code == 404
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    refused = clerk.post(f"{path}/stop", json={"reason": "误开"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_a_period_that_is_not_over_is_refused_with_what_to_do(city, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    body = {"office_unit_id": str(city.world.office), "cycle": "yearly"}
    answer = clerk.post("/api/v1/assessments", json=body | {"period_from": "2026-01-01", "period_to": "2099-12-31"})
    assert (answer.status_code, answer.json()["code"]) == (422, "assessment_period_invalid")
    assert "请修改" in answer.json()["detail"]


def test_a_target_is_set_read_and_told_without_ever_being_zero_for_want_of_a_base(city, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    body = {
        "office_unit_id": str(city.world.office),
        "name": "进出口年均增速",
        "kind": "annual_average_growth",
        "target": 4,
        "unit": "%",
        "base_on": "2020-12-31",
        "target_on": "2026-12-31",
        "source": "规划表一",
    }
    path = f"/api/v1/kpi-targets/{clerk.post('/api/v1/kpi-targets', json=body).json()['id']}"
    figure = {"as_of": "2025-12-31", "value": 1300, "source": "统计公报"}
    assert clerk.post(f"{path}/readings", json=figure).status_code == 201
    told = clerk.get(path).json()["row"]
    assert (told["value"], told["why_not"], told["state_label"]) == (None, "base_missing", "无法评估")
    assert clerk.post(f"{path}/bases", json={"value": 1000, "source": "统计公报"}).status_code == 204
    assert clerk.get(path).json()["row"]["value"] == pytest.approx(5.387, abs=0.001)
    refused = clerk.post(f"{path}/readings", json=figure | {"source": " "})
    assert (refused.status_code, refused.json()["code"]) == (422, "request_invalid")
    assert clerk.get("/api/v1/kpi-targets", params={"as_of": "2021-06-30"}).json()["items"][0]["value"] is None


def test_a_unit_is_asked_for_a_figure_and_only_it_and_the_office_see_the_request(city, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    body = {
        "office_unit_id": str(city.world.office),
        "name": "制度创新成果",
        "kind": "cumulative_count",
        "target": 90,
        "unit": "项",
        "base_on": "2020-12-31",
        "target_on": "2030-12-31",
        "source": "规划表一",
    }
    path = f"/api/v1/kpi-targets/{clerk.post('/api/v1/kpi-targets', json=body).json()['id']}"
    early = clerk.post(f"{path}/requests", json={"as_of": "2026-01-31"})
    assert (early.status_code, early.json()["code"]) == (422, "kpi_reporter_missing")
    reporting = {"unit_id": str(city.world.leads[0]), "rhythm": "quarterly"}
    assert clerk.put(f"{path}/reporting", json=reporting).status_code == 204
    asked = clerk.post(f"{path}/requests", json={"as_of": "2026-01-31"})
    assert asked.status_code == 201
    again = clerk.post(f"{path}/requests", json={"as_of": "2026-01-31"})
    assert (again.status_code, again.json()["code"]) == (409, "kpi_already_asked")
    lead, other = (client_as(Role.LIAISON, unit=name) for name in ("市牵头甲局", "市牵头乙局"))
    [row] = lead.get("/api/v1/kpi-requests", params={"open": True}).json()["items"]
    assert (row["item_id"], row["holder"]["step"], row["holder"]["mine"]) == (asked.json()["item_id"], "报送数据", True)
    assert lead.get(path).json()["requests"] == [row]
    assert other.get("/api/v1/kpi-requests").json() == {"items": []}
    assert other.get(path).status_code == 404
    withdraw = f"/api/v1/kpi-requests/{row['item_id']}/withdraw"
    assert lead.post(withdraw, json={"reason": "不报"}).status_code == 404
    assert clerk.post(withdraw, json={"reason": "口径改了"}).status_code == 204
    late = clerk.post(withdraw, json={"reason": "口径改了"})
    assert (late.status_code, late.json()["code"]) == (409, "kpi_request_ended")


def test_completion_of_a_past_day_is_told_with_its_denominator(city, client_as):
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    assert clerk.get("/api/v1/completion").json()["total"] == 4
    assert clerk.get("/api/v1/completion", params={"as_of": "2026-01-01"}).json()["total"] == 0
