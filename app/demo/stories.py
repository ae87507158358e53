"""What becomes of each item of the sample list in eight months: together they go through every path of supervision and
of the rounds. What changes their time is told in `app.demo.stories_of_time`.
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from app.demo.city import OFFICE
from app.demo.script import Act, Script, in_order, numbered
from app.demo.stories_of_time import OF_TIME
from app.demo.told import without_document
from domain.evidence import Classification

LAST_DAY = 232
"""The last simulated day; the play ends a little before the day on which the demo is run."""

HEALTH, DRUGS, CUSTOMS = "市卫生健康委", "市药监局", "示范海关"


def acts(list_id: UUID) -> list[Act]:
    """The whole play of the sample city's list, in order."""
    scripts: list[Script] = []
    known: dict[str, UUID] = {}
    for number, write in _STORIES.items():
        script = Script(number, partial(numbered, list_id, number, known), OFFICE, day=2)
        write(script)
        if number in OF_TIME:
            OF_TIME[number](script)
        scripts.append(script)
    return in_order([*scripts, *without_document()])


def _plain_closing(script: Script) -> None:
    """One unit, no co-units, done in time."""
    script.taken().planned(co_units=False).reported(32, co_units=False).reported(62, co_units=False)
    script.on(78).claimed(("支持办法（印发稿）.pdf",), co_units=False).ended()


def _smooth(script: Script) -> None:
    """A lead and two co-units, a report every month, closed before its date."""
    script.taken().planned(co_units=True)
    for month in range(5):
        files = (f"市场准入一张图第{month + 1}期进展.docx",) if month % 2 else ()
        script.reported(32 + 30 * month, co_units=True, files=files)
    script.on(180).claimed(("上线公告.pdf", "页面截图.png", "许可事项清单.xlsx"), co_units=True).ended()


def _joint_lead(script: Script) -> None:
    """Both leads sign; the office sends the plan back to be signed again by both."""
    script.step("issue", after=0)
    script.step("sign_for", "accept", unit=HEALTH).step("sign_for", "accept", unit=DRUGS, after=1)
    script.step("draft_plan", unit=HEALTH, after=7)
    script.step("sign_plan", "sign", unit=HEALTH).step("sign_plan", "sign", unit=DRUGS, after=2)
    script.step("confirm_plan", "confirm", after=3)
    script.returned(
        "check_plan",
        "format_wrong",
        "两家签发的版本日期不一致，请核对后重签。",
        return_to="sign_plan",
        resume_here=True,
        after=2,
    )
    script.step("sign_plan", "sign", after=2).step("check_plan", "approve", after=2)
    script.on(62).open_round().step("contribute", after=3).step("consolidate", unit=DRUGS, after=3)
    script.step("sign_report", "sign", after=1).step("review_report", "approve", after=2)
    script.on(120).step("claim_completion", "completed", unit=HEALTH, files=("结算系统联调报告.docx",))
    script.step("countersign", "agree", after=2).step("sign_completion", "sign", unit=DRUGS)
    script.step("sign_completion", "sign", unit=HEALTH, after=2).ended()


def _breakthrough(script: Script) -> None:
    """The deadline accepts a breakthrough: closed for this stage."""
    script.taken().planned(co_units=True).reported(62, co_units=True).reported(122, co_units=True)
    script.on(190).claimed(("互认目录.pdf", "首批互认凭证.png"), co_units=True, as_="breakthrough")
    script.step("review_completion", "approve", after=5, opinion="首批互认凭证已核对，认定取得突破性进展。")
    script.step("close", "close", after=2).step("file_item", after=3)


