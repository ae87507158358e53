"""Conferences from topics to items: collected, settled, held, written down within five working days, followed up."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from db.tables import ConferenceResolution, ConferenceTopic, IssuedDocument, Item, TaskList
from domain.calendar import local_date
from domain.conference_errors import (
    AgendaElsewhere,
    AgendaEmpty,
    AttendanceMissing,
    MeetingAhead,
    MinutesChanged,
    MinutesElsewhere,
    MinutesMissing,
    ResolutionWithoutLead,
    TopicTaken,
)
from domain.conferences import MINUTES_WORKING_DAYS, ConferenceKind
from domain.errors import NotFound, PermissionDenied
from domain.permissions import SCHEDULER, Role
from services.asking import CloseQuestion
from services.conferences import (
    Attendee,
    CallConference,
    ProposeTopic,
    RecordAttendance,
    Resolution,
    SaveMinutes,
    SetAgenda,
)
from services.queries.conferences import conference_detail, conferences, topics
from services.side_processes import SideProcess, StartSideProcess
from tests.bulletin_world import asked, conference, held_conference, save_minutes

TOPIC = {"title": "明确牵头单位", "proposal": "两家单位看法不同"}


def call(world, kind=ConferenceKind.JOINT):
    # An office is one that has a list; its first task makes it one.
    world.item()
    return world.do(CallConference(office_unit_id=world.office, kind=kind, unit_ids=world.leads), world.clerk)


def waiting(world):
    with world.sessions() as session:
        return session.exec(select(ConferenceTopic)).all()


def test_every_member_is_asked_for_topics_and_what_they_hand_in_waits_for_the_agenda(world):
    item_id = call(world)
    world.complete(item_id, "propose_topics", unit_id=world.leads[0], form=TOPIC)
    assert waiting(world) == []
    world.complete(item_id, "propose_topics", "none", unit_id=world.leads[1])
    [topic] = waiting(world)
    assert (topic.title, topic.unit_id, topic.collected_in_id) == (TOPIC["title"], world.leads[0], item_id)
    assert world.open_work(item_id, "prepare_agenda")


def test_who_proposes_nothing_within_five_working_days_is_not_waited_for(world, clock):
    item_id = call(world)
    world.complete(item_id, "propose_topics", unit_id=world.leads[1], form=TOPIC)
    clock.advance(days=8)
    world.do(CloseQuestion(instance_id=world.instance(item_id, "joint_conference").id), SCHEDULER)
    assert [topic.unit_id for topic in waiting(world)] == [world.leads[1]]
    assert world.open_work(item_id, "prepare_agenda")


def to_agenda(world):
    item_id = call(world)
    world.complete(item_id, "propose_topics", unit_id=world.leads[0], form=TOPIC)
    world.complete(item_id, "propose_topics", "none", unit_id=world.leads[1])
    return item_id, waiting(world)[0].id


def test_an_agenda_needs_a_topic_and_a_topic_stands_on_one(world):
    item_id, topic_id = to_agenda(world)
    with pytest.raises(AgendaEmpty):
        world.complete(item_id, "prepare_agenda")
    world.do(SetAgenda(item_id=item_id, topic_ids=(topic_id,)), world.clerk)
    other = world.do(
        CallConference(office_unit_id=world.office, kind=ConferenceKind.SPECIAL, unit_ids=world.leads), world.clerk
    )
    with pytest.raises(TopicTaken):
        world.do(SetAgenda(item_id=other, topic_ids=(topic_id,)), world.clerk)
    world.complete(item_id, "prepare_agenda")
    with pytest.raises(AgendaElsewhere):
        world.do(SetAgenda(item_id=item_id, topic_ids=()), world.clerk)


def test_the_convener_settles_the_day_after_the_liaison_officers_met(world, clock):
    item_id, topic_id = to_agenda(world)
    world.do(SetAgenda(item_id=item_id, topic_ids=(topic_id,)), world.clerk)
    world.complete(item_id, "prepare_agenda")
    came = (Attendee(unit_id=world.leads[0], present=True, person="王科长"),)
    world.do(RecordAttendance(item_id=item_id, attendees=came, premeeting=True), world.clerk)
    world.complete(item_id, "hold_premeeting", form={"held_on": "2026-03-10", "opinion": "可以上会"})
    with pytest.raises(MeetingAhead):
        world.complete(item_id, "settle_agenda", form={"meets_on": "2026-03-09", "place": "会议室"})
    world.complete(item_id, "settle_agenda", form={"meets_on": "2026-03-20", "place": "会议室"})
    assert (conference(world, item_id).meets_on, conference(world, item_id).place) == (date(2026, 3, 20), "会议室")
    with pytest.raises(MeetingAhead):
        world.do(RecordAttendance(item_id=item_id, attendees=came), world.clerk)
    with pytest.raises(MeetingAhead):
        world.complete(item_id, "hold_meeting", "held")
    clock.advance(days=10)
    with pytest.raises(AttendanceMissing):
        world.complete(item_id, "hold_meeting", "held")
    world.do(RecordAttendance(item_id=item_id, attendees=came), world.clerk)
    world.complete(item_id, "hold_meeting", "held")
    with asked(world, world.clerk) as read:
        detail = conference_detail(read, item_id)
    assert [(row.premeeting, row.present) for row in detail.attendance] == [(True, True), (False, True)]
    assert detail.row.held_on == date(2026, 3, 20)


def test_minutes_are_due_five_working_days_after_the_meeting(world, clock):
    item_id = held_conference(world)
    [draft] = world.open_work(item_id, "draft_minutes")
    with pytest.raises(MinutesMissing):
        world.complete(item_id, "draft_minutes")
    save_minutes(world, item_id)
    drafting = clock.now()
    clock.at = draft.due_at - timedelta(hours=10)
    world.complete(item_id, "draft_minutes")
    [sign] = world.open_work(item_id, "sign_minutes")
    last = local_date(sign.due_at - timedelta(seconds=1))
    calendar = world.executor.calendar
    with world.sessions() as session:
        days = calendar.get(session).working_days_between(local_date(drafting), last)
    assert days == MINUTES_WORKING_DAYS


def test_signed_minutes_are_a_document_and_each_resolution_an_item_that_the_office_issues(world):
    item_id = held_conference(world)
    save_minutes(world, item_id)
    world.complete(item_id, "draft_minutes")
    world.complete(item_id, "sign_minutes")
    with world.sessions() as session:
        [document] = session.exec(select(IssuedDocument)).all()
        assert session.exec(select(ConferenceResolution)).all() == []
    assert (document.template, document.public) == ("minutes", False)
    assert world.complete(item_id, "register_resolutions").outcome == "concluded"
    with world.sessions() as session:
        [resolution] = session.exec(select(ConferenceResolution)).all()
        item = session.get_one(Item, resolution.item_id)
        assert session.get_one(TaskList, item.list_id).origin == "meeting"
    assert (item.status, item.text, local_date(item.due_at)) == ("registered", "统一数据口径并报送", date(2026, 7, 1))
    assert world.status(item_id) == "settled"


def test_the_next_conference_sees_what_became_of_the_resolutions(world, clock):
    first = held_conference(world)
    save_minutes(world, first)
    world.complete(first, "draft_minutes")
    world.complete(first, "sign_minutes")
    world.complete(first, "register_resolutions")
    clock.advance(days=30)
    second = call(world, ConferenceKind.SPECIAL)
    with asked(world, world.clerk) as read:
        before = conference_detail(read, second).before
        [row] = [row for row in conferences(read).rows if row.item_id == first]
    assert [(each.conference_id, each.status, each.leads) for each in before] == [
        (first, "registered", ("市牵头甲局",))
    ]
    assert (row.topics, row.resolutions, row.closed) == (1, 1, 0)


def test_minutes_say_who_leads_and_are_not_written_over(world):
    item_id = held_conference(world)
    nobody = SaveMinutes(
        item_id=item_id, seen_version=0, paragraphs=("研究。",), resolutions=(Resolution(text="推进", leads=()),)
    )
    with pytest.raises(ResolutionWithoutLead):
        world.do(nobody, world.clerk)
    assert save_minutes(world, item_id) == 1
    with pytest.raises(MinutesChanged):
        save_minutes(world, item_id)
    world.complete(item_id, "draft_minutes")
    with pytest.raises(MinutesElsewhere):
        save_minutes(world, item_id, seen_version=1)


def test_what_the_meeting_decided_of_a_topic_is_kept_with_it(world):
    item_id = held_conference(world)
    with asked(world, world.clerk) as read:
        [topic] = conference_detail(read, item_id).agenda
    command = SaveMinutes(
        item_id=item_id, seen_version=0, paragraphs=("研究。",), results=((topic.id, "由甲局统一口径"),)
    )
    world.do(command, world.clerk)
    with asked(world, world.clerk) as read:
        assert conference_detail(read, item_id).agenda[0].result == "由甲局统一口径"


def test_a_cancelled_conference_gives_its_topics_back(world):
    item_id, topic_id = to_agenda(world)
    world.do(SetAgenda(item_id=item_id, topic_ids=(topic_id,)), world.clerk)
    assert world.complete(item_id, "prepare_agenda", "cancel").outcome == "called_off"
    with asked(world, world.clerk) as read:
        assert [row.id for row in topics(read, waiting_only=True)] == [topic_id]


def test_a_problem_that_was_escalated_waits_for_a_special_meeting(world):
    item_id = world.item()
    world.to_progress(item_id)
    with world.sessions() as session:
        version = session.get_one(Item, item_id).version
    ask = StartSideProcess(item_id=item_id, seen_version=version, process=SideProcess.COORDINATION)
    world.do(ask, world.actor(world.leads[0], Role.LIAISON))
    world.complete(item_id, "apply_coordination", form={"problem": "接口不一", "tried": "协商", "wanted": "明确"})
    world.complete(item_id, "sign_coordination")
    world.complete(item_id, "coordinate_office", "escalate", form={"opinion": "提请专题会议"})
    meeting = call(world, ConferenceKind.SPECIAL)
    with asked(world, world.clerk) as read:
        [topic] = conference_detail(read, meeting).waiting
    world.do(SetAgenda(item_id=meeting, topic_ids=(topic.id,)), world.clerk)
    assert topic.about_item_id == item_id


def test_units_propose_for_themselves_and_only_the_office_calls(world):
    world.item()
    liaison = world.actor(world.leads[0], Role.LIAISON)
    mine = ProposeTopic(office_unit_id=world.office, unit_id=world.leads[0], title="接口", proposal="请明确")
    world.do(mine, liaison)
    with pytest.raises(PermissionDenied):
        world.do(replace(mine, unit_id=world.leads[1]), liaison)
    with pytest.raises(PermissionDenied):
        world.do(CallConference(office_unit_id=world.office, kind=ConferenceKind.JOINT, unit_ids=world.leads), liaison)
    with pytest.raises(NotFound):
        world.do(CallConference(office_unit_id=world.office, kind=ConferenceKind.JOINT, unit_ids=()), world.clerk)
    outsider = world.actor(world.co_units[0], Role.LIAISON)
    item_id = call(world)
    with asked(world, outsider) as read, pytest.raises(NotFound):
        conference_detail(read, item_id)
    with asked(world, liaison) as read:
        assert conference_detail(read, item_id).waiting == ()
