"""The rules by which people are urged 催办规则: those in force, who would get what when, and changing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from domain.calendar import CalendarUnit, local_date
from domain.delivery import Channel
from domain.errors import DomainError, NotFound, StaleVersion
from domain.escalation_errors import PolicyRefused, StepUnknown
from domain.items import FINAL, TASK_STATUSES, ItemStatus, Strength
from domain.labels import label
from domain.ladder import EscalationDocument, EscalationKind, Ladder, LevelState, RungRole, SubjectKind
from services.policies import ApplyPolicies, DropPolicy, PolicyWarning, SavePolicy
from services.policy_text import PolicyText, read_policy
from services.queries.escalations import Draft, SubjectLadder, item_ladder
from services.queries.item_detail import visible_item
from services.queries.ledger import LedgerFilter, ledger
from services.queries.lists import list_names
from services.queries.policies import ListPolicies, PolicyRow, first_due, list_policies, policy_steps
from services.queries.reading import Reading
from services.queries.went_out import Level
from web.notices import Notice
from web.policy_forms import BLANK, PolicyForm, form_of, new_form, policy_mapping, sent_form, with_faults
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

MATCHES = 8
"""Items that are offered for the preview when what was typed fits several."""
NAMED_UNITS = 6
"""Units that a warning names; more would not fit into what the next page is told."""
_OPEN = tuple(status for status in TASK_STATUSES if status not in FINAL and status is not ItemStatus.DRAFT)
CHOICES = {
    "kinds": [(kind.value, label(EscalationKind, kind)) for kind in EscalationKind],
    "roles": [(role.value, label(RungRole, role)) for role in RungRole],
    "documents": [(each.value, label(EscalationDocument, each)) for each in EscalationDocument],
    "strengths": [(each.value, label(Strength, each)) for each in Strength if each is not Strength.FIRM],
    "units": [unit.value for unit in CalendarUnit],
    "channels": ["mail", "robot", "sms", Channel.WEBHOOK.value],
}


class PoliciesAddress(BaseModel):
    """Which list, and the item that the preview is for."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    list: UUID | Literal[""] = ""
    item: UUID | Literal[""] = ""
    find: Annotated[str, Query(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class ForItem:
    """An item that a preview is for, or could be."""

    id: UUID
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One level of one subject in the preview."""

    level: Level
    subject: SubjectLadder


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the preview, with everything that goes out on it."""

    day: date
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Who gets what when about one item."""

    item: ForItem
    days: tuple[Day, ...]
    subjects: tuple[SubjectLadder, ...]


@router.get("/policies", name="policies")
def show_policies(visit: Visiting, asked: Annotated[PoliciesAddress, Query()]) -> Response:
    """The rules of a list, and the preview of an item of it."""
    reading = visit.reading
    lists = list_names(reading)
    list_id = asked.list or (lists[0].id if lists else None)
    if list_id is None:
        return visit.page("policies/none.html")
    matches = _matching(reading, list_id, asked)
    chosen = matches[0] if len(matches) == 1 else None
    return visit.page(
        "policies/policies.html",
        lists=lists,
        list_id=list_id,
        asked=asked,
        found=list_policies(reading, list_id),
        matches=matches if chosen is None else (),
        preview=_preview(reading, chosen) if chosen else None,
        today=local_date(reading.now),
    )


def _matching(reading: Reading, list_id: UUID, asked: PoliciesAddress) -> tuple[ForItem, ...]:
    """The item that was chosen, those that fit what was typed, or the first that is due."""
    if asked.item:
        item = visible_item(reading, asked.item)
        return (ForItem(item.id, item.number, item.text),)
    if not asked.find and (first := first_due(reading, list_id, _OPEN)) is not None:
        return (ForItem(first.id, first.number, first.text),)
    filters = LedgerFilter(list_id=list_id, text=asked.find, statuses=() if asked.find else _OPEN)
    found = ledger(reading, filters, limit=MATCHES if asked.find else 1)
    rows = tuple(ForItem(row.id, row.number, row.text) for row in found.rows)
    exact = tuple(row for row in rows if row.number == asked.find)
    return exact if len(exact) == 1 else rows


def _preview(reading: Reading, item: ForItem, draft: Draft | None = None) -> Preview:
    """The levels of all open steps and of the deadline, by the local day on which they go out."""
    found = item_ladder(reading, item.id, draft)
    sent = [
        Sent(level, subject)
        for subject in found.subjects
        if draft is None or (subject.kind is draft.kind and draft.step in {None, subject.step})
        for level in subject.levels
        if level.state is not LevelState.SKIPPED
    ]
    sent.sort(key=lambda each: (each.level.at, each.level.level))
    days = [Day(day, tuple(of_day)) for day, of_day in groupby(sent, key=lambda each: local_date(each.level.at))]
    return Preview(item, tuple(days), found.subjects)


class EditAddress(BaseModel):
    """Which policy is changed; with `new` one for a step that has none of its own. `item` is what it is tried on."""

    model_config = ConfigDict(extra="ignore")

    list: UUID
    kind: SubjectKind = SubjectKind.WORK_ITEM
    step: Annotated[str, Query(max_length=200)] = ""
    new: bool = False
    item: UUID | Literal[""] = ""


Edited = Annotated[EditAddress, Query()]


@router.get("/policies/edit", name="edit_policy")
def edit_policy(visit: Visiting, asked: Edited) -> Response:
    """The form of a policy."""
    found = _changeable(visit, asked.list)
    policy = None if asked.new else _policy(found, asked)
    return _edit_page(visit, asked, form_of(policy) if policy else new_form(), policy)


@router.post("/policies/edit", name="save_policy")
def save_policy(visit: Submitting, asked: Edited) -> Response:
    """Save a new version; or add a row, or try it on an item without saving."""
    form = sent_form(visit)
    if visit.text("add_row"):
        return _sent_page(visit, asked, form)
    try:
        read = read_policy(policy_mapping(form, asked.kind))
        if visit.text("try"):
            return _sent_page(visit, asked, form, tried=read)
        saved = visit.run(
            SavePolicy(
                list_id=asked.list,
                subject_kind=read.kind,
                step=read.step,
                name=read.name,
                rungs=read.rungs,
                quiet=read.quiet,
                seen_version=_number(visit.text("seen_version")),
            )
        )
    except PolicyRefused as error:
        faults = error.facts["rungs"]
        assert isinstance(faults, list)
        return _sent_page(visit, asked, with_faults(form, faults), status=422)
    except (StaleVersion, StepUnknown) as error:
        return _sent_page(visit, asked, form, refused=error, status=409)
    facts = {"version": saved.version, "name": read.name, "warnings": _told(saved.warnings)}
    path = f"{visit.url('policies')}?list={asked.list}" + (f"&item={asked.item}" if asked.item else "")
    return visit.redirect_to(path, notice=Notice("policy_saved", facts))


def _told(warnings: Sequence[PolicyWarning]) -> list[dict[str, object]]:
    return [
        {
            "level": each.level,
            "to": label(RungRole, each.to),
            "units": list(each.units[:NAMED_UNITS]),
            "count": len(each.units),
        }
        for each in warnings
    ]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


@router.post("/policies/drop", name="drop_policy")
def drop_policy(visit: Submitting, asked: Edited) -> Response:
    """The list goes back to the rule of all lists."""
    visit.run(DropPolicy(list_id=asked.list, subject_kind=asked.kind, step=asked.step or None))
    return visit.redirect_to(f"{visit.url('policies')}?list={asked.list}", notice=Notice("policy_dropped"))


@router.post("/policies/apply", name="apply_policies")
def apply_policies(visit: Submitting, asked: Edited) -> Response:
    """What is open climbs by the versions in force now."""
    count = visit.run(ApplyPolicies(list_id=asked.list, subject_kind=asked.kind, step=asked.step or None))
    return visit.redirect_to(
        f"{visit.url('policies')}?list={asked.list}", notice=Notice("policies_applied", {"count": count})
    )


def _changeable(visit: Visit, list_id: UUID) -> ListPolicies:
    """The policies of a list that the visitor may change. Raises NotFound."""
    found = list_policies(visit.reading, list_id)
    if not found.may_change:
        raise NotFound(f"policies of {list_id} to change")
    return found


def _policy(found: ListPolicies, asked: EditAddress) -> PolicyRow | None:
    wanted = (asked.kind, asked.step or None)
    return next((policy for policy in found.policies if (policy.kind, policy.step) == wanted), None)


def _sent_page(
    visit: Submission,
    asked: EditAddress,
    form: PolicyForm,
    *,
    refused: DomainError | None = None,
    tried: PolicyText | None = None,
    status: int = 200,
) -> Response:
    found = _changeable(visit, asked.list)
    policy = None if asked.new else _policy(found, asked)
    return _edit_page(visit, asked, form, policy, refused=refused, tried=tried, status=status)


def _edit_page(
    visit: Visit,
    asked: EditAddress,
    form: PolicyForm,
    policy: PolicyRow | None,
    *,
    refused: DomainError | None = None,
    tried: PolicyText | None = None,
    status: int = 200,
) -> Response:
    reading = visit.reading
    preview = None
    rows = _matching(reading, asked.list, PoliciesAddress(item=asked.item))
    if tried is not None and rows:
        draft = Draft(tried.kind, tried.step, tried.name, Ladder(tried.rungs, tried.quiet))
        preview = _preview(reading, rows[0], draft)
    return visit.page(
        "policies/edit.html",
        status=status,
        asked=asked,
        form=form,
        blank=BLANK,
        policy=policy,
        steps=policy_steps(reading),
        choices=CHOICES,
        refused=visit.sentence(refused) if refused else None,
        tried_on=rows[0] if rows else None,
        preview=preview,
        today=local_date(reading.now),
    )
