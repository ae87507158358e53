"""A city with a hundred thousand open deadlines, written by SQL, and a clock that starts at the same moment in every
process.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
from sqlalchemy import NullPool, create_engine
from sqlmodel import Session

from bpmn.bundle import Bundle
from db.tables import CalendarYear, Person, TaskList, Unit, UnitMember
from domain.items import ListStatus, Origin
from domain.permissions import Role
from domain.units import UnitKind
from services.process_library import publish

OPEN = 100_000
DUE = 10_000
UNITS = 100
PER_ITEM = 4
MORNING = datetime(2026, 3, 11, 2, tzinfo=UTC)
"""10:00 in Asia/Shanghai on a working day: no quiet hours are in the way."""

_ITEMS: LiteralString = (
    "INSERT INTO item (id, root_id, list_id, office_unit_id, position, number, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, created_at, issued_at, light_check_at, version)"
    " SELECT n.id, n.id, l.id, l.office_unit_id, n.n, n.n::text, 'bench', 'bench', '[]', false, false, false,"
    " 'in_progress', %(opened)s, %(opened)s, NULL, 1"
    " FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, %(open)s / %(per_item)s) n) n, task_list l"
)
_LEADS: LiteralString = (
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, valid_from, weight, collects)"
    " SELECT gen_random_uuid(), i.id, u.id, 'lead', 'lead', 0, %(opened)s, 1, true FROM item i"
    " JOIN unit u ON u.short_name = 'u' || (1 + i.position %% %(units)s)"
)
_INSTANCES: LiteralString = (
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, rev, started_at)"
    " SELECT gen_random_uuid(), i.id, i.id, v.id, v.key, 0, %(opened)s FROM item i, process_version v"
    " WHERE v.key = 'supervision'"
)
# They climb the ladder of all steps; of those that are due, the reminder of the first level is.
_WORK: LiteralString = (
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, opened_at, due_at, escalate_at, ladder_id,"
    " ladder_epoch, epoch, version, bpmn_id, role, provisional)"
    " SELECT gen_random_uuid(), p.id, p.item_id, gen_random_uuid(), r.unit_id, %(opened)s, d.due_at, d.at, f.policy_id,"
    " 1, 1, 1, 'draft_plan', 'liaison', false FROM process_instance p JOIN responsibility r ON r.item_id = p.item_id"
    " JOIN item i ON i.id = p.item_id CROSS JOIN generate_series(1, %(per_item)s) n"
    " CROSS JOIN escalation_policy_in_force f CROSS JOIN LATERAL (SELECT"
    "  CASE WHEN (i.position * %(per_item)s + n) %% %(share)s = 0 THEN %(tomorrow)s ELSE %(later)s END AS due_at,"
    "  CASE WHEN (i.position * %(per_item)s + n) %% %(share)s = 0 THEN %(now)s ELSE %(later)s END AS at) d"
    " WHERE f.subject_kind = 'work_item' AND f.step IS NULL AND f.list_id IS NULL"
)


@dataclass(frozen=True, slots=True)
class SharedClock:
    """`MORNING` at the moment `zero` of the machine's clock, and going on from there in every process."""

    zero: float

    def now(self) -> datetime:
        """The simulated instant."""
        return MORNING + timedelta(seconds=time.time() - self.zero)


def fill(owner_url: str, plain_url: str) -> int:
    """Write the city; how many work items are due at `MORNING`."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with Session(engine) as session:
        publish(session, Bundle.shipped("supervision"), published_at=MORNING, published_by=None)
        session.add(CalendarYear(year=MORNING.year, source="bench", loaded_at=MORNING))
        office = _unit(session, 0, UnitKind.OFFICE, Role.OFFICE_STAFF)
        for number in range(1, UNITS + 1):
            _unit(session, number, UnitKind.DEPARTMENT, Role.LIAISON)
        session.add(
            TaskList(
                office_unit_id=office,
                origin=Origin.MANUAL,
                title="bench",
                kind="task_list",
                found_count=OPEN // PER_ITEM,
                status=ListStatus.APPROVED,
                created_at=MORNING,
            )
        )
        session.commit()
    engine.dispose()
    values = {
        "units": UNITS,
        "open": OPEN,
        "per_item": PER_ITEM,
        "share": OPEN // DUE,
        "now": MORNING,
        "opened": MORNING - timedelta(days=20),
        # The end of the next working day: its reminder goes out on the morning of this one.
        "tomorrow": datetime(2026, 3, 12, 16, tzinfo=UTC),
        "later": MORNING + timedelta(days=60),
    }
    with psycopg.connect(plain_url, autocommit=True) as connection:
        for statement in (_ITEMS, _LEADS, _INSTANCES, _WORK):
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")
        row = connection.execute("SELECT count(*) FROM work_item WHERE escalate_at <= %s", (MORNING,)).fetchone()
    assert row is not None
    return int(row[0])


def _unit(session: Session, number: int, kind: UnitKind, role: Role) -> UUID:
    """A unit with a leader and somebody who does the work."""
    unit = Unit(official_name=f"unit {number}", short_name=f"u{number}", kind=kind)
    session.add(unit)
    session.flush()
    for each in (Role.UNIT_LEADER, role):
        person = Person(name=f"{each} {number}", created_at=MORNING)
        session.add(person)
        session.flush()
        session.add(UnitMember(person_id=person.id, unit_id=unit.id, role=each, valid_from=date(2020, 1, 1)))
    return unit.id