def _reports_returned(script: Script) -> None:
    """Without end: rounds go on. A report comes back from the leader, another from the office to one co-unit."""
    script.taken().planned(co_units=True)
    script.on(32).open_round().step("contribute", unit="市司法局", after=2)
    script.step("contribute", unit="市工业和信息化局", after=1, files=("诉求台账.xlsx",))
    script.step("consolidate", after=2)
    script.returned("sign_report", "content_vague", "只写了收集情况，请补答复办结数。", return_to="consolidate")
    script.step("consolidate", after=1).step("sign_report", "sign").step("review_report", "approve", after=2)
    script.on(62).open_round().step("contribute", after=3).step("consolidate", after=2).step("sign_report", "sign")
    script.returned(
        "review_report",
        "figures_contradict",
        "诉求件数与市司法局报送的不一致，请市司法局核对重报。",
        return_to="contribute",
        return_units=("市司法局",),
        after=2,
    )
    script.step("contribute", unit="市司法局", after=2).step("consolidate").step("sign_report", "sign")
    script.step("review_report", "approve", after=1)
    for day in (92, 122, 152, 182):
        script.reported(day, co_units=True)
    # The office returns the last one straight back to itself, and it still waits there.
    script.on(212).open_round().step("contribute", after=2).step("consolidate", after=2).step("sign_report", "sign")
    script.returned(
        "review_report",
        "material_insufficient",
        "请附专题会商纪要。",
        return_to="consolidate",
        resume_here=True,
        after=1,
    )
    script.step("consolidate", after=2, files=("专题会商纪要.pdf",))


def _waiting_for_higher_level(script: Script) -> None:
    """Conditional: planned, reported twice, and not in the city's hands."""
    script.taken().planned(co_units=True).reported(92, co_units=True).reported(182, co_units=True)


def _new_unit(script: Script) -> None:
    """The unit that the registry did not know: its plan is not signed by its leader at first."""
    script.taken().step("draft_plan", after=9)
    script.returned("sign_plan", "content_vague", "第二个节点没有写清由谁出具报告，请细化。")
    script.step("draft_plan", after=3).step("sign_plan", "sign").step("check_plan", "approve", after=3)
    script.reported(62, co_units=False).reported(152, co_units=False, files=("诊断平台立项批复.pdf",))


def _office_set_the_date(script: Script) -> None:
    """The date that the document left out was set; the claim is under review now."""
    script.taken().planned(co_units=True).reported(92, co_units=True)
    script.on(222).claimed(("首航报道.png", "班期表.xlsx"), co_units=True)


def _closed_list(script: Script) -> None:
    """等有关单位 was closed with a third unit, which does not confirm the plan at first."""
    script.taken().step("draft_plan", after=5).step("sign_plan", "sign")
    script.step("confirm_plan", "confirm", unit="市交通运输委", after=2)
    script.returned(
        "confirm_plan",
        "not_our_duty",
        "现场查验环节不由我局组织，请改为海关牵头。",
        decision="object",
        unit="市商务局",
        after=1,
    )
    script.step("confirm_plan", "confirm", unit="市市场监管局", after=1)
    script.step("draft_plan", after=3).step("sign_plan", "sign").step("confirm_plan", "confirm", after=2)
    script.step("check_plan", "approve", after=2)
    script.reported(62, co_units=True).reported(122, co_units=True)
    script.on(165).claimed(("联合作业规程.docx",), co_units=True).ended()


def _only_issued(script: Script) -> None:
    """A group item is issued; its members live on their own."""
    script.step("issue", after=0)


def _member_closed(script: Script) -> None:
    script.day = 4
    script.step("sign_for", "accept").planned(co_units=False)
    script.on(110).claimed(("投入使用公告.pdf", "现场照片.png"), co_units=False).ended()


def _member_terminated(script: Script) -> None:
    script.day = 4
    script.step("sign_for", "accept").planned(co_units=False)
    script.on(100).stop("terminate", "该区配送中心并入邻区项目，原安排取消。", "滨示政发〔终〕3号")


def _member_overdue(script: Script) -> None:
    script.day = 4
    script.step("sign_for", "accept", after=2).planned(co_units=False).reported(92, co_units=False)


def _member_not_signed(script: Script) -> None:
    """Does nothing at all."""
    script.day = 4


def _group_closed(script: Script) -> None:
    """All members are closed, so the group item itself can be."""
    script.step("issue", after=0)
    script.on(150).step("close", "close").step("file_item", after=3)


def _relative(script: Script) -> None:
    """Forty working days, met."""
    script.taken().planned(co_units=False)
    script.on(50).claimed(("能力提升方案（送审稿）.docx",), co_units=False, after=0).ended()


def _recurring(script: Script) -> None:
    """A bulletin each quarter; the last round was answered by one co-unit only."""
    script.taken().planned(co_units=True)
    for day in (32, 122):
        script.reported(day, co_units=True, files=("季度通报.pdf",))
    script.on(214).open_round().step("contribute", unit="示范港集团", after=3)


