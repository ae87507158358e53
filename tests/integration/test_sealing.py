import threading
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from db.access import conninfo
from domain.errors import PermissionDenied
from domain.permissions import OPERATOR, SCHEDULER
from services.sealing import FIRST, Anchor, SealAudit, verify


def insert_entry(connection, command="Note"):
    return connection.execute(
        text("INSERT INTO audit_entry (at, command, payload) VALUES (now(), :c, CAST(:payload AS jsonb)) RETURNING id"),
        {"c": command, "payload": '{"b": [1.5, "督"], "a": null}'},
    ).scalar_one()


@pytest.fixture
def chained(committed_world, owner_engine):
    """Five entries, sealed."""
    with owner_engine.begin() as connection:
        ids = [insert_entry(connection, f"Note{n}") for n in range(5)]
    assert committed_world.do(SealAudit(), SCHEDULER).entries == 5
    return committed_world, ids


def verified(world, **options):
    with world.sessions() as session:
        return verify(session, **options)


def as_owner(owner_engine, *statements):
    """What only the database's owner could do, and only after removing the guard."""
    with owner_engine.begin() as connection:
        for table in ("audit_entry", "audit_seal"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change"))
        for statement, values in statements:
            connection.execute(text(statement), values)


def test_every_entry_is_sealed_once_in_order_and_the_chain_verifies(committed_world):
    world = committed_world
    for _ in range(3):
        world.item()
    first = world.do(SealAudit(), SCHEDULER)
    assert first.entries == 3
    assert not first.more
    world.item()
    assert world.do(SealAudit(), OPERATOR).entries == 1
    assert world.do(SealAudit(), SCHEDULER).entries == 0
    found = verified(world)
    assert found.intact
    assert (found.sealed, found.sequence, found.unsealed) == (4, 4, 0)
    assert found.digest != FIRST


def test_the_unsealed_tail_is_counted_and_dated(chained):
    world, _ = chained
    world.clock.advance(minutes=1)
    world.item()
    world.clock.advance(minutes=1)
    world.item()
    found = verified(world)
    assert found.intact
    assert (found.unsealed, found.unsealed_since) == (2, world.clock.now() - timedelta(minutes=1))


def test_sealing_is_for_the_clock_and_the_operator(committed_world):
    with pytest.raises(PermissionDenied):
        committed_world.do(SealAudit(), committed_world.clerk)


def test_an_entry_whose_transaction_is_still_running_is_never_passed_over(chained, owner_engine):
    world, _ = chained
    slow = owner_engine.connect()
    transaction = slow.begin()
    slow.execute(text("SELECT pg_current_xact_id()"))
    early = insert_entry(slow, "Slow")
    with owner_engine.begin() as connection:
        late = insert_entry(connection, "Fast")
    assert late > early
    waiting = world.do(SealAudit(patience=0.05), SCHEDULER)
    assert (waiting.entries, waiting.waiting) == (0, True)
    transaction.commit()
    slow.close()
    assert world.do(SealAudit(), SCHEDULER).entries == 2
    assert verified(world).intact


def test_a_number_that_was_rolled_back_does_not_stop_the_chain(chained, owner_engine):
    world, _ = chained
    with owner_engine.connect() as connection, connection.begin() as transaction:
        insert_entry(connection)
        transaction.rollback()
    world.item()
    assert world.do(SealAudit(), SCHEDULER).entries == 1
    assert verified(world).intact


def test_many_sealers_at_once_chain_every_entry_once(committed_world, owner_engine):
    world = committed_world
    stop, results, faults = threading.Event(), [], []

    def keep_sealing():
        while not stop.is_set():
            try:
                results.append(world.do(SealAudit(), SCHEDULER))
            except Exception as fault:  # noqa: BLE001  the test fails with whatever it is
                faults.append(fault)
                return

    def write(count):
        for _ in range(count):
            with owner_engine.begin() as connection:
                connection.execute(text("SELECT pg_current_xact_id()"))
                insert_entry(connection)

    sealers = [threading.Thread(target=keep_sealing) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(60,)) for _ in range(3)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    rest = world.do(SealAudit(), SCHEDULER)
    assert faults == []
    assert sum(r.entries for r in results) + rest.entries == 180
    found = verified(world)
    assert found.intact
    assert (found.sealed, found.sequence, found.unsealed) == (180, 180, 0)


def test_a_long_backlog_is_sealed_in_batches(committed_world, owner_engine, monkeypatch):
    monkeypatch.setattr("services.sealing.BATCH", 2)
    with owner_engine.begin() as connection:
        for _ in range(5):
            insert_entry(connection)
    done = []
    while True:
        done.append(committed_world.do(SealAudit(), SCHEDULER))
        if not done[-1].more:
            break
    assert [d.entries for d in done] == [2, 2, 1]
    seen: list[int] = []
    assert verified(committed_world, progress=seen.append).intact
    assert seen == [2, 4]


@pytest.mark.parametrize("column", ["command", "payload", "at", "actor_id", "error_code", "subject_id", "source"])
def test_a_changed_entry_is_found_and_named(chained, owner_engine, column):
    world, ids = chained
    value = {
        "command": "'Other'",
        "payload": '\'{"a": null, "b": [1.25, "督"]}\'',
        "at": "at + interval '1 microsecond'",
        "error_code": "'not_found'",
        "source": "'10.0.0.1'",
    }.get(column, f"'{uuid4()}'")
    as_owner(owner_engine, (f"UPDATE audit_entry SET {column} = {value} WHERE id = :id", {"id": ids[2]}))
    found = verified(world)
    assert not found.intact
    assert (found.broken, found.broken_count) == ([(3, ids[2])], 1)
    assert (found.missing, found.inserted, found.gaps) == ([], [], [])


def test_a_deleted_entry_is_missing(chained, owner_engine):
    world, ids = chained
    as_owner(owner_engine, ("DELETE FROM audit_entry WHERE id = :id", {"id": ids[1]}))
    found = verified(world)
    assert not found.intact
    assert (found.missing, found.missing_count, found.broken) == ([ids[1]], 1, [])


def test_an_entry_deleted_with_its_seal_leaves_a_gap(chained, owner_engine):
    world, ids = chained
    as_owner(
        owner_engine,
        ("DELETE FROM audit_entry WHERE id = :id", {"id": ids[1]}),
        ("DELETE FROM audit_seal WHERE entry_id = :id", {"id": ids[1]}),
    )
    found = verified(world)
    assert not found.intact
    assert found.gaps == [2]


def test_an_entry_smuggled_in_below_the_head_is_found(chained, owner_engine):
    world, ids = chained
    as_owner(
        owner_engine,
        ("DELETE FROM audit_entry WHERE id = :id", {"id": ids[1]}),
        ("DELETE FROM audit_seal WHERE entry_id = :id", {"id": ids[1]}),
        (
            "INSERT INTO audit_entry (id, at, command) OVERRIDING SYSTEM VALUE VALUES (:id, now(), 'Forged')",
            {"id": ids[1]},
        ),
    )
    assert world.do(SealAudit(), SCHEDULER).entries == 0
    found = verified(world)
    assert found.inserted == [ids[1]]
    assert not found.intact


def test_a_changed_seal_is_found(chained, owner_engine):
    world, ids = chained
    as_owner(
        owner_engine,
        ("UPDATE audit_seal SET digest = decode(repeat('00', 32), 'hex') WHERE entry_id = :id", {"id": ids[2]}),
    )
    found = verified(world)
    assert (3, ids[2]) in found.broken


def test_seals_that_swapped_places_are_found(chained, owner_engine):
    world, ids = chained
    as_owner(
        owner_engine,
        ("UPDATE audit_seal SET sequence = 99 WHERE entry_id = :id", {"id": ids[1]}),
        ("UPDATE audit_seal SET sequence = 2 WHERE entry_id = :id", {"id": ids[2]}),
        ("UPDATE audit_seal SET sequence = 3 WHERE entry_id = :id", {"id": ids[1]}),
    )
    assert not verified(world).intact


def test_a_chain_rewritten_from_the_start_is_found_by_an_anchor_alone(chained, owner_engine):
    world, ids = chained
    before = verified(world)
    noted = Anchor(before.sequence, before.digest)
    assert verified(world, anchor=noted).intact
    as_owner(
        owner_engine,
        ("UPDATE audit_entry SET command = 'Other' WHERE id = :id", {"id": ids[0]}),
        ("DELETE FROM audit_seal", {}),
    )
    assert world.do(SealAudit(), SCHEDULER).entries == 5
    assert verified(world).intact
    found = verified(world, anchor=noted)
    assert found.anchor_holds is False
    assert not found.intact


def test_the_application_can_neither_change_nor_remove_a_seal(chained):
    world, _ = chained
    for statement in ("UPDATE audit_seal SET sequence = 7", "DELETE FROM audit_seal", "TRUNCATE audit_seal"):
        with world.sessions() as session, pytest.raises(Exception, match="permission denied"):
            session.execute(text(statement))


def test_the_work_of_another_database_of_the_server_does_not_hold_up_the_seal(chained, owner_engine, database):
    world, _ = chained
    world.item()
    elsewhere = make_url(database.owner_url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(conninfo(elsewhere)) as busy:
        busy.execute("SELECT pg_current_xact_id()")
        assert world.do(SealAudit(patience=0.05), SCHEDULER).entries == 1
    assert verified(world).intact


def test_who_only_reads_entries_does_not_hold_up_the_seal(chained, owner_engine):
    world, _ = chained
    world.item()
    with owner_engine.connect() as reader, reader.begin():
        reader.execute(text("SELECT count(*) FROM audit_entry"))
        assert world.do(SealAudit(patience=0.05), SCHEDULER).entries == 1
