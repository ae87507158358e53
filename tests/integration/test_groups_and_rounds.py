"""Group items and their members; progress rounds."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from db.tables import Item, ProgressRound, Responsibility, WorkItem
from domain.errors import AlreadyExists, GroupNotExpanded, LeadMissing, NobodyResponsible, NotFound, WrongStatus
from domain.item_errors import NoMemberCompleted, PartyTwice, RoundLimits
from domain.items import DeadlineKind, ResponsibilityRole, Strength
from domain.permissions import Role
from services.items import ExpandGroup, NewDeadline, StopItem
from services.queries.item_detail import visible_item
from services.queries.reading import reading
from services.rounds import OpenRound
from tests.invariants import check_everything
from tests.world import PLAN, REPORT

CO_DUE_AT = datetime(2026, 3, 20, 16, tzinfo=UTC)
DUE_AT = datetime(2026, 3, 25, 16, tzinfo=UTC)


def open_round(item_id):
    return OpenRound(item_id=item_id, period="2026-03", co_due_at=CO_DUE_AT, due_at=DUE_AT)


def version(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).version


def members_of(world, item_id):
    with world.sessions() as session:
        return list(session.exec(select(Item.id).where(Item.parent_id == item_id).order_by(col(Item.position))))


@pytest.fixture
def group(world):
    """A group item with three member units, issued."""
    item_id = world.item()
    world.do(ExpandGroup(item_id=item_id, seen_version=version(world, item_id), unit_ids=world.co_units), world.clerk)
    world.complete(item_id, "issue")
    return item_id


def close(world, item_id):
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.complete(item_id, "sign_plan", "sign")
    world.complete(item_id, "check_plan", "approve")
    world.to_review(item_id)
    world.to_end(item_id)


def test_a_group_item_is_issued_to_each_member(world, group):
    members = members_of(world, group)
    assert len(members) == 3
    assert [world.status(m) for m in members] == ["issued"] * 3
    assert {w.unit_id for m in members for w in world.open_work(m, "sign_for")} == set(world.co_units)
    assert world.open_work(group) == []


def test_a_group_item_closes_when_all_members_have(world, group):
    *first, last = members_of(world, group)
    for member in first:
        close(world, member)
    assert world.open_work(group) == []
    close(world, last)
    assert [w.bpmn_id for w in world.open_work(group)] == ["close"]
    world.complete(group, "close", "close")
    world.complete(group, "file_item", form={"archive_number": "2026-督-002"})
    assert world.status(group) == "closed"


def test_a_terminated_member_does_not_hold_up_the_group(world, group):
    first, *others = members_of(world, group)
    world.do(
        StopItem(
            item_id=first,
            seen_version=version(world, first),
            message="terminate",
            reason="撤并",
            document_number="文1号",
        ),
        world.head,
    )
    for member in others:
        close(world, member)
    assert [w.bpmn_id for w in world.open_work(group)] == ["close"]


def test_stopping_a_group_stops_its_members(world, group):
    world.do(
        StopItem(item_id=group, seen_version=version(world, group), message="withdraw", reason="交办有误"), world.head
    )
    assert {world.status(m) for m in [group, *members_of(world, group)]} == {"withdrawn"}


def stop(world, item_id, message="withdraw"):
    world.do(
        StopItem(
            item_id=item_id,
            seen_version=version(world, item_id),
            message=message,
            reason="政策调整",
            document_number="文1号",
        ),
        world.head,
    )


def expand(world, item_id, unit_ids):
    return world.do(ExpandGroup(item_id=item_id, seen_version=version(world, item_id), unit_ids=unit_ids), world.clerk)


def test_a_group_that_was_not_issued_is_withdrawn_with_its_members(world):
    item_id = world.item()
    members = expand(world, item_id, world.co_units)
    stop(world, item_id)
    assert {world.status(m) for m in (item_id, *members)} == {"withdrawn"}
    with reading(world.executor, world.actor(world.leads[0], Role.LIAISON)) as asked, pytest.raises(NotFound):
        visible_item(asked, item_id)
    with world.sessions() as session:
        check_everything(session)


def test_a_group_without_a_living_member_is_an_ordinary_item(world):
    item_id = world.item()
    for member in expand(world, item_id, world.co_units[:2]):
        stop(world, member)
    world.complete(item_id, "issue")
    assert [w.unit_id for w in world.open_work(item_id, "sign_for")] == [world.leads[0]]


def test_members_are_added_later_but_no_unit_twice(world):
    item_id = world.item()
    expand(world, item_id, world.co_units[:1])
    with pytest.raises(PartyTwice):
        expand(world, item_id, world.co_units[:2])
    with pytest.raises(NobodyResponsible):
        expand(world, item_id, ())
    [second] = expand(world, item_id, world.co_units[1:2])
    with world.sessions() as session:
        assert session.get_one(Item, second).number.endswith("-2")
    with pytest.raises(WrongStatus):
        expand(world, second, world.co_units[2:])


def test_a_group_of_which_nobody_completed_is_not_closed(world, group):
    for member in members_of(world, group):
        stop(world, member, "terminate")
    with pytest.raises(NoMemberCompleted):
        world.complete(group, "close", "close")
    stop(world, group, "terminate")
    assert world.status(group) == "terminated"


def test_a_group_with_a_member_closed_for_the_stage_is_closed_for_the_stage(world):
    deadline = NewDeadline(
        phrase="2026年底前完成或取得突破性进展",
        kind=DeadlineKind.BY_DATE,
        on_date=date(2026, 12, 31),
        strength=Strength.BREAKTHROUGH_OK,
    )
    item_id = world.item(deadlines=(deadline,))
    members = expand(world, item_id, world.co_units[:2])
    world.complete(item_id, "issue")
    for member, claim in zip(members, ("breakthrough", "completed"), strict=True):
        world.everybody(member, "sign_for", "accept")
        world.complete(member, "draft_plan", form=PLAN)
        world.complete(member, "sign_plan", "sign")
        world.complete(member, "check_plan", "approve")
        world.to_review(member, claim)
        world.to_end(member)
    world.complete(item_id, "close", "close")
    world.complete(item_id, "file_item", form={"archive_number": "2026-督-003"})
    assert [world.status(m) for m in (item_id, *members)] == ["closed_for_stage", "closed_for_stage", "closed"]


def test_the_lead_of_a_group_sees_its_members(world, group):
    with world.sessions() as session:
        parts = session.exec(
            select(Responsibility).where(
                col(Responsibility.item_id).in_(members_of(world, group)),
                Responsibility.role == ResponsibilityRole.OVERSIGHT,
            )
        ).all()
    assert {p.unit_id for p in parts} == {world.leads[0]}


def test_a_printed_group_must_be_expanded_before_the_issue(world):
    item_id = world.item()
    with world.sessions() as session:
        session.add(
            Responsibility(
                item_id=item_id,
                role=ResponsibilityRole.GROUP,
                printed="各区人民政府",
                position=5,
                valid_from=world.clock.now(),
            )
        )
        session.commit()
    with pytest.raises(GroupNotExpanded):
        world.complete(item_id, "issue")


def test_an_item_without_a_lead_is_not_issued(world):
    item_id = world.item()
    with world.sessions() as session:
        for row in session.exec(select(Responsibility).where(Responsibility.item_id == item_id)):
            row.role = ResponsibilityRole.CO_UNIT
        session.commit()
    with pytest.raises(LeadMissing):
        world.complete(item_id, "issue")


@pytest.fixture
def reporting(world):
    """An item in progress with two co-units and an open round."""
    item_id = world.item(co_units=2)
    world.to_progress(item_id)
    world.do(open_round(item_id), world.clerk)
    return item_id


def the_round(world, item_id):
    with world.sessions() as session:
        return session.exec(select(ProgressRound).where(ProgressRound.item_id == item_id)).one()


def test_a_round_goes_from_co_units_to_the_office(world, reporting):
    assert {w.due_at for w in world.open_work(reporting, "contribute")} == {CO_DUE_AT}
    world.everybody(reporting, "contribute", form={"progress": "本单位已完成"})
    [work] = world.open_work(reporting, "consolidate")
    assert work.due_at == DUE_AT
    world.complete(reporting, "consolidate", form=REPORT)
    world.complete(reporting, "sign_report", "sign")
    world.complete(reporting, "review_report", "approve")
    done = the_round(world, reporting)
    assert (done.outcome, done.percent) == ("accepted", 40)


def test_a_returned_report_asks_only_the_named_co_unit_again(world, reporting):
    world.everybody(reporting, "contribute", form={"progress": "本单位已完成"})
    world.complete(reporting, "consolidate", form=REPORT)
    world.complete(reporting, "sign_report", "sign")
    world.complete(
        reporting,
        "review_report",
        "return",
        reason_code="figures_contradict",
        opinion="与配合单位数字不一致",
        return_to="contribute",
        return_units=world.co_units[:1],
    )
    assert [w.unit_id for w in world.open_work(reporting, "contribute")] == [world.co_units[0]]


def test_co_units_are_not_due_after_the_lead(world, reporting):
    late = OpenRound(item_id=reporting, period="2026-04", co_due_at=DUE_AT, due_at=CO_DUE_AT)
    with pytest.raises(RoundLimits):
        world.do(late, world.clerk)


def test_a_period_is_asked_for_once(world, reporting):
    with pytest.raises(AlreadyExists):
        world.do(open_round(reporting), world.clerk)


def test_no_report_is_asked_before_the_item_is_in_progress(world):
    item_id = world.item()
    with pytest.raises(WrongStatus):
        world.do(open_round(item_id), world.clerk)


def test_an_item_that_ends_cancels_its_rounds(world, reporting):
    world.do(
        StopItem(item_id=reporting, seen_version=version(world, reporting), message="withdraw", reason="交办有误"),
        world.head,
    )
    assert the_round(world, reporting).outcome == "cancelled"
    with world.sessions() as session:
        open_left = session.exec(
            select(WorkItem.id).where(WorkItem.item_id == reporting, col(WorkItem.closed_at).is_(None))
        ).all()
    assert open_left == []


def test_only_the_role_of_the_unit_reports(world, reporting):
    unit = world.co_units[0]
    done = world.complete(
        reporting, "contribute", form={"progress": "已完成"}, unit_id=unit, actor=world.actor(unit, Role.LIAISON)
    )
    assert not done.decided
