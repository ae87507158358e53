"""江北市 as the console imports it: its units, its people and a task list, and what a command prints."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.unit.importers.documents import saved, word

Dudao = Callable[..., Any]
"""The fixture `dudao`: a command with its arguments."""
Rows = Iterable[Sequence[str]]

UNITS = [
    ["单位全称", "简称", "类别", "别名"],
    ["江北市开放工作办公室", "市开放办", "办公室", ""],
    ["江北市商务局", "市商务局", "部门", "市商务委"],
    ["江北市财政局", "市财政局", "部门", ""],
]
PEOPLE = [
    ["姓名", "单位", "角色", "登录名"],
    ["周敏", "市开放办", "办公室人员", "zhoumin"],
    ["程远航", "市开放办", "单位负责人", "chengyuanhang"],
    ["李晨曦", "市商务局", "联络员", "lichenxi"],
    ["王建业", "市商务局", "单位负责人", "wangjianye"],
    ["张予安", "市财政局", "联络员", "zhangyuan"],
]
PRINTED = ["序号", "重点任务", "完成时限", "责任单位（首个为牵头单位）"]
"""The head of a task list."""


def write(path: Path, rows: Rows) -> Path:
    """A workbook with these rows."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def task_list(folder: Path, rows: Rows) -> Path:
    """A task list of the year 2098 as a Word document."""
    path = folder / "清单.docx"
    path.write_bytes(saved(word("江北市2098年开放工作任务清单", rows=[list(row) for row in rows])))
    return path


def found_city(dudao: Dudao, folder: Path, *, units: Rows = UNITS, people: Rows = PEOPLE) -> Dudao:
    """Import units and people and publish the models; the hands again."""
    dudao("units", "import", write(folder / "units.xlsx", units))
    dudao("people", "import", write(folder / "people.xlsx", people))
    dudao("models", "publish")
    return dudao


def shown(dudao: Dudao, *arguments: object) -> Any:
    """What a command prints for programs."""
    return json.loads(dudao(*arguments, "--json").stdout)
