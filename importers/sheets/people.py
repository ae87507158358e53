"""The spreadsheet of people: one row per person and role in a unit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.permissions import Role
from importers.grammar.characters import half_width, squeeze
from importers.sheets.rows import Column, Row, RowProblem, read_rows
from importers.sheets.table import Line

COLUMNS = {
    "name": Column("姓名", ("name",), needed=True),
    "unit": Column("单位", ("所在单位", "单位名称", "unit"), needed=True),
    "role": Column("角色", ("role",), needed=True),
    "post": Column("职务", ("post",)),
    "phone": Column("电话", ("联系电话", "手机", "手机号", "phone")),
    "email": Column("邮箱", ("电子邮箱", "email")),
    "login": Column("登录名", ("账号", "用户名", "login")),
    "deputy": Column("代理", ("是否代理", "deputy")),
    "valid_from": Column("起始日期", ("任职日期", "valid_from")),
    "valid_to": Column("截止日期", ("离任日期", "valid_to")),
}
_ROLES = {
    "联络员": Role.LIAISON,
    "单位负责人": Role.UNIT_LEADER,
    "分管负责人": Role.UNIT_LEADER,
    "办公室人员": Role.OFFICE_STAFF,
    "办公室": Role.OFFICE_STAFF,
    "评估人员": Role.ASSESSOR,
    "评估专家": Role.ASSESSOR,
    "召集人": Role.CONVENER,
    "系统管理员": Role.SYSTEM_ADMIN,
    "安全管理员": Role.SECURITY_ADMIN,
    "审计管理员": Role.AUDIT_ADMIN,
}
_ROLES |= {role.value: role for role in Role}
_YES_NO = {"是": True, "否": False, "y": True, "n": False, "yes": True, "no": False, "true": True, "false": False}
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One role of one person in a unit that is named, not yet looked up.

    What is empty or None is not stated: it leaves what is known, and a new role starts on the day of the import.
    """

    number: int
    name: str
    unit: str
    role: Role
    post: str = ""
    phone: str = ""
    email: str = ""
    login: str = ""
    deputy: bool | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """Everything that was read, and every fault. With a fault, nothing of the file may be used."""

    rows: list[PersonRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def read_people(lines: Sequence[Line]) -> PeopleSheet:
    """The people and roles that the lines of a spreadsheet describe."""
    rows, problems = read_rows(lines, COLUMNS)
    return PeopleSheet([_person(row) for row in rows], problems)


def _person(row: Row) -> PersonRow:
    login = squeeze(half_width(row.words("login"))).lower()
    if login and not _LOGIN.fullmatch(login):
        row.fail("login_invalid", value=login)
    email = squeeze(half_width(row.words("email")))
    if email and not _EMAIL.fullmatch(email):
        row.fail("email_invalid", value=email)
    valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
    if valid_from and valid_to and valid_to < valid_from:
        row.fail("dates_reversed", column=row.title("valid_to"))
    # A role that is missing or unknown refuses the sheet; the row's value is then never used.
    role = row.choice("role", _ROLES, needed=True) or Role.LIAISON
    return PersonRow(
        number=row.number,
        # 张　三 and 张三 are the same name: forms pad names of two characters.
        name=_name(row.words("name", limit=64, needed=True)),
        unit=row.words("unit", needed=True),
        role=role,
        post=row.words("post"),
        phone=squeeze(half_width(row.words("phone", limit=32))),
        email=email,
        login=login,
        deputy=row.choice("deputy", _YES_NO),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _name(written: str) -> str:
    return squeeze(written) if not written.isascii() else written
