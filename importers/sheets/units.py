"""The spreadsheet of units: one row per unit, with its other names, its place and what became of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.units import UnitKind
from importers.sheets.rows import Column, Row, RowProblem, read_date, read_rows
from importers.sheets.table import Line

COLUMNS = {
    "official_name": Column("单位全称", ("全称", "单位名称", "名称", "official_name"), needed=True),
    "short_name": Column("简称", ("单位简称", "short_name", "name")),
    "kind": Column("类别", ("单位类别", "类型", "kind")),
    "parent": Column("上级单位", ("主管单位", "parent")),
    "aliases": Column("别名", ("其他名称", "aliases")),
    "former_names": Column("曾用名", ("原名", "former_names")),
    "successor": Column("承接单位", ("职责承接单位", "successor")),
    "groups": Column("所属组别", ("组别", "分组", "groups")),
    "valid_from": Column("成立日期", ("启用日期", "valid_from")),
    "valid_to": Column("撤销日期", ("停用日期", "valid_to")),
    "sort_order": Column("排序", ("序号", "sort_order")),
}
_KINDS = {
    "部门": UnitKind.DEPARTMENT,
    "市级部门": UnitKind.DEPARTMENT,
    "委办局": UnitKind.DEPARTMENT,
    "区": UnitKind.DISTRICT,
    "各区": UnitKind.DISTRICT,
    "区政府": UnitKind.DISTRICT,
    "中央垂管单位": UnitKind.CENTRAL_BRANCH,
    "中央驻地单位": UnitKind.CENTRAL_BRANCH,
    "垂直管理单位": UnitKind.CENTRAL_BRANCH,
    "功能区": UnitKind.FUNCTIONAL_AREA,
    "开发区": UnitKind.FUNCTIONAL_AREA,
    "企业": UnitKind.ENTERPRISE,
    "法院": UnitKind.COURT,
    "办公室": UnitKind.OFFICE,
    "其他": UnitKind.OTHER,
    # A group has no place of its own: its members name it. A row only makes it known before it has any.
    "组": UnitKind.GROUP,
}
_KINDS |= {kind.value: kind for kind in UnitKind}
# `原名(2014-11-01至2018-12-31)`, `原名(2014-11-01起)`, `原名(至2018-12-31)` or just the name.
_FORMER = re.compile(r"([^()]+)(?:\((?:([^()至起止]+)起?)?(?:至([^()至起止]+)止?)?\))?")


@dataclass(frozen=True, slots=True)
class FormerName:
    """A name the unit had, and between which days (both included, either open)."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit of the spreadsheet. Other units are named, not yet looked up.

    What is empty or None is not stated: it leaves what the registry has.
    """

    number: int
    official_name: str
    short_name: str = ""
    kind: UnitKind | None = None
    parent: str = ""
    successor: str = ""
    aliases: tuple[str, ...] = ()
    former_names: tuple[FormerName, ...] = ()
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    sort_order: int | None = None


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """Everything that was read, and every fault. With a fault, nothing of the file may be used."""

    rows: list[UnitRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def read_units(lines: Sequence[Line]) -> UnitSheet:
    """The units that the lines of a spreadsheet describe."""
    rows, problems = read_rows(lines, COLUMNS)
    units = [_unit(row) for row in rows]
    return UnitSheet(units, problems)


def _unit(row: Row) -> UnitRow:
    official_name = row.words("official_name", needed=True)
    valid_from, valid_to = row.day("valid_from"), row.day("valid_to")
    if valid_from and valid_to and valid_to < valid_from:
        row.fail("dates_reversed", column=row.title("valid_to"))
    return UnitRow(
        number=row.number,
        official_name=official_name,
        short_name=row.words("short_name"),
        kind=row.choice("kind", _KINDS),
        parent=row.words("parent"),
        successor=row.words("successor"),
        aliases=row.listed("aliases"),
        former_names=tuple(_former(row, entry) for entry in row.listed("former_names")),
        groups=row.listed("groups"),
        valid_from=valid_from,
        valid_to=valid_to,
        sort_order=row.number_of("sort_order"),
    )


def _former(row: Row, entry: str) -> FormerName:
    match = _FORMER.fullmatch(entry.replace("（", "(").replace("）", ")"))
    if match is None:
        row.fail("date_invalid", column=row.title("former_names"), value=entry)
        return FormerName(entry)
    start, end = (read_date(row, "former_names", text) if text else None for text in (match[2], match[3]))
    if start and end and end < start:
        row.fail("dates_reversed", column=row.title("former_names"))
    return FormerName(match[1].strip(), start, end)
