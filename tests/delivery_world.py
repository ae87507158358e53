"""A world whose mail goes to a server of the test: hand-over, queue and worker as they are in truth."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from bpmn.engine import ProcessEngine
from db.session import make_engine, make_sessions
from db.tables import Message, Person, Sending, SendingAttempt, UnitMember
from domain.delivery import Channel, SendingState
from domain.permissions import SCHEDULER
from notifications.answers import Carrier
from notifications.channels.mail import MailSender, SmtpMail, SmtpServer
from notifications.deliverer import Deliverer
from notifications.rendering import Renderer
from services.executor import Executor
from services.ports import Clock, SystemClock
from services.sendings import EnqueueSendings
from services.sweeping import Sweeper
from services.sweeps import SWEEPS
from tests.world import World

HOST = "dudao.example.gov.cn"
DELIVERY_SWEEPS = tuple(sweep for sweep in SWEEPS if sweep.name in {"hand_over", "digests", "sendings", "stalled_jobs"})


class ShiftedClock:
    """The machine's clock, put back or forward by a fixed time: the same in every process that is told it."""

    def __init__(self, shift: timedelta) -> None:
        self.shift = shift

    def now(self) -> datetime:
        """Now, shifted."""
        return SystemClock().now() + self.shift


def mail_to(port: int, *, seconds: float = 5.0) -> SmtpMail:
    """Mail over the test's server."""
    return SmtpMail(SmtpServer("127.0.0.1", port, "none", seconds=seconds), MailSender(f"duban@{HOST}", "督查室"))


def deliverer_on(executor: Executor, carrier: Carrier) -> Deliverer:
    """A deliverer whose mail goes over `carrier`."""
    renderer = Renderer("https://dudao.example.gov.cn")
    return Deliverer(executor, renderer, {Channel.MAIL: carrier}, HOST, lambda sealed: sealed.decode())


@contextmanager
def executor_on(app_url: str, clock: Clock) -> Iterator[Executor]:
    """An executor on a pool of its own, as another process has one."""
    engine = make_engine(app_url, application_name="dudao-worker")
    try:
        yield Executor(make_sessions(engine), clock, ProcessEngine())
    finally:
        engine.dispose()


def give_addresses(sessions: Callable[[], Session]) -> None:
    """Everybody can be written to."""
    with sessions() as session:
        for person in session.exec(select(Person)):
            person.email = f"{person.name}@example.gov.cn"
        session.commit()


def sweep(world: World) -> None:
    """One round of the clock over deliveries, digests, sendings and stalled jobs."""
    sweeper = Sweeper(world.executor, world.sessions)
    for each in DELIVERY_SWEEPS:
        sweeper.run(each)


def due_jobs(sessions: Callable[[], Session]) -> list[UUID]:
    """Take the jobs of the queue, as a worker does."""
    with sessions() as session:
        query = "DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING args->>'sending_id'"
        ids = [UUID(id_) for id_ in session.connection().execute(text(query)).scalars()]
        session.commit()
    return ids


def send_all(world: World, deliverer: Deliverer) -> list[SendingState | None]:
    """Send what is due in this process, one after the other, as jobs of the queue would."""
    world.do(EnqueueSendings(), SCHEDULER)
    return [deliverer.deliver(id_) for id_ in due_jobs(world.sessions)]


def sendings(world: World) -> list[Sending]:
    with world.sessions() as session:
        return list(session.exec(select(Sending).order_by(col(Sending.created_at), col(Sending.id))))


def attempts(world: World) -> list[SendingAttempt]:
    with world.sessions() as session:
        return list(session.exec(select(SendingAttempt).order_by(col(SendingAttempt.id))))


def messages(world: World) -> list[Message]:
    with world.sessions() as session:
        return list(session.exec(select(Message).order_by(col(Message.created_at), col(Message.delivery_id))))


def end_roles(world: World, person_id: UUID) -> None:
    """The person left yesterday."""
    with world.sessions() as session:
        for member in session.exec(select(UnitMember).where(UnitMember.person_id == person_id)):
            member.valid_to = (world.clock.now() - timedelta(days=1)).date()
        session.commit()
