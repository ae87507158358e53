"""Where the demo acts: the right person gives each command to the executor, at the simulated time.

Every act has a name. It is left in the audit entry of the act's last command, so that a demo that was interrupted,
or is run again, goes on where the last one stopped and does nothing twice.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import Session, col, select

from app.demo.files import MAKERS
from app.demo.words import form_for
from bpmn.bundle import SHIPPED, Bundle
from db.tables import AuditEntry, Evidence, Item, Person, Unit, UnitMember, WorkItem
from domain.calendar import LOCAL, local_date
from domain.permissions import Actor, Role
from services.executor import Command, Executor, RequestInfo
from services.ports import SetClock
from services.sign_in import actor_by_login
from services.unit_lookup import stored_registry
from services.uploads import FinishUpload, StartUpload, receive_chunk
from services.work_items import CompleteWorkItem

Result = TypeVar("Result")

SOURCE = "demo"
OPENING = time(9, 0)
_MINUTES_A_DAY = 8 * 60
# What a person added to the item before, such as a paper reference, goes with these steps.
_WITH_PAPERS = frozenset({"claim_completion", "consolidate", "contribute"})


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What people know of an item when they write something about it."""

    id: UUID
    text: str
    measures: tuple[str, ...]
    number: str
    since: date
    due_on: date | None


Form = Callable[[ItemFacts, date], Mapping[str, Any]]
"""What is written into a form about an item on a day."""


