"""What a half-time and final view counts, in the database, with the first items of each class of deadline.

The rules are those of `domain.completion`, said in SQL; tests hold both to the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import CTE, case, column, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item
from domain.calendar import end_of
from domain.completion import DeadlineClass, Outside, Standing
from domain.items import ItemKind
from services.queries.reading import Reading
from services.visibility import visible_items

LISTED = 300
"""Items of a class of deadlines that are named, and as many of those outside the denominator."""

# `t`, the items that are seen, stands before it. Sets are joined, not looked up item by item: six look-ups of 100,000
# items each cost seconds.
_JUDGED: LiteralString = """
SELECT what, class, standing, on_time, number, ids, places FROM (
WITH older AS (
  SELECT CASE WHEN b.ended_as = 'closed_for_stage' AND n.ended_as IS NULL THEN n.id ELSE b.id END AS id
  FROM t n JOIN t b ON b.id = n.continues_id
), printed AS (
  SELECT DISTINCT ON (item_id) item_id, kind, strength FROM item_deadline
  WHERE applies_to = 'row' AND (replaced_at IS NULL OR replaced_at > :cut) AND (set_at IS NULL OR set_at <= :cut)
  ORDER BY item_id, position DESC
), due AS (
  SELECT DISTINCT ON (item_id) item_id, due_at FROM deadline_change WHERE recorded_at <= :cut ORDER BY item_id, id DESC
), facts AS (
  SELECT t.id, t.list_id, t.position, t.ended_at, t.ended_as, c.due_at,
    CASE WHEN coalesce(d.strength, t.due_strength) = 'conditional_on_higher_level' THEN 'conditional'
      WHEN d.kind IN ('ongoing', 'recurring') THEN 'ongoing'
      WHEN coalesce(d.strength, t.due_strength) = 'breakthrough_ok' THEN 'breakthrough_ok'
      WHEN coalesce(d.strength, t.due_strength) = 'strive' THEN 'strive'
      WHEN d.kind IN ('by_date', 'relative') OR coalesce(d.strength, t.due_strength) = 'firm' THEN 'firm'
      ELSE 'none' END AS class,
    s.item_id IS NOT NULL AS suspended, w.item_id IS NOT NULL AS received
  FROM t LEFT JOIN printed d ON d.item_id = t.id LEFT JOIN due c ON c.item_id = t.id
  LEFT JOIN (SELECT DISTINCT item_id FROM suspension
    WHERE started_at <= :cut AND (resumed_at IS NULL OR resumed_at > :cut)) s ON s.item_id = t.id
  LEFT JOIN (SELECT DISTINCT item_id FROM work_item WHERE bpmn_id = 'draft_plan' AND opened_at <= :cut) w
    ON w.item_id = t.id
  WHERE t.ended_as IS DISTINCT FROM 'withdrawn' AND NOT EXISTS (SELECT FROM older o WHERE o.id = t.id)
), judged AS MATERIALIZED (
  SELECT id, list_id, position, class, due_at, ended_at,
    CASE WHEN ended_as = 'terminated' THEN 'terminated' WHEN suspended THEN 'suspended' END AS outside,
    CASE WHEN ended_as = 'closed' THEN 'completed' WHEN ended_as = 'closed_for_stage' THEN 'breakthrough'
      WHEN due_at <= :end AND class IN ('firm', 'strive', 'breakthrough_ok') THEN 'overdue'
      WHEN received THEN 'in_progress' ELSE 'not_started' END AS standing
  FROM facts
)
SELECT 'inside' AS what, class, standing, coalesce(ended_at <= due_at, ended_at IS NOT NULL AND due_at IS NULL)
    AS on_time, count(*) AS number, NULL::uuid[] AS ids, NULL::int[] AS places
  FROM judged WHERE outside IS NULL GROUP BY class, standing, 4
UNION ALL
SELECT 'listed', class, standing, NULL, 0, array_agg(id), array_agg(place) FROM (
  SELECT id, class, standing, row_number() OVER (ORDER BY list_id, position)::int AS place FROM (
    SELECT *, row_number() OVER (PARTITION BY class ORDER BY list_id, position) AS nth FROM judged
    WHERE outside IS NULL) j WHERE nth <= :most) x GROUP BY class, standing
UNION ALL
SELECT 'outside', class, outside, NULL, count(*), (array_agg(id ORDER BY list_id, position))[1:CAST(:most AS int)], NULL
  FROM judged WHERE outside IS NOT NULL GROUP BY class, outside
) found
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many items of a class stand so; `on_time` tells those that were done within their deadline."""

    deadline_class: DeadlineClass
    standing: Standing
    on_time: bool
    number: int


@dataclass(frozen=True, slots=True)
class Aside:
    """How many items of a class are outside the denominator, and the first of them."""

    deadline_class: DeadlineClass
    outside: Outside
    number: int
    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One of the first items of its class."""

    id: UUID
    deadline_class: DeadlineClass
    standing: Standing


