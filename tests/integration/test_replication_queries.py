"""What pages and console of 复制推广 read: cases by state, one case, batches in four columns, units by cases."""

from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlmodel import select

from db.tables import (
    DocumentRecipient,
    IssuedDocument,
    KnownReplication,
    ProgressRound,
    ReplicationCase,
    ReplicationLetter,
)
from domain.errors import NotFound, PermissionDenied
from domain.permissions import Role
from domain.replication_errors import NoReplicationList
from importers.registry import packaged_registry
from services.dossier_content import Scope, dossier_content
from services.dossiers import IssueDossier
from services.export import batch_workbook
from services.queries.adoptions import adoption_matrix
from services.queries.documents import document_detail, documents_of_item
from services.queries.item_detail import item_detail
from services.queries.matter_pages import MatterPage, matter_page, sees_item
from services.queries.reading import reading
from services.queries.replication import CaseFilter, case_detail, cases
from services.queries.replication_batches import batch_detail, batches, known_rows
from services.queries.work_context import contexts_of
from services.queries.work_item_detail import work_item_detail
from services.replication import NominateCase, RecordLetterAnswer, ReportUpward, StopCase
from services.replication_known import known_list_command
from services.rounds import OpenRound
from tests.replication_world import NOMINATION, SCORE, build_replication

FIRMS = {
    **NOMINATION,
    "results": "海河检测有限公司等两家企业受益，示范仪器有限公司也受益。",
    "firms": [{"name": "海河检测有限公司"}, {"name": "示范仪器有限公司"}],
}
LIST = (
    "江北市首批复制推广改革试点经验\n\n序号\t改革事项\t主要内容及成效\t推广范围\t负责单位\n"
    "1\t样品清单验放管理\t清单内一次备案。\t全市\t市商务局\n"
).encode()


@pytest.fixture
def city(world):
    return build_replication(world)


def asked(world, actor):
    return reading(world.executor, actor)


def test_cases_are_found_by_state_words_and_applicant(world, city):
    waiting = city.nominate("跨境直播指引")
    world.clock.advance(hours=1)
    approved = city.approved()
    with asked(world, world.clerk) as r:
        assert [row.id for row in cases(r, CaseFilter()).rows] == [approved, waiting]
        assert [row.id for row in cases(r, CaseFilter(states=("approved",))).rows] == [approved]
        assert [row.id for row in cases(r, CaseFilter(text="直播")).rows] == [waiting]
        assert len(cases(r, CaseFilter(applicant_id=city.applicant)).rows) == 2
        assert cases(r, CaseFilter(applicant_id=city.legal)).rows == ()
        first = cases(r, CaseFilter(), limit=1)
        assert [row.id for row in cases(r, CaseFilter(), after=first.next).rows] == [waiting]
        [row] = cases(r, CaseFilter(text="直播")).rows
    assert (row.state_label, row.applicants) == ("申报", ("市牵头甲局",))
    assert [holder.step for holder in row.held_by] == ["申报"]


def test_a_case_shows_what_was_said_and_what_it_is_worth(world, city):
    case = city.approved()
    with asked(world, world.clerk) as r:
        found = case_detail(r, case)
    assert str(found.mean) == "82.5"
    assert {score.unit for score in found.scores} == {"市专家一院", "市专家二院", "市专家三院"}
    assert [(opinion.letter, opinion.answer) for opinion in found.opinions] == [(1, "agree"), (1, "agree")]
    assert (found.risk_level, found.responsible, found.conference) == ("low", ("市牵头甲局",), "2026年第一次联席会议")
    assert found.dossier["indicators"] == NOMINATION["indicators"]


def test_who_gave_which_marks_is_for_the_office_and_an_expert_sees_its_own(world, city):
    case = city.nominate()
    world.clock.advance(days=1)
    city.to_conference(case)
    with asked(world, world.actor(city.applicant, Role.LIAISON)) as r:
        shown = case_detail(r, case)
    assert (shown.scores, str(shown.mean)) == ((), "82.5")
    with asked(world, world.actor(city.experts[0], Role.ASSESSOR)) as r:
        assert [score.unit for score in case_detail(r, case).scores] == ["市专家一院"]


