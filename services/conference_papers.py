"""Signed minutes as a document: who came, what was discussed, what was resolved, who does it by when."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Conference, ConferenceAttendance, ConferenceMinutes, ConferenceTopic, Responsibility, Unit
from domain.conferences import ConferenceKind
from domain.items import ResponsibilityRole
from domain.labels import label
from domain.messages.conferences import TITLES
from services.documents import Issued, issue_document
from services.unit_of_work import UnitOfWork

SERIES = "minutes"
MINUTES = "minutes"
"""The template."""


def minutes_content(session: Session, row: Conference, minutes: ConferenceMinutes) -> dict[str, Any]:
    """What the minutes print, as plain data: of a draft as well as of what is signed."""
    office = session.get_one(Unit, row.office_unit_id).official_name
    came = session.exec(
        select(Unit.short_name, ConferenceAttendance.person, ConferenceAttendance.present)
        .join(Unit, col(Unit.id) == col(ConferenceAttendance.unit_id))
        .where(ConferenceAttendance.conference_id == row.item_id, col(ConferenceAttendance.premeeting).is_(False))
        .order_by(col(Unit.sort_order), col(Unit.short_name))
    ).all()
    agenda = session.exec(
        select(ConferenceTopic)
        .where(ConferenceTopic.conference_id == row.item_id)
        .order_by(col(ConferenceTopic.position))
    )
    return {
        "author": office,
        "office": office,
        "kind_label": label(ConferenceKind, row.kind),
        "conference": row.title,
        "held_on": row.held_on.isoformat() if row.held_on else "",
        "place": row.place or "",
        "paragraphs": minutes.paragraphs,
        "topics": [{"title": topic.title, "result": topic.result or ""} for topic in agenda],
        "resolutions": [_printed(session, dict(each)) for each in minutes.resolutions],
        "present": [{"unit": unit, "person": person} for unit, person, there in came if there],
        "absent": [unit for unit, _, there in came if not there],
    }


def _printed(session: Session, resolution: dict[str, Any]) -> dict[str, Any]:
    def names(ids: list[str]) -> list[str]:
        return [session.get_one(Unit, UUID(unit_id)).short_name for unit_id in ids]

    return {
        "text": resolution["text"],
        "leads": names(resolution["leads"]),
        "co_units": names(resolution["co_units"]),
        "due_on": resolution["due_on"] or "",
    }


def _members(uow: UnitOfWork, item_id: UUID) -> list[UUID]:
    rows = uow.session.exec(
        select(Responsibility.unit_id)
        .where(Responsibility.item_id == item_id, Responsibility.role == ResponsibilityRole.MEMBER)
        .where(col(Responsibility.valid_to).is_(None))
        .order_by(col(Responsibility.position))
    )
    return [unit_id for unit_id in rows if unit_id is not None]


def issue_minutes(uow: UnitOfWork, row: Conference, minutes: ConferenceMinutes) -> Issued:
    """Issue the minutes whose signature this step is."""
    content = minutes_content(uow.session, row, minutes)
    return issue_document(
        uow,
        series=SERIES,
        template=MINUTES,
        title=TITLES["minutes"].format(title=row.title),
        content=content,
        office_unit_id=row.office_unit_id,
        item_id=row.item_id,
        public=False,
        recipients=_members(uow, row.item_id),
    )
