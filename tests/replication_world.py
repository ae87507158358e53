"""A small city with districts, experts and departments, and hands that take a case along its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import select

from db.tables import Adoption, ReplicationCase, Unit
from domain.permissions import Actor, Role
from services.replication import NominateCase
from services.replication_batches import DraftBatch, Drafted, IssueBatch, Issued
from services.timers import FireTimers
from tests.world import World, add_person

NOMINATION: dict[str, Any] = {
    "background": "样品进口逐件申报，研发企业反映等候时间长。",
    "practices": "一是建立样品清单；二是清单内一次备案、分批验放。",
    "results": "平均办理时间由七十二小时缩短到十二小时。",
    "next_steps": "扩大清单范围。",
    "innovation": "由逐件审批改为清单管理。",
    "replicability": "有监管系统的园区都可以做。",
    "risks": "样品流入市场，以抽查防控。",
    "policy_basis": "试点总体方案第十二条",
    "contact": "王老师 022-00000000",
    "indicators": [{"name": "平均办理时间", "measure": "小时", "before": "72", "after": "12"}],
}
SCORE = {"innovation": 85, "effect": 80, "replicability": 78, "risk": 90}
DECISION = {
    "conference": "2026年第一次联席会议",
    "range": "city",
    "responsible": [{"unit": "市牵头甲局"}],
    "due_on": "2027-06-30",
}


@dataclass
class Replication:
    """The world's units by their part in a case."""

    world: World
    districts: tuple[UUID, ...]
    experts: tuple[UUID, ...]
    legal: UUID

    @property
    def applicant(self) -> UUID:
        return self.world.leads[0]

    def nominate(
        self, title: str = "样品清单管理", *, applicants: tuple[UUID, ...] = (), actor: Actor | None = None
    ) -> UUID:
        """A case that waits to be written."""
        command = NominateCase(
            office_unit_id=self.world.office, title=title, applicants=applicants or (self.applicant,)
        )
        opened = self.world.do(command, actor or self.world.actor(self.applicant, Role.LIAISON))
        return UUID(str(opened.item_id))

    def to_form_check(self, case: UUID, form: Mapping[str, Any] = NOMINATION) -> None:
        self.world.complete(case, "nominate", form=form)
        self.world.everybody(case, "sign_nomination", "sign")

    def to_consultation(self, case: UUID, form: Mapping[str, Any] = NOMINATION) -> None:
        self.to_form_check(case, form)
        self.world.complete(case, "check_form", "accept")
        departments = [{"unit": "市配合子局"}, {"unit": "市配合丑局"}]
        self.world.complete(
            case, "plan_consultation", form={"departments": departments, "letter_number": "示函〔2026〕1号"}
        )

    def to_experts(self, case: UUID, form: Mapping[str, Any] = NOMINATION) -> None:
        self.to_consultation(case, form)
        self.world.everybody(case, "consult", "agree")
        self.world.complete(case, "settle_opinions", "proceed", form={"adoption_of_opinions": "都同意。"})

    def appoint(self, case: UUID, *names: str) -> None:
        """By default all three experts."""
        units = names or ("市专家一院", "市专家二院", "市专家三院")
        form = {"experts": [{"unit": name} for name in units], "legality_unit": "市合法性审查局"}
        self.world.complete(case, "appoint_experts", form=form)

    def to_conference(self, case: UUID, form: Mapping[str, Any] = NOMINATION) -> None:
        self.to_experts(case, form)
        self.appoint(case)
        self.world.everybody(case, "score", "score", form=SCORE)
        self.world.complete(case, "check_legality", "pass", form={"risk_level": "low", "basis": "市级权限。"})

    def approved(self, title: str = "样品清单管理", **decision: Any) -> UUID:
        case = self.nominate(title)
        self.to_conference(case)
        self.world.complete(case, "decide_range", "adopt", form={**DECISION, **decision})
        return case

    def issue(self, *cases: UUID) -> Issued:
        drafted: Drafted = self.draft(*cases)
        issued: Issued = self.world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), self.world.head)
        return issued

    def draft(self, *cases: UUID) -> Drafted:
        command = DraftBatch(office_unit_id=self.world.office, title="第一批复制推广清单", case_ids=cases)
        drafted: Drafted = self.world.do(command, self.world.clerk)
        return drafted

    def case(self, case: UUID) -> ReplicationCase:
        with self.world.sessions() as session:
            return session.get_one(ReplicationCase, case)

    def adoptions(self, case: UUID) -> list[Adoption]:
        with self.world.sessions() as session:
            return list(session.exec(select(Adoption).where(Adoption.case_item_id == case)))

    def timers_go_off(self, case: UUID) -> int:
        """The clock's part at the world's time."""
        from domain.permissions import SCHEDULER

        return int(self.world.do(FireTimers(instance_id=self.world.instance(case, "replication").id), SCHEDULER))


def build_replication(world: World) -> Replication:
    """Two districts, three experts' units and a legality unit beside the world's own."""
    with world.sessions() as session:

        def unit(name: str, kind: str, *roles: Role) -> UUID:
            row = Unit(official_name=name, short_name=name, kind=kind, valid_from=date(2020, 1, 1))
            session.add(row)
            session.flush()
            for role in roles:
                world.people[row.id, role] = add_person(session, world.clock, row.id, role)
            return row.id

        business = (Role.LIAISON, Role.UNIT_LEADER)
        districts = tuple(unit(f"{name}区", "district", *business) for name in ("江北", "江南"))
        experts = tuple(unit(f"市专家{n}院", "other", Role.ASSESSOR, *business) for n in ("一", "二", "三", "四"))
        legal = unit("市合法性审查局", "department", *business)
        session.commit()
    return Replication(world, districts, experts, legal)
