"""The group of an assessment: from the names in a form to units with assessors, and who of them may assess what."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

from sqlmodel import col, select

from db.tables import AssessmentMember, Unit, UnitMember
from domain.assessment import Member, check_group
from domain.assessment_errors import GroupUnitUnknown, GroupWithoutAssessor
from domain.items import ResponsibilityRole
from domain.permissions import Role
from domain.units import UnitKind
from services.matters import MatterParty, add_parties
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork

# Who leads an item, led it at some time of the period, or oversees the members of a group; what a unit did before a
# reform binds its successor, which has its people and its record.
_LEADS: LiteralString = (
    "WITH RECURSIVE held AS (SELECT r.item_id, r.unit_id FROM responsibility r JOIN item i ON i.id = r.item_id"
    "  WHERE r.item_id = ANY(%s) AND r.unit_id IS NOT NULL AND r.role = ANY(%s)"
    "  AND (r.valid_to IS NULL OR (r.valid_to >= %s AND r.valid_to > i.issued_at))"
    " UNION SELECT h.item_id, u.successor_id FROM held h JOIN unit u ON u.id = h.unit_id"
    "  WHERE u.successor_id IS NOT NULL)"
    " SELECT item_id, unit_id FROM held"
)
_BINDING = [ResponsibilityRole.LEAD, ResponsibilityRole.OVERSIGHT]


def proposed(uow: UnitOfWork, form: Mapping[str, Any], office_unit_id: UUID) -> tuple[Member, ...]:
    """The group that a form names, checked. Raises GroupUnitUnknown, GroupWithoutAssessor and what makes it unfit."""
    ids = units_called(uow, [row["unit"] for row in form["members"]])
    chairs = [bool(row.get("chair")) for row in form["members"]]
    members = tuple(member(uow, unit_id, chair=chair) for unit_id, chair in zip(ids, chairs, strict=True))
    check_group(members, office_unit_id)
    check_assessors(uow, members)
    return members


def units_called(uow: UnitOfWork, names: Sequence[str]) -> list[UUID]:
    """The units that are called so today, by any of their names. Raises GroupUnitUnknown."""
    registry = stored_registry(uow.session, uow.today)
    found = []
    for name in names:
        match = registry.lookup(name.strip())
        unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            raise GroupUnitUnknown(name, unit=name)
        found.append(unit_id)
    return found


def member(uow: UnitOfWork, unit_id: UUID, *, chair: bool) -> Member:
    """A unit as a member. Raises NotFound."""
    unit = uow.get(Unit, unit_id)
    return Member(unit.id, unit.short_name, UnitKind(unit.kind), chair)


def check_assessors(uow: UnitOfWork, members: Sequence[Member]) -> None:
    """Raise GroupWithoutAssessor for a unit in which nobody holds the role today."""
    held = set(
        uow.session.exec(
            select(UnitMember.unit_id).where(
                UnitMember.role == Role.ASSESSOR,
                col(UnitMember.unit_id).in_([each.unit_id for each in members]),
                (col(UnitMember.valid_to).is_(None)) | (col(UnitMember.valid_to) >= uow.today),
            )
        )
    )
    for each in members:
        if each.unit_id not in held:
            raise GroupWithoutAssessor(each.name, unit=each.name)


def appoint(uow: UnitOfWork, assessment_id: UUID, members: Sequence[Member]) -> None:
    """The conference has approved the group: its units become parties of the assessment, and see it."""
    for position, each in enumerate(members):
        uow.session.add(
            AssessmentMember(
                assessment_id=assessment_id,
                unit_id=each.unit_id,
                kind=each.kind,
                chair=each.chair,
                position=position,
                valid_from=uow.now,
            )
        )
    parties = [MatterParty(each.unit_id, ResponsibilityRole.MEMBER) for each in members]
    parties += [MatterParty(each.unit_id, ResponsibilityRole.CHAIR) for each in members if each.chair]
    add_parties(uow, assessment_id, parties)


def member_rows(uow: UnitOfWork, assessment_id: UUID) -> list[AssessmentMember]:
    """The rows of the group as it is now, in order."""
    statement = select(AssessmentMember).where(
        AssessmentMember.assessment_id == assessment_id, col(AssessmentMember.valid_to).is_(None)
    )
    return list(uow.session.exec(statement.order_by(col(AssessmentMember.position))))


def members_of(uow: UnitOfWork, rows: Sequence[AssessmentMember]) -> tuple[Member, ...]:
    """The group of these rows."""
    return tuple(member(uow, row.unit_id, chair=row.chair) for row in rows)


def group_of(uow: UnitOfWork, assessment_id: UUID) -> tuple[Member, ...]:
    """The group as it is now, in order."""
    return members_of(uow, member_rows(uow, assessment_id))


def leads_of(uow: UnitOfWork, task_ids: Sequence[UUID], since: Any) -> dict[UUID, frozenset[UUID]]:
    """Who may not assess these items: units that lead them, or led them after `since` (UTC), and their successors."""
    [rows] = uow.read((_LEADS, (list(task_ids), _BINDING, since)))
    found: dict[UUID, set[UUID]] = {task_id: set() for task_id in task_ids}
    for task_id, unit_id in rows:
        found[task_id].add(unit_id)
    return {task_id: frozenset(units) for task_id, units in found.items()}
