"""Whatever happens in whatever order: nothing goes out twice, no level is missed, nobody gets it who is not there."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from db.tables import Delivery, Escalation, WorkItem
from domain.calendar import WorkCalendar, end_of
from domain.ladder import (
    Base,
    Clock,
    EscalationKind,
    Ladder,
    Rung,
    RungRole,
    SubjectKind,
    look,
    occurrences,
)
from domain.permissions import SCHEDULER, Role
from domain.standing_in import Contact, Desk, Held, receivers
from services.executor import Executor
from services.ladder import FireEscalation
from tests.conftest import FixedClock
from tests.ladder_world import local, work

CALENDAR = WorkCalendar(
    {date(2026, 5, 1): False, date(2026, 5, 4): False, date(2026, 5, 5): False, date(2026, 5, 9): True},
    frozenset({2026}),
)
OPENED = local(4, 20, 9)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """A ladder that passes the checks of saving."""
    rungs = []
    for level in range(1, draw(st.integers(1, 4)) + 1):
        every = draw(st.integers(0, 3))
        base = draw(st.sampled_from(Base))
        rungs.append(
            Rung(
                level=level,
                name="x",
                kind=EscalationKind.URGE,
                to=(RungRole.ASSIGNEE,),
                amount=draw(st.integers(0 if base is Base.OPENED else -6, 8)),
                base=base,
                every=every,
                at_most=draw(st.integers(2, 5)) if every else 1,
            )
        )
    return Ladder(tuple(rungs))


@dataclass
class Book:
    """The ladder's record of one subject, kept as the command keeps it."""

    ladder: Ladder
    due_at: datetime
    epoch: int = 1
    armed: bool = True
    paused: bool = False
    done: bool = False
    escalate_at: datetime | None = OPENED
    sent: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(OPENED, self.due_at)

    def fired(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for epoch, level, occurrence in self.sent:
            if epoch == self.epoch:
                found[level] = max(found.get(level, 0), occurrence)
        return found

    def sweep(self, now: datetime) -> None:
        if self.escalate_at is None or self.escalate_at > now:
            return
        if self.paused or self.done:
            self.escalate_at = None
            return
        found = look(self.ladder, self.clock, self.fired(), now, CALENDAR)
        self.sent += [(self.epoch, due.planned.rung.level, due.planned.occurrence) for due in found.due]
        assert found.next_at is None or found.next_at > now, "a look that is due at once would never end"
        self.escalate_at = found.next_at


@given(
    ladders(),
    st.lists(
        st.tuples(
            st.sampled_from(("sweep", "sweep", "sweep", "extend", "pause", "resume", "rearm", "done")),
            st.integers(-72, 24 * 12),
        ),
        max_size=25,
    ),
)
@settings(max_examples=150, deadline=None)
def test_through_sweeps_clock_jumps_extensions_and_pauses_nothing_is_doubled_or_missed(ladder, events):
    book = Book(ladder, end_of(date(2026, 5, 8)))
    now = OPENED
    for event, hours in events:
        now = max(OPENED, now + timedelta(hours=hours))
        if event == "extend" and not book.done:
            book.due_at, book.epoch = book.due_at + timedelta(days=10), book.epoch + 1
            book.escalate_at = None if book.paused else now
        elif event == "pause":
            book.paused, book.escalate_at = True, None
        elif event == "resume" and book.paused:
            book.paused, book.due_at, book.escalate_at = False, book.due_at + timedelta(days=3), now
        elif event == "rearm" and not book.paused:
            book.escalate_at = now
        elif event == "done":
            book.done = True
        before = len(book.sent)
        book.sweep(now)
        assert not (book.done or book.paused) or len(book.sent) == before, "what stands still or is over is not urged"
        assert len(set(book.sent)) == len(book.sent), "nothing goes out twice"
        if not book.done and not book.paused and book.escalate_at is None:
            left = look(ladder, book.clock, book.fired(), now, CALENDAR)
            assert left.due == (), "what is not looked at again has nothing left"
    if not book.done and not book.paused:
        # Time passes on: in the end every level that had a time went out in this epoch.
        for _ in range(400):
            if book.escalate_at is None:
                break
            book.sweep(max(now, book.escalate_at))
        reachable = {
            rung.level
            for rung in ladder.rungs
            if any(not each.skipped for each in occurrences(ladder, rung, book.clock, CALENDAR))
        }
        assert set(book.fired()) >= reachable
    assert len(set(book.sent)) == len(book.sent)


@given(ladders(), st.integers(0, 60), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_an_outage_sends_each_level_once_however_long_it_was(ladder, until, outage):
    book = Book(ladder, end_of(date(2026, 5, 8)))
    book.sweep(OPENED + timedelta(hours=until))
    before = set(book.sent)
    book.escalate_at = OPENED if book.escalate_at else None
    book.sweep(OPENED + timedelta(hours=until, days=outage))
    after = [entry for entry in book.sent if entry not in before]
    assert len({level for _, level, _ in after}) == len(after)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((Role.LIAISON, Role.UNIT_LEADER, Role.OFFICE_STAFF)),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_nobody_who_is_away_receives_and_somebody_does_while_there_is_anybody(people, office_there):
    held, away = [], set()
    for role, deputy, is_away, has_substitute in people:
        who = Contact(uuid4(), "x", "", "")
        substitute = Contact(uuid4(), "y", "", "") if is_away and has_substitute else None
        held.append(Held(who, role, deputy, is_away, substitute))
        if is_away:
            away.add(who.person_id)
    staff = Held(Contact(uuid4(), "z", "", ""), Role.OFFICE_STAFF, away=not office_there)
    found = receivers(Desk(uuid4(), tuple(held)), Role.LIAISON, Desk(uuid4(), (staff,)))
    assert {r.person_id for r in found}.isdisjoint(away)
    assert len({r.person_id for r in found}) == len(found)
    assert found or not office_there
    there = [h for h in held if h.role == Role.LIAISON and not h.deputy and not h.away]
    if there:
        assert {h.contact.person_id for h in there} <= {r.person_id for r in found}


def test_three_schedulers_with_clocks_that_differ_record_everything_once(committed_world, committed_db):
    world = committed_world
    subjects: list[UUID] = []
    for _ in range(4):
        item_id = world.item()
        world.complete(item_id, "issue")
        subjects.append(work(world, item_id, "sign_for").id)
    armed_at(world.sessions, subjects, world.clock.at)
    errors: list[BaseException] = []
    threads = [
        Thread(target=schedule, args=(committed_db.app_url, subjects, offset, errors))
        for offset in (timedelta(0), timedelta(minutes=7), timedelta(minutes=-11))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with world.sessions() as session:
        rows = session.exec(select(Escalation)).all()
        deliveries = session.exec(select(Delivery.subject_id).where(Delivery.topic == "escalation")).all()
        left = session.exec(select(WorkItem.escalate_at).where(WorkItem.id.in_(subjects))).all()  # type: ignore[attr-defined]
    keys = [(row.subject_id, row.epoch, row.level, row.occurrence, row.recipient_id) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {(row.subject_id, row.level) for row in rows} == {(id_, level) for id_ in subjects for level in (1, 2, 3)}
    assert sorted(deliveries) == sorted(row.id for row in rows), "one delivery for each record"
    assert set(left) == {None}


def armed_at(sessions, subjects: list[UUID], at: datetime) -> None:
    with sessions() as session:
        for id_ in subjects:
            session.get_one(WorkItem, id_).escalate_at = at
        session.commit()


def schedule(url: str, subjects: list[UUID], offset: timedelta, errors: list[BaseException]) -> None:
    """A scheduler of its own: engine, clock and all. Its clock also steps back now and then."""
    engine = make_engine(url, pool_size=1, max_overflow=0, application_name="dudao-tests-ladder")
    try:
        clock = FixedClock(local(3, 10, 9) + offset)
        executor = Executor(make_sessions(engine), clock, ProcessEngine())
        for round_ in range(60):
            clock.at += timedelta(hours=-9 if round_ % 7 == 0 else 6)
            for id_ in subjects:
                executor.execute(FireEscalation(subject_kind=SubjectKind.WORK_ITEM, subject_id=id_), actor=SCHEDULER)
    except BaseException as error:  # noqa: BLE001  the thread's failure is the test's
        errors.append(error)
    finally:
        engine.dispose()
