"""提醒函 and 督办单 in the sample city: what the office sends to the leads of a task that lags, on numbered paper."""

from functools import partial
from typing import Final
from uuid import UUID

from app.demo.city import OFFICE
from app.demo.script import Act, Script, in_order, numbered
from app.demo.stage import Stage
from domain.ladder import EscalationDocument
from domain.permissions import Role
from services.orders import IssueOrder

LAGGING: Final = "26"
"""The task whose reports stopped after the second month."""
_ORDERS: Final = (
    (112, EscalationDocument.REMINDER_LETTER, Role.OFFICE_STAFF),
    (158, EscalationDocument.SUPERVISION_ORDER, Role.UNIT_LEADER),
)


def acts(list_id: UUID) -> list[Act]:
    """The letter first, the order when nothing came of it."""
    script = Script("督办", partial(numbered, list_id, LAGGING, {}), OFFICE)
    for day, document, role in _ORDERS:
        script.on(day).act(document.value, partial(_issue, script, document, role))
    return in_order([script])


def _issue(script: Script, document: EscalationDocument, role: Role, stage: Stage, name: str) -> None:
    stage.do(IssueOrder(item_id=script.find(stage), document=document), stage.person(OFFICE, role), name=name)
