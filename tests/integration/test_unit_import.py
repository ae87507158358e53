"""Importing the unit registry: what it writes, what it refuses, what a second time changes."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from bpmn.engine import ProcessEngine
from db.tables import AuditEntry, Unit, UnitAlias, UnitGroup, UnitGroupMember
from domain.errors import PermissionDenied, RowsRefused
from domain.permissions import OPERATOR, Actor
from importers.registry import MatchBasis
from importers.sheets.packaged import packaged_units
from importers.sheets.table import Line
from importers.sheets.units import read_units
from services.executor import Executor
from services.imported_rows import RowOutcome
from services.unit_import import ImportUnits
from services.unit_lookup import stored_registry

HEADER = ["单位全称", "简称", "类别", "上级单位", "别名", "曾用名", "承接单位", "所属组别", "撤销日期"]
CITY = [
    ["江北市商务局", "市商务局", "部门", "", "市商局、商务局", "江北市商务委员会（至2018-12-31）", "", "成员单位", ""],
    ["江北市金融工作局", "市金融局", "部门", "", "", "", "市委金融办", "", "2023-10-31"],
    ["中共江北市委金融委员会办公室", "市委金融办", "部门", "", "", "", "", "成员单位", ""],
    ["云湖区人民政府", "云湖区", "区", "", "", "", "", "各区人民政府", ""],
    ["云湖综合保税区管委会", "综保区管委会", "功能区", "云湖区", "", "", "", "", ""],
]


def unit(name, short_name="", *, parent="", aliases="", successor="", groups=""):
    return [name, short_name, "", parent, aliases, "", successor, groups, ""]


@pytest.fixture
def do(new_session, clock):
    """Run an import of rows as the operator."""
    executor = Executor(new_session, clock, ProcessEngine())

    def run(rows, *, header=HEADER, actor=OPERATOR, **options):
        lines = [Line(number, tuple(row)) for number, row in enumerate([header, *rows], 1)]
        return executor.execute(ImportUnits(sheet=read_units(lines), source_name="单位.xlsx", **options), actor=actor)

    return run


def reasons(caught: pytest.ExceptionInfo[RowsRefused]) -> list[tuple[int, str]]:
    rows: Any = caught.value.facts["rows"]
    return [(row["row"], row["code"]) for row in rows]


def test_units_names_groups_and_relations_are_written(do, session):
    imported = do(CITY)
    assert [row.outcome for row in imported.rows] == [RowOutcome.ADDED] * 5
    units = {unit.short_name: unit for unit in session.exec(select(Unit))}
    assert units["综保区管委会"].parent_id == units["云湖区"].id
    assert units["市金融局"].successor_id == units["市委金融办"].id
    aliases = {alias.name: alias for alias in session.exec(select(UnitAlias))}
    assert set(aliases) == {"市商局", "商务局", "江北市商务委员会"}
    assert (aliases["江北市商务委员会"].kind, aliases["江北市商务委员会"].valid_to) == ("former", date(2018, 12, 31))
    groups = {group.id: group.name for group in session.exec(select(UnitGroup))}
    names = {unit.id: unit.short_name for unit in units.values()}
    members = [(groups[row.group_id], names[row.unit_id]) for row in session.exec(select(UnitGroupMember))]
    assert set(members) == {("成员单位", "市商务局"), ("成员单位", "市委金融办"), ("各区人民政府", "云湖区")}


def test_the_same_file_again_changes_nothing(do, session):
    do(CITY)
    before = sorted(str(row) for table in (Unit, UnitAlias, UnitGroupMember) for row in session.exec(select(table)))
    again = do(CITY)
    assert {row.outcome for row in again.rows} == {RowOutcome.UNCHANGED}
    session.expire_all()
    after = sorted(str(row) for table in (Unit, UnitAlias, UnitGroupMember) for row in session.exec(select(table)))
    assert after == before


def test_empty_cells_leave_what_is_known(do, session):
    do(CITY)
    imported = do([unit("江北市商务局", aliases="市商务主管部门")])
    assert [(row.outcome, row.fields) for row in imported.rows] == [(RowOutcome.CHANGED, ("aliases",))]
    known = session.exec(select(Unit).where(Unit.official_name == "江北市商务局")).one()
    assert (known.short_name, known.kind) == ("市商务局", "department")


def test_a_renamed_unit_stays_the_same_unit(do, session):
    do(CITY)
    old = session.exec(select(Unit).where(Unit.short_name == "市商务局")).one()
    row = ["江北市商务和投资局", "市商投局", "", "", "", "江北市商务局（至2026-02-28）", "", "", ""]
    [result] = do([row]).rows
    assert result.outcome is RowOutcome.CHANGED
    session.expire_all()
    assert session.get_one(Unit, old.id).official_name == "江北市商务和投资局"
    registry = stored_registry(session, date(2026, 3, 10))
    # Its old short name was not stated as a former one, and documents still print it.
    assert {registry.lookup(name).unit for name in ("江北市商务局", "市商务局", "市商局", "市商投局")} == {"市商投局"}
    assert {row.outcome for row in do([row]).rows} == {RowOutcome.UNCHANGED}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([unit("甲局", aliases="市商局")], [(2, "name_taken")]),
        ([unit("甲局", aliases="甲"), unit("乙局", "甲")], [(2, "name_taken_in_row")]),
        ([unit("甲局"), unit("甲 局")], [(3, "unit_twice")]),
        ([unit("甲局", parent="没有的局", successor="也没有")], [(2, "unit_unknown"), (2, "unit_unknown")]),
        ([unit("甲局", parent="成员单位")], [(2, "unit_unknown")]),
        (
            [unit("甲局", parent="乙局"), unit("乙局", parent="甲局")],
            [(2, "unit_parent_circle"), (3, "unit_parent_circle")],
        ),
        ([unit("甲局", successor="甲局")], [(2, "unit_successor_circle")]),
        ([unit("甲局", groups="市商务局")], [(2, "name_taken")]),
        ([unit("成员单位", "成员")], [(2, "name_taken")]),
    ],
)
def test_a_wrong_row_refuses_the_whole_file(do, session, rows, expected):
    do(CITY)
    before = len(session.exec(select(Unit)).all())
    with pytest.raises(RowsRefused) as caught:
        do([*rows, unit("丙局")])
    assert reasons(caught) == expected
    assert len(session.exec(select(Unit)).all()) == before


def test_faults_of_reading_refuse_the_file_with_their_rows(do, session):
    with pytest.raises(RowsRefused) as caught:
        do([["甲局", "", "公司制", "", "", "", "", "", ""], ["", "x", "", "", "", "", "", "", "昨天"]])
    assert reasons(caught) == [(2, "value_unknown"), (3, "value_missing"), (3, "date_invalid")]
    assert "第2行" in str(caught.value.facts["problems"])
    assert session.exec(select(Unit)).all() == []


def test_checking_writes_nothing(do, session):
    do(CITY)
    checked = do(
        [["江北市商务局", "新简称", "", "", "", "", "", "", ""], ["甲局", "", "", "", "", "", "", "", ""]],
        check_only=True,
    )
    assert [row.outcome for row in checked.rows] == [RowOutcome.CHANGED, RowOutcome.ADDED]
    assert {unit.short_name for unit in session.exec(select(Unit))} == {row[1] for row in CITY}


def test_only_who_may_imports_and_a_refusal_is_on_record(do, session):
    with pytest.raises(PermissionDenied):
        do(CITY, actor=Actor(id=None, name="nobody"))
    assert session.exec(select(AuditEntry.command, AuditEntry.error_code)).all() == [
        ("ImportUnits", "permission_denied")
    ]


def test_the_stored_registry_follows_successors_by_date(do, session):
    do(CITY)
    before, after = (
        stored_registry(session, day).lookup("市金融局") for day in (date(2023, 10, 31), date(2023, 11, 1))
    )
    assert (before.unit, before.basis) == ("市金融局", MatchBasis.EXACT)
    assert (after.unit, after.basis) == ("市委金融办", MatchBasis.SUCCESSOR)
    registry = stored_registry(session, date(2026, 3, 10))
    assert registry.unit_id("市委金融办") == session.exec(select(Unit.id).where(Unit.short_name == "市委金融办")).one()
    assert registry.lookup("各区人民政府").unit == "各区人民政府"
    assert registry.unit_id("各区人民政府") is None
    assert registry.lookup("市商务").unit is None
    assert "市商务局" in registry.lookup("市商务").candidates


def test_the_packaged_registry_imports_and_reads_documents_the_same_way(new_session, clock, session):
    from importers.registry import packaged_registry

    executor = Executor(new_session, clock, ProcessEngine())
    command = ImportUnits(sheet=packaged_units())
    first = executor.execute(command, actor=OPERATOR)
    assert {row.outcome for row in first.rows} == {RowOutcome.ADDED}
    assert {row.outcome for row in executor.execute(command, actor=OPERATOR).rows} == {RowOutcome.UNCHANGED}
    packaged, stored = packaged_registry(), stored_registry(session, date(2026, 3, 10))
    differing = {
        name: (packaged.lookup(name).unit, stored.lookup(name).unit)
        for name in packaged.names()
        if packaged.lookup(name).unit != stored.lookup(name).unit
    }
    assert differing == {}
