"""What the clue of a case may come from: the call twice a year, a task, one of its reports, an assessment."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import AssessedItem, Item, ProgressRound
from domain.items import ItemKind
from services.queries.reading import Reading
from services.replication_sources import ClueSource
from services.visibility import visible_items

MOST = 24
"""Reports and assessments to choose from, the newest ones."""


@dataclass(frozen=True, slots=True)
class ClueChoice:
    """A source that one can name. `name` is the period of a report or the title of an assessment; `value` stands for
    it in a form.
    """

    source: ClueSource
    name: str = ""

    @property
    def value(self) -> str:
        """The kind, with the id of the report or assessment."""
        named = self.source.round_id or self.source.assessment_id
        return f"{self.source.kind}:{named}" if named else self.source.kind


def clue_choices(reading: Reading, item_id: UUID | None) -> tuple[ClueChoice, ...]:
    """About a task that the actor sees: itself, its reports, the assessments that looked at it. About none: the call,
    and every assessment that the actor sees.
    """
    if item_id is None:
        return (ClueChoice(ClueSource("call")), *_assessments(reading, None))
    rounds = reading.session.exec(
        select(ProgressRound)
        .where(ProgressRound.item_id == item_id)
        .order_by(col(ProgressRound.opened_at).desc(), col(ProgressRound.period).desc())
        .limit(MOST)
    )
    reports = [ClueChoice(ClueSource("round", item_id, round_id=row.id), row.period) for row in rounds]
    return (ClueChoice(ClueSource("item", item_id)), *reports, *_assessments(reading, item_id))


def _assessments(reading: Reading, item_id: UUID | None) -> list[ClueChoice]:
    statement: Any = (
        select(Item)
        .where(Item.kind == ItemKind.ASSESSMENT, visible_items(reading.actor))
        .order_by(col(Item.created_at).desc(), col(Item.id))
        .limit(MOST)
    )
    if item_id is not None:
        sampled = select(AssessedItem.assessment_id).where(AssessedItem.task_id == item_id)
        statement = statement.where(col(Item.id).in_(sampled))
    return [
        ClueChoice(ClueSource("assessment", item_id, assessment_id=row.id), row.text)
        for row in reading.session.exec(statement)
    ]
