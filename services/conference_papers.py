"""Signed minutes as a document: who came, what was discussed, what was resolved, who does it by when."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Conference, ConferenceAttendance, ConferenceMinutes, Responsibility, Unit
from domain.conferences import ConferenceKind
from domain.items import ResponsibilityRole
from domain.labels import label
from domain.messages.conferences import TITLES
from services.conferences import agenda_of
from services.documents import Issued, issue_document
from services.unit_of_work import UnitOfWork

SERIES = "minutes"


def minutes_content(uow: UnitOfWork, row: Conference, minutes: ConferenceMinutes) -> dict[str, Any]:
    """What the minutes print, as plain data."""
    office = uow.get(Unit, row.office_unit_id).official_name
    came = uow.session.exec(
        select(Unit.short_name, ConferenceAttendance.person, ConferenceAttendance.present)
        .join(Unit, col(Unit.id) == col(ConferenceAttendance.unit_id))
        .where(ConferenceAttendance.conference_id == row.item_id, col(ConferenceAttendance.premeeting).is_(False))
        .order_by(col(Unit.sort_order), col(Unit.short_name))
    ).all()
    return {
        "author": office,
        "office": office,
        "kind_label": label(ConferenceKind, row.kind),
        "conference": row.title,
        "held_on": row.held_on.isoformat() if row.held_on else "",
        "place": row.place or "",
        "paragraphs": minutes.paragraphs,
        "topics": [{"title": topic.title, "result": topic.result or ""} for topic in agenda_of(uow, row.item_id)],
        "resolutions": [_printed(uow, dict(each)) for each in minutes.resolutions],
        "present": [{"unit": unit, "person": person} for unit, person, there in came if there],
        "absent": [unit for unit, _, there in came if not there],
    }


def _printed(uow: UnitOfWork, resolution: dict[str, Any]) -> dict[str, Any]:
    def names(ids: list[str]) -> list[str]:
        return [uow.get(Unit, UUID(unit_id)).short_name for unit_id in ids]

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
    content = minutes_content(uow, row, minutes)
    return issue_document(
        uow,
        series=SERIES,
        template="minutes",
        title=TITLES["minutes"].format(title=row.title),
        content=content,
        office_unit_id=row.office_unit_id,
        item_id=row.item_id,
        public=False,
        recipients=_members(uow, row.item_id),
    )
