"""A case of 复制推广 from its nomination to the units that take it up, and everything that may stop it on the way."""

import pytest
from sqlmodel import select

from db.tables import (
    Evidence,
    Item,
    Message,
    NationalReport,
    ReplicationBatch,
    ReplicationLetter,
    ReplicationLikeness,
    ReplicationOpinion,
    ReplicationScore,
)
from domain.errors import InvalidForm, NotFound, OwnSubmission, PermissionDenied, StaleVersion
from domain.permissions import SCHEDULER, Role
from domain.replication_errors import (
    AdoptionDateTooLate,
    CaseNotApproved,
    CaseStateWrong,
    ClaimUnproven,
    DossierTooLong,
    DuplicateOpen,
    ExpertNotIndependent,
    FirmNotListed,
    FormalReturnUsedUp,
    PanelTooSmall,
    ProofMissing,
    UnitNotKnown,
)
from services.hand_over import HandOver, waiting_deliveries
from services.queries.reading import reading
from services.replication import MergeCases, ReportUpward, StopCase, WithdrawCase
from services.replication_batches import IssueBatch, SettleLikeness
from tests.replication_world import DECISION, NOMINATION, SCORE, build_replication

WHY = {"reason_code": "material_insufficient", "opinion": "请补充。"}


@pytest.fixture
def city(world):
    return build_replication(world)


def rows(world, table, **where):
    with world.sessions() as session:
        statement = select(table)
        for name, value in where.items():
            statement = statement.where(getattr(table, name) == value)
        return list(session.exec(statement))


def test_a_case_goes_from_its_nomination_to_the_units_in_its_range(world, city):
    case = city.approved()
    assert city.case(case).state == "approved"
    issued = city.issue(case)
    assert (issued.cases, issued.adoptions, issued.letters) == (1, 2, 0)
    assert city.case(case).state == "implementing"
    assert {adoption.unit_id for adoption in city.adoptions(case)} == set(city.districts)


def test_what_experts_and_departments_said_is_kept(world, city):
    case = city.approved()
    opinions = rows(world, ReplicationOpinion, item_id=case)
    assert [(row.letter, row.answer) for row in opinions] == [(1, "agree"), (1, "agree")]
    scores = rows(world, ReplicationScore, item_id=case)
    assert {row.unit_id for row in scores} == set(city.experts[:3])
    assert all((row.innovation, row.risk, row.recused) == (85, 90, False) for row in scores)


def test_silence_is_a_second_letter_and_then_no_opinion_never_consent(world, city):
    case = city.nominate()
    city.to_consultation(case)
    silent, heard = sorted(work.unit_id for work in world.open_work(case, "consult"))
    world.complete(case, "consult", "object", unit_id=heard, **WHY)
    world.clock.advance(days=30)
    assert city.timers_go_off(case) == 1
    assert city.case(case).state == "consultation"
    world.complete(case, "send_second_letter", form={"letter_number": "示函〔2026〕9号"})
    assert [work.unit_id for work in world.open_work(case, "consult_again")] == [silent]
    world.clock.advance(days=30)
    assert city.timers_go_off(case) == 1
    assert [work.bpmn_id for work in world.open_work(case)] == ["settle_opinions"]
    said = {(row.unit_id, row.letter, row.answer) for row in rows(world, ReplicationOpinion, item_id=case)}
    assert said == {(heard, 1, "object"), (silent, 2, "none")}


def test_the_formal_check_returns_once(world, city):
    case = city.nominate()
    city.to_form_check(case)
    world.complete(case, "check_form", "return", **WHY)
    city.to_form_check(case)
    with pytest.raises(FormalReturnUsedUp):
        world.complete(case, "check_form", "return", **WHY)
    world.complete(case, "check_form", "reject", **WHY)
    assert city.case(case).state == "not_adopted"
    assert world.status(case) == "settled"


def test_a_claim_to_be_first_needs_proof_before_the_formal_check_passes(world, city):
    case = city.nominate()
    city.to_form_check(case, {**NOMINATION, "results": "办成全国首单样品验放。"})
    with pytest.raises(ClaimUnproven):
        world.complete(case, "check_form", "accept")
    liaison = world.actor(city.applicant, Role.LIAISON)
    evidence = world.evidence(case, liaison)
    with world.sessions() as session:
        session.get_one(Evidence, evidence).proves = "证明全国首单：验放单"
        session.commit()
    world.complete(case, "check_form", "accept")
    assert city.case(case).state == "consultation"


