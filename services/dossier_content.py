"""What a dossier says: everything about one item or matter, frozen as plain data before anything is drawn.

A paper is drawn from this and from nothing else, so that it is the same years later, and so that its sha256 vouches for
what the paper says. Dates stand in it as they are printed. The order is that of a best-practice case
(`domain.md` §5.6): the matter itself, what it brought, how it was done, what was said of it, the proofs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import Item, Person, ProcessInstance, Unit, UnitMember, WorkItem
from domain.calendar import local_date
from domain.items import ItemKind
from domain.labels import NAMES, ROUND_OUTCOMES, label
from domain.messages.dossiers import (
    CASE_ITEM_FACTS,
    DUE,
    DUE_REASONS,
    FACTS,
    FIRST_DUE,
    LATEST_DUE,
    NOBODY,
    PERCENT_ON,
    PRIVATE_FIELDS,
    PROVISIONAL_DUE,
    TITLES,
    UNDER_WAY,
)
from domain.permissions import Role
from domain.redaction import in_every_text, without_contacts
from services.dossier_case import case_part
from services.dossier_evidence import evidence_of
from services.dossier_processes import day, moment, processes_of
from services.dossier_redaction import public_version
from services.queries.form_words import form_words
from services.queries.item_detail import ItemDetail, item_detail
from services.queries.lights import light_of
from services.queries.processes import process_name
from services.queries.reading import Reading
from services.queries.timeline import EntryKind, TimelineEntry

FORMAT = 1
"""Of the frozen data; a change that a template has to know of gets the next number."""
VERBATIM = ("id", "picture", "sha256", "media_type", "file_name", "model")
"""Keys whose texts are no words of people and are never masked."""


class Scope(StrEnum):
    """The whole dossier, or what of it may be published."""

    FULL = "full"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class DossierContent:
    """The frozen data, and the ids of the evidence whose files go with it, in the order of their numbers."""

    data: dict[str, Any]
    files: tuple[UUID, ...]


def dossier_content(reading: Reading, item_id: UUID, *, scope: Scope, with_files: bool = True) -> DossierContent:
    """What the dossier of an item says now. Raises NotFound for one that the actor does not see.

    A public version never carries files: what is in them cannot be masked.
    """
    detail = item_detail(reading, item_id)
    attached = with_files and scope is Scope.FULL
    evidence, files = evidence_of(reading, item_id, attached=attached)
    numbers = {row["id"]: row["number"] for row in evidence}
    item = reading.session.get_one(Item, item_id)
    case = case_part(reading, item)
    hidden = PRIVATE_FIELDS if scope is Scope.PUBLIC else ()
    data = {
        "format": FORMAT,
        "kind": "item" if item.kind == ItemKind.TASK else "case",
        "as_of": moment(reading.now),
        **_heading(reading, item, detail),
        "facts": [*_facts(reading, detail, CASE_ITEM_FACTS if case.data else FACTS), *case.facts],
        "text_printed": detail.text_printed if detail.text_printed != detail.summary.text else "",
        "measures": list(detail.summary.measures),
        "case": None,
        "indicators": [],
        "parts": _parts(detail),
        "members": _members(detail),
        "deadlines": _deadlines(detail),
        "milestones": _milestones(detail),
        "rounds": _rounds(detail),
        "lights": _lights(reading, item_id),
        "progress": _progress(reading, detail),
        "processes": processes_of(reading, detail.processes, detail.timeline),
        "opinions": [],
        "scores": None,
        "consulted": [],
        "batch": None,
        "adoptions": [],
        "letters": [],
        "timeline": _timeline(reading, detail.timeline, numbers, hidden),
        "evidence": evidence,
        **case.data,
    }
    data["opinions"] = [row for row in data["timeline"] if row["opinion"] and row["kind"] == EntryKind.STEP]
    data = in_every_text(data, without_contacts, but=VERBATIM)
    data["scope"] = scope.value
    if scope is Scope.PUBLIC:
        names = {**_names(reading, detail), **case.firms}
        spoken_of = [*_bodies(reading), *case.spoken_of]
        data = public_version(data, names=names, spoken_of=spoken_of, verbatim=VERBATIM)
    return DossierContent(data, files)


def _heading(reading: Reading, item: Item, detail: ItemDetail) -> dict[str, Any]:
    office = reading.session.get_one(Unit, detail.office_unit_id)
    kind = "item" if item.kind == ItemKind.TASK else "case"
    return {
        "id": str(item.id),
        "subject": detail.summary.text,
        "paper": TITLES[kind],
        "item_number": detail.summary.number,
        "office": office.official_name,
        "began_on": day(detail.summary.issued_at or detail.created_at),
        "ended_on": day(detail.summary.ended_at),
        "made_on": f"{local_date(reading.now):%Y-%m-%d}",
    }


def _facts(reading: Reading, detail: ItemDetail, titles: Mapping[str, str]) -> list[list[str]]:
    row = detail.summary
    due = f"{row.due_on:%Y-%m-%d}" if row.due_on else ""
    percent = "" if row.percent is None else PERCENT_ON.format(percent=row.percent, day=row.percent_on)
    values = {
        "number": row.number,
        "list_title": row.list_title,
        "document_number": row.document_number,
        "section": row.section,
        "office": reading.session.get_one(Unit, detail.office_unit_id).official_name,
        "status": row.status_label,
        "leads": NAMES.join(row.leads),
        "co_units": NAMES.join(row.co_units),
        "deadline_phrase": row.deadline_phrase,
        "due_on": PROVISIONAL_DUE.format(day=due) if due and row.provisional else due,
        "strength": row.strength_label,
        "light": row.light_words,
        "percent": percent,
        "issued_on": day(row.issued_at),
        "ended_on": day(row.ended_at),
        "range": detail.range,
    }
    return [[title, str(values[name])] for name, title in titles.items() if values[name]]


def _parts(detail: ItemDetail) -> list[dict[str, str]]:
    return [
        {
            "role": part.role_label,
            "unit": part.unit or part.printed,
            "printed": part.printed,
            "since": day(part.valid_from),
            "until": day(part.valid_to),
        }
        for part in detail.parts
    ]


def _members(detail: ItemDetail) -> list[dict[str, str]]:
    """The items that a group was fanned out to; each has a dossier of its own."""
    return [
        {
            "number": row.number,
            "units": NAMES.join(row.leads),
            "status": row.status_label,
            "percent": "" if row.percent is None else f"{row.percent}%",
            "ended_on": day(row.ended_at),
        }
        for row in detail.members
    ]


def _deadlines(detail: ItemDetail) -> list[dict[str, str]]:
    return [
        {
            "due_on": f"{change.due_on:%Y-%m-%d}" if change.due_on else "",
            "reason": DUE_REASONS.get(change.reason, change.reason),
            "approved_by": change.approved_by or "",
            "recorded_on": day(change.recorded_at),
        }
        for change in detail.deadline_changes
    ]


def _milestones(detail: ItemDetail) -> list[dict[str, str]]:
    return [
        {"title": goal.title, "due_on": f"{goal.due_on:%Y-%m-%d}", "evidence_planned": goal.evidence_planned}
        for goal in detail.milestones
        if goal.retired_at is None
    ]


def _rounds(detail: ItemDetail) -> list[dict[str, Any]]:
    return [
        {
            "period": found.period,
            "opened_on": day(found.opened_at),
            "due_on": day(found.due_at),
            "ended_on": day(found.ended_at),
            "percent": found.percent,
            "outcome": ROUND_OUTCOMES.get(found.outcome, found.outcome) if found.outcome else UNDER_WAY,
        }
        for found in reversed(detail.rounds)
    ]


def _lights(reading: Reading, item_id: UUID) -> list[dict[str, str]]:
    frozen = light_of(reading, item_id).frozen
    return [{"period": light.period, "light": light.label, "words": light.words} for light in reversed(frozen)]


def _progress(reading: Reading, detail: ItemDetail) -> dict[str, Any]:
    points = [
        [f"{local_date(found.ended_at):%Y-%m-%d}", found.percent]
        for found in reversed(detail.rounds)
        if found.outcome == "accepted" and found.percent is not None and found.ended_at is not None
    ]
    days = [f"{change.due_on:%Y-%m-%d}" for change in detail.deadline_changes if change.due_on]
    known = list(dict.fromkeys(days[:1] + days[-1:]))
    words = [DUE] if len(known) == 1 else [FIRST_DUE, LATEST_DUE]
    end = min(detail.summary.ended_at or reading.now, reading.now)
    return {
        "points": points,
        "dues": [[due, said.format(day=due)] for due, said in zip(known, words, strict=False)],
        "start": f"{local_date(detail.summary.issued_at or detail.created_at):%Y-%m-%d}",
        "end": f"{local_date(end):%Y-%m-%d}",
    }


def _timeline(
    reading: Reading, entries: Iterable[TimelineEntry], numbers: dict[str, int], hidden: Sequence[str]
) -> list[dict[str, Any]]:
    versions = _versions(reading, entries)
    made = []
    for entry in entries:
        bundle = versions.get((entry.process, entry.period))
        said = form_words(bundle, entry.name, entry.form, but=hidden) if bundle is not None else []
        made.append(
            {
                "at": moment(entry.at),
                "kind": entry.kind.value,
                "label": entry.label,
                "process": process_name(bundle) if bundle is not None else "",
                "period": entry.period or "",
                "person": entry.person or NOBODY,
                "unit": entry.unit,
                "role": label(Role, entry.role),
                "decision": entry.decision_label,
                "reason": entry.reason_label,
                "return_to": entry.return_to_label,
                "opinion": entry.opinion,
                "document_number": entry.document_number,
                "late": entry.late,
                "said": [list(pair) for pair in said],
                "evidence": [numbers[str(each.id)] for each in entry.evidence if str(each.id) in numbers],
            }
        )
    return made


def _versions(reading: Reading, entries: Iterable[TimelineEntry]) -> dict[tuple[str | None, str | None], Bundle]:
    """The models by which the steps were done: a form's titles are those of its own version."""
    work = {entry.work_item_id for entry in entries if entry.work_item_id is not None and entry.process}
    if not work:
        return {}
    statement = (
        select(ProcessInstance.key, ProcessInstance.period, ProcessInstance.version_id)
        .join(WorkItem, col(WorkItem.instance_id) == col(ProcessInstance.id))
        .where(col(WorkItem.id).in_(work))
        .distinct()
    )
    return {
        (key, period): reading.library.bundle(reading.session, version_id)
        for key, period, version_id in reading.session.exec(statement)
    }


def _names(reading: Reading, detail: ItemDetail) -> dict[str, str]:
    """Everybody who is in the story, or works in one of its units: their name, and what stands for it in public."""
    units = {part.unit_id for part in detail.parts if part.unit_id} | {detail.office_unit_id}
    persons = {entry.person_id for entry in detail.timeline if entry.person_id}
    statement = (
        select(Person.name, Unit.short_name, UnitMember.role)
        .join(UnitMember, col(UnitMember.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .where(col(UnitMember.unit_id).in_(units) | col(Person.id).in_(persons))
        .order_by(col(Person.name), col(UnitMember.valid_from))
    )
    found: dict[str, str] = {}
    for name, unit, role in reading.session.exec(statement):
        found.setdefault(name, f"{unit}{label(Role, role)}")
    return found


def _bodies(reading: Reading) -> Sequence[str]:
    """The registry's own units: an enterprise that a public list names as responsible is named there already."""
    names: set[str] = set()
    for official, short in reading.session.exec(select(Unit.official_name, Unit.short_name)):
        names |= {official, short}
    return sorted(names)
