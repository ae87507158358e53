from datetime import date, timedelta
from uuid import uuid4

import pytest

from bpmn.bundle import SHIPPED
from db.tables import ImportFlag, Item
from domain.errors import DomainError, NotFound
from domain.items import DeadlineKind, Strength
from domain.permissions import Role
from services.items import AssignUnits, NewDeadline, StopItem
from services.queries.actions import ItemAction
from services.queries.item_detail import item_detail
from services.queries.processes import instance_overlay, process_xml, versions
from services.queries.reading import reading
from services.queries.timeline import EntryKind
from services.queries.work_item_detail import work_item_detail
from services.rounds import OpenRound
from services.signers import AddParty, AskAgain
from services.work_items import CompleteWorkItem
from tests.crowd import build_crowd
from tests.world import CLAIM, MILESTONES, PLAN

BREAKTHROUGH = NewDeadline(
    phrase="2026年底前完成或取得突破性进展",
    kind=DeadlineKind.BY_DATE,
    on_date=date(2026, 12, 31),
    strength=Strength.BREAKTHROUGH_OK,
)


def detail(world, actor, item_id):
    with reading(world.executor, actor) as asked:
        return item_detail(asked, item_id)


def test_an_item_is_found_by_whom_it_is_visible_to_and_by_nobody_else(world):
    with world.sessions() as session:
        crowd = build_crowd(session, world.clock.now(), items=10)
    for actor in crowd.actors():
        seen = crowd.visible(actor)
        for item_id in crowd.items:
            if item_id in seen:
                assert detail(world, actor, item_id).summary.id == item_id
            else:
                with pytest.raises(NotFound):
                    detail(world, actor, item_id)
        for work in (w for w in crowd.work.values() if w.closed_at is None):
            with reading(world.executor, actor) as asked:
                if work.item_id in seen:
                    assert work_item_detail(asked, work.id).item.id == work.item_id
                    assert instance_overlay(asked, work.instance_id).item_id == work.item_id
                else:
                    with pytest.raises(NotFound):
                        work_item_detail(asked, work.id)
                    with pytest.raises(NotFound):
                        instance_overlay(asked, work.instance_id)


def test_the_story_says_who_did_what_for_whom_and_why(world):
    item_id = world.item(co_units=1, deadlines=(BREAKTHROUGH,))
    world.complete(item_id, "issue")
    world.clock.advance(days=5)
    world.complete(
        item_id,
        "sign_for",
        "send_back",
        reason_code="not_our_duty",
        opinion="不属我局职责",
        form={"reason_code": "not_our_duty", "opinion": "不属我局职责"},
    )
    with world.sessions() as session:
        version = session.get_one(Item, item_id).version
    world.clock.advance(hours=1)
    world.do(AssignUnits(item_id=item_id, seen_version=version, leads=(world.leads[1],)), world.clerk)
    story = detail(world, world.clerk, item_id).timeline
    assert [(e.kind, e.name) for e in story] == [
        (EntryKind.ACT, "CreateItem"),
        (EntryKind.STEP, "issue"),
        (EntryKind.STEP, "sign_for"),
        (EntryKind.ACT, "AssignUnits"),
    ]
    sent_back = story[2]
    assert (sent_back.person, sent_back.unit) == (world.actor(world.leads[0], Role.LIAISON).name, "市牵头甲局")
    assert (sent_back.decision, sent_back.decision_label) == ("send_back", "退回交办")
    assert (sent_back.reason_code, sent_back.opinion) == ("not_our_duty", "不属我局职责")
    assert sent_back.reason_label != "not_our_duty"
    assert sent_back.late
    assert not story[1].late
    assert sent_back.form is not None
    parts = detail(world, world.clerk, item_id).parts
    assert [(p.unit, p.role, p.valid_to is None) for p in parts] == [
        ("市牵头乙局", "lead", True),
        ("市牵头甲局", "lead", False),
        ("市配合子局", "co_unit", False),
    ]


def test_evidence_stands_with_the_step_that_handed_it_in(world):
    item_id = world.item()
    world.to_progress(item_id)
    world.complete(item_id, "claim_completion", "completed", form=CLAIM)
    found = detail(world, world.clerk, item_id)
    [claim] = [e for e in found.timeline if e.name == "claim_completion"]
    [mention] = claim.evidence
    [entry] = found.evidence
    assert (mention.id, mention.name) == (entry.id, "会议纪要")
    assert (entry.work_item_id, entry.proves) == (claim.work_item_id, "办法已审议")


def test_why_an_item_was_stopped_is_in_its_story(world):
    item_id = world.item()
    stop = StopItem(item_id=item_id, seen_version=1, message="terminate", reason="依据废止", document_number="示发2号")
    world.do(stop, world.head)
    last = detail(world, world.clerk, item_id).timeline[-1]
    assert (last.name, last.decision, last.opinion, last.document_number) == (
        "StopItem",
        "terminate",
        "依据废止",
        "示发2号",
    )


