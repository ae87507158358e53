"""Errors about the working calendar and its files."""

from domain.errors import Conflict, RuleViolation


class InvalidWorkingHours(RuleViolation):
    """Working hours that are empty, turned round or overlapping; `spans` says which."""

    code = "invalid_working_hours"


class CalendarFileEmpty(RuleViolation):
    """There is no day in the file."""

    code = "calendar_file_empty"


class NoticeYearMissing(RuleViolation):
    """Neither the notice nor whoever imports it says for which year it is."""

    code = "notice_year_missing"


class ImpossibleDay(RuleViolation):
    """A date that no calendar has, such as 30 February; `day` as printed, `where` it stands."""

    code = "impossible_day"


class TurnedSpan(RuleViolation):
    """A span of days that ends before it begins, or is longer than any holiday."""

    code = "turned_span"


class WrongWeekday(RuleViolation):
    """The printed weekday is not the one of the date: one of the two is a slip."""

    code = "wrong_weekday"


class DayOutsideYear(RuleViolation):
    """A day that does not belong to the notice's year, nor to the New Year holiday around it."""

    code = "day_outside_year"


class ContradictoryDay(RuleViolation):
    """The same day is both a day off and worked."""

    code = "contradictory_day"


class HolidayLengthWrong(RuleViolation):
    """The notice says how many days a holiday has, and lists another number."""

    code = "holiday_length_wrong"


class NoticeUnclear(RuleViolation):
    """A sentence names days and does not say, in words that are known, whether they are off or worked."""

    code = "notice_unclear"


class NoticeIncomplete(RuleViolation):
    """Public holidays of the year are missing, so that the file cannot be the whole notice."""

    code = "notice_incomplete"


class YearLoaded(Conflict):
    """The year is loaded with other days; `differences` lists them. Replacing it is a decision of its own."""

    code = "year_loaded"


class YearTooFar(RuleViolation):
    """A notice for a year that none can be for: long past, or decades ahead."""

    code = "year_too_far"


class NoDays(RuleViolation):
    """No day is named, or one without a reason for it."""

    code = "no_days"
