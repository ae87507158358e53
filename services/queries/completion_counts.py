"""Half-time and final view: counted in the database, and of the items only those that are listed, on the page, over the
API and on the console alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from domain.calendar import end_of, local_date
from domain.completion import ClassCount, DeadlineClass, Outside, Standing
from services.queries.board import kept_summary
from services.queries.completion import CompletionItem, CompletionReport, class_row, facts_of_items, item_row
from services.queries.completion_tally import Cell, CompletionTally, count_completion, stored_tally
from services.queries.reading import Reading

DONE: Final = (Standing.COMPLETED, Standing.BREAKTHROUGH)


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
    ahead: bool = False,
) -> CompletionPage:
    """The view of a day, with the first `most` items of a class of deadline, and as many outside the denominator.

    `known_at` asks for what was known then: what was recorded afterwards is left out. `ahead` takes today's view of
    large lists as it was counted within the last minutes, and then `most` is at most `completion_tally.LISTED`.
    """
    day = as_of or local_date(asked.now)
    tally = _kept(asked, list_ids) if ahead and day == local_date(asked.now) else None
    if tally is None:
        cut = min(end_of(day), known_at or asked.now)
        tally = count_completion(asked, list_ids=list_ids, day=day, cut=cut, most=most)
    counted = (_class_count(each, tally.cells) for each in DeadlineClass)
    classes = [each for each in counted if each.total]
    named = [each for each in tally.listed if deadline in {None, each.deadline_class}][:most]
    standing = {each.id: each.standing for each in named}
    outside = {id_: part.outside for part in tally.aside for id_ in part.ids[:most]}
    listed = facts_of_items(asked, [*standing, *outside], tally.cut)
    items: tuple[CompletionItem, ...] = tuple(item_row(row, standing, outside) for row in listed)
    total = sum(each.total for each in classes)
    done = sum(each.completed + each.breakthrough for each in classes)
    aside = {each: sum(part.number for part in tally.aside if part.outside == each) for each in Outside}
    report = CompletionReport(
        as_of=day,
        known_at=tally.cut,
        total=total,
        completed=done,
        rate=None if not total else done / total,
        outside=sum(aside.values()),
        classes=tuple(class_row(each) for each in classes),
        items=items,
    )
    asked_for = sum(each.total for each in classes if deadline in {None, each.deadline_class})
    return CompletionPage(report, asked_for, aside)


def _kept(asked: Reading, list_ids: Sequence[UUID]) -> CompletionTally | None:
    if len(list_ids) > 1:
        return None
    row = kept_summary(asked, next(iter(list_ids), None))
    return None if row is None or row.completion is None else stored_tally().validate_json(row.completion)


def _class_count(deadline_class: DeadlineClass, every: Sequence[Cell]) -> ClassCount:
    cells = [cell for cell in every if cell.deadline_class == deadline_class]

    def of(standing: Standing) -> int:
        return sum(cell.number for cell in cells if cell.standing == standing)

    return ClassCount(
        deadline_class,
        sum(cell.number for cell in cells),
        of(Standing.COMPLETED),
        of(Standing.BREAKTHROUGH),
        of(Standing.IN_PROGRESS),
        of(Standing.OVERDUE),
        of(Standing.NOT_STARTED),
        sum(cell.number for cell in cells if cell.on_time and cell.standing in DONE),
    )
