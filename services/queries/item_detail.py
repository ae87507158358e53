"""Everything about one item, for whom it is visible."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import false, func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import (
    DeadlineChange,
    Evidence,
    ImportFlag,
    Item,
    ItemDeadline,
    Milestone,
    Person,
    ProcessInstance,
    ProgressRound,
    ReportPeriod,
    Responsibility,
    TaskList,
    Unit,
)
from domain.errors import NotFound
from domain.items import DeadlineKind, Origin, ResponsibilityRole, Strength
from domain.labels import label
from domain.permissions import BUSINESS
from domain.urgency import last_day
from services.answers import Withheld, withheld
from services.queries.actions import Actions, actions_of
from services.queries.documents import DocumentRow, documents_of_item
from services.queries.ledger import LedgerFilter, LedgerRow, ledger, ledger_row
from services.queries.page import MAX_PAGE
from services.queries.reading import Reading
from services.queries.timeline import TimelineEntry, timeline_of
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class Flag:
    """A place where a person must look, or has looked."""

    id: UUID
    code: str
    field: str | None
    note: str
    blocking: bool
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a unit, now or formerly: `printed` beside the registry's unit, which may not be known yet."""

    unit_id: UUID | None
    unit: str | None
    printed: str
    role: str
    role_label: str
    collects: bool
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class PrintedDeadline:
    """A printed deadline and its reading."""

    phrase: str
    kind: str
    kind_label: str
    on_date: date | None
    rule: str | None
    anchor: str | None
    strength: str | None
    strength_label: str
    applies_to: str


