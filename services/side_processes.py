"""Processes beside an item's supervision that a person asks for: extension, suspension, change of the lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, Responsibility, TaskList
from domain.deadline_errors import ExtensionUsedUp, ItemSuspended, NothingToExtend, SideProcessRunning
from domain.deadlines import MAX_EXTENSIONS, ChangeKind, check_in_time
from domain.errors import NotFound, PermissionDenied, StaleVersion, WrongStatus
from domain.items import ItemStatus, Origin, ResponsibilityRole, Strength
from domain.labels import ASIDE, label
from domain.permissions import Permission, Role
from domain.telling import said
from services import clock, effects
from services.routing import initial_data
from services.stepping import LOCK_ROOT, Advanced, OpenedWorkItem, start_instance
from services.unit_of_work import UnitOfWork
from services.visibility import may_see


class SideProcess(StrEnum):
    """What can be asked for, by the key of its model."""

    EXTENSION = "extension"
    SUSPENSION = "suspension"
    CHANGE_OF_RESPONSIBILITY = "change_of_responsibility"
    COORDINATION = "coordination"


ACTIVE = frozenset(
    {
        ItemStatus.ISSUED,
        ItemStatus.SENT_BACK,
        ItemStatus.RECEIVED,
        ItemStatus.IN_PROGRESS,
        ItemStatus.CLAIMED,
        ItemStatus.UNDER_REVIEW,
    }
)
"""The statuses of an item that is being worked on."""


@dataclass(frozen=True, slots=True)
class StartedProcess:
    """The new instance, and the work items that wait in it."""

    instance_id: UUID
    opened: tuple[OpenedWorkItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSideProcess:
    """The lead's liaison, or the office for a change of the lead, opens a process; its first step is the application.

    Only one of a kind is open at a time.
    """

    item_id: UUID
    seen_version: int
    process: SideProcess

    def execute(self, uow: UnitOfWork) -> StartedProcess:
        """Raises NotFound, PermissionDenied, StaleVersion, WrongStatus, SideProcessRunning, ItemSuspended, and what
        forbids an extension: NothingToExtend, ExtensionTooLate, ExtensionUsedUp.
        """
        uow.about(self.item_id)
        item = uow.session.get(Item, self.item_id)
        by_office = self._authorize(uow, item)
        assert item is not None
        uow.read((LOCK_ROOT, (item.root_id,)))
        uow.session.refresh(item)
        if item.version != self.seen_version:
            raise StaleVersion(str(item.id), seen=self.seen_version, current=item.version)
        if item.status not in ACTIVE:
            raise WrongStatus(str(item.id), status=item.status)
        facts: dict[str, Any] = {}
        if self.process is SideProcess.EXTENSION:
            facts = _extension(uow, item)
        elif self.process is SideProcess.SUSPENSION and clock.read_clock(uow, item.id).suspended:
            raise ItemSuspended(str(item.id))
        elif self.process is SideProcess.CHANGE_OF_RESPONSIBILITY:
            facts = {"by_office": by_office}
        instance_id, advanced = open_beside(uow, item, self.process, facts)
        item.version += 1
        return StartedProcess(instance_id, advanced.opened)

    def _authorize(self, uow: UnitOfWork, item: Item | None) -> bool:
        """Whether the office asks. Raises NotFound for who may not see the item, PermissionDenied."""
        parts = () if item is None else units_of(uow, item.id)
        issued = item is not None and item.issued_at is not None
        seen = item is not None and may_see(
            uow.actor, office_unit_id=item.office_unit_id, unit_ids=[unit for unit, _ in parts], issued=issued
        )
        if item is None or not seen:
            uow.authorized = True
            raise NotFound(f"item {self.item_id}")
        leads = [unit for unit, role in parts if role == ResponsibilityRole.LEAD]
        mine = next((unit for unit in leads if uow.acts_as(Role.LIAISON, unit)), None)
        if mine is None and self.process is not SideProcess.CHANGE_OF_RESPONSIBILITY:
            uow.authorized = True
            raise PermissionDenied(f"{uow.actor.name} is no liaison of a lead", holder=said(label(Role, Role.LIAISON)))
        uow.require(Permission.PROCESS_START, unit_id=mine or item.office_unit_id)
        return mine is None


def units_of(uow: UnitOfWork, item_id: UUID) -> list[tuple[UUID, str]]:
    """The units with a part in the item now, and their roles."""
    rows = uow.session.exec(
        select(Responsibility.unit_id, Responsibility.role).where(
            Responsibility.item_id == item_id, col(Responsibility.valid_to).is_(None)
        )
    )
    return [(unit_id, role) for unit_id, role in rows if unit_id is not None]


def open_beside(
    uow: UnitOfWork, item: Item, key: str, facts: Mapping[str, Any], *, period: str | None = None
) -> tuple[UUID, Advanced]:
    """Start a process beside the item, whose root row the caller holds. Raises SideProcessRunning."""
    if effects.running_instances(uow, item.id, key):
        raise SideProcessRunning(f"{key} of {item.id}", process=said(ASIDE[key]))
    data = {**initial_data(uow, key, item.id), **facts}
    return start_instance(uow, key=key, item_id=item.id, root_item_id=item.root_id, data=data, period=period)


def _extension(uow: UnitOfWork, item: Item) -> dict[str, bool]:
    """The way that an application takes. Raises what forbids any, so that nobody fills in a form for nothing."""
    if item.due_at is None:
        raise NothingToExtend(str(item.id))
    now = clock.read_clock(uow, item.id)
    if now.suspended:
        raise ItemSuspended(str(item.id))
    if now.paused_at is None:
        check_in_time(item.due_at, uow.now)
    notice = item.due_strength == Strength.STRIVE
    granted = sum(change.kind is ChangeKind.EXTENSION for change in clock.changes_of(uow, item.id))
    if not notice and granted >= MAX_EXTENSIONS:
        raise ExtensionUsedUp(str(item.id), granted=granted, most=MAX_EXTENSIONS)
    origin = uow.get(TaskList, item.list_id).origin
    # A date without a word on its strength is firm: 2022年底前 is the government's, and only its convener moves it.
    firm = item.due_strength in {None, Strength.FIRM}
    return {"notice_enough": notice, "needs_convener": firm and origin == Origin.DOCUMENT}