def test_a_firm_that_is_not_listed_keeps_the_formal_check_from_passing(world, city):
    case = city.nominate()
    city.to_form_check(case, {**NOMINATION, "results": "海河检测有限公司已受益。"})
    with pytest.raises(FirmNotListed):
        world.complete(case, "check_form", "accept")


def test_a_case_of_more_than_3000_characters_is_refused(world, city):
    case = city.nominate()
    with pytest.raises(DossierTooLong):
        world.complete(case, "nominate", form={**NOMINATION, "practices": "字" * 3000})


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (("市专家一院", "市专家二院"), PanelTooSmall),
        (("市专家一院", "市专家二院", "市牵头甲局"), ExpertNotIndependent),
        (("市专家一院", "市专家二院", "某研究院"), UnitNotKnown),
    ],
)
def test_a_panel_that_is_not_independent_or_too_small_is_refused(world, city, names, error):
    case = city.nominate()
    city.to_experts(case)
    with pytest.raises(error):
        city.appoint(case, *names)


def test_an_expert_who_withdraws_is_replaced_and_the_others_are_not_asked_again(world, city):
    case = city.nominate()
    city.to_experts(case)
    city.appoint(case)
    why = {"reason_code": "conflict_of_interest", "opinion": "有合作项目。"}
    world.complete(case, "score", "score", form=SCORE, unit_id=city.experts[0])
    world.complete(case, "score", "recuse", unit_id=city.experts[1], **why)
    world.complete(case, "score", "score", form=SCORE, unit_id=city.experts[2])
    assert [work.bpmn_id for work in world.open_work(case)] == ["appoint_experts"]
    city.appoint(case, "市专家四院")
    assert [work.unit_id for work in world.open_work(case, "score")] == [city.experts[3]]
    world.complete(case, "score", "score", form=SCORE)
    assert city.case(case).state == "legality"
    assert [row.recused for row in rows(world, ReplicationScore, unit_id=city.experts[1])] == [True]


def test_a_score_needs_all_four_marks(world, city):
    case = city.nominate()
    city.to_experts(case)
    city.appoint(case)
    with pytest.raises(InvalidForm):
        world.complete(case, "score", "score", form={"innovation": 80})


def test_a_case_for_jjj_becomes_letters_outside_and_tasks_inside(world, city):
    case = city.approved(range="jjj")
    issued = city.issue(case)
    letters = rows(world, ReplicationLetter, case_item_id=case)
    assert {letter.addressee for letter in letters} == {"北京市", "河北省"}
    assert issued.letters == 2
    assert {adoption.unit_id for adoption in city.adoptions(case)} == set(city.districts)


def test_whoever_drafted_a_batch_does_not_issue_it_and_nobody_else_but_the_head_does(world, city):
    drafted = city.draft(city.approved())
    with pytest.raises(PermissionDenied):
        world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.clerk)
    with world.sessions() as session:
        session.get_one(ReplicationBatch, drafted.id).drafted_by = world.head.id
        session.commit()
    with pytest.raises(OwnSubmission):
        world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.head)


def test_a_case_that_the_conference_has_not_approved_is_in_no_batch(world, city):
    with pytest.raises(CaseNotApproved):
        city.draft(city.nominate())


def test_a_case_like_a_published_one_waits_for_a_persons_word(world, city):
    city.issue(city.approved("样品清单管理创新"))
    drafted = city.draft(city.approved("样品清单管理"))
    assert drafted.alike == 1
    with pytest.raises(DuplicateOpen):
        world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.head)
    [found] = rows(world, ReplicationLikeness)
    world.do(SettleLikeness(likeness_id=found.id, same=False, reason="范围不同"), world.clerk)
    assert world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.head).cases == 1


