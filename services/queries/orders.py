"""Documents that the ladder has asked for and nobody has issued yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, cast, func
from sqlalchemy import select as sql_select
from sqlmodel import col

from db.tables import Escalation, EscalationOrder, Item
from domain.items import FINAL
from domain.labels import label
from domain.ladder import EscalationDocument
from services.orders import SERIES
from services.queries.reading import Reading
from services.visibility import offices_of


@dataclass(frozen=True, slots=True)
class DueOrder:
    """A level that went out and named a document: `escalation_id` is what `IssueOrder` is given."""

    escalation_id: UUID
    item_id: UUID
    number: str
    text: str
    document: EscalationDocument
    document_label: str
    level: int
    fired_at: datetime


def due_orders(reading: Reading, *, limit: int = 200) -> tuple[DueOrder, ...]:
    """What waits for a signature in the actor's offices, the longest waiting first.

    Urge notices are left out: they go out as messages, and are issued on paper only when somebody wants one.
    """
    wanted = [kind.value for kind in SERIES if kind is not EscalationDocument.URGE_NOTICE]
    of_level = (
        col(Escalation.subject_id),
        col(Escalation.epoch),
        col(Escalation.level),
        col(Escalation.occurrence),
    )
    statement = (
        sql_select(
            func.min(cast(col(Escalation.id), String)),
            col(Item.id),
            col(Item.number),
            col(Item.text),
            col(Escalation.document),
            col(Escalation.level),
            func.min(col(Escalation.fired_at)),
        )
        .join(Item, col(Item.id) == col(Escalation.item_id))
        .outerjoin(
            EscalationOrder,
            (col(EscalationOrder.subject_id) == col(Escalation.subject_id))
            & (col(EscalationOrder.epoch) == col(Escalation.epoch))
            & (col(EscalationOrder.level) == col(Escalation.level))
            & (col(EscalationOrder.occurrence) == col(Escalation.occurrence)),
        )
        .where(
            col(Item.office_unit_id).in_(offices_of(reading.actor)),
            col(Item.status).not_in([status.value for status in FINAL]),
            col(Escalation.document).in_(wanted),
            # Level 0 is what a person did, and tells of a document that is issued.
            col(Escalation.level) > 0,
            col(EscalationOrder.document_id).is_(None),
        )
        .group_by(*of_level, col(Item.id), col(Escalation.document))
        .order_by(func.min(col(Escalation.fired_at)), col(Item.id))
        .limit(limit)
    )
    return tuple(
        DueOrder(
            escalation_id=UUID(escalation_id),
            item_id=item_id,
            number=number,
            text=text,
            document=EscalationDocument(document),
            document_label=label(EscalationDocument, document),
            level=level,
            fired_at=fired_at,
        )
        for escalation_id, item_id, number, text, document, level, fired_at in reading.session.execute(statement).all()
    )
