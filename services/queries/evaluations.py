"""Evaluations as people see them: which there are, how far each unit is, ranks per group, the scheme in words."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Evaluation, EvaluationResult, EvaluationUnit, Item, ProcessInstance, Unit, WorkItem
from domain.errors import NotFound
from domain.evaluation_ranking import Standing
from domain.evaluation_scheme import Scheme
from domain.labels import NAMES
from domain.messages.evaluations import REMARK_LABELS
from domain.permissions import Permission, is_allowed
from services.evaluation_documents import how_words, period_words
from services.evaluation_sheets import kept_standing, scheme_of, standings_of, unit_sheets, units_of
from services.evaluations import is_drafted
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One evaluation in a list. `step` is what waits now, empty when all is done."""

    id: UUID
    number: str
    title: str
    first_day: date
    last_day: date
    trial: bool
    step: str
    units: int
    scored: int
    frozen_at: datetime | None
    locked_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of the scheme with how it is scored, in words."""

    id: str
    label: str
    points: Decimal
    source: str
    how: str


@dataclass(frozen=True, slots=True)
class CriterionView:
    """A criterion with its parts."""

    id: str
    label: str
    points: Decimal
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How far one unit is: `step` is what waits, `held_by` who has to act, `since` from when."""

    item_id: UUID
    unit_id: UUID
    unit: str
    group: str
    step: str
    held_by: str
    since: datetime | None
    due_at: datetime | None
    done: bool
    inherits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A unit's place in its group. `item_id` opens its sheet, for who may see it."""

    item_id: UUID | None
    unit_id: UUID
    unit: str
    total: Decimal
    rank: int | None
    grade: str
    remark: str
    complete: bool


@dataclass(frozen=True, slots=True)
class GroupRanking:
    """The units of a group by rank; of a group that is not ranked, by name."""

    id: str
    label: str
    ranked: bool
    best_at_most: int | None
    rows: tuple[StandingRow, ...]


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """An evaluation with everything its page needs. `final`: the ranking is the one that was decided. `rankings` are
    empty for units until then. `scheme` is the JSON that `SaveScheme` takes, `scheme_version` the version to say.
    `editable`: the draft is before the office, and the actor may change it.
    """

    summary: EvaluationRow
    period: str
    host: str | None
    assessors: tuple[str, ...]
    scheme_title: str
    scheme_version: int
    scheme: dict[str, Any]
    editable: bool
    criteria: tuple[CriterionView, ...]
    bonus: tuple[PartView, ...]
    progress: tuple[UnitProgress, ...]
    rankings: tuple[GroupRanking, ...]
    without_tasks: tuple[str, ...]
    final: bool
    circular_id: UUID | None


def list_evaluations(reading: Reading) -> tuple[EvaluationRow, ...]:
    """The evaluations that the actor's units have a part in, or their office keeps; the latest first."""
    statement = (
        select(Evaluation, Item)
        .join(Item, col(Item.id) == col(Evaluation.item_id))
        .where(visible_items(reading.actor))
        .order_by(col(Evaluation.last_day).desc(), col(Evaluation.item_id))
    )
    found = reading.session.exec(statement).all()
    return tuple(_row(reading, row, item) for row, item in found)


def evaluation_view(reading: Reading, evaluation_id: UUID) -> EvaluationView:
    """One evaluation. Raises NotFound for who has no part in it."""
    row, item = _visible(reading, evaluation_id)
    scheme = scheme_of(row)
    by_office = row.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    progress = tuple(_progress(reading, row, scheme, all_units=by_office))
    names = _names(reading, [UUID(each) for each in (*row.assessors, *row.without_tasks)])
    host = reading.session.get(Unit, row.host_unit_id) if row.host_unit_id else None
    return EvaluationView(
        summary=_row(reading, row, item),
        period=period_words(row),
        host=host.short_name if host else None,
        assessors=tuple(names[UUID(each)] for each in row.assessors),
        scheme_title=scheme.title,
        scheme_version=row.scheme_version,
        scheme=dict(row.scheme),
        editable=row.frozen_at is None
        and is_allowed(reading.actor, Permission.EVALUATION_EDIT, unit_id=row.office_unit_id)
        and is_drafted(reading.session, row.item_id),
        criteria=tuple(
            CriterionView(c.id, c.label, c.points, tuple(_part(part) for part in c.parts)) for c in scheme.criteria
        ),
        bonus=tuple(_part(part) for part in scheme.bonus),
        progress=progress,
        rankings=_rankings(reading, row, scheme, by_office=by_office),
        without_tasks=tuple(names[UUID(each)] for each in row.without_tasks),
        final=row.decided_at is not None,
        circular_id=row.circular_id,
    )


def _visible(reading: Reading, evaluation_id: UUID) -> tuple[Evaluation, Item]:
    statement = (
        select(Evaluation, Item)
        .join(Item, col(Item.id) == col(Evaluation.item_id))
        .where(Evaluation.item_id == evaluation_id, visible_items(reading.actor))
    )
    found = reading.session.exec(statement).one_or_none()
    if found is None:
        raise NotFound(f"evaluation {evaluation_id}")
    return found


