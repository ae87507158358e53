"""An item: whose, by when, why that colour, where it is stuck; its story, its proof, and what one may do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response

from domain.addresses import ITEM
from domain.calendar import end_of, local_date
from domain.errors import Conflict, DomainError, NotFound, RuleViolation
from domain.evidence import MEDIA_TYPES, FileKind
from domain.items import ItemKind
from domain.labels import ASIDE
from domain.permissions import Permission
from services.continuation import ContinueItem, ReopenItem
from services.evidence import DownloadEvidence
from services.executor import RequestInfo
from services.queries.actions import ItemAction
from services.queries.escalations import item_ladder
from services.queries.evidence import evidence_of_item
from services.queries.item_detail import Instance, ItemDetail, PlannedMilestone, Round, item_detail
from services.queries.lights import LightView, light_of
from services.queries.page import MAX_PAGE
from services.queries.preliminary import Preliminary, preliminary_of
from services.queries.process_walk import process_walk
from services.queries.reading import Reading
from services.queries.units import list_units
from services.side_processes import SideProcess, StartSideProcess
from services.urging import Urge
from services.visibility import offices_of
from web.deadlines import Due
from web.item_acts import office_command, seen_version
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

PERIODS = 6
"""Reporting periods in the rail; all of them are in the list below it."""
STORY = 12
"""Entries of the story that are shown before one asks for all."""
SHOWN = frozenset({MEDIA_TYPES[FileKind.PDF], MEDIA_TYPES[FileKind.PNG], MEDIA_TYPES[FileKind.JPEG]})
"""What a browser shows by itself, and shows without running anything of it."""
_INLINE_POLICY = (
    # A viewer of the browser's own writes its styles into the page around the file; nothing else is let in.
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_ASIDE = {ItemAction(process.value): process for process in SideProcess}


@dataclass(frozen=True, slots=True)
class Period:
    """One row of the last periods: its light as frozen, the accepted figure, or one that nobody has signed yet."""

    name: str
    light: str | None
    percent: int | None
    open: bool
    late: bool
    unsigned: int | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone with its mark: done, late, or empty while it lies ahead."""

    title: str
    due_on: date
    state: str
    days_late: int


@router.get(ITEM, name="item")
def show_item(
    visit: Visiting, item_id: UUID, process: Annotated[UUID | None, Query()] = None, story: str = ""
) -> Response:
    """Everything about one item on one page. `process` chooses the instance that is drawn."""
    return _page(visit, item_id, process=process, whole_story=story == "all")


