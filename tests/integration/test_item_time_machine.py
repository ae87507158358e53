"""A random life in which the lead also asks for extensions, suspensions and another lead: the invariants hold."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bpmn.bundle import Bundle
from domain.errors import DomainError
from domain.items import DeadlineKind, Strength
from domain.permissions import Actor, Role
from services.clock_keeping import ResumeItem
from services.items import NewDeadline
from services.side_processes import SideProcess, StartSideProcess
from services.work_items import CompleteWorkItem
from tests.integration.test_change_of_lead import NEW_LEAD
from tests.integration.test_coordination import PROBLEM
from tests.integration.test_side_processes import application, item_of
from tests.invariants import check_everything
from tests.world import World

TASKS = {step: task for key in SideProcess for step, task in Bundle.shipped(key).user_tasks.items()}
FORMS: dict[str, dict[str, Any]] = {
    "apply_extension": application(date(2026, 10, 15)),
    "apply_suspension": {"document_number": "部函12号", "reason": "暂缓"},
    "propose_change": NEW_LEAD,
    "propose_as_office": NEW_LEAD,
    "apply_coordination": PROBLEM,
}
DUE = NewDeadline(phrase="2026年6月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 6, 30), strength=Strength.FIRM)
REFUSED = {
    *(
        "own_submission",
        "extension_used_up",
        "extension_too_late",
        "new_date_not_later",
        "item_suspended",
        "already_lead",
    ),
    *("side_process_running", "not_suspended", "permission_denied", "wrong_status", "not_found"),
}


class TimedLife(RuleBasedStateMachine):
    """One item in progress; people ask and decide in any order."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.item_id = self.world.item(co_units=1, deadlines=(DUE,))
        self.world.to_progress(self.item_id)

    def attempt(self, command: Any, actor: Actor) -> None:
        try:
            self.world.do(command, actor)
        except DomainError as refused:
            if refused.code not in REFUSED:
                raise

    def aside(self):
        return [work for work in self.world.open_work(self.item_id) if work.bpmn_id in TASKS]

    @rule(process=st.sampled_from(SideProcess), lead=st.integers(0, 1))
    def a_lead_asks(self, process, lead):
        version = item_of(self.world, self.item_id).version
        command = StartSideProcess(item_id=self.item_id, seen_version=version, process=process)
        self.attempt(command, self.world.actor(self.world.leads[lead], Role.LIAISON))

    @rule(pick=st.integers(0, 9), choice=st.integers(0, 5))
    @precondition(lambda self: bool(self.aside()))
    def somebody_decides(self, pick, choice):
        work = (open_work := self.aside())[pick % len(open_work)]
        given = TASKS[work.bpmn_id].properties
        decision = (decisions := given["decisions"].split(","))[choice % len(decisions)]
        adverse = decision in {"return", "refuse", "object"}
        level = work.bpmn_id.startswith("coordinate_")
        form = FORMS.get(work.bpmn_id, {}) if decision == "submit" else {}
        command = CompleteWorkItem(
            work_item_id=work.id,
            seen_version=work.version,
            decision=decision,
            form=form | ({"pause": True} if level and decision == "escalate" and pick % 2 else {}),
            opinion="请说明" if adverse or level else "",
            reason_code="other" if adverse else None,
        )
        self.attempt(command, self.world.actor(work.unit_id, Role(work.role)))

    @rule(days=st.integers(0, 3))
    def the_office_lets_the_clock_go_on(self, days):
        self.world.clock.advance(days=days)
        version = item_of(self.world, self.item_id).version
        self.attempt(ResumeItem(item_id=self.item_id, seen_version=version, reason="条件具备"), self.world.clerk)

    @invariant()
    def everything_holds(self):
        with self.world.sessions() as session:
            check_everything(session)


def test_extensions_suspensions_and_changes_in_any_order_keep_the_invariants(world):
    class LifeHere(TimedLife):
        pass

    LifeHere.world = world
    run_state_machine_as_test(
        LifeHere,
        settings=settings(
            max_examples=4,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
