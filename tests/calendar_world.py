"""A year's notice for tests, and the clock's sweep that moves limits after it."""

import hashlib
from typing import Any

from sqlmodel import select

from domain.permissions import SCHEDULER
from importers.calendar_notice import parse_notice
from services.calendars import (
    ImportYearNotice,
)
from services.recompute import SETTLED, RecomputeLimits, pending
from tests.unit.importers.notices import NOTICE_2027


def notice(text=NOTICE_2027, **fields):
    digest = hashlib.sha256(text.encode()).digest()
    return ImportYearNotice(notice=parse_notice(text), source_name="通知.txt", source_digest=digest, **fields)


def settle(world, clock):
    """Time passes, and the clock's sweep runs until no change waits."""
    clock.at += SETTLED
    world.executor.calendar.forget()
    done: list[Any] = []
    while True:
        with world.sessions() as session:
            found = pending(session, clock.now())
        if not found:
            return done
        [(change_id, through)] = found
        done.append(world.do(RecomputeLimits(change_id=change_id, through=through), SCHEDULER))


def rows(world, table):
    with world.sessions() as session:
        return list(session.exec(select(table)))
