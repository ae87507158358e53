"""The board: one page for leaders, of everything that the actor sees or of one list, now or at the close of a period.

What takes long to count is measured here and kept for large lists by `services.board_keeping`, so that the page does
not count a hundred thousand items each time that somebody opens it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select

from db.tables import BoardSummary
from domain.calendar import local_date, start_of
from domain.permissions import BUSINESS
from domain.urgency import last_day
from services.queries.board_lights import (
    Counted,
    DueDay,
    Moment,
    Period,
    RedSince,
    count_lights,
    due_days,
    frozen_periods,
    moments,
    red_since,
)
from services.queries.board_reds import RedRow, red_rows
from services.queries.board_steps import StepTime, step_times
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES

LONGEST_KEPT = timedelta(minutes=10)
"""What is older was left by a clock that stands still, and is counted again."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is counted over all items: how they stand as of `as_of`, how they stood, what falls due, how long steps
    take.
    """

    as_of: datetime
    counted: Counted
    reds: tuple[RedSince, ...]
    due: tuple[DueDay, ...]
    periods: tuple[Period, ...]
    steps: tuple[StepTime, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The page. `before` is the frozen moment that the figures are compared with, `moment` the one that is shown
    instead of now; `in_a_row` says how many have been red for how many periods.
    """

    measured: Measured
    counted: Counted
    moments: tuple[Moment, ...]
    moment: Moment | None
    before: Moment | None
    rows: tuple[RedRow, ...]
    in_a_row: "InARow | None"


@dataclass(frozen=True, slots=True)
class InARow:
    """`count` items have been red since before the closes of the last `periods`, of which the first was `since`."""

    periods: int
    count: int
    since: datetime

    @property
    def last_day(self) -> date:
        """The last local day on which one of them became red."""
        return last_day(self.since)


def board_of(reading: Reading, list_id: UUID | None = None, period: str | None = None) -> Board:
    """The board. A period that was never frozen is the present."""
    measured = kept(reading, list_id) or measure(reading, list_id)
    known = moments(measured.periods)
    place = next((n for n, each in enumerate(known) if each.key == period), None)
    if place is None:
        before = known[-1] if known else None
        rows = red_rows(reading, list_id)
        return Board(measured, measured.counted, known, None, before, rows, _in_a_row(measured, known))
    moment = known[place]
    return Board(
        measured=measured,
        counted=count_lights(reading, list_id, moment.pairs),
        moments=known,
        moment=moment,
        before=known[place - 1] if place else None,
        rows=red_rows(reading, list_id, moment.pairs),
        in_a_row=None,
    )


def measure(reading: Reading, list_id: UUID | None) -> Measured:
    """Count it all."""
    return Measured(
        as_of=reading.now,
        counted=count_lights(reading, list_id),
        reds=red_since(reading, list_id),
        due=due_days(reading, list_id),
        periods=frozen_periods(reading, list_id),
        steps=step_times(reading, list_id),
    )


@cache
def stored_form() -> TypeAdapter[Measured]:
    """How it is kept."""
    return TypeAdapter(Measured)


def kept(reading: Reading, list_id: UUID | None) -> Measured | None:
    """What was counted for the actor's office within the last minutes."""
    row = kept_summary(reading, list_id)
    return None if row is None else stored_form().validate_json(row.content)


def kept_summary(reading: Reading, list_id: UUID | None) -> BoardSummary | None:
    """The row of what was counted ahead. None for who sees other items than their office does, and on another day:
    days left have changed.
    """
    actor = reading.actor
    offices = actor.units_as(*OFFICE_ROLES)
    if len(offices) != 1 or actor.units_as(*BUSINESS) != offices:
        return None
    [office] = offices
    own_list = col(BoardSummary.list_id).is_(None) if list_id is None else BoardSummary.list_id == list_id
    statement = select(BoardSummary).where(BoardSummary.office_unit_id == office, own_list)
    row = reading.session.exec(statement).one_or_none()
    if row is None or reading.now - row.taken_at > LONGEST_KEPT:
        return None
    return row if local_date(row.taken_at) == local_date(reading.now) else None


def _in_a_row(measured: Measured, known: tuple[Moment, ...]) -> InARow | None:
    """The longest time that something has been red, in closed periods; None below two."""
    if not measured.reds:
        return None
    first = measured.reds[0].day
    closed = [moment for moment in known if moment.closes_at > start_of(first)]
    if len(closed) <= 1:
        return None
    since = closed[0].closes_at
    return InARow(len(closed), sum(each.count for each in measured.reds if start_of(each.day) < since), since)
