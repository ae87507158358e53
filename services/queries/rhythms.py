"""The rhythm of a list, and what it will ask for."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from sqlmodel import col, select

from db.tables import Person, ReportRhythm, TaskList
from domain.calendar import local_date
from domain.errors import NotFound
from domain.rhythm import Period, Rhythm
from services.queries.reading import Reading
from services.rhythms import rhythm_of
from services.visibility import visible_lists

SHOWN = 6


@dataclass(frozen=True, slots=True)
class PeriodPreview:
    """A period to come: when it is opened, and until when co-units and leads report; all local days."""

    period: str
    opens_on: date
    co_due_on: date
    due_on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class RhythmView:
    """A list's rhythm with the next periods; `version` 0 and no rule where the list has none."""

    list_id: UUID
    version: int
    rhythm: Rhythm | None
    set_at: datetime | None
    set_by: str
    next: tuple[PeriodPreview, ...]


def rhythm_view(reading: Reading, list_id: UUID) -> RhythmView:
    """The rhythm of a list that the actor sees. Raises NotFound."""
    found = reading.session.get(TaskList, list_id)
    if found is None or not _sees(reading, list_id):
        raise NotFound(f"list {list_id}")
    row = reading.session.get(ReportRhythm, list_id)
    if row is None:
        return RhythmView(list_id, 0, None, None, "", ())
    rhythm = rhythm_of(row)
    person = reading.session.get(Person, row.set_by) if row.set_by else None
    return RhythmView(
        list_id, row.version, rhythm, row.set_at, person.name if person else "", preview(reading, rhythm, count=SHOWN)
    )


def preview(reading: Reading, rhythm: Rhythm, *, count: int = SHOWN) -> tuple[PeriodPreview, ...]:
    """The next periods whose report day is still to come. Raises RhythmInvalid."""
    rhythm.check()
    today = local_date(reading.now)
    periods = (p for p in rhythm.periods(reading.calendar, since=_before(today)) if p.due_on >= today)
    return tuple(_shown(period) for period in islice(periods, count))


def _before(day: date) -> date:
    """A period ends at most some months before its report day."""
    return day.replace(year=day.year - 1, day=1)


def _shown(period: Period) -> PeriodPreview:
    return PeriodPreview(period.name, period.opens_on, period.co_due_on, period.due_on, period.provisional)


def _sees(reading: Reading, list_id: UUID) -> bool:
    statement = select(TaskList.id).where(visible_lists(reading.actor), col(TaskList.id) == list_id)
    return reading.session.exec(statement).first() is not None
