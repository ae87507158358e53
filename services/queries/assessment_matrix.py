"""The matrix of an assessment's group and its items: recusals, views, grades.

What an assessor has said of an item is in no answer while another is asked: not even for the office, which could tell
the second, or the third, what the others think (`domain.answers`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    AssessedItem,
    AssessmentMember,
    AssessmentRecusal,
    Item,
    ItemGrade,
    ItemReview,
    Responsibility,
    Unit,
)
from domain.assessment import Basis, FieldCheck, Grade, common_view
from domain.items import ResponsibilityRole
from domain.labels import label
from domain.permissions import BUSINESS
from domain.units import UnitKind
from services.answers import unread
from services.queries.reading import Reading

GIVEN = "given"
WEIGHED = 2
"""What views come to is said of so many and more."""


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A unit of the group. `left_at` is set for one that was replaced; `views` counts what it was asked for."""

    unit_id: UUID
    unit: str
    kind: str
    chair: bool
    left_at: datetime | None
    reason: str | None
    replaces: str | None
    views: int
    given: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One member and one item: `state` is recused, declared, asked, given, cancelled or free. `grade` is empty until
    the item's views are shown; what one's own unit gave it always reads.
    """

    unit_id: UUID
    state: str
    seat: int | None
    grade: str | None
    grade_label: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One item of the sample with a cell for each member of the group, in the group's order.

    `shown` is whether its views are all in and read; `common` what they come to, as a proposal.
    """

    id: UUID
    task_id: UUID
    number: str
    text: str
    leads: tuple[str, ...]
    basis: str
    basis_label: str
    visit: str
    visit_label: str
    self_outcome: str | None
    settler: str
    shown: bool
    common: str | None
    common_label: str
    grade: str | None
    grade_label: str
    cells: tuple[Cell, ...]


def unread_views(asked: Reading, item_reviews: Sequence[ItemReview], barred: Collection[UUID] = ()) -> frozenset[UUID]:
    """The views, by their matters, that the actor does not read, or not yet. Who sees them is of the office or the
    group; of what is `barred`, a member's own items, it weighs nothing.
    """
    weighs = {review.assessed_id for review in item_reviews} - set(barred)
    ids = [review.item_id for review in item_reviews if review.outcome == GIVEN]
    return unread(asked.session, asked.actor, asked.library, ids, weighs) if ids else frozenset()


def views_open(item_reviews: Sequence[ItemReview], kept: Collection[UUID]) -> bool:
    """Whether an item's views, as far as they are wanted, are in and read."""
    given = {review.item_id for review in item_reviews if review.outcome == GIVEN}
    return bool(given) and given.isdisjoint(kept) and all(review.outcome is not None for review in item_reviews)


