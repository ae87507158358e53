"""What an assessment comes to: settled grades, the group's meeting, the leads' opinions, recommendations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

from sqlmodel import col, func, select

from db.tables import (
    AssessedItem,
    AssessmentMeeting,
    Item,
    ItemGrade,
    LeadOpinion,
    MinorityOpinion,
    ProcessInstance,
    Recommendation,
)
from domain.assessment import Grade, check_grade, check_meeting, check_notice, check_visit
from domain.assessment_errors import NotInSample, RecommendationsOpen
from domain.items import ItemKind, ResponsibilityRole
from domain.labels import label
from services.assessment_group import group_of, units_called
from services.assessment_reviews import check_conflict
from services.assessment_sample import current_leads, title_of
from services.matters import MatterParty, open_matter, tell_process
from services.stepping import Done, LockedInstance
from services.unit_of_work import UnitOfWork

_READ_FORM: LiteralString = (
    "SELECT s.form, s.opinion FROM submission s JOIN work_item w ON w.id = s.work_item_id WHERE w.instance_id = %s"
    " AND w.bpmn_id = %s ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1"
)
_STILL_OPEN: LiteralString = (
    "SELECT count(*) FROM item WHERE root_id = %s AND kind = %s AND ended_at IS NULL AND id <> %s"
)
_TASK_NUMBERS: LiteralString = (
    "SELECT a.item_id, t.number, m.number FROM assessed_item a JOIN item t ON t.id = a.task_id"
    " JOIN item m ON m.id = a.item_id WHERE a.assessment_id = %s"
)


def form_of(uow: UnitOfWork, instance_id: UUID, bpmn_id: str) -> Mapping[str, Any]:
    """What a step was handed in with last; empty if it was not done."""
    uow.flush()
    [rows] = uow.read((_READ_FORM, (instance_id, bpmn_id)))
    form: Mapping[str, Any] = (rows[0][0] or {}) if rows else {}
    return form


def add_grade(uow: UnitOfWork, assessed_id: UUID, stage: str, grade: str, reason: str) -> None:
    """The item has this grade from now on."""
    uow.session.add(
        ItemGrade(
            assessed_id=assessed_id,
            stage=stage,
            grade=grade,
            reason=reason,
            recorded_by=uow.actor.id,
            recorded_at=uow.now,
        )
    )
    uow.session.flush()


def current_grade(uow: UnitOfWork, assessed_id: UUID) -> str | None:
    """The grade that an item has now."""
    statement = select(ItemGrade.grade).where(ItemGrade.assessed_id == assessed_id)
    return uow.session.exec(statement.order_by(col(ItemGrade.id).desc()).limit(1)).first()


def check_paper(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    """Raise what forbids a step on an item's paper: a notice that is too short, a visit that has not been, a grade
    that is not open, a settler whose unit has come to lead the item.
    """
    if done.bpmn_id == "give_notice":
        check_notice(uow.today, date.fromisoformat(done.form["visit_on"]))
    elif done.bpmn_id == "check_on_site":
        check_visit(uow.today, date.fromisoformat(done.form["visited_on"]))
    elif done.bpmn_id == "settle_grade":
        assessed = uow.get(AssessedItem, instance.item_id)
        check_grade(Grade(done.form["grade"]), accepts_breakthrough=assessed.accepts_breakthrough)
        check_conflict(uow, assessed, assessed.settler_id)


def apply_paper(uow: UnitOfWork, instance: LockedInstance, outcome: str | None, done: Done | None) -> None:
    """A step on an item's paper was done: tell the leads of a visit, or keep the grade and see if it was the last."""
    if done is None:
        return
    if done.bpmn_id == "give_notice":
        _notify(uow, instance, done.form)
    elif done.bpmn_id == "settle_grade" and outcome is not None:
        add_grade(uow, instance.item_id, "settled", done.form["grade"], done.form["reason"])
        _tell_when_all_have_ended(uow, instance, ItemKind.ASSESSED_ITEM, "items_graded")


def _notify(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any]) -> None:
    assessed = uow.get(AssessedItem, instance.item_id)
    task, paper = uow.get(Item, assessed.task_id), uow.get(Item, assessed.item_id)
    words = f"{label(ItemKind, ItemKind.FIELD_VISIT)} {form['visit_on']} {form['place']}"
    open_matter(
        uow,
        kind=ItemKind.FIELD_VISIT,
        office_unit_id=instance.office_unit_id,
        title=f"{words} {task.number} {task.text}"[:200],
        number=f"{paper.number}-V",
        process="visit_notice",
        parties=[MatterParty(unit_id, ResponsibilityRole.SUBJECT) for unit_id in current_leads(uow, task.id)],
        parent_id=paper.id,
    )