@dataclass(frozen=True, slots=True)
class ChangedDeadline:
    """One value the current deadline had; the first is the original."""

    due_on: date | None
    reason: str
    approved_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A stage goal of an accepted plan; `retired_at` when a later plan replaced it."""

    title: str
    due_on: date
    evidence_planned: str
    accepted_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Round:
    """One reporting period. `outcome` is null while it is open."""

    id: UUID
    instance_id: UUID
    period: str
    opened_at: datetime
    co_due_at: datetime
    due_at: datetime
    provisional: bool
    ended_at: datetime | None
    outcome: str | None
    percent: int | None


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    """A piece of evidence by its name; the evidence routes have the file."""

    id: UUID
    kind: str
    name: str
    proves: str
    unit: str
    added_by: str
    added_at: datetime
    work_item_id: UUID | None


@dataclass(frozen=True, slots=True)
class Instance:
    """A process of the item: what its diagram is asked with."""

    id: UUID
    process: str
    version_id: int
    period: str | None
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """An item with everything around it. `summary` is its line in the ledger."""

    summary: LedgerRow
    origin: str
    origin_label: str
    office_unit_id: UUID
    article: str | None
    text_printed: str
    text_confirmed_by: str | None
    text_confirmed_at: datetime | None
    range: str | None
    kpi: Mapping[str, object] | None
    joint_lead: bool
    by_duty: bool
    open_list: bool
    outcome: str | None
    continues_id: UUID | None
    created_at: datetime
    flags: tuple[Flag, ...]
    parts: tuple[Part, ...]
    deadlines: tuple[PrintedDeadline, ...]
    deadline_changes: tuple[ChangedDeadline, ...]
    milestones: tuple[PlannedMilestone, ...]
    rounds: tuple[Round, ...]
    processes: tuple[Instance, ...]
    evidence: tuple[EvidenceEntry, ...]
    members: tuple[LedgerRow, ...]
    documents: tuple[DocumentRow, ...]
    timeline: tuple[TimelineEntry, ...]
    actions: Actions


def visible_item(reading: Reading, item_id: UUID) -> Item:
    """The item, if the actor sees it. Raises NotFound whether it is missing or not theirs to see."""
    statement = select(Item).where(Item.id == item_id, visible_items(reading.actor))
    found = reading.session.exec(statement).one_or_none()
    if found is None:
        raise NotFound(f"item {item_id}")
    return found


def item_detail(reading: Reading, item_id: UUID) -> ItemDetail:
    """Everything about an item. Raises NotFound."""
    item = visible_item(reading, item_id)
    task_list = reading.session.get_one(TaskList, item.list_id)
    kept = withheld(reading.session, reading.actor, reading.library, item_id)
    return ItemDetail(
        summary=ledger_row(reading, item, task_list),
        origin=task_list.origin,
        origin_label=label(Origin, task_list.origin),
        office_unit_id=item.office_unit_id,
        article=item.article,
        text_printed=item.text_printed,
        text_confirmed_by=_person(reading, item.text_confirmed_by),
        text_confirmed_at=item.text_confirmed_at,
        range=item.range,
        kpi=item.kpi,
        joint_lead=item.joint_lead,
        by_duty=item.by_duty,
        open_list=item.open_list,
        outcome=item.outcome,
        continues_id=item.continues_id,
        created_at=item.created_at,
        flags=flags_of(reading, item_id),
        parts=parts_of(reading, item_id),
        deadlines=deadlines_of(reading, item_id),
        deadline_changes=_changes(reading, item_id),
        milestones=_milestones(reading, item_id),
        rounds=rounds_of(reading, item_id),
        processes=_processes(reading, item_id),
        evidence=_evidence(reading, item_id, kept),
        # The largest group is the sixteen districts; no group comes near a page.
        members=ledger(reading, LedgerFilter(parent_id=item_id), limit=MAX_PAGE).rows,
        documents=documents_of_item(reading, item_id),
        timeline=timeline_of(reading, item),
        actions=actions_of(reading, item),
    )


def flags_of(reading: Reading, item_id: UUID) -> tuple[Flag, ...]:
    """The flags of an item, open ones first, blocking before the others."""
    statement = (
        select(ImportFlag, Person.name)
        .outerjoin(Person, col(Person.id) == col(ImportFlag.resolved_by))
        .where(ImportFlag.item_id == item_id)
        .order_by(
            col(ImportFlag.resolved_at).is_not(None),
            col(ImportFlag.blocking).desc(),
            col(ImportFlag.code),
            col(ImportFlag.id),
        )
    )
    return tuple(flag_of(flag, name) for flag, name in reading.session.execute(statement))


def flag_of(flag: ImportFlag, resolved_by: str | None) -> Flag:
    """A flag as it is shown."""
    return Flag(
        id=flag.id,
        code=flag.code,
        field=flag.field,
        note=flag.note,
        blocking=flag.blocking,
        resolution=flag.resolution,
        resolved_by=resolved_by,
        resolved_at=flag.resolved_at,
    )


def rounds_of(reading: Reading, item_id: UUID) -> tuple[Round, ...]:
    """The progress rounds of an item that the actor sees, newest first."""
    statement = (
        select(ProgressRound, ProcessInstance.ended_at, func.coalesce(ReportPeriod.provisional, false()))
        .join(ProcessInstance, col(ProcessInstance.id) == col(ProgressRound.instance_id))
        .outerjoin(ReportPeriod, col(ReportPeriod.id) == col(ProgressRound.report_period_id))
        .where(ProgressRound.item_id == item_id)
        .order_by(col(ProgressRound.opened_at).desc(), col(ProgressRound.period).desc())
    )
    return tuple(
        Round(
            id=row.id,
            instance_id=row.instance_id,
            period=row.period,
            opened_at=row.opened_at,
            co_due_at=row.co_due_at,
            due_at=row.due_at,
            provisional=provisional,
            ended_at=ended_at,
            outcome=row.outcome,
            percent=row.percent,
        )
        for row, ended_at, provisional in reading.session.exec(statement)
    )


def _person(reading: Reading, person_id: UUID | None) -> str | None:
    found = reading.session.get(Person, person_id) if person_id else None
    return found.name if found else None


def parts_of(reading: Reading, item_id: UUID) -> tuple[Part, ...]:
    """The parts of units in an item that the actor sees, those in force first; of units that are each asked about
    itself, the actor's own.
    """
    kept = withheld(reading.session, reading.actor, reading.library, item_id)
    own = reading.actor.units_as(*BUSINESS)
    statement = (
        select(Responsibility, Unit.short_name)
        .outerjoin(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(Responsibility.item_id == item_id)
        .order_by(
            col(Responsibility.valid_to).is_not(None),
            col(Responsibility.valid_to).desc(),
            col(Responsibility.position),
            col(Responsibility.id),
        )
    )
    return tuple(
        Part(
            unit_id=row.unit_id,
            unit=unit,
            printed=row.printed,
            role=row.role,
            role_label=label(ResponsibilityRole, row.role),
            collects=row.collects,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row, unit in reading.session.execute(statement)
        if row.role not in kept.roles or row.unit_id in own
    )


def deadlines_of(reading: Reading, item_id: UUID) -> tuple[PrintedDeadline, ...]:
    """The deadlines of an item that count, in printed order."""
    statement = (
        select(ItemDeadline)
        .where(ItemDeadline.item_id == item_id, col(ItemDeadline.replaced_at).is_(None))
        .order_by(col(ItemDeadline.position))
    )
    return tuple(
        PrintedDeadline(
            phrase=row.phrase,
            kind=row.kind,
            kind_label=label(DeadlineKind, row.kind),
            on_date=row.on_date,
            rule=row.rule,
            anchor=row.anchor,
            strength=row.strength,
            strength_label=label(Strength, row.strength),
            applies_to=row.applies_to,
        )
        for row in reading.session.exec(statement)
    )


def _changes(reading: Reading, item_id: UUID) -> tuple[ChangedDeadline, ...]:
    statement = (
        select(DeadlineChange, Person.name)
        .outerjoin(Person, col(Person.id) == col(DeadlineChange.approved_by))
        .where(DeadlineChange.item_id == item_id)
        .order_by(col(DeadlineChange.id))
    )
    return tuple(
        ChangedDeadline(last_day(row.due_at) if row.due_at else None, row.reason, name, row.recorded_at)
        for row, name in reading.session.execute(statement)
    )


def _milestones(reading: Reading, item_id: UUID) -> tuple[PlannedMilestone, ...]:
    statement = (
        select(Milestone)
        .where(Milestone.item_id == item_id)
        .order_by(col(Milestone.retired_at).is_not(None), col(Milestone.accepted_at).desc(), col(Milestone.position))
    )
    return tuple(
        PlannedMilestone(row.title, row.due_on, row.evidence_planned, row.accepted_at, row.retired_at)
        for row in reading.session.exec(statement)
    )


def _processes(reading: Reading, item_id: UUID) -> tuple[Instance, ...]:
    statement = (
        select(ProcessInstance)
        .where(ProcessInstance.item_id == item_id)
        .order_by(col(ProcessInstance.started_at), col(ProcessInstance.period).nulls_first(), col(ProcessInstance.id))
    )
    return tuple(
        Instance(row.id, row.key, row.version_id, row.period, row.started_at, row.ended_at, row.outcome)
        for row in reading.session.exec(statement)
    )


def _evidence(reading: Reading, item_id: UUID, kept: Withheld) -> tuple[EvidenceEntry, ...]:
    person, unit = aliased(Person), aliased(Unit)
    statement = (
        select(Evidence, col(person.name), col(unit.short_name))
        .join(person, col(person.id) == col(Evidence.added_by))
        .join(unit, col(unit.id) == col(Evidence.unit_id))
        .where(Evidence.item_id == item_id)
        .order_by(col(Evidence.added_at), col(Evidence.id))
    )
    return tuple(
        EvidenceEntry(row.id, row.kind, row.name, row.proves, short, name, row.added_at, row.work_item_id)
        for row, name, short in reading.session.execute(statement)
        if not kept.evidence(row)
    )