def test_a_stranger_sees_no_case_and_no_draft_but_every_issued_batch(world, city):
    case = city.approved()
    drafted = city.draft(case)
    stranger = world.actor(world.leads[1], Role.LIAISON)
    with asked(world, stranger) as r:
        assert cases(r, CaseFilter()).rows == ()
        assert batches(r) == ()
        with pytest.raises(NotFound):
            case_detail(r, case)
        with pytest.raises(NotFound):
            batch_detail(r, drafted.id)
        # A paper of the case, which they may have, links to nothing that they would not find.
        assert (matter_page(r, case), sees_item(r, case)) == (None, False)
    with asked(world, world.clerk) as r:
        assert (matter_page(r, case), sees_item(r, case)) == ((MatterPage.CASE, case), True)
    from services.replication_batches import IssueBatch

    world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.head)
    with asked(world, stranger) as r:
        assert [row.number for row in batches(r)] == [1]
        assert batch_detail(r, drafted.id).entries[0].title == "样品清单管理"


def test_a_batch_prints_four_columns_without_firms_that_did_not_agree(world, city):
    case = city.nominate()
    city.to_conference(case, FIRMS)
    from tests.replication_world import DECISION

    world.complete(case, "decide_range", "adopt", form=DECISION)
    issued = city.issue(case)
    with asked(world, world.clerk) as r:
        detail = batch_detail(r, issued.batch_id)
        book = openpyxl.load_workbook(BytesIO(batch_workbook(r, detail)))
    [entry] = detail.entries
    assert (entry.range_text, entry.responsible_text) == ("全市", "市牵头甲局")
    assert "某企业甲等两家企业受益，某企业乙也受益" in entry.content
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[0] == ["序号", "改革事项", "主要内容及成效", "推广范围", "负责单位"]
    assert rows[1] == [1, entry.title, entry.content, entry.range_text, entry.responsible_text]


def test_an_issued_batch_stays_as_it_was_when_its_case_changes(world, city):
    case = city.approved()
    issued = city.issue(case)
    with world.sessions() as session:
        session.get_one(ReplicationCase, case).dossier = {**NOMINATION, "results": "后来改了。"}
        session.commit()
    with asked(world, world.clerk) as r:
        assert "后来改了" not in batch_detail(r, issued.batch_id).entries[0].content


def test_the_matrix_has_a_cell_for_each_unit_and_case_and_units_see_their_own(world, city):
    one = city.approved()
    world.clock.advance(hours=1)
    other = city.approved("跨境直播指引")
    issued = city.issue(one, other)
    with asked(world, world.clerk) as r:
        matrix = adoption_matrix(r, batch_id=issued.batch_id)
        assert {unit for unit, _ in matrix.units} == set(city.districts)
        assert {(unit, case) for unit, case in matrix.cells} == {(u, c) for u in city.districts for c in (one, other)}
        assert matrix.settled(city.districts[0]) == (0, 2)
        assert len(adoption_matrix(r, unit_id=city.districts[0]).cells) == 2
        newest = adoption_matrix(r, newest=1)
        assert ({case for _, case in newest.cells}, newest.left_out) == ({other}, 1)
        assert adoption_matrix(r, newest=2).left_out == 0
    with asked(world, world.actor(city.districts[0], Role.LIAISON)) as r:
        assert {unit for unit, _ in adoption_matrix(r).cells} == {city.districts[0]}


def test_a_plan_that_has_passed_is_late(world, city):
    case = city.approved()
    city.issue(case)
    adoption = city.adoptions(case)[0].item_id
    world.complete(adoption, "answer", "plan", form={"plan": "先清单后验放。", "due_on": "2026-06-30"})
    world.complete(adoption, "sign_answer", "sign")
    world.complete(adoption, "check_answer", "accept")
    world.clock.advance(days=200)
    with asked(world, world.clerk) as r:
        late = {cell.item_id for cell in adoption_matrix(r).cells.values() if cell.late}
    assert late == {adoption}


def test_a_case_whose_policy_has_expired_is_found(world, city):
    case = city.nominate()
    city.to_conference(case, {**NOMINATION, "policy_expires_on": "2026-12-31"})
    from tests.replication_world import DECISION

    world.complete(case, "decide_range", "adopt", form=DECISION)
    city.issue(case)
    with asked(world, world.clerk) as r:
        assert cases(r, CaseFilter(basis_expired=True)).rows == ()
    world.clock.advance(days=400)
    with asked(world, world.clerk) as r:
        [row] = cases(r, CaseFilter(basis_expired=True)).rows
    assert (row.id, row.basis_expired) == (case, True)


