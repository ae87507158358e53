"""Views that are given apart, over everything that can be read: nobody who may still be told grades with another's."""

import re
import zipfile
from io import BytesIO
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from sqlmodel import col, select

from db.tables import ItemReview, ProcessInstance, WorkItem
from domain.permissions import Role
from tests.api.conftest import lent
from tests.assessment_world import SCORES, AssessmentWorld, build_assessment_world
from tests.delivery_world import deliverer_on, give_addresses, messages, send_all, sweep
from tests.integration.test_sendings import Told
from tests.world import build_world
from web.pages import ROUTERS

FINDINGS = {1: "青石板路已经铺到渡口", 2: "渡口的石板还堆在仓库"}
GRADES = {1: "completed", 2: "not_started"}
# By the names of path parameters, whose id it is.
ITEMS, WORK, INSTANCES = {"item_id", "matter_id", "assessment_id"}, {"work_item_id"}, {"instance_id"}
LEAST_READ = 20
LISTS = re.compile("assessments|audit|documents|inbox|items|ledger|messages|papers|todo|work")


@pytest.fixture
def application(with_pages, container):
    with lent(with_pages, container) as application:
        yield application


@pytest.fixture
def city(new_session, clock) -> AssessmentWorld:
    return build_assessment_world(build_world(new_session, clock))


def read(answer) -> str:
    """What stands in an answer; a table of figures is unpacked."""
    if answer.content[:2] != b"PK":
        return answer.text
    with zipfile.ZipFile(BytesIO(answer.content)) as packed:
        return "".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def addresses(application, city: AssessmentWorld, review: UUID) -> list[str]:
    """Every address of API and pages that is about the assessment and one view, and the lists in which they stand."""
    reviews = [review]
    matters = [city.assessment, city.papers()["1"].item_id, review]
    with city.world.sessions() as session:
        work = session.exec(select(WorkItem.id).where(col(WorkItem.item_id).in_(reviews))).all()
        running = session.exec(select(ProcessInstance.id).where(col(ProcessInstance.item_id).in_(reviews))).all()
    of_api = [path for path, methods in application.openapi()["paths"].items() if "get" in methods]
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    of_pages = [route.path for route in routes if "GET" in (route.methods or ())]
    paths = []
    for template in (*of_api, *of_pages):
        names = set(re.findall(r"{(\w+)", template))
        if not names and LISTS.search(template):
            paths.append(template)
        for known, ids in ((ITEMS, matters), (WORK, work), (INSTANCES, running)):
            paths += [re.sub(r"{[^}]+}", str(each), template) for each in ids if names and names <= known]
    return paths


def told(words: str) -> bool:
    """Whether the words of an assessor are among them."""
    return any(each in words for each in FINDINGS.values())


def first_two(city: AssessmentWorld) -> ItemReview:
    """Two grades far apart, each with its own words; the third who is asked."""
    city.drawn(sampling="number", size=1, named=[{"number": "1"}])
    city.assess_self("1")
    for seat in (1, 2):
        review = next(r for r in city.reviews("1") if r.seat == seat)
        form = {"grade": GRADES[seat], "findings": FINDINGS[seat], **SCORES}
        city.world.complete(review.item_id, "review_item", "grade", form=form)
    return next(r for r in city.reviews("1") if r.outcome is None)


def test_no_address_of_api_or_pages_tells_a_view_while_a_third_is_asked(city, application, as_):
    third = first_two(city)
    given = next(r for r in city.reviews("1") if r.outcome == "given")
    for actor, review in ((city.world.actor(third.unit_id, Role.ASSESSOR), third), (city.world.clerk, given)):
        client, paths = as_(actor), addresses(application, city, review.item_id)
        answers = {path: client.get(path) for path in paths}
        assert sum(answer.status_code == 200 for answer in answers.values()) > LEAST_READ
        assert not [path for path, answer in answers.items() if answer.status_code >= 500]
        assert not [path for path, answer in answers.items() if told(read(answer))]
    form = {"grade": "in_progress", "findings": "两说都看到了。", **SCORES}
    city.world.complete(third.item_id, "review_item", "grade", form=form)
    assert len([path for path in paths if "assessments" in path and told(read(client.get(path)))]) > 1


def test_audit_record_and_messages_tell_no_view_at_all(city, client_as):
    give_addresses(city.world.sessions)
    first_two(city)
    sweep(city.world)
    auditor = client_as(Role.AUDIT_ADMIN, unit="滨海示范市联席会议办公室")
    entries = auditor.get("/api/v1/audit-entries", params={"command": "CompleteWorkItem", "limit": 200})
    assert entries.json()["items"]
    assert not told(entries.text)
    mail = Told()
    send_all(city.world, deliverer_on(city.world.executor, mail))
    words = [repr(row.facts) for row in messages(city.world)] + [repr(post.words) for post in mail.posts]
    assert any("独立评价" in each for each in words)
    assert not [each for each in words if told(each) or "全面完成" in each or "未启动" in each]