def _long_term(script: Script) -> None:
    script.taken().planned(co_units=True).reported(92, co_units=True).reported(182, co_units=True)


def _renamed(script: Script) -> None:
    """Printed under a name of the time before the reform; the successor does the work."""
    script.taken().planned(co_units=True).reported(92, co_units=True)
    script.on(200).claimed(("便利化企业名单.xlsx",), co_units=True)
    script.returned(
        "review_completion",
        "material_insufficient",
        "名单缺企业确认盖章页，补齐后直接送我办。",
        return_to="claim_completion",
        resume_here=True,
        after=4,
    )
    script.step("claim_completion", "completed", after=4, files=("企业确认盖章页.pdf",)).ended()


def _court(script: Script) -> None:
    """A court is asked, not assigned: it takes its time, and the claim waits for one countersignature."""
    script.taken().planned(co_units=True).reported(122, co_units=True)
    script.on(218).step("claim_completion", "completed", files=("首批案件受理统计.xlsx",))
    script.step("countersign", "agree", unit="市司法局", after=3)


def _not_our_duty(script: Script) -> None:
    """Sent back with reasons, given to another unit, which takes it."""
    script.step("issue", after=0)
    script.returned(
        "sign_for",
        "not_our_duty",
        "毕业生实习对接由人社部门统筹，建议改由其牵头，我局配合。",
        decision="send_back",
        form={"legal_basis": "我局职责规定第四条", "suggested_unit": "市人社局"},
    )
    script.reassign(("市人社局",), ("市教育局",), after=2)
    script.step("settle_send_back", "reassign", opinion="经核对职责规定，改由市人社局牵头。")
    script.step("sign_for", "accept").planned(co_units=True).reported(92, co_units=True)
    script.on(150).claimed(("对接会现场.png", "岗位清单.xlsx"), co_units=True).ended()


def _sent_back_twice(script: Script) -> None:
    """Unclear, clarified, sent back again: then the head of the office rules."""
    script.step("issue", after=0)
    script.returned("sign_for", "unclear", "“并联许可”涉及哪些环节没有写明。", decision="send_back", after=2)
    script.step("settle_send_back", "clarify", opinion="已明确范围。", after=3)
    script.returned(
        "sign_for", "lead_disputed", "活动审批由文旅部门受理，牵头单位仍有争议。", decision="send_back", after=2
    )
    script.step("rule_on_send_back", "uphold", opinion="大型活动安全许可是主线，维持市公安局牵头。", after=3)
    script.step("sign_for", "accept").planned(co_units=True).reported(122, co_units=True)


def _plan_comes_back(script: Script) -> None:
    """The office returns the plan twice: once to be done anew in order, once straight back."""
    script.taken().step("draft_plan", after=7).step("sign_plan", "sign").step("confirm_plan", "confirm", after=2)
    script.returned(
        "check_plan", "content_vague", "三个行业场景没有列明，请重拟并重新会签。", return_to="draft_plan", after=3
    )
    script.step("draft_plan", after=3).step("sign_plan", "sign").step("confirm_plan", "confirm", after=2)
    script.returned(
        "check_plan",
        "format_wrong",
        "第一个节点日期写成了去年，改后直接送我办。",
        return_to="draft_plan",
        resume_here=True,
        after=2,
    )
    script.step("draft_plan").step("check_plan", "approve")
    script.reported(122, co_units=True)


