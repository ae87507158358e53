"""An executor as the composition root makes it, on a test's engine and folder."""

from pathlib import Path

from sqlalchemy import Engine

from bpmn.engine import ProcessEngine
from db.file_store import DiskFileStore
from db.session import make_sessions
from services.executor import Executor
from services.ports import Storage, SystemClock

MAX_BYTES = 8 * 1024 * 1024


def new_executor(engine: Engine, folder: Path) -> Executor:
    storage = Storage(DiskFileStore(folder / "evidence"), MAX_BYTES)
    return Executor(make_sessions(engine), SystemClock(), ProcessEngine(), storage=storage)
