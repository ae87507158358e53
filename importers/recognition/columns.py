"""What the columns of a list mean, by the words of its header in any order and number."""

import dataclasses
import enum
import re
from collections.abc import Sequence

from importers.grammar.characters import half_width, squeeze, to_simplified
from importers.structure import Cell, Row


class Role(enum.StrEnum):
    """What a column holds."""

    NUMBER = "number"
    ARTICLE = "article"
    SECTION = "section"
    TASK = "task"
    MEASURES = "measures"
    CONTENT = "content"
    DEADLINE = "deadline"
    UNITS = "units"
    LEAD = "lead"
    CO_UNITS = "co_units"
    PERSON = "person"
    RANGE = "range"
    OTHER = "other"
    BLANK = "blank"


WHAT = frozenset({Role.TASK, Role.MEASURES, Role.CONTENT})
WHO = frozenset({Role.UNITS, Role.LEAD, Role.CO_UNITS})
_SAYS_MORE = WHO | {Role.DEADLINE, Role.RANGE, Role.ARTICLE}

# The first that matches decides, so the narrower words stand before the wider ones they contain.
_WORDS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.ARTICLE, re.compile(r"(?:措施|条款|条文|章节|文件)(?:序号|编号|条目)|^对?应?条[款目文]$")),
    (Role.NUMBER, re.compile(r"^(?:(?:任务|项目|事项|措施)?(?:序号|编号)|序|号|编号|no\.?|№)$")),
    (Role.OTHER, re.compile(r"备注|说明$|依据|进展|完成情况|落实情况|目标值|指标|成果形式|来源|资金|投资|目标$|效果$")),
    (Role.UNITS, re.compile(r"(?:单位|部门)(?:和|及|、|与|/).{0,4}人$")),
    (
        Role.PERSON,
        re.compile(
            r"(?:责任|联系|负责|经办)人|(?:责任|牵头|分管|市|区|县|包联|挂帅|主管)领导|联络员|联系(?:方式|电话)"
        ),
    ),
    (
        Role.DEADLINE,
        re.compile(
            r"时限|期限|时间(?:节点|要求|安排|进度|表)|(?:完成|办结|办理|落实|实施)(?:时间|日期)|进度(?:安排|要求)|^时间$"
        ),
    ),
    (
        Role.UNITS,
        re.compile(
            r"牵头.*(?:和|及|、|与|/).*(?:配合|协办|参与|协同|责任|负责)|主办.*协办|(?:责任|任务)分工$|分工单位"
        ),
    ),
    (Role.LEAD, re.compile(r"(?:牵头|主办|主责).*(?:单位|部门|机构|主体|地区)|^(?:牵头|主办|主责)$")),
    (
        Role.CO_UNITS,
        re.compile(r"(?:配合|协办|协同|协助|参与|参加|支持|会办).*(?:单位|部门|机构|主体)|^(?:配合|协办)$"),
    ),
    (
        Role.UNITS,
        re.compile(
            r"(?:责任|负责|承办|落实|实施|承担|完成|主管|推进|组织)(?:单位|部门|主体|机构|地区|处室)|^(?:单位|部门|责任方)$"
        ),
    ),
    (Role.RANGE, re.compile(r"(?:推广|适用|实施|试点|覆盖)(?:的)?范围")),
    (
        Role.SECTION,
        re.compile(
            r"^(?:所属|工作|重点|任务|项目|措施|事项|改革)?(?:领域|类别|分类|类型|板块|方面|专项)$|^一级(?:任务|指标)$"
        ),
    ),
    (
        Role.MEASURES,
        re.compile(
            r"举措|措施|工作(?:内容|要求|安排|步骤)|具体(?:内容|任务|工作|事项|要求)|实施(?:路径|内容|步骤)|做什么"
        ),
    ),
    (Role.CONTENT, re.compile(r"内容|做法|成效|经验概述")),
    (Role.TASK, re.compile(r"任务|事项|项目|改革|经验|案例|工作|议题|问题|清单名称")),
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST_HEADER = 40
_SENTENCE = re.compile(r"[。;!?]")
_NUMBER = re.compile(r"\(?\d+\)?[.、]?")


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column: its role and the header's own words."""

    role: Role
    header: str


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list, one per grid column."""

    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles in order."""
        return tuple(column.role for column in self.columns)

    def has(self, *roles: Role) -> bool:
        """Whether any of `roles` is among the columns."""
        return any(role in self.roles for role in roles)

    def same_list(self, other: "Layout") -> bool:
        """Whether `other` is this header printed again, blank columns aside."""
        return [c.header for c in self.columns if c.header] == [c.header for c in other.columns if c.header]


