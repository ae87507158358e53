"""Items that come without a document: a leader's instruction, a meeting's resolution, a single item typed in."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.script import Script
from app.demo.stage import Stage
from db.tables import Item, TaskList
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


_TOLD = (
    _Told(Origin.INSTRUCTION, 40, "专题研究邮轮访问港通关保障，提出三条以内的硬措施。", "示范海关", ("示范海事局",)),
    _Told(Origin.MEETING, 75, "按专题会议纪要，汇总各部门涉企数据共享需求并一次性答复。", "市大数据局"),
    _Told(Origin.MANUAL, 225, "核对服务贸易重点企业联系表，变更的于两周内更新。", "市商务局"),
)


def without_document() -> list[Script]:
    """Items that come from a leader, from a meeting, and typed in; none has a deadline, the last is not issued yet."""
    scripts = []
    for told in _TOLD:
        script = Script(told.origin.value, partial(_first_of, told.origin), OFFICE, day=told.day)
        script.act("create", partial(_create, told))
        if told.origin is not Origin.MANUAL:
            script.taken().planned(co_units=bool(told.co_units))
        scripts.append(script)
    return scripts


def _create(told: _Told, stage: Stage, name: str) -> None:
    command = CreateItem(
        office_unit_id=stage.unit(OFFICE),
        origin=told.origin,
        item=NewItem(
            text=told.text, leads=(stage.unit(told.lead),), co_units=tuple(stage.unit(unit) for unit in told.co_units)
        ),
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _first_of(origin: Origin, stage: Stage) -> UUID:
    with stage.session() as session:
        return session.exec(
            select(Item.id)
            .join(TaskList, col(TaskList.id) == col(Item.list_id))
            .where(TaskList.origin == origin, TaskList.office_unit_id == stage.unit(OFFICE), Item.position == 1)
        ).one()
