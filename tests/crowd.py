"""Many items at once, written straight into the tables: for lists, counts and who sees what."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from sqlmodel import Session, select

from db.tables import Item, ItemDeadline, ProcessInstance, ProcessVersion, Responsibility, TaskList, Unit, WorkItem
from domain.calendar import NO_LIMIT, end_of
from domain.items import TASK_STATUSES, UNISSUED, ItemStatus, ResponsibilityRole
from domain.permissions import BUSINESS, Actor, Membership, Role
from services.visibility import OFFICE_ROLES, WorkScope, may_see

STEPS = (
    ("sign_for", Role.LIAISON),
    ("draft_plan", Role.LIAISON),
    ("sign_plan", Role.UNIT_LEADER),
    ("check_plan", Role.OFFICE_STAFF),
    ("claim_completion", Role.LIAISON),
)
OPEN_STATUSES = (ItemStatus.ISSUED, ItemStatus.RECEIVED, ItemStatus.IN_PROGRESS)
SECTIONS = ("一、扩大开放", "二、便利化", None)


@dataclass
class Crowd:
    """Two offices, six units, and items in every status with work open and done."""

    offices: list[UUID]
    units: list[UUID]
    lists: list[UUID]
    items: dict[UUID, Item] = field(default_factory=dict)
    parts: dict[UUID, set[UUID]] = field(default_factory=dict)
    work: dict[UUID, WorkItem] = field(default_factory=dict)

    def actors(self) -> list[Actor]:
        """Every role in an office and in a unit, people with two hats, administrators, and somebody with nothing."""
        made = [_person((unit, role)) for unit in (*self.offices, *self.units[:2]) for role in Role]
        office, other = self.offices
        made += [
            _person((office, Role.OFFICE_STAFF), (self.units[0], Role.LIAISON)),
            _person((self.units[0], Role.LIAISON), (self.units[1], Role.UNIT_LEADER)),
            _person((office, Role.LIAISON), (other, Role.CONVENER)),
            _person(),
        ]
        return made

    def visible(self, actor: Actor) -> set[UUID]:
        """The reference: the rule asked of each item."""
        return {
            item.id
            for item in self.items.values()
            if may_see(
                actor,
                office_unit_id=item.office_unit_id,
                unit_ids=self.parts[item.id],
                issued=item.issued_at is not None,
            )
        }

    def open_for(self, actor: Actor, scope: WorkScope) -> set[UUID]:
        """The reference: open work of a scope, among the items the actor sees."""
        seen = self.visible(actor)
        return {w.id for w in self.work.values() if w.closed_at is None and w.item_id in seen and _in(actor, scope, w)}


def _in(actor: Actor, scope: WorkScope, work: WorkItem) -> bool:
    if scope is WorkScope.MINE:
        return Membership(work.unit_id, Role(work.role)) in actor.memberships
    if scope is WorkScope.ALL:
        return work.office_unit_id in actor.units_as(*OFFICE_ROLES)
    # The office's own steps are for its office roles; a liaison of the office's unit is no part of them.
    own = work.unit_id == work.office_unit_id and work.unit_id not in actor.units_as(*OFFICE_ROLES)
    if own and Membership(work.unit_id, Role(work.role)) not in actor.memberships:
        return False
    return work.unit_id in actor.units_as(*BUSINESS)


def _person(*held: tuple[UUID, Role]) -> Actor:
    return Actor(id=uuid4(), name="某人", memberships=frozenset(Membership(unit, role) for unit, role in held))


def build_crowd(session: Session, now: datetime, *, items: int = 60, seed: int = 7) -> Crowd:
    """The crowd as `seed` has it. Published models have to be there."""
    mark = uuid4().hex[:4]
    units = [Unit(official_name=f"单位{n}{mark}", short_name=f"单位{n}", kind="department") for n in range(8)]
    session.add_all(units)
    session.flush()
    ids = [unit.id for unit in units]
    crowd = Crowd(offices=ids[:2], units=ids[2:], lists=[])
    for n in range(4):
        task_list = TaskList(
            office_unit_id=crowd.offices[n % 2],
            origin="document",
            title=f"清单{n}",
            kind="task_list",
            found_count=items,
            status="approved",
            created_at=now - timedelta(days=n),
        )
        session.add(task_list)
        session.flush()
        crowd.lists.append(task_list.id)
    version = session.exec(select(ProcessVersion).where(ProcessVersion.key == "supervision")).one()
    assert version.id is not None
    builder = _Builder(session, crowd, Random(seed), now, version.id)
    for n in range(items):
        builder.item(n)
    session.commit()
    return crowd


@dataclass
class _Builder:
    session: Session
    crowd: Crowd
    chance: Random
    now: datetime
    version_id: int

    def item(self, n: int) -> None:
        chance, crowd = self.chance, self.crowd
        status = chance.choice(TASK_STATUSES)
        issued = status not in UNISSUED and (status is not ItemStatus.WITHDRAWN or n % 2 == 0)
        due = None if n % 5 == 0 else end_of(date(2026, 3, 1) + timedelta(days=chance.randrange(40)))
        id_ = uuid4()
        item = Item(
            id=id_,
            root_id=id_,
            list_id=crowd.lists[n % 4],
            office_unit_id=crowd.offices[n % 2],
            position=n,
            number=str(n),
            section=chance.choice(SECTIONS),
            text=f"推进第{n}项改革" + chance.choice(["", "，落实 FT账户 100%_试点"]),
            text_printed=f"推进第{n}项改革",
            status=status,
            due_at=due,
            created_at=self.now,
            issued_at=self.now - timedelta(days=5) if issued else None,
        )
        crowd.items[id_] = item
        self.session.add(item)
        self.session.flush()
        self.session.add(ItemDeadline(item_id=id_, position=0, phrase="2026年底前", kind="by_date", applies_to="row"))
        self.responsibilities(item, crowd.units[n % 6])
        if status is ItemStatus.REGISTERED:
            self.work(item, "issue", item.office_unit_id, Role.OFFICE_STAFF)
        elif status in OPEN_STATUSES:
            for step, role in chance.sample(STEPS, 2):
                of_office = role is Role.OFFICE_STAFF
                unit = item.office_unit_id if of_office else chance.choice(sorted(crowd.parts[id_]))
                self.work(item, step, unit, role)

    def responsibilities(self, item: Item, lead: UUID) -> None:
        """A lead and two others, some of them former. An office's own unit has parts too, in both offices' items."""
        others = self.chance.sample([*self.crowd.units, *self.crowd.offices], 2)
        self.crowd.parts[item.id] = {lead, *others}
        for position, unit in enumerate((lead, *others)):
            former = position > 0 and self.chance.random() < 0.3
            self.session.add(
                Responsibility(
                    item_id=item.id,
                    unit_id=unit,
                    role=ResponsibilityRole.CO_UNIT if position else ResponsibilityRole.LEAD,
                    printed="印的名称",
                    position=position,
                    valid_from=self.now - timedelta(days=9),
                    valid_to=self.now - timedelta(days=1) if former else None,
                )
            )

    def work(self, item: Item, bpmn_id: str, unit: UUID, role: Role) -> None:
        """One open work item and one that was done before."""
        instance = ProcessInstance(
            item_id=item.id, root_item_id=item.id, version_id=self.version_id, key="supervision", started_at=self.now
        )
        self.session.add(instance)
        self.session.flush()
        for done in (False, True):
            due = self.chance.choice([NO_LIMIT, end_of(date(2026, 3, 3) + timedelta(days=self.chance.randrange(14)))])
            work = WorkItem(
                instance_id=instance.id,
                item_id=item.id,
                office_unit_id=item.office_unit_id,
                task_id=uuid4(),
                bpmn_id=bpmn_id,
                unit_id=unit,
                role=role,
                opened_at=self.now - timedelta(hours=self.chance.randrange(200)),
                due_at=due,
                closed_at=self.now if done else None,
                closed_as="done" if done else None,
                decision="accept" if done else None,
            )
            self.session.add(work)
            self.crowd.work[work.id] = work