def _page(
    visit: Visit,
    item_id: UUID,
    *,
    process: UUID | None = None,
    whole_story: bool = False,
    refused: DomainError | None = None,
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    reading = visit.reading
    detail = item_detail(reading, item_id)
    of_office = detail.office_unit_id in offices_of(visit.actor)
    chosen = _chosen(detail, process)
    light = light_of(reading, item_id)
    story = tuple(reversed(detail.timeline))
    return visit.page(
        "item/item.html",
        status=409 if refused is not None else 200,
        item=detail.summary,
        detail=detail,
        light=light,
        expected=_percent(light, "expected_percent"),
        reported=_percent(light, "reported_percent"),
        due=_due(visit, detail),
        original=_original(detail),
        stages=_stages(detail, today=local_date(reading.now)),
        periods=_periods(reading, detail, light),
        walk=process_walk(reading, chosen.id) if chosen else None,
        chosen=chosen,
        running=_drawn(detail),
        aside=ASIDE,
        story=story if whole_story else story[:STORY],
        story_length=len(story),
        evidence=tuple(reversed(evidence_of_item(reading, item_id))),
        periods_of=_periods_of(detail),
        shown_types=SHOWN,
        ladder=item_ladder(reading, item_id) if of_office and detail.summary.issued_at else None,
        actions=detail.actions,
        limits={row.work_item_id: row for row in detail.summary.held_by},
        may_urge=of_office and any(held.unit_id != detail.office_unit_id for held in detail.summary.held_by),
        asides=[action for action in detail.actions.item if action in _ASIDE],
        may_nominate=_may_nominate(visit, detail),
        refused=visit.sentence(refused) if refused is not None else None,
        act=act,
        typed=typed or {},
        group_members=_group_members(visit, detail),
    )


def _may_nominate(visit: Visit, detail: ItemDetail) -> bool:
    """Whether the visitor may make a case of what the item shows (P6 step 1)."""
    task = detail.summary.kind == ItemKind.TASK and detail.summary.issued_at is not None
    return task and visit.may(Permission.CASE_NOMINATE)


def _group_members(visit: Visit, detail: ItemDetail) -> list[str]:
    """The members of the item's groups as the registry knows them, to be proposed where it may be fanned out."""
    if ItemAction.EXPAND_GROUP not in detail.actions.item:
        return []
    session = visit.reading.session
    units = (unit for name in detail.summary.groups for unit in list_units(session, group=name, limit=MAX_PAGE).rows)
    return list(dict.fromkeys(unit.short_name for unit in units))


def _due(visit: Visit, detail: ItemDetail) -> Due | None:
    """How the deadline presses; None where it presses no more."""
    if detail.summary.ended_at is not None or detail.summary.clock is not None:
        return None
    due_on = detail.summary.due_on
    return visit.item_due(end_of(due_on) if due_on else None, provisional=detail.summary.provisional)


def _chosen(detail: ItemDetail, wanted: UUID | None) -> Instance | None:
    """The instance that is drawn: the wanted one, or the newest in which work waits, or the item's own."""
    known = {instance.id: instance for instance in detail.processes}
    if wanted in known:
        return known[wanted]
    held = [known[holder.instance_id] for holder in detail.summary.held_by if holder.instance_id in known]
    if detail.summary.ended_at is not None:
        return min(detail.processes, key=lambda instance: instance.started_at, default=None)
    pool = held or [instance for instance in detail.processes if instance.ended_at is None] or list(detail.processes)
    return max(pool, key=lambda instance: instance.started_at, default=None)


def _drawn(detail: ItemDetail) -> list[Instance]:
    """The instances one can choose between: what runs, the item's own process, and what ran beside it."""
    rounds = {each.instance_id for each in detail.rounds}
    return [each for each in detail.processes if each.ended_at is None or each.id not in rounds]


def _percent(light: LightView, name: str) -> int | None:
    value = light.facts.get(name)
    return value if isinstance(value, int) else None


def _original(detail: ItemDetail) -> date | None:
    """The day that held first, where it is not the current one."""
    first = detail.deadline_changes[0].due_on if len(detail.deadline_changes) > 1 else None
    return first if first != detail.summary.due_on else None


def _stages(detail: ItemDetail, *, today: date) -> list[Stage]:
    """The stage goals of the plan in force. Reports do not name goals, so the accepted percentage tells which are met:
    a goal is met when the report covers its share of the goals, as the light's schedule counts them.
    """
    goals = [goal for goal in detail.milestones if goal.retired_at is None]
    return [_stage(goal, place, len(goals), detail, today) for place, goal in enumerate(goals, start=1)]


def _stage(goal: PlannedMilestone, place: int, count: int, detail: ItemDetail, today: date) -> Stage:
    percent = 100 if detail.summary.ended_at is not None else detail.summary.percent or 0
    if percent * count >= 100 * place:
        return Stage(goal.title, goal.due_on, "done", 0)
    days_late = max(0, (today - goal.due_on).days)
    return Stage(goal.title, goal.due_on, "late" if days_late else "", days_late)


def _periods(reading: Reading, detail: ItemDetail, light: LightView) -> list[Period]:
    lights = {frozen.period: frozen.light for frozen in light.frozen}
    shown = detail.rounds[:PERIODS]
    waiting = [round_.id for round_ in shown if round_.outcome is None]
    unsigned = preliminary_of(reading, waiting) if waiting else {}
    return [_period(round_, lights, reading.now, unsigned.get(round_.id)) for round_ in shown]


def _period(round_: Round, lights: dict[str, str], now: datetime, sent: Preliminary | None) -> Period:
    is_open = round_.outcome is None
    late = is_open and round_.due_at < now
    return Period(
        round_.period, lights.get(round_.period), round_.percent, is_open, late, None if sent is None else sent.percent
    )


def _periods_of(detail: ItemDetail) -> dict[UUID, str]:
    """By work item: the reporting period in which its evidence was handed in."""
    return {
        entry.work_item_id: entry.period for entry in detail.timeline if entry.work_item_id is not None and entry.period
    }


@router.get("/evidence/{evidence_id}/file", name="evidence_file")
def show_evidence(visit: Visiting, evidence_id: UUID) -> Response:
    """A file: PDF and pictures in the window, everything else to be saved. The audit says who saw what."""
    command = DownloadEvidence(evidence_id=evidence_id)
    found = visit.container.executor.execute(
        command, actor=visit.actor, request=RequestInfo(request_id=visit.request.scope.get("dudao.request_id"))
    )
    shown = found.media_type in SHOWN
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Type": found.media_type,
        "Content-Security-Policy": _INLINE_POLICY,
        "ETag": f'"{found.sha256}"',
    }
    return FileResponse(found.path, headers=headers)