def _row(reading: Reading, row: Evaluation, item: Item) -> EvaluationRow:
    units = units_of(reading.session, row.item_id)
    ended = set(
        reading.session.exec(select(Item.id).where(col(Item.parent_id) == row.item_id, col(Item.ended_at).is_not(None)))
    )
    open_steps = _open_steps(reading, [row.item_id])
    return EvaluationRow(
        id=row.item_id,
        number=item.number,
        title=item.text,
        first_day=row.first_day,
        last_day=row.last_day,
        trial=row.trial,
        step=NAMES.join(dict.fromkeys(step for step, *_ in open_steps.get(row.item_id, ()))),
        units=len(units),
        scored=sum(unit.item_id in ended for unit in units),
        frozen_at=row.frozen_at,
        locked_at=row.known_on,
        decided_at=row.decided_at,
    )


def _part(part: Any) -> PartView:
    return PartView(part.id, part.label, part.points, part.source.value, how_words(part))


def _names(reading: Reading, unit_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = reading.session.exec(select(Unit.id, Unit.short_name).where(col(Unit.id).in_(list(unit_ids))))
    return {unit_id: name for unit_id, name in rows}  # noqa: C416  rows are of a class of their own, dict() takes none


Open = tuple[str, UUID, datetime, datetime]
"""A step that waits: its name, the unit that has to act, since when, until when."""


def _open_steps(reading: Reading, item_ids: Sequence[UUID]) -> dict[UUID, list[Open]]:
    """What waits in these matters, by item."""
    statement = (
        select(WorkItem, ProcessInstance.version_id)
        .join(ProcessInstance, col(ProcessInstance.id) == col(WorkItem.instance_id))
        .where(col(WorkItem.item_id).in_(list(item_ids)), col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.opened_at), col(WorkItem.unit_id))
    )
    found: dict[UUID, list[Open]] = defaultdict(list)
    for work, version_id in reading.session.exec(statement):
        task = reading.library.bundle(reading.session, version_id).user_tasks[work.bpmn_id]
        found[work.item_id].append((task.name, work.unit_id, work.opened_at, work.due_at))
    return found


def _progress(reading: Reading, row: Evaluation, scheme: Scheme, *, all_units: bool) -> list[UnitProgress]:
    """Of all units for the office, of their own for the others."""
    own = reading.actor.units_as()
    units = [unit for unit in units_of(reading.session, row.item_id) if all_units or unit.unit_id in own]
    items = {
        item.id: item
        for item in reading.session.exec(select(Item).where(col(Item.id).in_([unit.item_id for unit in units])))
    }
    opened = _open_steps(reading, list(items))
    held = {unit_id for steps in opened.values() for _, unit_id, *_ in steps}
    names = _names(reading, [*(unit.unit_id for unit in units), *held])
    labels = {group.id: group.label for group in scheme.groups}
    found = []
    for unit in units:
        steps = opened.get(unit.item_id, [])
        found.append(
            UnitProgress(
                item_id=unit.item_id,
                unit_id=unit.unit_id,
                unit=names[unit.unit_id],
                group=labels.get(unit.group_id, unit.group_id),
                step=NAMES.join(dict.fromkeys(step for step, *_ in steps)),
                held_by=NAMES.join(dict.fromkeys(names[unit_id] for _, unit_id, *_ in steps)),
                since=steps[0][2] if steps else None,
                due_at=steps[0][3] if steps else None,
                done=items[unit.item_id].ended_at is not None,
                inherits=tuple(each["name"] for each in unit.inherits),
            )
        )
    return sorted(found, key=lambda each: (each.group, each.unit))


def _rankings(reading: Reading, row: Evaluation, scheme: Scheme, *, by_office: bool) -> tuple[GroupRanking, ...]:
    """As decided; for the office as it stands, from the lock on."""
    complete: dict[UUID, bool] = {}
    units = {unit.unit_id: unit for unit in units_of(reading.session, row.item_id)}
    if row.decided_at is not None:
        standings = _decided(reading, units)
    elif by_office and row.known_on is not None:
        sheets = unit_sheets(reading.session, row)
        complete = {each.row.unit_id: each.sheet is not None and each.sheet.complete for each in sheets}
        standings = standings_of(row, sheets)
    else:
        return ()
    own = reading.actor.units_as()
    grades = {grade.id: grade.label for grade in scheme.grades}
    found = []
    for group in scheme.groups:
        members = [each for each in standings if each.group_id == group.id]
        rows = tuple(
            StandingRow(
                item_id=units[each.unit_id].item_id if by_office or each.unit_id in own else None,
                unit_id=each.unit_id,
                unit=each.name,
                total=each.total,
                rank=each.rank,
                grade=grades.get(each.grade or "", ""),
                remark=REMARK_LABELS[each.remark] if each.remark else "",
                complete=complete.get(each.unit_id, True),
            )
            for each in members
        )
        best = scheme.ceiling.of(len(members)) if scheme.ceiling is not None and group.ranked else None
        if rows:
            found.append(GroupRanking(group.id, group.label, group.ranked, best, rows))
    return tuple(found)


def _decided(reading: Reading, units: dict[UUID, EvaluationUnit]) -> tuple[Standing, ...]:
    item_ids = [unit.item_id for unit in units.values()]
    rows = reading.session.exec(select(EvaluationResult).where(col(EvaluationResult.item_id).in_(item_ids)))
    found = [kept_standing(row.standing) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.rank is None, each.rank or 0, -each.total, each.name)))
