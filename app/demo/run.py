"""One run of the demo on a container: the city, a list, its months, and what has come of them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from sqlmodel import Session, col, select

from app.demo import (
    assessment,
    bulletins,
    city,
    conferences,
    desk,
    evaluation,
    kpi,
    orders,
    replication,
    replication_before,
    stories,
)
from app.demo.document import write_task_list
from app.demo.lights import keep_lights
from app.demo.script import Act
from app.demo.stage import OPENING, SOURCE, Stage
from app.demo.tasks import Issue
from db.tables import AuditEntry, TaskList
from domain.calendar import LOCAL, local_date
from domain.demo_errors import DemoDataDiffers
from domain.errors import DomainError
from domain.messages import message_for
from domain.permissions import Role
from services.document_import import import_command
from services.executor import Executor
from services.ports import SetClock
from services.unit_lookup import stored_registry

DOCUMENT_NAME = "滨海示范市服务业扩大开放重点任务清单.docx"
FOUNDING = "city"
YEAR_BEFORE = "before"
MARGIN_DAYS = 14
"""The last acts lie some days before today, whatever the weekends make of them."""
TOO_YOUNG = "已有数据从{day:%Y-%m-%d}起，不够这一版推演"


class Teller(Protocol):
    """Tells whoever watches what is being done; `playing` is given how many acts there are and is told of each."""

    def say(self, words: str) -> None:
        """One line."""
        ...

    def flags(self, flags: list[desk.OpenFlag]) -> None:
        """What the import left to a person."""
        ...

    def playing(self, acts: list[Act]) -> "list[Act]":
        """The acts, told of as they are taken."""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """The list that was played, how many acts were new in this run, and items whose play could not go on."""

    list_id: UUID
    office_id: UUID
    new_acts: int
    left_alone: frozenset[str]


def begin(executor: Executor, *, today: date, days: int, before: int = 0) -> tuple[Executor, SetClock, date]:
    """The same executor on a clock of the demo's own, and the play's first day. The clock is set to the day of the
    founding, which is `before` days earlier, whole weeks.

    A demo that was run before goes on with the days that it began with. Raises LookupError where those do not fit.
    """
    with executor.sessions() as session:
        first = _first_founding(session)
        calendar = executor.calendar.get(session)
    wanted = today - timedelta(days=before + days + MARGIN_DAYS)
    founding = local_date(first) if first else calendar.add_working_days(wanted, 0).day
    start = founding + timedelta(days=before)
    if start + timedelta(days=days) > today:
        raise LookupError(TOO_YOUNG.format(day=founding))
    clock = SetClock(datetime.combine(founding, OPENING, LOCAL))
    return replace(executor, clock=clock), clock, start


def _first_founding(session: Session) -> datetime | None:
    return session.exec(
        select(AuditEntry.at)
        .where(AuditEntry.source == SOURCE, col(AuditEntry.request_id).startswith(f"{SOURCE}:{FOUNDING}:"))
        .order_by(col(AuditEntry.id))
        .limit(1)
    ).first()


def found(executor: Executor, teller: Teller, *, today: date, days: int, before: int = 0) -> Stage:
    """The sample city with its units, people and accounts; its play begins so many days before today, and the city
    `before` days earlier.
    """
    executor, clock, start = begin(executor, today=today, days=days, before=before)
    stage = Stage(executor, clock, start, FOUNDING)
    city.found_city(stage, teller.say)
    city.sign_everybody_in(stage, teller.say)
    return stage


def play_sample(executor: Executor, teller: Teller, *, today: date, out: Path) -> Played:
    """The sample city's list, from the document to where eight months have brought its items."""
    with taking_up(executor):
        return _play_sample(executor, teller, today=today, out=out)


