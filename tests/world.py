"""A small city for tests: an office, units, people in every role, published models, and hands that do steps."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, SQLModel, col, insert, select

from bpmn.bundle import SHIPPED, Bundle
from bpmn.engine import ProcessEngine
from db.tables import (
    CalendarYear,
    Evidence,
    Item,
    Person,
    ProcessFile,
    ProcessInstance,
    ProcessVersion,
    Unit,
    UnitMember,
    WorkItem,
)
from domain.items import Origin
from domain.permissions import Actor, Membership, Role
from services.executor import Executor, RequestInfo
from services.items import CreateItem, NewDeadline, NewItem
from services.process_library import publish
from services.work_items import Completed, CompleteWorkItem
from tests.conftest import FixedClock

MILESTONES = [
    {"title": "完成调研", "due_on": "2026-05-31", "evidence_planned": "调研报告"},
    {"title": "出台办法", "due_on": "2026-09-30", "evidence_planned": "印发文件"},
]
PLAN = {"goal": "分两步推进", "milestones": MILESTONES}
REPORT = {"progress": "已完成调研并形成初稿", "percent": 40, "problems": "", "next_steps": "征求意见"}
CLAIM = {"summary": "办法已印发，首批企业已受益"}
BREAKTHROUGH = {
    **CLAIM,
    "artefacts": [{"kind": "document_issued", "title": "数据共享管理办法"}],
    "next_goal": "推广到全部园区",
}
OFFICE_ROLES = (Role.UNIT_LEADER, Role.OFFICE_STAFF, Role.CONVENER)
UNIT_ROLES = (Role.UNIT_LEADER, Role.LIAISON)


@dataclass
class World:
    """Everything a use case needs, with names that tests can read."""

    executor: Executor
    clock: FixedClock
    sessions: Callable[[], Session]
    office: UUID
    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...]
    people: dict[tuple[UUID, Role], Actor] = field(default_factory=dict)

    @property
    def clerk(self) -> Actor:
        return self.people[self.office, Role.OFFICE_STAFF]

    @property
    def head(self) -> Actor:
        return self.people[self.office, Role.UNIT_LEADER]

    def actor(self, unit_id: UUID, role: Role) -> Actor:
        return self.people[unit_id, role]

    def do(self, command: Any, actor: Actor, key: UUID | None = None) -> Any:
        return self.executor.execute(command, actor=actor, request=RequestInfo(key=key))

    def item(
        self,
        *,
        leads: int = 1,
        co_units: int = 0,
        text: str = "建立跨部门数据共享机制",
        deadlines: tuple[NewDeadline, ...] = (),
    ) -> UUID:
        """A registered item with the first so many leads and co-units."""
        command = CreateItem(
            office_unit_id=self.office,
            origin=Origin.MANUAL,
            item=NewItem(
                text=text,
                leads=self.leads[:leads],
                co_units=self.co_units[:co_units],
                joint_lead=leads > 1,
                deadlines=deadlines,
            ),
        )
        created = self.do(command, self.clerk)
        return UUID(str(created.id))

    def open_work(self, item_id: UUID, bpmn_id: str | None = None) -> list[WorkItem]:
        with self.sessions() as session:
            statement = select(WorkItem).where(WorkItem.item_id == item_id, col(WorkItem.closed_at).is_(None))
            if bpmn_id:
                statement = statement.where(WorkItem.bpmn_id == bpmn_id)
            return list(session.exec(statement.order_by(col(WorkItem.opened_at), col(WorkItem.unit_id))))

    def complete(
        self,
        item_id: UUID,
        bpmn_id: str,
        decision: str | None = None,
        *,
        form: Mapping[str, Any] | None = None,
        actor: Actor | None = None,
        unit_id: UUID | None = None,
        **fields: Any,
    ) -> Completed:
        """Complete one open work item of that step, as the person who holds the role in its unit."""
        work = next(w for w in self.open_work(item_id, bpmn_id) if unit_id in (None, w.unit_id))
        person = actor or self.people[work.unit_id, Role(work.role)]
        if bpmn_id == "claim_completion" and "evidence_ids" not in fields:
            fields["evidence_ids"] = (self.evidence(item_id, person),)
        command = CompleteWorkItem(
            work_item_id=work.id, seen_version=work.version, decision=decision, form=form or {}, **fields
        )
        done: Completed = self.do(command, person)
        return done

    def everybody(self, item_id: UUID, bpmn_id: str, decision: str | None = None, **fields: Any) -> Completed:
        """Every party completes its part of the step; the last one's result."""
        done = None
        for _ in self.open_work(item_id, bpmn_id):
            done = self.complete(item_id, bpmn_id, decision, **fields)
        assert done is not None, f"{bpmn_id} is not open"
        return done

    def evidence(self, item_id: UUID, person: Actor) -> UUID:
        """A paper reference: enough where the test is not about files."""
        assert person.id is not None
        with self.sessions() as session:
            row = Evidence(
                item_id=item_id,
                kind="paper",
                name="会议纪要",
                proves="办法已审议",
                paper_number="纪要3号",
                paper_place="档案室",
                added_by=person.id,
                unit_id=next(iter(person.units_as())),
                added_at=self.clock.now(),
            )
            session.add(row)
            session.commit()
            return row.id

    def to_progress(self, item_id: UUID) -> None:
        """Issue, sign for, plan, confirm, check: until the item is in progress."""
        self.complete(item_id, "issue")
        self.everybody(item_id, "sign_for", "accept")
        self.complete(item_id, "draft_plan", form=PLAN)
        self.everybody(item_id, "sign_plan", "sign")
        if self.open_work(item_id, "confirm_plan"):
            self.everybody(item_id, "confirm_plan", "confirm")
        self.complete(item_id, "check_plan", "approve")

    def to_review(self, item_id: UUID, decision: str = "completed") -> None:
        """Claim, countersign, sign: until the office reviews."""
        self.complete(item_id, "claim_completion", decision, form=BREAKTHROUGH if decision == "breakthrough" else CLAIM)
        if self.open_work(item_id, "countersign"):
            self.everybody(item_id, "countersign", "agree")
        self.everybody(item_id, "sign_completion", "sign")

    def to_end(self, item_id: UUID) -> None:
        """Approve, close, file."""
        self.complete(item_id, "review_completion", "approve")
        self.complete(item_id, "close", "close")
        self.complete(item_id, "file_item", form={"archive_number": "2026-督-001"})

    def status(self, item_id: UUID) -> str:
        with self.sessions() as session:
            return session.get_one(Item, item_id).status

    def instance(self, item_id: UUID, key: str = "supervision") -> ProcessInstance:
        with self.sessions() as session:
            return session.exec(
                select(ProcessInstance)
                .where(ProcessInstance.item_id == item_id, ProcessInstance.key == key)
                .order_by(col(ProcessInstance.started_at).desc())
            ).one()


