"""After the play nobody does anything for a while: the clock goes on to today, reminds and escalates, and mail is sent.

Mail goes into files, whatever the settings say: the demo's people do not exist.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import LiteralString

from sqlalchemy import text

from app.delivery import make_deliverer
from app.demo.stage import SOURCE
from app.settings import Settings
from domain.labels import label
from domain.ladder import EscalationDocument
from domain.messages.scheduling import HAPPENINGS
from services.executor import Executor
from services.ports import SetClock
from services.rehearsal import do_what_is_due, next_stop
from services.sweeping import Sweeper
from services.sweeps import SWEEPS

OUTSIDE = {"sendings", "stalled_jobs", "uploads", "audit_seal", "calendar_years", "drafts", "digests"}
"""What the service itself does later, or what the demo does at once."""
AT_THE_END = {"lights", "light_periods"}

_LAST_ACT: LiteralString = "SELECT max(at) FROM audit_entry WHERE source = :source"
_WAITING: LiteralString = (
    "SELECT id FROM sending WHERE state IN ('queued', 'deferred') AND channel = 'mail' AND next_try_at <= :now"
    " ORDER BY created_at, id"
)
_TOLD: LiteralString = (
    "SELECT e.fired_at, p.name, u.short_name, e.kind, i.number, i.text, coalesce(r.name, ''), e.document"
    " FROM escalation e JOIN person p ON p.id = e.recipient_id JOIN unit u ON u.id = e.recipient_unit_id"
    " JOIN item i ON i.id = e.item_id"
    " LEFT JOIN escalation_rung r ON r.policy_id = e.policy_id AND r.level = e.level"
    " WHERE e.fired_at > :start ORDER BY e.fired_at, i.position, e.level, p.name"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was reminded, urged, or told that it was escalated."""

    at: datetime
    person: str
    unit: str
    kind: str
    number: str
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of the days in which nobody did anything, and the folder with the mails that went out."""

    start: datetime
    end: datetime
    told: tuple[Told, ...]
    mails: int
    folder: Path


def mail_in_files(settings: Settings, out: Path) -> Settings:
    """The same settings, with mail in a folder of `out`."""
    return settings.model_copy(update={"smtp_host": None, "mail_dir": out / "mail"})


def let_time_pass(executor: Executor, settings: Settings, out: Path) -> Passed:
    """From the last act of the play to now. Done again, it tells nobody twice."""
    end = executor.clock.now()
    with executor.sessions() as session:
        last: datetime | None = session.connection().execute(text(_LAST_ACT), {"source": SOURCE}).scalar_one()
    start = min(last or end, end)
    clock = SetClock(start)
    player = replace(executor, clock=clock)
    folder = mail_in_files(settings, out).outbox
    folder.mkdir(parents=True, exist_ok=True)
    deliverer = make_deliverer(mail_in_files(settings, out), player)
    sweeper = Sweeper(player, player.sessions)
    sweeps = [sweep for sweep in SWEEPS if sweep.name not in OUTSIDE | AT_THE_END]
    mails = 0
    while clock.at <= end:
        do_what_is_due(sweeper, sweeps)
        with player.sessions() as session:
            waiting = session.connection().execute(text(_WAITING), {"now": clock.at}).scalars().all()
            following = next_stop(session, sweeps, clock.at)
        mails += sum(deliverer.deliver(sending_id) is not None for sending_id in waiting)
        clock.at = following
    clock.at = end
    do_what_is_due(sweeper, [sweep for sweep in SWEEPS if sweep.name in AT_THE_END])
    return Passed(start, end, _told(player, start), mails, folder)


def _told(executor: Executor, start: datetime) -> tuple[Told, ...]:
    with executor.sessions() as session:
        rows = session.connection().execute(text(_TOLD), {"start": start}).all()
    return tuple(
        Told(at, person, unit, HAPPENINGS[kind], number, words, _once(name, label(EscalationDocument, document)))
        for at, person, unit, kind, number, words, name, document in rows
    )


def _once(name: str, document: str) -> str:
    """Some levels are named by their document: that is said once."""
    return " ".join(part for part in dict.fromkeys((name, document)) if part)
