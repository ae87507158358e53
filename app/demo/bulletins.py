"""The office's bulletins in the play: one for each month, two special reports, two circulars, one correction, and one
that is withdrawn; what units contribute, state and sign for.
"""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE
from app.demo.script import Act, Script
from app.demo.stage import Stage
from app.demo.stories import LAST_DAY
from db.tables import Bulletin, BulletinText, Item
from domain.bulletins import MONTHLY_DAY, BulletinKind, Circulation, Manner
from domain.calendar import local_date
from domain.permissions import SCHEDULER, Actor, Role
from services.bulletin_contributions import ContributeToBulletin
from services.bulletin_withdrawal import RecordOutsideDelivery, WithdrawBulletin
from services.bulletins import (
    AddressBulletin,
    OpenBulletin,
    OpenMonthlyBulletin,
    Recipient,
    SaveBulletinText,
    TextSection,
)

COMMERCE, DATA, MARKET, TRANSPORT = "市商务局", "市大数据局", "市市场监管局", "市交通运输委"
READERS = (COMMERCE, DATA, MARKET, TRANSPORT)
ABOVE, BESIDE = "市政府办公厅", "邻市开放工作办公室"
_LAST_TO_BEGIN = LAST_DAY - 12
_NEWS = (
    ("跨境结算首笔落地", "辖内银行为一家仓储企业办理首笔便利化结算，全程不到两小时。"),
    ("口岸查验再提速", "进口冷链查验改为预约制，平均等待时间缩短一半以上。"),
    ("政策直达企业", "组织三场政策讲解，现场解答企业提问，整理成问答手册。"),
    ("市区联动试点", "港城区与示范综保区联合受理，企业不再两头跑。"),
)
Find = Callable[[Stage], UUID]


def acts(start: date) -> list[Act]:
    """Everything that the office's editor does, in order of the days since `start`."""
    scripts = [*_months(start), *_about_something(), _correction()]
    return sorted((act for script in scripts for act in script.acts), key=lambda act: act.day)


def _months(start: date) -> list[Script]:
    """A contribution in each month, and its bulletin on the fifth of the next."""
    scripts = []
    first = start.replace(day=1)
    for number in range(12):
        month = _plus_months(first, number)
        day = (_plus_months(month, 1).replace(day=MONTHLY_DAY) - start).days
        if day > _LAST_TO_BEGIN:
            break
        name = f"{month:%Y-%m}"
        script = Script(f"简报{name}", _of_month(name), OFFICE)
        script.on(max((month.replace(day=22) - start).days, 5)).act("contribute", _contribute(number))
        script.on(day).act("open", _open_month)
        script.act("address", _address(script.find))
        script.step("edit_text", "submit", after=1, second=True)
        if number == 1:
            script.returned("check_text", "content_vague", "“有效推进”请改为具体数字。", after=1)
            script.act("rewrite", _rewrite(script.find), after=1)
            script.step("edit_text", "submit", second=True, form={"opinion": "已改为具体数字。"})
        script.step("check_text", "approve", after=1).step("check_secrecy", "approve", after=0)
        script.step("sign_as_head", "sign", after=1)
        script.act("receive", _received(script.find), after=2)
        scripts.append(script)
    return scripts


def _about_something() -> list[Script]:
    return [
        _special(70, "跨境数据流动需要部委支持的事项", withdrawn=False),
        _special(150, "口岸收费数据核对情况", withdrawn=True),
        _circular(100, "进展报送和推进情况", named=True),
        _circular(185, "第三季度任务推进情况", named=False),
    ]


def _special(day: int, subject: str, *, withdrawn: bool) -> Script:
    script = Script(f"专报·{subject}", _about(subject), OFFICE)
    script.on(day).act("open", _open(BulletinKind.SPECIAL, subject, Circulation.INTERNAL))
    script.act("address", _address(script.find, READERS[:2]))
    script.act("write", _report(script.find, subject))
    script.step("edit_text", "submit", after=1, second=True).step("check_text", "approve", after=1)
    script.step("check_secrecy", "approve", after=0).step("sign_as_convener", "sign", after=1)
    if withdrawn:
        script.act("withdraw", _withdraw(script.find), after=2)
        script.act("recall", _recalled(script.find), after=1)
    else:
        script.act("receive", _received(script.find), after=2)
    return script


