"""A problem that a lead cannot solve climbs level by level, while the item's clock may stand still."""

from datetime import timedelta

import pytest
from sqlmodel import select

from db.tables import ConferenceTopic, Item, Suspension
from domain.deadline_errors import SideProcessRunning
from domain.errors import InvalidForm, PermissionDenied
from domain.items import DeadlineKind
from domain.permissions import Role
from services.items import NewDeadline, StopItem
from services.side_processes import SideProcess, StartSideProcess

PROBLEM = {"problem": "两个系统接口不一", "tried": "协商两次", "wanted": "明确由谁改造"}


@pytest.fixture
def asked(world):
    """An item in progress whose lead's liaison has asked for coordination, with one co-unit."""
    from datetime import date

    deadline = NewDeadline(phrase="2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31))
    item_id = world.item(co_units=1, deadlines=(deadline,))
    world.to_progress(item_id)
    start(world, item_id)
    world.complete(item_id, "apply_coordination", form=PROBLEM)
    world.complete(item_id, "sign_coordination")
    return item_id


def start(world, item_id, actor=None):
    command = StartSideProcess(item_id=item_id, seen_version=version(world, item_id), process=SideProcess.COORDINATION)
    return world.do(command, actor or world.actor(world.leads[0], Role.LIAISON))


def version(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).version


def paused(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).paused_at is not None


def to_office(world, item_id):
    world.complete(item_id, "answer_request", "refuse", reason_code="other", opinion="不在职责内")


def test_what_the_co_units_agree_to_is_settled_between_them(world, asked):
    done = world.complete(asked, "answer_request", "agree")
    assert done.outcome == "resolved"
    assert world.status(asked) == "in_progress"


def test_a_level_may_not_pass_it_on_without_its_opinion(world, asked):
    to_office(world, asked)
    with pytest.raises(InvalidForm):
        world.complete(asked, "coordinate_office", "escalate")
    with pytest.raises(InvalidForm):
        world.complete(asked, "coordinate_office", "resolve")


def test_escalation_puts_the_problem_before_the_meeting_and_stops_the_clock(world, asked):
    to_office(world, asked)
    said = {"pause": True, "document_number": "服贸办函5号", "opinion": "超出办公室权限"}
    world.complete(asked, "coordinate_office", "escalate", form=said)
    assert paused(world, asked)
    with world.sessions() as session:
        topic = session.exec(select(ConferenceTopic)).one()
        suspension = session.exec(select(Suspension)).one()
    assert (topic.about_item_id, topic.wanted, topic.unit_id) == (asked, "special", world.leads[0])
    assert PROBLEM["problem"] in topic.proposal
    assert suspension.document_number == "服贸办函5号"
    world.complete(asked, "coordinate_special", "escalate", form={"opinion": "提请联席会议"})
    with world.sessions() as session:
        assert {row.wanted for row in session.exec(select(ConferenceTopic))} == {"special", "joint"}


def test_the_clock_goes_on_with_the_time_that_was_left(world, asked, clock):
    to_office(world, asked)
    with world.sessions() as session:
        before = session.get_one(Item, asked).due_at
    world.complete(asked, "coordinate_office", "escalate", form={"pause": True, "opinion": "提请专题会议"})
    clock.advance(days=14)
    done = world.complete(asked, "coordinate_special", "resolve", form={"opinion": "由信息中心改造"})
    assert done.outcome == "resolved"
    assert not paused(world, asked)
    with world.sessions() as session:
        assert session.get_one(Item, asked).due_at > before + timedelta(days=10)


def test_sent_back_with_its_reason_the_clock_runs_again(world, asked):
    to_office(world, asked)
    world.complete(asked, "coordinate_office", "escalate", form={"pause": True, "opinion": "提请专题会议"})
    world.complete(asked, "coordinate_special", "return", reason_code="material_insufficient", opinion="没有写明费用")
    assert not paused(world, asked)
    assert world.open_work(asked, "apply_coordination")


def test_it_reaches_the_ministry_and_its_answer_settles_it(world, asked):
    to_office(world, asked)
    for step in ("coordinate_office", "coordinate_special", "coordinate_conference", "coordinate_city"):
        world.complete(asked, step, "escalate", form={"opinion": f"{step}的意见"})
    done = world.complete(
        asked, "coordinate_ministry", "resolve", form={"document_number": "部函12号", "opinion": "同意先行先试"}
    )
    assert done.outcome == "resolved"


def test_only_the_lead_asks_and_only_once_at_a_time(world, asked):
    with pytest.raises(SideProcessRunning):
        start(world, asked)
    with pytest.raises(PermissionDenied):
        start(world, asked, world.actor(world.co_units[0], Role.LIAISON))


def test_it_ends_with_its_item_and_leaves_no_clock_stopped(world, asked):
    to_office(world, asked)
    world.complete(asked, "coordinate_office", "escalate", form={"pause": True, "opinion": "提请专题会议"})
    world.do(
        StopItem(item_id=asked, seen_version=version(world, asked), message="withdraw", reason="重复立项"), world.head
    )
    assert world.instance(asked, "coordination").outcome == "cancelled"
    assert not world.open_work(asked)
    assert not paused(world, asked)
