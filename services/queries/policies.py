"""The escalation policies that hold for a list: its own, and those of all lists where it has none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import union_all
from sqlmodel import col, or_, select

from db.tables import EscalationPolicy, EscalationPolicyInForce, Item, Person, TaskList
from domain.errors import NotFound
from domain.items import ItemKind, ItemStatus
from domain.labels import label
from domain.ladder import Policy, Rung, SubjectKind
from domain.permissions import Permission, is_allowed
from domain.quiet_hours import QuietHours
from services.policies import steps
from services.policy_book import policies
from services.queries.reading import Reading
from services.visibility import visible_items, visible_lists


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version in force. `own` says that it is the list's own; `seen_version` goes back with a change of it: 0 where
    the list has none of its own yet.
    """

    id: UUID
    name: str
    version: int
    seen_version: int
    kind: SubjectKind
    kind_label: str
    step: str | None
    step_label: str
    own: bool
    quiet: QuietHours
    rungs: tuple[Rung, ...]
    created_at: datetime
    created_by: str | None


@dataclass(frozen=True, slots=True)
class ListPolicies:
    """What holds for a list. `may_change` says whether the actor may give it others."""

    list_id: UUID
    may_change: bool
    policies: tuple[PolicyRow, ...]


def list_policies(reading: Reading, list_id: UUID) -> ListPolicies:
    """The versions in force for a list that the actor sees; a list's own stands in the place of the one of all lists.

    Raises NotFound.
    """
    task_list = reading.session.exec(
        select(TaskList).where(TaskList.id == list_id, visible_lists(reading.actor))
    ).first()
    if task_list is None:
        raise NotFound(f"list {list_id}")
    rows = reading.session.execute(
        select(EscalationPolicy, Person.name)
        .join(EscalationPolicyInForce, col(EscalationPolicyInForce.policy_id) == col(EscalationPolicy.id))
        .outerjoin(Person, col(Person.id) == col(EscalationPolicy.created_by))
        .where(or_(col(EscalationPolicy.list_id) == list_id, col(EscalationPolicy.list_id).is_(None)))
        # A list's own last: it takes the place of the other.
        .order_by(
            col(EscalationPolicy.subject_kind).desc(),
            col(EscalationPolicy.step).nulls_last(),
            col(EscalationPolicy.list_id).nulls_first(),
        )
    ).all()
    chosen = {(row.subject_kind, row.step): (row, name) for row, name in rows}
    known = policies(_connection(reading), [row.id for row, _ in chosen.values()])
    names = {bpmn_id: task.name for bpmn_id, task in steps(reading.session, reading.library).items()}
    return ListPolicies(
        list_id=list_id,
        may_change=is_allowed(reading.actor, Permission.ESCALATION_POLICY, unit_id=task_list.office_unit_id),
        policies=tuple(_row(known[row.id], row, name, names.get(row.step or "", "")) for row, name in chosen.values()),
    )


def policy_version(reading: Reading, policy_id: UUID) -> PolicyRow:
    """A version by its id, as an escalation names it: one of all lists, or of a list that the actor sees.

    Raises NotFound.
    """
    row = reading.session.get(EscalationPolicy, policy_id)
    if row is None or (row.list_id is not None and not _sees(reading, row.list_id)):
        raise NotFound(f"policy {policy_id}")
    person = reading.session.get(Person, row.created_by) if row.created_by else None
    task = steps(reading.session, reading.library).get(row.step or "")
    return _row(
        policies(_connection(reading), [row.id])[row.id],
        row,
        person.name if person else None,
        task.name if task else row.step or "",
    )


def _sees(reading: Reading, list_id: UUID) -> bool:
    statement = select(TaskList.id).where(TaskList.id == list_id, visible_lists(reading.actor))
    return reading.session.exec(statement).first() is not None


def _row(policy: Policy, row: Any, created_by: str | None, step_label: str) -> PolicyRow:
    rungs: Sequence[Rung] = policy.ladder.rungs
    return PolicyRow(
        id=policy.id,
        name=policy.name,
        version=policy.version,
        seen_version=policy.version if policy.list_id is not None else 0,
        kind=policy.kind,
        kind_label=label(SubjectKind, policy.kind),
        step=policy.step,
        step_label=step_label,
        own=policy.list_id is not None,
        quiet=policy.ladder.quiet,
        rungs=tuple(rungs),
        created_at=row.created_at,
        created_by=created_by,
    )


def _connection(reading: Reading) -> psycopg.Connection[Any]:
    connection = reading.session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


def policy_steps(reading: Reading) -> dict[str, str]:
    """The steps that a policy can be for: their names in the newest published models, by BPMN id."""
    return {bpmn_id: task.name for bpmn_id, task in steps(reading.session, reading.library).items()}


def first_due(reading: Reading, list_id: UUID, statuses: Collection[ItemStatus]) -> Item | None:
    """The visible item of a list in one of these statuses that is due first; None where none has a date.

    Each status is looked up in its own part of the index: a sort of the whole list would read all of it for one row.
    """
    office = select(TaskList.office_unit_id).where(TaskList.id == list_id).scalar_subquery()
    parts = [
        select(col(Item.id).label("item_id"), col(Item.due_at).label("due_at"))
        .where(Item.list_id == list_id, Item.kind == ItemKind.TASK, Item.status == status)
        .where(col(Item.office_unit_id) == office, col(Item.due_at).is_not(None), visible_items(reading.actor))
        .order_by(col(Item.due_at), col(Item.id))
        .limit(1)
        .subquery()
        .select()
        for status in statuses
    ]
    first = union_all(*parts).subquery()
    statement = select(Item).join(first, first.c.item_id == col(Item.id)).order_by(first.c.due_at, first.c.item_id)
    return reading.session.exec(statement.limit(1)).first()