@dataclass
class Stage:
    """The executor on a clock that the demo sets, and hands that do steps. `start` is the first simulated day."""

    executor: Executor
    clock: SetClock
    start: date
    scope: str
    _done: set[str] = field(default_factory=set)
    _people: dict[tuple[UUID, Role, bool], Actor] = field(default_factory=dict)
    _units: dict[str, UUID] = field(default_factory=dict)
    _minutes: int = 0

    def __post_init__(self) -> None:
        prefix = f"{SOURCE}:{self.scope}:"
        with self.session() as session:
            names = session.exec(
                select(AuditEntry.request_id).where(
                    AuditEntry.source == SOURCE,
                    col(AuditEntry.request_id).startswith(prefix),
                    col(AuditEntry.error_code).is_(None),
                )
            )
            self._done = {name for name in names if name is not None}

    def session(self) -> AbstractContextManager[Session]:
        """A session for looking; the demo writes through commands alone."""
        return self.executor.sessions()

    def on_day(self, day: int) -> None:
        """Move the clock to the working day that is so many days after the start, or the next one; never back."""
        with self.session() as session:
            calendar = self.executor.calendar.get(session)
        wanted = calendar.add_working_days(self.start + timedelta(days=day), 0).day
        if wanted > local_date(self.clock.at):
            self._minutes = 0
            self.clock.at = datetime.combine(wanted, OPENING, LOCAL)

    def has_done(self, name: str) -> bool:
        """Whether the act of this name was done, now or in an earlier run."""
        return f"{SOURCE}:{self.scope}:{name}" in self._done

    def do(self, command: Command[Result], actor: Actor, *, name: str | None = None) -> Result:
        """Run a command; `name` says that the act of this name is done with it."""
        request_id = f"{SOURCE}:{self.scope}:{name}" if name else None
        # Two acts of one day are minutes apart, within working hours.
        self._minutes += 1
        if self._minutes < _MINUTES_A_DAY:
            self.clock.at += timedelta(minutes=1)
        result = self.executor.execute(command, actor=actor, request=RequestInfo(request_id=request_id, source=SOURCE))
        if request_id:
            self._done.add(request_id)
        return result

    # Who and what

    def unit(self, name: str) -> UUID:
        """The id of a unit by any of its names, on the simulated day."""
        if name not in self._units:
            with self.session() as session:
                registry = stored_registry(session, local_date(self.clock.at))
                match = registry.lookup(name)
                found = registry.unit_id(match.unit) if match.unit else None
            if found is None:
                raise LookupError(name)
            self._units[name] = found
        return self._units[name]

    def short_name(self, unit_id: UUID) -> str:
        """What a unit is called."""
        with self.session() as session:
            return session.get_one(Unit, unit_id).short_name

    def person(self, unit: str | UUID, role: Role, *, second: bool = False) -> Actor:
        """Somebody who holds the role in the unit; `second` is another one than the first."""
        unit_id = self.unit(unit) if isinstance(unit, str) else unit
        key = (unit_id, role, second)
        if key not in self._people:
            with self.session() as session:
                self._people[key] = someone(session, unit_id, role, now=self.clock.now(), second=second)
        return self._people[key]

    def item(self, item_id: UUID) -> ItemFacts:
        """What people know of an item."""
        with self.session() as session:
            row = session.get_one(Item, item_id)
            due_on = local_date(row.due_at - timedelta(seconds=1)) if row.due_at else None
            return ItemFacts(row.id, row.text, tuple(row.measures), row.number, local_date(row.created_at), due_on)

    def version(self, item_id: UUID) -> int:
        """The item's version, as a page would show it."""
        with self.session() as session:
            return session.get_one(Item, item_id).version

    def status(self, item_id: UUID) -> str:
        """The item's status."""
        with self.session() as session:
            return session.get_one(Item, item_id).status

    def open_work(self, item_id: UUID, bpmn_id: str, unit: UUID | None = None) -> list[WorkItem]:
        """The open work items of a step, in the order of the units' printed places."""
        with self.session() as session:
            statement = (
                select(WorkItem)
                .join(Unit, col(Unit.id) == col(WorkItem.unit_id))
                .where(WorkItem.item_id == item_id, WorkItem.bpmn_id == bpmn_id, col(WorkItem.closed_at).is_(None))
                .order_by(col(WorkItem.opened_at), col(Unit.sort_order))
            )
            if unit is not None:
                statement = statement.where(WorkItem.unit_id == unit)
            return list(session.exec(statement))

    # Steps

    def complete(
        self,
        name: str,
        item_id: UUID,
        bpmn_id: str,
        decision: str | None = None,
        *,
        unit: str | None = None,
        second: bool = False,
        files: Sequence[str] = (),
        form: Mapping[str, Any] | Form | None = None,
        **said: Any,
    ) -> None:
        """Every party that is asked, or the one named, completes its part of a step; where one is enough, the first.

        Does nothing if it was done. Raises LookupError when the step is not open.
        """
        if self.has_done(name):
            return
        works = self.open_work(item_id, bpmn_id, self.unit(unit) if unit else None)
        if not works:
            raise LookupError(f"{name}: {bpmn_id} is not open")
        if bpmn_id in _one_is_enough():
            works = works[:1]
        facts = self.item(item_id)
        told = form(facts, local_date(self.clock.at)) if callable(form) else form
        if "return_units" in said:
            said["return_units"] = tuple(self.unit(each) for each in said["return_units"])
        for index, work in enumerate(works):
            actor = self.person(work.unit_id, Role(work.role), second=second)
            evidence = tuple(self.upload(facts, each, actor) for each in files)
            command = CompleteWorkItem(
                work_item_id=work.id,
                seen_version=work.version,
                decision=decision,
                form=told if told is not None else form_for(bpmn_id, decision, facts, self.clock.at),
                evidence_ids=evidence or (self._pending(item_id, actor) if bpmn_id in _WITH_PAPERS else ()),
                **said,
            )
            last = index == len(works) - 1
            self.do(command, actor, name=name if last else None)

    def upload(
        self, facts: ItemFacts, file_name: str, actor: Actor, *, name: str | None = None, proves: str = ""
    ) -> UUID:
        """A file about an item, made on the spot and sent in two chunks through an upload session."""
        storage = self.executor.storage
        assert storage is not None, "the demo needs a place for evidence"
        content = MAKERS[file_name.rpartition(".")[2]](
            file_name.rpartition(".")[0],
            (f"事项：{facts.text[:30]}", f"日期：{local_date(self.clock.at):%Y-%m-%d}", *facts.measures),
        )
        digest = hashlib.sha256(content).hexdigest()
        started = self.do(StartUpload(item_id=facts.id, name=file_name, size=len(content), sha256=digest), actor)
        half = len(content) // 2
        for offset, data in ((0, content[:half]), (half, content[half:])):
            with self.session() as session:
                receive_chunk(session, storage, actor, started.id, offset=offset, data=data, now=self.clock.now())
        proves = proves or f"证明第{facts.number}项任务的办理情况"
        return self.do(FinishUpload(upload_id=started.id, proves=proves), actor, name=name).id

    def _pending(self, item_id: UUID, actor: Actor) -> tuple[UUID, ...]:
        """What the person added to the item and has not handed in yet."""
        with self.session() as session:
            return tuple(
                session.exec(
                    select(Evidence.id).where(
                        Evidence.item_id == item_id,
                        Evidence.added_by == actor.id,
                        col(Evidence.work_item_id).is_(None),
                    )
                )
            )


def someone(session: Session, unit_id: UUID, role: Role, *, now: datetime, second: bool = False) -> Actor:
    """Somebody who holds the role in the unit, deputies last; `second` is another one. Raises LookupError."""
    logins = session.exec(
        select(Person.login)
        .join(UnitMember, col(UnitMember.person_id) == col(Person.id))
        .where(UnitMember.unit_id == unit_id, UnitMember.role == role)
        .order_by(col(UnitMember.deputy), col(Person.login))
    ).all()
    if len(logins) <= second:
        raise LookupError(f"{role} of unit {unit_id}")
    return actor_by_login(session, logins[second] or "", now=now)


@lru_cache(maxsize=1)
def _one_is_enough() -> frozenset[str]:
    """The steps of the shipped models that the first party decides for all, in each model that has one of the id."""
    rules: dict[str, set[str]] = defaultdict(set)
    for key in SHIPPED:
        for bpmn_id, task in Bundle.shipped(key).user_tasks.items():
            rules[bpmn_id].add(task.properties.get("rule", "any"))
    return frozenset(bpmn_id for bpmn_id, known in rules.items() if known == {"any"})
