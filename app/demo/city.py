"""Setting the sample city up: calendar, models, units, people, first sign-ins. All through the ordinary commands."""

from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from uuid import UUID

from sqlmodel import col, select

from app.demo.stage import Stage
from bpmn.bundle import SHIPPED, Bundle
from db.tables import Unit, UnitMember
from domain.permissions import ANONYMOUS, OPERATOR, Role
from importers.sheets.people import COLUMNS as PEOPLE_COLUMNS
from importers.sheets.people import read_people
from importers.sheets.table import Line, read_bytes
from importers.sheets.units import read_units
from services.accounts import InvitePeople, RedeemLink
from services.calendars import LoadShippedYears
from services.people_import import ImportPeople
from services.publishing import PublishModel
from services.unit_import import ImportUnits

PLACE = "滨海示范市"
"""What the sample city is called."""

OFFICE = "市开放办"
"""The coordinating office, as documents call it."""

PASSWORD = "Fangzhen-Only-73"  # noqa: S105  the demo's accounts exist to be tried, on this machine alone
"""Of every sample account, and known to everybody who reads this: nothing but a demo may have it."""

SAMPLE_ACCOUNTS: Mapping[str, str] = {
    "zhoumin": "联席会议办公室经办人：导入清单、交办、审核",
    "heliqun": "联席会议办公室经办人：第二人复核",
    "chengyuanhang": "联席会议办公室主任：批准清单、销号",
    "lichenxi": "市商务局联络员：签收、报送进展、申请办结",
    "wangjianye": "市商务局负责人：签发",
    "songjiahe": "市市场监管局联络员：配合单位",
    "shenguoliang": "召集人：总览",
    "fangzhicheng": "系统管理员",
    "luoxiaojing": "安全管理员",
    "dingboyan": "审计管理员",
}
_GIVEN_NAMES = ("明", "静", "强", "敏", "磊", "洋", "勇", "艳", "杰", "娟")
_SURNAMES = ("甘", "柏", "霍", "裴", "翁", "柯", "阮", "祝", "鲍", "滕", "路", "骆", "樊", "凌", "岑")


def found_city(stage: Stage, tell: Callable[[str], None]) -> None:
    """Bring the installation to where the sample city's office can begin. What is there already stays."""
    tell("工作日历和流程模型")
    _once(stage, "calendar", lambda name: stage.do(LoadShippedYears(), OPERATOR, name=name))
    stage.executor.calendar.forget()
    for process in SHIPPED:
        bundle = Bundle.shipped(process)
        model = PublishModel(process=process, files=bundle.files)
        name = f"model.{process}.{bundle.digest.hex()[:12]}"
        if not stage.has_done(name):
            stage.do(model, OPERATOR, name=name)
    tell("单位名录")
    units = ImportUnits(sheet=read_units(_sheet("units.csv")), source_name="units.csv")
    _once(stage, "units", lambda name: stage.do(units, OPERATOR, name=name))
    tell("人员和角色")
    people = ImportPeople(sheet=read_people(_sheet("people.csv")), source_name="people.csv")
    _once(stage, "people", lambda name: stage.do(people, OPERATOR, name=name))


def sign_everybody_in(stage: Stage, tell: Callable[[str], None]) -> None:
    """The sample accounts set their password with one-time links, as everybody does."""
    for login in SAMPLE_ACCOUNTS:
        tell(f"首次登录：{login}")
        _once(stage, f"account.{login}", lambda name, login=login: _first_sign_in(stage, login, name))  # type: ignore[misc]


def _first_sign_in(stage: Stage, login: str, name: str) -> None:
    [link] = stage.do(InvitePeople(logins=(login,)), OPERATOR)
    stage.do(RedeemLink(secret=link.secret, password=PASSWORD, source="demo"), ANONYMOUS, name=name)


def appoint(stage: Stage, unit_ids: Sequence[UUID]) -> None:
    """A liaison and a leader for each of these units that has none, by the same import as everybody else."""
    lines = [Line(1, tuple(PEOPLE_COLUMNS[key].title for key in ("name", "unit", "role", "post", "login")))]
    with stage.session() as session:
        held = {(unit_id, role) for unit_id, role in session.execute(select(UnitMember.unit_id, UnitMember.role))}
        for unit in session.exec(select(Unit).where(col(Unit.id).in_(unit_ids)).order_by(col(Unit.sort_order))):
            for role, title, post in (
                (Role.LIAISON, "联络员", "处长"),
                (Role.UNIT_LEADER, "单位负责人", "分管负责同志"),
            ):
                if (unit.id, role) not in held:
                    seed = unit.sort_order * 2 + (role is Role.UNIT_LEADER)
                    login = f"unit{unit.sort_order:03}.{role.value.replace('_', '-')}"
                    lines.append(Line(len(lines) + 1, (_name(seed), unit.official_name, title, post, login)))
    if len(lines) > 1:
        stage.do(ImportPeople(sheet=read_people(lines), source_name="demo"), OPERATOR)


def _name(seed: int) -> str:
    """A name of three characters, another one for each seed up to a thousand and a half."""
    surname, rest = _SURNAMES[seed % len(_SURNAMES)], seed // len(_SURNAMES)
    return (
        surname + _GIVEN_NAMES[rest % len(_GIVEN_NAMES)] + _GIVEN_NAMES[rest // len(_GIVEN_NAMES) % len(_GIVEN_NAMES)]
    )


def _once(stage: Stage, name: str, perform: Callable[[str], object]) -> None:
    if not stage.has_done(name):
        perform(name)


def _sheet(name: str) -> list[Line]:
    return read_bytes((resources.files("app.demo") / "data" / name).read_bytes(), name)
