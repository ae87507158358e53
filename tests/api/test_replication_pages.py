"""Pages of 复制推广 over HTTP, without a browser: where a clue comes from, and what units answer in the matrix."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from db.file_store import DiskFileStore
from db.tables import Adoption, ProgressRound, Unit
from domain.permissions import Role
from services.ports import Storage
from services.replication import StopCase
from services.rounds import OpenRound
from tests.api.conftest import lent
from tests.api.test_assessments_api import OFFICE
from tests.api.test_evidence_api import upload
from tests.api.test_pages import PAGE, fields
from tests.assessment_world import AssessmentWorld, build_assessment_world
from tests.ladder_world import fired, local, play
from tests.replication_world import build_replication
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
    assert 'name="applicants" value="市牵头甲局"' in form.text, "whose task it is"
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


class Answering:
    """A published case that two districts are asked to take up, and their people with the office's on its pages."""

    def __init__(self, city, client_as):
        self.city, self.case, self.client_as = city, city.approved(due_on="2027-06-30"), client_as
        city.issue(self.case)
        self.adoptions = {unit: self._adoption(unit) for unit in ("江北区", "江南区")}
        self.people = {}
        self.sign_in()

    def sign_in(self):
        """Everybody is there, in a session that is new."""
        self.people[OFFICE, Role.OFFICE_STAFF] = self._page(Role.OFFICE_STAFF, OFFICE)
        for unit in self.adoptions:
            for role in (Role.LIAISON, Role.UNIT_LEADER):
                self.people[unit, role] = self._page(role, unit)

    def _adoption(self, unit):
        with self.city.world.sessions() as session:
            statement = select(Adoption.item_id).join(Unit, col(Unit.id) == col(Adoption.unit_id))
            return session.exec(statement.where(Unit.short_name == unit)).one()

    def _page(self, role, unit):
        client = self.client_as(role, unit=unit)
        client.headers.update(PAGE)
        client.follow_redirects = False
        return client

    def does(self, unit, step, decision, *, role=Role.LIAISON, evidence=(), **typed):
        """Send a step's form as a person of the unit that is asked, and give the answer of the page."""
        asked = OFFICE if role is Role.OFFICE_STAFF else unit
        [work] = self.city.world.open_work(self.adoptions[unit], step)
        client = self.people[asked, role]
        page = client.get(f"/work/{work.id}")
        hidden = dict(
            re.findall(r'<input type="hidden" name="(seen_version|draft_version)" value="([^"]*)"', page.text)
        )
        form = {f"form.{name}": value for name, value in typed.items()}
        sent = {**fields(page), **hidden, **form, "decision": decision, "evidence": [str(each) for each in evidence]}
        return client.post(f"/work/{work.id}", data=sent)

    def checked(self, unit, signs, checks):
        """Signed by the unit's leader, accepted by the office."""
        assert self.does(unit, signs, "sign", role=Role.UNIT_LEADER).status_code == 303
        assert self.does(unit, checks, "accept", role=Role.OFFICE_STAFF).status_code == 303

    def file(self, unit):
        """A proof that the unit's liaison has uploaded."""
        client, item_id = self.people[unit, Role.LIAISON], self.adoptions[unit]
        return upload(client, item_id).json()["id"]

    def cell(self, unit):
        """What the matrix says of the unit."""
        page = self.people[OFFICE, Role.OFFICE_STAFF].get("/adoptions").text
        row = page.split(f'<th scope="row">{unit}</th>')[1].split("</tr>")[0]
        return re.sub(r"<span class=\"vh\">[^<]*</span>|<[^>]+>", "", row)


@pytest.fixture
def answering(container, new_session, clock, tmp_path, client_as):
    world = build_world(new_session, clock)
    container.executor.storage = world.executor.storage = Storage(DiskFileStore(tmp_path), 1024 * 1024)
    return Answering(build_replication(world), client_as)


def test_who_has_it_already_proves_it_and_the_matrix_says_so(answering):
    unit = "江北区"
    words = "去年五月起按清单管理。"
    refused = answering.does(unit, "answer", "already", existing=words)
    assert refused.status_code == 422
    assert "证明" in refused.text and words in refused.text
    assert answering.does(unit, "answer", "already", existing=words, evidence=[answering.file(unit)]).status_code == 303
    assert answering.does(unit, "sign_answer", "return", role=Role.UNIT_LEADER).status_code == 422
    answering.checked(unit, "sign_answer", "check_answer")
    assert answering.cell(unit).startswith("已有1 / 1")
    told = answering.people[OFFICE, Role.OFFICE_STAFF].get(f"/cases/{answering.case}").text
    assert words in told and "1 / 2" in told
    sheet = answering.people[OFFICE, Role.OFFICE_STAFF].get("/adoptions/matrix.xlsx")
    cells = [cell.value for row in load_workbook(BytesIO(sheet.content)).worksheets[0].iter_rows() for cell in row]
    assert "已有" in cells


def test_who_plans_it_is_supervised_until_it_is_proven(answering):
    unit, world = "江南区", answering.city.world
    plan = {"plan": "先出清单，再与海关联调。", "due_on": "2027-07-01"}
    refused = answering.does(unit, "answer", "plan", **plan)
    assert refused.status_code == 422
    assert "2027-06-30" in refused.text and plan["plan"] in refused.text
    assert answering.does(unit, "answer", "plan", **{**plan, "due_on": "2026-05-29"}).status_code == 303
    answering.checked(unit, "sign_answer", "check_answer")
    assert answering.cell(unit).startswith("落实中5月29日前")
    todo = answering.people[unit, Role.LIAISON].get("/todo").text
    assert "落实" in todo and "推广" in todo
    play(world, local(6, 20), timedelta(days=3))
    answering.sign_in()
    assert "逾期" in answering.cell(unit)
    told = fired(world, answering.adoptions[unit])
    assert {"reminder", "escalation"} <= {each.kind for each in told}
    assert answering.city.world.office in {each.recipient_unit_id for each in told}
    assert answering.does(unit, "carry_out", "done", summary="清单已印发。").status_code == 422
    done = answering.does(unit, "carry_out", "done", summary="清单已印发。", evidence=[answering.file(unit)])
    assert done.status_code == 303
    answering.checked(unit, "sign_done", "check_done")
    assert answering.cell(unit).startswith("已落实1 / 1")
    world.do(StopCase(item_id=answering.case, reason="政策到期"), world.head)
    assert answering.cell("江北区").startswith("已停止0 / 0"), "nobody is asked for it any more"
    assert "1 / 1已有结果" in answering.people[OFFICE, Role.OFFICE_STAFF].get("/adoptions").text
