"""What the demo prints: its progress, the flags, the ledger, and how to sign in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from app.demo.afterwards import Passed
from app.demo.city import PASSWORD, SAMPLE_ACCOUNTS
from app.demo.desk import OpenFlag
from app.demo.script import Act
from domain.calendar import LOCAL, local_date
from domain.labels import FLAG_WORDS, label
from domain.lights import Light
from domain.messages.calendars import PROVISIONAL_MARK
from domain.urgency import Urgency
from services.queries.ledger import LedgerRow

WIDTH_OF_A_FILE = 150
_COLOURS = {
    Urgency.OVERDUE: "bold red",
    Urgency.TODAY: "red",
    Urgency.SOON: "yellow",
    Urgency.LATER: "green",
    Urgency.NO_LIMIT: "dim",
}
_LIGHTS = {
    Light.GREEN: "green",
    Light.YELLOW: "yellow",
    Light.RED: "bold red",
    Light.GREY: "dim",
    Light.DONE: "dim",
}
_TEXT_WIDTH = 34
_MOST_TOLD = 60
"""Rows that are printed of who was told what."""


class Screen:
    """Prints for people; into a file at a fixed width and without the moving parts."""

    def __init__(self, console: Console | None = None) -> None:
        screen = Console(highlight=False)
        wide = screen if screen.is_terminal else Console(highlight=False, width=WIDTH_OF_A_FILE)
        self._console = console or wide

    def say(self, words: str) -> None:
        """One line."""
        self._console.print(Text(f"· {words}"))

    def flags(self, flags: list[OpenFlag]) -> None:
        """What the import left to a person, as a table."""
        if not flags:
            return
        table = Table(
            "序号", "标记", "须核对的内容", box=box.SIMPLE_HEAD, title="导入后由办公室核对的标记（※ 为不处理不能交办）"
        )
        for flag in flags:
            table.add_row(
                flag.number, ("※ " if flag.blocking else "") + FLAG_WORDS.get(flag.code, flag.code), flag.note
            )
        self._console.print(table)

    def playing(self, acts: list[Act]) -> list[Act]:
        """The acts, with a bar that moves on as they are taken."""
        return list(acts) if not self._console.is_terminal else _Tracked(self._console, acts)

    def ledger(self, rows: Sequence[LedgerRow], *, title: str) -> None:
        """The ledger: status, lead, deadline, days left or late, who holds the item since when."""
        table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False)
        for name, options in _COLUMNS:
            table.add_column(name, **options)
        for row in rows:
            table.add_row(*_cells(row), style="dim" if row.urgency is None else "")
        self._console.print(table)

    def passed(self, passed: Passed) -> None:
        """Who was reminded of what while nobody did anything, and where the mails lie."""
        days = f"{local_date(passed.start):%Y-%m-%d} 至 {local_date(passed.end):%Y-%m-%d}"
        if passed.told:
            names = ("时间", "收件人", "单位", "类别", "序号", "事项", "级别与文书")
            table = Table(
                *names, box=box.SIMPLE_HEAD, pad_edge=False, title=f"无人办理期间的提醒、催办和升级（{days}）"
            )
            table.columns[5].max_width, table.columns[5].no_wrap = _TEXT_WIDTH, True
            for told in passed.told[:_MOST_TOLD]:
                at = f"{told.at.astimezone(LOCAL):%m-%d %H:%M}"
                table.add_row(at, told.person, told.unit, told.kind, told.number, told.text, told.what)
            self._console.print(table)
        counts = Counter(told.kind for told in passed.told)
        sums = "，".join(f"{kind}{count}次" for kind, count in counts.items()) or "没有新的提醒"
        left = len(passed.told) - _MOST_TOLD
        sums += f"（表中略去{left}行）" if left > 0 else ""
        self.say(f"{days}：{sums}；邮件写在 {passed.folder}/ （本次{passed.mails}封）")

    def accounts(self, address: str, data_dir: Path) -> None:
        """Where the service and its data are, and who can sign in."""
        table = Table("登录名", "身份", box=box.SIMPLE_HEAD, title=f"示例账号（口令都是 {PASSWORD} ，仅供演示）")
        for login, role in SAMPLE_ACCOUNTS.items():
            table.add_row(login, role)
        self._console.print(table)
        self.say(f"另开终端用命令行：export DUDAO_DATA_DIR={data_dir}")
        self.say(f"接口地址 {address}/api/v1 ，接口说明 {address}/api/v1/openapi.json")

    def wrote(self, path: Path, size: int) -> None:
        """A document lies in the folder; its size in bytes."""
        self.say(f"案卷已写入 {path}（{size // 1024} KB）")

    def serving(self, address: str) -> None:
        """The service begins."""
        self.say(f"服务地址 {address} ，按 Ctrl-C 结束服务和数据库。")


_COLUMNS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("序号", {"no_wrap": True}),
    ("事项", {"max_width": _TEXT_WIDTH, "no_wrap": True, "overflow": "ellipsis"}),
    ("状态", {"no_wrap": True}),
    ("灯", {"no_wrap": True}),
    ("牵头单位", {"max_width": 18}),
    ("时限", {"no_wrap": True}),
    ("剩余/逾期", {"no_wrap": True, "justify": "right"}),
    ("现在谁手里、自何日起", {}),
    ("进度", {"justify": "right"}),
)


def _cells(row: LedgerRow) -> tuple[str | Text, ...]:
    due = f"{row.due_on:%Y-%m-%d}" if row.due_on else row.deadline_phrase
    due += PROVISIONAL_MARK if row.provisional else ""
    leads = "、".join((*row.leads, *row.groups)) or f"{row.members_ended}/{row.members} 个成员办结"
    return (
        row.number,
        row.text,
        row.status_label,
        _light(row),
        leads,
        due,
        _days(row),
        _holders(row),
        "" if row.percent is None else f"{row.percent}%",
    )


def _light(row: LedgerRow) -> Text:
    return Text("") if row.light is None else Text(label(Light, row.light), style=_LIGHTS[Light(row.light)])


def _days(row: LedgerRow) -> Text:
    if row.urgency is None or row.days_left is None:
        return Text("")
    words = f"逾期{-row.days_left}天" if row.days_left < 0 else f"剩{row.days_left}天"
    return Text(words, style=_COLOURS[row.urgency])


def _holders(row: LedgerRow) -> str:
    held: dict[tuple[str, date], list[str]] = {}
    for holder in row.held_by:
        held.setdefault((holder.step, local_date(holder.since)), []).append(holder.unit)
    return "\n".join(f"{'、'.join(units)}：{step}（{since:%m-%d}起）" for (step, since), units in held.items())


class _Tracked(list[Act]):
    """A list whose iteration moves a bar."""

    def __init__(self, console: Console, acts: list[Act]) -> None:
        super().__init__(acts)
        self._console = console

    def __iter__(self) -> Iterator[Act]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task("推演", total=len(self))
            for act in super().__iter__():
                progress.update(bar, description=f"第{act.day:>3}天")
                yield act
                progress.advance(bar)
