"""What has come of the play: the ledger as the head of the office sees it, on the terminal and as a spreadsheet."""

from pathlib import Path

from app.demo.run import Played
from app.demo.show import Screen
from app.demo.stage import someone
from domain.permissions import Actor, Role
from services.executor import Executor
from services.export import ledger_workbook
from services.queries.ledger import LedgerFilter, LedgerRow, whole_ledger
from services.queries.reading import reading


def show_ledger(executor: Executor, screen: Screen, played: Played, path: Path) -> list[LedgerRow]:
    """Print the ledger of the played list and write the office's whole ledger; the rows that were printed."""
    with reading(executor, _head(executor, played)) as open_reading:
        rows = list(whole_ledger(open_reading, LedgerFilter(list_id=played.list_id)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ledger_workbook(open_reading, LedgerFilter()))
    title = rows[0].list_title if rows else ""
    screen.ledger(rows, title=f"台账：{title}")
    screen.say(f"共 {len(rows)} 行，本次新推演 {played.new_acts} 步；台账已写入 {path}")
    return rows


def _head(executor: Executor, played: Played) -> Actor:
    with executor.sessions() as session:
        return someone(session, played.office_id, Role.UNIT_LEADER, now=executor.clock.now())
