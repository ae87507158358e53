"""Items that come without a document: a leader's instruction, a meeting's resolution, a single item typed in."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlmodel import select

from app.demo.city import OFFICE
from app.demo.script import Script
from app.demo.sheets import by_sheet
from app.demo.stage import Stage
from db.tables import Item
from domain.items import Origin
from domain.permissions import Role
from services.items import CreateItem, NewItem


@dataclass(frozen=True, slots=True)
class _Told:
    """An item that comes without a document."""

    origin: Origin
    day: int
    text: str
    lead: str
    co_units: tuple[str, ...] = ()
    position: int = 1


DATA = "市大数据局"
_TOLD = (
    _Told(Origin.INSTRUCTION, 40, "专题研究邮轮访问港通关保障，提出三条以内的硬措施。", "示范海关", ("示范海事局",)),
    _Told(Origin.MEETING, 75, "按专题会议纪要，汇总各部门涉企数据共享需求并一次性答复。", DATA),
    _Told(Origin.MEETING, 76, "建立数据共享需求受理和答复的跟踪台账。", DATA, position=2),
    _Told(Origin.MEETING, 77, "制定企业公共数据授权使用的示范文本。", DATA, position=3),
    _Told(Origin.MEETING, 78, "每季度组织一次部门间数据质量互查。", DATA, position=4),
    _Told(Origin.MANUAL, 225, "核对服务贸易重点企业联系表，变更的于两周内更新。", "市商务局"),
)


def without_document() -> list[Script]:
    """Items that come from a leader, from a meeting, and typed in; none has a deadline, the last is not issued yet.

    Those of the meeting report by sheet.
    """
    scripts = []
    for told in _TOLD:
        ref = told.origin.value if told.position == 1 else f"{told.origin.value}-{told.position}"
        script = Script(ref, partial(_found, told.text), OFFICE, day=told.day)
        script.act("create", partial(_create, told))
        if told.origin is not Origin.MANUAL:
            script.taken().planned(co_units=bool(told.co_units))
        scripts.append(script)
    return [
        *scripts,
        by_sheet(DATA, partial(_found, next(told.text for told in _TOLD if told.origin is Origin.MEETING))),
    ]


def _create(told: _Told, stage: Stage, name: str) -> None:
    command = CreateItem(
        office_unit_id=stage.unit(OFFICE),
        origin=told.origin,
        item=NewItem(
            text=told.text, leads=(stage.unit(told.lead),), co_units=tuple(stage.unit(unit) for unit in told.co_units)
        ),
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _found(text: str, stage: Stage) -> UUID:
    with stage.session() as session:
        return session.exec(select(Item.id).where(Item.text == text)).one()
