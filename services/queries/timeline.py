"""The story of an item: every step that somebody completed, and what its office did to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, cast, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from bpmn.bundle import Bundle
from db.tables import (
    AuditEntry,
    Evidence,
    Item,
    Person,
    PreliminaryReport,
    ProcessInstance,
    ProgressRound,
    Submission,
    Unit,
    WorkItem,
)
from domain.calendar import NO_LIMIT
from domain.items import ItemKind
from domain.labels import ACTS, ANSWER_WITHHELD, NAMES, UNSIGNED_FIGURES, label
from services.answers import Withheld, withheld
from services.queries.list_change_entries import changes_of_item
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.queries.went_out import went_out
from services.sheets import ReviewSheet, SignSheet, SubmitSheet
from services.unit_of_work import STANDS_IN_FOR
from services.work_items import CompleteWorkItem


class EntryKind(StrEnum):
    """STEP was a work item, ACT an act of the office on the item itself, PRELIMINARY figures that nobody had signed,
    ESCALATION a level that went out: who was told stands as its person and unit.
    """

    STEP = "step"
    ACT = "act"
    PRELIMINARY = "preliminary"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class EvidenceMention:
    """A piece of evidence that was handed in with a step."""

    id: UUID
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line: who, on whose behalf, when, what and why. `name` is a BPMN id or the name of a command.

    `audit_entry` is the number under which the audit record has it; it orders what happened at one instant.
    `late` says that a step was completed after its limit. `period` is that of a progress round. `stands_in_for` are
    the people on leave in whose place the person acted. `withheld`: what was said is not for the actor to read, or not
    yet (`domain.answers`); that it was said stands here all the same.
    """

    at: datetime
    audit_entry: int | None
    kind: EntryKind
    name: str
    label: str
    person_id: UUID | None
    person: str
    unit_id: UUID | None
    unit: str
    role: str | None = None
    work_item_id: UUID | None = None
    process: str | None = None
    period: str | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    provisional: bool = False
    late: bool = False
    decision: str | None = None
    decision_label: str = ""
    reason_code: str | None = None
    reason_label: str = ""
    return_to: str | None = None
    return_to_label: str = ""
    opinion: str = ""
    document_number: str = ""
    form: Mapping[str, Any] | None = None
    evidence: tuple[EvidenceMention, ...] = ()
    stands_in_for: tuple[str, ...] = ()
    withheld: bool = False


def timeline_of(reading: Reading, item: Item) -> tuple[TimelineEntry, ...]:
    """The story of an item that the actor sees, oldest first. A member's tells what was done to its group item too."""
    entries = [*_acts(reading, item), *_unsigned(reading, item), *steps_of(reading, item.id)]
    entries += [*_escalations(reading, item.id), *_list_changes(reading, item)]
    entries = with_absent(reading, entries)
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.audit_entry or 0)))


def steps_of(reading: Reading, item_id: UUID, instance_id: UUID | None = None) -> list[TimelineEntry]:
    """The completed steps of an item that the actor sees, oldest first; of one process instance, if one is named.

    What the actor is not to read in them is left out, as `domain.answers` has it.
    """
    entry = func.coalesce(col(AuditEntry.id), _entry_of_sheet())
    statement = (
        select(WorkItem, ProcessInstance, Submission, col(Person.name), col(Unit.short_name), entry)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .outerjoin(Person, col(Person.id) == col(WorkItem.closed_by))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .outerjoin(
            AuditEntry,
            and_(
                col(AuditEntry.subject_id) == col(WorkItem.id),
                # Not what the office did to the work item: another party, or the same one once more.
                col(AuditEntry.command) == CompleteWorkItem.__name__,
                col(AuditEntry.error_code).is_(None),
            ),
        )
        # Also an answer that was set aside because its party was asked again.
        .where(col(ProcessInstance.item_id) == item_id, col(WorkItem.closed_by).is_not(None))
        .order_by(col(WorkItem.closed_at), col(AuditEntry.id))
    )
    if instance_id is not None:
        statement = statement.where(col(ProcessInstance.id) == instance_id)
    evidence = _evidence(reading, item_id)
    kept = withheld(reading.session, reading.actor, reading.library, item_id)
    steps = [
        _step(reading.library.bundle(reading.session, row[1].version_id), row, evidence.get(row[0].id, ()))
        for row in reading.session.execute(statement)
        if row[0].id not in kept.apart
    ]
    return [_readable(step, kept) for step in steps]


