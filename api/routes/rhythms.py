"""When the units of a list report: the rule, and a preview before it is saved."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.reading import Asking, example
from api.schemas import Answer, Body, Day
from domain.rhythm import DayOffRule, ReportDate, Rhythm, RhythmKind
from services.queries.rhythms import PeriodPreview, RhythmView, preview, rhythm_view
from services.rhythms import SetRhythm

router = APIRouter(prefix="/lists/{list_id}/rhythm", tags=["lists"])

_NEXT = PeriodPreview("2026-03", date(2026, 3, 10), date(2026, 3, 20), date(2026, 3, 25), provisional=False)


class DateBody(Body):
    """One report day of a list of dates."""

    due_on: Day
    co_due_on: Day | None = None


class RhythmBody(Body):
    """The rule. Monthly and quarterly rhythms bring their own length of a period; `months` is for `months` only and
    `dates` for `dates` only. Report days are days of the month; the 31st is the last day where there is none.
    """

    kind: RhythmKind
    starts_on: Day
    ends_on: Day | None = None
    due_day: Annotated[int, Field(ge=1, le=31)] = 25
    co_due_day: Annotated[int, Field(ge=1, le=31)] = 20
    months: Annotated[int, Field(ge=1, le=12)] = 1
    months_after: Annotated[int, Field(ge=0, le=3)] = 0
    dates: Annotated[tuple[DateBody, ...], Field(max_length=120)] = ()
    day_off: DayOffRule = DayOffRule.BEFORE
    opens_before: Annotated[int, Field(ge=1, le=28, description="Calendar days before the co-units' day.")] = 10
    joins_before: Annotated[
        int,
        Field(ge=0, le=90, description="Calendar days in progress before the report day; with fewer the next one."),
    ] = 10
    paused_from: Day | None = None
    paused_until: Day | None = None
    ask_suspended: bool = False
    sheet: Annotated[bool, Field(description="A unit with several items reports them on one sheet.")] = True

    def rule(self) -> Rhythm:
        """As the rules know it."""
        dates = tuple(ReportDate(each.due_on, each.co_due_on) for each in self.dates)
        return Rhythm(**(self.model_dump(exclude={"dates", "seen_version"}) | {"dates": dates}))


class RhythmChange(RhythmBody):
    """The rule that shall hold; `seen_version` is that of the one it replaces, 0 where the list has none."""

    seen_version: Annotated[int, Field(ge=0, le=2**31 - 1)]


class RhythmVersion(Answer):
    """The version of the rule that was saved."""

    version: int


class Preview(Answer):
    """The next periods."""

    next: list[PeriodPreview]


@router.get("")
def get_rhythm(list_id: UUID, asking: Asking) -> RhythmView:
    """The rule of a list with its next periods; version 0 where it has none."""
    return rhythm_view(asking, list_id)


@router.put("", responses=example({"version": 1}))
def set_rhythm(list_id: UUID, body: RhythmChange, run: Run) -> RhythmVersion:
    """Say when the units of a list report. 422 `rhythm_invalid` for a rule that asks for nothing."""
    command = SetRhythm(list_id=list_id, seen_version=body.seen_version, rhythm=body.rule())
    return RhythmVersion(version=run(command))


@router.post("/preview", responses=example({"next": [_NEXT]}))
def preview_rhythm(list_id: UUID, body: RhythmBody, asking: Asking) -> Preview:
    """What a rule would ask for, without saving it."""
    rhythm_view(asking, list_id)
    return Preview(next=list(preview(asking, body.rule())))
