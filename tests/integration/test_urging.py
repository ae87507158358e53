"""The office urges by hand: in its words, counted, told in the story, and nobody twice within a working day."""

import pytest

from db.tables import WorkItem
from domain.errors import NotFound, PermissionDenied
from domain.escalation_errors import NobodyToUrge, UrgedRecently, UrgeWithoutWords
from domain.permissions import Role
from services.executor import RequestInfo
from services.queries.escalations import item_ladder, late_work
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from services.queries.timeline import EntryKind
from services.urging import Urge, urge_all
from tests.ladder_world import fired, local, undelivered, work
from tests.world import add_person

WORDS = "请于今日下班前签收。"


@pytest.fixture
def item(world):
    id_ = world.item()
    world.complete(id_, "issue")
    return id_


def urge(world, actor=None, **values):
    return world.do(Urge(words=values.pop("words", WORDS), **values), actor or world.clerk)


def test_who_has_to_act_is_urged_and_the_story_tells_it(world, item):
    liaison = world.actor(world.leads[0], Role.LIAISON)
    urged = urge(world, item_id=item)
    assert (urged.people, urged.left_out) == ((liaison.name,), ())
    [row] = fired(world)
    assert (row.level, row.occurrence, row.kind, row.fired_by) == (0, 1, "urge", world.clerk.id)
    assert undelivered(world) == [row.id]
    with reading(world.executor, liaison) as asked:
        told = [e for e in item_detail(asked, item).timeline if e.kind is EntryKind.ESCALATION]
        shown = item_ladder(asked, item).subjects[0].levels[0]
    assert [(e.person, e.opinion, e.decision_label) for e in told] == [(liaison.name, WORDS, "催办通知")]
    assert shown.words == WORDS


def test_nobody_is_urged_twice_within_a_working_day_unless_it_is_meant(world, item):
    sign_for = work(world, item, "sign_for").id
    urge(world, work_item_id=sign_for)
    with pytest.raises(UrgedRecently) as caught:
        urge(world, item_id=item)
    assert world.actor(world.leads[0], Role.LIAISON).name in str(caught.value.facts["people"])
    urge(world, item_id=item, confirmed=True)
    world.clock.at = local(3, 11, 9, 30)
    urge(world, item_id=item)
    assert [row.occurrence for row in fired(world, sign_for)] == [1, 2, 3]


def test_the_leader_who_was_not_urged_yet_is_urged_alone(world, item):
    urge(world, item_id=item)
    urged = urge(world, item_id=item, with_leader=True)
    assert urged.people == (world.actor(world.leads[0], Role.UNIT_LEADER).name,)
    assert urged.left_out == (world.actor(world.leads[0], Role.LIAISON).name,)


def test_everything_late_is_urged_as_one_act(world):
    items = [world.item() for _ in range(3)]
    for id_ in items:
        world.complete(id_, "issue")
    world.everybody(items[2], "sign_for", "accept")
    world.clock.at = local(3, 13, 9)
    with reading(world.executor, world.clerk) as asked:
        late = late_work(asked, unit_id=world.leads[0])
        assert late_work(asked, unit_id=world.leads[1]) == []
    assert set(late) == {work(world, id_, "sign_for").id for id_ in items[:2]}
    outcomes = list(urge_all(world.executor, late, WORDS, actor=world.clerk, request=RequestInfo()))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert {row.subject_id for row in fired(world)} == set(late)
    again = list(urge_all(world.executor, late, WORDS, actor=world.clerk, request=RequestInfo()))
    assert all(isinstance(outcome.error, UrgedRecently) for outcome in again)


def test_only_the_office_urges_and_only_with_words(world, item):
    with pytest.raises(NotFound):
        urge(world, world.actor(world.leads[0], Role.UNIT_LEADER), item_id=item)
    with world.sessions() as session:
        assessor = add_person(session, world.clock, world.office, Role.ASSESSOR)
        session.commit()
    with pytest.raises(PermissionDenied):
        urge(world, assessor, item_id=item)
    with pytest.raises(UrgeWithoutWords):
        urge(world, item_id=item, words="  ")


def test_what_waits_for_the_office_itself_or_is_paused_is_not_urged(world, item):
    unissued = world.item()
    with pytest.raises(NobodyToUrge):
        urge(world, item_id=unissued)
    with world.sessions() as session:
        session.get_one(WorkItem, work(world, item, "sign_for").id).paused_at = world.clock.at
        session.commit()
    with pytest.raises(NobodyToUrge):
        urge(world, item_id=item)
