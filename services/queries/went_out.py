"""What the ladder has sent about an item: each level with everybody who was told."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import Escalation, EscalationRung, Person, Unit
from domain.labels import label
from domain.ladder import BY_HAND, LATE_AFTER, EscalationDocument, EscalationKind, LevelState, RungRole
from domain.standing_in import Standing
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who was told, or would be as the registry stands: as what, and why they."""

    person_id: UUID
    name: str
    unit_id: UUID
    unit: str
    to: RungRole | None
    to_label: str
    standing: Standing | None
    standing_label: str


@dataclass(frozen=True, slots=True)
class Level:
    """One occurrence of a level. `wanted_at` is the policy's time, `at` the one after the quiet hours or, once it went
    out, when it did. `level` 0 was urged by hand, with `words`.
    """

    level: int
    occurrence: int
    epoch: int
    name: str
    kind: EscalationKind
    kind_label: str
    state: LevelState
    state_label: str
    at: datetime
    wanted_at: datetime
    moved: bool
    late: bool
    document: EscalationDocument | None
    document_label: str
    channels: tuple[str, ...]
    receivers: tuple[Receiver, ...]
    words: str = ""


def went_out(reading: Reading, item_id: UUID) -> Mapping[UUID, Sequence[Level]]:
    """What was sent about an item that the actor sees, by subject, oldest first."""
    rows = reading.session.execute(
        select(Escalation, EscalationRung.name, Person.name, Unit.short_name)
        .outerjoin(
            EscalationRung,
            (col(EscalationRung.policy_id) == col(Escalation.policy_id))
            & (col(EscalationRung.level) == col(Escalation.level)),
        )
        .join(Person, col(Person.id) == col(Escalation.recipient_id))
        .join(Unit, col(Unit.id) == col(Escalation.recipient_unit_id))
        .where(Escalation.item_id == item_id)
        .order_by(col(Escalation.fired_at), col(Escalation.level), col(Person.name), col(Escalation.id))
    )
    together: defaultdict[tuple[UUID, int, int, int], list[Any]] = defaultdict(list)
    for row in rows:
        sent = row[0]
        together[sent.subject_id, sent.epoch, sent.level, sent.occurrence].append(row)
    found: defaultdict[UUID, list[Level]] = defaultdict(list)
    for (subject_id, *_), sent in together.items():
        found[subject_id].append(_fired(sent))
    return found


def reached(levels: Collection[Level], epoch: int) -> int:
    """The highest level that a subject has reached in an epoch of its clock; 0 while nothing went out by itself."""
    return max((level.level for level in levels if level.epoch == epoch), default=BY_HAND)


def _fired(rows: Sequence[Any]) -> Level:
    sent: Escalation = rows[0][0]
    receivers = []
    for row, _, name, unit in rows:
        to, standing = row.facts.get("to"), row.facts.get("standing")
        receivers.append(
            Receiver(
                person_id=row.recipient_id,
                name=name,
                unit_id=row.recipient_unit_id,
                unit=unit,
                to=RungRole(to) if to else None,
                to_label=label(RungRole, to),
                standing=Standing(standing) if standing else None,
                standing_label=label(Standing, standing),
            )
        )
    return Level(
        level=sent.level,
        occurrence=sent.occurrence,
        epoch=sent.epoch,
        name=rows[0][1] or label(EscalationKind, sent.kind),
        kind=EscalationKind(sent.kind),
        kind_label=label(EscalationKind, sent.kind),
        state=LevelState.FIRED,
        state_label=label(LevelState, LevelState.FIRED),
        at=sent.fired_at,
        wanted_at=sent.planned_at,
        moved=False,
        late=sent.fired_at - sent.planned_at > LATE_AFTER,
        document=EscalationDocument(sent.document) if sent.document else None,
        document_label=label(EscalationDocument, sent.document),
        channels=tuple(sent.channels),
        receivers=tuple(receivers),
        words=str(sent.facts.get("words") or ""),
    )
