"""The whole import command on a list of 131 rows: one process, from reading the document to the stored list."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from uuid import UUID

import psycopg
from sqlalchemy import NullPool, create_engine
from sqlmodel import Session

from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from db.tables import Person, Unit, UnitMember
from domain.permissions import Role

ROWS, SECTIONS, REPEATS = 131, 14, 5
OFFICE, CLERK = UUID(int=1), UUID(int=11)
DUDAO = str(Path(sys.executable).parent / "dudao")
NUMERALS = "一二三四五六七"
UNITS = [f"市{name}局" for name in ("商务", "科技", "教育", "财政", "交通运输", "市场监管", "生态环境", "文化和旅游")]
MEASURES = ("完善工作机制，明确时间表和路线图", "加大政策支持力度，组织宣讲和培训", "建立跟踪评估制度，及时总结经验")


def import_list() -> Iterator[Figure]:
    """`import_131_s` and `import_131_mb`, medians over some runs, each of a list of its own."""
    with fresh_database() as access, tempfile.TemporaryDirectory() as folder:
        _prepare(access.owner_url)
        environment = {
            **os.environ,
            "DUDAO_DATABASE_URL": access.app_url,
            "DUDAO_OWNER_DATABASE_URL": access.owner_url,
            "DUDAO_LOG_LEVEL": "error",
        }
        # An installed program finds its own modules compiled; so does this one from its second run on.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        seconds, megabytes = [], []
        for number in range(1, REPEATS + 1):
            file = Path(folder) / f"list{number}.txt"
            file.write_text(document(number), encoding="utf8")
            took, peak = _run([DUDAO, "import", str(file), "--as", "clerk"], environment)
            seconds.append(took)
            megabytes.append(peak)
            _check(plain(access.owner_url), number)
        yield Figure("import_131_s", median(seconds), "s", 2.0, "lower")
        yield Figure("import_131_mb", median(megabytes), "MB", 300.0, "lower")


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds from start to end, and the peak of the resident memory in MB."""
    began = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=silent)
    _, status, usage = os.wait4(pid, 0)
    took = time.perf_counter() - began
    assert os.waitstatus_to_exitcode(status) == 0, command
    return took, usage.ru_maxrss / 1024


def _check(owner: str, lists: int) -> None:
    with psycopg.connect(owner) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT list_id) FROM item").fetchone()
    assert row == (ROWS * lists, lists), row


def _prepare(owner_url: str) -> None:
    engine = create_engine(owner_url, poolclass=NullPool)
    now = datetime.now(UTC)
    with Session(engine) as session:
        session.add(Unit(id=OFFICE, official_name="office", short_name="office", kind="office"))
        session.add_all(Unit(official_name=name, short_name=name, kind="department") for name in UNITS)
        session.add(Person(id=CLERK, name="clerk", login="clerk", created_at=now))
        session.flush()
        session.add(UnitMember(person_id=CLERK, unit_id=OFFICE, role=Role.OFFICE_STAFF, valid_from=date(2020, 1, 1)))
        session.commit()


def document(number: int) -> str:
    """A list of our own wording in the shape of a real one: sections, three measures a row, several units."""
    lines = [
        f"滨海示范市加快改革试点第{number}批任务清单",
        "",
        "序号\t试点任务\t落实举措\t完成时限\t责任单位（首个为牵头单位）",
    ]
    for row in range(1, ROWS + 1):
        if row % (ROWS // SECTIONS) == 1:
            lines.append(f"{NUMERALS[row % len(NUMERALS)]}、推进第{row}类改革\t\t\t\t")
        measures = "。".join(f"{NUMERALS[n]}是{measure}" for n, measure in enumerate(MEASURES)) + "。"
        units = "、".join(UNITS[(row + n) % len(UNITS)] for n in range(3))
        lines.append(f"{row}\t推动第{row}项改革任务落地见效。\t{measures}\t2026年底前\t{units}")
    return "\n".join(lines) + "\n"
