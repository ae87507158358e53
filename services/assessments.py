"""Summary assessments as commands: start one, stop it, replace a member.

Everything between is done by completing work items; what their steps mean is in `services.assessment_effects`.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    Assessment,
    AssessmentMember,
    Item,
    ProcessInstance,
    TaskList,
)
from domain.assessment import Cycle, check_substitute
from domain.assessment_errors import AssessmentPeriodInvalid
from domain.errors import NotFound, ReasonMissing, WrongStatus
from domain.items import ItemKind, ListStatus, Origin, ResponsibilityRole
from domain.labels import label
from domain.permissions import Permission
from services import assessment_group, assessment_outcome, assessment_reviews, effects
from services.matters import MatterParty, OpenedMatter, add_parties, end_parties, lock_matter, next_number, open_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

KEY = "summary_assessment"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAssessment:
    """The office gives the start order of an assessment of these lists over a period (domain notes, P3 step 1).

    Both days of the period belong to it. Without lists all of the office's are assessed.
    """

    office_unit_id: UUID
    cycle: Cycle
    period_from: date
    period_to: date
    list_ids: tuple[UUID, ...] = ()
    title: str = ""

    def execute(self, uow: UnitOfWork) -> OpenedMatter:
        """Raises PermissionDenied, AssessmentPeriodInvalid, NotFound for a list of another office."""
        uow.require(Permission.ASSESSMENT_RUN, unit_id=self.office_unit_id)
        if not self.period_from < self.period_to <= uow.today:
            raise AssessmentPeriodInvalid(f"{self.period_from}..{self.period_to}")
        statement = select(TaskList.id).where(
            TaskList.office_unit_id == self.office_unit_id,
            TaskList.status != ListStatus.DRAFT,
            TaskList.origin != Origin.MATTERS,
        )
        own = uow.session.exec(statement.order_by(col(TaskList.created_at), col(TaskList.id))).all()
        strangers = set(self.list_ids) - set(own)
        if strangers:
            raise NotFound(f"list {min(map(str, strangers))}")
        year = self.period_to.year
        opened = open_matter(
            uow,
            kind=ItemKind.ASSESSMENT,
            office_unit_id=self.office_unit_id,
            title=self.title.strip() or f"{year} {label(Cycle, self.cycle)}",
            number=f"{year}-{next_number(uow, self.office_unit_id, ItemKind.ASSESSMENT, year)}",
            process=KEY,
            data={"opinions_wanted": True},
        )
        uow.session.add(
            Assessment(
                item_id=opened.item_id,
                cycle=self.cycle,
                period_from=self.period_from,
                period_to=self.period_to,
                list_ids=[str(list_id) for list_id in self.list_ids or own],
            )
        )
        return opened


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAssessment:
    """The convener, or the head of the office, stops an assessment; what is under way in it ends with it, and what it
    has recommended and nobody has taken up is dropped for the same reason.
    """

    assessment_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, ReasonMissing, WrongStatus for one that has ended."""
        item = running_assessment(uow, self.assessment_id, Permission.ASSESSMENT_RULE)
        if not self.reason.strip():
            raise ReasonMissing("stop")
        running = uow.session.exec(
            select(ProcessInstance.id, ProcessInstance.key)
            .where(ProcessInstance.root_item_id == item.id, col(ProcessInstance.ended_at).is_(None))
            .order_by(col(ProcessInstance.id))
        ).all()
        assessment_outcome.drop_open(uow, item.id, self.reason)
        # The assessment's own process last: the others must not find it gone.
        for instance_id, _ in sorted(running, key=lambda row: (row[1] == KEY, row[0])):
            effects.cancel_instance(uow, item.id, instance_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceMember:
    """A member is lost and one of the same kind takes its place: its open work goes to the substitute, or where that
    one may not assess the item, to another member. Views that it has given stay.
    """

    assessment_id: UUID
    lost_unit_id: UUID
    new_unit_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, ReasonMissing, NotAMember, SubstituteOfOtherKind, GroupWithoutAssessor and
        what makes a group unfit.
        """
        item = running_assessment(uow, self.assessment_id, Permission.ASSESSMENT_RULE)
        if not self.reason.strip():
            raise ReasonMissing("replace")
        rows = assessment_group.member_rows(uow, item.id)
        members = assessment_group.members_of(uow, rows)
        new = assessment_group.member(uow, self.new_unit_id, chair=False)
        check_substitute(members, self.lost_unit_id, new, item.office_unit_id)
        assessment_group.check_assessors(uow, [new])
        lost = next(row for row in rows if row.unit_id == self.lost_unit_id)
        lost.valid_to, lost.reason = uow.now, self.reason
        uow.session.add(
            AssessmentMember(
                assessment_id=item.id,
                unit_id=new.unit_id,
                kind=new.kind,
                chair=lost.chair,
                position=lost.position,
                valid_from=uow.now,
                replaces_id=lost.id,
            )
        )
        roles = [ResponsibilityRole.MEMBER] + ([ResponsibilityRole.CHAIR] if lost.chair else [])
        for role in roles:
            end_parties(uow, item.id, role, [lost.unit_id])
        add_parties(uow, item.id, [MatterParty(new.unit_id, role) for role in roles])
        uow.flush()
        assessment_reviews.hand_over(uow, item.id, lost.unit_id, new.unit_id)
        uow.about(item.id)


def running_assessment(uow: UnitOfWork, assessment_id: UUID, permission: Permission) -> Item:
    """An assessment that has not ended, its row locked, for a command of its office. Raises NotFound, WrongStatus."""
    item = uow.session.get(Item, assessment_id)
    uow.about(assessment_id)
    known = item is not None and item.kind == ItemKind.ASSESSMENT
    if item is None or not known or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"assessment {assessment_id}")
    uow.require(permission, unit_id=item.office_unit_id)
    lock_matter(uow, item.id)
    uow.session.refresh(item)
    if item.ended_at is not None:
        raise WrongStatus(str(item.id), status=item.status)
    return item