def test_an_adoption_that_is_planned_is_supervised_until_it_is_done(world, city):
    case = city.approved()
    city.issue(case)
    adoption = city.adoptions(case)[0].item_id
    plan = {"plan": "先出清单，再验放。", "due_on": "2027-03-31"}
    with pytest.raises(AdoptionDateTooLate):
        world.complete(adoption, "answer", "plan", form={**plan, "due_on": "2027-07-01"})
    world.complete(adoption, "answer", "plan", form=plan)
    world.complete(adoption, "sign_answer", "sign")
    world.complete(adoption, "check_answer", "accept")
    [work] = world.open_work(adoption, "carry_out")
    assert f"{work.due_at:%Y-%m-%d %H:%M}" == "2027-03-31 16:00"
    liaison = world.actor(work.unit_id, Role.LIAISON)
    world.complete(
        adoption, "carry_out", form={"summary": "已落实。"}, evidence_ids=(world.evidence(adoption, liaison),)
    )
    world.complete(adoption, "sign_done", "sign")
    world.complete(adoption, "check_done", "accept")
    [row] = [each for each in city.adoptions(case) if each.item_id == adoption]
    assert (row.state, row.answer, row.said) == ("adopted", "plan", plan["plan"])
    assert world.status(adoption) == "settled"


def test_who_has_it_already_shows_it_and_who_cannot_says_why(world, city):
    case = city.approved()
    city.issue(case)
    one, other = (adoption.item_id for adoption in city.adoptions(case))
    form = {"existing": "去年起已按清单管理。"}
    with pytest.raises(ProofMissing):
        world.complete(one, "answer", "already", form=form)
    [work] = world.open_work(one)
    proof = world.evidence(one, world.actor(work.unit_id, Role.LIAISON))
    world.complete(one, "answer", "already", form=form, evidence_ids=(proof,))
    world.complete(other, "answer", "not_applicable", form={"why_not": "没有口岸业务。"})
    for adoption in (one, other):
        world.complete(adoption, "sign_answer", "sign")
        world.complete(adoption, "check_answer", "accept")
    assert {row.state for row in city.adoptions(case)} == {"already_in_place", "not_applicable"}


def test_a_unit_sees_its_own_adoption_and_neither_the_case_nor_the_others(world, city):
    from services.queries.item_detail import item_detail

    case = city.approved()
    city.issue(case)
    roots = {item.root_id for item in rows(world, Item) if item.parent_id == case}
    assert roots == {case}
    mine = {adoption.unit_id: adoption.item_id for adoption in city.adoptions(case)}
    with reading(world.executor, world.actor(city.districts[0], Role.LIAISON)) as asked:
        assert item_detail(asked, mine[city.districts[0]]).summary.number.endswith(("-1", "-2"))
        for hidden in (case, mine[city.districts[1]]):
            with pytest.raises(NotFound):
                item_detail(asked, hidden)


def test_a_case_that_is_stopped_ends_its_adoptions_and_its_report(world, city):
    case = city.approved()
    city.issue(case)
    world.do(ReportUpward(item_id=case), world.clerk)
    with pytest.raises(PermissionDenied):
        world.do(StopCase(item_id=case, reason="依据失效"), world.clerk)
    world.do(StopCase(item_id=case, reason="政策依据到期失效"), world.head)
    assert (city.case(case).state, city.case(case).ended_because) == ("stopped", "政策依据到期失效")
    assert {row.state for row in city.adoptions(case)} == {"cancelled"}
    assert world.open_work(case) == []
    assert all(world.status(row.item_id) == "settled" for row in city.adoptions(case))


def test_an_applicant_withdraws_its_case_before_the_batch_and_not_after(world, city):
    leader = world.actor(city.applicant, Role.UNIT_LEADER)
    case, issued = city.nominate(), city.approved("跨境直播基地")
    with pytest.raises(PermissionDenied):
        world.do(WithdrawCase(item_id=case, reason="误报"), world.clerk)
    world.do(WithdrawCase(item_id=case, reason="材料需重写"), leader)
    assert (city.case(case).state, world.status(case)) == ("withdrawn", "settled")
    city.issue(issued)
    with pytest.raises(CaseStateWrong):
        world.do(WithdrawCase(item_id=issued, reason="误报"), leader)


def test_a_case_that_is_withdrawn_from_a_draft_makes_the_issuer_look_again(world, city):
    one, other = city.approved(), city.approved("跨境直播基地")
    drafted = city.draft(one, other)
    world.do(WithdrawCase(item_id=other, reason="再核实"), world.actor(city.applicant, Role.UNIT_LEADER))
    with pytest.raises(StaleVersion):
        world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version), world.head)
    assert world.do(IssueBatch(batch_id=drafted.id, seen_version=drafted.version + 1), world.head).cases == 1


