"""The end of the audit chain, as the audit administrator's page recomputes it."""

import pytest
from sqlalchemy import text

from domain.errors import PermissionDenied
from domain.permissions import OPERATOR, SCHEDULER
from services.queries.audit_chain import chain_tail
from services.queries.reading import Reading
from services.sealing import SealAudit
from services.work_calendar import read_calendar
from tests.integration.test_sealing import as_owner, insert_entry


def tail_of(world, actor=OPERATOR):
    with world.sessions() as session:
        return chain_tail(Reading(session, actor, world.clock.now(), read_calendar(session), world.executor.library))


def test_the_last_seals_are_recomputed_and_what_was_changed_is_named(committed_world, owner_engine):
    world = committed_world
    with owner_engine.begin() as connection:
        ids = [insert_entry(connection, f"Note{n}") for n in range(5)]
    world.do(SealAudit(), SCHEDULER)
    with owner_engine.begin() as connection:
        insert_entry(connection, "Late")
    found = tail_of(world)
    assert (found.sequence, found.checked, found.broken, found.unsealed) == (5, 4, (), 1)
    with owner_engine.connect() as connection:
        at = connection.execute(text("SELECT at FROM audit_entry WHERE command = 'Late'")).scalar_one()
    assert found.unsealed_since == at
    as_owner(owner_engine, ("UPDATE audit_entry SET command = 'Other' WHERE id = :id", {"id": ids[2]}))
    assert tail_of(world).broken == (3,)


def test_an_empty_record_has_no_seal_and_only_auditors_look(committed_world):
    found = tail_of(committed_world)
    assert (found.sequence, found.checked, found.broken) == (0, 0, ())
    with pytest.raises(PermissionDenied):
        tail_of(committed_world, committed_world.clerk)