def _readable(step: TimelineEntry, kept: Withheld) -> TimelineEntry:
    if step.work_item_id not in kept.work:
        return step
    return replace(
        step,
        decision=None,
        decision_label=ANSWER_WITHHELD,
        reason_code=None,
        reason_label="",
        return_to=None,
        return_to_label="",
        opinion="",
        form=None,
        evidence=(),
        withheld=True,
    )


def with_absent(reading: Reading, entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """The entries, each with the people on leave in whose place it was done, as the audit record has them."""
    numbers = [entry.audit_entry for entry in entries if entry.audit_entry is not None]
    payload = col(AuditEntry.payload)
    noted = select(col(AuditEntry.id), payload[STANDS_IN_FOR]).where(
        col(AuditEntry.id).in_(numbers), payload.op("?")(STANDS_IN_FOR)
    )
    absent = {number: [UUID(str(each)) for each in ids] for number, ids in reading.session.execute(noted)}
    if not absent:
        return entries
    asked = {person_id for ids in absent.values() for person_id in ids}
    people = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(asked))
    names = {row[0]: row[1] for row in reading.session.execute(people)}
    return [
        replace(entry, stands_in_for=tuple(names[each] for each in absent.get(entry.audit_entry or 0, ())))
        for entry in entries
    ]


def _entry_of_sheet() -> Any:
    """The number of the act on a report sheet that completed the step among others."""
    act = aliased(AuditEntry)
    row = func.jsonb_build_array(func.jsonb_build_object("work_item_id", cast(col(WorkItem.id), Text)))
    return (
        select(func.min(col(act.id)))
        .where(
            col(act.subject_id) == col(ProgressRound.report_period_id),
            col(ProgressRound.instance_id) == col(WorkItem.instance_id),
            col(act.command).in_([kind.__name__ for kind in (SubmitSheet, SignSheet, ReviewSheet)]),
            col(act.error_code).is_(None),
            col(act.payload)["decided"].contains(row),
        )
        .correlate(WorkItem)
        .scalar_subquery()
    )


def _unsigned(reading: Reading, item: Item) -> list[TimelineEntry]:
    """The figures that were sent before they were signed."""
    statement = (
        select(PreliminaryReport, col(ProgressRound.period), col(Person.name), col(Unit.short_name))
        .join(ProgressRound, col(ProgressRound.id) == col(PreliminaryReport.round_id))
        .outerjoin(Person, col(Person.id) == col(PreliminaryReport.sent_by))
        .join(Unit, col(Unit.id) == col(PreliminaryReport.unit_id))
        .where(col(ProgressRound.item_id) == item.id)
    )
    return [
        TimelineEntry(
            at=sent.sent_at,
            audit_entry=None,
            kind=EntryKind.PRELIMINARY,
            name="preliminary",
            label=UNSIGNED_FIGURES,
            person_id=sent.sent_by,
            person=person or "",
            unit_id=sent.unit_id,
            unit=unit,
            work_item_id=sent.work_item_id,
            period=period,
            form=sent.form,
        )
        for sent, period, person, unit in reading.session.execute(statement)
    ]


def _step(bundle: Bundle, row: Sequence[Any], evidence: tuple[EvidenceMention, ...]) -> TimelineEntry:
    work, instance, said, person, unit, audit_entry = row
    said = said or Submission(work_item_id=work.id)
    return TimelineEntry(
        at=work.closed_at,
        audit_entry=audit_entry,
        kind=EntryKind.STEP,
        name=work.bpmn_id,
        label=step_label(bundle, work.bpmn_id),
        person_id=work.closed_by,
        person=person or "",
        unit_id=work.unit_id,
        unit=unit,
        role=work.role,
        work_item_id=work.id,
        process=instance.key,
        period=instance.period,
        opened_at=work.opened_at,
        due_at=work.due_at if work.due_at < NO_LIMIT else None,
        provisional=work.provisional,
        late=work.closed_at > work.due_at,
        decision=work.decision,
        decision_label=decision_label(bundle, work.bpmn_id, work.decision),
        reason_code=said.reason_code,
        reason_label=reason_label(bundle, work.bpmn_id, said.reason_code),
        return_to=said.return_to,
        return_to_label=step_label(bundle, said.return_to) if said.return_to else "",
        opinion=said.opinion or "",
        form=said.form,
        evidence=evidence,
    )


