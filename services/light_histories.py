"""What is recorded of items that a light may be judged by, read for many of them at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg
from psycopg.types.json import Jsonb

from db.batch import send_batch
from domain.calendar import end_of
from domain.light_facts import (
    Fact,
    FactKind,
    FrozenLight,
    History,
    Round,
    Stage,
    State,
    deadline_class,
)

Connection = psycopg.Connection[Any]

# What waits for the higher level has no date yet, and so no strength of one: its printed words say what it is.
_READ_ITEMS: LiteralString = (
    "SELECT i.id, i.list_id, i.status, coalesce(i.due_strength, (SELECT d.strength FROM item_deadline d"
    "  WHERE d.item_id = i.id AND d.replaced_at IS NULL AND d.applies_to = 'row' AND i.due_at IS NULL"
    "  AND d.strength = 'conditional_on_higher_level' LIMIT 1)),"
    " i.issued_at, i.due_at, i.ended_at, i.paused_at, l.historical,"
    " ARRAY(SELECT d.kind FROM item_deadline d WHERE d.item_id = i.id AND d.replaced_at IS NULL),"
    " (SELECT max(c.recorded_at) FROM deadline_change c WHERE c.item_id = i.id), i.created_at"
    " FROM item i JOIN task_list l ON l.id = i.list_id WHERE i.id = ANY(%b)"
)
_READ_FACTS: LiteralString = (
    "SELECT item_id, id, kind, value, effective_at, recorded_at FROM progress_fact WHERE item_id = ANY(%b)"
)
# Handed in is when the office got it to review: how long the office takes is not the unit's delay.
_READ_ROUNDS: LiteralString = (
    "SELECT r.item_id, r.opened_at, r.due_at, (SELECT min(w.opened_at) FROM work_item w"
    " WHERE w.instance_id = r.instance_id AND w.bpmn_id = 'review_report'), p.ended_at"
    " FROM progress_round r JOIN process_instance p ON p.id = r.instance_id WHERE r.item_id = ANY(%b)"
)
_READ_STAGES: LiteralString = "SELECT item_id, due_on, accepted_at, retired_at FROM milestone WHERE item_id = ANY(%b)"
_READ_LIGHTS: LiteralString = "SELECT item_id, light, as_of, known_on FROM light WHERE item_id = ANY(%b)"
_ADD_STATES: LiteralString = (
    "INSERT INTO progress_fact (item_id, kind, value, effective_at, recorded_at, source_kind, source_id)"
    " SELECT item_id, 'state', value, effective_at, %s, 'item', item_id"
    " FROM jsonb_to_recordset(%s) AS s(item_id uuid, value jsonb, effective_at timestamptz)"
    " RETURNING item_id, id, kind, value, effective_at, recorded_at"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An item's row as it is now: its list, its state, and when its deadline was last changed."""

    id: UUID
    list_id: UUID
    state: State
    due_changed_at: datetime | None
    created_at: datetime


def read_seen(connection: Connection, item_ids: Sequence[UUID]) -> list[Seen]:
    """The rows of these items."""
    rows = connection.execute(_READ_ITEMS, (list(item_ids),), binary=True).fetchall()
    seen = []
    for (
        id_,
        list_id,
        status,
        strength,
        issued_at,
        due_at,
        ended_at,
        paused_at,
        historical,
        kinds,
        changed,
        made,
    ) in rows:
        state = State(
            status=status,
            deadline_class=deadline_class(kinds, strength, dated=due_at is not None),
            issued_at=issued_at,
            due_at=due_at,
            ended_at=ended_at,
            paused_at=paused_at,
            historical=historical,
        )
        seen.append(Seen(id_, list_id, state, changed, made))
    return seen


def read_histories(connection: Connection, item_ids: Sequence[UUID]) -> dict[UUID, History]:
    """What is recorded of each of these items, also of one of which nothing is."""
    ids = list(item_ids)
    queries = [(statement, (ids,)) for statement in (_READ_FACTS, _READ_ROUNDS, _READ_STAGES, _READ_LIGHTS)]
    facts, rounds, stages, lights = map(_by_item, send_batch(connection, queries, binary=True))
    return {
        id_: History(
            facts=_facts(facts.get(id_, ())),
            rounds=[Round(*row) for row in rounds.get(id_, ())],
            stages=[Stage(end_of(due_on), accepted, retired) for due_on, accepted, retired in stages.get(id_, ())],
            lights=[FrozenLight(*row) for row in lights.get(id_, ())],
        )
        for id_ in ids
    }


_KINDS = frozenset(FactKind)


def _facts(rows: Iterable[tuple[Any, ...]]) -> list[Fact]:
    return [Fact(number, FactKind(kind), *values) for number, kind, *values in rows if kind in _KINDS]


def _by_item(rows: Iterable[tuple[Any, ...]]) -> Mapping[UUID, list[tuple[Any, ...]]]:
    found: defaultdict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for item_id, *values in rows:
        found[item_id].append(tuple(values))
    return found


def observe(connection: Connection, seen: Sequence[Seen], histories: dict[UUID, History], *, now: datetime) -> None:
    """Write down, as STATE facts, what changed on the items' rows since they were last looked at.

    So everything that a light is judged by is a fact that stays, whichever command changed the row. `histories` get
    the new facts too. The caller holds the items' rows.
    """
    new = [
        {"item_id": row.id, "value": state.to_json(), "effective_at": at}
        for row in seen
        for state, at in _changes(_last_state(histories[row.id]), row, now)
    ]
    if not new:
        return
    rows = connection.execute(_ADD_STATES, (now, Jsonb(new, orjson.dumps)), binary=True).fetchall()
    for item_id, facts in _by_item(rows).items():
        history = histories[item_id]
        histories[item_id] = replace(history, facts=[*history.facts, *_facts(facts)])


def _last_state(history: History) -> tuple[State, datetime] | None:
    states = [fact for fact in history.facts if fact.kind is FactKind.STATE]
    if not states:
        return None
    last = max(states, key=lambda fact: (fact.effective_at, fact.number))
    return State.from_json(last.value), last.effective_at  # type: ignore[arg-type]


def _changes(last: tuple[State, datetime] | None, row: Seen, now: datetime) -> list[tuple[State, datetime]]:
    """The states to write down, with the times since which they hold.

    What the row itself dates (issue, pause, end, change of the deadline) holds since then, however late it is seen; an
    issue that was seen only together with a pause or the end is a state of its own.
    """
    state = row.state
    before, since = last if last is not None else (None, datetime.min.replace(tzinfo=UTC))
    if before == state:
        return []
    changes: list[tuple[State, datetime]] = []
    newly_issued = state.issued_at is not None and (before is None or before.issued_at is None)
    if newly_issued and (state.ended_at is not None or state.paused_at is not None):
        assert state.issued_at is not None
        issued = replace(state, status="issued", ended_at=None, paused_at=None)
        changes.append((issued, max(since, state.issued_at)))
    dated = [
        at
        for at, was in (
            (state.issued_at, before and before.issued_at),
            (state.paused_at, before and before.paused_at),
            (state.ended_at, before and before.ended_at),
        )
        if at is not None and at != was
    ]
    if row.due_changed_at is not None and (before is None or before.due_at != state.due_at):
        dated.append(row.due_changed_at)
    if not dated:
        dated.append(row.created_at if before is None else now)
    changes.append((state, min(now, max(since, *dated))))
    return changes
