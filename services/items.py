"""Items: made, corrected, registered, fanned out, withdrawn, terminated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import DeadlineChange, Item, ItemDeadline, Responsibility, TaskList, Unit
from domain.calendar import end_of
from domain.errors import LeadMissing, NobodyResponsible, NotFound, ReasonMissing, StaleVersion, WrongStatus
from domain.item_errors import PartyTwice
from domain.items import FINAL, UNISSUED, DeadlineKind, ItemStatus, ListStatus, Origin, ResponsibilityRole, Strength
from domain.labels import label
from domain.permissions import Permission
from services import effects, readiness
from services.responsibility import set_responsibility
from services.routing import initial_data
from services.stepping import LOCK_ROOT, advance, lock_instance, start_instance
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

_OUTCOMES = {"withdraw": "withdrawn", "terminate": "terminated"}
EDITABLE = frozenset({ItemStatus.DRAFT, ItemStatus.REGISTERED, ItemStatus.SENT_BACK})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeadline:
    """A deadline of an item: the phrase as somebody wrote it, and its normal form (`domain.items.DeadlineKind`)."""

    phrase: str
    kind: DeadlineKind
    on_date: date | None = None
    rule: str | None = None
    anchor: str | None = None
    strength: Strength | None = None
    applies_to: str = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """What is needed for an item that comes without a document. Units are registry ids; the first lead collects
    where there are several leads that are not a declared joint lead.
    """

    text: str
    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...] = ()
    joint_lead: bool = False
    deadlines: tuple[NewDeadline, ...] = ()
    measures: tuple[str, ...] = ()
    section: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedItem:
    """The new item's id and number."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateItem:
    """A leader's instruction, a meeting's resolution or a typed-in item becomes a registered item.

    It stands in the office's list of that origin, which is made when it is first needed.
    """

    office_unit_id: UUID
    origin: Origin
    item: NewItem

    def execute(self, uow: UnitOfWork) -> CreatedItem:
        """Raises PermissionDenied, LeadMissing, NotFound for an unknown unit."""
        uow.require(Permission.ITEM_CREATE, unit_id=self.office_unit_id)
        task_list = self._list(uow)
        position = (uow.session.exec(select(func.count()).where(Item.list_id == task_list.id)).one()) + 1
        new = self.item
        if not new.leads:
            raise LeadMissing("no lead", number=str(position))
        row = Item(
            root_id=(id_ := uuid4()),
            id=id_,
            list_id=task_list.id,
            office_unit_id=self.office_unit_id,
            position=position,
            number=str(position),
            section=new.section,
            text=new.text,
            text_printed=new.text,
            measures=list(new.measures),
            joint_lead=new.joint_lead,
            status=ItemStatus.DRAFT,
            created_at=uow.now,
        )
        task_list.found_count = position
        uow.session.add(row)
        uow.session.flush()
        set_responsibility(uow, row, leads=new.leads, co_units=new.co_units, joint_lead=new.joint_lead)
        add_deadlines(uow, row, new.deadlines)
        uow.about(row.id)
        register(uow, row)
        return CreatedItem(row.id, row.number)

    def _list(self, uow: UnitOfWork) -> TaskList:
        statement = (
            select(TaskList)
            .where(TaskList.office_unit_id == self.office_unit_id, TaskList.origin == self.origin)
            .where(col(TaskList.source_digest).is_(None))
            .with_for_update(key_share=True)
        )
        found = uow.session.exec(statement).first()
        if found is None:
            # One list per office and origin: the office's row is the lock that keeps two clerks from making two.
            uow.lock(Unit, self.office_unit_id)
            found = uow.session.exec(statement).first()
        if found is None:
            found = TaskList(
                office_unit_id=self.office_unit_id,
                origin=self.origin,
                title=label(Origin, self.origin),
                kind="task_list",
                found_count=0,
                status=ListStatus.APPROVED,
                created_at=uow.now,
                created_by=uow.actor.id,
            )
            uow.session.add(found)
            uow.session.flush()
        return found


def add_deadlines(uow: UnitOfWork, item: Item, deadlines: Sequence[NewDeadline]) -> None:
    """Write the printed deadlines and set the item's current one: the last date of its own (not of its text)."""
    for position, deadline in enumerate(deadlines):
        uow.session.add(
            ItemDeadline(
                item_id=item.id,
                position=position,
                phrase=deadline.phrase,
                kind=deadline.kind,
                on_date=deadline.on_date,
                rule=deadline.rule,
                anchor=deadline.anchor,
                strength=deadline.strength,
                applies_to=deadline.applies_to,
            )
        )
    dated = [d for d in deadlines if d.on_date is not None and d.applies_to == "row"]
    if dated:
        last = max(dated, key=lambda d: d.on_date or date.min)
        assert last.on_date is not None
        item.due_at, item.due_strength = end_of(last.on_date), last.strength
        uow.session.add(
            DeadlineChange(
                item_id=item.id, due_at=item.due_at, reason="original", approved_by=uow.actor.id, recorded_at=uow.now
            )
        )