def documents(world, series_template):
    with world.sessions() as session:
        return list(session.exec(select(IssuedDocument).where(IssuedDocument.template == series_template)).all())


def test_each_paper_of_a_case_is_numbered_and_goes_to_whom_it_concerns(world, city):
    case = city.approved(range="jjj")
    city.issue(case)
    [notice] = documents(world, "notice")
    letters = documents(world, "letter")
    assert notice.mark.endswith("1号")
    assert sorted(name for letter in letters for name in letter.outside) == ["北京市", "河北省"]
    assert sorted(letter.number for letter in letters) == [1, 2]
    with world.sessions() as session:
        told = session.exec(select(DocumentRecipient.unit_id).where(DocumentRecipient.document_id == notice.id)).all()
    assert set(told) == set(city.districts)
    world.do(StopCase(item_id=case, reason="政策到期"), world.head)
    assert len(documents(world, "notice")) == 2


def test_a_report_upward_is_numbered_when_it_is_signed_and_not_before(world, city):
    case = city.approved()
    world.do(ReportUpward(item_id=case), world.clerk)
    form = {"addressee": "国务院服务贸易发展部际联席会议办公室", "title": "关于报送案例的报告", "body": "现报送。"}
    world.complete(case, "draft_report", form=form)
    why = {"reason_code": "content_vague", "opinion": "补数字。"}
    world.complete(case, "sign_report", "return", **why)
    assert documents(world, "report") == []
    world.complete(case, "draft_report", form=form)
    world.complete(case, "sign_report", "sign")
    [document] = documents(world, "report")
    with asked(world, world.clerk) as r:
        [report] = case_detail(r, case).reports
    assert (report.document_number, document.title) == (document.mark, form["title"])


def test_an_answer_to_a_letter_is_kept(world, city):
    case = city.approved(range="national")
    city.issue(case)
    with world.sessions() as session:
        letter = session.exec(select(ReplicationLetter)).one()
    command = RecordLetterAnswer(letter_id=letter.id, answered_on=date(2026, 5, 8), answer="拟参考。")
    with pytest.raises(NotFound):
        world.do(command, world.actor(world.leads[1], Role.LIAISON))
    world.do(command, world.clerk)
    with asked(world, world.clerk) as r:
        [shown] = case_detail(r, case).letters
    assert (shown.addressee, shown.answer) == ("国务院服务贸易发展部际联席会议办公室", "拟参考。")


def known(world, actor, content=LIST, name="清单.txt"):
    return known_list_command(
        actor,
        content,
        name=name,
        digest=content[:32],
        office_unit_id=world.office,
        registry=packaged_registry(),
        national=True,
    )


def test_a_list_that_was_published_before_is_compared_with_and_lands_once(world, city):
    assert world.do(known(world, world.clerk), world.clerk) == 1
    assert world.do(known(world, world.clerk), world.clerk) == 0
    with asked(world, world.clerk) as r:
        [row] = known_rows(r)
    assert (row.title, row.national) == ("样品清单验放管理", True)
    assert city.draft(city.approved()).alike == 1


def test_a_list_of_another_kind_is_refused_and_a_stranger_imports_none(world, city):
    tasks = "江北市任务清单\n\n序号\t任务\t完成时限\t责任单位\n1\t开通公交线路\t2026年底前\t市交通局\n".encode()
    with pytest.raises(NoReplicationList):
        known(world, world.clerk, tasks)
    stranger = world.actor(world.leads[1], Role.LIAISON)
    with pytest.raises(PermissionDenied):
        world.do(known(world, stranger), stranger)
    with world.sessions() as session:
        assert session.exec(select(KnownReplication)).all() == []