def reason_label(bundle: Bundle, bpmn_id: str, code: str | None) -> str:
    """The word that the step's form has for a reason code."""
    task = bundle.user_tasks.get(bpmn_id)
    if code is None or task is None:
        return ""
    form = bundle.form(task.properties.get("form", "")) or {}
    labels = form.get("properties", {}).get("reason_code", {}).get("x-ui", {}).get("labels", {})
    return str(labels.get(code, code))


def _evidence(reading: Reading, item_id: UUID) -> dict[UUID, tuple[EvidenceMention, ...]]:
    statement = (
        select(Evidence)
        .where(col(Evidence.item_id) == item_id, col(Evidence.work_item_id).is_not(None))
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    mentions: dict[UUID, list[EvidenceMention]] = defaultdict(list)
    for row in reading.session.scalars(statement):
        assert row.work_item_id is not None
        mentions[row.work_item_id].append(EvidenceMention(row.id, row.kind, row.name))
    return {work_item_id: tuple(found) for work_item_id, found in mentions.items()}


def _acts(reading: Reading, item: Item) -> list[TimelineEntry]:
    person, unit = aliased(Person), aliased(Unit)
    # The ids first: one condition over both would have the database read the whole record.
    work = select(col(WorkItem.id)).join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
    subjects = [*reading.session.scalars(work.where(col(ProcessInstance.item_id) == item.id)), item.id]
    subjects += [item.parent_id] if item.parent_id is not None else []
    statement = (
        select(AuditEntry, col(person.name), col(unit.short_name))
        .outerjoin(person, col(person.id) == col(AuditEntry.actor_id))
        .outerjoin(unit, col(unit.id) == col(AuditEntry.unit_id))
        .where(
            col(AuditEntry.subject_id).in_(subjects),
            col(AuditEntry.command).in_(ACTS),
            col(AuditEntry.error_code).is_(None),
        )
        .order_by(col(AuditEntry.id))
    )
    return [_act(entry, name or "", short or "") for entry, name, short in reading.session.execute(statement)]


def _escalations(reading: Reading, item_id: UUID) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            at=level.at,
            audit_entry=None,
            kind=EntryKind.ESCALATION,
            name=level.kind,
            label=level.name,
            person_id=None,
            person=NAMES.join(receiver.name for receiver in level.receivers),
            unit_id=None,
            unit=NAMES.join(dict.fromkeys(receiver.unit for receiver in level.receivers)),
            work_item_id=subject_id if subject_id != item_id else None,
            late=level.late,
            decision=level.document,
            decision_label=level.document_label or level.kind_label,
            opinion=level.words,
        )
        for subject_id, levels in went_out(reading, item_id).items()
        for level in levels
    ]


def _list_changes(reading: Reading, item: Item) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            at=each.change.in_force_at,
            audit_entry=None,
            kind=EntryKind.ACT,
            name=ItemKind.LIST_CHANGE,
            label=label(ItemKind, ItemKind.LIST_CHANGE),
            person_id=each.change.approved_by,
            person=each.person,
            unit_id=each.unit_id,
            unit=each.unit,
            decision=each.entry.act,
            decision_label=each.entry.act_label,
            opinion=f"{each.entry.before} → {each.entry.after} {each.change.reason or ''}".strip(" →"),
            document_number=each.change.document_number or "",
        )
        for each in changes_of_item(reading, item)
        if each.change.in_force_at is not None
    ]


def _act(entry: AuditEntry, person: str, unit: str) -> TimelineEntry:
    # Of the command's fields only the words are told; the rest is the audit administrator's.
    payload = entry.payload or {}
    message = payload.get("message")
    return TimelineEntry(
        at=entry.at,
        audit_entry=entry.id,
        kind=EntryKind.ACT,
        name=entry.command,
        label=ACTS[entry.command],
        person_id=entry.actor_id,
        person=person,
        unit_id=entry.unit_id,
        unit=unit,
        decision=str(message) if message else None,
        opinion=str(payload.get("reason") or payload.get("resolution") or ""),
        document_number=str(payload.get("document_number") or ""),
    )
