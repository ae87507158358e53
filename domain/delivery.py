"""How messages travel: topics, channels, states, when to try again and when to give up, what waits for a digest."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.calendar import LOCAL
from domain.quiet_hours import OUTER_HOURS, QuietHours


class Topic(StrEnum):
    """Why somebody is told something."""

    ISSUED = "issued"
    OPENED = "opened"
    RETURNED = "returned"
    CLOSED = "closed"
    REMINDER = "reminder"
    URGE = "urge"
    ESCALATION = "escalation"
    ACCOUNT = "account"
    WITHDRAWN = "withdrawn"


PRESSING = frozenset({Topic.REMINDER, Topic.URGE, Topic.ESCALATION})
"""What the ladder sends: it never waits for a digest, and reaches also who switched mail off."""


class Channel(StrEnum):
    """How a message leaves the house. The inbox is no channel: what is handed over is in it."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    HTTP = "http"


ENDPOINT_KINDS = frozenset(Channel) - {Channel.MAIL}
TO_MACHINES = frozenset({Channel.WEBHOOK})
"""Nobody is woken by these, and they want each message by itself."""


class SendingState(StrEnum):
    """Where a sending stands. `deferred` was tried and is tried again; `dead` needs a person; `skipped` was overtaken:
    its recipient left, or what it asks for is done.
    """

    QUEUED = "queued"
    DEFERRED = "deferred"
    SENT = "sent"
    DEAD = "dead"
    SKIPPED = "skipped"


class Outcome(StrEnum):
    """What came of one attempt. `unreachable` is nobody's answer: the other side was not there, or broke off."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    UNREACHABLE = "unreachable"
    PERMANENT = "permanent"


FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# RFC 5321, 4.5.4.1: the give-up time generally needs to be at least 4-5 days.
GIVE_UP_REFUSED = timedelta(days=5)
# A mail server that is away for a holiday week loses nothing.
GIVE_UP_UNREACHABLE = timedelta(days=30)
LEASE = timedelta(minutes=3)
"""How long one attempt may take before somebody else may try: more than every timeout of a channel together."""


def next_try(outcome: Outcome, *, attempts: int, age: timedelta, jitter: float) -> timedelta | None:
    """How long to wait after `attempts` of them, the last one with this outcome; None to give up.

    Doubling from one minute to one hour. `jitter` between 0 and 1 spreads the retries of many over a quarter of the
    wait, so that a server that comes back is not met by all of them at once.
    """
    if outcome is Outcome.PERMANENT:
        return None
    if age >= (GIVE_UP_UNREACHABLE if outcome is Outcome.UNREACHABLE else GIVE_UP_REFUSED):
        return None
    doubled: int = 2 ** min(attempts - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT) * (0.875 + jitter / 4)


class Digest(StrEnum):
    """What a person gets once a day in one mail instead of at once."""

    NEVER = "never"
    ROUNDS = "rounds"
    EVERYTHING = "everything"


_LAST_HOUR = 23


@dataclass(frozen=True, slots=True)
class Preference:
    """How a person wants to be told. `digest_hour` is a local hour."""

    mail: bool = True
    digest: Digest = Digest.ROUNDS
    digest_hour: int = 8

    def waits(self, topic: Topic, *, of_round: bool) -> bool:
        """Whether such a message goes into the digest. `of_round`: it is about a reporting period."""
        if topic in PRESSING or topic in {Topic.RETURNED, Topic.ACCOUNT, Topic.WITHDRAWN}:
            return False
        return self.digest is Digest.EVERYTHING or (self.digest is Digest.ROUNDS and of_round)

    @property
    def hours(self) -> QuietHours:
        """When they may be disturbed, where no policy says so: by day, and at the hour that they chose themselves."""
        chosen = time(self.digest_hour)
        until = time.max if self.digest_hour == _LAST_HOUR else time(self.digest_hour + 1)
        return QuietHours(min(OUTER_HOURS.opens, chosen), max(OUTER_HOURS.closes, until), working_days_only=False)

    def next_digest(self, now: datetime) -> datetime:
        """When the next digest is due, in UTC: today's hour if it is still to come, else tomorrow's."""
        local = now.astimezone(LOCAL)
        at = datetime.combine(local.date(), time(self.digest_hour), LOCAL)
        return (at if at > local else at + timedelta(days=1)).astimezone(now.tzinfo)
