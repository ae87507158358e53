"""提醒函 and 督办单: asked for by the ladder or decided by the office, numbered, told to the lead, settled once."""

from datetime import date
from uuid import UUID

import pytest

from db.tables import Escalation
from domain.document_errors import DocumentNotFound
from domain.errors import NotFound, PermissionDenied, WrongStatus
from domain.escalation_errors import OrderIssued, OrderUnknown
from domain.items import DeadlineKind, Strength
from domain.ladder import EscalationDocument, EscalationKind, SubjectKind
from domain.permissions import Role
from dossiers.filling import filled
from services.items import NewDeadline
from services.orders import IssueOrder
from services.queries.documents import document_detail, documents_of_item
from services.queries.item_detail import item_detail
from services.queries.orders import due_orders
from services.queries.reading import reading
from services.queries.timeline import EntryKind
from tests.ladder_world import fired, local, undelivered
from tests.world import World

LAST_DAY = date(2026, 3, 31)
ORDER, REMINDER = EscalationDocument.SUPERVISION_ORDER, EscalationDocument.REMINDER_LETTER


@pytest.fixture
def item(world) -> UUID:
    deadline = NewDeadline(phrase="2026年3月底前", kind=DeadlineKind.BY_DATE, on_date=LAST_DAY, strength=Strength.FIRM)
    id_: UUID = world.item(co_units=1, deadlines=(deadline,))
    world.to_progress(id_)
    return id_


def content(world: World, document_id: UUID):
    with reading(world.executor, world.head) as asked:
        return document_detail(asked, document_id)


def test_an_order_has_a_number_the_facts_of_the_item_and_the_day_to_answer(world, item):
    world.clock.at = local(4, 8, 10)
    issued = world.do(IssueOrder(item_id=item, document=ORDER, reply_within=3, words="请于4月底前完成。"), world.head)
    found = content(world, issued.id)
    order = found.content["order"]
    assert issued.number == 1 and found.row.series == "supervision_order" and not found.row.public
    assert found.content["head"] == {"name": "滨海示范市联席会议办公室文件", "mark": issued.mark}
    assert (order["due_on"], order["overdue_days"], order["leads"]) == ("2026-03-31", 6, ["市牵头甲局"])
    assert order["co_units"] == ["市配合子局"] == found.content["imprint"]["copies"]
    assert order["reply_by"] == "2026-04-13" and order["words"] == "请于4月底前完成。"
    assert found.recipients == ("市牵头甲局",)
    page = filled(found.template, found.content)
    assert "已逾期6个工作日" in page and "请于2026年4月13日前书面反馈" in page


def test_the_lead_sees_it_and_is_told_with_its_leader_and_strangers_do_not(world, item):
    issued = world.do(IssueOrder(item_id=item, document=REMINDER), world.clerk)
    lead = world.leads[0]
    told = {row.recipient_id for row in fired(world)}
    assert told == {world.actor(lead, Role.LIAISON).id, world.actor(lead, Role.UNIT_LEADER).id}
    assert len(undelivered(world)) == len(fired(world))
    with reading(world.executor, world.actor(lead, Role.LIAISON)) as asked:
        assert [row.id for row in documents_of_item(asked, item)] == [issued.id]
        seen = item_detail(asked, item)
    assert [row.mark for row in seen.documents] == [issued.mark]
    said = [entry for entry in seen.timeline if entry.kind is EntryKind.ESCALATION]
    assert said and all(entry.decision_label == "提醒函" and issued.mark in entry.opinion for entry in said)
    with reading(world.executor, world.actor(world.leads[1], Role.LIAISON)) as asked, pytest.raises(DocumentNotFound):
        document_detail(asked, issued.id)


def test_what_the_ladder_asked_for_waits_until_it_is_issued_and_is_issued_once(world, item):
    asked_for = asked_by_ladder(world, item, ORDER)
    with reading(world.executor, world.head) as asked:
        [due] = due_orders(asked)
    assert (due.item_id, due.document, due.level) == (item, ORDER, 3)
    with reading(world.executor, world.actor(world.leads[0], Role.UNIT_LEADER)) as asked:
        assert due_orders(asked) == ()
    command = IssueOrder(item_id=item, document=ORDER, escalation_id=due.escalation_id)
    world.do(command, world.head)
    with reading(world.executor, world.head) as asked:
        assert due_orders(asked) == ()
    with pytest.raises(OrderIssued):
        world.do(command, world.head)
    other = world.item()
    world.complete(other, "issue")
    with pytest.raises(NotFound):
        world.do(IssueOrder(item_id=other, document=ORDER, escalation_id=asked_for), world.head)


def asked_by_ladder(world: World, item: UUID, document: EscalationDocument) -> UUID:
    """A level that went out to two people and named a document."""
    with world.sessions() as session:
        people = [world.actor(world.leads[0], role).id for role in (Role.LIAISON, Role.UNIT_LEADER)]
        rows = [
            Escalation(
                subject_kind=SubjectKind.ITEM,
                subject_id=item,
                level=3,
                recipient_id=person_id,
                recipient_unit_id=world.leads[0],
                item_id=item,
                kind=EscalationKind.ESCALATION,
                document=document,
                planned_at=world.clock.now(),
                fired_at=world.clock.now(),
            )
            for person_id in people
            if person_id is not None
        ]
        session.add_all(rows)
        session.commit()
        return rows[0].id


def test_orders_are_signed_by_the_head_and_letters_by_the_staff(world, item):
    with pytest.raises(PermissionDenied):
        world.do(IssueOrder(item_id=item, document=ORDER), world.clerk)
    world.do(IssueOrder(item_id=item, document=ORDER), world.actor(world.office, Role.CONVENER))
    with pytest.raises(NotFound):
        world.do(IssueOrder(item_id=item, document=REMINDER), world.actor(world.leads[0], Role.UNIT_LEADER))
    with pytest.raises(OrderUnknown):
        world.do(IssueOrder(item_id=item, document=EscalationDocument.LATE_LIST), world.head)


def test_an_item_that_was_not_issued_or_has_ended_gets_no_order(world):
    with pytest.raises(WrongStatus):
        world.do(IssueOrder(item_id=world.item(), document=ORDER), world.head)
    ended = world.item()
    world.to_progress(ended)
    world.to_review(ended)
    world.to_end(ended)
    with pytest.raises(WrongStatus):
        world.do(IssueOrder(item_id=ended, document=ORDER), world.head)
    assert fired(world) == []


def test_a_red_order_says_its_grade_and_shares_the_series(world, item):
    world.do(IssueOrder(item_id=item, document=ORDER), world.head)
    red = world.do(IssueOrder(item_id=item, document=EscalationDocument.RED_SUPERVISION_ORDER), world.head)
    found = content(world, red.id)
    assert red.number == 2 and found.content["order"]["grade"] == "红色"
    assert found.content["order"]["overdue_days"] is None and found.content["order"]["due_on"] == "2026-03-31"
