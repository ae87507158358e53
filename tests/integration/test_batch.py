"""Several statements in one packet: what they return, how they fail, and that the connection is as good afterwards."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from db import batch
from db.access import conninfo
from db.batch import Query, send_batch
from db.connection import KeepingConnection


@pytest.fixture
def connection(db_url) -> Iterator[psycopg.Connection]:
    with KeepingConnection.connect(conninfo(db_url)) as opened:
        opened.execute("CREATE TEMP TABLE note (id int PRIMARY KEY, text text)")
        opened.commit()
        yield opened
        opened.close()


def status(connection) -> TransactionStatus:
    return TransactionStatus(connection.pgconn.transaction_status)


def test_each_statement_gives_its_rows_and_one_without_rows_gives_none(connection):
    asked: list[Query] = [
        ("INSERT INTO note VALUES (%s, %s)", (1, "一")),
        ("SELECT id, text FROM note WHERE text LIKE '%%' || %(end)s AND %(end)s = %(end)s", {"end": "一"}),
        ("SELECT %s::uuid IS NOT NULL, %s::jsonb, %s", (uuid4(), Jsonb({"a": [1]}), None)),
        ("SELECT 5 %% 3, %b::int, %t::text", (4, "丁")),
    ]
    for _ in range(3):  # prepared, from then on sent by name
        assert send_batch(connection, asked) == [[], [(1, "一")], [(True, {"a": [1]}, None)], [(2, 4, "丁")]]
        connection.rollback()


def test_a_batch_begins_a_transaction_and_goes_on_in_one_that_is_open(connection):
    assert status(connection) is TransactionStatus.IDLE
    send_batch(connection, [("INSERT INTO note VALUES (1, 'kept')", ())])
    assert status(connection) is TransactionStatus.INTRANS
    send_batch(connection, [("INSERT INTO note VALUES (2, 'kept')", ())])
    connection.commit()
    send_batch(connection, [("INSERT INTO note VALUES (3, 'gone')", ())])
    connection.rollback()
    assert connection.execute("SELECT array_agg(id ORDER BY id) FROM note").fetchone() == ([1, 2],)


def test_a_transaction_begins_as_the_connection_was_told(connection):
    connection.read_only = True
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        send_batch(connection, [("SELECT 1", ()), ("CREATE TABLE never (id int)", ())])


def test_the_first_failure_is_raised_and_what_follows_it_is_not_run(connection):
    seen = [("SELECT nextval('pg_temp.counted')", ())]
    connection.execute("CREATE TEMP SEQUENCE counted")
    connection.commit()
    add = ("INSERT INTO note VALUES (%s, %s)", (1, "x"))
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        send_batch(connection, [add, add, *seen])
    assert caught.value.diag.constraint_name == "note_pkey"
    assert status(connection) is TransactionStatus.INERROR
    connection.rollback()
    assert send_batch(connection, [*seen, add]) == [[(1,)], []]


def test_a_statement_the_server_cannot_prepare_does_not_spoil_the_next(connection):
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            send_batch(connection, [("SELECT 1", ()), ("SELECT * FROM nowhere WHERE id = %s", (1,))])
        connection.rollback()
    connection.execute("CREATE TEMP TABLE nowhere (id int)")
    assert send_batch(connection, [("SELECT 1", ()), ("SELECT * FROM nowhere WHERE id = %s", (1,))]) == [[(1,)], []]


def test_a_lone_percent_sign_is_refused(connection):
    with pytest.raises(psycopg.ProgrammingError, match="lone %"):
        send_batch(connection, [("SELECT 5 % 3", ())])
    assert send_batch(connection, [("SELECT 1", ())]) == [[(1,)]]


@pytest.mark.parametrize("values", [(1, object()), (1,), (1, 2, 3)])
def test_parameters_that_do_not_fit_are_refused_and_the_connection_goes_on(connection, values):
    with pytest.raises(psycopg.ProgrammingError):
        send_batch(connection, [("SELECT %s", (7,)), ("SELECT %s, %s", values)])
    assert send_batch(connection, [("SELECT %s", (7,))]) == [[(7,)]]
    assert connection.execute("SELECT 8").fetchone() == (8,)


def test_statements_are_prepared_again_after_psycopg_dropped_all(connection):
    connection.prepare_threshold = 0
    send_batch(connection, [("SELECT %s", (7,))])
    connection.execute("SAVEPOINT here")
    connection.execute("ROLLBACK TO SAVEPOINT here")
    assert connection.execute("SELECT 1 FROM pg_prepared_statements WHERE name LIKE 'dudao_%'").fetchall() == []
    assert send_batch(connection, [("SELECT %s", (7,))]) == [[(7,)]]


def test_a_plain_connection_runs_batches_and_keeps_nothing(db_url):
    with psycopg.connect(conninfo(db_url)) as plain:
        for _ in range(2):
            assert send_batch(plain, [("SELECT %s", (7,)), ("SELECT 8", ())]) == [[(7,)], [(8,)]]
        assert plain.execute("SELECT 1 FROM pg_prepared_statements WHERE name LIKE 'dudao_%'").fetchall() == []


def test_more_statements_than_are_kept_prepared_work_all_the_same(connection, monkeypatch):
    monkeypatch.setattr(batch, "PREPARED", 2)
    for _ in range(2):
        found = send_batch(connection, [(f"SELECT %s + {n}", (1,)) for n in range(5)])
        assert found == [[(1 + n,)] for n in range(5)]
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'dudao_%'").fetchone() == (
        2,
    )


def test_more_than_the_sockets_hold_goes_through_in_both_directions(connection):
    text = "督" * 200_000
    assert send_batch(connection, [("SELECT %s", (text,))] * 30) == [[(text,)]] * 30


def test_a_connection_that_died_says_so(connection):
    send_batch(connection, [("SELECT 1", ())])
    with pytest.raises(psycopg.OperationalError):
        send_batch(connection, [("SELECT pg_terminate_backend(pg_backend_pid())", ()), ("SELECT 1", ())])
    assert connection.closed


@given(
    st.lists(
        st.one_of(
            st.none(), st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_characters="\0")), st.uuids()
        ),
        max_size=4,
    )
)
def test_values_come_back_as_psycopg_itself_gives_them(db_url, values):
    with KeepingConnection.connect(conninfo(db_url)) as opened:
        statement = "SELECT " + ", ".join(["%s"] * len(values))
        expected = opened.execute(statement, values).fetchall()
        for binary in (False, True):
            assert send_batch(opened, [(statement, values)], binary=binary) == [expected]
