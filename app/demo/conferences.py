"""Two conferences and a special meeting in the play, what they resolved, and a problem that climbs to the ministry."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.script import Act, Script
from app.demo.stage import Stage
from db.tables import Conference, ConferenceMinutes, ConferenceTopic, Item
from domain.calendar import local_date
from domain.conferences import ConferenceKind
from domain.permissions import Role
from services.conferences import (
    Attendee,
    CallConference,
    RecordAttendance,
    Resolution,
    SaveMinutes,
    SetAgenda,
)
from services.side_processes import SideProcess, StartSideProcess

COMMERCE, DATA, TRANSPORT, CUSTOMS = "市商务局", "市大数据局", "市交通运输委", "示范海关"
MEMBERS = (COMMERCE, DATA, TRANSPORT, CUSTOMS)
INTERFACE = "统一口岸数据接口标准并完成联调"
FEES = "按月公示口岸收费目录"
TRAINING = "组织一次跨部门业务培训"
PLACE = "市政务中心三楼会议室"
OPINION = "本级无权调整国家系统的接口，提请上一级研究。"
_TO_THE_MEETING = 4
Perform = Callable[[Stage, str], None]


def acts() -> list[Act]:
    """Everything about conferences and coordination, in order of the days."""
    first = _conference(
        "第一次会议",
        30,
        0,
        {COMMERCE: "口岸数据接口不统一", TRANSPORT: "口岸收费公示范围"},
        ((INTERFACE, TRANSPORT, (CUSTOMS,), 200), (FEES, COMMERCE, (), 120)),
    )
    special = _special()
    second = _conference(
        "第二次会议", 140, 1, {DATA: "数据专员培训"}, ((TRAINING, COMMERCE, (DATA,), 60),), with_waiting=True
    )
    scripts = [first, _resolution(INTERFACE), _resolution(FEES), _coordination(), special, second]
    return sorted((act for script in scripts for act in script.acts), key=lambda act: act.day)


def _nth(kind: ConferenceKind, number: int) -> Callable[[Stage], UUID]:
    def find(stage: Stage) -> UUID:
        with stage.session() as session:
            statement = select(Conference.item_id).where(Conference.kind == kind)
            return session.exec(statement.order_by(col(Conference.opened_at)).offset(number).limit(1)).one()

    return find


def _call(kind: ConferenceKind, members: Sequence[str]) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        command = CallConference(
            office_unit_id=stage.unit(OFFICE), kind=kind, unit_ids=tuple(stage.unit(unit) for unit in members)
        )
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    return perform


def _conference(
    ref: str,
    day: int,
    number: int,
    proposed: dict[str, str],
    resolved: Sequence[tuple[str, str, tuple[str, ...], int]],
    *,
    with_waiting: bool = False,
) -> Script:
    script = Script(ref, _nth(ConferenceKind.JOINT, number), OFFICE)
    script.on(day).act("call", _call(ConferenceKind.JOINT, MEMBERS))
    for unit in MEMBERS:
        if unit in proposed:
            form = {"title": proposed[unit], "proposal": "各单位口径不一，建议会议明确牵头单位和完成时间。"}
            script.step("propose_topics", "submit", unit=unit, form=form, after=0)
        else:
            script.step("propose_topics", "none", unit=unit, after=1)
    script.act("agenda", _agenda(script, ConferenceKind.JOINT, with_waiting=with_waiting), after=2)
    script.step("prepare_agenda", "submit", after=0)
    script.act("premeeting", _attendance(script, premeeting=True), after=3)
    script.act("hold_premeeting", _premeeting(script), after=0)
    _meeting(script, resolved)
    return script


def _special() -> Script:
    """A special meeting on the problem that the office passed on: it does not settle it either."""
    script = Script("专题会议", _nth(ConferenceKind.SPECIAL, 0), OFFICE)
    script.on(110).act("call", _call(ConferenceKind.SPECIAL, (TRANSPORT, CUSTOMS)))
    script.act("agenda", _agenda(script, ConferenceKind.SPECIAL, with_waiting=True), after=0)
    script.step("prepare_agenda", "submit", after=0)
    _meeting(script, ())
    return script


def _meeting(script: Script, resolved: Sequence[tuple[str, str, tuple[str, ...], int]]) -> None:
    # Days that fall into a holiday move on: the meeting is on the day on which it is recorded, at the latest.
    meets_on_day = script.day + _TO_THE_MEETING + 1
    script.act("settle_agenda", _settled(script, meets_on_day), after=1)
    script.act("attendance", _attendance(script, premeeting=False), after=_TO_THE_MEETING)
    script.step("hold_meeting", "held", after=0)
    script.act("minutes", _minutes(script, resolved), after=1)
    script.step("draft_minutes", "submit", after=0).step("sign_minutes", "sign", after=2)
    script.step("register_resolutions", "submit", after=1)


def _agenda(script: Script, wanted: ConferenceKind, *, with_waiting: bool) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        item_id = script.find(stage)
        with stage.session() as session:
            statement = select(ConferenceTopic.id).where(
                ConferenceTopic.wanted == wanted, col(ConferenceTopic.conference_id).is_(None)
            )
            if not with_waiting:
                statement = statement.where(ConferenceTopic.collected_in_id == item_id)
            topics = session.exec(statement.order_by(col(ConferenceTopic.proposed_at))).all()
        stage.do(
            SetAgenda(item_id=item_id, topic_ids=tuple(topics)), stage.person(OFFICE, Role.OFFICE_STAFF), name=name
        )

    return perform


def _premeeting(script: Script) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        form = {"held_on": f"{local_date(stage.clock.at)}", "opinion": "议题成熟，可以上会。"}
        stage.complete(name, script.find(stage), "hold_premeeting", "pass", form=form)

    return perform


def _settled(script: Script, meets_on_day: int) -> Perform:
    """The convener settles the day."""

    def perform(stage: Stage, name: str) -> None:
        with stage.session() as session:
            calendar = stage.executor.calendar.get(session)
        wanted = max(local_date(stage.clock.at), stage.start + timedelta(days=meets_on_day))
        meets_on = calendar.add_working_days(wanted, 0).day
        form = {"meets_on": f"{meets_on}", "place": PLACE}
        stage.complete(name, script.find(stage), "settle_agenda", "approve", form=form)

    return perform


def _attendance(script: Script, *, premeeting: bool) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        attendees = tuple(
            Attendee(
                unit_id=stage.unit(unit),
                present=unit != TRANSPORT or not premeeting,
                person=stage.person(unit, Role.LIAISON if premeeting else Role.UNIT_LEADER).name,
            )
            for unit in MEMBERS
        )
        command = RecordAttendance(item_id=script.find(stage), attendees=attendees, premeeting=premeeting)
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    return perform


def _minutes(script: Script, resolved: Sequence[tuple[str, str, tuple[str, ...], int]]) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        item_id, today = script.find(stage), local_date(stage.clock.at)
        with stage.session() as session:
            topics = session.exec(select(ConferenceTopic.id).where(ConferenceTopic.conference_id == item_id)).all()
            known = session.exec(
                select(ConferenceMinutes.version).where(ConferenceMinutes.conference_id == item_id)
            ).all()
        command = SaveMinutes(
            item_id=item_id,
            seen_version=max(known, default=0),
            paragraphs=("会议听取了办公室关于前期工作的汇报，逐项研究了议题，议定如下。",),
            resolutions=tuple(
                Resolution(
                    text=text,
                    leads=(stage.unit(lead),),
                    co_units=tuple(stage.unit(unit) for unit in co_units),
                    due_on=today + timedelta(days=days),
                )
                for text, lead, co_units, days in resolved
            ),
            results=tuple((topic_id, "原则同意，按分工抓紧落实，下次会议听取落实情况。") for topic_id in topics),
        )
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    return perform


def _resolved_item(text: str) -> Callable[[Stage], UUID]:
    def find(stage: Stage) -> UUID:
        with stage.session() as session:
            return session.exec(select(Item.id).where(Item.text == text)).one()

    return find


def _resolution(text: str) -> Script:
    """A resolution is supervised like every other task."""
    script = Script(f"议定·{text[:6]}", _resolved_item(text), OFFICE)
    script.on(55).step("issue", after=0).step("sign_for", "accept").step("draft_plan", after=3)
    script.step("sign_plan", "sign")
    if text == INTERFACE:
        script.step("confirm_plan", "confirm", after=2)
    script.step("check_plan", "approve", after=2)
    if text == FEES:
        script.on(120).step("claim_completion", "completed", files=("收费公示目录.pdf",))
        script.step("sign_completion", "sign").step("review_completion", "approve", after=2)
        script.step("close", "close").step("file_item")
    return script


def _coordination() -> Script:
    """The interface belongs to a national system: the problem climbs, with the clock stopped, to its answer."""
    script = Script("提请协调", _resolved_item(INTERFACE), OFFICE)
    form = {
        "problem": "接口标准由国家系统规定，本市单方面改造后无法对接。",
        "tried": "与示范海关会商两次，对方认为须由上级系统统一调整。",
        "wanted": "请明确接口改造由谁承担，并向国家有关部委反映。",
    }
    script.on(90).act("ask", _ask(script)).step("apply_coordination", "submit", form=form, after=0)
    script.step("sign_coordination", "sign")
    script.returned("answer_request", "other", "接口属于国家系统，本单位无权调整。", decision="refuse", after=4)
    paused = {"pause": True, "document_number": "示开放办函15号", "opinion": OPINION}
    script.step("coordinate_office", "escalate", form=paused, after=5)
    for step, day in (("coordinate_special", 122), ("coordinate_conference", 166), ("coordinate_city", 172)):
        script.on(day).step(step, "escalate", form={"opinion": OPINION}, after=0)
    answer = {"document_number": "部函88号", "opinion": "同意先行试点，开放测试接口，由市交通运输委承担改造。"}
    script.on(195).step("coordinate_ministry", "resolve", form=answer, after=0)
    return script


def _ask(script: Script) -> Perform:
    def perform(stage: Stage, name: str) -> None:
        item_id = script.find(stage)
        command = StartSideProcess(
            item_id=item_id, seen_version=stage.version(item_id), process=SideProcess.COORDINATION
        )
        stage.do(command, stage.person(TRANSPORT, Role.LIAISON), name=name)

    return perform
