"""The random life of a KPI target: whoever asks, answers, returns, withdraws, in any order, the figures stay proven."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import KpiReading, KpiRequest, KpiTarget, ProcessInstance, WorkItem
from domain.calendar import local_date
from domain.errors import DomainError
from domain.kpi import KpiKind
from domain.kpi_reporting import KpiRhythm
from domain.permissions import SCHEDULER, Role
from services.kpi import RecordKpiReading, RetireKpiTarget, SetKpiTarget
from services.kpi_endings import EndKpiRequest, requests_over
from services.kpi_requests import (
    ArrangeKpiReporting,
    AskForDueKpiFigure,
    AskForKpiFigure,
    WithdrawKpiRequest,
    figures_due,
)
from services.work_items import CompleteWorkItem
from tests.invariants import check_everything
from tests.ladder_world import local
from tests.world import World

TASKS = Bundle.shipped("kpi_reading").user_tasks
REFUSED = {
    *("kpi_already_asked", "kpi_request_ended", "kpi_reading_outside_period", "kpi_reading_in_future", "wrong_status"),
    *("kpi_reading_before_base", "kpi_proof_missing"),
}


class KpiLife(RuleBasedStateMachine):
    """One target until some time after its date, with an office and two units that may be asked."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        # The same choices lead to the same life only if they begin on the same day.
        self.world.clock.at = local(3, 10, 9)
        today = local_date(self.world.clock.now())
        setting = SetKpiTarget(
            office_unit_id=self.world.office,
            name="制度创新成果",
            kind=KpiKind.CUMULATIVE_COUNT,
            target=90.0,
            unit="项",
            base_on=today - timedelta(days=40),
            target_on=today + timedelta(days=70),
            source="规划表一",
        )
        self.target: UUID = self.world.do(setting, self.world.clerk)
        self.arrange(0, KpiRhythm.MONTHLY)

    def attempt(self, command, actor):
        try:
            self.world.do(command, actor)
        except DomainError as refused:
            if refused.code not in REFUSED:
                raise

    def open_work(self) -> list[WorkItem]:
        with self.world.sessions() as session:
            statement = (
                select(WorkItem)
                .join(KpiRequest, col(KpiRequest.item_id) == col(WorkItem.item_id))
                .where(KpiRequest.target_id == self.target, col(WorkItem.closed_at).is_(None))
            )
            return list(session.exec(statement.order_by(col(KpiRequest.last_on))))

    @rule(lead=st.integers(0, 1), rhythm=st.sampled_from(KpiRhythm))
    def arrange(self, lead, rhythm):
        unit_id = self.world.leads[lead]
        self.attempt(ArrangeKpiReporting(target_id=self.target, unit_id=unit_id, rhythm=rhythm), self.world.clerk)

    @rule(days=st.integers(1, 35))
    def time_passes_and_the_clock_looks(self, days):
        self.world.clock.advance(days=days)
        with self.world.sessions() as session:
            due = figures_due(session, self.world.clock.now(), 10)
            over = requests_over(session, self.world.clock.now(), 10)
        for target_id in set(due) & {self.target}:
            self.attempt(AskForDueKpiFigure(target_id=target_id), SCHEDULER)
        for item_id in over:
            self.attempt(EndKpiRequest(item_id=item_id), SCHEDULER)

    @rule(back=st.integers(0, 40), lead=st.sampled_from([None, 0, 1]))
    def the_office_asks(self, back, lead):
        day = local_date(self.world.clock.now()) - timedelta(days=back)
        unit_id = None if lead is None else self.world.leads[lead]
        self.attempt(AskForKpiFigure(target_id=self.target, as_of=day, unit_id=unit_id), self.world.clerk)

    @rule(pick=st.integers(0, 9), choice=st.integers(0, 1), early=st.integers(0, 40), proven=st.booleans())
    @precondition(lambda self: bool(self.open_work()))
    def somebody_decides(self, pick, choice, early, proven):
        self.world.clock.advance(hours=1)
        work = (found := self.open_work())[pick % len(found)]
        decision = TASKS[work.bpmn_id].properties["decisions"].split(",")[choice]
        actor = self.world.actor(work.unit_id, Role(work.role))
        form = {}
        if decision == "report":
            with self.world.sessions() as session:
                asked_for: date = session.get_one(KpiRequest, work.item_id).last_on
            form = {"value": 10 + early, "as_of": f"{asked_for - timedelta(days=early)}", "source": "台账"}
        elif decision == "cannot":
            form = {"why_not": "还没有公布"}
        command = CompleteWorkItem(
            work_item_id=work.id,
            seen_version=work.version,
            decision=decision,
            form=form,
            evidence_ids=(self.world.evidence(work.item_id, actor),) if proven and decision == "report" else (),
            opinion="请核对" if decision == "return" else "",
            reason_code="other" if decision == "return" else None,
        )
        self.attempt(command, actor)

    @rule(pick=st.integers(0, 9))
    @precondition(lambda self: bool(self.open_work()))
    def the_office_withdraws(self, pick):
        work = (found := self.open_work())[pick % len(found)]
        self.attempt(WithdrawKpiRequest(item_id=work.item_id, reason="口径改了"), self.world.clerk)

    @rule(back=st.integers(0, 20))
    def the_office_records_a_figure_itself(self, back):
        day = local_date(self.world.clock.now()) - timedelta(days=back)
        command = RecordKpiReading(target_id=self.target, as_of=day, value=12.0, source="统计月报")
        self.attempt(command, self.world.clerk)

    @rule(sure=st.integers(0, 9))
    def the_target_is_taken_off(self, sure):
        if sure == 0:
            self.attempt(RetireKpiTarget(target_id=self.target), self.world.clerk)

    @invariant()
    def figures_and_requests_agree(self):
        with self.world.sessions() as session:
            check_everything(session)
            requests = session.exec(select(KpiRequest).where(KpiRequest.target_id == self.target)).all()
            figures = session.exec(select(KpiReading).where(KpiReading.target_id == self.target)).all()
            retired = session.get_one(KpiTarget, self.target).retired_at is not None
            running = set(
                session.exec(
                    select(ProcessInstance.item_id)
                    .join(KpiRequest, col(KpiRequest.item_id) == col(ProcessInstance.item_id))
                    .where(KpiRequest.target_id == self.target, col(ProcessInstance.ended_at).is_(None))
                ).all()
            )
        days = [request.last_on for request in requests if request.outcome != "cancelled"]
        assert len(days) == len(set(days))
        assert {request.item_id for request in requests if request.outcome is None} == running
        recorded = {request.item_id: request for request in requests if request.outcome == "recorded"}
        reported = {figure.request_item_id: figure for figure in figures if figure.request_item_id is not None}
        assert recorded.keys() == reported.keys()
        for item_id, figure in reported.items():
            assert (figure.value, figure.as_of) == (recorded[item_id].value, recorded[item_id].as_of)
            assert figure.evidence_ids
        assert not (retired and running)


def test_a_target_that_anybody_asks_about_in_any_order_keeps_its_invariants(world):
    class LifeHere(KpiLife):
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
