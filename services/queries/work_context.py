"""What stands beside an entry of the work list: the item's light, who handed the step over and with what words, a
draft that was begun. One statement for a page of entries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from bpmn.bundle import Bundle
from domain.answers import Answers
from domain.items import ItemKind
from domain.labels import label
from domain.light_words import light_words
from domain.lights import Judgement, NotJudged
from services.answers import answers_of, withheld
from services.queries.reading import Reading
from services.queries.steps import decision_label, step_label
from services.queries.timeline import reason_label


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The step before this one in its process. `returned` says that the work came back by its decision."""

    person: str
    unit: str
    step: str
    decision: str
    at: datetime
    returned: bool
    reason: str
    opinion: str


@dataclass(frozen=True, slots=True)
class WorkContext:
    """`light_name` is the word for a grey light, `light_reason` the whole sentence; empty where none was judged.

    Only tasks are `lit`: a case, a bulletin or an evaluation has no light, today or later.
    """

    light: str | None
    light_name: str
    light_reason: str
    before: HandedOver | None
    draft_saved_at: datetime | None
    lit: bool = True


NO_CONTEXT = WorkContext(None, "", "", None, None)

_AROUND = text(
    "SELECT w.id, i.light, i.light_reason, d.saved_at, n.version_id, p.bpmn_id, p.decision, p.closed_at,"
    " coalesce(person.name, ''), coalesce(u.short_name, ''), s.reason_code, coalesce(s.opinion, ''), w.item_id, p.id,"
    " i.kind"
    " FROM work_item w JOIN item i ON i.id = w.item_id JOIN process_instance n ON n.id = w.instance_id"
    " LEFT JOIN draft d ON d.work_item_id = w.id"
    " LEFT JOIN LATERAL (SELECT x.id, x.bpmn_id, x.decision, x.closed_at, x.closed_by, x.unit_id FROM work_item x"
    "  WHERE x.instance_id = w.instance_id AND x.closed_by IS NOT NULL AND x.closed_at <= w.opened_at"
    "  ORDER BY x.closed_at DESC, x.id LIMIT 1) p ON true"
    " LEFT JOIN submission s ON s.work_item_id = p.id LEFT JOIN person ON person.id = p.closed_by"
    " LEFT JOIN unit u ON u.id = p.unit_id WHERE w.id = ANY(:ids)"
)


def contexts_of(reading: Reading, work_item_ids: Sequence[UUID]) -> dict[UUID, WorkContext]:
    """What stands beside these work items, which the actor sees."""
    if not work_item_ids:
        return {}
    found = reading.session.execute(_AROUND, {"ids": list(work_item_ids)})
    return {row[0]: _context(reading, row) for row in found}


def _context(reading: Reading, row: Sequence[Any]) -> WorkContext:
    *known, item_kind = row
    _, light, reason, saved_at, version_id, bpmn_id, decision, at, person, unit, code, opinion, item_id, work_id = known
    before = None
    if bpmn_id is not None:
        bundle = reading.library.bundle(reading.session, version_id)
        if answers_of(bundle, bpmn_id) is not Answers.SHARED:
            kept = withheld(reading.session, reading.actor, reading.library, item_id)
            decision, code, opinion = (None, None, "") if work_id in kept.work else (decision, code, opinion)
        before = HandedOver(
            person=person,
            unit=unit,
            step=step_label(bundle, bpmn_id),
            decision=decision_label(bundle, bpmn_id, decision),
            at=at,
            returned=_came_back(bundle, bpmn_id, decision),
            reason=reason_label(bundle, bpmn_id, code),
            opinion=opinion,
        )
    name, sentence = light_shown(light, reason)
    return WorkContext(light, name, sentence, before, saved_at, lit=item_kind == ItemKind.TASK)


def light_shown(light: str | None, reason: Mapping[str, object] | None) -> tuple[str, str]:
    """The word for a light that is not judged, and the reason for any light in a sentence."""
    if light is None or reason is None:
        return "", ""
    judgement = Judgement.kept(light, reason)
    name = label(NotJudged, judgement.code) if judgement.code in set(NotJudged) else ""
    return name, light_words(judgement)


def _came_back(bundle: Bundle, bpmn_id: str, decision: str | None) -> bool:
    task = bundle.user_tasks.get(bpmn_id)
    return task is not None and decision is not None and decision == task.properties.get("adverse")