def _tell_when_all_have_ended(uow: UnitOfWork, instance: LockedInstance, kind: ItemKind, message: str) -> None:
    uow.flush()
    [[(open_ones,)]] = uow.read((_STILL_OPEN, (instance.root_item_id, kind, instance.item_id)))
    if open_ones:
        return
    top = uow.session.exec(
        select(ProcessInstance.id).where(
            ProcessInstance.item_id == instance.root_item_id, col(ProcessInstance.ended_at).is_(None)
        )
    ).one()
    tell_process(uow, instance.root_item_id, top, message)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a meeting's form says, with units and items found. `minority` and `recommendations` keep the form's rows."""

    present: tuple[UUID, ...]
    changes: tuple[tuple[UUID, str, str], ...]
    minority: tuple[tuple[UUID, UUID | None, str], ...]
    recommendations: tuple[tuple[Mapping[str, Any], UUID | None, UUID | None], ...]


def read_meeting(uow: UnitOfWork, assessment_id: UUID, form: Mapping[str, Any]) -> Meeting:
    """Raises GroupUnitUnknown, NotAMember, NoQuorum, MinorityAbsent, NotInSample, GradeNotOpen, and AssessorConflict
    for a minority opinion about an item that the member's own unit leads.
    """
    names = {member.unit_id: member.name for member in group_of(uow, assessment_id)}
    check_visit(uow.today, date.fromisoformat(form["held_on"]))
    present = tuple(units_called(uow, [row["unit"] for row in form["present"]]))
    held = form.get("minority", [])
    holders = units_called(uow, [row["unit"] for row in held])
    check_meeting(names, present, holders)
    find = _finder(uow, assessment_id)
    changes = tuple((find(row["number"]), str(row["grade"]), str(row["reason"])) for row in form.get("changes", []))
    for assessed_id, grade, _ in changes:
        assessed = uow.get(AssessedItem, assessed_id)
        check_grade(Grade(grade), accepts_breakthrough=assessed.accepts_breakthrough)
    minority = tuple(
        (unit_id, find(row["number"]) if row.get("number") else None, str(row["view"]))
        for unit_id, row in zip(holders, held, strict=True)
    )
    for unit_id, about, _ in minority:
        if about is not None:
            check_conflict(uow, uow.get(AssessedItem, about), unit_id)
    wanted = form.get("recommendations", [])
    units = [units_called(uow, [row["unit"]])[0] if row.get("unit") else None for row in wanted]
    about_items = [find(row["number"]) if row.get("number") else None for row in wanted]
    return Meeting(present, changes, minority, tuple(zip(wanted, units, about_items, strict=True)))


def _finder(uow: UnitOfWork, assessment_id: UUID) -> Any:
    """From a number to the assessed item: the paper's own number, or the item's where the sample has it once."""
    [rows] = uow.read((_TASK_NUMBERS, (assessment_id,)))
    by_paper = {paper: item_id for item_id, _, paper in rows}
    by_task: dict[str, list[UUID]] = {}
    for item_id, number, _ in rows:
        by_task.setdefault(number, []).append(item_id)

    def find(number: str) -> UUID:
        known = by_task.get(number.strip(), [])
        found = by_paper.get(number.strip()) or (known[0] if len(known) == 1 else None)
        if found is None:
            raise NotInSample(number, number=number)
        return found

    return find


def to_ask(uow: UnitOfWork, assessment_id: UUID, meeting: Meeting) -> list[tuple[AssessedItem, str]]:
    """The items whose grade the leads have not been asked about: all at first, later those that the meeting changed."""
    changed = {assessed_id: grade for assessed_id, grade, _ in meeting.changes}
    found = []
    statement = select(AssessedItem).where(AssessedItem.assessment_id == assessment_id)
    for assessed in uow.session.exec(statement.order_by(col(AssessedItem.position))):
        grade = changed.get(assessed.item_id) or current_grade(uow, assessed.item_id)
        asked = uow.session.exec(select(LeadOpinion.grade).where(LeadOpinion.assessed_id == assessed.item_id)).all()
        answered = current_grade(uow, assessed.item_id) if asked else None
        if grade is not None and grade not in asked and (not asked or grade != answered):
            found.append((assessed, grade))
    return found


def hold_meeting(uow: UnitOfWork, instance: LockedInstance, form: Mapping[str, Any]) -> None:
    """Keep what the meeting said, and ask the leads about the grades that they have not seen."""
    assessment_id = instance.item_id
    meeting = read_meeting(uow, assessment_id, form)
    asked = to_ask(uow, assessment_id, meeting)
    statement = select(func.count()).select_from(AssessmentMeeting)
    before = uow.session.exec(statement.where(AssessmentMeeting.assessment_id == assessment_id)).one()
    row = AssessmentMeeting(
        id=uuid4(),
        assessment_id=assessment_id,
        number=before + 1,
        held_on=date.fromisoformat(form["held_on"]),
        present=[str(unit_id) for unit_id in meeting.present],
        overall=form["overall"],
        recorded_by=uow.actor.id,
        recorded_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    for assessed_id, grade, reason in meeting.changes:
        add_grade(uow, assessed_id, "meeting", grade, reason)
    for unit_id, about, view in meeting.minority:
        uow.session.add(MinorityOpinion(meeting_id=row.id, unit_id=unit_id, assessed_id=about, view=view))
    _recommend(uow, assessment_id, row.id, meeting)
    for assessed, grade in asked:
        _ask_leads(uow, assessed, row.id, grade)


def _recommend(uow: UnitOfWork, assessment_id: UUID, meeting_id: UUID, meeting: Meeting) -> None:
    earlier = select(Recommendation).where(
        Recommendation.assessment_id == assessment_id, col(Recommendation.superseded_at).is_(None)
    )
    for recommendation in uow.session.exec(earlier).all():
        recommendation.superseded_at = uow.now
        uow.session.add(recommendation)
    for position, (wanted, unit_id, about) in enumerate(meeting.recommendations, 1):
        uow.session.add(
            Recommendation(
                assessment_id=assessment_id,
                meeting_id=meeting_id,
                position=position,
                kind=wanted["kind"],
                text=wanted["text"],
                unit_id=unit_id,
                task_id=None if about is None else uow.get(AssessedItem, about).task_id,
            )
        )
    uow.session.flush()


def _ask_leads(uow: UnitOfWork, assessed: AssessedItem, meeting_id: UUID, grade: str) -> None:
    task, paper = uow.get(Item, assessed.task_id), uow.get(Item, assessed.item_id)
    known = select(func.count()).select_from(LeadOpinion).where(LeadOpinion.assessed_id == assessed.item_id)
    count = uow.session.exec(known).one()
    for offset, unit_id in enumerate(current_leads(uow, task.id), 1):
        opened = open_matter(
            uow,
            kind=ItemKind.LEAD_OPINION,
            office_unit_id=paper.office_unit_id,
            title=f"{label(Grade, grade)} {title_of(ItemKind.LEAD_OPINION, task.number, task.text)}",
            number=f"{paper.number}-Y{count + offset}",
            process="lead_opinion",
            parties=[
                MatterParty(unit_id, ResponsibilityRole.SUBJECT),
                MatterParty(assessed.settler_id, ResponsibilityRole.CHAIR),
            ],
            parent_id=paper.id,
        )
        uow.session.add(
            LeadOpinion(
                item_id=opened.item_id,
                assessed_id=assessed.item_id,
                unit_id=unit_id,
                meeting_id=meeting_id,
                grade=grade,
                asked_at=uow.now,
            )
        )
        uow.flush()


def check_opinion(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    """Raise GradeNotOpen for an opinion that is adopted with a grade the deadline does not accept."""
    if done.bpmn_id == "answer_opinion" and done.decision == "adopt":
        opinion = uow.get(LeadOpinion, instance.item_id)
        assessed = uow.get(AssessedItem, opinion.assessed_id)
        check_grade(Grade(done.form["grade"]), accepts_breakthrough=assessed.accepts_breakthrough)


def apply_opinion(uow: UnitOfWork, instance: LockedInstance, outcome: str | None, done: Done | None) -> None:
    """A lead's opinion was given or answered, or its time has run out."""
    opinion = uow.get(LeadOpinion, instance.item_id)
    if done is not None and done.bpmn_id == "give_opinion":
        opinion.grounds, opinion.proposed_grade = done.form.get("grounds"), done.form.get("proposed_grade")
    elif done is not None and done.bpmn_id == "answer_opinion":
        opinion.reply = done.form["reply"]
    if outcome is None:
        uow.session.add(opinion)
        return
    opinion.outcome, opinion.settled_at = outcome, uow.now
    uow.session.add(opinion)
    if outcome == "cancelled":
        return
    if outcome == "adopted" and done is not None:
        add_grade(uow, opinion.assessed_id, "opinion", done.form["grade"], done.form["reply"])
    _tell_when_all_have_ended(uow, instance, ItemKind.LEAD_OPINION, "opinions_in")


def open_recommendations(uow: UnitOfWork, assessment_id: UUID) -> Sequence[Recommendation]:
    """What the last meeting recommended and nobody has settled."""
    return uow.session.exec(
        select(Recommendation)
        .where(Recommendation.assessment_id == assessment_id, col(Recommendation.superseded_at).is_(None))
        .where(col(Recommendation.settled_at).is_(None))
    ).all()


def drop_open(uow: UnitOfWork, assessment_id: UUID, reason: str) -> None:
    """Nothing more comes of what was recommended: a closed assessment leaves no recommendation without an answer."""
    for row in open_recommendations(uow, assessment_id):
        row.dropped_because, row.settled_at, row.settled_by = reason, uow.now, uow.actor.id
        uow.session.add(row)


def check_followed_up(uow: UnitOfWork, assessment_id: UUID) -> None:
    """Raise RecommendationsOpen."""
    left = len(open_recommendations(uow, assessment_id))
    if left:
        raise RecommendationsOpen(str(left), count=left)
