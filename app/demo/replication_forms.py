"""What the sample city's units write about their reforms. All of it is made up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

DISTRICTS: Final = ("东湾区人民政府", "港城区人民政府", "南洲区人民政府", "湖西区人民政府")
"""In the order: carries it out, has it already, cannot, has planned it."""
SCORES: Final = (
    {"innovation": 88, "effect": 82, "replicability": 80, "risk": 90},
    {"innovation": 84, "effect": 86, "replicability": 78, "risk": 92},
    {"innovation": 80, "effect": 79, "replicability": 85, "risk": 88},
)
REPORT: Final = {
    "addressee": "国务院服务贸易发展部际联席会议办公室",
    "title": "关于报送“研发样品清单验放”案例的报告",
    "body": "我市围绕研发样品进口难，建立清单、一次备案、分批验放，平均办理时间由七十二小时缩短到十一小时。\n"
    "该做法已在全市推广，现将案例报上，请审阅。",
}


@dataclass(frozen=True, slots=True)
class Story:
    """A case of the sample city: what it is called, who did it, what becomes of it."""

    title: str
    applicant: str
    responsible: str
    day: int
    form: Mapping[str, Any]
    range: str = "city"
    units: tuple[str, ...] = ()
    ends: str = ""
    claims: bool = False
    silent: bool = False
    ministry: bool = False
    publicize: bool = False


def _form(
    what: str, practices: str, results: str, indicator: tuple[str, str, str, str], **more: Any
) -> Mapping[str, Any]:
    name, measure, before, after = indicator
    return {
        "background": f"改革前，{what}环节多、等候久，企业反映集中。",
        "practices": practices,
        "results": results,
        "next_steps": "扩大适用范围，每季度比对一次数据，问题清单按月销号。",
        "innovation": "把逐件审批改为清单管理和事后抽查。",
        "replicability": "有监管信息系统、有专人负责抽查的区都可以照做。",
        "risks": "个别企业夹带清单外货物；以随机抽查、信用分级和退出机制防控。",
        "policy_basis": "服务业扩大开放试点任务清单，市级权限",
        "contact": "联系人见申报表，电话8801-1000",
        "indicators": [{"name": name, "measure": measure, "before": before, "after": after, "period": "近六个月"}],
        **more,
    }


CASES: Final[Mapping[str, Story]] = {
    "R1": Story(
        "研发样品清单验放",
        "示范综保区管委会",
        "示范海关",
        5,
        _form(
            "研发样品进口",
            "一是与海关共建样品清单；二是清单内一次备案、分批验放；三是事后按风险抽查。",
            "办成全国首单清单内样品当日验放，示范生物研究有限公司等三十一家企业受益，平均办理时间缩短到十一小时。",
            ("平均办理时间", "小时", "72", "11"),
            firms=[{"name": "示范生物研究有限公司", "consents": False}],
        ),
        claims=True,
    ),
    "R2": Story(
        "跨境直播合规指引",
        "市商务局",
        "市商务局",
        8,
        _form(
            "跨境直播备案",
            "一是发布合规指引；二是建立主播和商品双清单；三是平台自查、部门抽查。",
            "投诉件明显减少，新增直播间一百二十个。",
            ("月均投诉", "件", "46", "13"),
        ),
        range="jjj",
    ),
    "R3": Story(
        "夜间查验预约",
        "示范高新区管委会",
        "示范海关",
        12,
        _form(
            "夜间到港货物查验",
            "一是网上预约；二是三方值守；三是结果共用。",
            "夜间到港货物不再过夜，车辆等候减少。",
            ("平均等候", "小时", "9", "3"),
        ),
    ),
    "R4": Story(
        "国际船员换班联合办理",
        "港城区人民政府",
        "示范海事局",
        100,
        _form(
            "国际船员换班",
            "一是一窗受理；二是海事、边检、卫健同步办理；三是专班接送。",
            "换班由三天缩短到一天。",
            ("换班用时", "小时", "70", "22"),
        ),
        silent=True,
    ),
    "R5": Story(
        "研发用料白名单",
        "市药监局",
        "市药监局",
        96,
        _form(
            "研发用料进口",
            "一是专家组定名单；二是名单内免重复检验；三是用途全程登记。",
            "研发单位每批少等八天。",
            ("每批等候", "天", "12", "4"),
        ),
        ministry=True,
        publicize=True,
    ),
    "R6": Story(
        "船员换班一窗联办",
        "东湾区人民政府",
        "示范海事局",
        104,
        _form(
            "船员换班",
            "一是设联办窗口；二是信息一次填报。",
            "企业少跑两趟。",
            ("跑动次数", "次", "4", "2"),
        ),
        ends="merged",
    ),
    "R7": Story(
        "数据出境上门辅导",
        "市大数据局",
        "市大数据局",
        40,
        _form(
            "数据出境申报",
            "一是上门辅导；二是样本预审。",
            "首次通过率提高。",
            ("首次通过率", "百分比", "41", "78"),
        ),
        ends="not_adopted",
    ),
    "R8": Story(
        "文化展品保税展示",
        "市文化和旅游局",
        "市文化和旅游局",
        60,
        _form(
            "展品进境",
            "一是保税展示；二是担保放行。",
            "两场展览试行。",
            ("办理用时", "天", "10", "5"),
        ),
        ends="withdrawn",
    ),
}
BEFORE: Final[Mapping[str, Story]] = {
    "P1": Story(
        "保税维修料件一册管理",
        "示范综保区管委会",
        "示范海关",
        -284,
        _form(
            "保税维修料件进出",
            "一是一本电子账册管全部料件；二是换下的旧件按批核销；三是企业自查、海关抽查。",
            "维修企业不再逐票备案，料件当天出入区。",
            ("单票备案", "小时", "20", "2"),
        ),
        range="districts",
        units=(DISTRICTS[0], DISTRICTS[1], DISTRICTS[2]),
    ),
    "P2": Story(
        "外贸企业备案一表填报",
        "市商务局",
        "市商务局",
        -283,
        _form(
            "外贸企业备案",
            "一是四张表并成一张；二是后台分送三个部门；三是当场出回执。",
            "新办企业少填一百零六项。",
            ("填报项数", "项", "148", "42"),
        ),
        range="districts",
        units=(DISTRICTS[0], DISTRICTS[3]),
    ),
    "P3": Story(
        "境外参展人员线上核验",
        "市文化和旅游局",
        "市文化和旅游局",
        -282,
        _form(
            "境外参展人员入场",
            "一是会前线上核验；二是现场刷证入场。",
            "三个展会试行，入场不再排队。",
            ("入场等候", "分钟", "35", "4"),
        ),
        range="districts",
        units=(DISTRICTS[2], DISTRICTS[3]),
    ),
}
"""What was published the year before: days before the play's first."""
STORIES: Final[Mapping[str, Story]] = {**BEFORE, **CASES}
EARLIER: Final = (
    "滨海示范市服务业开放创新做法推广清单\n\n"
    "序号\t改革事项\t主要内容及成效\t推广范围\t负责单位\n"
    "1\t跨境直播备案指引\t发布直播备案指引，主播一次备案、全市通用。\t全市\t市商务局\n"
    "2\t外籍人才服务专窗\t设立专窗，工作许可和居留许可一窗受理。\t全市\t市人社局\n"
)
"""What the city had published before dudao was there, as the text of its list."""
