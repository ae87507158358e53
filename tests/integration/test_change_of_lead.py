"""Change of the lead: both units and the office say what they think, and it takes effect on its day."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from db.tables import Delivery, ProgressRound, Responsibility, ResponsibilityChange, Unit
from domain.calendar import end_of
from domain.deadline_errors import AlreadyLead, NewLeadUnknown
from domain.permissions import SCHEDULER, Role
from services.clock_keeping import ApplyChangeOfLead
from services.clock_sweeps import new_leads
from services.rounds import OpenRound
from services.side_processes import SideProcess
from tests.integration.test_side_processes import deadline, item_of, start
from tests.invariants import check_everything
from tests.world import REPORT, World


@pytest.fixture
def item(world):
    """An item in progress that is due at the end of June."""
    item_id = world.item(co_units=1, deadlines=deadline())
    world.to_progress(item_id)
    return item_id


NEW_LEAD = {"new_lead": "市牵头乙局", "reason": "职能已经划转", "basis": "机构改革方案", "effective_on": "2026-03-10"}


def propose(world: World, item_id: UUID, **fields: Any) -> None:
    start(world, item_id, SideProcess.CHANGE_OF_RESPONSIBILITY)
    world.complete(item_id, "propose_change", "submit", form=NEW_LEAD | fields)


def leads_of(world: World, item_id: UUID) -> set[UUID]:
    with world.sessions() as session:
        rows = session.exec(
            select(Responsibility).where(
                Responsibility.item_id == item_id, Responsibility.role == "lead", col(Responsibility.valid_to).is_(None)
            )
        )
        return {row.unit_id for row in rows if row.unit_id}


def agree(world: World, item_id: UUID) -> None:
    world.everybody(item_id, "state_opinion", "agree")
    world.everybody(item_id, "answer_proposal", "agree")
    world.complete(item_id, "decide_change", "approve")


def test_a_change_of_the_lead_moves_open_work_and_keeps_history(world, item):
    evidence = world.evidence(item, world.actor(world.leads[0], Role.LIAISON))
    propose(world, item, old_lead_stays=True)
    agree(world, item)
    assert leads_of(world, item) == {world.leads[1]}
    [claim] = world.open_work(item, "claim_completion")
    assert claim.unit_id == world.leads[1]
    with world.sessions() as session:
        told = session.exec(select(Delivery).where(Delivery.subject_id == claim.id)).all()
        parts = session.exec(select(Responsibility).where(Responsibility.item_id == item)).all()
        check_everything(session)
    assert len(told) == 2
    assert {(p.unit_id, p.role) for p in parts if p.valid_to is not None} >= {(world.leads[0], "lead")}
    assert (world.leads[0], "co_unit") in {(p.unit_id, p.role) for p in parts if p.valid_to is None}
    assert "proposed" not in {p.role for p in parts if p.valid_to is None}
    new_liaison = world.actor(world.leads[1], Role.LIAISON)
    world.complete(item, "claim_completion", "completed", form={"summary": "已完成"}, actor=new_liaison)
    assert {w.unit_id for w in world.open_work(item, "countersign")} == {world.co_units[0], world.leads[0]}
    assert evidence


def test_a_change_takes_effect_on_its_date_and_once(world, item):
    propose(world, item, effective_on="2026-04-01")
    agree(world, item)
    assert leads_of(world, item) == {world.leads[0]}
    world.clock.advance(days=22)
    with world.sessions() as session:
        [change] = new_leads(session, world.clock.now(), 10)
    assert world.do(ApplyChangeOfLead(change_id=change), SCHEDULER) is True
    assert world.do(ApplyChangeOfLead(change_id=change), SCHEDULER) is False
    assert leads_of(world, item) == {world.leads[1]}
    with world.sessions() as session:
        assert session.get_one(ResponsibilityChange, change).applied_at == world.clock.now()


def test_who_leads_now_hands_the_open_reports_in(world, item):
    day = end_of(date(2026, 3, 25))
    closed = world.do(OpenRound(item_id=item, period="2026-02", co_due_at=day, due_at=day), world.clerk)
    world.everybody(item, "contribute", form={"progress": "已完成"})
    world.complete(item, "consolidate", "submit", form=REPORT)
    world.complete(item, "sign_report", "sign")
    world.complete(item, "review_report", "approve")
    opened = world.do(OpenRound(item_id=item, period="2026-03", co_due_at=day, due_at=day), world.clerk)
    world.everybody(item, "contribute", form={"progress": "已完成"})
    propose(world, item)
    agree(world, item)
    with world.sessions() as session:
        rounds = session.exec(select(ProgressRound.instance_id, ProgressRound.unit_id)).all()
    assert dict(rounds) == {closed: world.leads[0], opened: world.leads[1]}
    [report] = world.open_work(item, "consolidate")
    assert report.unit_id == world.leads[1]


def test_a_contested_change_goes_to_the_convener(world, item):
    propose(world, item)
    world.everybody(item, "state_opinion", "agree")
    world.complete(item, "answer_proposal", "object", reason_code="not_our_duty", opinion="三定规定没有这项职责")
    world.complete(item, "decide_change", "approve")
    assert leads_of(world, item) == {world.leads[0]}
    world.complete(item, "rule_on_change", "refuse", reason_code="not_fulfilled", opinion="维持原牵头单位")
    assert leads_of(world, item) == {world.leads[0]}
    with world.sessions() as session:
        open_parts = session.exec(
            select(Responsibility.role).where(Responsibility.item_id == item, col(Responsibility.valid_to).is_(None))
        ).all()
    assert "proposed" not in open_parts


def test_the_office_proposes_a_change_too(world, item):
    start(world, item, SideProcess.CHANGE_OF_RESPONSIBILITY, world.clerk)
    world.complete(item, "propose_as_office", "submit", form=NEW_LEAD)
    agree(world, item)
    assert leads_of(world, item) == {world.leads[1]}


def test_one_of_two_joint_leads_is_replaced_and_signs_once(world):
    item_id = world.item(leads=2)
    world.complete(item_id, "issue")
    with world.sessions() as session:
        third = session.get_one(Unit, world.co_units[0]).official_name
        first = session.get_one(Unit, world.leads[0]).official_name
    start(world, item_id, SideProcess.CHANGE_OF_RESPONSIBILITY)
    world.complete(item_id, "propose_change", "submit", form=NEW_LEAD | {"new_lead": third, "replaced_lead": first})
    agree(world, item_id)
    assert leads_of(world, item_id) == {world.co_units[0], world.leads[1]}
    assert {w.unit_id for w in world.open_work(item_id, "sign_for")} == {world.co_units[0], world.leads[1]}


def test_one_lead_takes_the_place_of_two_and_is_asked_once(world):
    item_id = world.item(leads=2)
    world.complete(item_id, "issue")
    with world.sessions() as session:
        third = session.get_one(Unit, world.co_units[0]).official_name
    start(world, item_id, SideProcess.CHANGE_OF_RESPONSIBILITY)
    world.complete(item_id, "propose_change", "submit", form=NEW_LEAD | {"new_lead": third})
    agree(world, item_id)
    assert [w.unit_id for w in world.open_work(item_id, "sign_for")] == [world.co_units[0]]
    assert item_of(world, item_id).joint_lead is False
    world.complete(item_id, "sign_for", "accept")
    assert world.open_work(item_id, "draft_plan")


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"new_lead": "并不存在的局"}, NewLeadUnknown),
        ({"new_lead": "市牵头甲局"}, AlreadyLead),
        ({"replaced_lead": "市配合子局"}, AlreadyLead),
    ],
)
def test_a_change_names_units_that_fit(world, item, fields, refusal):
    start(world, item, SideProcess.CHANGE_OF_RESPONSIBILITY)
    with pytest.raises(refusal):
        world.complete(item, "propose_change", "submit", form=NEW_LEAD | fields)
