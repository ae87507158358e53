"""The product on the common workload: every step is the whole command through the executor."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from uuid import UUID

from sqlalchemy import NullPool, create_engine, text
from sqlmodel import Session

from benchmarks.workload import START_DATA, Move
from bpmn.bundle import Bundle
from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from db.tables import CalendarYear, Item, Person, Responsibility, TaskList, Unit, UnitMember
from domain.items import ItemStatus, ListStatus, Origin, ResponsibilityRole
from domain.permissions import Actor, Membership, Permission, Role
from services.executor import Executor
from services.ports import SystemClock
from services.process_library import publish
from services.stepping import OpenedWorkItem, start_instance
from services.unit_of_work import UnitOfWork
from services.work_items import CompleteWorkItem

KEY = "supervision_loop"
OFFICE, LEAD = UUID(int=1), UUID(int=2)
LIST = UUID(int=3)
PEOPLE = {
    Role.OFFICE_STAFF: (UUID(int=11), OFFICE),
    Role.LIAISON: (UUID(int=12), LEAD),
    Role.UNIT_LEADER: (UUID(int=13), LEAD),
}
ROLE_OF = {
    "assign": Role.OFFICE_STAFF,
    "submit_progress": Role.LIAISON,
    "lead_signoff": Role.UNIT_LEADER,
    "office_review": Role.OFFICE_STAFF,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLoop:
    """Start an instance of the loop for an item that is there already."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> tuple[OpenedWorkItem, ...]:
        """The first work items."""
        uow.require(Permission.ITEM_CREATE, unit_id=OFFICE)
        uow.about(self.item_id)
        _, advanced = start_instance(
            uow, key=KEY, item_id=self.item_id, root_item_id=self.item_id, data=dict(START_DATA)
        )
        return advanced.opened


class Product:
    """Commands through the executor, on a pooled connection, each by the person whose step it is."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url, pool_size=1, max_overflow=0, application_name="dudao-bench")
        self.executor = Executor(make_sessions(self.engine), SystemClock(), ProcessEngine())
        self.actors = {
            role: Actor(id=person, name=role, memberships=frozenset({Membership(unit, role)}))
            for role, (person, unit) in PEOPLE.items()
        }
        self.open: dict[UUID, OpenedWorkItem] = {}

    @staticmethod
    def prepare(owner_url: str, items: int) -> None:
        """Units, people, the published loop, and items without a process."""
        engine = create_engine(owner_url, poolclass=NullPool)
        now = datetime.now(UTC)
        with Session(engine) as session:
            session.add(Unit(id=OFFICE, official_name="office", short_name="office", kind="office"))
            session.add(Unit(id=LEAD, official_name="lead", short_name="lead", kind="department"))
            session.add(CalendarYear(year=now.year, source="bench", loaded_at=now))
            session.flush()
            for role, (person, unit) in PEOPLE.items():
                session.add(Person(id=person, name=role, created_at=now))
                session.flush()
                session.add(UnitMember(person_id=person, unit_id=unit, role=role, valid_from=date(2020, 1, 1)))
            publish(session, loop(), published_at=now, published_by=None)
            session.add(
                TaskList(
                    id=LIST,
                    office_unit_id=OFFICE,
                    origin=Origin.MANUAL,
                    title="bench",
                    kind="task_list",
                    found_count=items,
                    status=ListStatus.APPROVED,
                    created_at=now,
                )
            )
            session.flush()
            for number in range(items):
                session.add(_item(number, now))
                session.flush() if number % 1000 == 0 else None
            session.flush()
            for number in range(items):
                session.add(
                    Responsibility(
                        item_id=item_id(number),
                        unit_id=LEAD,
                        role=ResponsibilityRole.LEAD,
                        printed="lead",
                        position=0,
                        valid_from=now,
                    )
                )
            session.commit()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    def start(self, instance: int) -> UUID:
        """Start the loop of an item."""
        handle = item_id(instance)
        [self.open[handle]] = self.executor.execute(StartLoop(item_id=handle), actor=self.actors[Role.OFFICE_STAFF])
        return handle

    def step(self, handle: UUID, move: Move) -> None:
        """Complete the open work item, which must be the one the move is for."""
        work = self.open[handle]
        assert work.bpmn_id == move.bpmn_id, (work, move)
        decision = move.outputs[f"decision_{move.bpmn_id}"]
        returned = decision == "return"
        done = self.executor.execute(
            CompleteWorkItem(
                work_item_id=work.id,
                seen_version=1,
                decision=decision,
                form=move.form,
                reason_code="other" if returned else None,
                opinion="please add figures" if returned else "",
            ),
            actor=self.actors[ROLE_OF[move.bpmn_id]],
        )
        if done.opened:
            [self.open[handle]] = done.opened

    def check(self, instances: int) -> None:
        """Every instance went to its end and left nothing open."""
        with self.engine.connect() as connection:
            ended = connection.execute(
                text("SELECT count(*) FROM process_instance WHERE outcome = 'closed' AND state IS NULL")
            ).scalar_one()
            left = connection.execute(text("SELECT count(*) FROM work_item WHERE closed_at IS NULL")).scalar_one()
            timers = connection.execute(text("SELECT count(*) FROM process_timer")).scalar_one()
        assert (ended, left, timers) == (instances, 0, 0), (ended, left, timers)

    def close(self) -> None:
        """Give the connection back."""
        self.engine.dispose()


def loop() -> Bundle:
    """The bundle of the loop."""
    folder = files("benchmarks")
    names = {"supervision_loop.bpmn": "supervision_loop.bpmn", "forms/report.json": "report.json"}
    return Bundle.of({path: (folder / name).read_bytes() for path, name in names.items()}, KEY)


def item_id(number: int) -> UUID:
    """The id of the numbered item."""
    return UUID(int=1_000_000 + number)


def _item(number: int, now: datetime) -> Item:
    return Item(
        id=item_id(number),
        root_id=item_id(number),
        list_id=LIST,
        office_unit_id=OFFICE,
        position=number,
        number=str(number),
        text="bench",
        text_printed="bench",
        status=ItemStatus.IN_PROGRESS,
        created_at=now,
        issued_at=now,
    )
