"""A random life: whatever people do in whatever order, the invariants hold and nothing is lost."""

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from bpmn.bundle import Bundle
from db.tables import AuditEntry, Item, ProgressRound, ReportPeriod, ReportRhythm
from domain.errors import DomainError, NotFound
from domain.items import FINAL
from domain.permissions import SCHEDULER, Actor, Role
from domain.rhythm import Rhythm, RhythmKind
from services.items import StopItem
from services.queries.reading import reading
from services.queries.sheets import sheet_view
from services.rhythms import SetRhythm
from services.rounds import OpenDueRound, OpenRound
from services.sheets import ReviewSheet, RowAct, SheetStep, SignSheet, SubmitSheet
from services.work_items import CompleteWorkItem
from tests.integration.test_groups_and_rounds import CO_DUE_AT, DUE_AT
from tests.invariants import check_everything
from tests.world import BREAKTHROUGH, CLAIM, PLAN, REPORT, World

BUNDLES = {key: Bundle.shipped(key) for key in ("supervision", "progress_round")}
RHYTHM = Rhythm(kind=RhythmKind.MONTHLY, starts_on=date(2026, 3, 1), joins_before=5)
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

    @rule(pick=st.integers(0, 9))
    @precondition(lambda self: bool(self.items))
    def the_clock_asks(self, pick):
        item_id = self.items[pick % len(self.items)]
        with self.world.sessions() as session:
            list_id = session.get_one(Item, item_id).list_id
            known = session.get(ReportRhythm, list_id)
        if known is None:
            self.world.do(SetRhythm(list_id=list_id, seen_version=0, rhythm=RHYTHM), self.world.clerk)
        self.world.do(OpenDueRound(list_id=list_id, item_id=item_id), SCHEDULER)

    def sheet_rows(self, unit, step):
        """The period of the unit's sheet, and its rows that wait in this step."""
        with self.world.sessions() as session:
            period = session.exec(select(ReportPeriod.id)).first()
        if period is None:
            return None, []
        with reading(self.world.executor, self.world.clerk) as asked:
            try:
                view = sheet_view(asked, period, unit, co_unit=step is SheetStep.CONTRIBUTE)
            except NotFound:
                return period, []
        rows = [row for row in view.rows if row.step == step and row.work_item_id]
        # The office reviews a shared row on the sheet of the unit that handed it in.
        if step is SheetStep.REVIEW:
            rows = [row for row in rows if self.unit_of(row.round_id) == unit]
        return period, rows

    def unit_of(self, round_id):
        with self.world.sessions() as session:
            return session.get_one(ProgressRound, round_id).unit_id

    @rule(
        pick=st.integers(0, 4),
        step=st.sampled_from(SheetStep),
        back=st.integers(0, 7),
        where=st.integers(0, 1),
        stale=st.integers(0, 9),
    )
    @precondition(lambda self: bool(self.items))
    def a_sheet_moves(self, pick, step, back, where, stale):
        unit = (*self.world.leads, *self.world.co_units)[pick]
        period, rows = self.sheet_rows(unit, step)
        if not rows:
            return
        targets = [t for t in TASKS[step].properties.get("return_to", "").split(",") if t]
        acts = []
        for number, row in enumerate(rows):
            returned = bool(targets) and bool(back & (1 << number % 3))
            acts.append(
                RowAct(
                    work_item_id=row.work_item_id,
                    seen_version=row.seen_version + (not stale),
                    form=None if targets else FORMS[step],
                    decision="return" if returned else None,
                    reason_code=self.reason(step, "return") if returned else None,
                    opinion="请补充" if returned else "",
                    return_to=targets[where % len(targets)] if returned else None,
                )
            )
        fields: dict[str, Any] = {"report_period_id": period, "unit_id": unit, "rows": tuple(acts)}
        command: Any
        if step is SheetStep.REVIEW:
            command, actor = ReviewSheet(**fields), self.world.clerk
        elif step is SheetStep.SIGN:
            command, actor = SignSheet(**fields), self.world.actor(unit, Role.UNIT_LEADER)
        else:
            command = SubmitSheet(**fields, step=step, leave_waiting=bool(where), preliminary=bool(back & 1))
            actor = self.world.actor(unit, Role.LIAISON)
        before = [(w.id, w.version) for w in self.open_work()]
        if not self.attempt(command, actor, {"sheet_overtaken" if not stale else "sheet_waits"}):
            assert [(w.id, w.version) for w in self.open_work()] == before, "a refused act leaves every row as it was"

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
