"""The report of an assessment: gathered once, at signing, and frozen; what is printed afterwards is drawn from that."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import (
    AssessedItem,
    Assessment,
    AssessmentMeeting,
    AssessmentMember,
    AssessmentPool,
    Item,
    ItemReview,
    LeadOpinion,
    MinorityOpinion,
    Recommendation,
    Unit,
)
from domain.assessment import Cycle, Grade, RecommendationKind
from domain.completion import Outside
from domain.labels import label
from services.assessment_outcome import current_grade
from services.assessment_sample import current_leads
from services.documents import issue_document
from services.unit_of_work import UnitOfWork

SERIES = "report"
TEMPLATE = "assessment_report"


def issue_report(uow: UnitOfWork, assessment_id: UUID, form: Mapping[str, Any]) -> None:
    """Number and freeze the report of an assessment that the conference has approved."""
    assessment = uow.get(Assessment, assessment_id)
    item = uow.get(Item, assessment_id)
    content = report_content(uow, assessment)
    office = uow.get(Unit, item.office_unit_id)
    content |= {
        "head": {"name": office.official_name},
        "addressee": form["addressee"],
        "next_steps": form.get("next_steps", ""),
        "signature": {"unit": office.official_name, "date": uow.today.isoformat()},
        "imprint": {"copies": content["group_names"], "office": office.official_name, "date": uow.today.isoformat()},
    }
    uow.flush()
    # Last: the counter of the series is waited for with nothing else still to be locked.
    issued = issue_document(
        uow,
        series=SERIES,
        template=TEMPLATE,
        title=form["title"],
        content=content,
        office_unit_id=item.office_unit_id,
        item_id=assessment_id,
        public=False,
        recipients=content_units(uow, assessment_id),
    )
    assessment.document_id, assessment.reported_at = issued.id, uow.now
    uow.session.add(assessment)


def content_units(uow: UnitOfWork, assessment_id: UUID) -> list[UUID]:
    """Who gets the report: the members of the group."""
    statement = select(AssessmentMember.unit_id).where(
        AssessmentMember.assessment_id == assessment_id, col(AssessmentMember.valid_to).is_(None)
    )
    return list(uow.session.exec(statement.order_by(col(AssessmentMember.position))))


def report_content(uow: UnitOfWork, assessment: Assessment) -> dict[str, Any]:
    """Everything that the report says, as plain data with names in place of ids."""
    names = _names(uow)
    pool = uow.session.exec(
        select(AssessmentPool, Item)
        .join(Item, col(Item.id) == col(AssessmentPool.task_id))
        .where(AssessmentPool.assessment_id == assessment.item_id)
        .order_by(col(AssessmentPool.position))
    ).all()
    meeting = uow.session.exec(
        select(AssessmentMeeting)
        .where(AssessmentMeeting.assessment_id == assessment.item_id)
        .order_by(col(AssessmentMeeting.number).desc())
    ).first()
    assert meeting is not None, "a report follows a meeting"
    items = _items(uow, assessment, names)
    counts = Counter(row["grade"] for row in items)
    group = _group(uow, assessment.item_id, names)
    return {
        "cycle": label(Cycle, assessment.cycle),
        "period_from": assessment.period_from.isoformat(),
        "period_to": assessment.period_to.isoformat(),
        "method": assessment.method or "",
        "seed": assessment.seed or "",
        "group": group,
        "group_names": [row["unit"] for row in group],
        "pool": len(pool),
        "sample": len(items),
        "outside": [
            {"number": task.number, "text": task.text, "why": label(Outside, row.outside)}
            for row, task in pool
            if row.outside is not None
        ],
        "counts": [{"grade": label(Grade, grade), "count": counts[label(Grade, grade)]} for grade in Grade],
        "overall": meeting.overall,
        "meeting": {
            "held_on": meeting.held_on.isoformat(),
            "present": [names[UUID(unit_id)] for unit_id in meeting.present],
        },
        "items": items,
        "minority": _minority(uow, assessment.item_id, names),
        "opinions": _opinions(uow, assessment.item_id, names),
        "recommendations": _recommendations(uow, assessment.item_id, names),
    }


def _names(uow: UnitOfWork) -> Mapping[UUID, str]:
    return dict(uow.session.exec(select(Unit.id, Unit.short_name)).all())


def _group(uow: UnitOfWork, assessment_id: UUID, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    rows = uow.session.exec(
        select(AssessmentMember)
        .where(AssessmentMember.assessment_id == assessment_id)
        .order_by(col(AssessmentMember.position), col(AssessmentMember.valid_from))
    ).all()
    before = {row.id: row for row in rows}
    return [
        {
            "unit": names[row.unit_id],
            "chair": row.chair,
            "replaces": names[before[row.replaces_id].unit_id] if row.replaces_id else "",
        }
        for row in rows
        if row.valid_to is None
    ]


def _items(uow: UnitOfWork, assessment: Assessment, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    rows = uow.session.exec(
        select(AssessedItem, Item)
        .join(Item, col(Item.id) == col(AssessedItem.task_id))
        .where(AssessedItem.assessment_id == assessment.item_id)
        .order_by(col(AssessedItem.position))
    ).all()
    reviews = uow.session.exec(
        select(ItemReview.assessed_id).where(ItemReview.outcome == "given", col(ItemReview.seat) == 3)  # noqa: PLR2004  the third seat
    ).all()
    return [
        {
            "number": task.number,
            "text": task.text,
            "leads": [names[unit_id] for unit_id in current_leads(uow, task.id)],
            "grade": label(Grade, current_grade(uow, assessed.item_id)),
            "self_assessed": assessed.self_outcome == "submitted",
            "third": assessed.item_id in reviews,
            "visit": assessed.visit,
        }
        for assessed, task in rows
    ]


def _numbers(uow: UnitOfWork, assessment_id: UUID) -> Mapping[UUID, str]:
    rows: Sequence[tuple[UUID, str]] = uow.session.exec(
        select(AssessedItem.item_id, Item.number)
        .join(Item, col(Item.id) == col(AssessedItem.task_id))
        .where(AssessedItem.assessment_id == assessment_id)
    ).all()
    return dict(rows)


def _minority(uow: UnitOfWork, assessment_id: UUID, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    numbers = _numbers(uow, assessment_id)
    rows = uow.session.exec(
        select(MinorityOpinion, AssessmentMeeting)
        .join(AssessmentMeeting, col(AssessmentMeeting.id) == col(MinorityOpinion.meeting_id))
        .where(AssessmentMeeting.assessment_id == assessment_id)
        .order_by(col(AssessmentMeeting.number), col(MinorityOpinion.id))
    ).all()
    return [
        {
            "unit": names[row.unit_id],
            "number": numbers[row.assessed_id] if row.assessed_id else "",
            "view": row.view,
            "held_on": meeting.held_on.isoformat(),
        }
        for row, meeting in rows
    ]


def _opinions(uow: UnitOfWork, assessment_id: UUID, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    numbers = _numbers(uow, assessment_id)
    rows = uow.session.exec(
        select(LeadOpinion)
        .join(AssessedItem, col(AssessedItem.item_id) == col(LeadOpinion.assessed_id))
        .where(AssessedItem.assessment_id == assessment_id)
        .order_by(col(AssessedItem.position), col(LeadOpinion.asked_at))
    ).all()
    return [
        {
            "unit": names[row.unit_id],
            "number": numbers[row.assessed_id],
            "outcome": row.outcome or "",
            "grounds": row.grounds or "",
            "reply": row.reply or "",
        }
        for row in rows
    ]


def _recommendations(uow: UnitOfWork, assessment_id: UUID, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    rows = uow.session.exec(
        select(Recommendation)
        .where(Recommendation.assessment_id == assessment_id, col(Recommendation.superseded_at).is_(None))
        .order_by(col(Recommendation.position))
    ).all()
    return [
        {
            "kind": label(RecommendationKind, row.kind),
            "text": row.text,
            "unit": names[row.unit_id] if row.unit_id else "",
        }
        for row in rows
    ]
