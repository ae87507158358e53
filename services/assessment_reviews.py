"""Independent views of an item: opened one matter each, compared when both are in, given to another when declined.

No assessor sees another's view before their own is in, because each is a matter of its own; nobody is shown one while
another is asked, because queries keep it back (`services.queries.assessment_matrix`). Two views are two people's, also
where one person acts for two units.
"""

from collections.abc import Collection
from typing import LiteralString
from uuid import UUID

from sqlmodel import col, func, select

from db.tables import AssessedItem, Assessment, AssessmentRecusal, Item, ItemReview, LeadOpinion, ProcessInstance
from domain.assessment import Grade, check_grade, next_assessor, settler, views_differ
from domain.assessment_errors import AssessorConflict, ViewGivenAlready
from domain.calendar import start_of
from domain.items import ItemKind, ResponsibilityRole
from services import effects
from services.assessment_group import group_of, leads_of
from services.assessment_sample import title_of
from services.matters import MatterParty, add_parties, end_parties, open_matter, tell_process
from services.stepping import Done, LockedInstance
from services.unit_of_work import UnitOfWork

FIRST_TWO = (1, 2)
THIRD = 3
GIVEN = "given"
_SCORES = ("completion", "effect", "novelty", "replicability", "risk")
_OF_THE_CHAIR = ["settle_grade", "hold_group_meeting", "answer_opinion"]
# A step that is open already goes to who has the chair's place now.
_MOVE_WORK: LiteralString = (
    "UPDATE work_item SET unit_id = %(new)s, version = version + 1 WHERE item_id = %(item)s AND unit_id = %(lost)s"
    " AND closed_at IS NULL AND bpmn_id = ANY(%(steps)s)"
)
_VIEWS_OF_PERSON: LiteralString = (
    "SELECT u.short_name FROM item_review r JOIN work_item w ON w.item_id = r.item_id JOIN unit u ON u.id = r.unit_id"
    " WHERE r.assessed_id = %s AND r.outcome = 'given' AND w.closed_by = %s"
)
_UNIT_NAME: LiteralString = "SELECT short_name FROM unit WHERE id = %s"


def open_reviews(uow: UnitOfWork, assessed: AssessedItem) -> None:
    """The first two are asked, each for themselves."""
    for seat, unit_id in zip(FIRST_TWO, assessed.seats, strict=True):
        _open_review(uow, assessed, UUID(unit_id), seat)


def _open_review(uow: UnitOfWork, assessed: AssessedItem, unit_id: UUID, seat: int) -> None:
    item, task = uow.get(Item, assessed.item_id), uow.get(Item, assessed.task_id)
    [[(count,)]] = uow.read(("SELECT count(*) FROM item_review WHERE assessed_id = %s", (assessed.item_id,)))
    # Evidence and history of the item itself: an assessor reads them beside the form.
    add_parties(uow, task.id, [MatterParty(unit_id, ResponsibilityRole.ASSESSOR)])
    opened = open_matter(
        uow,
        kind=ItemKind.ITEM_REVIEW,
        office_unit_id=item.office_unit_id,
        title=title_of(ItemKind.ITEM_REVIEW, task.number, task.text),
        number=f"{item.number}-{count + 1}",
        process="item_review",
        parties=[MatterParty(unit_id, ResponsibilityRole.ASSESSOR)],
        parent_id=item.id,
    )
    row = ItemReview(
        item_id=opened.item_id, assessed_id=assessed.item_id, unit_id=unit_id, seat=seat, opened_at=uow.now
    )
    uow.session.add(row)
    uow.flush()


