"""KPI targets in the sample city: five, with their readings over the months, one of which nobody can assess.

The share is reported by a unit, which is asked by the clock after each month: once it comes back, once it cannot be
measured, and the last one lies with the leader who has to sign. The others are entered by the office.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from app.demo.assessment import command_of, one_by_one
from app.demo.city import OFFICE
from app.demo.script import Act, Script, in_order
from app.demo.stage import Stage
from db.tables import Item, KpiRequest, KpiTarget, Responsibility
from domain.calendar import local_date
from domain.items import ResponsibilityRole
from domain.kpi import KpiKind
from domain.kpi_reporting import KpiRhythm
from domain.permissions import SCHEDULER, Role
from services.kpi import LinkKpiItem, RecordKpiReading, SetKpiTarget
from services.kpi_requests import ArrangeKpiReporting, AskForDueKpiFigure, AskForKpiFigure

_YEARS = 3
_TARGETS: Final = (
    ("制度创新成果", KpiKind.CUMULATIVE_COUNT, 90.0, "项", None, (21, 27, 32, 36, 43, 47, 52)),
    ("服务业实际利用外资", KpiKind.CUMULATIVE_SUM, 36.0, "亿美元", 9.6, (13.1, 14.2, 15.0, 16.3, 17.1, 18.4, 19.2)),
    ("知识密集型服务出口占比", KpiKind.SHARE_LEVEL, 45.0, "%", 38.5, (40.2, 40.4, 40.9, 40.7, 41.3, 41.6, 41.9)),
    ("服务进出口年均增速", KpiKind.ANNUAL_AVERAGE_GROWTH, 6.0, "%", 1280.0, (1352.0,)),
    # Its base is printed nowhere: it cannot be assessed, and is no zero.
    ("数字贸易年均增速", KpiKind.ANNUAL_AVERAGE_GROWTH, 8.0, "%", None, (418.0,)),
)
_REPORTED: Final = "知识密集型服务出口占比"
_ASKED_BY_HAND: Final = "制度创新成果"
_MONTHS: Final = 7
_SETTLED: Final = 14
"""The day on which the reporting has been arranged, whatever the weekends make of the days before."""
_RETURNED, _NOT_MEASURED, _LAST = 1, 4, _MONTHS - 1
"""Months after the start in which it goes otherwise."""
_SERVING: Final = {"制度创新成果": ("1", "24"), "服务业实际利用外资": ("16",), "知识密集型服务出口占比": ("15",)}


def acts(start: date) -> list[Act]:
    """The whole chapter, in order. Months are those of the calendar from `start`, the first simulated day."""
    script = Script("KPI", _nothing, OFFICE, day=6)
    for target in _TARGETS:
        script.act("target", partial(_set_target, target))
    for month in range(7):
        script.on(30 * (month + 1)).act("readings", partial(_read, month))
    script.act("by-hand", _ask_by_hand)
    return in_order([script, _arrangement(), *(_month(start, month) for month in range(_MONTHS))])


def _arrangement() -> Script:
    return Script("KPI-arrange", _nothing, OFFICE, day=7).act("arrange", _arrange)


def _month(start: date, month: int) -> Script:
    """What the unit reports after a month, the first time after the month in which its reporting was arranged."""
    arranged = start + timedelta(days=_SETTLED)
    begun = arranged.year * 12 + arranged.month + month
    first = date(begun // 12, begun % 12 + 1, 1)
    ended = first - timedelta(days=1)
    script = Script(f"KPI-{month + 1}", partial(_request, ended), OFFICE, day=(first - start).days)
    script.act("ask", _ask)
    figure = dict(zip((title for title, *_ in _TARGETS), _TARGETS, strict=True))[_REPORTED][5][month]
    form = {"value": figure, "as_of": f"{ended:%Y-%m-%d}", "source": f"{ended:%Y年%m月}服务贸易统计月报"}
    files = (f"{ended:%Y年%m月}服务出口分类表.xlsx",)
    if month == _NOT_MEASURED:
        script.step("report_figure", "cannot", after=3, form={"why_not": "本月分类口径调整，海关数据下月才公布。"})
    else:
        script.step("report_figure", "report", after=2, form=form, files=files)
    if month == _LAST:
        return script
    if month == _RETURNED:
        script.step("sign_figure", "sign")
        script.returned("check_figure", "figures_contradict", "比上月少报了保险类，请核对后重报。")
        script.step("report_figure", "report", after=2, form=form, files=files)
    return script.step("sign_figure", "sign").step("check_figure", "accept", form={})


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
        if kind is KpiKind.ANNUAL_AVERAGE_GROWTH or title == _REPORTED:
            continue
        command = RecordKpiReading(
            target_id=_target(stage, title),
            as_of=today,
            value=float(figures[month]),
            source=f"{today:%Y年%m月}统计月报",
        )
        steps.append(partial(command_of, stage, command, clerk))
    one_by_one(name, steps)


def _target(stage: Stage, title: str) -> UUID:
    with stage.session() as session:
        return session.exec(select(KpiTarget.id).where(KpiTarget.name == title)).one()


def _lead_of(stage: Stage, title: str) -> UUID:
    """Who leads the first item that serves the target."""
    with stage.session() as session:
        return session.exec(
            select(Responsibility.unit_id)
            .join(Item, col(Item.id) == col(Responsibility.item_id))
            .where(
                Item.list_id == UUID(stage.scope),
                Item.number == _SERVING[title][0],
                Responsibility.role == ResponsibilityRole.LEAD,
                col(Responsibility.valid_to).is_(None),
                col(Responsibility.unit_id).is_not(None),
            )
            .order_by(col(Responsibility.position))
        ).first() or stage.unit(OFFICE)


def _arrange(stage: Stage, name: str) -> None:
    command = ArrangeKpiReporting(
        target_id=_target(stage, _REPORTED), unit_id=_lead_of(stage, _REPORTED), rhythm=KpiRhythm.MONTHLY
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _ask(stage: Stage, name: str) -> None:
    """The clock looks; the play knows that there is one target."""
    stage.do(AskForDueKpiFigure(target_id=_target(stage, _REPORTED)), SCHEDULER, name=name)


def _ask_by_hand(stage: Stage, name: str) -> None:
    command = AskForKpiFigure(
        target_id=_target(stage, _ASKED_BY_HAND),
        as_of=local_date(stage.clock.at),
        unit_id=_lead_of(stage, _ASKED_BY_HAND),
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _request(ended: date, stage: Stage) -> UUID:
    with stage.session() as session:
        return session.exec(
            select(KpiRequest.item_id).where(
                KpiRequest.target_id == _target(stage, _REPORTED), KpiRequest.last_on == ended
            )
        ).one()
