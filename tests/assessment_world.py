"""A summary assessment in the small city: a group of five, items of several leads, and hands that do its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import AssessedItem, Item, ItemReview, LeadOpinion, Unit
from domain.assessment import Cycle
from domain.items import DeadlineKind, Origin, Strength
from domain.permissions import Role
from services.assessments import StartAssessment
from services.items import CreateItem, NewDeadline, NewItem
from services.timers import FireTimers, instances_with_due_timers
from tests.world import World, add_person

GROUP = (
    ("市评甲局", "department"),
    ("市评乙局", "department"),
    ("市评丙委", "department"),
    ("东湾评区", "district"),
    ("西湖评区", "district"),
)
SCORES = {"completion": 90, "effect": 85, "novelty": 60, "replicability": 70, "risk": 95}
APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)
PLAN: dict[str, Any] = {"method": "资料审查，必要时实地核查。", "sampling": "all", "seed": "2026-04", "visits": "none"}
MEETING: dict[str, Any] = {
    "held_on": "2026-04-01",
    "present": [{"unit": name} for name, _ in GROUP],
    "overall": "多数事项按计划推进。",
}


@dataclass
class AssessmentWorld:
    """The world with a group; `members` are units by the names of GROUP, `tasks` the items by their numbers."""

    world: World
    members: dict[str, UUID]
    tasks: dict[str, UUID]
    id: UUID | None = None
    extra: dict[str, UUID] = field(default_factory=dict)

    @property
    def assessment(self) -> UUID:
        assert self.id is not None
        return self.id

    def start(self, **fields: Any) -> UUID:
        """The start order, for the first quarter."""
        command = StartAssessment(
            office_unit_id=self.world.office,
            cycle=Cycle.MID_TERM,
            period_from=date(2026, 1, 1),
            period_to=date(2026, 3, 31),
            **fields,
        )
        self.id = self.world.do(command, self.world.clerk).item_id
        return self.assessment

    def form_group(self, *names: str, chair: str = "市评甲局", approve: bool = True) -> None:
        """The office proposes these units, and the convener approves."""
        chosen = names or tuple(self.members)
        form = {"members": [{"unit": name, "chair": name == chair} for name in chosen]}
        self.world.complete(self.assessment, "propose_group", form=form)
        if approve:
            self.world.complete(self.assessment, "approve_group", "approve")

    def plan(self, **fields: Any) -> None:
        """The office proposes the plan, and the convener approves: the sample is drawn."""
        self.world.complete(self.assessment, "draft_assessment_plan", form=PLAN | fields)
        self.world.complete(self.assessment, "approve_assessment_plan", "approve")

    def drawn(self, **fields: Any) -> None:
        """From the start order to the drawn sample."""
        self.start()
        self.form_group()
        self.plan(**fields)

    def papers(self) -> dict[str, AssessedItem]:
        """The assessed items by the numbers of their items."""
        with self.world.sessions() as session:
            rows = session.exec(
                select(Item.number, AssessedItem)
                .join(AssessedItem, col(AssessedItem.task_id) == col(Item.id))
                .where(AssessedItem.assessment_id == self.assessment)
                .order_by(col(AssessedItem.position))
            )
            return dict(iter(rows))

    def reviews(self, number: str) -> list[ItemReview]:
        """The views of an item, as they were opened."""
        with self.world.sessions() as session:
            statement = select(ItemReview).where(ItemReview.assessed_id == self.papers()[number].item_id)
            return list(session.exec(statement.order_by(col(ItemReview.opened_at), col(ItemReview.seat))))

    def assess_self(self, number: str, grade: str = "completed") -> None:
        """The leads write and sign."""
        matter = self.papers()[number].self_item_id
        assert matter is not None
        self.world.complete(matter, "assess_self", "submit", form={"grade": grade, "done": "办法已印发。"})
        self.world.everybody(matter, "sign_self_assessment", "sign")

    def review(self, number: str, grade: str, *, seat: int | None = None) -> None:
        """The next open view of an item, or that of a seat, is given."""
        review = next(r for r in self.reviews(number) if r.outcome is None and seat in {None, r.seat})
        form = {"grade": grade, "findings": "台账与佐证一致。", **SCORES}
        self.world.complete(review.item_id, "review_item", "grade", form=form)

    def settle(self, number: str, grade: str) -> None:
        """The grade is settled."""
        form = {"grade": grade, "reason": "主体任务完成。"}
        self.world.complete(self.papers()[number].item_id, "settle_grade", form=form)

    def graded(self, **grades: str) -> None:
        """Every item from the self-assessment to its grade; both assessors agree. `n1="completed"` is item 1."""
        for number in self.papers():
            grade = grades.get(f"n{number}", "mostly_completed")
            self.assess_self(number)
            self.review(number, grade)
            self.review(number, grade)
            self.settle(number, grade)

    def opinions(self) -> list[LeadOpinion]:
        """The leads' opinions that are asked for, in the order of the sample where they were asked at once."""
        with self.world.sessions() as session:
            rows = session.exec(
                select(LeadOpinion)
                .join(AssessedItem, col(AssessedItem.item_id) == col(LeadOpinion.assessed_id))
                .order_by(col(LeadOpinion.asked_at), col(AssessedItem.position))
            )
            return [row for row in rows if row.outcome is None]

    def reported(self, *recommendations: dict[str, str], plan: Mapping[str, Any] | None = None) -> None:
        """From the start order to the issued report, with what the group recommends and nobody against a grade."""
        self.drawn(**(plan or {}))
        self.graded()
        meeting = MEETING | {"recommendations": list(recommendations)}
        self.world.complete(self.assessment, "hold_group_meeting", form=meeting)
        for opinion in self.opinions():
            self.world.complete(opinion.item_id, "give_opinion", "agree")
        self.world.complete(self.assessment, "rule_on_assessment", "approve")
        self.world.complete(
            self.assessment, "issue_report", form={"title": "试点中期评估报告", "addressee": "市人民政府"}
        )

    def fire(self) -> int:
        """The clock lets go off what is due; how many instances."""
        from domain.permissions import SCHEDULER

        with self.world.sessions() as session:
            due = instances_with_due_timers(session, self.world.clock.now(), 100)
        for instance_id in due:
            self.world.do(FireTimers(instance_id=instance_id), SCHEDULER)
        return len(due)


