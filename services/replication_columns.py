"""A case as a row of a batch: 改革事项, 主要内容及成效, 推广范围, 负责单位, for the public."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Item, ReplicationCase, Unit
from domain.messages.papers import NAMES_JOINED
from domain.messages.replication import RANGE_NAMES
from domain.replication import firms_of, mask_firms
from domain.replication_states import RangeKind


@dataclass(frozen=True, slots=True)
class BatchColumns:
    """The four columns; firms that did not agree to be named are masked."""

    title: str
    content: str
    range_text: str
    responsible_text: str


def batch_columns(session: Session, item: Item, case: ReplicationCase) -> BatchColumns:
    """What a batch prints of a case today."""
    firms = firms_of(case.dossier)
    parts = (str(case.dossier.get(part) or "").strip() for part in ("practices", "results"))
    return BatchColumns(
        title=mask_firms(item.text, firms),
        content=mask_firms("\n".join(part for part in parts if part), firms),
        range_text=range_text(session, case),
        responsible_text=NAMES_JOINED.join(str(name) for name in case.responsible),
    )


def range_text(session: Session, case: ReplicationCase) -> str:
    """The range in words; some districts are named."""
    if case.range is None:
        return ""
    if case.range != RangeKind.DISTRICTS:
        return RANGE_NAMES[case.range]
    return NAMES_JOINED.join(_names(session, [UUID(unit_id) for unit_id in case.range_units]))


def _names(session: Session, unit_ids: Sequence[UUID]) -> list[str]:
    rows = session.exec(
        select(Unit.short_name).where(col(Unit.id).in_(unit_ids)).order_by(col(Unit.sort_order), col(Unit.short_name))
    )
    return list(rows)
