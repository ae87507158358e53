"""The naive way to embed the engine: the whole workflow, specification and all, as JSON in one row per instance."""

from importlib.resources import files
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.workload import START_DATA, Move

DDL: LiteralString = """
CREATE SCHEMA naive;
-- text, not jsonb: jsonb reorders keys, and SpiffWorkflow restores tasks in the order of keys.
CREATE TABLE naive.instance (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, status text NOT NULL, state text);
CREATE TABLE naive.open_task (id uuid PRIMARY KEY, instance bigint NOT NULL REFERENCES naive.instance,
    name text NOT NULL, assignee text NOT NULL, due_at timestamptz);
CREATE INDEX ON naive.open_task (instance);
CREATE INDEX ON naive.open_task (assignee);
CREATE INDEX ON naive.open_task (due_at);
CREATE TABLE naive.history (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, instance bigint NOT NULL,
    task text NOT NULL, who text NOT NULL, at timestamptz NOT NULL DEFAULT now(), data jsonb NOT NULL);
CREATE INDEX ON naive.history (instance);
"""


class Naive:
    """Load everything, complete one task, save everything."""

    def __init__(self, url: str) -> None:
        self.connection: psycopg.Connection[Any] = psycopg.connect(url)
        parser = BpmnParser()
        parser.add_bpmn_str((files("benchmarks") / "supervision_loop.bpmn").read_bytes())
        self.spec = parser.get_spec("supervision_loop")
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    @staticmethod
    def prepare(url: str) -> None:
        """Make the tables."""
        with psycopg.connect(url) as connection:
            connection.execute(DDL)

    def start(self, instance: int) -> int:
        """A new workflow, stored whole."""
        del instance  # every workflow starts alike
        with self.connection.transaction():
            workflow = BpmnWorkflow(self.spec)
            workflow.task_tree.data.update(START_DATA)
            workflow.do_engine_steps()
            workflow.refresh_waiting_tasks()
            row = self.connection.execute("INSERT INTO naive.instance (status) VALUES ('open') RETURNING id").fetchone()
            assert row is not None
            self._save(row[0], workflow)
        return int(row[0])

    def step(self, handle: int, move: Move) -> None:
        """Lock, load, complete, save, log, commit."""
        with self.connection.transaction():
            state = self.connection.execute(
                "SELECT state FROM naive.instance WHERE id = %s FOR UPDATE", (handle,)
            ).fetchone()
            task = self.connection.execute(
                "SELECT id FROM naive.open_task WHERE instance = %s AND name = %s", (handle, move.bpmn_id)
            ).fetchone()
            assert state is not None
            assert task is not None
            workflow = self.serializer.deserialize_json(state[0])
            open_task = workflow.get_task_from_id(task[0])
            open_task.data.update(move.outputs)
            open_task.run()
            workflow.do_engine_steps()
            workflow.refresh_waiting_tasks()
            self._save(handle, workflow)
            self.connection.execute(
                "INSERT INTO naive.history (instance, task, who, data) VALUES (%s, %s, %s, %s)",
                (handle, move.bpmn_id, "person", Jsonb(move.form)),
            )

    def _save(self, handle: int, workflow: Any) -> None:
        self.connection.execute(
            "UPDATE naive.instance SET state = %s, status = %s WHERE id = %s",
            (self.serializer.serialize_json(workflow), "closed" if workflow.completed else "open", handle),
        )
        self.connection.execute("DELETE FROM naive.open_task WHERE instance = %s", (handle,))
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            due = next(
                (s.internal_data.get("event_value") for s in task.parent.children if s.state == TaskState.WAITING), None
            )
            self.connection.execute(
                "INSERT INTO naive.open_task VALUES (%s, %s, %s, %s, %s)",
                (task.id, handle, task.task_spec.bpmn_id, "unit", due),
            )

    def check(self, instances: int) -> None:
        """Every instance went to its end."""
        row = self.connection.execute("SELECT count(*) FROM naive.instance WHERE status = 'closed'").fetchone()
        assert row == (instances,), row

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()