@dataclass(frozen=True, slots=True)
class CompletionTally:
    """What was counted of a day, as known at `cut`; `listed` is in the order of the lists."""

    day: date
    cut: datetime
    cells: tuple[Cell, ...]
    aside: tuple[Aside, ...]
    listed: tuple[Listed, ...]


@cache
def stored_tally() -> TypeAdapter[CompletionTally]:
    """How it is kept."""
    return TypeAdapter(CompletionTally)


def count_completion(
    asked: Reading, *, list_ids: Sequence[UUID], day: date, cut: datetime, most: int = LISTED
) -> CompletionTally:
    """Count what the actor sees of these lists, of all if none is named, as it stood on the day; the first `most` items
    of each class are named, and as many of those outside.
    """
    rows = _judged(asked, _seen(asked, list_ids, cut), {"cut": cut, "end": end_of(day), "most": most})
    inside = [row for row in rows if row.what == "inside"]
    aside = [row for row in rows if row.what == "outside"]
    named = [
        (place, Listed(id_, DeadlineClass(row[1]), Standing(row.standing)))
        for row in rows
        if row.what == "listed"
        for id_, place in zip(row.ids, row.places, strict=True)
    ]
    return CompletionTally(
        day=day,
        cut=cut,
        cells=tuple(Cell(DeadlineClass(r[1]), Standing(r.standing), bool(r.on_time), r.number) for r in inside),
        aside=tuple(Aside(DeadlineClass(r[1]), Outside(r.standing), r.number, tuple(r.ids)) for r in aside),
        listed=tuple(each for _, each in sorted(named, key=lambda pair: pair[0])),
    )


def _seen(asked: Reading, list_ids: Sequence[UUID], cut: datetime) -> CTE:
    """The issued items that the actor sees, and what they had ended as; a group stands for its members."""
    ended = col(Item.ended_at) <= cut
    member = aliased(Item)
    columns: list[Any] = [Item.id, Item.list_id, Item.position, Item.continues_id, Item.due_strength]
    columns += [case((ended, col(Item.ended_at))).label("ended_at"), case((ended, col(Item.status))).label("ended_as")]
    seen = select(*columns).where(
        visible_items(asked.actor),
        Item.kind == ItemKind.TASK,
        col(Item.issued_at) <= cut,
        ~select(member.id).where(col(member.parent_id) == col(Item.id)).exists(),
    )
    if list_ids:
        seen = seen.where(col(Item.list_id).in_(list_ids))
    found: CTE = seen.cte("t")
    return found


def _judged(asked: Reading, seen: CTE, values: Mapping[str, Any]) -> Sequence[Any]:
    names = ("what", "class", "standing", "on_time", "number", "ids", "places")
    statement = text(_JUDGED).columns(*(column(name) for name in names)).add_cte(seen)
    return asked.session.connection().execute(statement, dict(values)).all()
