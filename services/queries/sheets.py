"""Report sheets: which there are, and one sheet row by row with what its people need beside each row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import and_, exists, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import Item, ProcessInstance, ProgressRound, ReportPeriod, Submission, TaskList, Unit, WorkItem
from domain.errors import InvalidForm, NotFound
from domain.permissions import Permission, Role, is_allowed
from services.forms import check_form
from services.queries.actions import ReturnTarget
from services.queries.drafts import DraftView, drafts_of
from services.queries.preliminary import Preliminary, preliminary_of
from services.queries.reading import Reading
from services.queries.steps import Choice, choices, listed, step_label
from services.queries.timeline import reason_label
from services.sheets import SheetStep
from services.visibility import visible_items

OF_LEAD = (SheetStep.CONSOLIDATE, SheetStep.SIGN, SheetStep.REVIEW)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was handed in: by a unit, when, with which form; `period` names it where it is not the sheet's own."""

    unit_id: UUID
    unit: str
    at: datetime
    form: Mapping[str, Any]
    period: str | None = None


@dataclass(frozen=True, slots=True)
class RowReturn:
    """Why a row came back: from which step, by whom, with which reason."""

    at: datetime
    step: str
    reason_code: str | None
    reason_label: str
    opinion: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One item on a sheet.

    `step` is where its round stands, None once it has ended. `work_item_id` and `seen_version` are those of the step
    that waits for the sheet's unit, or in the office's step for the office; `may_act` says that the actor may complete
    it. `draft` is shown to those who may write it only; `missing` is what the form still lacks, empty when complete.
    """

    round_id: UUID
    item_id: UUID
    number: str
    text: str
    section: str | None
    outcome: str | None
    step: str | None
    step_label: str
    waits_for: tuple[str, ...]
    work_item_id: UUID | None
    seen_version: int | None
    due_at: datetime | None
    may_act: bool
    draft: DraftView | None
    missing: str
    handed_in: Figures | None
    previous: Figures | None
    contributions: tuple[Figures, ...]
    returned: RowReturn | None
    preliminary: Preliminary | None


@dataclass(frozen=True, slots=True)
class SheetAction:
    """An act that the actor may do on the sheet now, with what it needs for each of its rows."""

    step: SheetStep
    label: str
    decisions: tuple[Choice, ...]
    adverse: str | None
    return_targets: tuple[ReturnTarget, ...]
    form: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class SheetView:
    """The sheet of a unit in a period. `waiting` counts the rows whose co-units have not reported."""

    report_period_id: UUID
    list_id: UUID
    list_title: str
    period: str
    unit_id: UUID
    unit: str
    part: str
    co_due_at: datetime
    due_at: datetime
    provisional: bool
    rows: tuple[SheetRow, ...]
    waiting: int
    actions: tuple[SheetAction, ...]


def sheet_view(reading: Reading, report_period_id: UUID, unit_id: UUID, *, co_unit: bool = False) -> SheetView:
    """The sheet that the unit hands in as a lead, or with `co_unit` its parts of others' reports.

    Raises NotFound where the actor sees none of its rows.
    """
    period = reading.session.get(ReportPeriod, report_period_id)
    steps = (SheetStep.CONTRIBUTE,) if co_unit else OF_LEAD
    found = _rounds(reading, report_period_id, unit_id, steps) if period is not None else []
    if period is None or not found:
        raise NotFound(f"sheet {report_period_id} of {unit_id}")
    work = _work(reading, [each.instance_id for each, _, _ in found])
    previous = _previous(reading, period, [item.id for _, item, _ in found])
    preliminary = preliminary_of(reading, [each.id for each, _, _ in found])
    open_work: dict[UUID, WorkItem] = {}
    for each, _, _ in found:
        mine = next((w for w, *_ in work[each.instance_id] if _is_rows(w, unit_id, steps)), None)
        if mine is not None:
            open_work[each.id] = mine
    drafts = drafts_of(reading, [w for w in open_work.values() if _writes(reading, w)])
    rows = []
    for each, item, version_id in found:
        bundle = reading.library.bundle(reading.session, version_id)
        row = _Parts(each, item, bundle, work[each.instance_id], open_work.get(each.id), drafts)
        rows.append(row.row(reading, unit_id, steps, previous.get(item.id), preliminary.get(each.id)))
    list_ = reading.session.get_one(TaskList, period.list_id)
    return SheetView(
        report_period_id=period.id,
        list_id=period.list_id,
        list_title=list_.title,
        period=period.period,
        unit_id=unit_id,
        unit=reading.session.get_one(Unit, unit_id).short_name,
        part="co_unit" if co_unit else "lead",
        co_due_at=period.co_due_at,
        due_at=period.due_at,
        provisional=period.provisional,
        rows=tuple(rows),
        waiting=sum(row.step == SheetStep.CONTRIBUTE for row in rows) if not co_unit else 0,
        actions=_actions(reading, rows, found),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is known of one row's round."""

    round: ProgressRound
    item: Item
    bundle: Bundle
    work: Sequence[Sequence[Any]]
    own: WorkItem | None
    drafts: Mapping[UUID, DraftView]

    def row(
        self,
        reading: Reading,
        unit_id: UUID,
        steps: Sequence[SheetStep],
        previous: Figures | None,
        preliminary: Preliminary | None,
    ) -> SheetRow:
        """The row as it is shown."""
        still = [(work, unit) for work, _, unit in self.work if work.closed_at is None]
        step = still[0][0].bpmn_id if still else None
        draft = self.drafts.get(self.own.id) if self.own is not None else None
        handed_in = self._figures(steps[0], unit_id if steps[0] is SheetStep.CONTRIBUTE else None)
        return SheetRow(
            round_id=self.round.id,
            item_id=self.item.id,
            number=self.item.number,
            text=self.item.text,
            section=self.item.section,
            outcome=self.round.outcome,
            step=step,
            step_label=step_label(self.bundle, step) if step else "",
            waits_for=tuple(unit for _, unit in still),
            work_item_id=self.own.id if self.own is not None else None,
            seen_version=self.own.version if self.own is not None else None,
            due_at=self.own.due_at if self.own is not None else None,
            may_act=self.own is not None and _may(reading, self.own),
            draft=draft,
            missing=self._missing(draft),
            handed_in=handed_in[-1] if handed_in else None,
            previous=previous,
            contributions=() if steps[0] is SheetStep.CONTRIBUTE else self._contributions(),
            returned=self._returned(),
            preliminary=preliminary,
        )

    def _figures(self, step: SheetStep, unit_id: UUID | None) -> list[Figures]:
        return [
            Figures(work.unit_id, unit, work.closed_at, said.form)
            for work, said, unit in self.work
            if work.bpmn_id == step and work.closed_as == "done" and said is not None and said.form
            if unit_id in {None, work.unit_id}
        ]

    def _contributions(self) -> tuple[Figures, ...]:
        """Each co-unit's part as it stands: its last one."""
        return tuple({figures.unit_id: figures for figures in self._figures(SheetStep.CONTRIBUTE, None)}.values())

    def _returned(self) -> RowReturn | None:
        """The last return, if it is what the open step has to answer."""
        done = [(work, said) for work, said, _ in self.work if work.closed_as == "done"]
        if self.own is None or not done:
            return None
        back = [
            (work, said) for work, said in done if work.closed_at == self.own.opened_at and work.decision == "return"
        ]
        if not back:
            return None
        work, said = back[-1]
        code = said.reason_code if said is not None else None
        return RowReturn(
            at=work.closed_at,
            step=step_label(self.bundle, work.bpmn_id),
            reason_code=code,
            reason_label=reason_label(self.bundle, work.bpmn_id, code),
            opinion=(said.opinion or "") if said is not None else "",
        )

    def _missing(self, draft: DraftView | None) -> str:
        """What keeps the draft from being handed in, in words; empty for a complete one."""
        if draft is None or self.own is None:
            return ""
        properties = self.bundle.user_tasks[self.own.bpmn_id].properties
        values = {name: value for name, value in draft.form.items() if value is not None}
        try:
            check_form(self.bundle, properties.get("form"), "submit", values, {})
        except InvalidForm as error:
            return str(error.facts["problems"])
        return ""


