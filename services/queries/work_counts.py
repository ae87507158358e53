"""How many open work items there are, by step and by urgency."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, String, case, column, func, literal, true, union_all, values
from sqlmodel import col, select

from db.tables import WorkItem
from domain.labels import label
from domain.urgency import Urgency, UrgencyLimits
from services.queries.counts import Count
from services.queries.reading import Reading
from services.queries.steps import current_step_labels
from services.queries.worklist import OPEN, WorkFilter, needs_item, with_item, work_conditions
from services.visibility import WorkScope, visible_work


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """`total` is under all filters; each group is counted under all filters but its own, as facets are."""

    total: int
    by_kind: tuple[Count, ...]
    by_urgency: tuple[Count, ...]


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def count_work(reading: Reading, filters: WorkFilter) -> WorkCounts:
    """Counts of open work items, from one table of steps and urgencies without the filters on these two."""
    sources = visible_work(reading.actor, filters.scope)
    whole_office = filters.scope is WorkScope.ALL and filters.unit_id is None and not needs_item(filters)
    cells: list[Select[Any]] = [
        _by_ranges(reading.limits, source) if whole_office else _by_pairs(reading.limits, source, filters)
        for source in sources
    ]
    found = reading.session.execute(union_all(*cells)).all() if cells else []
    total = 0
    kinds: dict[str, int] = {}
    urgencies: dict[Urgency, int] = {}
    for kind, word, n in found:
        urgency, count = Urgency(word), int(n)
        in_kind, in_urgency = not filters.kinds or kind in filters.kinds, filters.urgency in {None, urgency}
        total += count if in_kind and in_urgency else 0
        if in_urgency and count:
            kinds[kind] = kinds.get(kind, 0) + count
        if in_kind:
            urgencies[urgency] = urgencies.get(urgency, 0) + count
    return WorkCounts(total, _kind_counts(reading, kinds), _urgency_counts(urgencies))


def _by_ranges(limits: UrgencyLimits, source: ColumnElement[bool]) -> Select[Any]:
    """Every cell as one range of the index over kind and limit.

    Counting the entries of a range costs half of grouping them: 4 ms instead of 8.5 for 100,000. The kinds are found
    by leaping from each to the next one in the same index.
    """
    kind = col(WorkItem.bpmn_id)
    kinds = select(func.min(kind).label("kind")).where(source, OPEN).cte("kinds", recursive=True)
    following = select(func.min(kind)).where(source, OPEN, kind > kinds.c.kind).correlate(kinds).scalar_subquery()
    kinds = kinds.union_all(select(following).where(kinds.c.kind.is_not(None)))
    moment = DateTime(timezone=True)
    spans = values(column("urgency", String), column("later_than", moment), column("until", moment), name="spans").data(
        [(str(word), after or _FIRST, until or _LAST) for word in Urgency for after, until in [limits.span(word)]]
    )
    due = col(WorkItem.due_at)
    within = (source, OPEN, kind == kinds.c.kind, due > spans.c.later_than, due <= spans.c.until)
    cell = select(func.count()).select_from(WorkItem).where(*within).correlate(kinds, spans).scalar_subquery()
    cells: Select[Any] = (
        select(kinds.c.kind, spans.c.urgency, cell)
        .select_from(kinds.join(spans, true()))
        .where(kinds.c.kind.is_not(None))
    )
    return cells


def _by_pairs(limits: UrgencyLimits, source: ColumnElement[bool], filters: WorkFilter) -> Select[Any]:
    """Grouped by kind and limit first: limits are ends of days, so there are few pairs to sort into urgencies."""
    part: Any = select(col(WorkItem.bpmn_id), col(WorkItem.due_at), func.count().label("n"))
    if needs_item(filters):
        part = with_item(part)
    part = part.where(source, OPEN, *work_conditions(limits, filters, facets=False))
    pairs = part.group_by(col(WorkItem.bpmn_id), col(WorkItem.due_at)).subquery()
    urgency = _urgency_of(limits, pairs.c.due_at).label("urgency")
    cells: Any = select(pairs.c.bpmn_id, urgency, func.sum(pairs.c.n)).group_by(pairs.c.bpmn_id, urgency)
    grouped: Select[Any] = cells
    return grouped


def _urgency_of(limits: UrgencyLimits, due_at: ColumnElement[datetime]) -> ColumnElement[str]:
    """`UrgencyLimits.of` as SQL."""
    return case(
        *((due_at <= until, literal(word.value)) for word in Urgency if (until := limits.span(word)[1]) is not None),
        else_=literal(Urgency.NO_LIMIT.value),
    )


def _kind_counts(reading: Reading, found: dict[str, int]) -> tuple[Count, ...]:
    labels = current_step_labels(reading)
    kinds: Iterable[tuple[str, int]] = sorted(found.items())
    return tuple(Count(kind, labels.get(kind, kind), n) for kind, n in kinds)


def _urgency_counts(found: dict[Urgency, int]) -> tuple[Count, ...]:
    return tuple(Count(word, label(Urgency, word), found.get(word, 0)) for word in Urgency)
