"""复制推广 in the sample city: eight cases, two batches, a report upward, adoptions in every state, a merge, a stop.

What was published the year before is told in `app.demo.replication_before`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.dossiers import Written
from app.demo.replication_forms import CASES, DISTRICTS, EARLIER, REPORT, SCORES, STORIES, Story
from app.demo.script import Act, Script, in_order
from app.demo.stage import Stage, someone
from db.tables import (
    Adoption,
    Item,
    ProcessInstance,
    ReplicationBatch,
    ReplicationCase,
    ReplicationLetter,
    ReplicationLikeness,
)
from domain.calendar import local_date
from domain.documents import DocumentFormat
from domain.permissions import OPERATOR, SCHEDULER, Role
from importers.sheets.people import COLUMNS as PEOPLE_COLUMNS
from importers.sheets.people import read_people
from importers.sheets.table import Line
from services.executor import Executor
from services.export import batch_workbook
from services.people_import import ImportPeople
from services.ports import Draughtsman
from services.printing import printed
from services.queries.reading import reading
from services.queries.replication_batches import batch_detail
from services.replication import (
    MergeCases,
    NominateCase,
    RecordLetterAnswer,
    ReportUpward,
    StopCase,
    WithdrawCase,
)
from services.replication_batches import DraftBatch, IssueBatch, SettleLikeness
from services.replication_known import known_list_command
from services.timers import FireTimers
from services.unit_lookup import stored_registry

EXPERTS: Final = ("市发展改革委", "市教育局", "市人社局", "市大数据局")
_EXPERT_NAMES: Final = ("宁致远", "关雨桐", "骆嘉言", "边若水")
DEPARTMENTS: Final = ("市司法局", "市市场监管局", "示范海关")
FIRST_BATCH, SECOND_BATCH = 92, 190
"""The days on which the two batches of the year are issued."""


def acts() -> list[Act]:
    """The whole chapter, in order."""
    scripts = [way(ref, story) for ref, story in CASES.items()]
    scripts += [batch("B2", FIRST_BATCH, ("R1", "R2", "R3")), batch("B3", SECOND_BATCH, ("R4", "R5"))]
    scripts += [_report("R1", FIRST_BATCH + 3), _answers("R1", FIRST_BATCH + 4), _letters("R2", FIRST_BATCH + 40)]
    scripts.append(_stop("R3", FIRST_BATCH + 100))
    return in_order(scripts)


def case_called(ref: str, stage: Stage) -> UUID:
    """The case of a story, which was nominated before. Raises an error of the database if it was not."""
    with stage.session() as session:
        statement = (
            select(Item.id)
            .join(ReplicationCase, col(ReplicationCase.item_id) == col(Item.id))
            .where(Item.text == STORIES[ref].title)
        )
        return session.exec(statement).one()


def invite_experts(stage: Stage, name: str) -> None:
    """Units of the conference send assessors, who score cases of others."""
    lines = [Line(1, tuple(PEOPLE_COLUMNS[key].title for key in ("name", "unit", "role", "post", "login")))]
    for position, (unit, person) in enumerate(zip(EXPERTS, _EXPERT_NAMES, strict=True), 1):
        lines.append(Line(position + 1, (person, unit, "评估人员", "特聘专家", f"expert{position}")))
    stage.do(ImportPeople(sheet=read_people(lines), source_name="experts"), OPERATOR, name=name)


def import_earlier(stage: Stage, name: str) -> None:
    """What was published before is there to compare with."""
    clerk, content = stage.person(OFFICE, Role.OFFICE_STAFF), EARLIER.encode()
    with stage.session() as session:
        registry = stored_registry(session, local_date(stage.clock.at))
    command = known_list_command(
        clerk,
        content,
        name="首批复制推广清单.txt",
        digest=hashlib.sha256(content).digest(),
        office_unit_id=stage.unit(OFFICE),
        registry=registry,
    )
    stage.do(command, clerk, name=name)


def way(ref: str, story: Story) -> Script:
    """A case from its nomination to the conference, or to where it ends before."""
    script = Script(ref, partial(case_called, ref), OFFICE, day=story.day)
    script.act("nominated", partial(_nominate, story))
    script.step("nominate", "submit", form=story.form, after=2).step("sign_nomination", "sign")
    if story.ends == "merged":
        return script.act("merged", partial(_merge, ref), after=1)
    if story.ends == "withdrawn":
        return script.act("withdrawn", partial(_withdraw, ref), after=1)
    if story.claims:
        script.returned("check_form", "material_insufficient", "“全国首单”请附证明。", after=2)
        script.act("proof", partial(_prove, ref, story), after=1)
        script.step("nominate", "submit", form=story.form).step("sign_nomination", "sign")
    departments = {"departments": [{"unit": name} for name in DEPARTMENTS], "letter_number": f"市开放办函{ref}"}
    script.step("check_form", "accept", after=3).step("plan_consultation", "send", form=departments)
    if story.silent:
        script.step("consult", "agree", unit=DEPARTMENTS[0], after=3)
        script.act("timer", partial(timers, ref), after=20)
        script.step("send_second_letter", "send", form={"letter_number": f"市开放办函{ref}二"})
        script.step("consult_again", "agree", unit=DEPARTMENTS[1], after=2).act("timer", partial(timers, ref), after=12)
    else:
        script.step("consult", "agree", after=5)
    script.step("settle_opinions", "proceed", form={"adoption_of_opinions": "会商意见均已采纳。"}, after=2)
    experts = [name for name in EXPERTS if name != story.applicant][:3]
    panel = {"experts": [{"unit": name} for name in experts], "legality_unit": "市司法局"}
    script.step("appoint_experts", "appoint", form=panel)
    for expert, marks in zip(experts, SCORES, strict=True):
        script.step("score", "score", unit=expert, form=marks, opinion="做法清楚，数字可信。")
    if story.ministry:
        told = {"risk_level": "medium", "basis": "涉及部委规章对用料清单的规定。"}
        script.step("check_legality", "needs_ministry", form=told, opinion="请先报国家主管部委同意。", after=3)
        script.step("request_ministry", "send", form=_asked)
        script.step("record_ministry_answer", "approved", form=_allowed, opinion="同意在全市试行。", after=25)
    else:
        told = {"risk_level": "low", "basis": "属于市级权限，不突破现行规定。"}
        script.step("check_legality", "pass", form=told, after=3)
    if story.ends == "not_adopted":
        return script.step("decide_range", "reject", opinion="各区条件差别大，暂不推广。", after=6)
    script.step("decide_range", "adopt", form=partial(_decision, story), after=6)
    if story.publicize:
        script.step("publicize", "no_objection", form=_shown, after=9)
    return script


def _nominate(story: Story, stage: Stage, name: str) -> None:
    command = NominateCase(
        office_unit_id=stage.unit(OFFICE),
        title=story.title,
        applicants=(stage.unit(story.applicant),),
        clue="半年征集",
    )
    stage.do(command, stage.person(story.applicant, Role.LIAISON), name=name)


def _prove(ref: str, story: Story, stage: Stage, name: str) -> None:
    facts = stage.item(case_called(ref, stage))
    actor = stage.person(story.applicant, Role.LIAISON)
    stage.upload(facts, "首单验放证明.pdf", actor, name=name, proves="证明全国首单：验放单和查新报告")


def _merge(ref: str, stage: Stage, name: str) -> None:
    command = MergeCases(
        item_id=case_called(ref, stage), into_id=case_called("R4", stage), reason="与港城区申报的是同一项改革"
    )
    stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)


def _withdraw(ref: str, stage: Stage, name: str) -> None:
    command = WithdrawCase(item_id=case_called(ref, stage), reason="数据口径有变，核实后再报")
    stage.do(command, stage.person(CASES[ref].applicant, Role.UNIT_LEADER), name=name)


def timers(ref: str, stage: Stage, name: str) -> None:
    """What the clock does with a case."""
    with stage.session() as session:
        instance = session.exec(
            select(ProcessInstance.id).where(
                ProcessInstance.item_id == case_called(ref, stage), ProcessInstance.key == "replication"
            )
        ).one()
    stage.do(FireTimers(instance_id=instance), SCHEDULER, name=name)


def _asked(_facts: object, day: date) -> Mapping[str, Any]:
    number = f"滨示请{day:%Y}3号"
    request = "请求同意在全市试行研发用料白名单。"
    return {"ministry": "国家主管部委", "document_number": number, "sent_on": day.isoformat(), "request": request}


def _allowed(_facts: object, day: date) -> Mapping[str, Any]:
    return {"document_number": f"部函{day:%Y}88号", "answered_on": day.isoformat()}


def _shown(_facts: object, day: date) -> Mapping[str, Any]:
    start = date.fromordinal(day.toordinal() - 7).isoformat()
    return {"from_on": start, "until_on": day.isoformat(), "place": "市开放办网站"}


def _decision(story: Story, _facts: object, day: date) -> Mapping[str, Any]:
    conference = f"{day.year}年{day.month}月{day.day}日联席会议"
    due = date.fromordinal(day.toordinal() + 240).isoformat()
    responsible = [{"unit": story.responsible}]
    return {
        "units": [{"unit": name} for name in story.units],
        "conference": conference,
        "range": story.range,
        "due_on": due,
        "responsible": responsible,
        "publicize": story.publicize,
    }


def batch(ref: str, day: int, cases: Sequence[str]) -> Script:
    """Drafted by the clerk, compared, issued by the head of the office."""
    script = Script(ref, partial(case_called, cases[0]), OFFICE, day=day - 4)
    title = f"滨海示范市第{'一二三'[int(ref[1:]) - 1]}批复制推广改革试点经验"

    def draft(stage: Stage, name: str) -> None:
        ids = tuple(case_called(case, stage) for case in cases)
        command = DraftBatch(office_unit_id=stage.unit(OFFICE), title=title, case_ids=ids)
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    def compare(stage: Stage, name: str) -> None:
        with stage.session() as session:
            rows = session.exec(
                select(ReplicationLikeness.id).where(
                    col(ReplicationLikeness.item_id).in_([case_called(case, stage) for case in cases]),
                    col(ReplicationLikeness.same).is_(None),
                )
            ).all()
        for row in rows:
            command = SettleLikeness(likeness_id=row, same=False, reason="前一项只管备案，这一项管直播全过程")
            stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    def issue(stage: Stage, name: str) -> None:
        with stage.session() as session:
            row = session.exec(select(ReplicationBatch).where(ReplicationBatch.title == title)).one()
        command = IssueBatch(batch_id=row.id, seen_version=row.version)
        stage.do(command, stage.person(OFFICE, Role.UNIT_LEADER), name=name)

    script.act("draft", draft)
    if ref == "B2":
        # One of its cases is like what the city published before.
        script.act("compare", compare, after=1)
    return script.act("issue", issue, after=3)


def _report(ref: str, day: int) -> Script:
    """The report to the State Council's inter-ministry office, asked for more, then selected."""
    script = Script(f"N{ref[1:]}", partial(case_called, ref), OFFICE, day=day)

    def opened(stage: Stage, name: str) -> None:
        stage.do(ReportUpward(item_id=case_called(ref, stage)), stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    script.act("opened", opened).step("draft_report", "submit", form=REPORT, after=2).step("sign_report", "sign")
    script.step("send_report", "sent", form=_sent).step("record_receipt", "received", form=_received, after=3)
    script.step("record_answer", "more_material", form=_answered, opinion="请补充企业受益数据。", after=30)
    script.step("supplement", "submit", form={"supplement": "补充首批三十一家企业的办理时间和费用。"}, after=4)
    script.step("send_supplement", "sent", form=_sent)
    chosen: dict[str, Any] = {"batch": "服务贸易发展最佳实践案例"}
    return script.step("record_answer", "selected", form=lambda f, d: {**_answered(f, d), **chosen}, after=45)


def _sent(_facts: object, day: date) -> Mapping[str, Any]:
    return {"sent_on": day.isoformat(), "channel": "exchange"}


def _received(_facts: object, day: date) -> Mapping[str, Any]:
    return {"received_on": day.isoformat(), "receipt_number": "收文第311号"}


def _answered(_facts: object, day: date) -> Mapping[str, Any]:
    return {"answered_on": day.isoformat()}


def _answers(ref: str, day: int) -> Script:
    """Districts answer in every way that there is; one stays silent."""
    script = Script(f"A{ref[1:]}", partial(case_called, ref), OFFICE, day=day)
    done, existing, unfit, planned = DISTRICTS

    def step(unit: str, bpmn_id: str, decision: str, after: int = 2, **fields: Any) -> None:
        def perform(stage: Stage, name: str) -> None:
            stage.complete(name, adoption_of(ref, unit, stage), bpmn_id, decision, **fields)

        script.act(f"{bpmn_id}.{unit}", perform, after=after)

    step(existing, "answer", "already", form={"existing": "去年起已按清单管理。"}, files=("样品清单.pdf",))
    step(unfit, "answer", "not_applicable", form={"why_not": "辖区没有口岸和研发样品进口业务。"})
    step(done, "answer", "plan", form=partial(plan_within, 60))
    step(planned, "answer", "plan", form=partial(plan_within, 100))
    for unit in DISTRICTS:
        step(unit, "sign_answer", "sign", after=1)
        step(unit, "check_answer", "accept", after=1)
    step(done, "carry_out", "done", after=40, form={"summary": "清单已印发，首批九家企业受益。"}, files=("清单.pdf",))
    step(done, "sign_done", "sign", after=1)
    step(done, "check_done", "accept", after=3)
    return script


def plan_within(days: int, _facts: object, day: date) -> Mapping[str, Any]:
    """A unit's plan to take a case up in so many days."""
    due = date.fromordinal(day.toordinal() + days).isoformat()
    return {"plan": "先梳理清单，再与海关联调，首批验放后全面推开。", "due_on": due}


def adoption_of(ref: str, unit: str, stage: Stage) -> UUID:
    """What a unit was asked to make of a case."""
    with stage.session() as session:
        statement = select(Adoption.item_id).where(
            Adoption.case_item_id == case_called(ref, stage), Adoption.unit_id == stage.unit(unit)
        )
        return session.exec(statement).one()


def _letters(ref: str, day: int) -> Script:
    """One of the two neighbours answers."""
    script = Script(f"L{ref[1:]}", partial(case_called, ref), OFFICE, day=day)

    def record(stage: Stage, name: str) -> None:
        with stage.session() as session:
            letter_id = session.exec(
                select(ReplicationLetter.id).where(
                    ReplicationLetter.case_item_id == case_called(ref, stage), ReplicationLetter.addressee == "北京市"
                )
            ).one()
        answered = date.fromordinal(stage.clock.at.toordinal() - 2)
        command = RecordLetterAnswer(letter_id=letter_id, answered_on=answered, answer="拟在两个区参考试行。")
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    return script.act("answer", record)


def _stop(ref: str, day: int) -> Script:
    script = Script(f"S{ref[1:]}", partial(case_called, ref), OFFICE, day=day)

    def stop(stage: Stage, name: str) -> None:
        command = StopCase(item_id=case_called(ref, stage), reason="所依据的试点政策到期，没有延续")
        stage.do(command, stage.person(OFFICE, Role.UNIT_LEADER), name=name)

    return script.act("stop", stop)


def write_papers(executor: Executor, draughtsman: Draughtsman, *, office_id: UUID, out: Path) -> list[Written]:
    """The notices that issued the batches, as they are printed."""
    with executor.sessions() as session:
        head = someone(session, office_id, Role.UNIT_LEADER, now=executor.clock.now())
        batches = session.exec(
            select(ReplicationBatch.title, ReplicationBatch.document_id)
            .where(ReplicationBatch.office_unit_id == office_id, col(ReplicationBatch.document_id).is_not(None))
            .order_by(col(ReplicationBatch.number))
        ).all()
    written = []
    for title, document_id in batches:
        assert document_id is not None
        with reading(executor, head) as asked:
            content = printed(executor, draughtsman, asked, document_id, DocumentFormat.PDF).path.read_bytes()
        path = out / f"关于印发{title}的通知.pdf"
        path.write_bytes(content)
        written.append(Written(path, len(content)))
    return written


def write_lists(stage: Stage, out: Path) -> list[Path]:
    """The issued batches as spreadsheets."""
    written = []
    head = stage.person(OFFICE, Role.UNIT_LEADER)
    with reading(stage.executor, head) as asked:
        for row in asked.session.exec(select(ReplicationBatch).order_by(col(ReplicationBatch.number))).all():
            path = out / f"{row.title}.xlsx"
            path.write_bytes(batch_workbook(asked, batch_detail(asked, row.id)))
            written.append(path)
    return written