def _is_rows(work: WorkItem, unit_id: UUID, steps: Sequence[SheetStep]) -> bool:
    """Whether this open work item is the row's own: the unit's, or the office's when it reviews."""
    if work.closed_at is not None or work.bpmn_id not in steps:
        return False
    return work.bpmn_id == SheetStep.REVIEW or work.unit_id == unit_id


def _may(reading: Reading, work: WorkItem) -> bool:
    return reading.actor.holds(Role(work.role), work.unit_id) and is_allowed(
        reading.actor, Permission.WORK_ITEM_COMPLETE, unit_id=work.unit_id
    )


def _writes(reading: Reading, work: WorkItem) -> bool:
    return work.bpmn_id in {SheetStep.CONTRIBUTE, SheetStep.CONSOLIDATE} and _may(reading, work)


def _rounds(
    reading: Reading, report_period_id: UUID, unit_id: UUID, steps: Sequence[SheetStep]
) -> list[tuple[ProgressRound, Item, int]]:
    asked = exists(
        select(WorkItem.id).where(
            col(WorkItem.instance_id) == col(ProgressRound.instance_id),
            col(WorkItem.unit_id) == unit_id,
            col(WorkItem.bpmn_id).in_(steps),
        )
    )
    own = asked if SheetStep.CONTRIBUTE in steps else or_(col(ProgressRound.unit_id) == unit_id, asked)
    statement = (
        select(ProgressRound, Item, ProcessInstance.version_id)
        .join(Item, col(Item.id) == col(ProgressRound.item_id))
        .join(ProcessInstance, col(ProcessInstance.id) == col(ProgressRound.instance_id))
        .where(ProgressRound.report_period_id == report_period_id, own, visible_items(reading.actor))
        .order_by(col(Item.position), col(Item.number), col(Item.id))
    )
    return [(each, item, version_id) for each, item, version_id in reading.session.exec(statement)]


