"""Matters: items of the other mechanisms, which are worked on as tasks are and shown among none of them."""

import sys
from dataclasses import dataclass
from types import ModuleType
from uuid import UUID

import pytest

from bpmn.bundle import Bundle
from domain.errors import PermissionDenied, WrongStatus
from domain.items import ItemKind, ResponsibilityRole
from domain.permissions import Permission, Role
from services import matter_processes
from services.items import StopItem
from services.matters import MatterParty, OpenedMatter, next_number, open_matter
from services.process_library import publish
from services.queries.item_detail import item_detail
from services.queries.ledger import LedgerFilter, LedgerGroup, count_ledger, ledger
from services.queries.lists import list_names, task_lists
from services.queries.reading import reading
from services.queries.worklist import WorkFilter, open_work
from services.unit_of_work import UnitOfWork

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
                  id="inquiry_definitions" targetNamespace="urn:dudao:bpmn:inquiry">
  <bpmn:process id="inquiry" name="函询" isExecutable="true">
    <bpmn:startEvent id="asked"><bpmn:outgoing>asked_to_answer</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="answer" name="答复">
      <bpmn:extensionElements><spiffworkflow:properties>
        <spiffworkflow:property name="parties" value="consulted" />
        <spiffworkflow:property name="role" value="liaison" />
        <spiffworkflow:property name="rule" value="all" />
        <spiffworkflow:property name="decisions" value="reply" />
        <spiffworkflow:property name="decision_labels" value="答复" />
        <spiffworkflow:property name="limit" value="2wd" />
        <spiffworkflow:property name="evidence" value="none" />
      </spiffworkflow:properties></bpmn:extensionElements>
      <bpmn:incoming>asked_to_answer</bpmn:incoming>
      <bpmn:outgoing>answer_to_answered</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="answered" name="已答复"><bpmn:incoming>answer_to_answered</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="asked_to_answer" sourceRef="asked" targetRef="answer" />
    <bpmn:sequenceFlow id="answer_to_answered" sourceRef="answer" targetRef="answered" />
  </bpmn:process>
</bpmn:definitions>"""


@dataclass(frozen=True)
class Inquire:
    """Asks units something."""

    office: UUID
    units: tuple[UUID, ...]

    def execute(self, uow: UnitOfWork) -> OpenedMatter:
        uow.require(Permission.ITEM_CREATE, unit_id=self.office)
        number = next_number(uow, self.office, ItemKind.TOPIC, 2026)
        return open_matter(
            uow,
            kind=ItemKind.TOPIC,
            office_unit_id=self.office,
            title="关于数据口径的函询",
            number=f"函询〔2026〕{number}号",
            process="inquiry",
            parties=[MatterParty(unit, ResponsibilityRole.CONSULTED) for unit in self.units],
        )


class Told(ModuleType):
    """The joint of the test's process: it remembers what it was told."""

    ENDS_MATTER = True

    def __init__(self) -> None:
        super().__init__("services.told")
        self.steps: list[tuple[str, str | None]] = []

    def check(self, uow, instance, done):
        return {}

    def apply(self, uow, instance, advanced, done):
        self.steps.append((done.bpmn_id, advanced.outcome))


@pytest.fixture
def told(monkeypatch):
    module = Told()
    monkeypatch.setitem(sys.modules, "services.told", module)
    monkeypatch.setattr(matter_processes, "_MODULES", {"inquiry": "told"})
    return module


@pytest.fixture
def matter(world, told):
    with world.sessions() as session:
        bundle = Bundle.of({"inquiry.bpmn": MODEL.encode()}, "inquiry")
        publish(session, bundle, published_at=world.clock.now(), published_by=None)
        session.commit()
    return world.do(Inquire(world.office, world.co_units[:2]), world.clerk)


def test_each_party_of_a_matter_finds_its_step_in_its_work_list(world, matter):
    for unit in world.co_units[:2]:
        with reading(world.executor, world.actor(unit, Role.LIAISON)) as asked:
            [row] = open_work(asked, WorkFilter()).rows
            assert (row.step, row.text, row.number) == ("答复", "关于数据口径的函询", "函询〔2026〕1号")
            assert item_detail(asked, matter.item_id).summary.status_label == "办理中"
    with reading(world.executor, world.actor(world.co_units[2], Role.LIAISON)) as asked:
        assert open_work(asked, WorkFilter()).rows == ()


def test_a_matter_is_settled_with_the_end_of_its_process(world, matter, told):
    for unit in world.co_units[:2]:
        world.complete(matter.item_id, "answer", "reply", unit_id=unit)
    assert world.status(matter.item_id) == "settled"
    assert told.steps == [("answer", "answered")]


def test_no_list_of_tasks_and_no_count_shows_a_matter(world, matter):
    task = world.item()
    with reading(world.executor, world.clerk) as asked:
        assert [row.id for row in ledger(asked, LedgerFilter()).rows] == [task]
        assert [count.count for count in count_ledger(asked, LedgerFilter())] == [1]
        assert sum(count.count for count in count_ledger(asked, LedgerFilter(), LedgerGroup.STATUS)) == 1
        assert [row.title for row in task_lists(asked).rows] == ["手工登记"]
        assert [row.title for row in list_names(asked)] == ["手工登记"]


def test_running_numbers_of_matters_follow_each_other(world, matter):
    world.do(Inquire(world.office, world.co_units[:1]), world.clerk)
    with reading(world.executor, world.actor(world.co_units[0], Role.LIAISON)) as asked:
        numbers = {row.number for row in open_work(asked, WorkFilter()).rows}
    assert numbers == {"函询〔2026〕1号", "函询〔2026〕2号"}


def test_a_matter_has_no_light_and_cannot_be_stopped_as_a_task(world, matter):
    with reading(world.executor, world.clerk) as asked:
        shown = item_detail(asked, matter.item_id)
    assert shown.summary.light is None
    assert shown.actions.item == ()
    command = StopItem(item_id=matter.item_id, seen_version=shown.summary.version, message="withdraw", reason="误开")
    with pytest.raises(WrongStatus):
        world.do(command, world.head)
    with pytest.raises(PermissionDenied):
        world.do(Inquire(world.office, world.co_units), world.actor(world.leads[0], Role.LIAISON))
