"""The page on which recommendations of an assessment are settled, over HTTP."""

import re

import pytest
from sqlmodel import select

from db.tables import Item, ListChange, Recommendation, ReplicationCase
from domain.permissions import Role
from tests.api.conftest import lent
from tests.api.test_assessments_api import OFFICE
from tests.api.test_pages import PAGE, fields
from tests.assessment_world import AssessmentWorld, build_assessment_world
from tests.world import build_world


@pytest.fixture
def application(with_pages, container):
    with lent(with_pages, container) as application:
        yield application


@pytest.fixture
def city(new_session, clock) -> AssessmentWorld:
    return build_assessment_world(build_world(new_session, clock))


def test_a_recommendation_is_settled_on_the_page_and_refused_only_with_a_reason(city, client_as):
    city.reported(
        {"kind": "case", "number": "1", "text": "总结经验"},
        {"kind": "list_change", "number": "1", "text": "改为常态工作"},
        plan={"sampling": "number", "size": 1, "named": [{"number": "1"}]},
    )
    with city.world.sessions() as session:
        ids = {row.kind: str(row.id) for row in session.exec(select(Recommendation))}
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    clerk.headers.update(PAGE)
    clerk.follow_redirects = False
    path = f"/assessments/{city.assessment}"
    page = clerk.get(path)
    assert set(re.findall(r'name="way" value="(\w+)"', page.text)) == {
        "case",
        "change_of_lead",
        "list_revision",
        "dropped",
    }

    def settle(kind, **typed):
        form = {**fields(clerk.get(path)), "act": "settle", "recommendation": ids[kind], **typed}
        return clerk.post(path, data=form)

    refused = settle("list_change", way="dropped", reason="")
    assert (refused.status_code, "没有写明不采用的理由" in refused.text) == (409, True)
    unknown = settle("case", way="case", new_unit="没有这个单位")
    assert (unknown.status_code, "没有找到单位" in unknown.text) == (409, True)
    assert re.search(r'name="new_unit"[^>]*value="没有这个单位"', unknown.text)
    beyond = settle("list_change", way="termination", document_number="部发9号")
    assert beyond.status_code == 403
    assert settle("case", way="case", text="数据共享的做法").status_code == 303
    assert settle("list_change", way="dropped", reason="年度修订时一并研究。").status_code == 303
    with city.world.sessions() as session:
        case_id = session.exec(select(ReplicationCase.item_id)).one()
    after = clerk.get(path).text
    assert f"/cases/{case_id}" in after
    assert "不采用：年度修订时一并研究。" in after
    assert 'name="way"' not in after

    head = client_as(Role.UNIT_LEADER, unit=OFFICE)
    head.headers.update(PAGE)
    assert 'name="way"' not in head.get(path).text


def test_a_list_is_changed_from_a_recommendation_on_the_page_and_told_over_the_api(city, client_as, as_):
    words = "按新的分工整体调整清单"
    city.reported(
        {"kind": "list_change", "text": words},
        plan={"sampling": "number", "size": 1, "named": [{"number": "1"}]},
    )
    with city.world.sessions() as session:
        [wanted] = session.exec(select(Recommendation)).all()
        list_id = session.get_one(Item, city.tasks["1"]).list_id
    clerk = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    clerk.headers.update(PAGE)
    clerk.follow_redirects = False
    path, changes = f"/assessments/{city.assessment}", f"/lists/{list_id}/changes"
    assert "调整清单</button>" in clerk.get(changes).text
    form = {**fields(clerk.get(path)), "act": "settle", "recommendation": str(wanted.id), "way": "list_revision"}
    assert clerk.post(path, data=form).status_code == 303
    page = clerk.get(changes).text
    assert words in page
    assert path in page
    assert "拟定清单调整" in page
    assert "调整清单</button>" not in page
    with city.world.sessions() as session:
        change = session.exec(select(ListChange.item_id)).one()
    assert clerk.get(f"/matters/{change}").headers["location"].endswith(changes)
    again = clerk.post(f"/api/v1{changes}")
    assert (again.status_code, again.json()["code"]) == (422, "list_change_running")
    city.world.complete(
        change,
        "draft_list_change",
        form={"reason": "分工调整。", "changes": [{"act": "lead", "numbers": "1、2", "unit": "市评丙委"}]},
    )
    [work] = city.world.open_work(change, "approve_list_change")
    convener = as_(city.world.actor(city.world.office, Role.CONVENER))
    asked = convener.get(f"/work/{work.id}").text
    assert "怎样调整：调整牵头单位" in asked
    assert "任务编号：1、2" in asked
    asked = clerk.get(changes).text
    assert re.search(r"市牵头甲局</td><td>市评丙委", asked)
    assert re.search(r"市牵头甲局、市牵头乙局</td><td>市评丙委", asked)
    city.world.complete(change, "approve_list_change", "approve")
    [told] = clerk.get(f"/api/v1{changes}").json()["changes"]
    assert (told["number"], told["asked_by"]["text"]) == (1, words)
    assert [(each["number"], each["after"]) for each in told["items"]] == [("1", "市评丙委"), ("2", "市评丙委")]
    assert "第1次调整" in clerk.get(changes).text
