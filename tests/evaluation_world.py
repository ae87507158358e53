"""An evaluated year in the small city: tasks that went well and badly, and hands that take an evaluation through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from db.tables import EvaluationUnit, Item, Light, Unit
from domain.items import DeadlineKind, Strength
from domain.permissions import Actor, Role
from services.evaluations import OpenedEvaluation, OpenEvaluation
from services.items import NewDeadline
from services.timers import FireTimers
from tests.world import World, add_person

YEAR_END = datetime(2027, 1, 4, 1, tzinfo=UTC)
"""09:00 of the first working day after the year."""
SCORES = {"scores": [{"part": "quality", "points": 3, "reason": "数据准确"}, {"part": "adoption", "points": 5}]}
RATED = {"quality": 3.0, "adoption": 5.0}


@dataclass
class Evaluating:
    """A world with an evaluation in it."""

    world: World
    opened: OpenedEvaluation

    @property
    def id(self) -> UUID:
        return self.opened.item_id

    def unit_item(self, unit_id: UUID) -> UUID:
        """The matter of a unit's sheet."""
        with self.world.sessions() as session:
            return session.exec(
                select(EvaluationUnit.item_id).where(
                    EvaluationUnit.evaluation_id == self.id, EvaluationUnit.unit_id == unit_id
                )
            ).one()

    def units(self) -> list[UUID]:
        """The units that are evaluated."""
        with self.world.sessions() as session:
            rows = session.exec(select(EvaluationUnit.unit_id).where(EvaluationUnit.evaluation_id == self.id))
            return sorted(rows)

    def name(self, unit_id: UUID) -> str:
        with self.world.sessions() as session:
            return session.get_one(Unit, unit_id).short_name

    def step(self, unit_id: UUID, bpmn_id: str, decision: str | None = None, **fields: Any) -> None:
        """One step of a unit's sheet, by whoever holds the role."""
        self.world.complete(self.unit_item(unit_id), bpmn_id, decision, **fields)

    def to_approval(self) -> None:
        """Draft, opinions, approve: the scheme is frozen and every unit has its matter."""
        world = self.world
        world.complete(self.id, "draft_scheme")
        world.everybody(self.id, "give_opinion", "agree")
        world.complete(self.id, "approve_scheme", "approve", actor=self.convener)

    @property
    def convener(self) -> Actor:
        return self.world.people[self.world.office, Role.CONVENER]

    @property
    def second_clerk(self) -> Actor:
        """Somebody of the office who has not scored."""
        with self.world.sessions() as session:
            actor = add_person(session, self.world.clock, self.world.office, Role.OFFICE_STAFF)
            session.commit()
        return actor

    def self_score(self, unit_id: UUID, ratings: Mapping[UUID, float] | None = None, *, proven: bool = False) -> None:
        """A unit's own part, with evidence if wanted, and points for its partners."""
        matter = self.unit_item(unit_id)
        proofs = (self.world.evidence(matter, self.world.actor(unit_id, Role.LIAISON)),) if proven else ()
        self.step(unit_id, "self_score", form={"summary": "全年任务按期推进。"}, evidence_ids=proofs)
        self.step(unit_id, "sign_self_score", "sign")
        self.step(unit_id, "check_self_score", "accept")
        if self.world.open_work(self.unit_item(unit_id), "rate_partners"):
            given = [{"unit": self.name(other), "points": points} for other, points in (ratings or {}).items()]
            self.step(unit_id, "rate_partners", form={"ratings": given})

    def lock(self) -> None:
        """The year is over, the data are locked."""
        self.world.clock.at = max(self.world.clock.at, YEAR_END)
        self.world.complete(self.id, "lock_data")

    def score(self, unit_id: UUID, form: Mapping[str, Any] | None = None) -> None:
        """The unit confirms its data and the office scores."""
        self.step(unit_id, "confirm_data", "confirm")
        self.step(unit_id, "score_by_office", form=form or SCORES)

    def accept(self, unit_id: UUID) -> None:
        self.step(unit_id, "answer_feedback", "accept")

    def decide(self) -> None:
        """Submitted, decided, and told to everybody."""
        self.world.complete(self.id, "submit_results")
        self.world.complete(self.id, "decide_results", "approve", actor=self.convener)
        self.world.complete(self.id, "issue_circular", form={"requirements": "对照扣分事项整改。"})

    def wait(self, unit_id: UUID, until: datetime) -> None:
        """Time passes, and the clock fires what is due of a unit's process."""
        from domain.permissions import SCHEDULER

        self.world.clock.at = until
        instance = self.world.instance(self.unit_item(unit_id), "unit_score")
        self.world.do(FireTimers(instance_id=instance.id), SCHEDULER)


def by(day: date) -> NewDeadline:
    """A firm deadline."""
    return NewDeadline(phrase=f"{day:%Y年%m月底前}", kind=DeadlineKind.BY_DATE, on_date=day, strength=Strength.FIRM)


def evaluated_year(world: World, **changes: Any) -> Evaluating:
    """Two leads and two co-units share a year: the first lead finishes in time, the second does not."""
    done = world.item(leads=1, co_units=2, deadlines=(by(date(2026, 6, 30)),))
    world.to_progress(done)
    world.to_review(done)
    world.to_end(done)
    world.leads = world.leads[::-1]
    failed = world.item(leads=1, co_units=2, deadlines=(by(date(2026, 9, 30)),))
    world.to_progress(failed)
    world.leads = world.leads[::-1]
    add_lights(world, failed, {"2026-09": "yellow", "2026-10": "red", "2026-11": "red"})
    fields: dict[str, Any] = {"first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31), **changes}
    opened = world.do(OpenEvaluation(office_unit_id=world.office, **fields), world.clerk)
    return Evaluating(world, opened)


def add_lights(world: World, item_id: UUID, lights: Mapping[str, str]) -> None:
    """Frozen lights of an item by month."""
    with world.sessions() as session:
        session.get_one(Item, item_id)
        for period, light in lights.items():
            year, month = map(int, period.split("-"))
            end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            session.add(Light(item_id=item_id, period=period, as_of=end, known_on=end, light=light, reason={}))
        session.commit()