def check_review(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    """Raise GradeNotOpen, AssessorConflict where the lead has changed to the assessor's own unit meanwhile, and
    ViewGivenAlready for who has given another unit's view of the item.
    """
    if done.decision != "grade":
        return
    review = uow.get(ItemReview, instance.item_id)
    assessed = uow.get(AssessedItem, review.assessed_id)
    [given] = uow.read((_VIEWS_OF_PERSON, (assessed.item_id, uow.actor.id)))
    if given:
        raise ViewGivenAlready(f"{uow.actor.name} for {given[0][0]}", unit=given[0][0])
    check_grade(Grade(done.form["grade"]), accepts_breakthrough=assessed.accepts_breakthrough)
    check_conflict(uow, assessed, review.unit_id)


def check_conflict(uow: UnitOfWork, assessed: AssessedItem, unit_id: UUID) -> None:
    """Raise AssessorConflict for a unit that leads the item, or led it in the period."""
    if unit_id in _leads(uow, assessed):
        [[(name,)]] = uow.read((_UNIT_NAME, (unit_id,)))
        raise AssessorConflict(str(unit_id), unit=name)


def apply_review(uow: UnitOfWork, instance: LockedInstance, outcome: str, done: Done | None) -> None:
    """A view was given, declined, or ended with the assessment."""
    review = uow.get(ItemReview, instance.item_id)
    review.outcome, review.ended_at = outcome, uow.now
    uow.session.add(review)
    assessed = uow.get(AssessedItem, review.assessed_id)
    if outcome == GIVEN and done is not None:
        review.grade, review.findings = done.form["grade"], done.form["findings"]
        review.scores = {name: done.form[name] for name in _SCORES}
        uow.session.flush()
        _compare(uow, instance, assessed)
    elif outcome == "recused" and done is not None:
        uow.session.add(
            AssessmentRecusal(
                assessment_id=assessed.assessment_id,
                task_id=assessed.task_id,
                unit_id=review.unit_id,
                reason="declared",
                statement=done.form["recusal_reason"],
                recorded_at=uow.now,
            )
        )
        uow.session.flush()
        _resettle(uow, assessed, review.unit_id)
        _open_review(uow, assessed, _next(uow, assessed), review.seat)


def _compare(uow: UnitOfWork, instance: LockedInstance, assessed: AssessedItem) -> None:
    """When two are in, say whether a third is needed; when the third is in, go on."""
    given = given_reviews(uow, assessed.item_id)
    seats = {review.seat: Grade(review.grade or "") for review in given}
    if set(seats) < set(FIRST_TWO):
        return
    paper = _running(uow, assessed.item_id)
    add_parties(uow, assessed.item_id, [MatterParty(r.unit_id, ResponsibilityRole.ASSESSOR) for r in given])
    uow.flush()
    if THIRD in seats:
        tell_process(uow, instance.root_item_id, paper, "third_in")
        return
    apart = views_differ(seats[1], seats[2], accepts_breakthrough=assessed.accepts_breakthrough)
    tell_process(uow, instance.root_item_id, paper, "views_apart" if apart else "views_agree")
    if apart:
        _open_review(uow, assessed, _next(uow, assessed), THIRD)


def given_reviews(uow: UnitOfWork, assessed_id: UUID) -> list[ItemReview]:
    """The views that are in, by seat."""
    statement = select(ItemReview).where(ItemReview.assessed_id == assessed_id, ItemReview.outcome == GIVEN)
    return list(uow.session.exec(statement.order_by(col(ItemReview.seat))))


def _running(uow: UnitOfWork, item_id: UUID) -> UUID:
    return uow.session.exec(
        select(ProcessInstance.id).where(ProcessInstance.item_id == item_id, col(ProcessInstance.ended_at).is_(None))
    ).one()


def _leads(uow: UnitOfWork, assessed: AssessedItem) -> frozenset[UUID]:
    assessment = uow.get(Assessment, assessed.assessment_id)
    return leads_of(uow, [assessed.task_id], start_of(assessment.period_from))[assessed.task_id]


def _barred(uow: UnitOfWork, assessed: AssessedItem) -> frozenset[UUID]:
    """Who may not assess the item: by its leads, or because they declared a conflict."""
    declared = uow.session.exec(
        select(AssessmentRecusal.unit_id).where(
            AssessmentRecusal.assessment_id == assessed.assessment_id,
            AssessmentRecusal.task_id == assessed.task_id,
        )
    )
    return _leads(uow, assessed) | frozenset(declared)


def _next(uow: UnitOfWork, assessed: AssessedItem, taken: Collection[UUID] = ()) -> UUID:
    """Who is asked next. Raises TooFewAssessors when nobody is left."""
    assessment = uow.get(Assessment, assessed.assessment_id)
    asked = uow.session.exec(
        select(ItemReview.unit_id).where(
            ItemReview.assessed_id == assessed.item_id, func.coalesce(ItemReview.outcome, GIVEN) == GIVEN
        )
    )
    rows = uow.session.execute(
        select(ItemReview.unit_id, func.count())
        .join(AssessedItem, col(AssessedItem.item_id) == col(ItemReview.assessed_id))
        .where(AssessedItem.assessment_id == assessed.assessment_id)
        .group_by(col(ItemReview.unit_id))
    )
    load: dict[UUID, int] = {unit_id: int(count) for unit_id, count in rows}
    return next_assessor(
        assessed.task_id,
        group_of(uow, assessed.assessment_id),
        _barred(uow, assessed),
        taken={*asked, *taken},
        load=load,
        seed=assessment.seed or "",
    )


def _resettle(uow: UnitOfWork, assessed: AssessedItem, unit_id: UUID) -> None:
    """Who declared a conflict, or left the group, does not settle the item's grade either."""
    if assessed.settler_id != unit_id:
        return
    new = settler(group_of(uow, assessed.assessment_id), _barred(uow, assessed))
    assessed.settler_id = new
    uow.session.add(assessed)
    asked = select(LeadOpinion.item_id).where(
        LeadOpinion.assessed_id == assessed.item_id, col(LeadOpinion.outcome).is_(None)
    )
    for item_id in (assessed.item_id, *uow.session.exec(asked)):
        end_parties(uow, item_id, ResponsibilityRole.CHAIR, [unit_id])
        add_parties(uow, item_id, [MatterParty(new, ResponsibilityRole.CHAIR)])
        uow.write(_MOVE_WORK, {"new": new, "lost": unit_id, "item": item_id, "steps": _OF_THE_CHAIR})
    uow.flush()


def hand_over(uow: UnitOfWork, assessment_id: UUID, lost: UUID, new: UUID) -> None:
    """What a lost member had open goes to the substitute, or where it may not assess the item, to another member."""
    rows = uow.session.exec(select(AssessedItem).where(AssessedItem.assessment_id == assessment_id)).all()
    for assessed in rows:
        _resettle(uow, assessed, lost)
        if uow.get(Item, assessed.item_id).ended_at is not None:
            continue
        reviews = uow.session.exec(select(ItemReview).where(ItemReview.assessed_id == assessed.item_id)).all()
        if not reviews and str(lost) in assessed.seats:
            other = next(UUID(unit_id) for unit_id in assessed.seats if unit_id != str(lost))
            taker = _taker(uow, assessed, new, other)
            assessed.seats = [str(taker) if unit_id == str(lost) else unit_id for unit_id in assessed.seats]
            uow.session.add(assessed)
        for review in reviews:
            if review.unit_id == lost and review.outcome is None:
                effects.cancel_instance(uow, assessment_id, _running(uow, review.item_id))
                uow.flush()
                _open_review(uow, assessed, _taker(uow, assessed, new, None), review.seat)
    chair = next((each.unit_id for each in group_of(uow, assessment_id) if each.chair), None)
    uow.write(_MOVE_WORK, {"new": chair, "lost": lost, "item": assessment_id, "steps": _OF_THE_CHAIR})


def _taker(uow: UnitOfWork, assessed: AssessedItem, new: UUID, other: UUID | None) -> UUID:
    taken = () if other is None else (other,)
    asked = {review.unit_id for review in given_reviews(uow, assessed.item_id)}
    free = new not in _barred(uow, assessed) and new not in asked and new not in taken
    return new if free else _next(uow, assessed, taken)