def build_world(sessions: Callable[[], Session], clock: FixedClock) -> World:
    """Units, people and published models, committed through `sessions`.

    Written table by table, the models as `publish` stores them: a world is made for nearly every test, and one
    statement for each row took longer than most tests themselves.
    """
    now = clock.now()
    office = _unit("滨海示范市联席会议办公室", "office")
    leads = [_unit(f"市牵头{n}局", "department") for n in "甲乙"]
    co_units = [_unit(f"市配合{n}局", "department") for n in "子丑寅"]
    units = [office, *leads, *co_units]
    members = {
        (unit.id, role): Person(name=f"{role.value}-{uuid4().hex[:6]}", created_at=now)
        for unit in units
        for role in (OFFICE_ROLES if unit is office else UNIT_ROLES)
    }
    with sessions() as session:
        _insert(session, Unit, units)
        _insert(session, Person, members.values())
        _insert(session, UnitMember, [_membership(person, *place) for place, person in members.items()])
        _insert(session, CalendarYear, [CalendarYear(year=2026, source="test", loaded_at=now)])
        _publish_shipped(session, now)
        session.commit()
    people = {place: _actor(person, *place) for place, person in members.items()}
    executor = Executor(sessions, clock, ProcessEngine())
    return World(executor, clock, sessions, office.id, _ids(leads), _ids(co_units), people)


def _publish_shipped(session: Session, now: datetime) -> None:
    bundles = _shipped()
    if session.exec(select(ProcessVersion.id).limit(1)).first() is not None:
        # A second world beside one that is there: what is published already stays as it is.
        for bundle in bundles:
            publish(session, bundle, published_at=now, published_by=None)
        return
    versions = [
        {"key": bundle.key, "version": 1, "digest": bundle.digest, "published_at": now, "published_by": None}
        for bundle in bundles
    ]
    adding = insert(ProcessVersion).returning(col(ProcessVersion.id), sort_by_parameter_order=True)
    ids = session.execute(adding, versions).scalars().all()
    _insert(
        session,
        ProcessFile,
        [
            ProcessFile(version_id=version_id, path=path, content=content)
            for version_id, bundle in zip(ids, bundles, strict=True)
            for path, content in bundle.files.items()
        ],
    )


@cache
def _shipped() -> list[Bundle]:
    return [Bundle.shipped(key) for key in SHIPPED]


def _insert(session: Session, table: type[SQLModel], rows: Iterable[SQLModel]) -> None:
    session.execute(insert(table), [row.model_dump() for row in rows])


def _unit(name: str, kind: str) -> Unit:
    return Unit(official_name=name, short_name=name, kind=kind)


def _ids(units: list[Unit]) -> tuple[UUID, ...]:
    return tuple(unit.id for unit in units)


def _membership(person: Person, unit_id: UUID, role: Role) -> UnitMember:
    return UnitMember(person_id=person.id, unit_id=unit_id, role=role, valid_from=date(2026, 1, 1))


def _actor(person: Person, unit_id: UUID, role: Role) -> Actor:
    return Actor(id=person.id, name=person.name, memberships=frozenset({Membership(unit_id, role)}))


def add_person(session: Session, clock: FixedClock, unit_id: UUID, role: Role) -> Actor:
    """Somebody who holds a role in a unit."""
    person = Person(name=f"{role.value}-{uuid4().hex[:6]}", created_at=clock.now())
    session.add(person)
    session.flush()
    session.add(_membership(person, unit_id, role))
    return _actor(person, unit_id, role)