def header_words(text: str) -> str:
    """A header cell for comparison, without what stands in brackets."""
    return _BRACKETS.sub("", to_simplified(half_width(squeeze(text)))).strip(":").lower()


def role_of(header: str) -> Role | None:
    """The role that a header's words name; BLANK for an empty header, None for words that name none."""
    words = header_words(header)
    if not words:
        return Role.BLANK
    return next((role for role, pattern in _WORDS if pattern.search(words)), None)


def expand(row: Row) -> list[Cell]:
    """The row on the grid: a cell over several columns is repeated, marked as continuing."""
    cells: list[Cell] = []
    for cell in row.cells:
        cells.append(cell)
        cells.extend(dataclasses.replace(cell, span=1, continues=True) for _ in range(cell.span - 1))
    return cells


def _looks_like_header(cells: Sequence[Cell]) -> bool:
    """Whether the cells are short words, and none is the number of a task."""
    filled = [half_width(squeeze(cell.text)) for cell in cells if cell.text]
    return bool(filled) and all(
        len(text) <= _LONGEST_HEADER and not _SENTENCE.search(text) and not _NUMBER.fullmatch(text) for text in filled
    )


def read_header(rows: Sequence[Row]) -> tuple[Layout, int] | None:
    """The layout that `rows` begins with and how many rows of header it takes, None if it begins with none.

    A second line of header (牵头单位 | 配合单位 under 责任单位) refines the first.
    """
    first = expand(rows[0])
    if len({cell.text for cell in first if cell.text}) < 2:  # noqa: PLR2004 - a title over all columns heads none
        return None
    layout = _layout([first])
    if layout is None and len(rows) > 1 and any(cell.span > 1 or cell.continues for cell in rows[0].cells):
        return None if (two := _two_lines(first, rows[1])) is None else (two, 2)
    if layout is None:
        return None
    if len(rows) > 1 and (rows[1].repeats_header or any(cell.span > 1 for cell in rows[0].cells)):
        two = _two_lines(first, rows[1])
        if two is not None:
            return two, 2
    return layout, 1


def _two_lines(first: list[Cell], row: Row) -> Layout | None:
    second = expand(row)
    if len(second) != len(first) or not _looks_like_header(second):
        return None
    own = [cell for upper, cell in zip(first, second, strict=True) if cell.text and cell.text != upper.text]
    if not own or not all(role_of(cell.text) for cell in own):
        return None
    return _layout([first, second])


def _layout(lines: list[list[Cell]]) -> Layout | None:
    """The columns under one or two lines of header; None unless they are those of a list of tasks."""
    if not all(_looks_like_header(line) for line in lines):
        return None
    columns: list[Column] = []
    filled = known = 0
    for cells in zip(*lines, strict=True):
        words = [cell.text for cell in cells if cell.text]
        header = words[-1] if words else ""
        role = role_of(header)
        if role is None and len(words) > 1:
            role = role_of(words[0])
        filled += bool(header)
        known += bool(header) and role is not None
        columns.append(Column(role or Role.OTHER, " ".join(squeeze(header).split())))
    roles = {column.role for column in columns}
    tells_what, tells_more = roles & WHAT, roles & _SAYS_MORE or len(roles & WHAT) > 1
    if known * 2 < filled or not tells_what or not tells_more:
        return None
    if Role.LEAD in roles and Role.UNITS in roles:
        # Beside a column for the lead, 责任单位 are the others.
        columns = [Column(Role.CO_UNITS, c.header) if c.role is Role.UNITS else c for c in columns]
    return Layout(tuple(columns))
