"""Escalation policies of a list: saved as versions, taken back to those of all lists, given to what is open already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID

from sqlmodel import Session, col, select

from bpmn.specs import UserTask
from db.tables import (
    EscalationPolicy,
    EscalationPolicyInForce,
    EscalationRung,
    Item,
    ProcessVersion,
    Responsibility,
    TaskList,
    Unit,
)
from domain.calendar import NO_LIMIT
from domain.delivery import Channel
from domain.errors import NotFound, StaleVersion
from domain.escalation_errors import PolicyRefused, StepUnknown
from domain.items import FINAL
from domain.labels import LISTING
from domain.ladder import PolicyProblem, Rung, RungRole, SubjectKind, problems_of
from domain.messages.escalation import policy_problem
from domain.permissions import Permission, Role
from domain.quiet_hours import QuietHours
from domain.standing_in import Desk, Standing, deputies, receivers
from domain.telling import side_by_side
from services.policy_book import stored_hours
from services.process_library import ProcessLibrary
from services.recipients import desks
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

INBOX, ROBOT, SMS = "inbox", "robot", "sms"
CHANNELS = frozenset({INBOX, ROBOT, SMS, *Channel})
"""What a rung may name: the inbox, in which everything is, a make of channel, or its family."""

# The roots first, in one order: with them held no step is under way in any of these items.
_LOCK_ROOTS: LiteralString = (
    "SELECT id FROM item WHERE list_id = %s AND parent_id IS NULL ORDER BY id FOR NO KEY UPDATE"
)
_REARM_WORK: LiteralString = (
    "UPDATE work_item w SET ladder_epoch = NULL, escalate_at = %(now)s FROM item i WHERE i.id = w.item_id"
    " AND i.list_id = %(list)s AND w.closed_at IS NULL AND w.paused_at IS NULL AND w.due_at < %(no_limit)s"
    " AND (%(step)s::text IS NULL OR w.bpmn_id = %(step)s) RETURNING w.id"
)
_REARM_ITEMS: LiteralString = (
    "UPDATE item SET ladder_epoch = NULL, escalate_at = %(now)s WHERE list_id = %(list)s AND due_at IS NOT NULL"
    " AND issued_at IS NOT NULL AND paused_at IS NULL AND status <> ALL(%(final)s) RETURNING id"
)


@dataclass(frozen=True, slots=True)
class PolicyWarning:
    """A level that would go to a role which nobody holds today in these units: others receive in their place."""

    level: int
    to: RungRole
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedPolicy:
    """The new version, and what somebody should look at."""

    id: UUID
    version: int
    warnings: tuple[PolicyWarning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePolicy:
    """The office gives a list its own ladder: for a step, for every step (`step` None), or for items' deadlines.

    It holds for what is armed from now on. `seen_version` is the list's own version that was looked at; 0 for none.
    """

    list_id: UUID
    subject_kind: SubjectKind
    name: str
    rungs: tuple[Rung, ...]
    step: str | None = None
    quiet: QuietHours = field(default_factory=QuietHours)
    seen_version: int = 0

    def execute(self, uow: UnitOfWork) -> SavedPolicy:
        """Raises NotFound, PermissionDenied, PolicyRefused, StepUnknown, StaleVersion."""
        task_list = _list(uow, self.list_id)
        refuse(checked(self.subject_kind, self.step, self.rungs))
        if self.step is not None and self.step not in steps(uow.session, uow.library):
            raise StepUnknown(self.step, step=self.step)
        pointer = _own(uow, self.list_id, self.subject_kind, self.step)
        current = uow.get(EscalationPolicy, pointer.policy_id).version if pointer else 0
        if current != self.seen_version:
            raise StaleVersion(str(self.list_id), seen=self.seen_version, current=current)
        policy = EscalationPolicy(
            list_id=self.list_id,
            subject_kind=self.subject_kind,
            step=self.step,
            version=_newest(uow, self) + 1,
            name=self.name.strip(),
            quiet=stored_hours(self.quiet),
            created_at=uow.now,
            created_by=uow.actor.id,
        )
        uow.session.add(policy)
        uow.session.flush()
        uow.session.add_all(_stored(policy.id, rung) for rung in self.rungs)
        if pointer is None:
            uow.session.add(
                EscalationPolicyInForce(
                    list_id=self.list_id, subject_kind=self.subject_kind, step=self.step, policy_id=policy.id
                )
            )
        else:
            pointer.policy_id = policy.id
        return SavedPolicy(policy.id, policy.version, _warnings(uow, self, task_list.office_unit_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class DropPolicy:
    """The list goes back to the ladder of all lists for what is armed from now on. Its versions stay on record."""

    list_id: UUID
    subject_kind: SubjectKind
    step: str | None = None

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, also when the list has no such policy of its own, PermissionDenied."""
        _list(uow, self.list_id)
        pointer = _own(uow, self.list_id, self.subject_kind, self.step)
        if pointer is None:
            raise NotFound(f"policy of {self.list_id} for {self.step}")
        uow.session.delete(pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPolicies:
    """Re-arm what is open in a list, so that it climbs by the versions in force now. Levels that went out stay gone."""

    list_id: UUID
    subject_kind: SubjectKind
    step: str | None = None

    def execute(self, uow: UnitOfWork) -> int:
        """How many work items or items were re-armed. Raises NotFound, PermissionDenied."""
        _list(uow, self.list_id)
        uow.session.flush()
        values: dict[str, object] = {"now": uow.now, "list": self.list_id, "step": self.step, "no_limit": NO_LIMIT}
        values["final"] = [status.value for status in FINAL]
        rearm = _REARM_WORK if self.subject_kind is SubjectKind.WORK_ITEM else _REARM_ITEMS
        _, rearmed = uow.read((_LOCK_ROOTS, (self.list_id,)), (rearm, values))
        return len(rearmed)


def checked(kind: SubjectKind, step: str | None, rungs: Sequence[Rung]) -> tuple[PolicyProblem, ...]:
    """Everything that a policy is refused for."""
    misplaced = kind is SubjectKind.ITEM and step is not None
    return ((PolicyProblem("step_of_item"),) if misplaced else ()) + problems_of(rungs, CHANNELS)


def refuse(problems: Sequence[PolicyProblem]) -> None:
    """Raises PolicyRefused when there is any problem: its fact `rungs` lists code, level and reason of each."""
    if not problems:
        return
    reasons = [policy_problem(each.code, each.level, each.facts) for each in problems]
    raise PolicyRefused(
        f"{len(problems)} problems",
        count=len(problems),
        problems=side_by_side(reasons, LISTING),
        rungs=[
            {"code": each.code, "level": each.level, "reason": reason}
            for each, reason in zip(problems, reasons, strict=True)
        ],
    )


def steps(session: Session, library: ProcessLibrary) -> Mapping[str, UserTask]:
    """The steps of all published processes in their newest version, by BPMN id."""
    keys = session.exec(select(ProcessVersion.key).distinct().order_by(col(ProcessVersion.key))).all()
    found: dict[str, UserTask] = {}
    for key in keys:
        for bpmn_id, task in library.bundle(session, library.newest(session, key)).user_tasks.items():
            found.setdefault(bpmn_id, task)
    return found


def _list(uow: UnitOfWork, list_id: UUID) -> TaskList:
    """The list, locked, whose office the actor works for. Raises NotFound, PermissionDenied."""
    task_list = uow.session.get(TaskList, list_id)
    uow.about(list_id)
    if task_list is None or task_list.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"list {list_id}")
    uow.require(Permission.ESCALATION_POLICY, unit_id=task_list.office_unit_id)
    return uow.lock(TaskList, list_id)


