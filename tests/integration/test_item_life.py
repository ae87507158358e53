"""An item from issue to closure, and every way it may turn, through the real commands on a real database."""

from datetime import date

import pytest
from sqlmodel import col, select

from db.tables import ActivityLog, AuditEntry, Delivery, Item, ItemDeadline, Milestone, Submission, WorkItem
from domain.calendar import end_of
from domain.errors import (
    BreakthroughNotAllowed,
    EvidenceMissing,
    InvalidDecision,
    InvalidForm,
    InvalidReturn,
    NotFound,
    OwnSubmission,
    PermissionDenied,
    ReasonMissing,
    StaleVersion,
    WorkItemClosed,
)
from domain.item_errors import CollectorNotLead, JointLeadNotTwo, PartyTwice, SendBackContradicted
from domain.items import DeadlineKind, Strength
from domain.permissions import Actor, Membership, Role
from services.activity import Activity, unpack
from services.items import AssignUnits, NewDeadline, StopItem
from services.lists import CorrectItem
from services.queries.item_detail import item_detail
from services.queries.reading import reading
from services.work_items import CompleteWorkItem
from tests.world import CLAIM, MILESTONES, PLAN

BREAKTHROUGH = NewDeadline(
    phrase="2026年底前完成或取得突破性进展",
    kind=DeadlineKind.BY_DATE,
    on_date=date(2026, 12, 31),
    strength=Strength.BREAKTHROUGH_OK,
)


def version(world, item_id):
    with world.sessions() as session:
        return session.get_one(Item, item_id).version


def test_an_item_goes_from_issue_to_closure(world):
    item_id = world.item(co_units=2)
    assert world.status(item_id) == "registered"
    world.complete(item_id, "issue")
    assert world.status(item_id) == "issued"
    world.everybody(item_id, "sign_for", "accept")
    assert world.status(item_id) == "received"
    world.complete(item_id, "draft_plan", form=PLAN)
    world.complete(item_id, "sign_plan", "sign")
    world.everybody(item_id, "confirm_plan", "confirm")
    world.complete(item_id, "check_plan", "approve")
    assert world.status(item_id) == "in_progress"
    world.to_review(item_id)
    assert world.status(item_id) == "under_review"
    world.to_end(item_id)
    assert world.status(item_id) == "closed"
    assert world.open_work(item_id) == []
    instance = world.instance(item_id)
    assert instance.outcome == "closed"
    assert instance.state is None


def test_every_step_says_who_for_whom_when_and_why(world):
    item_id = world.item()
    world.complete(item_id, "issue", opinion="请抓紧办理")
    with world.sessions() as session:
        work = session.exec(select(WorkItem).where(WorkItem.bpmn_id == "issue")).one()
        assert (work.closed_by, work.unit_id, work.closed_at) == (world.clerk.id, world.office, world.clock.now())
        assert session.get_one(Submission, work.id).opinion == "请抓紧办理"
        entry = session.exec(select(AuditEntry).where(AuditEntry.subject_id == work.id)).one()
        assert (entry.command, entry.actor_id, entry.unit_id) == ("CompleteWorkItem", world.clerk.id, world.office)


