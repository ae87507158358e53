"""Figures of a benchmark run: what was measured, what was aimed at, and whether it holds."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. Without a goal it only informs, and holds."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def holds(self) -> bool:
        """Whether the value reaches its goal."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


Benchmark = Callable[[], Iterable[Figure]]


def write(figures: list[Figure], path: Path) -> None:
    """Write the figures as JSON, keeping those of an earlier run that this run did not measure."""
    measured = {figure.name for figure in figures}
    earlier = json.loads(path.read_text()) if path.exists() else []
    rows = [row for row in earlier if row["name"] not in measured]
    rows += [{**asdict(figure), "holds": figure.holds} for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def show(figures: list[Figure]) -> None:
    """Print the figures as a table."""
    table = Table("figure", "value", "unit", "goal", "holds")
    for column in table.columns[1:2]:
        column.justify = "right"
    for figure in figures:
        sign = {"higher": "≥", "lower": "≤"}[figure.better]
        goal = f"{sign} {figure.goal:g}" if figure.goal is not None else ""
        holds = "" if figure.goal is None else ("yes" if figure.holds else "[bold red]NO[/]")
        table.add_row(
            figure.name,
            f"{figure.value:,.3g}" if figure.value < 1000 else f"{figure.value:,.0f}",
            figure.unit,
            goal,
            holds,
        )
    Console().print(table)