@router.post(ITEM, name="act_on_item")
def act_on_item(visit: Submitting, item_id: UUID) -> Response:
    """One of the acts of the rail. The form names it; a refusal is shown above the page with what was typed kept."""
    act = visit.text("act")
    try:
        notice = _carry_out(visit, item_id, act)
    except (Conflict, RuleViolation) as error:
        return _page(visit, item_id, refused=error, act=act, typed=_typed(visit))
    if isinstance(notice, Response):
        return notice
    return visit.redirect("item", item_id=item_id, notice=notice)


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


def _carry_out(visit: Submission, item_id: UUID, act: str) -> Notice | Response:
    if act == "urge":
        urged = visit.run(
            Urge(
                item_id=item_id,
                words=visit.text("words"),
                with_leader=bool(visit.text("with_leader")),
                confirmed=bool(visit.text("confirmed")),
            )
        )
        return Notice("item_urged", {"people": list(urged.people)})
    try:
        action = ItemAction(act)
    except ValueError as error:
        raise NotFound(act) from error
    if action in _ASIDE:
        return _start_aside(visit, item_id, _ASIDE[action])
    if action in {ItemAction.CONTINUE, ItemAction.REOPEN}:
        return _go_on(visit, item_id, action)
    visit.run(office_command(visit, item_id, action))
    return Notice("item_acted", {"act": action.value})


def _start_aside(visit: Submission, item_id: UUID, process: SideProcess) -> Response:
    """Open the application, and go to it: its first step is the visitor's own."""
    started = visit.run(StartSideProcess(item_id=item_id, seen_version=seen_version(visit), process=process))
    mine = [opened for opened in started.opened if opened.unit_id in visit.own_units]
    if mine and visit.has_page("step"):
        return visit.redirect("step", work_item_id=mine[0].id)
    return visit.redirect("item", item_id=item_id, notice=Notice("item_acted", {"act": process.value}))


def _go_on(visit: Submission, item_id: UUID, action: ItemAction) -> Response:
    """A new item that continues this one or takes it up again: registered, for the office to issue."""
    seen, words = seen_version(visit), visit.text("reason")
    if action is ItemAction.CONTINUE:
        made = visit.run(ContinueItem(item_id=item_id, seen_version=seen, goal=words or None))
    else:
        made = visit.run(
            ReopenItem(item_id=item_id, seen_version=seen, reason=words, document_number=visit.text("document_number"))
        )
    return visit.redirect("item", item_id=made.id, notice=Notice("item_acted", {"act": action.value}))
