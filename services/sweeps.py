"""What the clock does by itself, as data: each sweep finds what is due and names the command for each of its keys.

The commands are executed by the one executor as `SCHEDULER`, one transaction each; each looks at its row again with
`FOR UPDATE SKIP LOCKED`, so that it does not matter how many schedulers run or how often a key is tried.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, LiteralString, TypeVar

from sqlalchemy import text
from sqlmodel import Session

from domain.ladder import SubjectKind
from services.asking import CloseQuestion, next_overdue_question, overdue_questions
from services.board_keeping import TakeBoard, boards_to_take
from services.bulletins import OpenMonthlyBulletin, monthly_bulletins_due
from services.calendars import LoadShippedYears
from services.clock_keeping import (
    ApplyChangeOfLead,
    AskAboutQuarter,
    AskForChoice,
    OpenYearlyCheck,
    ResumeOnDate,
    StartYearsEndCheck,
)
from services.clock_sweeps import (
    choices_due,
    new_leads,
    quarterly_questions,
    resuming_items,
    tomorrow,
    yearly_checks,
    years_end_checks,
)
from services.digests import CollectDigest, due_digests, next_digest
from services.drafts import RemoveDraft, drafts_to_remove
from services.executor import Command
from services.hand_over import HandOver, delivery_backlog, waiting_deliveries
from services.kpi_endings import EndKpiRequest, requests_over
from services.kpi_requests import AskForDueKpiFigure, figures_due
from services.ladder import FireEscalation, due_backlog, due_subjects, next_look
from services.lights import (
    FreezeLights,
    RefreshLights,
    due_lights,
    due_periods,
    light_backlog,
    next_light,
    next_period,
)
from services.recompute import RecomputeLimits, pending, settles_at
from services.rounds import due_rounds, next_round, round_command
from services.sealing import SealAudit
from services.sendings import (
    EnqueueSendings,
    RetryStalledJobs,
    due_sendings,
    next_sending,
    sending_backlog,
    stalled_jobs,
)
from services.timers import FireTimers, due_timers, instances_with_due_timers, next_timer
from services.uploads import SweepUploads

Key = TypeVar("Key")
Backlog = tuple[int, datetime | None]
"""How many are due, and since when the oldest of them is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Generic[Key]):
    """Looked at `every` so often. `find(session, now, limit)` gives at most `limit` keys of what is due by `now`, what
    is due longest first; it reads only, and is cheap when nothing is due. `command` is executed for each key.

    A key that was tried is not tried again in the same run, so that a key that stays due cannot hold up the others.
    `upcoming(session, now)` says when there will be something to find next, for who plays time forward; without it
    one looks when something else happens, and once a day. What reaches out of the database, or is of no interest to
    who plays, is not `rehearsed`. Keys whose commands write the same row are not done `side_by_side`.
    `backlog(session, now)` counts what is due, for whoever watches over the clock.
    """

    name: str
    every: timedelta
    find: Callable[[Session, datetime, int], Sequence[Key]]
    command: Callable[[Key], Command[Any]]
    upcoming: Callable[[Session, datetime], datetime | None] | None = None
    backlog: Callable[[Session, datetime], Backlog] | None = None
    rehearsed: bool = True
    side_by_side: bool = True


def always(_session: Session, _now: datetime, _limit: int) -> tuple[str]:
    """The one key of a sweep that finds what it works on itself."""
    return ("all",)


# The key is the head of the chain: it changes with each batch, so that one run goes on until all is sealed.
_UNSEALED: LiteralString = (
    "SELECT head FROM (SELECT coalesce((SELECT entry_id FROM audit_seal ORDER BY sequence DESC LIMIT 1), 0) AS head) s"
    " WHERE EXISTS (SELECT FROM audit_entry WHERE id > s.head)"
)


def _unsealed(session: Session, _now: datetime, _limit: int) -> Sequence[int]:
    return session.connection().execute(text(_UNSEALED)).scalars().all()


