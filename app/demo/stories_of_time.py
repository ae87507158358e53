"""What changes the time of some items of the sample list: extensions, a suspension, another lead, yearly goals, the
choice on the date, the higher level's document.

Each of these goes on where the item's own story (`app.demo.stories`) has brought it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.script import Script
from app.demo.stage import Form, ItemFacts, Stage
from db.tables import Responsibility
from domain.items import ResponsibilityRole
from domain.permissions import SCHEDULER, Role
from services.clock_keeping import AskAboutQuarter, AskForChoice, OpenYearlyCheck, ResumeItem
from services.executor import Command
from services.side_processes import SideProcess, StartSideProcess


def _asked_for(script: Script, process: SideProcess, day: int, *, by_office: bool = False) -> Script:
    """Somebody of the lead, or of the office, opens a process beside the item."""

    def perform(stage: Stage, name: str) -> None:
        item_id = script.find(stage)
        with stage.session() as session:
            lead = session.exec(
                select(Responsibility.unit_id)
                .where(
                    Responsibility.item_id == item_id,
                    Responsibility.role == ResponsibilityRole.LEAD,
                    col(Responsibility.valid_to).is_(None),
                )
                .order_by(col(Responsibility.position))
            ).first()
        person = (
            stage.person(OFFICE, Role.OFFICE_STAFF) if by_office or lead is None else stage.person(lead, Role.LIAISON)
        )
        command = StartSideProcess(item_id=item_id, seen_version=stage.version(item_id), process=process)
        stage.do(command, person, name=name)

    return script.on(day).act(process.value, perform)


def _by_the_clock(script: Script, what: str, day: int, command: Callable[..., Command[Any]]) -> Script:
    """What the scheduler does on that day."""

    def perform(stage: Stage, name: str) -> None:
        stage.do(command(item_id=script.find(stage)), SCHEDULER, name=name)

    return script.on(day).act(what, perform)


def _extension_granted(script: Script) -> None:
    """The date stands in the government's document: the office agrees, and the convener decides."""
    _asked_for(script, SideProcess.EXTENSION, 190)
    script.step("apply_extension", "submit", form=_application(60)).step("sign_extension", "sign", after=1)
    script.step("decide_extension", "approve", after=2, opinion="部委批复未到，情况属实，报召集人审定。")
    script.step("rule_on_extension", "approve", after=2, opinion="同意延期，请抓紧办理。")


def _extension_refused(script: Script) -> None:
    _asked_for(script, SideProcess.EXTENSION, 150)
    script.step("apply_extension", "submit", form=_application(90)).step("sign_extension", "sign", after=1)
    script.returned(
        "decide_extension", "not_fulfilled", "流程整合由我市自行掌握，不具备延期理由。", decision="refuse", after=2
    )


def _suspended(script: Script) -> None:
    """The ministry asks to wait; the office lets the clock go on when its standard is out."""
    _asked_for(script, SideProcess.SUSPENSION, 165)
    form = {"document_number": "国示数函〔试〕21号", "reason": "国家统一修订诊断标准，要求各地暂缓采购。"}
    script.step("apply_suspension", "submit", form=form).step("sign_suspension", "sign", after=1)
    script.step("decide_suspension", "approve", after=1, opinion="上级函件已核对。")

    def resume(stage: Stage, name: str) -> None:
        item_id = script.find(stage)
        command = ResumeItem(item_id=item_id, seen_version=stage.version(item_id), reason="国家标准已印发，恢复计时。")
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    script.on(200).act("resume", resume)


def _goals_and_another_lead(script: Script) -> None:
    """Without end: goals for the year. Then the office gives the lead to a unit that took part, which agrees."""
    _by_the_clock(script, "yearly_check", 96, OpenYearlyCheck)
    goals = {"goals": "年内再引进两家服务外包机构，办三场对接会。", "output_planned": "入驻协议和对接会签到表"}
    script.step("set_goals", form=goals, after=4).step("sign_goals", "sign", after=1)
    _asked_for(script, SideProcess.CHANGE_OF_RESPONSIBILITY, 205, by_office=True)
    script.step("propose_as_office", "submit", form=_new_lead("市商务局", "服务外包职能已由市商务局统筹。"))
    script.step("state_opinion", "agree", after=2).step("answer_proposal", "agree", after=1)
    script.step("decide_change", "approve", after=1)


