"""Importing people and roles: one liaison per unit, administrators apart, nothing on a wrong row."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bpmn.engine import ProcessEngine
from db.tables import Person, Unit, UnitMember
from domain.errors import RowsRefused
from domain.permissions import OPERATOR
from importers.sheets.people import read_people
from importers.sheets.table import Line
from services.executor import Executor
from services.imported_rows import RowOutcome
from services.people_import import ImportPeople

HEADER = ["姓名", "单位", "角色", "电话", "登录名", "代理", "起始日期", "截止日期"]


def row(name, unit, role, phone="", login="", *, deputy="", since="", until=""):
    return [name, unit, role, phone, login, deputy, since, until]


@pytest.fixture(autouse=True)
def units(session):
    for order, name in enumerate(("商务局", "财政局", "办公室")):
        session.add(Unit(official_name=f"江北市{name}", short_name=f"市{name}", kind="department", sort_order=order))
    session.add(Unit(official_name="旧局", short_name="旧局", kind="department", valid_to=date(2025, 12, 31)))
    session.commit()


@pytest.fixture
def do(new_session, clock):
    executor = Executor(new_session, clock, ProcessEngine())

    def run(*rows, **options):
        lines = [Line(number, tuple(each)) for number, each in enumerate([HEADER, *rows], 1)]
        return executor.execute(ImportPeople(sheet=read_people(lines), **options), actor=OPERATOR)

    return run


@pytest.fixture
def refused(do):
    def run(*rows):
        with pytest.raises(RowsRefused) as caught:
            do(*rows)
        found: Any = caught.value.facts["rows"]
        return [(each["row"], each["code"]) for each in found]

    return run


def roles(session):
    session.expire_all()
    units = {unit.id: unit.short_name for unit in session.exec(select(Unit))}
    people = {person.id: person.name for person in session.exec(select(Person))}
    return sorted(
        (people[held.person_id], units[held.unit_id], held.role, held.deputy, held.valid_to)
        for held in session.exec(select(UnitMember))
    )


ZHANG = row("张三", "市商务局", "联络员", "13800000001", "zhangsan")


def test_people_and_roles_are_written_once(do, session):
    rows = (ZHANG, row("张三", "市商务局", "单位负责人", login="zhangsan"), row("李四", "江北市财政局", "联络员", "2"))
    imported = do(*rows)
    assert [each.outcome for each in imported.rows] == [RowOutcome.ADDED, RowOutcome.CHANGED, RowOutcome.ADDED]
    assert roles(session) == [
        ("张三", "市商务局", "liaison", False, None),
        ("张三", "市商务局", "unit_leader", False, None),
        ("李四", "市财政局", "liaison", False, None),
    ]
    assert {each.outcome for each in do(*rows).rows} == {RowOutcome.UNCHANGED}
    assert len(session.exec(select(Person)).all()) == 2
    assert {held.valid_from for held in session.exec(select(UnitMember))} == {date(2026, 3, 10)}


def test_a_person_is_known_by_login_then_phone_then_unit(do, session):
    do(ZHANG, row("李四", "市财政局", "联络员"))
    do(row("张三", "市财政局", "单位负责人", "13800000001"), row("李四", "市财政局", "单位负责人", "2", "lisi"))
    assert len(session.exec(select(Person)).all()) == 2
    session.expire_all()
    assert {(p.name, p.login) for p in session.exec(select(Person))} == {("张三", "zhangsan"), ("李四", "lisi")}
    do(row("张三", "市办公室", "办公室人员", "3"))
    assert len(session.exec(select(Person)).all()) == 3


def test_two_people_of_one_name_must_be_told_apart(do, refused):
    do(row("王五", "市商务局", "评估人员", "1"), row("王五", "市商务局", "单位负责人", "2"))
    assert refused(row("王五", "市商务局", "联络员")) == [(2, "person_ambiguous")]


def test_a_unit_has_one_liaison_at_a_time(do, refused, session):
    do(ZHANG)
    assert refused(row("李四", "市商务局", "联络员")) == [(2, "second_liaison")]
    assert refused(row("李四", "市财政局", "联络员"), row("王五", "市财政局", "联络员")) == [(3, "second_liaison")]
    do(row("李四", "市商务局", "联络员", deputy="是"))
    handover = (
        row("张三", "市商务局", "联络员", login="zhangsan", until="2026-03-31"),
        row("王五", "市商务局", "联络员", since="2026-04-01"),
    )
    assert refused(handover[0], row("王五", "市商务局", "联络员", since="2026-03-31")) == [(3, "second_liaison")]
    do(*handover)
    assert {each.outcome for each in do(*handover).rows} == {RowOutcome.UNCHANGED}
    assert len(roles(session)) == 3


def test_a_liaison_serves_one_unit(do, refused):
    do(ZHANG)
    assert refused(row("张三", "市财政局", "联络员", login="zhangsan")) == [(2, "liaison_of_two")]
    do(row("张三", "市财政局", "联络员", login="zhangsan", deputy="是"))


def test_administrators_are_apart_from_business_and_each_other(do, refused):
    do(ZHANG)
    assert refused(row("张三", "市办公室", "审计管理员", login="zhangsan")) == [(2, "roles_mixed")]
    assert refused(
        row("李四", "市办公室", "系统管理员", login="lisi"), row("李四", "市办公室", "安全管理员", login="lisi")
    ) == [(3, "roles_mixed")]
    do(
        row("张三", "市商务局", "联络员", login="zhangsan", until="2026-03-09", since="2026-01-01"),
        row("李四", "市办公室", "系统管理员", login="lisi"),
    )


def test_wrong_rows_refuse_the_whole_file(refused, do, session):
    do(ZHANG)
    assert refused(
        row("赵六", "市财政局", "联络员"),
        row("钱七", "没有的局", "联络员"),
        row("孙八", "旧局", "联络员"),
        row("李四", "市财政局", "单位负责人", login="zhangsan"),
        row("赵六", "市财政局", "联络员"),
        row("周九", "市财政局", "主任"),
    ) == [(7, "value_unknown")]
    assert refused(
        row("赵六", "市财政局", "联络员"),
        row("钱七", "没有的局", "联络员"),
        row("孙八", "旧局", "联络员"),
        row("李四", "市财政局", "单位负责人", login="zhangsan"),
        row("赵六", "市财政局", "联络员"),
    ) == [(3, "unit_unknown"), (4, "unit_ended"), (5, "login_taken"), (6, "row_twice")]
    assert [name for name, *_ in roles(session)] == ["张三"]


def test_checking_writes_nothing(do, session):
    do(ZHANG)
    checked = do(
        row("张三", "市商务局", "联络员", "999", "zhangsan"), row("李四", "市财政局", "联络员"), check_only=True
    )
    assert [(each.outcome, each.fields) for each in checked.rows] == [
        (RowOutcome.CHANGED, ("phone",)),
        (RowOutcome.ADDED, ()),
    ]
    session.expire_all()
    assert [(person.name, person.phone) for person in session.exec(select(Person))] == [("张三", "13800000001")]


def test_units_that_have_people_and_no_liaison_are_reported(do):
    imported = do(
        ZHANG,
        row("李四", "市财政局", "单位负责人"),
        row("王五", "市财政局", "联络员", deputy="是"),
        row("赵六", "市办公室", "办公室人员"),
        row("赵六", "市办公室", "单位负责人"),
    )
    assert imported.units_without_liaison == ("市财政局",)
