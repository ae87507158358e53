"""Where the clue of a case comes from: a report or an assessment, from its own page to the case's, and over the API."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import ProgressRound
from domain.permissions import Role
from services.rounds import OpenRound
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


@pytest.fixture
def clerk(client_as, city):
    client = client_as(Role.OFFICE_STAFF, unit=OFFICE)
    client.headers.update(PAGE)
    client.follow_redirects = False
    return client


def reported_task(city: AssessmentWorld) -> tuple[UUID, UUID]:
    """A task in progress, and the round that asks for its report of March."""
    world = city.world
    task = world.item(text="样品通关提速")
    world.to_progress(task)
    due = world.clock.now() + timedelta(days=9)
    world.do(OpenRound(item_id=task, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    with world.sessions() as session:
        return task, session.exec(select(ProgressRound.id).where(ProgressRound.item_id == task)).one()


def link_to_nominate(page, words: str) -> str:
    """Where the page's link to the form leads that has these words in its address."""
    [path] = {
        found.replace("&amp;", "&")
        for found in re.findall(r'href="(?:http://[^/"]+)?(/cases/new\?[^"]*)"', page.text)
        if words in found
    }
    return path


def chosen(page) -> str:
    """The source that the form has chosen."""
    return re.findall(r'<option value="([^"]+)" selected>', page.text)[0]


def nominated(clerk, city, page, **typed):
    """The case of the form, as the API tells it, and its page."""
    named = dict(re.findall(r'<input type="hidden" name="(item|office)" value="([^"]+)"', page.text))
    form = {**fields(page), **named, "title": "样品清单", "applicants": "市牵头甲局", **typed}
    answer = clerk.post("/cases/new", data=form)
    assert answer.status_code == 303, answer.text
    path = re.sub(r"^http://[^/]+|\?.*", "", answer.headers["location"])
    return clerk.get(f"/api/v1{path}").json(), clerk.get(path)


def test_a_case_begins_from_a_report_on_the_page_of_its_task_and_of_its_step(city, clerk, client_as):
    task, round_id = reported_task(city)
    item_page = clerk.get(f"/items/{task}")
    form = clerk.get(link_to_nominate(item_page, "period=2026-03"))
    assert chosen(form) == f"round:{round_id}"
    case, page = nominated(clerk, city, form, source=chosen(form))
    source = case["source"]
    assert (source["kind"], source["item_id"], source["round_id"]) == ("round", str(task), str(round_id))
    assert source["period"] == "2026-03"
    told = page.text.split('id="clue"')[1].split("</section>")[0]
    assert "进展报告" in told and f"/items/{task}" in told and "2026年3月" in told
    work = city.world.open_work(task, "consolidate")[0]
    step = client_as(Role.LIAISON, unit="市牵头甲局").get(f"/work/{work.id}", headers=PAGE)
    assert link_to_nominate(step, "period=2026-03").startswith(f"/cases/new?item={task}")
    bare = clerk.get(f"/cases/new?item={task}")
    case, _ = nominated(clerk, city, bare, source="item", title="另一项")
    assert (case["source"]["kind"], case["source"]["round_id"]) == ("item", None)
    assert clerk.get(f"/cases/new?item={task}&period=2031-01").status_code == 404


def test_a_case_begins_from_an_assessment_on_its_page_and_on_that_of_an_assessed_task(city, clerk):
    city.reported(
        {"kind": "list_change", "number": "1", "text": "改为常态工作"},
        plan={"sampling": "number", "size": 1, "named": [{"number": "1"}]},
    )
    form = clerk.get(link_to_nominate(clerk.get(f"/assessments/{city.assessment}"), "assessment="))
    assert chosen(form) == f"assessment:{city.assessment}"
    case, page = nominated(clerk, city, form, source=chosen(form))
    assert (case["source"]["kind"], case["source"]["assessment_id"]) == ("assessment", str(city.assessment))
    told = page.text.split('id="clue"')[1].split("</section>")[0]
    assert "总结评估" in told and f"/assessments/{city.assessment}" in told
    sampled = clerk.get(f"/cases/new?item={city.tasks['1']}")
    assert f'value="assessment:{city.assessment}"' in sampled.text
    assert f'value="assessment:{city.assessment}"' not in clerk.get(f"/cases/new?item={city.tasks['2']}").text


def test_the_api_takes_each_source_and_refuses_what_does_not_fit_together(city, clerk, client_as):
    task, round_id = reported_task(city)
    other = city.world.item(text="另一个事项")
    body = {"office_unit_id": str(city.world.office), "title": "样品", "applicants": [str(city.world.leads[0])]}

    def send(**source):
        return clerk.post("/api/v1/cases", json={**body, **source})

    opened = send(source_round_id=str(round_id)).json()["item_id"]
    assert clerk.get(f"/api/v1/cases/{opened}").json()["source"]["kind"] == "round"
    assert send(source_item_id=str(task), source_round_id=str(round_id)).status_code == 201
    assert send(source_item_id=str(other), source_round_id=str(round_id)).status_code == 404
    assert send(source_assessment_id=str(task)).status_code == 404
    assert send(source_round_id=str(other)).status_code == 404
    assert send(source_item_id="x").status_code == 422