def _lead_disputed(script: Script) -> None:
    """The lead wants to hand over, the other unit does not want it, and the convener leaves it as it was."""
    _asked_for(script, SideProcess.CHANGE_OF_RESPONSIBILITY, 110)
    script.step("propose_change", "submit", form=_new_lead("市交通运输委", "港口统计口径由交通运输部门掌握。"))
    script.step("state_opinion", "agree", after=1)
    script.returned(
        "answer_proposal", "not_our_duty", "口岸通报由海关发布，我委只提供数据。", decision="object", after=2
    )
    script.step("decide_change", "approve", after=1)
    script.returned(
        "rule_on_change", "not_fulfilled", "维持原牵头单位，市交通运输委配合供数。", decision="refuse", after=2
    )


def _new_target(script: Script) -> None:
    """A date that was striven for has come: a new one is set, and once more, which the office takes note of."""
    _by_the_clock(script, "deadline_choice", 217, AskForChoice)
    form = _later({"reason": "测试路段验收晚于预期，已重新排定。"}, 60)
    script.step("choose_on_date", "new_target", form=form).step("sign_new_target", "sign", after=1)
    script.step("note_new_target", "note", after=1)
    _asked_for(script, SideProcess.EXTENSION, 222)
    script.step("apply_extension", "submit", form=_application(45), after=0).step("sign_extension", "sign", after=1)
    script.step("take_note", "note", after=1)


def _higher_level_decided(script: Script) -> None:
    """Asked each quarter, the lead says that nothing changed, then that the document is there: the clock starts."""
    _by_the_clock(script, "quarterly_check", 100, AskAboutQuarter)
    script.step("confirm_unchanged", "unchanged", form={"situation": "国家部门仍在修订目录。"}, after=4)
    _by_the_clock(script, "quarterly_check", 196, AskAboutQuarter)
    document = "国示工信〔试〕8号"

    def told(_facts: ItemFacts, day: date) -> dict[str, Any]:
        event_on = day - timedelta(days=5)
        return {"situation": "目录已印发。", "document_number": document, "event_on": event_on.isoformat()}

    def decided(_facts: ItemFacts, day: date) -> dict[str, Any]:
        due_on, event_on = day + timedelta(days=180), day - timedelta(days=7)
        return {"document_number": document, "event_on": event_on.isoformat(), "due_on": due_on.isoformat()}

    script.step("confirm_unchanged", "changed", form=told, after=3)
    script.step("settle_change", "start_clock", form=decided, after=2)


def _application(days: int) -> Form:
    """An application for so many days more than the current date."""
    told = {"cause": "higher_level", "reason": "方案已报部委，批复晚于预期。", "progress": "前期准备已完成八成。"}
    return _later(told, days)


def _later(told: dict[str, Any], days: int) -> Form:
    """A form with a date so many days after the item's current one, or after today where that has passed."""

    def form(facts: ItemFacts, day: date) -> dict[str, Any]:
        return {**told, "new_date": (max(facts.due_on or day, day) + timedelta(days=days)).isoformat()}

    return form


def _new_lead(name: str, reason: str) -> Form:
    """A proposal that takes effect on the day on which it is decided, or made."""
    return lambda _facts, day: {
        "new_lead": name,
        "reason": reason,
        "basis": "机构职能调整方案",
        "effective_on": day.isoformat(),
        "old_lead_stays": True,
    }


OF_TIME: dict[str, Callable[[Script], None]] = {
    "6": _higher_level_decided,
    "7": _suspended,
    "12-1": _new_target,
    "14": _lead_disputed,
    "15": _goals_and_another_lead,
    "19": _extension_refused,
    "20": _extension_granted,
}
"""By the item's number in the list."""