def test_whom_the_office_asked_beside_and_again_is_in_the_story(world):
    item_id = world.item(co_units=2)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.everybody(item_id, "sign_plan", "sign")
    world.clock.advance(hours=1)
    first, other = world.open_work(item_id, "confirm_plan")
    world.do(AddParty(work_item_id=other.id, seen_version=1, unit_id=world.co_units[2]), world.clerk)
    world.clock.advance(hours=1)
    world.complete(item_id, "confirm_plan", "confirm", unit_id=first.unit_id)
    world.clock.advance(hours=1)
    world.do(AskAgain(work_item_id=first.id, seen_version=2, reason="方案有调整"), world.clerk)
    story = detail(world, world.clerk, item_id).timeline[-3:]
    assert [(e.name, e.label, e.opinion) for e in story] == [
        ("AddParty", "增加办理单位", ""),
        ("confirm_plan", story[1].label, ""),
        ("AskAgain", "请重新办理", "方案有调整"),
    ]
    assert story[0].person == world.clerk.name


def test_plan_rounds_and_deadlines_are_told(world):
    item_id = world.item(deadlines=(BREAKTHROUGH,))
    world.to_progress(item_id)
    due = world.clock.now() + timedelta(days=10)
    instance_id = world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    found = detail(world, world.clerk, item_id)
    assert [m.title for m in found.milestones] == [m["title"] for m in MILESTONES]
    assert all(m.retired_at is None for m in found.milestones)
    [round_] = found.rounds
    assert (round_.instance_id, round_.period, round_.outcome) == (instance_id, "2026-03", None)
    [deadline] = found.deadlines
    assert (deadline.phrase, deadline.kind_label, deadline.strength) == (
        BREAKTHROUGH.phrase,
        "按日期",
        "breakthrough_ok",
    )
    [original] = found.deadline_changes
    assert original.due_on == date(2026, 12, 31)
    assert {h.bpmn_id for h in found.summary.held_by} == {"claim_completion", "consolidate"}
    assert [(p.process, p.period) for p in found.processes] == [("supervision", None), ("progress_round", "2026-03")]


def test_open_flags_come_first_and_resolved_ones_stay(world):
    item_id = world.item()
    with world.sessions() as session:
        session.add(ImportFlag(item_id=item_id, code="group", note="", blocking=False))
        session.add(ImportFlag(item_id=item_id, code="unit_unknown", note="", blocking=True))
        session.add(
            ImportFlag(
                item_id=item_id,
                code="deadline_missing",
                note="",
                blocking=True,
                resolution="已补",
                resolved_by=world.clerk.id,
                resolved_at=world.clock.now(),
            )
        )
        session.commit()
    flags = detail(world, world.clerk, item_id).flags
    assert [f.code for f in flags] == ["unit_unknown", "group", "deadline_missing"]
    assert flags[2].resolved_by == world.clerk.name


def everything_tried(world, item_id, actor):
    """Which open work items the actor can complete with which decisions: found by trying each, undone at once."""
    possible = set()
    for work in world.open_work(item_id):
        for decision in ("issue", "accept", "send_back", "submit", "sign", "return", "confirm", "object", "approve",
                         "completed", "breakthrough", "agree", "disagree", "close", "file", "uphold"):  # fmt: skip
            with world.sessions() as session:
                command = CompleteWorkItem(
                    work_item_id=work.id, seen_version=work.version, decision=decision, reason_code="other", opinion="x"
                )
                uow = _unit_of_work(world, session, actor)
                try:
                    command.execute(uow)
                except DomainError as error:
                    if error.code in {"invalid_form", "evidence_missing"}:
                        possible.add((work.id, decision))
                else:
                    possible.add((work.id, decision))
                session.rollback()
    return possible


def _unit_of_work(world, session, actor):
    from services.unit_of_work import UnitOfWork

    executor = world.executor
    return UnitOfWork(
        session, actor, executor.clock.now(), executor.engine, executor.library, executor.calendar.get(session)
    )


def test_exactly_the_steps_that_the_command_would_let_the_actor_do_are_offered(world):
    def check(item_id):
        for actor in world.people.values():
            try:
                found = detail(world, actor, item_id)
            except NotFound:
                offered = set()
            else:
                offered = {(a.work_item_id, c.decision) for a in found.actions.work for c in a.decisions}
            assert offered == everything_tried(world, item_id, actor), actor

    item_id = world.item(co_units=2)
    check(item_id)
    world.complete(item_id, "issue")
    check(item_id)
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    check(item_id)
    world.everybody(item_id, "sign_plan", "sign")
    world.complete(item_id, "confirm_plan", "confirm")
    check(item_id)
    world.complete(item_id, "confirm_plan", "confirm")
    world.complete(item_id, "check_plan", "approve")
    check(item_id)


