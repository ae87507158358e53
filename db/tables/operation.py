"""How the clock is doing: the processes that are alive, when each sweep last ran, and what it could not do."""

from uuid import UUID

from sqlalchemy import BigInteger, Float
from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, key, words


class Heartbeat(SQLModel, table=True):
    """A scheduler or worker that is alive, or was a while ago. One row per process, not per host."""

    __tablename__ = "heartbeat"

    id: UUID = key()
    kind: str
    host: str
    pid: int
    started_at: datetime = instant()
    seen_at: datetime = instant()
    # Of all schedulers one ticks; the others stand by.
    ticking: bool = False


class SweepStatus(SQLModel, table=True):
    """What the last runs of a sweep did. `backlog` is what was due and not done yet, or null where nobody counts it."""

    __tablename__ = "sweep_status"

    name: str = Field(primary_key=True)
    ran_at: datetime = instant()
    took_seconds: float = Field(sa_type=Float)
    done: int
    failed: int
    # Since the sweep first ran.
    done_ever: int = Field(sa_type=BigInteger)
    backlog: int | None = None
    oldest_due_at: datetime | None = instant(nullable=True)
    # How late the oldest of what is due is; what a run without a backlog leaves is zero.
    lag_seconds: float = Field(sa_type=Float)


class SweepFailure(SQLModel, table=True):
    """A key that a sweep could not do, and when it tries again. Gone as soon as it succeeds."""

    __tablename__ = "sweep_failure"

    name: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    attempts: int
    first_at: datetime = instant()
    failed_at: datetime = instant()
    next_try_at: datetime = instant()
    error_code: str
    error: str = words()