def current_deadlines(uow: UnitOfWork, item_id: UUID) -> Sequence[ItemDeadline]:
    """The deadlines that count, in printed order: without those that a person corrected."""
    statement = select(ItemDeadline).where(ItemDeadline.item_id == item_id, col(ItemDeadline.replaced_at).is_(None))
    return uow.session.exec(statement.order_by(col(ItemDeadline.position))).all()


def replace_deadlines(uow: UnitOfWork, item: Item, deadlines: Sequence[NewDeadline]) -> None:
    """Before its issue an item's deadlines may be corrected: the office's reading replaces the import's, and what
    was printed stays in the record.

    Afterwards the original stands for ever, and a change is an approved extension. Raises WrongStatus then.
    """
    if item.issued_at is not None:
        raise WrongStatus(str(item.id), status=item.status)
    for row in current_deadlines(uow, item.id):
        row.replaced_at, row.replaced_by = uow.now, uow.actor.id
    item.due_at, item.due_strength = None, None
    add_deadlines(uow, item, deadlines)


def register(uow: UnitOfWork, item: Item) -> None:
    """Start the item's supervision: it waits for the office to issue it. Raises why it may not be issued."""
    if item.status != ItemStatus.DRAFT:
        raise WrongStatus(str(item.id), status=item.status)
    uow.session.add(item)
    readiness.check_issuable(uow, item.id)
    item.status = ItemStatus.REGISTERED
    uow.session.flush()
    start_instance(
        uow,
        key=effects.SUPERVISION,
        item_id=item.id,
        root_item_id=item.root_id,
        data=initial_data(uow, effects.SUPERVISION, item.id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignUnits:
    """The office says who is responsible: closes an open list, confirms a lead, or settles a send-back."""

    item_id: UUID
    seen_version: int
    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...] = ()
    joint_lead: bool = False
    collecting: UUID | None = None

    def execute(self, uow: UnitOfWork) -> int:
        """The item's new version. Raises LeadMissing, StaleVersion, WrongStatus."""
        item = office_item(uow, self.item_id, Permission.ITEM_EDIT, self.seen_version)
        if item.status not in EDITABLE:
            raise WrongStatus(str(item.id), status=item.status)
        if not self.leads:
            raise LeadMissing(str(item.id), number=item.number)
        set_responsibility(
            uow,
            item,
            leads=self.leads,
            co_units=self.co_units,
            joint_lead=self.joint_lead,
            collecting=self.collecting,
        )
        item.open_list = False
        item.version += 1
        return item.version


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandGroup:
    """A group item is fanned out: one member item per unit, each with its own supervision once it is issued."""

    item_id: UUID
    seen_version: int
    unit_ids: tuple[UUID, ...]

    def execute(self, uow: UnitOfWork) -> tuple[UUID, ...]:
        """The ids of the new member items: a group may be fanned out in several goes.

        Raises StaleVersion, WrongStatus (also for an item that is a member itself), NotFound, NobodyResponsible
        without any unit, PartyTwice for a unit that is a member already.
        """
        item = office_item(uow, self.item_id, Permission.ITEM_EDIT, self.seen_version)
        if item.status not in {ItemStatus.DRAFT, ItemStatus.REGISTERED} or item.parent_id is not None:
            raise WrongStatus(str(item.id), status=item.status)
        if not self.unit_ids:
            raise NobodyResponsible(str(item.id), step=item.number)
        before = self._members(uow, item)
        leads = self._retire_group(uow, item)
        deadlines = current_deadlines(uow, item.id)
        # Positions are the list's: two groups of one list that are fanned out at once take turns.
        uow.lock(TaskList, item.list_id)
        last = uow.session.exec(select(func.max(Item.position)).where(Item.list_id == item.list_id)).one() or 0
        made: list[UUID] = []
        for offset, unit_id in enumerate(dict.fromkeys(self.unit_ids), 1):
            member = Item(
                root_id=item.root_id,
                parent_id=item.id,
                list_id=item.list_id,
                office_unit_id=item.office_unit_id,
                position=last + offset,
                number=f"{item.number}-{before + offset}",
                section=item.section,
                article=item.article,
                text=item.text,
                text_printed=item.text_printed,
                measures=list(item.measures),
                range=item.range,
                status=ItemStatus.REGISTERED,
                created_at=uow.now,
            )
            uow.session.add(member)
            uow.session.flush()
            set_responsibility(uow, member, leads=(unit_id,), co_units=(), joint_lead=False)
            add_deadlines(uow, member, [copied_deadline(d) for d in deadlines])
            for lead in leads - {unit_id}:
                uow.session.add(
                    Responsibility(
                        item_id=member.id,
                        unit_id=lead,
                        role=ResponsibilityRole.OVERSIGHT,
                        printed=uow.get(Unit, lead).official_name,
                        position=99,
                        valid_from=uow.now,
                    )
                )
            made.append(member.id)
        item.open_list = False
        item.version += 1
        return tuple(made)

    def _members(self, uow: UnitOfWork, item: Item) -> int:
        """How many members the group has. Raises PartyTwice when a unit of this command leads one of them."""
        rows = uow.session.exec(
            select(Item.status, Unit.id, Unit.official_name)
            .join(Responsibility, col(Responsibility.item_id) == col(Item.id))
            .join(Unit, col(Unit.id) == col(Responsibility.unit_id))
            .where(Item.parent_id == item.id, Responsibility.role == ResponsibilityRole.LEAD)
            .where(col(Responsibility.valid_to).is_(None))
        ).all()
        for status, unit_id, name in rows:
            if status not in FINAL and unit_id in self.unit_ids:
                raise PartyTwice(str(unit_id), unit=name)
        return uow.session.exec(select(func.count()).where(Item.parent_id == item.id)).one()

    def _retire_group(self, uow: UnitOfWork, item: Item) -> set[UUID]:
        """End the group's own row; give the leads, who oversee the members."""
        leads: set[UUID] = set()
        rows = uow.session.exec(
            select(Responsibility).where(Responsibility.item_id == item.id, col(Responsibility.valid_to).is_(None))
        )
        for row in rows:
            if row.role == ResponsibilityRole.GROUP:
                row.valid_to = uow.now
            elif row.role == ResponsibilityRole.LEAD and row.unit_id is not None:
                leads.add(row.unit_id)
        return leads


def copied_deadline(row: ItemDeadline) -> NewDeadline:
    """The same deadline for another item."""
    return NewDeadline(
        phrase=row.phrase,
        kind=DeadlineKind(row.kind),
        on_date=row.on_date,
        rule=row.rule,
        anchor=row.anchor,
        strength=Strength(row.strength) if row.strength else None,
        applies_to=row.applies_to,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StopItem:
    """Withdraw an item that should not have been issued, or terminate one whose ground was revoked.

    Works from any step, and before the first: a row that the import took for an item is withdrawn. Terminating needs
    the number of the document that revokes it (domain notes, section 8); terminated is not completed. Members of a
    group are stopped with it.
    """

    item_id: UUID
    seen_version: int
    message: str = field(metadata={"choices": ("withdraw", "terminate")})
    reason: str
    document_number: str = ""

    def execute(self, uow: UnitOfWork) -> ItemStatus:
        """The item's final status. Raises ReasonMissing, StaleVersion, WrongStatus."""
        item = office_item(uow, self.item_id, Permission.ITEM_STOP, self.seen_version)
        if self.message not in _OUTCOMES:
            raise WrongStatus(self.message, status=self.message)
        if not self.reason.strip() or (self.message == "terminate" and not self.document_number.strip()):
            raise ReasonMissing(self.message)
        return stop_with_members(uow, item, self.message)


def stop_with_members(uow: UnitOfWork, item: Item, message: str) -> ItemStatus:
    """Send `withdraw` or `terminate` to an item whose root row is held, and to its members. Raises WrongStatus."""
    members = uow.session.exec(
        select(Item).where(Item.parent_id == item.id, col(Item.status).not_in([str(s) for s in FINAL]))
    ).all()
    # The item before its members: a parent that has ended is no longer told when its members end.
    for target in (item, *members):
        _stop(uow, target, message)
    uow.flush()
    uow.session.refresh(item)
    return ItemStatus(item.status)


def _stop(uow: UnitOfWork, item: Item, message: str) -> None:
    running = effects.running_instances(uow, item.id, effects.SUPERVISION)
    if not running and item.status not in UNISSUED:
        raise WrongStatus(str(item.id), status=item.status)
    if not running:
        effects.end_without_process(uow, item.id, _OUTCOMES[message])
    for instance_id in running:
        instance = lock_instance(uow, item.root_id, instance_id)
        step = uow.engine.send(instance.bundle, instance.state, message, {}, now=uow.now)
        effects.apply(uow, instance, advance(uow, instance, step), None)


def office_item(uow: UnitOfWork, item_id: UUID, permission: Permission, seen_version: int) -> Item:
    """The item for a command of its office: root row locked, permission and version checked."""
    item = uow.session.get(Item, item_id)
    uow.about(item_id)
    if item is None or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"item {item_id}")
    uow.require(permission, unit_id=item.office_unit_id)
    uow.read((LOCK_ROOT, (item.root_id,)))
    uow.session.refresh(item)
    if item.version != seen_version:
        raise StaleVersion(str(item_id), seen=seen_version, current=item.version)
    return item