class Gathered:
    """Everything of one assessment, read once."""

    def __init__(self, asked: Reading, assessment_id: UUID) -> None:
        session = asked.session
        self.names: Mapping[UUID, str] = dict(session.exec(select(Unit.id, Unit.short_name)).all())
        self.members = session.exec(
            select(AssessmentMember)
            .where(AssessmentMember.assessment_id == assessment_id)
            .order_by(col(AssessmentMember.position), col(AssessmentMember.valid_from))
        ).all()
        self.items = session.exec(
            select(AssessedItem, Item)
            .join(Item, col(Item.id) == col(AssessedItem.task_id))
            .where(AssessedItem.assessment_id == assessment_id)
            .order_by(col(AssessedItem.position))
        ).all()
        self.reviews: dict[UUID, list[ItemReview]] = defaultdict(list)
        for review in session.exec(
            select(ItemReview)
            .join(AssessedItem, col(AssessedItem.item_id) == col(ItemReview.assessed_id))
            .where(AssessedItem.assessment_id == assessment_id)
            .order_by(col(ItemReview.opened_at))
        ):
            self.reviews[review.assessed_id].append(review)
        self.recused = {
            (row.task_id, row.unit_id): row.reason
            for row in session.exec(select(AssessmentRecusal).where(AssessmentRecusal.assessment_id == assessment_id))
        }
        self.grades: dict[UUID, str] = dict(
            session.exec(
                select(ItemGrade.assessed_id, ItemGrade.grade)
                .join(AssessedItem, col(AssessedItem.item_id) == col(ItemGrade.assessed_id))
                .where(AssessedItem.assessment_id == assessment_id)
                .order_by(col(ItemGrade.id))
            ).all()
        )
        self.own = asked.actor.units_as(*BUSINESS)
        # Who is recused learns of its own item what the group has settled, not what each has said on the way.
        barred = {
            assessed.item_id
            for assessed, task in self.items
            if assessed.item_id not in self.grades and any((task.id, unit) in self.recused for unit in self.own)
        }
        self.unread = unread_views(asked, [each for views in self.reviews.values() for each in views], barred)
        self.leads: dict[UUID, list[str]] = defaultdict(list)
        for part in session.exec(
            select(Responsibility)
            .where(
                col(Responsibility.item_id).in_([task.id for _, task in self.items]),
                Responsibility.role == ResponsibilityRole.LEAD,
                col(Responsibility.valid_to).is_(None),
            )
            .order_by(col(Responsibility.position))
        ):
            if part.unit_id is not None:
                self.leads[part.item_id].append(self.names[part.unit_id])

    def member_rows(self) -> tuple[MemberRow, ...]:
        """The group with those that left it."""
        asked = Counter(review.unit_id for reviews in self.reviews.values() for review in reviews)
        given = Counter(
            review.unit_id for reviews in self.reviews.values() for review in reviews if review.outcome == GIVEN
        )
        by_id = {row.id: row for row in self.members}
        return tuple(
            MemberRow(
                unit_id=row.unit_id,
                unit=self.names[row.unit_id],
                kind=UnitKind(row.kind),
                chair=row.chair,
                left_at=row.valid_to,
                reason=row.reason,
                replaces=self.names[by_id[row.replaces_id].unit_id] if row.replaces_id else None,
                views=asked[row.unit_id],
                given=given[row.unit_id],
            )
            for row in self.members
        )

    def matrix(self) -> tuple[MatrixRow, ...]:
        """A row for each item of the sample."""
        group = [row for row in self.members if row.valid_to is None]
        return tuple(self._line(assessed, task, group) for assessed, task in self.items)

    def _line(self, assessed: AssessedItem, task: Item, group: Sequence[AssessmentMember]) -> MatrixRow:
        reviews = self.reviews[assessed.item_id]
        given = [Grade(r.grade) for r in reviews if r.outcome == GIVEN and r.grade]
        shown = views_open(reviews, self.unread)
        weighed = shown and len(given) >= WEIGHED
        common = common_view(given, accepts_breakthrough=assessed.accepts_breakthrough) if weighed else None
        grade = self.grades.get(assessed.item_id)
        return MatrixRow(
            id=assessed.item_id,
            task_id=task.id,
            number=task.number,
            text=task.text,
            leads=tuple(self.leads[task.id]),
            basis=assessed.basis,
            basis_label=label(Basis, assessed.basis),
            visit=assessed.visit,
            visit_label=label(FieldCheck, assessed.visit),
            self_outcome=assessed.self_outcome,
            settler=self.names[assessed.settler_id],
            shown=shown,
            common=common,
            common_label=label(Grade, common),
            grade=grade,
            grade_label=label(Grade, grade),
            cells=tuple(self._cell(assessed, row.unit_id, shown=shown) for row in group),
        )

    def _cell(self, assessed: AssessedItem, unit_id: UUID, *, shown: bool) -> Cell:
        views = [review for review in self.reviews[assessed.item_id] if review.unit_id == unit_id]
        recused = self.recused.get((assessed.task_id, unit_id))
        if recused is not None:
            return Cell(unit_id, "declared" if recused == "declared" else "recused", None, None, "")
        if not views:
            seat = assessed.seats.index(str(unit_id)) + 1 if str(unit_id) in assessed.seats else None
            started = bool(self.reviews[assessed.item_id])
            return Cell(unit_id, "free" if started or seat is None else "asked", None if started else seat, None, "")
        view = views[-1]
        state = "asked" if view.outcome is None else view.outcome
        grade = view.grade if shown or unit_id in self.own else None
        return Cell(unit_id, state, view.seat, grade, label(Grade, grade))