def _own(uow: UnitOfWork, list_id: UUID, kind: SubjectKind, step: str | None) -> EscalationPolicyInForce | None:
    of_step = col(EscalationPolicyInForce.step)
    statement = select(EscalationPolicyInForce).where(
        EscalationPolicyInForce.list_id == list_id,
        EscalationPolicyInForce.subject_kind == kind,
        of_step.is_(None) if step is None else of_step == step,
    )
    return uow.session.exec(statement).one_or_none()


def _newest(uow: UnitOfWork, command: SavePolicy) -> int:
    of_step = col(EscalationPolicy.step)
    versions = uow.session.exec(
        select(EscalationPolicy.version).where(
            EscalationPolicy.list_id == command.list_id,
            EscalationPolicy.subject_kind == command.subject_kind,
            of_step.is_(None) if command.step is None else of_step == command.step,
        )
    ).all()
    return max(versions, default=0)


def _stored(policy_id: UUID, rung: Rung) -> EscalationRung:
    return EscalationRung(
        policy_id=policy_id,
        level=rung.level,
        name=rung.name.strip(),
        kind=rung.kind,
        recipients=[role.value for role in rung.to],
        amount=rung.amount,
        unit=rung.unit,
        base=rung.base,
        every=rung.every,
        at_most=rung.at_most,
        channels=list(rung.channels),
        document=rung.document,
        not_for=[strength.value for strength in rung.not_for],
    )


