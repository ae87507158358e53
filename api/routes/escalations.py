"""The escalation ladder: who gets what and when, the policies of a list, urging by hand."""

from datetime import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, Field, WithJsonSchema

from api.batches import Refusal, refusal
from api.deps import Run
from api.reading import Asking
from api.schemas import Answer, Body
from domain.calendar import CalendarUnit
from domain.items import Strength
from domain.ladder import (
    MOST_REPEATS,
    MOST_RUNGS,
    Base,
    EscalationDocument,
    EscalationKind,
    Ladder,
    PolicyProblem,
    Rung,
    RungRole,
    SubjectKind,
)
from domain.quiet_hours import QuietHours
from services.policies import ApplyPolicies, DropPolicy, SavedPolicy, SavePolicy, checked, refuse
from services.queries.escalations import Draft, ItemLadder, item_ladder, late_work
from services.queries.policies import ListPolicies, PolicyRow, list_policies, policy_version
from services.urging import Urge, Urged, urge_all

router = APIRouter(tags=["escalations"])

Words = Annotated[str, Field(min_length=1, max_length=1000, examples=["请于明日下班前报送。"])]
Step = Annotated[str | None, Field(max_length=200, examples=["sign_for"])]


class NewRung(Body):
    """One level: `amount` of `unit` after the base (negative: before), again `every` so many until `at_most` times."""

    level: Annotated[int, Field(ge=1, le=MOST_RUNGS)]
    name: Annotated[str, Field(min_length=1, max_length=50, examples=["催签收"])]
    kind: EscalationKind
    to: Annotated[tuple[RungRole, ...], Field(max_length=len(RungRole))]
    amount: Annotated[int, Field(ge=-10_000, le=10_000)]
    unit: CalendarUnit = CalendarUnit.WORKING_DAYS
    base: Base = Base.DUE
    every: Annotated[int, Field(ge=0, le=10_000)] = 0
    at_most: Annotated[int | None, Field(ge=1, le=MOST_REPEATS)] = None
    channels: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] = ("mail",)
    document: EscalationDocument | None = None
    not_for: Annotated[tuple[Strength, ...], Field(max_length=len(Strength))] = ()

    def rung(self) -> Rung:
        """The level. Repeating without a number of times is without an end, and refused as such."""
        values = self.model_dump()
        values["at_most"] = self.at_most if self.at_most is not None else (0 if self.every else 1)
        return Rung(**values)


def _without_offset(given: time) -> time:
    if given.tzinfo is not None:
        raise ValueError("a local time has no offset")
    return given


# OpenAPI's format `time` is a time with an offset, and hours of an office have none.
LocalTime = Annotated[
    time,
    AfterValidator(_without_offset),
    WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "examples": ["08:30"]}),
]


class NewQuiet(Body):
    """When messages go out, local time."""

    opens: LocalTime = QuietHours().opens
    closes: LocalTime = QuietHours().closes
    working_days_only: bool = True


class PolicyDraft(Body):
    """A ladder: for a step, for every step (`step` null), or for items' deadlines."""

    subject_kind: SubjectKind
    step: Step = None
    name: Annotated[str, Field(min_length=1, max_length=100, examples=["签收"])]
    quiet: NewQuiet = NewQuiet()
    rungs: Annotated[tuple[NewRung, ...], Field(max_length=2 * MOST_RUNGS)]

    def ladder(self) -> Ladder:
        """The ladder. Raises PolicyRefused."""
        rungs = tuple(each.rung() for each in self.rungs)
        refuse(checked(self.subject_kind, self.step, rungs))
        return Ladder(rungs, _hours(self.quiet))


class NewPolicy(PolicyDraft):
    """A ladder for a list; `seen_version` is the version of the list's own that was looked at, 0 for none."""

    seen_version: Annotated[int, Field(ge=0)] = 0


class PolicyScope(Body):
    """Which ladder of the list."""

    subject_kind: SubjectKind
    step: Step = None


class Rearmed(Answer):
    """How many work items or items climb by the versions in force now."""

    rearmed: int


class NewUrge(Body):
    """What the office says. `confirmed` urges people again who were urged within a working day."""

    words: Words
    with_leader: bool = False
    confirmed: bool = False