def test_nobody_is_offered_the_check_of_what_they_submitted(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    both = world.actor(world.leads[0], Role.LIAISON)
    leader = world.actor(world.leads[0], Role.UNIT_LEADER)
    two_hats = type(both)(id=both.id, name=both.name, memberships=both.memberships | leader.memberships)
    world.complete(item_id, "draft_plan", form=PLAN, actor=two_hats)
    assert detail(world, two_hats, item_id).actions.work == ()
    [action] = detail(world, leader, item_id).actions.work
    assert (action.bpmn_id, [c.label for c in action.decisions]) == ("sign_plan", ["签发", "退回"])
    assert [(t.bpmn_id, t.label) for t in action.return_targets] == [("draft_plan", "制定方案")]
    assert action.adverse == "return"
    assert action.form is not None and action.form["$id"] == "urn:dudao:form:sign"


def test_a_breakthrough_is_offered_only_where_the_deadline_accepts_it(world):
    for deadlines, expected in (((), ["completed"]), ((BREAKTHROUGH,), ["completed", "breakthrough"])):
        item_id = world.item(deadlines=deadlines)
        world.to_progress(item_id)
        [action] = detail(world, world.actor(world.leads[0], Role.LIAISON), item_id).actions.work
        assert [c.decision for c in action.decisions] == expected
        assert action.evidence == "required"


def test_what_may_be_done_to_an_item_follows_role_and_status(world):
    item_id = world.item()
    liaison = world.actor(world.leads[0], Role.LIAISON)
    assert detail(world, world.clerk, item_id).actions.item == (
        ItemAction.CORRECT,
        ItemAction.ASSIGN_UNITS,
        ItemAction.EXPAND_GROUP,
    )
    assert detail(world, world.head, item_id).actions.item == (ItemAction.WITHDRAW, ItemAction.TERMINATE)
    world.to_progress(item_id)
    assert detail(world, world.clerk, item_id).actions.item == (
        ItemAction.OPEN_ROUND,
        ItemAction.CHANGE_OF_RESPONSIBILITY,
    )
    assert detail(world, liaison, item_id).actions.item == (
        ItemAction.SUSPENSION,
        ItemAction.CHANGE_OF_RESPONSIBILITY,
        ItemAction.COORDINATION,
    )
    found = detail(world, world.head, item_id)
    stop = StopItem(item_id=item_id, seen_version=found.actions.seen_version, message="withdraw", reason="重复")
    world.do(stop, world.head)
    for actor, offered in ((world.clerk, (ItemAction.REOPEN,)), (world.head, ())):
        assert detail(world, actor, item_id).actions.item == offered
        assert detail(world, actor, item_id).actions.work == ()


def test_the_co_units_parts_stand_before_whoever_consolidates(world):
    item_id = world.item(co_units=2)
    world.to_progress(item_id)
    now = world.clock.now()
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=now, due_at=now), world.clerk)
    world.everybody(item_id, "contribute", form={"progress": "已完成本单位部分"})
    [work] = world.open_work(item_id, "consolidate")
    with reading(world.executor, world.actor(world.leads[0], Role.LIAISON)) as asked:
        found = work_item_detail(asked, work.id)
    assert sorted((e.name, e.unit, e.form) for e in found.handed_in) == [
        ("contribute", unit, {"progress": "已完成本单位部分"}) for unit in ("市配合丑局", "市配合子局")
    ]
    assert found.action is not None
    assert found.work_item.period == "2026-03"
    contributions = [e.work_item_id for e in found.handed_in if e.work_item_id is not None]
    with reading(world.executor, world.actor(world.co_units[0], Role.LIAISON)) as asked:
        closed = work_item_detail(asked, contributions[0])
        assert closed.action is None
        assert [(p.unit, p.decision) for p in closed.parties] == [("市配合丑局", "submit"), ("市配合子局", "submit")]
        assert work_item_detail(asked, work.id).action is None
        with pytest.raises(NotFound):
            work_item_detail(asked, uuid4())


def test_the_diagram_shows_where_an_item_stands_and_the_way_it_came(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    for _ in range(2):
        world.complete(item_id, "draft_plan", form=PLAN)
        world.complete(
            item_id,
            "sign_plan",
            "return",
            reason_code="other",
            opinion="再改",
            form={"reason_code": "other", "opinion": "再改"},
        )
    world.complete(item_id, "draft_plan", form=PLAN)
    instance = world.instance(item_id)
    with reading(world.executor, world.clerk) as asked:
        found = instance_overlay(asked, instance.id)
        xml = process_xml(asked, instance.version_id)
        newest = [v for v in versions(asked) if v.newest]
    assert (found.elements["draft_plan"].state, found.elements["draft_plan"].runs) == ("completed", 3)
    assert (found.elements["sign_plan"].state, found.elements["sign_plan"].open) == ("open", 1)
    assert found.elements["supervised_work"].state == "running"
    assert found.flows["sign_for_outcome_to_draft_plan"] == 1
    assert found.flows["sign_plan_outcome_to_draft_plan"] == 2
    assert found.flows["resume_after_draft_plan_to_sign_plan"] == 3
    assert "sign_for_outcome_to_sent_back_again" not in found.flows
    assert [h.step for h in found.held_by] == ["方案签发"]
    assert {("supervision", "督办事项办理"), ("progress_round", "进展报送")} <= {(v.process, v.name) for v in newest}
    assert {v.process for v in newest} == set(SHIPPED)
    assert all(f'id="{flow}"'.encode() in xml for flow in found.flows)
