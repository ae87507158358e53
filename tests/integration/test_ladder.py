"""The ladder climbs by itself: each level once, to who is there, until the step is done."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from db.tables import Item, Message, Suspension, TaskList, UnitMember, WorkItem
from domain.calendar import NO_LIMIT
from domain.items import DeadlineKind, Strength
from domain.ladder import Base, EscalationKind, Rung, RungRole, SubjectKind
from domain.permissions import SCHEDULER, Role
from services.absences import RecordAbsence
from services.items import NewDeadline, StopItem
from services.ladder import FireEscalation
from services.policies import SavePolicy
from tests.ladder_world import fired, item_row, levels, local, play, sweep, undelivered, work
from tests.world import PLAN, World, add_person

WHOLE_SIGN_FOR = [(1, 1, "03-12 08:30"), (2, 1, "03-13 08:30"), (3, 1, "03-17 08:30")]
DUE = date(2026, 6, 30)
WHOLE_DEADLINE = [
    (1, 1, "06-16 08:30"),
    (2, 1, "06-25 08:30"),
    (3, 1, "06-30 08:30"),
    (4, 1, "07-01 08:30"),
    (5, 1, "07-07 08:30"),
    (6, 1, "07-14 08:30"),
]


@pytest.fixture
def unit(world):
    return world.leads[0]


@pytest.fixture
def item(world):
    """Issued on Tuesday 10 March at 09:00: to be signed for by the end of Thursday."""
    id_ = world.item()
    world.complete(id_, "issue")
    return id_


def dated(world: World, strength: Strength | None = Strength.FIRM, on: date = DUE):
    deadline = NewDeadline(phrase="6月底前", kind=DeadlineKind.BY_DATE, on_date=on, strength=strength)
    id_ = world.item(deadlines=(deadline,))
    world.to_progress(id_)
    return id_


def told(world, subject_id, level):
    return {e.recipient_id for e in fired(world, subject_id) if e.level == level}


def test_a_step_that_nobody_does_climbs_level_by_level_to_whom_the_rules_name(world, item, unit):
    sign_for = work(world, item, "sign_for").id
    play(world, local(3, 18), timedelta(hours=3))
    assert levels(world, sign_for) == WHOLE_SIGN_FOR
    liaison, leader = world.actor(unit, Role.LIAISON).id, world.actor(unit, Role.UNIT_LEADER).id
    assert told(world, sign_for, 1) == {liaison}
    assert told(world, sign_for, 2) == {liaison, world.clerk.id}
    assert told(world, sign_for, 3) == {leader, world.head.id}


def test_every_record_has_its_delivery_and_names_version_and_limit(world, item):
    sign_for = work(world, item, "sign_for")
    sweep(world)
    world.clock.at = local(3, 12, 8, 30)
    world.do(FireEscalation(subject_kind=SubjectKind.WORK_ITEM, subject_id=sign_for.id), SCHEDULER)
    [row] = fired(world, sign_for.id)
    assert undelivered(world) == [row.id]
    assert (row.kind, row.document, row.channels) == ("urge", "urge_notice", ["mail", "robot", "sms"])
    assert (row.due_at, row.planned_at, row.epoch) == (sign_for.due_at, local(3, 12, 8, 30), 1)
    assert row.policy_id is not None
    assert row.facts == {"to": "assignee", "role": "liaison", "standing": "holder"}
    sweep(world)
    with world.sessions() as session:
        topics = session.exec(select(Message.topic).where(Message.subject_id == row.id)).all()
    assert topics == ["urge"]


def test_what_is_done_in_time_is_never_heard_of(world, item):
    sweep(world)
    world.everybody(item, "sign_for", "accept")
    play(world, local(3, 18))
    assert fired(world) == []
    with world.sessions() as session:
        armed = session.exec(select(WorkItem.bpmn_id).where(WorkItem.escalate_at != None)).all()  # noqa: E711  SQL
    assert armed == ["draft_plan"], "the closed step is looked at once more, and never again"


def test_an_outage_of_ten_days_sends_each_level_once_and_says_that_it_is_late(world, item):
    sign_for = work(world, item, "sign_for").id
    sweep(world)
    world.clock.at = local(3, 24, 9)
    sweep(world)
    assert [level for level, _, _ in levels(world, sign_for)] == [1, 2, 3]
    assert all(e.facts["late"] for e in fired(world, sign_for))
    before = len(fired(world))
    play(world, local(4, 30), timedelta(days=1))
    assert len(fired(world)) == before


def test_the_missed_occurrences_of_a_repeated_level_are_one(world, item):
    world.everybody(item, "sign_for", "accept")
    draft = work(world, item, "draft_plan").id
    sweep(world)
    world.clock.at = local(5, 20, 9)
    sweep(world)
    assert [(level, occurrence) for level, occurrence, _ in levels(world, draft)] == [(1, 1), (2, 1), (3, 1), (4, 3)]
    assert {e.facts.get("missed") for e in fired(world, draft) if e.level == 4} == {2}


def test_a_clock_that_steps_back_and_forth_repeats_nothing(world, item):
    sign_for = work(world, item, "sign_for").id
    sweep(world)
    for at in (local(3, 12, 9), local(3, 11, 9), local(3, 12, 9), local(3, 10, 9), local(3, 13, 9), local(3, 12, 10)):
        world.clock.at = at
        sweep(world)
        # Somebody re-arms it while the clock is wrong.
        with world.sessions() as session:
            session.get_one(WorkItem, sign_for).escalate_at = world.clock.at
            session.commit()
        sweep(world)
    assert [(level, occurrence) for level, occurrence, _ in levels(world, sign_for)] == [(1, 1), (2, 1)]


def test_who_was_replaced_after_a_level_went_out_does_not_make_it_go_out_again(world, item, unit):
    sign_for = work(world, item, "sign_for").id
    play(world, local(3, 12, 9))
    with world.sessions() as session:
        old = session.exec(select(UnitMember).where(UnitMember.person_id == world.actor(unit, Role.LIAISON).id)).one()
        old.valid_to = date(2026, 3, 11)
        new = add_person(session, world.clock, unit, Role.LIAISON)
        session.get_one(WorkItem, sign_for).escalate_at = world.clock.at
        session.commit()
    sweep(world)
    assert told(world, sign_for, 1) == {world.actor(unit, Role.LIAISON).id}
    play(world, local(3, 13, 9))
    assert told(world, sign_for, 2) == {new.id, world.clerk.id}


def test_who_is_on_leave_gets_nothing_and_the_substitute_does(world, item, unit):
    sign_for = work(world, item, "sign_for").id
    liaison, leader = world.actor(unit, Role.LIAISON), world.actor(unit, Role.UNIT_LEADER)
    days = {"first_day": date(2026, 3, 10), "last_day": date(2026, 3, 12)}
    world.do(RecordAbsence(person_id=liaison.id, substitute_id=leader.id, **days), liaison)
    play(world, local(3, 13, 9))
    assert told(world, sign_for, 1) == {leader.id}
    assert [e.facts["standing"] for e in fired(world, sign_for) if e.level == 1] == ["substitute"]
    assert liaison.id in told(world, sign_for, 2)


def test_a_level_without_anybody_to_tell_waits_until_there_is_somebody(world, item, unit):
    sign_for = work(world, item, "sign_for").id
    with world.sessions() as session:
        for member in session.exec(select(UnitMember)):
            member.valid_to = date(2026, 3, 10)
        session.commit()
    play(world, local(3, 12, 15))
    assert fired(world, sign_for) == []
    with world.sessions() as session:
        new = add_person(session, world.clock, unit, Role.LIAISON)
        session.commit()
    play(world, local(3, 12, 17))
    assert told(world, sign_for, 1) == {new.id}


def test_an_items_deadline_climbs_to_the_red_order(world):
    item_id = dated(world)
    play(world, local(7, 20), timedelta(hours=6))
    # Looked at every six hours: the first look after each time.
    assert [(level, n) for level, n, _ in levels(world, item_id)] == [(level, 1) for level in range(1, 7)]
    assert [e.document for e in fired(world, item_id) if e.recipient_id == world.head.id] == [
        "supervision_order",
        "red_supervision_order",
    ]
    claim = work(world, item_id, "claim_completion").id
    assert fired(world, claim) == [], "the step whose limit is the deadline does not climb beside it"


def test_an_items_levels_are_planned_for_mornings_of_work(world):
    item_id = dated(world)
    for _level, _, at in WHOLE_DEADLINE:
        month, day = int(at[:2]), int(at[3:5])
        world.clock.at = local(month, day, 8, 29)
        sweep(world)
        world.clock.at = local(month, day, 8, 30)
        sweep(world)
    assert levels(world, item_id) == WHOLE_DEADLINE


def test_a_goal_to_strive_for_gets_no_orders(world):
    item_id = dated(world, Strength.STRIVE)
    play(world, local(8, 1), timedelta(days=1))
    assert {level for level, _, _ in levels(world, item_id)} == {1, 2, 3, 4}


def test_a_claim_under_way_holds_the_deadline_and_a_return_lets_it_climb_on(world):
    item_id = dated(world)
    play(world, local(6, 16, 9), timedelta(days=1))
    world.complete(item_id, "claim_completion", "completed", form={"summary": "已办结"})
    play(world, local(7, 2), timedelta(days=1))
    assert {level for level, _, _ in levels(world, item_id)} == {1}
    world.complete(item_id, "sign_completion", "return", reason_code="material_insufficient", opinion="请补材料")
    play(world, local(7, 18), timedelta(hours=12))
    # Ten working days were left when it was claimed, so it is due on 16 July.
    assert levels(world, item_id)[1:] == [(2, 1, "07-13 08:30"), (3, 1, "07-16 08:30"), (4, 1, "07-17 08:30")]


def test_an_item_that_ends_is_never_heard_of_again(world):
    item_id = dated(world)
    play(world, local(6, 16, 9), timedelta(days=1))
    version = item_row(world, item_id).version
    world.do(StopItem(item_id=item_id, seen_version=version, message="withdraw", reason="错交"), world.head)
    play(world, local(8, 1), timedelta(days=1))
    assert {level for level, _, _ in levels(world, item_id)} == {1}
    assert item_row(world, item_id).escalate_at is None


def test_an_approved_extension_lets_the_ladder_climb_anew(world):
    item_id = dated(world)
    play(world, local(6, 30, 9), timedelta(days=1))
    assert {level for level, _, _ in levels(world, item_id)} == {1, 2, 3}
    with world.sessions() as session:
        row = session.get_one(Item, item_id)
        row.due_at, row.epoch, row.escalate_at = local(8, 1), row.epoch + 1, world.clock.at
        session.commit()
    play(world, local(8, 30), timedelta(days=1))
    again = [e for e in fired(world, item_id) if e.epoch == 2]
    assert {e.level for e in again} == {1, 2, 3, 4, 5, 6}
    assert len({(e.level, e.recipient_id) for e in again}) == len(again)
    assert {e.level for e in fired(world, item_id) if e.epoch == 1} == {1, 2, 3}


def test_what_is_paused_stands_still_and_goes_on_when_it_is_resumed(world, item):
    sign_for = work(world, item, "sign_for").id
    sweep(world)
    with world.sessions() as session:
        row = session.get_one(WorkItem, sign_for)
        row.paused_at, row.escalate_at = world.clock.at, world.clock.at
        session.commit()
    play(world, local(3, 20), timedelta(days=1))
    assert fired(world, sign_for) == []
    with world.sessions() as session:
        row = session.get_one(WorkItem, sign_for)
        row.paused_at, row.escalate_at, row.due_at = None, world.clock.at, local(3, 25)
        session.commit()
    play(world, local(4, 1), timedelta(hours=12))
    assert [level for level, _, _ in levels(world, sign_for)] == [1, 2, 3]


def test_a_list_taken_over_as_history_urges_nobody_about_what_had_passed(world):
    past = NewDeadline(phrase="2025年底前", kind=DeadlineKind.BY_DATE, on_date=date(2025, 12, 31))
    old, new = world.item(deadlines=(past,)), world.item(deadlines=(past,))
    with world.sessions() as session:
        rows = [session.get_one(Item, id_) for id_ in (old, new)]
        history = session.get_one(TaskList, rows[0].list_id).model_copy(update={"historical": True})
        made = TaskList(**history.model_dump(exclude={"id"}))
        session.add(made)
        session.flush()
        rows[0].list_id = made.id
        session.commit()
    for id_ in (old, new):
        world.complete(id_, "issue")
    sweep(world)
    assert fired(world) == [], "nobody finds an order with the first notice"
    play(world, local(3, 25), timedelta(hours=12))
    assert fired(world, old) == []
    assert [level for level, _, _ in levels(world, new)] == [4, 5, 6]
    assert item_row(world, old).escalate_at is None


def test_a_step_without_a_limit_does_not_climb(world, item):
    with world.sessions() as session:
        row = session.get_one(WorkItem, work(world, item, "sign_for").id)
        row.due_at = NO_LIMIT
        session.commit()
    play(world, local(4, 1), timedelta(days=1))
    assert [e for e in fired(world) if e.subject_id == row.id] == []


def test_reports_are_urged_before_on_and_after_their_day(world):
    from services.rounds import OpenRound

    item_id = world.item(co_units=1)
    world.to_progress(item_id)
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=local(3, 21), due_at=local(3, 26)), world.clerk)
    contribute = work(world, item_id, "contribute").id
    play(world, local(4, 1), timedelta(hours=3))
    # Due on Friday the 20th: three working days before, the day, three working days after.
    assert levels(world, contribute) == [(1, 1, "03-17 08:30"), (2, 1, "03-20 08:30"), (3, 1, "03-25 08:30")]
    assert {e.document for e in fired(world, contribute)} == {None, "urge_notice", "late_list"}


def test_only_the_clock_fires(world, item):
    from domain.errors import PermissionDenied

    command = FireEscalation(subject_kind=SubjectKind.WORK_ITEM, subject_id=work(world, item, "sign_for").id)
    for actor in (world.clerk, world.head):
        with pytest.raises(PermissionDenied):
            world.do(command, actor)


def test_the_plan_of_a_unit_that_signed_is_urged_as_its_own_step(world, item, unit):
    world.everybody(item, "sign_for", "accept")
    world.complete(item, "draft_plan", form=PLAN)
    sign_plan = work(world, item, "sign_plan")
    sweep(world)
    world.clock.at = sign_plan.due_at - timedelta(hours=1)
    sweep(world)
    assert told(world, sign_plan.id, 1) == {world.actor(unit, Role.UNIT_LEADER).id}


def test_what_counts_from_the_opening_does_not_count_a_suspension(world, item):
    sign_for = work(world, item, "sign_for").id
    rung = Rung(1, "满五日", EscalationKind.URGE, (RungRole.ASSIGNEE,), 5, base=Base.OPENED)
    command = SavePolicy(
        list_id=item_row(world, item).list_id,
        subject_kind=SubjectKind.WORK_ITEM,
        step="sign_for",
        name="按开始计",
        rungs=(rung,),
    )
    world.do(command, world.clerk)
    with world.sessions() as session:
        # Suspended from Wednesday morning to Wednesday morning: five working days.
        session.add(
            Suspension(
                item_id=item,
                document_number="部函〔2026〕2号",
                reason="等待部署",
                started_at=local(3, 11, 9),
                resumed_at=local(3, 18, 9),
            )
        )
        session.commit()
    play(world, local(3, 30), timedelta(hours=6))
    assert [at[:5] for _, _, at in levels(world, sign_for)] == ["03-24"]
