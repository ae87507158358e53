"""The sample city's task list: every kind of deadline and every shape of responsibility (domain notes, section 2).

The wording, in `data/tasks.csv`, is the demo's own. Dates are counted from the month in which the list is issued, so
that the list is a current one whenever the demo is run: `{month7}` is the end of the seventh month after it, `{year2}`
the second year.
"""

import calendar
import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from importlib import resources

TITLE = "滨海示范市服务业扩大开放重点任务清单"
ISSUER = "滨海示范市服务业开放联席会议办公室"
_PLACE = re.compile(r"\{(month|year)(\d+)\}")


@dataclass(frozen=True, slots=True)
class Task:
    """One printed row. An empty `deadline` or `units` is a cell that was left empty."""

    number: int
    section: str
    text: str
    measures: tuple[str, ...]
    deadline: str
    units: str


@dataclass(frozen=True, slots=True)
class Issue:
    """The day on which the list is issued, and the dates that follow from it."""

    on: date

    @property
    def document_number(self) -> str:
        """The number printed under the head of the document."""
        return f"滨示开放办发〔{self.on.year}〕6号"

    def month(self, after: int) -> str:
        """`2026年9月底前`: the end of the month so many months later."""
        day = self.end_of_month(after)
        return f"{day.year}年{day.month}月底前"

    def end_of_month(self, after: int) -> date:
        """The last day of the month so many months later."""
        years, month = divmod(self.on.month - 1 + after, 12)
        year = self.on.year + years
        return date(year, month + 1, calendar.monthrange(year, month + 1)[1])

    def dated(self, words: str) -> str:
        """`words` with the dates of this issue in their places."""
        return _PLACE.sub(self._date, words)

    def _date(self, place: re.Match[str]) -> str:
        after = int(place[2])
        return self.month(after) if place[1] == "month" else str(self.on.year + after)


def tasks(issue: Issue) -> tuple[Task, ...]:
    """The rows in printed order."""
    written = (resources.files("app.demo") / "data" / "tasks.csv").read_text(encoding="utf-8")
    return tuple(
        Task(
            number=int(row["序号"]),
            section=row["所属部分"],
            text=issue.dated(row["重点任务"]),
            measures=tuple(row["主要措施"].split("；")),
            deadline=issue.dated(row["完成时限"]),
            units=row["责任单位"],
        )
        for row in csv.DictReader(io.StringIO(written))
    )