def test_two_cases_of_one_reform_become_one_with_joint_credit(world, city):
    case = city.nominate("样品清单")
    twin = city.nominate(applicants=(world.leads[1],), actor=world.actor(world.leads[1], Role.LIAISON))
    city.to_form_check(twin)
    world.do(MergeCases(item_id=twin, into_id=case, reason="同一项改革"), world.clerk)
    assert (city.case(twin).state, city.case(twin).merged_into_id) == ("merged", case)
    world.complete(case, "nominate", form=NOMINATION, unit_id=city.applicant)
    signers = {work.unit_id for work in world.open_work(case, "sign_nomination")}
    assert signers == set(world.leads)


def test_a_report_upward_brings_its_result_back_to_the_case(world, city):
    case = city.approved()
    world.do(ReportUpward(item_id=case), world.clerk)
    form = {"addressee": "国务院服务贸易发展部际联席会议办公室", "title": "关于报送案例的报告", "body": "现报送。"}
    world.complete(case, "draft_report", form=form)
    world.complete(case, "sign_report", "sign")
    world.complete(case, "send_report", form={"sent_on": "2026-08-03", "channel": "exchange"})
    world.complete(case, "record_receipt", form={"received_on": "2026-08-05", "receipt_number": "收311"})
    answer = {"answered_on": "2026-10-08"}
    world.complete(case, "record_answer", "more_material", form=answer, opinion="补充企业数据。")
    world.complete(case, "supplement", form={"supplement": "企业数据。"})
    world.complete(case, "send_supplement", form={"sent_on": "2026-10-20", "channel": "exchange"})
    world.complete(case, "record_answer", "selected", form={**answer, "batch": "第七批最佳实践案例"})
    [report] = rows(world, NationalReport, case_item_id=case)
    assert (report.result, report.result_batch, report.supplements) == ("selected", "第七批最佳实践案例", 1)
    assert (report.receipt_number, report.title) == ("收311", form["title"])
    assert world.status(case) == "under_way"


def test_a_case_that_a_ministry_has_to_allow_is_decided_by_its_answer(world, city):
    case = city.nominate()
    city.to_experts(case)
    city.appoint(case)
    world.everybody(case, "score", "score", form=SCORE)
    reviewed = {"risk_level": "medium", "basis": "部委规章第九条。"}
    world.complete(case, "check_legality", "needs_ministry", form=reviewed, opinion="须报部委。")
    request = {"ministry": "主管部委", "document_number": "示请1号", "sent_on": "2026-05-06", "request": "请求同意。"}
    world.complete(case, "request_ministry", form=request)
    assert city.case(case).state == "ministry"
    answer = {"document_number": "部函8号", "answered_on": "2026-07-01"}
    world.complete(case, "record_ministry_answer", "refused", form=answer, opinion="暂不同意。")
    assert city.case(case).state == "refused_by_ministry"


def test_what_is_published_first_waits_for_objections(world, city):
    case = city.nominate()
    city.to_conference(case)
    world.complete(case, "decide_range", "adopt", form={**DECISION, "publicize": True})
    assert city.case(case).state == "publicity"
    shown = {"from_on": "2026-06-01", "until_on": "2026-06-08", "place": "网站"}
    world.complete(case, "publicize", "no_objection", form=shown)
    assert city.case(case).state == "approved"


def test_whoever_has_to_act_next_in_a_case_is_told(world, city):
    def told():
        with world.sessions() as session:
            keys = waiting_deliveries(session, world.clock.now(), 100)
        for key in keys:
            world.do(HandOver(batch=key), SCHEDULER)
        return {row.recipient_id for row in rows(world, Message)}

    case = city.nominate()
    assert world.actor(city.applicant, Role.LIAISON).id in told()
    city.to_experts(case)
    city.appoint(case)
    experts = {world.actor(unit, Role.ASSESSOR).id for unit in city.experts[:3]}
    assert experts <= told()
    world.everybody(case, "score", "score", form=SCORE)
    assert world.actor(city.legal, Role.LIAISON).id in told()
    world.complete(case, "check_legality", "pass", form={"risk_level": "low", "basis": "市级权限。"})
    world.complete(case, "decide_range", "adopt", form=DECISION)
    city.issue(case)
    assert {world.actor(unit, Role.LIAISON).id for unit in city.districts} <= told()
