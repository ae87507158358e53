"""The floor: what a step costs at least on this database. Lock a row, write 4 kB, add a history row, commit."""

import json
import random
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.workload import STATE_BYTES, WORDS, Move

DDL: LiteralString = """
CREATE SCHEMA floor;
CREATE TABLE floor.instance (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, status text NOT NULL, task text,
    assignee text, due_at timestamptz, state jsonb NOT NULL);
CREATE INDEX ON floor.instance (assignee) WHERE status = 'open';
CREATE INDEX ON floor.instance (due_at) WHERE status = 'open';
CREATE TABLE floor.history (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, instance bigint NOT NULL,
    task text NOT NULL, who text NOT NULL, at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL);
CREATE INDEX ON floor.history (instance);
"""


class Floor:
    """Plain psycopg, no engine, one round trip per statement."""

    def __init__(self, url: str) -> None:
        self.connection: psycopg.Connection[Any] = psycopg.connect(url)
        chance = random.Random(7)
        self.state: dict[str, Any] = {}
        while len(json.dumps(self.state)) < STATE_BYTES:
            self.state[f"task{len(self.state)}"] = {
                "id": f"{chance.getrandbits(128):032x}",
                "state": 64,
                "spec": chance.choice(WORDS),
                "parent": f"{chance.getrandbits(128):032x}",
            }

    @staticmethod
    def prepare(url: str) -> None:
        """Make the tables."""
        with psycopg.connect(url) as connection:
            connection.execute(DDL)

    def start(self, instance: int) -> int:
        """One row for the instance."""
        with self.connection.transaction():
            row = self.connection.execute(
                "INSERT INTO floor.instance (status, task, assignee, due_at, state)"
                " VALUES ('open', 'assign', %s, now() + interval '30 days', %s) RETURNING id",
                (f"office{instance % 20}", Jsonb(self.state)),
            ).fetchone()
        assert row is not None
        return int(row[0])

    def step(self, handle: int, move: Move) -> None:
        """Lock, rewrite, log, commit."""
        closed = move.outputs.get("decision_office_review") == "approve"
        with self.connection.transaction():
            self.connection.execute(
                "SELECT task, state FROM floor.instance WHERE id = %s FOR UPDATE", (handle,)
            ).fetchone()
            self.connection.execute(
                "UPDATE floor.instance SET status = %s, task = %s, assignee = %s, due_at = now(), state = %s"
                " WHERE id = %s",
                ("closed" if closed else "open", move.bpmn_id, "unit", Jsonb(self.state), handle),
            )
            self.connection.execute(
                "INSERT INTO floor.history (instance, task, who, data) VALUES (%s, %s, %s, %s)",
                (handle, move.bpmn_id, "person", Jsonb(move.form)),
            )

    def check(self, instances: int) -> None:
        """Every instance went to its end."""
        row = self.connection.execute("SELECT count(*) FROM floor.instance WHERE status = 'closed'").fetchone()
        assert row == (instances,), row

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()