def _warnings(uow: UnitOfWork, command: SavePolicy, office: UUID) -> tuple[PolicyWarning, ...]:
    """Roles that nobody holds today in units that a level would go to. They may be filled before anything is due."""
    asked, role = _asked(uow, command, office)
    rows = uow.session.exec(
        select(Unit.id, Unit.short_name)
        .where(col(Unit.id).in_(asked))
        .order_by(col(Unit.sort_order), col(Unit.short_name))
    ).all()
    found = desks(uow.session, [*asked, office], uow.now)
    office_name = uow.get(Unit, office).short_name
    warnings = []
    for rung in command.rungs:
        for to in rung.to:
            if to in _OF_OFFICE:
                missing: tuple[str, ...] = () if _holds(found.get(office), _OF_OFFICE[to]) else (office_name,)
            elif to is RungRole.DEPUTY:
                # Few units have one; that none has is worth a word.
                served = any(deputies(found[id_], role) for id_, _ in rows)
                missing = () if served else tuple(name for _, name in rows)
            else:
                wanted = role if to is RungRole.ASSIGNEE else Role.UNIT_LEADER
                missing = tuple(name for id_, name in rows if not _holds(found.get(id_), wanted))
            if missing:
                warnings.append(PolicyWarning(rung.level, to, missing))
    return tuple(warnings)


_OF_OFFICE = {
    RungRole.OFFICE: Role.OFFICE_STAFF,
    RungRole.OFFICE_HEAD: Role.UNIT_LEADER,
    RungRole.CONVENER: Role.CONVENER,
}


def _asked(uow: UnitOfWork, command: SavePolicy, office: UUID) -> tuple[frozenset[UUID], Role]:
    """The units that the steps of the policy are asked of in this list, and the role."""
    role = Role.LIAISON
    if command.step is not None:
        properties = steps(uow.session, uow.library)[command.step].properties
        role = Role(properties["role"])
        if properties["parties"] == "office":
            return frozenset({office}), role
    statement = (
        select(Responsibility.unit_id)
        .join(Item, col(Item.id) == col(Responsibility.item_id))
        .where(Item.list_id == command.list_id, col(Responsibility.valid_to).is_(None))
        .distinct()
    )
    return frozenset(unit_id for unit_id in uow.session.exec(statement) if unit_id is not None), role


def _holds(desk: Desk | None, role: Role) -> bool:
    """Whether somebody of the unit receives for the role itself, not in another's place."""
    found = receivers(desk, role, None) if desk is not None else ()
    return any(recipient.standing not in {Standing.UNIT_LEADER, Standing.OFFICE} for recipient in found)
