"""KPI targets in the sample city: five, with their readings over the months, one of which nobody can assess."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from app.demo.assessment import command_of, one_by_one
from app.demo.city import OFFICE
from app.demo.script import Act, Script, in_order
from app.demo.stage import Stage
from db.tables import Item, KpiTarget
from domain.calendar import local_date
from domain.kpi import KpiKind
from domain.permissions import Role
from services.kpi import LinkKpiItem, RecordKpiReading, SetKpiTarget

_YEARS = 3
_TARGETS: Final = (
    ("制度创新成果", KpiKind.CUMULATIVE_COUNT, 90.0, "项", None, (21, 27, 32, 36, 43, 47, 52)),
    ("服务业实际利用外资", KpiKind.CUMULATIVE_SUM, 36.0, "亿美元", 9.6, (13.1, 14.2, 15.0, 16.3, 17.1, 18.4, 19.2)),
    ("知识密集型服务出口占比", KpiKind.SHARE_LEVEL, 45.0, "%", 38.5, (40.2, 40.4, 40.9, 40.7, 41.3, 41.6, 41.9)),
    ("服务进出口年均增速", KpiKind.ANNUAL_AVERAGE_GROWTH, 6.0, "%", 1280.0, (1352.0,)),
    # Its base is printed nowhere: it cannot be assessed, and is no zero.
    ("数字贸易年均增速", KpiKind.ANNUAL_AVERAGE_GROWTH, 8.0, "%", None, (418.0,)),
)
_SERVING: Final = {"制度创新成果": ("1", "24"), "服务业实际利用外资": ("16",), "知识密集型服务出口占比": ("15",)}


def acts() -> list[Act]:
    """The whole chapter, in order."""
    script = Script("KPI", _nothing, OFFICE, day=6)
    for target in _TARGETS:
        script.act("target", partial(_set_target, target))
    for month in range(7):
        script.on(30 * (month + 1)).act("readings", partial(_read, month))
    return in_order([script])


def _nothing(stage: Stage) -> UUID:
    """A target is no item: its acts find what they are about by themselves."""
    raise LookupError(stage.scope)


def _base_on(stage: Stage) -> date:
    """The targets run over three years from the end of the year before last."""
    return date(stage.start.year - 2, 12, 31)


def _set_target(target: tuple[Any, ...], stage: Stage, name: str) -> None:
    title, kind, value, unit, base, _ = target
    clerk = stage.person(OFFICE, Role.OFFICE_STAFF)
    base_on = _base_on(stage)
    command = SetKpiTarget(
        office_unit_id=stage.unit(OFFICE),
        name=title,
        kind=kind,
        target=value,
        unit=unit,
        base_on=base_on,
        target_on=date(base_on.year + _YEARS, 12, 31),
        source="服务业开放三年行动方案表一",
        base=base,
        base_source="" if base is None else f"{base_on.year}年统计公报",
    )
    target_id = stage.do(command, clerk)
    with stage.session() as session:
        items = session.exec(
            select(Item.id).where(Item.list_id == UUID(stage.scope), col(Item.number).in_(_SERVING.get(title, ())))
        ).all()
    for item_id in items:
        stage.do(LinkKpiItem(target_id=target_id, item_id=item_id), clerk)
    # The name says that the act is done, so the last command bears it.
    if items:
        stage.do(LinkKpiItem(target_id=target_id, item_id=items[0]), clerk, name=name)
    else:
        stage.do(_first_figure(stage, target, target_id), clerk, name=name)


def _first_figure(stage: Stage, target: tuple[Any, ...], target_id: UUID) -> RecordKpiReading:
    base_on = _base_on(stage)
    on = date(base_on.year + 1, 12, 31)
    return RecordKpiReading(target_id=target_id, as_of=on, value=target[5][0], source=f"{on.year}年统计公报")


def _read(month: int, stage: Stage, name: str) -> None:
    clerk, today = stage.person(OFFICE, Role.OFFICE_STAFF), local_date(stage.clock.at)
    steps: list[Callable[[str], None]] = []
    for title, kind, _, _, _, figures in _TARGETS:
        if kind is KpiKind.ANNUAL_AVERAGE_GROWTH:
            continue
        with stage.session() as session:
            target_id = session.exec(select(KpiTarget.id).where(KpiTarget.name == title)).one()
        command = RecordKpiReading(
            target_id=target_id, as_of=today, value=float(figures[month]), source=f"{today:%Y年%m月}统计月报"
        )
        steps.append(partial(command_of, stage, command, clerk))
    one_by_one(name, steps)