def _claim_comes_back(script: Script) -> None:
    """Every way a claim can come back, up to the meeting that decides; then closed."""
    script.taken().planned(co_units=True).reported(62, co_units=True)
    claim = "claim_completion"
    script.on(90).step(claim, "completed", files=("改造验收单.pdf",))
    script.step("countersign", "agree", unit="人民银行示范市分行", after=2)
    script.returned(
        "countersign", "not_fulfilled", "两处景区仍不能受理外卡。", decision="disagree", unit="市公安局", after=1
    )
    script.step(claim, "completed", after=5, files=("外卡受理补测.xlsx",)).step("countersign", "agree", after=2)
    script.returned("sign_completion", "content_vague", "成效部分请补交易笔数。").step(claim, "completed", after=2)
    script.step("countersign", "agree", after=2).step("sign_completion", "sign")
    returned = "review_completion"
    script.returned(
        returned,
        "figures_contradict",
        "商户数两处不一致，请银行核对。",
        return_to="countersign",
        resume_here=True,
        after=3,
    )
    script.step("countersign", "agree", after=2)
    script.returned(returned, "format_wrong", "签发页缺日期，请重签。", return_to="sign_completion", after=2)
    script.step("sign_completion", "sign", after=1)
    # Returned twice already: the third time the meeting decides.
    script.returned(returned, "material_insufficient", "抽查一处景区未完成改造。", return_to=claim, after=3)
    script.returned("decide_by_meeting", "not_fulfilled", "会议要求改造完成后再报。", after=5)
    script.step(claim, "completed", after=8, files=("补充改造照片.png",)).step("countersign", "agree", after=1)
    script.step("sign_completion", "sign")
    script.returned(returned, "other", "提请会议再议。", after=2)
    script.step("decide_by_meeting", "approve", opinion="会议同意办结，外卡受理情况列入日常检查。", after=5)
    script.returned("close", "format_wrong", "请先补会议纪要编号，再报销号。", after=1)
    script.step(returned, "approve", after=1, opinion="纪要编号已补。").step("close", "close").step(
        "file_item", after=2
    )


def _withdrawn(script: Script) -> None:
    script.taken().stop("withdraw", "与上级部署的清理工作重复，撤回交办。", after=3)


def _terminated(script: Script) -> None:
    """Its ground was revoked while a round was open: the round is cancelled with it."""
    script.taken().planned(co_units=True).on(92).open_round().step("contribute", after=3)
    script.stop("terminate", "上级已出台统一的目录管理办法，本地备案办法不再制定。", "国示发〔试〕12号", after=4)


def _classified(script: Script) -> None:
    """A file that must not be here is expunged by two persons; the classified part is a paper reference."""
    script.taken().planned(co_units=True)
    script.on(70).expunge("市大数据局", "专家背景核查情况.docx", "内部人员信息误传，不应进入本系统。")
    script.paper("市大数据局", "评估规程附录", "示数评〔密〕2号", "机要室1柜", Classification.SECRET)
    script.on(100).claimed(("专家库名单（公开部分）.pdf",), co_units=True).ended()


def _never_signed(script: Script) -> None:
    """Issued and never answered: the work item sits there overdue."""
    script.on(150).step("issue", after=0)


def _overdue(script: Script) -> None:
    """In progress long after its date; the reports stopped."""
    script.taken().planned(co_units=True).reported(32, co_units=True).reported(62, co_units=True)


def _stages(script: Script) -> None:
    script.taken().planned(co_units=True).reported(62, co_units=True, files=("管理办法（印发稿）.pdf",))
    script.reported(152, co_units=True)


def _each_in_its_duty(script: Script) -> None:
    """Three units lead in their own duty, one of them collects."""
    script.taken().step("draft_plan", unit="市商务局", after=6).step("sign_plan", "sign", after=2)
    script.step("check_plan", "approve", after=3)
    script.on(122).open_round().step("consolidate", unit="市商务局", after=3).step("sign_report", "sign", after=2)
    script.step("review_report", "approve", after=2)


_STORIES: dict[str, Callable[[Script], None]] = {
    "1": _smooth,
    "2": _plain_closing,
    "3": _joint_lead,
    "4": _breakthrough,
    "5": _reports_returned,
    "6": _waiting_for_higher_level,
    "7": _new_unit,
    "8": _office_set_the_date,
    "9": _closed_list,
    "10": _only_issued,
    "10-1": _member_closed,
    "10-2": _member_closed,
    "10-3": _member_terminated,
    "10-4": _member_overdue,
    "11": _group_closed,
    "11-1": _member_closed,
    "11-2": _member_closed,
    "11-3": _member_closed,
    "11-4": _member_closed,
    "12": _only_issued,
    "12-1": _member_overdue,
    "12-2": _member_not_signed,
    "13": _relative,
    "14": _recurring,
    "15": _long_term,
    "16": _renamed,
    "17": _court,
    "18": _not_our_duty,
    "19": _sent_back_twice,
    "20": _plan_comes_back,
    "21": _claim_comes_back,
    "22": _withdrawn,
    "23": _terminated,
    "24": _classified,
    "25": _never_signed,
    "26": _overdue,
    "27": _stages,
    "28": _each_in_its_duty,
}
