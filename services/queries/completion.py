"""Half-time and final view of lists, as of any day that has passed: its lines. `completion_counts` counts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text

from domain.assessment import Grade
from domain.completion import (
    ClassCount,
    DeadlineClass,
    Outside,
    Standing,
    class_of,
)
from domain.items import DeadlineKind, ResponsibilityRole, Strength
from domain.labels import NAMES, label
from services.queries.reading import Reading

# What was known of each item at the moment: the deadline last approved by then, whether it stood still, what it had
# ended as. The first printed deadline says what class it is of; an extension does not make a firm date a soft one.
# Steps are looked up through their process, by which they are indexed; and as one that is there, for an EXISTS is
# answered by reading all steps of all items.
_FACTS: LiteralString = """
SELECT i.id, i.number, i.text, i.continues_id, d.kind, coalesce(d.strength, i.due_strength) AS strength,
  (SELECT c.due_at FROM deadline_change c WHERE c.item_id = i.id AND c.recorded_at <= :cut ORDER BY c.id DESC LIMIT 1)
    AS due_at,
  CASE WHEN i.ended_at <= :cut THEN i.ended_at END AS ended_at,
  CASE WHEN i.ended_at <= :cut THEN i.status END AS ended_as,
  EXISTS (SELECT FROM suspension s WHERE s.item_id = i.id AND s.started_at <= :cut
    AND (s.resumed_at IS NULL OR s.resumed_at > :cut)) AS suspended,
  (SELECT true FROM process_instance p JOIN work_item w ON w.instance_id = p.id WHERE p.item_id = i.id
    AND w.bpmn_id = 'draft_plan' AND w.opened_at <= :cut LIMIT 1) IS NOT NULL AS received,
  (SELECT string_agg(u.short_name, :between ORDER BY r.position) FROM responsibility r JOIN unit u ON u.id = r.unit_id
    WHERE r.item_id = i.id AND r.role = :lead AND r.valid_from <= :cut
    AND (r.valid_to IS NULL OR r.valid_to > :cut)) AS leads,
  (SELECT g.grade FROM item_grade g JOIN assessed_item a ON a.item_id = g.assessed_id
    WHERE a.task_id = i.id AND g.recorded_at <= :cut ORDER BY g.id DESC LIMIT 1) AS grade
FROM item i LEFT JOIN LATERAL (SELECT x.kind, x.strength FROM item_deadline x WHERE x.item_id = i.id
  AND (x.replaced_at IS NULL OR x.replaced_at > :cut) AND (x.set_at IS NULL OR x.set_at <= :cut)
  AND x.applies_to = 'row' ORDER BY x.position DESC LIMIT 1) d ON true
WHERE i.id = ANY(:ids) AND NOT EXISTS (SELECT FROM item m WHERE m.parent_id = i.id)
ORDER BY i.list_id, i.position
"""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of deadlines; `rate` is the completed part (0 to 1), null of nothing."""

    deadline_class: str
    label: str
    total: int
    completed: int
    breakthrough: int
    in_progress: int
    overdue: int
    not_started: int
    on_time: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class CompletionItem:
    """Where one item stood on the day; `outside` where it is not in the denominator, and then it has no standing.

    `grade` is the last that an assessment gave it by then.
    """

    id: UUID
    number: str
    text: str
    leads: str
    deadline_class: str
    class_label: str
    due_at: datetime | None
    ended_at: datetime | None
    standing: str | None
    standing_label: str
    outside: str | None
    outside_label: str
    grade: str | None
    grade_label: str


@dataclass(frozen=True, slots=True)
class CompletionReport:
    """The view of a day: `total` is the denominator, `outside` counts what is listed beside it. `items` are the first
    of both, as many as were asked for.
    """

    as_of: date
    known_at: datetime
    total: int
    completed: int
    rate: float | None
    outside: int
    classes: tuple[ClassRow, ...]
    items: tuple[CompletionItem, ...]


def facts_of_items(asked: Reading, ids: Sequence[UUID], cut: datetime) -> Sequence[Any]:
    """What was known of these items at `cut`, in the order of their lists."""
    values = {"ids": list(ids), "cut": cut, "lead": ResponsibilityRole.LEAD, "between": NAMES}
    return asked.session.connection().execute(text(_FACTS), values).all() if ids else []


def item_row(row: Any, standing: Mapping[UUID, Standing], outside: Mapping[UUID, Outside]) -> CompletionItem:
    """One of `facts_of_items` as a line, with where it stands."""
    deadline_class = class_of(
        DeadlineKind(row.kind) if row.kind else None, Strength(row.strength) if row.strength else None
    )
    return CompletionItem(
        id=row.id,
        number=row.number,
        text=row.text,
        leads=row.leads or "",
        deadline_class=deadline_class,
        class_label=label(DeadlineClass, deadline_class),
        due_at=row.due_at,
        ended_at=row.ended_at,
        standing=standing.get(row.id),
        standing_label=label(Standing, standing.get(row.id)),
        outside=outside.get(row.id),
        outside_label=label(Outside, outside.get(row.id)),
        grade=row.grade,
        grade_label=label(Grade, row.grade),
    )


def class_row(count: ClassCount) -> ClassRow:
    """A class as a line."""
    return ClassRow(
        deadline_class=count.deadline_class,
        label=label(DeadlineClass, count.deadline_class),
        total=count.total,
        completed=count.completed,
        breakthrough=count.breakthrough,
        in_progress=count.in_progress,
        overdue=count.overdue,
        not_started=count.not_started,
        on_time=count.on_time,
        rate=count.rate,
    )
