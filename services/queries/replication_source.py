"""Where the clue of a case came from, in words."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, ProgressRound, ReplicationCase
from domain.labels import AS
from domain.messages.replication import SOURCES
from services.queries.reading import Reading
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class CaseSource:
    """The source of a clue. `words` name it in one line. Ids are null, and the words say the kind alone, where the
    actor does not see the item; `period` is that of the round.
    """

    kind: str
    kind_label: str
    words: str
    item_id: UUID | None
    round_id: UUID | None
    period: str | None
    assessment_id: UUID | None
    item_title: str = ""
    assessment_title: str = ""


def source_of(reading: Reading, case: ReplicationCase) -> CaseSource:
    """The source of a case that the actor sees."""
    wanted = {each for each in (case.source_item_id, case.source_assessment_id) if each is not None}
    statement = select(Item).where(col(Item.id).in_(sorted(wanted)), visible_items(reading.actor))
    seen = {item.id: item for item in reading.session.exec(statement)} if wanted else {}
    task = seen.get(case.source_item_id) if case.source_item_id else None
    assessment = seen.get(case.source_assessment_id) if case.source_assessment_id else None
    found = reading.session.get(ProgressRound, case.source_round_id) if case.source_round_id and task else None
    kind = SOURCES.get(case.source_kind, case.source_kind)
    item_title = f"{task.number} {task.text}" if task else ""
    named = [
        assessment.text if assessment else "",
        item_title,
        found.period if found else "",
    ]
    told = " ".join(part for part in named if part)
    return CaseSource(
        kind=case.source_kind,
        kind_label=kind,
        words=AS.format(name=kind, what=told) if told else kind,
        item_id=task.id if task else None,
        round_id=found.id if found else None,
        period=found.period if found else None,
        assessment_id=assessment.id if assessment else None,
        item_title=item_title,
        assessment_title=assessment.text if assessment else "",
    )
