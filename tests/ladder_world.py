"""Hands for tests of the ladder: let the clock look, and read what went out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from db.tables import Delivery, Escalation, Item, WorkItem
from domain.calendar import LOCAL
from services.sweeping import Sweeper
from services.sweeps import SWEEPS
from tests.world import World

LADDER = ("hand_over", "ladder_of_work_items", "ladder_of_items")


def local(month: int, day: int, hour: int = 0, minute: int = 0, *, year: int = 2026) -> datetime:
    """A local instant of the year of the tests, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


def sweep(world: World) -> None:
    """One look of the clock at deliveries and ladders."""
    sweeper = Sweeper(world.executor, world.sessions)
    for each in SWEEPS:
        if each.name in LADDER:
            ran = sweeper.run(each)
            assert not ran.failed, ran


def play(world: World, until: datetime, step: timedelta = timedelta(hours=1)) -> None:
    """Let the time pass, with a look at each step."""
    while world.clock.at < until:
        world.clock.at = min(world.clock.at + step, until)
        sweep(world)


def fired(world: World, subject_id: UUID | None = None) -> list[Escalation]:
    """What went out, in order; of one subject, if it is named."""
    with world.sessions() as session:
        statement = select(Escalation).order_by(
            col(Escalation.fired_at), col(Escalation.level), col(Escalation.occurrence), col(Escalation.recipient_id)
        )
        if subject_id is not None:
            statement = statement.where(Escalation.subject_id == subject_id)
        return list(session.exec(statement))


def levels(world: World, subject_id: UUID | None = None) -> list[tuple[int, int, str]]:
    """(level, occurrence, local time it was planned for) of what went out, each once; nothing goes out early."""
    sent = fired(world, subject_id)
    assert all(e.fired_at >= e.planned_at for e in sent)
    found = [(e.level, e.occurrence, f"{e.planned_at.astimezone(LOCAL):%m-%d %H:%M}") for e in sent]
    return list(dict.fromkeys(found))


def undelivered(world: World) -> list[UUID]:
    """The subjects of deliveries that wait to be handed over as escalations."""
    with world.sessions() as session:
        return list(session.exec(select(Delivery.subject_id).where(Delivery.topic == "escalation")))


def work(world: World, item_id: UUID, bpmn_id: str) -> WorkItem:
    """The open work item of that step."""
    [found] = world.open_work(item_id, bpmn_id)
    return found


def item_row(world: World, item_id: UUID) -> Item:
    """The item's row."""
    with world.sessions() as session:
        return session.get_one(Item, item_id)
