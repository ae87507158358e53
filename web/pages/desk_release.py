"""From a draft list to issued items: approval by somebody else, registration, issue, and the rhythm of reports."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import DomainError, OwnSubmission, PermissionDenied, StaleVersion
from domain.permissions import Permission, is_allowed
from domain.reporting_errors import RhythmInvalid
from domain.rhythm import DayOffRule, Rhythm, RhythmKind
from services.lists import ApproveList, RegisterItems
from services.queries.batch_offers import BatchOffer, Hindrance, batch_offers
from services.queries.import_desk import approvers, desk_list, desk_rows, issue_work, list_progress
from services.queries.lists import list_detail
from services.queries.rhythms import PeriodPreview, preview, rhythm_view
from services.rhythms import SetRhythm, rule_of
from services.work_items import CompleteWorkItem
from web.notices import Notice
from web.visit import Submitting, Visit, Visiting

router = APIRouter()

LARGEST_BATCH = 100


@router.get("/desk/lists/{list_id}/approval", name="desk_approval")
def show_approval(visit: Visiting, list_id: UUID) -> Response:
    """What the leader approves: how many rows, what is still open, and whether the list is history."""
    return _approval(visit, list_id)


def _approval(visit: Visit, list_id: UUID, *, refused: str = "", status: int = 200) -> Response:
    task_list = desk_list(visit.reading, list_id)
    rows = desk_rows(visit.reading, list_id)
    detail = list_detail(visit.reading, list_id, with_items=False)
    return visit.page(
        "desk/approval.html",
        status=status,
        detail=detail,
        list=detail.summary,
        levels=Counter(row.level for row in rows),
        total=len(rows),
        open_rows=[row for row in rows if row.level == "block"],
        dated=sum(row.due_on is not None for row in rows),
        leads=len({name for row in rows for name in row.leads}),
        approvers=approvers(visit.reading, list_id),
        is_own=task_list.created_by is not None and task_list.created_by == visit.actor.id,
        may_approve=is_allowed(visit.actor, Permission.LIST_APPROVE, unit_id=task_list.office_unit_id),
        refused=refused,
    )


@router.post("/desk/lists/{list_id}/approval", name="desk_approve")
def approve(visit: Submitting, list_id: UUID) -> Response:
    """Approve the version of the list that was looked at; what has no open question is registered."""
    version = visit.text("seen_version")
    command = ApproveList(
        list_id=list_id,
        seen_version=int(version) if version.isdecimal() else 0,
        historical=visit.text("historical") == "yes",
    )
    try:
        result = visit.run(command)
    except OwnSubmission as error:
        return _approval(visit, list_id, refused=visit.sentence(error), status=409)
    facts = {"registered": len(result.registered), "waiting": len(result.waiting)}
    return visit.redirect("desk_list", list_id=list_id, notice=Notice("desk_approved", facts))


@router.post("/desk/lists/{list_id}/register", name="desk_register")
def register_rows(visit: Submitting, list_id: UUID) -> Response:
    """Register what was settled since the approval."""
    result = visit.run(RegisterItems(list_id=list_id))
    facts = {"registered": len(result.registered), "waiting": len(result.waiting)}
    return visit.redirect(
        "desk_issue" if result.registered else "desk_list", list_id=list_id, notice=Notice("desk_registered", facts)
    )


@router.get("/desk/lists/{list_id}/issue", name="desk_issue")
def show_issue(visit: Visiting, list_id: UUID) -> Response:
    """What can be issued now, for a look before it is done."""
    return _issue(visit, list_id)


def _issue(
    visit: Visit,
    list_id: UUID,
    *,
    done: Sequence[BatchOffer] = (),
    failed: Sequence[tuple[BatchOffer, str]] = (),
    ran: bool = False,
) -> Response:
    detail = list_detail(visit.reading, list_id, with_items=False)
    offers = batch_offers(visit.reading, issue_work(visit.reading, list_id, limit=LARGEST_BATCH))
    rows = {row.id: row for row in desk_rows(visit.reading, list_id)}
    return visit.page(
        "desk/issue.html",
        list=detail.summary,
        offers=[offer for offer in offers if offer.hindrance is None],
        mine=any(offer.hindrance is not Hindrance.GONE for offer in offers),
        rows=rows,
        progress=list_progress(visit.reading, [list_id])[list_id],
        rhythm=rhythm_view(visit.reading, list_id),
        done=done,
        failed=failed,
        ran=ran,
    )


@router.post("/desk/lists/{list_id}/issue", name="desk_issue_run")
def issue(visit: Submitting, list_id: UUID) -> Response:
    """Issue the chosen items, each on its own, and say of each what became of it."""
    chosen: dict[UUID, int] = {}
    for value in visit.texts("work")[:LARGEST_BATCH]:
        id_, _, version = value.partition(":")
        if version.isdecimal():
            chosen[UUID(id_)] = int(version)
    of_list = set(issue_work(visit.reading, list_id, limit=LARGEST_BATCH * 20))
    offers = {
        each.work_item_id: each for each in batch_offers(visit.reading, [id_ for id_ in chosen if id_ in of_list])
    }
    outcomes = visit.run_each(
        (id_, CompleteWorkItem(work_item_id=id_, seen_version=chosen[id_], decision=offer.decision))
        for id_, offer in offers.items()
    )
    failed = [(offers[each.subject_id], visit.sentence(each.error)) for each in outcomes if each.error is not None]
    done = [offers[each.subject_id] for each in outcomes if each.error is None]
    return _issue(visit, list_id, done=done, failed=failed, ran=True)


@router.get("/desk/lists/{list_id}/rhythm", name="desk_rhythm")
def show_rhythm(visit: Visiting, list_id: UUID) -> Response:
    """When the units of the list report, and the next periods."""
    view = rhythm_view(visit.reading, list_id)
    usual = Rhythm(kind=RhythmKind.MONTHLY, starts_on=visit.reading.now.date().replace(day=1))
    return _rhythm(visit, list_id, _values(view.rhythm or usual), view.next)


@router.post("/desk/lists/{list_id}/rhythm", name="desk_set_rhythm")
def set_rhythm(visit: Submitting, list_id: UUID) -> Response:
    """Save the rule, or show what it would ask for."""
    values = {name: visit.text(name) for name in _FIELDS}
    version = visit.text("seen_version")
    try:
        rule = rule_of(_rule(values))
        if visit.text("do") == "preview":
            return _rhythm(visit, list_id, values, preview(visit.reading, rule), is_preview=True)
        visit.run(SetRhythm(list_id=list_id, seen_version=int(version) if version.isdecimal() else 0, rhythm=rule))
    except RhythmInvalid as error:
        return _rhythm(visit, list_id, values, (), problem=error, status=422)
    except (PermissionDenied, StaleVersion):
        raise
    return visit.redirect("desk_rhythm", list_id=list_id, notice=Notice("desk_rhythm_set"))


_FIELDS = (
    "kind",
    "starts_on",
    "ends_on",
    "due_day",
    "co_due_day",
    "months",
    "months_after",
    "dates",
    "day_off",
    "opens_before",
    "joins_before",
    "paused_from",
    "paused_until",
    "ask_suspended",
    "sheet",
)
_NUMBERS = frozenset({"due_day", "co_due_day", "months", "months_after", "opens_before", "joins_before"})
_TICKS = frozenset({"ask_suspended", "sheet"})


def _values(rhythm: Rhythm) -> dict[str, str]:
    """A rule as the fields of its form."""
    values = {}
    for name in _FIELDS:
        value = getattr(rhythm, name)
        if name == "dates":
            values[name] = "\n".join(
                f"{each.due_on} {each.co_due_on}" if each.co_due_on else f"{each.due_on}" for each in value
            )
        elif name in _TICKS:
            values[name] = "yes" if value else ""
        else:
            values[name] = "" if value is None else str(getattr(value, "value", value))
    return values


def _rule(values: dict[str, str]) -> dict[str, Any]:
    """The fields of the form as a rule is written down; what is no number or date is refused by the rule's reader."""
    rule: dict[str, Any] = {}
    for name, typed in values.items():
        if name in _TICKS:
            rule[name] = typed == "yes"
        elif name == "dates":
            if values["kind"] == RhythmKind.DATES:
                rule[name] = [_report_date(line) for line in typed.splitlines() if line.strip()]
        elif typed:
            rule[name] = int(typed) if name in _NUMBERS and typed.isdecimal() else typed
    return rule


def _report_date(line: str) -> dict[str, str]:
    due, _, co_due = line.strip().partition(" ")
    return {"due_on": due} | ({"co_due_on": co_due.strip()} if co_due.strip() else {})


def _rhythm(
    visit: Visit,
    list_id: UUID,
    values: dict[str, str],
    periods: Sequence[PeriodPreview],
    *,
    problem: DomainError | None = None,
    is_preview: bool = False,
    status: int = 200,
) -> Response:
    task_list = desk_list(visit.reading, list_id)
    view = rhythm_view(visit.reading, list_id)
    return visit.page(
        "desk/rhythm.html",
        status=status,
        list=list_detail(visit.reading, list_id, with_items=False).summary,
        view=view,
        values=values,
        periods=periods,
        is_preview=is_preview,
        problem=visit.sentence(problem) if problem else "",
        problem_field=str(problem.facts.get("field", "")) if problem else "",
        kinds=[each.value for each in RhythmKind],
        day_offs=[each.value for each in DayOffRule],
        may_set=is_allowed(visit.actor, Permission.RHYTHM_SET, unit_id=task_list.office_unit_id),
    )