def test_the_log_and_a_delivery_come_with_the_step(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    instance = world.instance(item_id)
    opened = world.open_work(item_id)
    with world.sessions() as session:
        logs = session.exec(select(ActivityLog).where(ActivityLog.instance_id == instance.id)).all()
        assert [log.rev for log in sorted(logs, key=lambda log: log.rev)][-1] == instance.rev == 1
        assert Activity("supervised_work", "issue", "completed") in [
            a for log in logs for a in unpack(log.entries, "supervision")
        ]
        subjects = session.exec(select(Delivery.subject_id)).all()
    assert {w.id for w in opened} <= set(subjects)


def test_a_lead_that_is_not_in_charge_sends_the_item_back(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.complete(item_id, "sign_for", "send_back", reason_code="not_our_duty", opinion="不属本单位职责")
    assert world.status(item_id) == "sent_back"
    other = world.leads[1]
    world.do(
        AssignUnits(item_id=item_id, seen_version=version(world, item_id), leads=(other,), co_units=world.co_units[:1]),
        world.clerk,
    )
    world.complete(item_id, "settle_send_back", "reassign", opinion="由市牵头乙局牵头")
    [work] = world.open_work(item_id, "sign_for")
    assert work.unit_id == other
    with pytest.raises(NotFound):
        world.complete(item_id, "sign_for", actor=world.actor(world.leads[0], Role.LIAISON))


def test_a_send_back_is_not_settled_against_what_was_done(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.complete(item_id, "sign_for", "send_back", reason_code="not_our_duty", opinion="不属本单位职责")
    with pytest.raises(SendBackContradicted):
        world.complete(item_id, "settle_send_back", "reassign", opinion="由市牵头乙局牵头")
    assign(world, item_id, leads=world.leads[1:])
    with pytest.raises(SendBackContradicted):
        world.complete(item_id, "settle_send_back", "uphold", opinion="仍由市牵头甲局牵头")


def test_who_signed_the_claim_does_not_close_the_item(world):
    item_id = world.item()
    world.to_progress(item_id)
    lead = world.actor(world.leads[0], Role.UNIT_LEADER)
    both = Actor(
        id=lead.id, name=lead.name, memberships=lead.memberships | {Membership(world.office, Role.UNIT_LEADER)}
    )
    world.to_review(item_id)
    world.complete(item_id, "review_completion", "approve")
    with pytest.raises(OwnSubmission):
        world.complete(item_id, "close", "close", actor=both)


def assign(world, item_id, **parts):
    return world.do(AssignUnits(item_id=item_id, seen_version=version(world, item_id), **parts), world.clerk)


def test_units_take_part_once_and_a_joint_lead_is_one_of_two(world):
    item_id = world.item()
    a, b = world.leads
    with pytest.raises(PartyTwice):
        assign(world, item_id, leads=(a,), co_units=(a,))
    with pytest.raises(JointLeadNotTwo):
        assign(world, item_id, leads=(a, b, world.co_units[0]), joint_lead=True)
    with pytest.raises(CollectorNotLead):
        assign(world, item_id, leads=(a, b), collecting=world.co_units[0])
    assign(world, item_id, leads=(a, b), collecting=b)
    world.complete(item_id, "issue")
    assert {w.unit_id for w in world.open_work(item_id, "sign_for")} == {a, b}


def test_joint_leads_both_sign(world):
    item_id = world.item(leads=2)
    world.complete(item_id, "issue")
    first, second = world.open_work(item_id, "sign_for")
    assert not world.complete(item_id, "sign_for", "accept", unit_id=first.unit_id).decided
    assert world.complete(item_id, "sign_for", "accept", unit_id=second.unit_id).decided
    world.complete(item_id, "draft_plan", form=PLAN)
    assert world.open_work(item_id, "draft_plan") == [], "the other lead is no longer asked"
    assert len(world.open_work(item_id, "sign_plan")) == 2


def test_one_joint_lead_that_returns_decides_for_both(world):
    item_id = world.item(leads=2)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    done = world.complete(item_id, "sign_plan", "return", reason_code="content_vague", opinion="目标不清")
    assert done.decided
    assert {o.bpmn_id for o in done.opened} == {"draft_plan"}


def test_an_objecting_co_unit_is_heard_after_the_others(world):
    item_id = world.item(co_units=3)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.everybody(item_id, "sign_plan", "sign")
    assert not world.complete(
        item_id, "confirm_plan", "object", opinion="时间过紧", reason_code="content_vague"
    ).decided
    assert not world.complete(item_id, "confirm_plan", "confirm").decided
    done = world.complete(item_id, "confirm_plan", "confirm")
    assert {o.bpmn_id for o in done.opened} == {"draft_plan"}


def test_a_return_may_come_straight_back(world):
    item_id = world.item(co_units=1)
    world.complete(item_id, "issue")
    world.everybody(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN)
    world.everybody(item_id, "sign_plan", "sign")
    world.everybody(item_id, "confirm_plan", "confirm")
    back = {"reason_code": "content_vague", "opinion": "请细化", "return_to": "draft_plan"}
    world.complete(item_id, "check_plan", "return", resume_here=True, **back)
    world.complete(item_id, "draft_plan", form=PLAN)
    assert [w.bpmn_id for w in world.open_work(item_id)] == ["check_plan"]
    world.complete(item_id, "check_plan", "return", **back)
    world.complete(item_id, "draft_plan", form=PLAN)
    assert [w.bpmn_id for w in world.open_work(item_id)] == ["sign_plan"], "without resume the line is walked again"


def test_an_accepted_plan_replaces_the_milestones(world):
    item_id = world.item()
    world.to_progress(item_id)
    with world.sessions() as session:
        titles = session.exec(select(Milestone.title).where(Milestone.item_id == item_id)).all()
    assert sorted(titles) == sorted(m["title"] for m in MILESTONES)


def test_a_corrected_deadline_leaves_what_was_printed_on_record(world):
    item_id = world.item(deadlines=(BREAKTHROUGH,))
    firm = NewDeadline(
        phrase="2026年6月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 6, 30), strength=Strength.FIRM
    )
    world.do(CorrectItem(item_id=item_id, seen_version=version(world, item_id), deadlines=(firm,)), world.clerk)
    with world.sessions() as session:
        rows = session.exec(select(ItemDeadline).where(ItemDeadline.item_id == item_id)).all()
        item = session.get_one(Item, item_id)
    assert {(row.phrase, row.replaced_by) for row in rows} == {
        (BREAKTHROUGH.phrase, world.clerk.id),
        (firm.phrase, None),
    }
    assert (item.due_at, item.due_strength) == (end_of(date(2026, 6, 30)), Strength.FIRM)
    with reading(world.executor, world.clerk) as asked:
        assert [d.phrase for d in item_detail(asked, item_id).deadlines] == [firm.phrase]


def test_the_item_deadline_limits_the_claim(world):
    item_id = world.item(deadlines=(BREAKTHROUGH,))
    world.to_progress(item_id)
    [work] = world.open_work(item_id, "claim_completion")
    assert work.due_at == end_of(date(2026, 12, 31))


def test_a_breakthrough_closes_the_stage_where_the_deadline_accepts_it(world):
    item_id = world.item(deadlines=(BREAKTHROUGH,))
    world.to_progress(item_id)
    with pytest.raises(InvalidForm, match="标志性成果"):
        world.complete(item_id, "claim_completion", "breakthrough", form=CLAIM)
    world.to_review(item_id, "breakthrough")
    world.to_end(item_id)
    assert world.status(item_id) == "closed_for_stage"


def test_a_breakthrough_is_refused_where_the_deadline_is_firm(world):
    item_id = world.item()
    world.to_progress(item_id)
    with pytest.raises(BreakthroughNotAllowed):
        world.complete(item_id, "claim_completion", "breakthrough", form=CLAIM)


def test_a_claim_needs_evidence(world):
    item_id = world.item()
    world.to_progress(item_id)
    with pytest.raises(EvidenceMissing):
        world.complete(item_id, "claim_completion", "completed", form=CLAIM, evidence_ids=())


def test_a_claim_returned_too_often_goes_to_a_meeting(world):
    item_id = world.item()
    world.to_progress(item_id)
    for _ in range(3):
        world.to_review(item_id)
        world.complete(
            item_id,
            "review_completion",
            "return",
            reason_code="material_insufficient",
            opinion="缺少首批企业受益的证明",
            return_to="claim_completion",
        )
    assert [w.bpmn_id for w in world.open_work(item_id)] == ["decide_by_meeting"]


def test_nobody_approves_what_they_submitted(world):
    item_id = world.item()
    lead = world.leads[0]
    both = Actor(
        id=world.actor(lead, Role.LIAISON).id,
        name="one person in two roles",
        memberships=frozenset({Membership(lead, Role.LIAISON), Membership(lead, Role.UNIT_LEADER)}),
    )
    world.complete(item_id, "issue")
    world.complete(item_id, "sign_for", "accept")
    world.complete(item_id, "draft_plan", form=PLAN, actor=both)
    with pytest.raises(OwnSubmission):
        world.complete(item_id, "sign_plan", "sign", actor=both)


def test_a_stranger_does_not_learn_that_the_work_item_exists(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    with pytest.raises(NotFound):
        world.complete(item_id, "sign_for", actor=world.actor(world.leads[1], Role.LIAISON))


def test_a_colleague_without_the_role_is_refused(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    with pytest.raises(PermissionDenied):
        world.complete(item_id, "sign_for", actor=world.actor(world.leads[0], Role.UNIT_LEADER))


def test_a_return_needs_a_reason_and_words(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    with pytest.raises(ReasonMissing):
        world.complete(item_id, "sign_for", "send_back", reason_code="unclear")


def test_an_unknown_decision_form_or_return_is_refused_and_nothing_is_written(world):
    item_id = world.item()
    world.complete(item_id, "issue")
    world.complete(item_id, "sign_for", "accept")
    with pytest.raises(InvalidForm):
        world.complete(item_id, "draft_plan", form={**PLAN, "surprise": 1})
    world.complete(item_id, "draft_plan", form=PLAN)
    with pytest.raises(InvalidDecision):
        world.complete(item_id, "sign_plan", "perhaps")
    with pytest.raises(InvalidReturn):
        world.complete(item_id, "sign_plan", "return", reason_code="other", opinion="x", return_to="claim_completion")
    [work] = world.open_work(item_id)
    assert (work.bpmn_id, work.version) == ("sign_plan", 1)


def test_a_work_item_is_completed_once(world):
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    command = CompleteWorkItem(work_item_id=work.id, seen_version=1)
    world.do(command, world.clerk)
    with pytest.raises(WorkItemClosed) as refused:
        world.do(command, world.clerk)
    assert refused.value.facts["who"] == world.clerk.name


def test_a_stale_version_is_refused(world):
    item_id = world.item()
    [work] = world.open_work(item_id, "issue")
    with pytest.raises(StaleVersion):
        world.do(CompleteWorkItem(work_item_id=work.id, seen_version=7), world.clerk)


STAGES = {
    "registered": lambda world, item: None,
    "issued": lambda world, item: world.complete(item, "issue"),
    "in_progress": lambda world, item: world.to_progress(item),
    "under_review": lambda world, item: (world.to_progress(item), world.to_review(item)),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("message", "status"), [("withdraw", "withdrawn"), ("terminate", "terminated")])
def test_an_item_is_stopped_from_any_stage(world, stage, message, status):
    item_id = world.item(co_units=1)
    STAGES[stage](world, item_id)
    stopped = world.do(
        StopItem(
            item_id=item_id,
            seen_version=version(world, item_id),
            message=message,
            reason="上级文件已废止",
            document_number="滨政发〔2026〕9号",
        ),
        world.head,
    )
    assert stopped == world.status(item_id) == status
    assert world.open_work(item_id) == []
    with world.sessions() as session:
        closed_as = session.exec(
            select(WorkItem.closed_as).where(WorkItem.item_id == item_id, col(WorkItem.decision).is_(None))
        ).all()
    assert set(closed_as) == {"cancelled"}


def test_terminating_needs_the_revoking_document(world):
    item_id = world.item()
    with pytest.raises(ReasonMissing):
        world.do(
            StopItem(item_id=item_id, seen_version=version(world, item_id), message="terminate", reason="政策调整"),
            world.head,
        )