def _circular(day: int, subject: str, *, named: bool) -> Script:
    """With `named`, one unit is quoted and another criticised: it states facts, and the text is mended."""
    script = Script(f"通报·{subject}", _about(subject), OFFICE)
    script.on(day).act("open", _open(BulletinKind.CIRCULAR, subject, Circulation.PUBLIC))
    script.act("address", _address(script.find, named=named))
    script.step("edit_text", "submit", after=1, second=True).step("check_text", "approve", after=1)
    if named:
        script.step("confirm_quotes", "confirm", after=1)
        fact = "本单位上月材料已于24日报送，系统登记为26日，是补传附件的时间。"
        script.returned("state_facts", "figures_contradict", fact, decision="state", after=1)
        script.step("weigh_facts", "keep", after=1, form={"opinion": "以首次报送时间为准，文稿未列入迟报，维持。"})
    script.step("check_secrecy", "approve", after=0).step("sign_as_convener", "sign", after=1)
    script.act("receive", _received(script.find), after=2)
    return script


def _correction() -> Script:
    """The first circular is corrected by a new one, which names it."""
    subject = "进展报送和推进情况"
    old = _about(subject)

    def find(stage: Stage) -> UUID:
        with stage.session() as session:
            return session.exec(select(Bulletin.item_id).where(Bulletin.corrects_id == old(stage))).one()

    def open_it(stage: Stage, name: str) -> None:
        with stage.session() as session:
            row = session.get_one(Bulletin, old(stage))
        command = OpenBulletin(
            office_unit_id=stage.unit(OFFICE),
            kind=BulletinKind.CIRCULAR,
            from_on=row.from_on,
            as_of=row.as_of,
            corrects_id=row.item_id,
        )
        stage.do(command, _editor(stage), name=name)

    script = Script("更正", find, OFFICE)
    script.on(118).act("open", open_it).step("edit_text", "submit", second=True).step("check_text", "approve")
    script.step("check_secrecy", "approve", after=0).step("sign_as_convener", "sign", after=1)
    script.act("receive", _received(script.find), after=2)
    return script


def _plus_months(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, day.day)


def _of_month(month: str) -> Find:
    def find(stage: Stage) -> UUID:
        with stage.session() as session:
            return session.exec(select(Bulletin.item_id).where(Bulletin.month == month)).one()

    return find


def _about(subject: str) -> Find:
    def find(stage: Stage) -> UUID:
        with stage.session() as session:
            statement = (
                select(Bulletin.item_id)
                .join(Item, col(Item.id) == col(Bulletin.item_id))
                .where(col(Item.text).contains(subject), col(Bulletin.corrects_id).is_(None))
            )
            return session.exec(statement).one()

    return find


def _editor(stage: Stage) -> Actor:
    return stage.person(OFFICE, Role.OFFICE_STAFF, second=True)


def _contribute(number: int) -> Callable[[Stage, str], None]:
    title, text = _NEWS[number % len(_NEWS)]
    unit = READERS[number % len(READERS)]

    def perform(stage: Stage, name: str) -> None:
        command = ContributeToBulletin(
            office_unit_id=stage.unit(OFFICE), unit_id=stage.unit(unit), title=title, text=text
        )
        stage.do(command, stage.person(unit, Role.LIAISON), name=name)

    return perform


def _open_month(stage: Stage, name: str) -> None:
    stage.do(OpenMonthlyBulletin(office_unit_id=stage.unit(OFFICE)), SCHEDULER, name=name)


def _open(kind: BulletinKind, subject: str, secrecy: Circulation) -> Callable[[Stage, str], None]:
    def perform(stage: Stage, name: str) -> None:
        as_of = local_date(stage.clock.at) - timedelta(days=1)
        command = OpenBulletin(
            office_unit_id=stage.unit(OFFICE),
            kind=kind,
            from_on=as_of - timedelta(days=30),
            as_of=as_of,
            subject=subject,
            secrecy=secrecy,
        )
        stage.do(command, _editor(stage), name=name)

    return perform