class UrgeLate(NewUrge):
    """Urge on everything that is late in the actor's lists: of a unit, of a list, or both."""

    unit_id: UUID | None = None
    list_id: UUID | None = None


class UrgeOutcome(Answer):
    """What became of one work item: who was urged, or the `problem` that refused it."""

    work_item_id: UUID
    urged: Urged | None
    problem: Refusal | None


class UrgeOutcomes(Answer):
    """What became of each late work item."""

    outcomes: list[UrgeOutcome]


@router.get("/items/{item_id}/ladder")
def get_ladder(item_id: UUID, asking: Asking) -> ItemLadder:
    """Who got what, and who gets what, when, if nothing is done by then: for the item's open work and its deadline."""
    return item_ladder(asking, item_id)


@router.post("/items/{item_id}/ladder/preview")
def preview_ladder(item_id: UUID, body: PolicyDraft, asking: Asking) -> ItemLadder:
    """The same, as if this policy were in force. Nothing is saved."""
    return item_ladder(asking, item_id, Draft(body.subject_kind, body.step, body.name, body.ladder()))


@router.post("/items/{item_id}/urge")
def urge_item(item_id: UUID, body: NewUrge, run: Run) -> Urged:
    """Urge everybody for whom something of the item waits. Who was urged within a working day is left out."""
    return run(Urge(item_id=item_id, **body.model_dump()))


@router.post("/work-items/{work_item_id}/urge")
def urge_work_item(work_item_id: UUID, body: NewUrge, run: Run) -> Urged:
    """Urge whoever has to complete this work item."""
    return run(Urge(work_item_id=work_item_id, **body.model_dump()))


@router.post("/urges")
def urge_late(body: UrgeLate, run: Run, asking: Asking) -> UrgeOutcomes:
    """Urge on everything that is late of a unit or a list, as one act."""
    found = late_work(asking, unit_id=body.unit_id, list_id=body.list_id)
    outcomes = urge_all(
        run.executor,
        found,
        body.words,
        actor=run.actor,
        request=run.request,
        with_leader=body.with_leader,
        confirmed=body.confirmed,
    )
    return UrgeOutcomes(
        outcomes=[
            UrgeOutcome(work_item_id=each.subject_id, urged=each.result, problem=refusal(each.error))
            for each in outcomes
        ]
    )


@router.get("/lists/{list_id}/policies")
def get_policies(list_id: UUID, asking: Asking) -> ListPolicies:
    """The policies that hold for a list: its own, and those of all lists where it has none."""
    return list_policies(asking, list_id)


@router.get("/policies/{policy_id}")
def get_policy(policy_id: UUID, asking: Asking) -> PolicyRow:
    """A version by its id, as an escalation names it."""
    return policy_version(asking, policy_id)


@router.put("/lists/{list_id}/policies")
def save_policy(list_id: UUID, body: NewPolicy, run: Run) -> SavedPolicy:
    """Give a list its own ladder. It holds for what is armed from now on; `warnings` name roles that nobody holds."""
    command = SavePolicy(
        list_id=list_id,
        subject_kind=body.subject_kind,
        step=body.step,
        name=body.name,
        rungs=tuple(each.rung() for each in body.rungs),
        quiet=_hours(body.quiet),
        seen_version=body.seen_version,
    )
    return run(command)


@router.post("/lists/{list_id}/policies/drop", status_code=204)
def drop_policy(list_id: UUID, body: PolicyScope, run: Run) -> None:
    """The list goes back to the ladder of all lists."""
    run(DropPolicy(list_id=list_id, subject_kind=body.subject_kind, step=body.step))


@router.post("/lists/{list_id}/policies/apply")
def apply_policies(list_id: UUID, body: PolicyScope, run: Run) -> Rearmed:
    """Let what is open climb by the versions in force now. Levels that went out are not sent again."""
    return Rearmed(rearmed=run(ApplyPolicies(list_id=list_id, subject_kind=body.subject_kind, step=body.step)))


def _hours(given: NewQuiet) -> QuietHours:
    """The hours. Raises PolicyRefused when nothing would ever go out."""
    try:
        return QuietHours(given.opens, given.closes, given.working_days_only)
    except ValueError:
        refuse([PolicyProblem("quiet_hours_empty")])
        raise