def build_assessment_world(world: World) -> AssessmentWorld:
    """Five units with assessors, and four issued items: three led by others, one by a member of the group."""
    with world.sessions() as session:
        members = {name: _unit(world, session, name, kind) for name, kind in GROUP}
        extra = {
            name: _unit(world, session, name, kind)
            for name, kind in (("市补丁局", "department"), ("南评区", "district"))
        }
        session.commit()
    led = [
        (world.leads[:1], NewDeadline(phrase="2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31))),
        (
            world.leads[:2],
            NewDeadline(
                phrase="2026年底前完成或取得突破性进展",
                kind=DeadlineKind.BY_DATE,
                on_date=date(2026, 12, 31),
                strength=Strength.BREAKTHROUGH_OK,
            ),
        ),
        (world.leads[1:2], NewDeadline(phrase="持续推进", kind=DeadlineKind.ONGOING)),
        (
            (members["市评乙局"],),
            NewDeadline(phrase="2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31)),
        ),
    ]
    tasks = {}
    for number, (leads, deadline) in enumerate(led, 1):
        command = CreateItem(
            office_unit_id=world.office,
            origin=Origin.MANUAL,
            item=NewItem(
                text=f"第{number}项试点任务", leads=tuple(leads), joint_lead=len(leads) > 1, deadlines=(deadline,)
            ),
        )
        tasks[str(number)] = UUID(str(world.do(command, world.clerk).id))
        world.complete(tasks[str(number)], "issue")
    world.clock.at = APRIL
    return AssessmentWorld(world, members, tasks, extra=extra)


def _unit(world: World, session: Session, name: str, kind: str) -> UUID:
    unit = Unit(official_name=name, short_name=name, kind=kind)
    session.add(unit)
    session.flush()
    for role in (Role.ASSESSOR, Role.LIAISON, Role.UNIT_LEADER):
        world.people[unit.id, role] = add_person(session, world.clock, unit.id, role)
    return unit.id
