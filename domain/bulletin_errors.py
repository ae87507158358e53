"""Errors of bulletins."""

from domain.errors import RuleViolation


class BulletinReturnedTwice(RuleViolation):
    """A checker may return a text twice."""

    code = "bulletin_returned_twice"


class BulletinNotOpen(RuleViolation):
    """The text, its parties and its recipients are settled once it is signed or dropped."""

    code = "bulletin_not_open"


class BulletinTextElsewhere(RuleViolation):
    """The text is with somebody else now: only who edits or checks it may change it."""

    code = "bulletin_text_elsewhere"


class BulletinTextChanged(RuleViolation):
    """Somebody saved a newer version of the text."""

    code = "bulletin_text_changed"


class BulletinEmpty(RuleViolation):
    """A text without a title or a paragraph is sent nowhere."""

    code = "bulletin_empty"


class BulletinWithoutRecipients(RuleViolation):
    """What is sent to nobody is not issued."""

    code = "bulletin_without_recipients"


class BulletinDayAhead(RuleViolation):
    """Data are taken as of a day that is over, from a day before it."""

    code = "bulletin_day_ahead"


class BulletinMonthTaken(RuleViolation):
    """There is one bulletin of a month."""

    code = "bulletin_month_taken"


class BulletinNotIssued(RuleViolation):
    """Only what was issued, and not withdrawn, is corrected, withdrawn or delivered."""

    code = "bulletin_not_issued"


class RecipientUnknown(RuleViolation):
    """Somebody outside the system who is not on the bulletin's list."""

    code = "bulletin_recipient_unknown"
