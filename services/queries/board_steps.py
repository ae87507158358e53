"""Where work takes its time: working days per step against its limit, and what waits there now."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from bpmn.bundle import Bundle
from db.tables import Item, ProcessVersion, WorkItem
from domain.urgency import Urgency
from services.queries.reading import Reading
from services.queries.work_counts import count_work
from services.queries.worklist import WorkFilter
from services.visibility import WorkScope, offices_of, visible_items

LOOK_BACK = timedelta(days=365)
"""Times are those of what was done within a year: a process that was mended should look mended."""
# The local day of an instant; written out, because the same expression is selected and grouped by.
_OPENED: ColumnElement[date] = literal_column("(work_item.opened_at AT TIME ZONE 'Asia/Shanghai')::date")
_CLOSED: ColumnElement[date] = literal_column("(work_item.closed_at AT TIME ZONE 'Asia/Shanghai')::date")
_WORKING_DAYS = "wd"


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of a process. `limit` is in working days, None where the model sets none or one of another kind;
    `typical` is the median and `slowest` what the slowest tenth exceeded, in working days, None where nothing was done.

    `done` was completed within a year, `late` of it after its limit; `waiting` waits now, `overdue` of it too long.
    """

    process: str
    bpmn_id: str
    label: str
    limit: int | None
    typical: int | None
    slowest: int | None
    done: int
    late: int
    waiting: int
    overdue: int

    @property
    def pressure(self) -> int | None:
        """How the typical time compares with the limit: 0 up to half of it, 1 up to all, 2 up to one and a half,
        3 beyond; None where there is nothing to compare.
        """
        if self.typical is None or self.limit is None:
            return None
        share = self.typical / self.limit
        return sum(share > bound for bound in (0.5, 1, 1.5))


def step_scope(reading: Reading) -> WorkScope:
    """Whose open work stands for what the actor sees: an office's all, otherwise that of their units."""
    return WorkScope.ALL if offices_of(reading.actor) else WorkScope.UNIT


def step_times(reading: Reading, list_id: UUID | None) -> tuple[StepTime, ...]:
    """Every step of the newest version of every process in which something was done or waits, in the model's order."""
    times, late = _times(reading, list_id)
    scope = step_scope(reading)
    waiting = _by_kind(count_work(reading, WorkFilter(scope=scope, list_id=list_id)).by_kind)
    overdue = _by_kind(count_work(reading, WorkFilter(scope=scope, list_id=list_id, urgency=Urgency.OVERDUE)).by_kind)
    found = []
    for bundle in _newest(reading):
        for bpmn_id, task in bundle.user_tasks.items():
            taken = times.get(bpmn_id, Counter())
            if not taken and not waiting.get(bpmn_id):
                continue
            found.append(
                StepTime(
                    process=bundle.key,
                    bpmn_id=bpmn_id,
                    label=task.name,
                    limit=_limit(task.properties.get("limit", "")),
                    typical=quantile(taken, 0.5),
                    slowest=quantile(taken, 0.9),
                    done=taken.total(),
                    late=late.get(bpmn_id, 0),
                    waiting=waiting.get(bpmn_id, 0),
                    overdue=overdue.get(bpmn_id, 0),
                )
            )
    return tuple(found)


def _by_kind(counts: Iterable[Any]) -> dict[str, int]:
    return {count.value: count.count for count in counts}


def _newest(reading: Reading) -> list[Bundle]:
    statement = (
        select(ProcessVersion.id)
        .ext(distinct_on(col(ProcessVersion.key)))
        .order_by(col(ProcessVersion.key), col(ProcessVersion.version).desc())
    )
    versions = [version_id for version_id in reading.session.exec(statement) if version_id is not None]
    bundles = [reading.library.bundle(reading.session, version_id) for version_id in versions]
    return sorted(bundles, key=lambda bundle: (bundle.key != "supervision", bundle.key != "progress_round", bundle.key))


def _times(reading: Reading, list_id: UUID | None) -> tuple[dict[str, Counter[int]], dict[str, int]]:
    """By step: how often it took how many working days, and how often it was late."""
    days = (col(WorkItem.bpmn_id), _OPENED, _CLOSED)
    late_ones = func.count().filter(col(WorkItem.closed_at) > col(WorkItem.due_at))
    columns: list[Any] = [*days, func.count(), late_ones]
    statement: Any = (
        select(*columns)
        .join(Item, col(Item.id) == col(WorkItem.item_id))
        .where(
            WorkItem.closed_as == "done",
            col(WorkItem.closed_at) > reading.now - LOOK_BACK,
            visible_items(reading.actor),
        )
        .group_by(*days)
    )
    if list_id is not None:
        statement = statement.where(Item.list_id == list_id)
    times: defaultdict[str, Counter[int]] = defaultdict(Counter)
    late: Counter[str] = Counter()
    for bpmn_id, opened, closed, number, overdue in reading.session.execute(statement):
        times[bpmn_id][max(0, reading.calendar.working_days_between(opened, closed))] += number
        late[bpmn_id] += overdue
    return times, late


def _limit(words: str) -> int | None:
    return int(words.removesuffix(_WORKING_DAYS)) if words.endswith(_WORKING_DAYS) else None


def quantile(taken: Counter[int], share: float) -> int | None:
    """The smallest number of days that at least this share did not exceed."""
    reached = 0
    for days in sorted(taken):
        reached += taken[days]
        if reached >= share * taken.total():
            return days
    return None
