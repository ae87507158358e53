"""Real objects, every route that names one, everybody: who has no part in an item cannot tell that it exists."""

import re

import pytest

from api.main import Application
from domain.permissions import ADMINISTRATORS, Role
from services.accounts import CreateToken
from tests.api.access import ACCESS, NO_ID
from tests.api.conftest import ApiClient
from tests.world import add_person, build_world

OBJECTS = {"item_id", "list_id", "work_item_id", "instance_id"}
NAMES_AN_OBJECT = sorted(
    operation for operation in ACCESS if (found := set(re.findall(r"\{(\w+)\}", operation))) and found <= OBJECTS
)
MATTERS = re.compile(r"/(bulletins|cases|conferences|coordinations|evaluations)/")
READS = [
    operation
    for operation in NAMES_AN_OBJECT
    # A list is read by its office, a draft by those whose step it is, and a task is none of the other matters.
    if operation.startswith("GET")
    and "list_id" not in operation
    and not operation.endswith("/draft")
    and not MATTERS.search(operation)
]


@pytest.fixture
def world(container, new_session, clock):
    world = build_world(new_session, clock)
    container.executor = world.executor
    return world


@pytest.fixture
def ids(world):
    """An issued item that the first lead and the first co-unit have a part in, and what belongs to it."""
    item_id = world.item(leads=1, co_units=1)
    world.complete(item_id, "issue")
    [work] = world.open_work(item_id)
    with world.sessions() as session:
        from db.tables import Item

        list_id = session.get_one(Item, item_id).list_id
    return {"item_id": item_id, "list_id": list_id, "work_item_id": work.id, "instance_id": work.instance_id}


@pytest.fixture
def ask(application: Application, world, ids):
    """`ask(actor, operation)` about the real objects, `ask(actor, operation, real=False)` about none."""
    tokens = {}

    def request(actor, operation, *, real=True):
        if actor.id not in tokens:
            tokens[actor.id] = world.do(CreateToken(name="x"), actor).secret
        method, path = operation.split(" ")
        path = re.sub(r"\{(\w+)\}", lambda match: str(ids[match[1]]) if real else NO_ID, path)
        headers = {"Authorization": f"Bearer {tokens[actor.id]}"}
        client = ApiClient(application, raise_server_exceptions=False)
        access = ACCESS[operation]
        return client.request(method, path, params=access.query, json=access.body, headers=headers)

    return request


@pytest.fixture
def outsiders(world, new_session, clock):
    """Colleagues of the same city, the three administrators of the very office, and the clerk of another office."""
    found = [
        world.actor(world.co_units[1], Role.LIAISON),
        world.actor(world.leads[1], Role.UNIT_LEADER),
    ]
    with new_session() as session:
        found += [add_person(session, clock, world.office, role) for role in sorted(ADMINISTRATORS)]
        found.append(add_person(session, clock, world.leads[1], Role.OFFICE_STAFF))
        session.commit()
    return found


def test_there_is_something_to_look_at():
    assert len(NAMES_AN_OBJECT) >= 15
    assert len(READS) >= 4


def test_an_outsider_gets_the_answer_for_something_that_does_not_exist(ask, outsiders):
    """In one world, because nobody of them changes anything in it."""
    wrong = {}
    for operation in NAMES_AN_OBJECT:
        for actor in outsiders:
            real, missing = ask(actor, operation), ask(actor, operation, real=False)
            told, untold = real.json(), missing.json()
            differing = {key for key in told | untold if told.get(key) != untold.get(key)}
            if (real.status_code, told.get("code")) != (404, "not_found") or differing - {"instance", "request_id"}:
                wrong[operation, actor.name] = (real.status_code, told)
    assert wrong == {}


def test_everybody_with_a_part_reads(ask, world):
    insiders = [world.clerk, world.head]
    for unit_id in (world.leads[0], world.co_units[0]):
        insiders += [world.actor(unit_id, Role.LIAISON), world.actor(unit_id, Role.UNIT_LEADER)]
    answers = {(operation, actor.name): ask(actor, operation).status_code for operation in READS for actor in insiders}
    assert {asked: status for asked, status in answers.items() if status != 200} == {}


def test_before_its_issue_an_item_is_the_offices_alone(ask, world, ids):
    draft = world.item(leads=1, text="尚未交办的事项")
    ids["item_id"] = draft
    assert ask(world.clerk, "GET /api/v1/items/{item_id}").status_code == 200
    liaison = world.actor(world.leads[0], Role.LIAISON)
    assert ask(liaison, "GET /api/v1/items/{item_id}").status_code == 404
    assert "尚未交办的事项" not in ask(liaison, "GET /api/v1/items").text


def test_lists_and_counts_hold_only_what_the_actor_sees(ask, world, ids, outsiders):
    for actor in outsiders:
        for operation in ("GET /api/v1/items", "GET /api/v1/work-items", "GET /api/v1/lists"):
            answer = ask(actor, operation)
            assert answer.status_code == 200
            assert str(ids["item_id"]) not in answer.text
            assert str(ids["list_id"]) not in answer.text
