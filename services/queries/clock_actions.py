"""What an actor may do now with the time of an item: what `side_processes` and `clock_keeping` would let them."""

from sqlmodel import col, select

from db.tables import DeadlineChange, Item, ItemDeadline, ProcessInstance, Responsibility, Suspension
from domain.deadlines import MAX_EXTENSIONS, ChangeKind
from domain.items import ResponsibilityRole, Strength
from domain.permissions import Permission, Role, is_allowed
from services.queries.reading import Reading
from services.side_processes import ACTIVE, SideProcess

RECORD_TRIGGER, RESUME, TAKE_UP_HISTORY = "record_trigger", "resume", "take_up_history"


def clock_actions(reading: Reading, item: Item) -> list[str]:
    """The keys of what may be asked for or done, in the order in which they are offered."""
    if item.issued_at is None:
        return []
    suspended = _suspended(reading, item)
    offered = _processes(reading, item, suspended=suspended) if item.status in ACTIVE else []
    if is_allowed(reading.actor, Permission.CLOCK_SET, unit_id=item.office_unit_id) and item.ended_at is None:
        if suspended or _conditional(reading, item):
            offered.append(RECORD_TRIGGER)
        if suspended:
            offered.append(RESUME)
        if item.historical:
            offered.append(TAKE_UP_HISTORY)
    return offered


def _processes(reading: Reading, item: Item, *, suspended: bool) -> list[str]:
    leads = reading.session.exec(
        select(Responsibility.unit_id).where(
            Responsibility.item_id == item.id,
            Responsibility.role == ResponsibilityRole.LEAD,
            col(Responsibility.valid_to).is_(None),
        )
    )
    leads_it = any(unit is not None and reading.actor.holds(Role.LIAISON, unit) for unit in leads)
    of_office = is_allowed(reading.actor, Permission.PROCESS_START, unit_id=item.office_unit_id)
    running = set(
        reading.session.exec(
            select(ProcessInstance.key).where(
                ProcessInstance.item_id == item.id, col(ProcessInstance.ended_at).is_(None)
            )
        )
    )
    possible = {
        SideProcess.EXTENSION: leads_it and not suspended and _extendable(reading, item),
        SideProcess.SUSPENSION: leads_it and not suspended,
        SideProcess.CHANGE_OF_RESPONSIBILITY: leads_it or of_office,
        SideProcess.COORDINATION: leads_it,
    }
    return [key.value for key, may in possible.items() if may and key not in running]


def _extendable(reading: Reading, item: Item) -> bool:
    if item.due_at is None or (item.paused_at is None and reading.limits.now > item.due_at):
        return False
    if item.due_strength == Strength.STRIVE:
        return True
    granted = reading.session.exec(
        select(DeadlineChange.id).where(DeadlineChange.item_id == item.id, DeadlineChange.kind == ChangeKind.EXTENSION)
    ).all()
    return len(granted) < MAX_EXTENSIONS


def _suspended(reading: Reading, item: Item) -> bool:
    if item.paused_at is None:
        return False
    open_one = select(Suspension.id).where(Suspension.item_id == item.id, col(Suspension.resumed_at).is_(None))
    return reading.session.exec(open_one).first() is not None


def _conditional(reading: Reading, item: Item) -> bool:
    waiting = select(ItemDeadline.id).where(
        ItemDeadline.item_id == item.id,
        ItemDeadline.strength == Strength.CONDITIONAL_ON_HIGHER_LEVEL,
        ItemDeadline.applies_to == "row",
        col(ItemDeadline.replaced_at).is_(None),
    )
    return reading.session.exec(waiting).first() is not None
