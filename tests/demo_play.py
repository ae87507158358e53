"""The demo played twice on one database: what is there afterwards, and how much each run added."""

import io
from datetime import date
from pathlib import Path

from rich.console import Console
from sqlmodel import SQLModel, func, select

from app.demo.run import Played, play_sample
from app.demo.show import Screen
from services.executor import Executor

TODAY = date(2026, 11, 20)


class Play:
    """The database after the demo, how many rows each table had after the first and the second run, and its files."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self.executor = executor
        self.out = folder / "out"
        self.printed = io.StringIO()
        self.screen = Screen(Console(file=self.printed, width=160))
        self.first = self.run()
        self.rows_once = self.count()
        self.second = self.run()
        self.rows_twice = self.count()

    def run(self) -> Played:
        return play_sample(self.executor, self.screen, today=TODAY, out=self.out)

    def count(self) -> dict[str, int]:
        with self.executor.sessions() as session:
            return {
                name: session.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in SQLModel.metadata.tables.items()
            }

    def all(self, statement):
        with self.executor.sessions() as session:
            return session.execute(statement).all()

    def scalars(self, statement):
        with self.executor.sessions() as session:
            return session.execute(statement).scalars().all()
