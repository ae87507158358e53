"""A random life: whatever people do in whatever order, the invariants hold and nothing is lost."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from bpmn.bundle import Bundle
from db.tables import AuditEntry, Item
from domain.errors import DomainError
from domain.items import FINAL
from domain.permissions import Actor, Role
from services.items import StopItem
from services.rounds import OpenRound
from services.work_items import CompleteWorkItem
from tests.integration.test_groups_and_rounds import CO_DUE_AT, DUE_AT
from tests.invariants import check_everything
from tests.world import BREAKTHROUGH, CLAIM, PLAN, REPORT, World

BUNDLES = {key: Bundle.shipped(key) for key in ("supervision", "progress_round")}
TASKS = {bpmn_id: task for bundle in BUNDLES.values() for bpmn_id, task in bundle.user_tasks.items()}
FORMS: dict[str, dict[str, Any]] = {
    "draft_plan": PLAN,
    "claim_completion": CLAIM,
    "consolidate": REPORT,
    "contribute": {"progress": "已完成"},
    "file_item": {"archive_number": "1"},
    "decide_by_meeting": {"meeting": "专题会议", "held_on": "2026-03-10"},
}


class Life(RuleBasedStateMachine):
    """People act in any order on up to three items."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.items: list[UUID] = []
        self.done = 0
        self.before = self.audited()

    def audited(self) -> int:
        with self.world.sessions() as session:
            return len(session.exec(select(AuditEntry.id).where(AuditEntry.command == "CompleteWorkItem")).all())

    @rule(leads=st.integers(1, 2), co_units=st.integers(0, 3))
    @precondition(lambda self: len(self.items) < 3)
    def new_item(self, leads, co_units):
        self.items.append(self.world.item(leads=leads, co_units=co_units))

    def open_work(self):
        return [w for item in self.items for w in self.world.open_work(item)]

    @rule(pick=st.integers(0, 99), choice=st.integers(0, 5), where=st.integers(0, 5), straight=st.booleans())
    @precondition(lambda self: bool(self.open_work()))
    def somebody_acts(self, pick, choice, where, straight):
        work = (candidates := self.open_work())[pick % len(candidates)]
        task = TASKS[work.bpmn_id]
        decisions = task.properties.get("decisions", "").split(",")
        targets = [t for t in task.properties.get("return_to", "").split(",") if t]
        decision = decisions[choice % len(decisions)]
        person = self.world.actor(work.unit_id, Role(work.role))
        evidence: tuple[UUID, ...] = ()
        if work.bpmn_id == "claim_completion":
            evidence = (self.world.evidence(work.item_id, person),)
        form = BREAKTHROUGH if decision == "breakthrough" else self.form(work.bpmn_id, decision)
        command = CompleteWorkItem(
            work_item_id=work.id,
            seen_version=work.version,
            decision=decision or None,
            form=form,
            opinion="请补充",
            reason_code=self.reason(work.bpmn_id, decision),
            return_to=targets[where % len(targets)] if targets and decision == "return" else None,
            resume_here=straight,
            evidence_ids=evidence,
        )
        self.done += self.attempt(
            command, person, {"breakthrough_not_allowed", "own_submission", "send_back_contradicted"}
        )

    def attempt(self, command: Any, actor: Actor, refusals: set[str]) -> bool:
        """Whether it was done; any refusal but the expected ones fails the test."""
        try:
            self.world.do(command, actor)
        except DomainError as refused:
            if refused.code not in refusals:
                raise
            return False
        return True

    def form(self, bpmn_id, decision):
        """The step's form, with whatever it asks of this decision in words."""
        bundle = next(b for b in BUNDLES.values() if bpmn_id in b.user_tasks)
        schema = bundle.form(TASKS[bpmn_id].properties["form"]) or {}
        asked = set(schema["x-ui"].get("required_for", {}).get(decision, ())) - {"opinion", "reason_code"}
        words = {name: "补充说明" for name in asked if schema["properties"][name].get("type") == "string"}
        return {**words, **FORMS.get(bpmn_id, {})}

    def reason(self, bpmn_id, decision):
        form = TASKS[bpmn_id].properties.get("form", "")
        bundle = next(b for b in BUNDLES.values() if bpmn_id in b.user_tasks)
        codes = (bundle.form(form) or {}).get("properties", {}).get("reason_code", {}).get("enum", [])
        adverse = decision in {"return", TASKS[bpmn_id].properties.get("adverse")}
        return codes[0] if codes and adverse else None

    @rule(pick=st.integers(0, 9), period=st.integers(1, 3))
    @precondition(lambda self: bool(self.items))
    def a_round_is_asked_for(self, pick, period):
        command = OpenRound(
            item_id=self.items[pick % len(self.items)],
            period=f"2026-0{period}",
            co_due_at=CO_DUE_AT,
            due_at=DUE_AT,
        )
        self.attempt(command, self.world.clerk, {"wrong_status", "already_exists"})

    @rule(pick=st.integers(0, 9), terminate=st.booleans(), sure=st.integers(0, 4))
    @precondition(lambda self: bool(self.items))
    def the_head_stops_an_item(self, pick, terminate, sure):
        if sure:
            return
        item_id = self.items[pick % len(self.items)]
        with self.world.sessions() as session:
            item = session.get_one(Item, item_id)
        command = StopItem(
            item_id=item_id,
            seen_version=item.version,
            message="terminate" if terminate else "withdraw",
            reason="政策调整",
            document_number="文1号",
        )
        self.attempt(command, self.world.head, {"wrong_status"} if item.status in FINAL else set())

    @invariant()
    def everything_holds(self):
        with self.world.sessions() as session:
            check_everything(session)

    @invariant()
    def every_act_is_in_the_audit(self):
        with self.world.sessions() as session:
            done = session.exec(
                select(AuditEntry.id).where(
                    AuditEntry.command == "CompleteWorkItem",
                    AuditEntry.error_code == None,  # noqa: E711
                )
            ).all()
        assert len(done) >= self.done


def test_any_order_of_acts_keeps_the_invariants(world):
    class LifeHere(Life):
        pass

    LifeHere.world = world
    run_state_machine_as_test(
        LifeHere,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # A failing life is short enough to read; making it shorter takes minutes of database work.
            phases=[Phase.generate],
        ),
    )
