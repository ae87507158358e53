"""What the office and the clock do to the time of items: trigger, resume, take up history; and what is asked each
quarter, each year and on the date.

The clock's commands take their item with SKIP LOCKED and look at its facts again: run twice, they do nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from db.tables import Item
from domain.deadline_errors import NotSuspended
from domain.deadlines import quarter
from domain.errors import ReasonMissing
from domain.permissions import Permission
from services import clock, effects, lead_change, triggers
from services.effects_aside import DEADLINE_CHOICE, QUARTERLY_CHECK, YEARLY_CHECK
from services.items import office_item
from services.side_processes import ACTIVE, open_beside
from services.stepping import advance, lock_instance
from services.unit_of_work import UnitOfWork

_CLAIM_ITEM: LiteralString = (
    "SELECT root.id FROM item i JOIN item root ON root.id = i.root_id WHERE i.id = %s"
    " FOR NO KEY UPDATE OF root SKIP LOCKED"
)
_READ_PERIOD: LiteralString = (
    "SELECT EXISTS (SELECT FROM process_instance WHERE item_id = %s AND key = %s AND period = %s)"
)
_READ_SUSPENDED_UNTIL: LiteralString = (
    "SELECT until_on, document_number FROM suspension WHERE item_id = %s AND resumed_at IS NULL"
)
_READ_CHANGE_ITEM: LiteralString = "SELECT item_id FROM responsibility_change WHERE id = %s AND applied_at IS NULL"
_READ_WAITING: LiteralString = (
    "SELECT p.item_id FROM process_instance p JOIN event_wait e ON e.instance_id = p.id AND e.name = 'year_check_due'"
    " WHERE p.id = %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTrigger:
    """The office records the higher level's document: the clock of a conditional deadline starts, and one that was
    suspended goes on. `due_on` is needed where the printed words do not say how the date follows.
    """

    item_id: UUID
    seen_version: int
    document_number: str
    happened_on: date
    due_on: date | None = None

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, StaleVersion, ReasonMissing without a document, NotConditional, TriggerNeedsDate."""
        item = office_item(uow, self.item_id, Permission.CLOCK_SET, self.seen_version)
        if not self.document_number.strip():
            raise ReasonMissing(str(item.id))
        triggers.start_clock(
            uow,
            item.id,
            document_number=self.document_number,
            happened_on=self.happened_on,
            due_on=self.due_on,
        )
        _drop_confirmations(uow, item)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeItem:
    """The office lets a suspended clock go on, with the working time that was left."""

    item_id: UUID
    seen_version: int
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, StaleVersion, NotSuspended, ReasonMissing."""
        item = office_item(uow, self.item_id, Permission.CLOCK_SET, self.seen_version)
        if not clock.read_clock(uow, item.id).suspended:
            raise NotSuspended(str(item.id))
        if not self.reason.strip():
            raise ReasonMissing(str(item.id))
        triggers.end_suspension(uow, item.id, self.reason)
        _drop_confirmations(uow, item)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUpHistory:
    """The office lets the deadline of an item that was taken over as history count from now on."""

    item_id: UUID
    seen_version: int

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, StaleVersion, NotHistorical."""
        item = office_item(uow, self.item_id, Permission.CLOCK_SET, self.seen_version)
        triggers.take_up(uow, item)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeOnDate:
    """The clock: a suspension whose day has come is over."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it was; false when somebody ended it before or works on the item."""
        item = _claimed(uow, self.item_id, Permission.CLOCK_SET)
        [rows] = uow.read((_READ_SUSPENDED_UNTIL, (self.item_id,))) if item else [[]]
        if item is None or not rows or rows[0][0] is None or rows[0][0] > uow.today:
            return _nothing(uow)
        triggers.end_suspension(uow, item.id, rows[0][1])
        _drop_confirmations(uow, item)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyChangeOfLead:
    """The clock: a change of the lead that was decided takes effect on its day."""

    change_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it was carried out now."""
        [rows] = uow.read((_READ_CHANGE_ITEM, (self.change_id,)))
        item = _claimed(uow, rows[0][0], Permission.CLOCK_SET) if rows else None
        if item is None:
            uow.require(Permission.CLOCK_SET)
            return _nothing(uow)
        return lead_change.apply_change(uow, self.change_id) or _nothing(uow)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAboutQuarter:
    """The clock: the lead of a suspended item, or of one that waits for the higher level, confirms it each quarter."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it was asked now; once a quarter."""
        item = _claimed(uow, self.item_id, Permission.PROCESS_START)
        if item is None or item.status not in ACTIVE:
            return _nothing(uow)
        waits = item.due_at is None and triggers.is_conditional(uow, item.id)[0]
        if not (waits or clock.read_clock(uow, item.id).suspended):
            return _nothing(uow)
        return _open(uow, item, QUARTERLY_CHECK, quarter(uow.today))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenYearlyCheck:
    """The clock: goals of the year are asked for from whoever leads an item without end."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it was opened now; once a year."""
        item = _claimed(uow, self.item_id, Permission.PROCESS_START)
        if item is None or item.status not in ACTIVE or item.due_at is not None:
            return _nothing(uow)
        return _open(uow, item, YEARLY_CHECK, str(uow.today.year))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartYearsEndCheck:
    """The clock: December has come, and the yearly check that waited for it goes on."""

    instance_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it went on now."""
        [rows] = uow.read((_READ_WAITING, (self.instance_id,)))
        item = _claimed(uow, rows[0][0], Permission.PROCESS_START) if rows else None
        [rows] = uow.read((_READ_WAITING, (self.instance_id,)))
        if item is None or not rows:
            uow.require(Permission.PROCESS_START)
            return _nothing(uow)
        instance = lock_instance(uow, item.root_id, self.instance_id)
        step = uow.engine.send(instance.bundle, instance.state, "year_check_due", {}, now=uow.now)
        effects.apply(uow, instance, advance(uow, instance, step), None)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForChoice:
    """The clock: a date that is striven for, or that accepts a breakthrough, has come, and the lead has to choose."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> bool:
        """Whether it was asked now; once per date."""
        item = _claimed(uow, self.item_id, Permission.PROCESS_START)
        if item is None or item.status not in ACTIVE or item.status in clock.WITH_THE_OFFICE:
            return _nothing(uow)
        if item.due_at is None or item.due_at > uow.now or item.historical or item.paused_at is not None:
            return _nothing(uow)
        return _open(uow, item, DEADLINE_CHOICE, f"{item.due_at.isoformat()}")


def _claimed(uow: UnitOfWork, item_id: UUID, permission: Permission) -> Item | None:
    """The item with its root row held; None when somebody else holds it."""
    uow.require(permission)
    uow.about(item_id)
    [claimed] = uow.read((_CLAIM_ITEM, (item_id,)))
    if not claimed:
        return None
    item = uow.get(Item, item_id)
    uow.session.refresh(item)
    return item


def _open(uow: UnitOfWork, item: Item, key: str, period: str) -> bool:
    [[(known,)]] = uow.read((_READ_PERIOD, (item.id, key, period)))
    if known or effects.running_instances(uow, item.id, key):
        return _nothing(uow)
    open_beside(uow, item, key, {}, period=period)
    return True


def _nothing(uow: UnitOfWork) -> bool:
    """What the clock tried in vain is no entry of the record."""
    uow.audited = False
    return False


def _drop_confirmations(uow: UnitOfWork, item: Item) -> None:
    """Nobody has to confirm that a clock stands still which runs."""
    uow.flush()
    for instance_id in effects.running_instances(uow, item.id, QUARTERLY_CHECK):
        effects.cancel_instance(uow, item.root_id, instance_id)