def _address(find: Find, units: tuple[str, ...] = READERS, *, named: bool = False) -> Callable[[Stage, str], None]:
    def perform(stage: Stage, name: str) -> None:
        command = AddressBulletin(
            item_id=find(stage),
            recipients=(
                Recipient(manner=Manner.REPORTED, name=ABOVE),
                Recipient(manner=Manner.SENT, name=BESIDE),
                *(Recipient(manner=Manner.ISSUED, unit_id=stage.unit(unit)) for unit in units),
            ),
            quoted=(stage.unit(COMMERCE),) if named else (),
            criticised=(stage.unit(MARKET),) if named else (),
        )
        stage.do(command, _editor(stage), name=name)

    return perform


def _report(find: Find, subject: str) -> Callable[[Stage, str], None]:
    """A special report tells its one matter; the data go with it as tables."""

    def perform(stage: Stage, name: str) -> None:
        item_id = find(stage)
        with stage.session() as session:
            row = session.get_one(Bulletin, item_id)
        sections = (
            TextSection(heading="一、基本情况", paragraphs=(f"围绕{subject}，办公室会同有关单位逐项核对，情况如下。",)),
            TextSection(heading="二、主要问题", paragraphs=("有关事项涉及国家系统和部门规定，本市无权单独调整。",)),
            TextSection(heading="三、建议", paragraphs=("建议召开专题会议明确口径，并视情向国家有关部委反映。",)),
        )
        command = SaveBulletinText(
            item_id=item_id, seen_version=row.text_version, title=f"关于{subject}的专报", sections=sections
        )
        stage.do(command, _editor(stage), name=name)

    return perform


def _rewrite(find: Find) -> Callable[[Stage, str], None]:
    """The editor puts a word of their own before the draft."""

    def perform(stage: Stage, name: str) -> None:
        item_id = find(stage)
        with stage.session() as session:
            row = session.get_one(Bulletin, item_id)
            text = session.get_one(BulletinText, (item_id, row.text_version))
        sections = tuple(
            TextSection(heading=str(each["heading"]), paragraphs=tuple(map(str, _listed(each["paragraphs"]))))
            for each in text.sections
        )
        command = SaveBulletinText(
            item_id=item_id,
            seen_version=row.text_version,
            title=text.title,
            note="本期起，附各牵头单位任务情况表，请各单位对照查漏补缺。",
            sections=sections,
        )
        stage.do(command, _editor(stage), name=name)

    return perform


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _delivery(find: Find) -> Find:
    def delivery(stage: Stage) -> UUID:
        with stage.session() as session:
            found = session.get_one(Bulletin, find(stage)).delivery_item_id
        if found is None:
            raise LookupError("no delivery")
        return found

    return delivery


def _received(find: Find) -> Callable[[Stage, str], None]:
    """All units sign for it, and the clerk notes the receipt from outside."""

    def perform(stage: Stage, name: str) -> None:
        paper = RecordOutsideDelivery(
            item_id=find(stage), name=ABOVE, sent_on=local_date(stage.clock.at), receipt="机要交换，已签收"
        )
        stage.do(paper, stage.person(OFFICE, Role.OFFICE_STAFF))
        stage.complete(name, _delivery(find)(stage), "receive_bulletin")

    return perform


def _withdraw(find: Find) -> Callable[[Stage, str], None]:
    def perform(stage: Stage, name: str) -> None:
        command = WithdrawBulletin(item_id=find(stage), reason="附表含未公开的企业收费数据。")
        stage.do(command, stage.person(OFFICE, Role.UNIT_LEADER), name=name)

    return perform


def _recalled(find: Find) -> Callable[[Stage, str], None]:
    def perform(stage: Stage, name: str) -> None:
        stage.complete(name, _delivery(find)(stage), "confirm_recall")

    return perform
