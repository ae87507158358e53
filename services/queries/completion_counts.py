"""Half-time and final view: counted in the database, and of the items only those that are listed, on the page, over the
API and on the console alike.

The rules are those of `domain.completion`, said in SQL; tests hold both to the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlalchemy import CTE, case, column, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from db.tables import Item
from domain.calendar import end_of, local_date
from domain.completion import ClassCount, DeadlineClass, Outside, Standing
from domain.items import ItemKind
from services.queries.completion import CompletionItem, CompletionReport, class_row, facts_of_items, item_row
from services.queries.reading import Reading
from services.visibility import visible_items

DONE: Final = (Standing.COMPLETED, Standing.BREAKTHROUGH)

# `t`, the items that are seen, stands before it. Sets are joined, not looked up item by item: six look-ups of 100,000
# items each cost seconds.
_JUDGED: LiteralString = """
SELECT what, class, standing, on_time, number, ids FROM (
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
    AS on_time, count(*) AS number, NULL::uuid[] AS ids
  FROM judged WHERE outside IS NULL GROUP BY class, standing, 4
UNION ALL
SELECT 'listed', class, standing, NULL, 0, array_agg(id) FROM (SELECT * FROM judged
  WHERE outside IS NULL AND (CAST(:class AS text) IS NULL OR class = :class)
  ORDER BY list_id, position LIMIT :most) x GROUP BY class, standing
UNION ALL
SELECT 'outside', class, outside, NULL, count(*), (array_agg(id ORDER BY list_id, position))[1:CAST(:most AS int)]
  FROM judged WHERE outside IS NOT NULL GROUP BY class, outside
) found
"""


@dataclass(frozen=True, slots=True)
class CompletionPage:
    """The report, whose items are the first ones only, and how many items there are of what was asked for."""

    report: CompletionReport
    listed: int
    outside: dict[Outside, int]


def completion_page(
    asked: Reading,
    *,
    list_ids: Sequence[UUID] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
    deadline: DeadlineClass | None = None,
    most: int,
) -> CompletionPage:
    """The view of a day, with the first `most` items of a class of deadline, and as many outside the denominator.

    `known_at` asks for what was known then: what was recorded afterwards is left out.
    """
    day = as_of or local_date(asked.now)
    cut = min(end_of(day), known_at or asked.now)
    values = {"cut": cut, "end": end_of(day), "class": deadline.value if deadline else None, "most": most}
    rows = _judged(asked, _seen(asked, list_ids, cut), values)
    counts = [row for row in rows if row.what == "inside"]
    classes = [_class_count(each, [row for row in counts if row[1] == each]) for each in DeadlineClass]
    classes = [each for each in classes if each.total]
    standing = {id_: Standing(row.standing) for row in rows if row.what == "listed" for id_ in row.ids}
    outside = {id_: Outside(row.standing) for row in rows if row.what == "outside" for id_ in row.ids}
    listed = facts_of_items(asked, [*standing, *outside], cut)
    items: tuple[CompletionItem, ...] = tuple(item_row(row, standing, outside) for row in listed)
    total = sum(each.total for each in classes)
    done = sum(each.completed + each.breakthrough for each in classes)
    aside = {each: sum(r.number for r in rows if r.what == "outside" and r.standing == each) for each in Outside}
    report = CompletionReport(
        as_of=day,
        known_at=cut,
        total=total,
        completed=done,
        rate=None if not total else done / total,
        outside=sum(aside.values()),
        classes=tuple(class_row(each) for each in classes),
        items=items,
    )
    asked_for = sum(each.total for each in classes if deadline in {None, each.deadline_class})
    return CompletionPage(report, asked_for, aside)


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
    names = ("what", "class", "standing", "on_time", "number", "ids")
    statement = text(_JUDGED).columns(*(column(name) for name in names)).add_cte(seen)
    return asked.session.connection().execute(statement, dict(values)).all()


def _class_count(deadline_class: DeadlineClass, rows: Sequence[Any]) -> ClassCount:
    def of(standing: Standing) -> int:
        return sum(row.number for row in rows if row.standing == standing)

    return ClassCount(
        deadline_class,
        sum(row.number for row in rows),
        of(Standing.COMPLETED),
        of(Standing.BREAKTHROUGH),
        of(Standing.IN_PROGRESS),
        of(Standing.OVERDUE),
        of(Standing.NOT_STARTED),
        sum(row.number for row in rows if row.on_time and row.standing in DONE),
    )