@contextmanager
def taking_up(executor: Executor) -> Iterator[None]:
    """What comes before the acts fits to what was played before. Raises DemoDataDiffers where it does not: then
    another version of the program founded this city, and no repetition helps.
    """
    with executor.sessions() as session:
        begun = _first_founding(session) is not None
    try:
        yield
    except (LookupError, DomainError) as reason:
        if not begun:
            raise
        said = message_for(reason) if isinstance(reason, DomainError) else str(reason)
        raise DemoDataDiffers(reason=said.rstrip("。")) from reason


def _play_sample(executor: Executor, teller: Teller, *, today: date, out: Path) -> Played:
    founded = found(executor, teller, today=today, days=stories.LAST_DAY, before=replication_before.DAYS)
    earlier = take(
        Stage(executor=founded.executor, clock=founded.clock, start=founded.start, scope=YEAR_BEFORE),
        replication_before.acts(),
        teller,
    )
    founded.on_day(0)
    issue = Issue(founded.start)
    content = write_task_list(issue)
    out.mkdir(parents=True, exist_ok=True)
    path = out / DOCUMENT_NAME
    path.write_bytes(content)
    teller.say(f"已写出任务清单文件 {path}")
    list_id = import_list(founded, path.name, content)
    stage = stage_of(founded, list_id)
    teller.flags(desk.open_flags(stage, list_id))
    desk.clear_sample_list(stage, list_id, issue)
    beside = [*replication_before.checks(), *replication.acts(), *bulletins.acts(founded.start), *conferences.acts()]
    beside += [*assessment.acts(), *evaluation.acts(), *kpi.acts(founded.start), *orders.acts(list_id)]
    acts = sorted([*stories.acts(list_id), *beside], key=lambda act: act.day)
    played = _with(play(stage, list_id, acts, teller), *earlier)
    for written in replication.write_lists(stage, out):
        teller.say(f"已写出 {written}")
    return played


def _with(played: Played, new: int, left_alone: set[str]) -> Played:
    return replace(played, new_acts=played.new_acts + new, left_alone=played.left_alone | left_alone)


def stage_of(founded: Stage, list_id: UUID) -> Stage:
    """The stage on which the items of a list are played."""
    return Stage(founded.executor, founded.clock, founded.start, str(list_id))


def import_list(founded: Stage, name: str, content: bytes) -> UUID:
    """The document lands as the office's draft; one that is there already is only looked up."""
    clerk = founded.person(city.OFFICE, Role.OFFICE_STAFF)
    office_id, digest = founded.unit(city.OFFICE), hashlib.sha256(content).digest()
    with founded.session() as session:
        known = session.exec(
            select(TaskList.id).where(TaskList.office_unit_id == office_id, TaskList.source_digest == digest)
        ).first()
        if known is not None:
            return known
        registry = stored_registry(session, local_date(founded.clock.at))
    command = import_command(clerk, content, name=name, office_unit_id=office_id, registry=registry)
    return founded.do(command, clerk).id


def play(stage: Stage, list_id: UUID, acts: list[Act], teller: Teller) -> Played:
    """Every act that was not done yet, each on its day. An item that somebody else has taken on since is left alone."""
    new, left_alone = take(stage, acts, teller, lights=True)
    if new:
        keep_lights(stage)
    with stage.session() as session:
        office_id = session.get_one(TaskList, list_id).office_unit_id
    return Played(list_id, office_id, new, frozenset(left_alone))


def take(stage: Stage, acts: list[Act], teller: Teller, *, lights: bool = False) -> tuple[int, set[str]]:
    """How many acts were new, and the plays that could not go on; `lights` are judged as each month begins."""
    new = 0
    month = None
    left_alone: set[str] = set()
    for act in teller.playing(acts):
        if act.ref in left_alone or stage.has_done(act.name):
            continue
        stage.on_day(act.day)
        if lights and month != (month := local_date(stage.clock.at).replace(day=1)):
            keep_lights(stage)
        try:
            act.perform(stage)
        except (LookupError, DomainError) as reason:
            left_alone.add(act.ref)
            teller.say(f"第{act.ref}项不再推演：{act.name}（{reason}）")
        else:
            new += 1
    return new, left_alone