SWEEPS: tuple[Sweep[Any], ...] = (
    Sweep(
        name="process_timers",
        every=timedelta(seconds=1),
        find=instances_with_due_timers,
        command=lambda instance_id: FireTimers(instance_id=instance_id),
        upcoming=next_timer,
        backlog=due_timers,
    ),
    Sweep(
        name="hand_over",
        every=timedelta(seconds=1),
        find=waiting_deliveries,
        command=lambda batch: HandOver(batch=batch),
        backlog=delivery_backlog,
    ),
    Sweep(
        name="digests",
        every=timedelta(minutes=1),
        find=due_digests,
        command=lambda person_id: CollectDigest(person_id=person_id),
        upcoming=next_digest,
        rehearsed=False,
    ),
    Sweep(
        name="sendings",
        every=timedelta(seconds=1),
        find=due_sendings,
        command=lambda _: EnqueueSendings(),
        upcoming=next_sending,
        backlog=sending_backlog,
        rehearsed=False,
    ),
    Sweep(
        name="stalled_jobs",
        every=timedelta(seconds=20),
        find=stalled_jobs,
        command=lambda _: RetryStalledJobs(),
        rehearsed=False,
    ),
    Sweep(
        name="ladder_of_work_items",
        every=timedelta(seconds=5),
        find=partial(due_subjects, SubjectKind.WORK_ITEM),
        command=lambda id_: FireEscalation(subject_kind=SubjectKind.WORK_ITEM, subject_id=id_),
        upcoming=partial(next_look, SubjectKind.WORK_ITEM),
        backlog=partial(due_backlog, SubjectKind.WORK_ITEM),
    ),
    Sweep(
        name="ladder_of_items",
        every=timedelta(seconds=5),
        find=partial(due_subjects, SubjectKind.ITEM),
        command=lambda id_: FireEscalation(subject_kind=SubjectKind.ITEM, subject_id=id_),
        upcoming=partial(next_look, SubjectKind.ITEM),
        backlog=partial(due_backlog, SubjectKind.ITEM),
    ),
    Sweep(
        name="report_rounds",
        every=timedelta(seconds=30),
        find=due_rounds,
        command=round_command,
        upcoming=next_round,
    ),
    Sweep(
        name="drafts",
        every=timedelta(hours=1),
        find=drafts_to_remove,
        command=lambda work_item_id: RemoveDraft(work_item_id=work_item_id),
        rehearsed=False,
    ),
    Sweep(
        name="light_periods",
        every=timedelta(minutes=1),
        find=due_periods,
        command=lambda due: FreezeLights(list_id=due.list_id, period=due.period, part=due.part),
        upcoming=next_period,
        rehearsed=False,
        side_by_side=False,
    ),
    Sweep(
        name="lights",
        every=timedelta(seconds=10),
        find=due_lights,
        command=lambda _: RefreshLights(),
        upcoming=next_light,
        backlog=light_backlog,
        rehearsed=False,
    ),
    Sweep(
        name="boards",
        every=timedelta(seconds=30),
        find=boards_to_take,
        command=lambda key: TakeBoard(office_unit_id=key.office_unit_id, list_id=key.list_id),
        rehearsed=False,
    ),
    Sweep(
        name="suspensions",
        every=timedelta(minutes=1),
        find=resuming_items,
        command=lambda item_id: ResumeOnDate(item_id=item_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="new_leads",
        every=timedelta(minutes=1),
        find=new_leads,
        command=lambda change_id: ApplyChangeOfLead(change_id=change_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="quarterly_checks",
        every=timedelta(hours=1),
        find=quarterly_questions,
        command=lambda item_id: AskAboutQuarter(item_id=item_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="yearly_checks",
        every=timedelta(hours=1),
        find=yearly_checks,
        command=lambda item_id: OpenYearlyCheck(item_id=item_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="years_end_checks",
        every=timedelta(hours=1),
        find=years_end_checks,
        command=lambda instance_id: StartYearsEndCheck(instance_id=instance_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="deadline_choices",
        every=timedelta(minutes=10),
        find=choices_due,
        command=lambda item_id: AskForChoice(item_id=item_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="questions",
        every=timedelta(minutes=1),
        find=overdue_questions,
        command=lambda instance_id: CloseQuestion(instance_id=instance_id),
        upcoming=next_overdue_question,
    ),
    Sweep(
        name="monthly_bulletins",
        every=timedelta(hours=1),
        find=monthly_bulletins_due,
        command=lambda office_unit_id: OpenMonthlyBulletin(office_unit_id=office_unit_id),
        rehearsed=False,
    ),
    Sweep(
        name="kpi_figures_due",
        every=timedelta(hours=1),
        find=figures_due,
        command=lambda target_id: AskForDueKpiFigure(target_id=target_id),
        upcoming=tomorrow,
    ),
    Sweep(
        name="kpi_requests_over",
        every=timedelta(minutes=10),
        find=requests_over,
        command=lambda item_id: EndKpiRequest(item_id=item_id),
    ),
    Sweep(
        name="audit_seal", every=timedelta(seconds=1), find=_unsealed, command=lambda _: SealAudit(), rehearsed=False
    ),
    Sweep(name="uploads", every=timedelta(minutes=10), find=always, command=lambda _: SweepUploads(), rehearsed=False),
    Sweep(
        name="calendar_years",
        every=timedelta(days=1),
        find=always,
        command=lambda _: LoadShippedYears(),
        rehearsed=False,
    ),
    Sweep(
        name="calendar_changes",
        every=timedelta(seconds=10),
        find=pending,
        command=lambda key: RecomputeLimits(change_id=key[0], through=key[1]),
        upcoming=settles_at,
    ),
)
"""In the order in which they are run when several are due."""