def _work(reading: Reading, instance_ids: Iterable[UUID]) -> dict[UUID, list[tuple[WorkItem, Submission | None, str]]]:
    statement = (
        sqlalchemy.select(WorkItem, Submission, col(Unit.short_name))
        .outerjoin(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(col(WorkItem.instance_id).in_(list(instance_ids)))
        .order_by(col(WorkItem.closed_at).nulls_last(), col(WorkItem.opened_at), col(WorkItem.id))
    )
    work: dict[UUID, list[Any]] = defaultdict(list)
    for row in reading.session.execute(statement):
        work[row[0].instance_id].append(tuple(row))
    return work


def _previous(reading: Reading, period: ReportPeriod, item_ids: Sequence[UUID]) -> dict[UUID, Figures]:
    """The figures of each item's last accepted report before this period."""
    statement = (
        sqlalchemy.select(ProgressRound, WorkItem, Submission, col(Unit.short_name))
        .join(
            WorkItem,
            and_(
                col(WorkItem.instance_id) == col(ProgressRound.instance_id),
                col(WorkItem.bpmn_id) == SheetStep.CONSOLIDATE,
                col(WorkItem.closed_as) == "done",
            ),
        )
        .join(Submission, col(Submission.work_item_id) == col(WorkItem.id))
        .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
        .where(
            col(ProgressRound.item_id).in_(item_ids),
            col(ProgressRound.outcome) == "accepted",
            col(ProgressRound.period) != period.period,
            col(ProgressRound.due_at) < period.due_at,
        )
        .order_by(col(ProgressRound.item_id), col(ProgressRound.due_at).desc(), col(WorkItem.closed_at).desc())
        .ext(distinct_on(col(ProgressRound.item_id)))
    )
    return {
        each.item_id: Figures(work.unit_id, unit, work.closed_at, said.form or {}, each.period)
        for each, work, said, unit in reading.session.execute(statement)
    }


def _actions(
    reading: Reading, rows: Sequence[SheetRow], found: Sequence[tuple[ProgressRound, Item, int]]
) -> tuple[SheetAction, ...]:
    """The acts for which at least one row waits, with the words and the form of that row's version."""
    offered: dict[str, SheetAction] = {}
    for row, (_, _, version_id) in zip(rows, found, strict=True):
        if not row.may_act or row.step is None or row.step in offered:
            continue
        bundle = reading.library.bundle(reading.session, version_id)
        properties = bundle.user_tasks[row.step].properties
        form = properties.get("form")
        offered[row.step] = SheetAction(
            step=SheetStep(row.step),
            label=row.step_label,
            decisions=choices(bundle, row.step),
            adverse=properties.get("adverse") or None,
            return_targets=tuple(
                ReturnTarget(target, step_label(bundle, target)) for target in listed(properties.get("return_to", ""))
            ),
            form=bundle.form(form) if form else None,
        )
    return tuple(offered.values())


def period_called(reading: Reading, list_id: UUID, period: str) -> UUID:
    """The opened period of a list by its name. Raises NotFound."""
    statement = select(ReportPeriod.id).where(ReportPeriod.list_id == list_id, ReportPeriod.period == period)
    found = reading.session.exec(statement).first()
    if found is None:
        raise NotFound(f"period {period}")
    return found