def test_no_expert_reads_anothers_marks_and_the_office_only_when_all_are_in(world, city):
    case = city.nominate()
    world.clock.advance(days=1)
    city.to_experts(case)
    city.appoint(case)
    world.clock.advance(hours=1)
    first, second, third = city.experts[:3]
    for unit_id, words in ((first, "可以推广。"), (second, "条件还不成熟。")):
        world.complete(case, "score", "score", unit_id=unit_id, form=SCORE, opinion=words)
        world.clock.advance(hours=1)

    def told(actor):
        with asked(world, actor) as r:
            steps = [entry for entry in item_detail(r, case).timeline if entry.name == "score"]
            content = dossier_content(r, case, scope=Scope.FULL).data
        return {entry.unit: entry.opinion for entry in steps}, repr(content["timeline"]) + repr(content["opinions"])

    expert = world.actor(first, Role.ASSESSOR)
    mine, paper = told(expert)
    assert mine == {"市专家一院": "可以推广。", "市专家二院": ""}
    assert "条件还不成熟" not in paper
    [waiting] = world.open_work(case, "score")
    with asked(world, world.actor(third, Role.ASSESSOR)) as r:
        desk = work_item_detail(r, waiting.id)
    assert {party.decision for party in desk.parties} == {None}
    assert {(entry.form, entry.withheld) for entry in desk.handed_in if entry.name == "score"} == {(None, True)}
    assert told(world.clerk)[0] == {"市专家一院": "", "市专家二院": ""}
    world.complete(case, "score", "score", unit_id=third, form=SCORE)
    assert told(world.clerk)[0]["市专家二院"] == "条件还不成熟。"
    assert told(expert)[0]["市专家二院"] == ""
    assert set(told(world.actor(city.applicant, Role.LIAISON))[0].values()) == {""}
    with asked(world, world.actor(city.legal, Role.LIAISON)) as r:
        [work] = world.open_work(case, "check_legality")
        before = contexts_of(r, [work.id])[work.id].before
    assert before is not None
    assert (before.step, before.decision, before.opinion) == ("专家评分", "", "")


def test_a_whole_dossier_of_a_case_is_not_for_the_units_that_take_part(world, city):
    case = city.approved()
    whole = world.do(IssueDossier(item_id=case), world.clerk)
    public = world.do(IssueDossier(item_id=case, scope=Scope.PUBLIC), world.clerk)
    with asked(world, world.actor(city.applicant, Role.LIAISON)) as r:
        assert [row.id for row in documents_of_item(r, case)] == [public.id]
    with asked(world, world.clerk) as r:
        assert {row.id for row in documents_of_item(r, case)} == {whole.id, public.id}


def test_a_clue_names_the_report_it_was_found_in(world, city):
    task = world.item(text="样品通关提速")
    world.to_progress(task)
    due = world.clock.now() + timedelta(days=9)
    world.do(OpenRound(item_id=task, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    with world.sessions() as session:
        [found] = session.exec(select(ProgressRound).where(ProgressRound.item_id == task)).all()
    fields = {"source_round_id": found.id, "title": "清单管理", "applicants": (city.applicant,)}
    opened = world.do(NominateCase(office_unit_id=world.office, **fields), world.clerk)
    with asked(world, world.clerk) as r:
        source = case_detail(r, opened.item_id).source
        facts = dict(dossier_content(r, opened.item_id, scope=Scope.FULL).data["facts"])
    assert (source.kind, source.item_id, source.round_id, source.period) == ("round", task, found.id, "2026-03")
    assert facts["线索来源"] == source.words
    assert source.words.startswith("进展报告（") and source.words.endswith("样品通关提速 2026-03）")
    with asked(world, world.actor(city.legal, Role.LIAISON)) as r, pytest.raises(NotFound):
        case_detail(r, opened.item_id)
    with pytest.raises(NotFound):
        world.do(NominateCase(office_unit_id=world.office, source_item_id=world.item(), **fields), world.clerk)


def test_a_dossier_tells_the_batch_who_takes_the_case_up_and_what_was_written_outside(world, city):
    case = city.approved(range="jjj")
    issued = city.issue(case)
    with asked(world, world.clerk) as r:
        letter = case_detail(r, case).letters[0]
    answer = RecordLetterAnswer(letter_id=letter.id, answered_on=date(2026, 3, 12), answer="拟参考试行。")
    world.do(answer, world.clerk)
    with asked(world, world.clerk) as r:
        told = dossier_content(r, case, scope=Scope.FULL).data
        public = dossier_content(r, case, scope=Scope.PUBLIC).data
        document_id = batch_detail(r, issued.batch_id).row.document_id
        assert document_id is not None
        mark = document_detail(r, document_id).row.mark
    assert told["batch"]["mark"] == mark
    assert told["batch"]["row"][:2] == ["1", "样品清单管理"]
    assert {row["unit"] for row in told["adoptions"]} == {row["unit"] for row in public["adoptions"]} >= {"江北区"}
    answers = {row["to"]: row["answer"] for row in told["letters"]}
    assert answers[letter.addressee] == "拟参考试行。"
    assert len(answers) > 1
