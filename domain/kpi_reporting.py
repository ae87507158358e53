"""When a unit is asked for the figure of a KPI target: at the end of each period of the target's rhythm.

After domain notes §1.2 (targets are read at the end of periods) and P1 step 4 (who reports, who signs, who checks).
A period that is not a whole one because the target's date lies in it ends on that date, so that the last figure that
is asked for is that of the date itself.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.kpi import KpiKind
from domain.kpi_errors import KpiReadingOutsidePeriod, KpiRhythmUnfit

MONTHS = 12


class KpiRhythm(StrEnum):
    """How often a target's figure is due."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


_LENGTH = {KpiRhythm.MONTHLY: 1, KpiRhythm.QUARTERLY: 3, KpiRhythm.HALF_YEARLY: 6, KpiRhythm.YEARLY: MONTHS}


class KpiAnswer(StrEnum):
    """What a unit answers: the figure, or that it cannot be measured."""

    REPORT = "report"
    CANNOT = "cannot"


class KpiRequestEnd(StrEnum):
    """How a request for a figure ended; the end events of the model `kpi_reading`."""

    RECORDED = "recorded"
    NOT_MEASURED = "not_measured"
    CANCELLED = "cancelled"


class WhyCancelled(StrEnum):
    """Why the clock or the end of a target cancelled a request; who withdraws one by hand says it in words."""

    RETIRED = "retired"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class KpiPeriod:
    """A span of days for whose last day a figure is due: 2026-09, 2026-Q3, 2026-H2, 2026, or a day asked by hand.

    `first_on` is null for a day asked by hand: any figure up to it answers.
    """

    name: str
    first_on: date | None
    last_on: date


def on_demand(day: date) -> KpiPeriod:
    """What the office asks for by hand: the newest figure up to a day."""
    return KpiPeriod(f"{day:%Y-%m-%d}", None, day)


def due_period(rhythm: KpiRhythm, today: date, *, base_on: date, target_on: date) -> KpiPeriod | None:
    """The last period that is over today and counts for the target; None before the first one is over.

    Of several that were missed only the newest: for what comes together, it tells all of them.
    """
    day = today - timedelta(days=1)
    if day >= target_on:
        period = _containing(rhythm, target_on)
        return KpiPeriod(period.name, period.first_on, target_on)
    period = _containing(rhythm, day)
    if period.last_on > day:
        assert period.first_on is not None
        period = _containing(rhythm, period.first_on - timedelta(days=1))
    return period if period.last_on > base_on else None


def _containing(rhythm: KpiRhythm, day: date) -> KpiPeriod:
    length = _LENGTH[rhythm]
    part = (day.month - 1) // length
    last = (part + 1) * length
    name = {
        KpiRhythm.MONTHLY: f"{day.year:04}-{day.month:02}",
        KpiRhythm.QUARTERLY: f"{day.year:04}-Q{part + 1}",
        KpiRhythm.HALF_YEARLY: f"{day.year:04}-H{part + 1}",
        KpiRhythm.YEARLY: f"{day.year:04}",
    }[rhythm]
    return KpiPeriod(name, date(day.year, part * length + 1, 1), date(day.year, last, monthrange(day.year, last)[1]))


def check_rhythm(kind: KpiKind, rhythm: KpiRhythm) -> None:
    """Raise KpiRhythmUnfit for a growth that is asked for within the year: it is measured over whole years."""
    if kind is KpiKind.ANNUAL_AVERAGE_GROWTH and rhythm is not KpiRhythm.YEARLY:
        raise KpiRhythmUnfit(rhythm)


def check_within(period: KpiPeriod, as_of: date) -> None:
    """Raise KpiReadingOutsidePeriod for a figure of a day that was not asked for."""
    if as_of > period.last_on or (period.first_on is not None and as_of < period.first_on):
        raise KpiReadingOutsidePeriod(
            f"{as_of}",
            as_of=f"{as_of:%Y-%m-%d}",
            first=f"{period.first_on:%Y-%m-%d}" if period.first_on else "",
            last=f"{period.last_on:%Y-%m-%d}",
        )
