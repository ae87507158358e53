"""What has come of the play: the ledger as the head of the office sees it."""

from app.demo.run import Played
from app.demo.show import Screen
from app.demo.stage import someone
from domain.permissions import Actor, Role
from services.executor import Executor
from services.queries.ledger import LedgerFilter, LedgerRow, whole_ledger
from services.queries.reading import reading


def show_ledger(executor: Executor, screen: Screen, played: Played) -> list[LedgerRow]:
    """Print the ledger of the played list; the rows that were printed."""
    with reading(executor, _head(executor, played)) as open_reading:
        rows = list(whole_ledger(open_reading, LedgerFilter(list_id=played.list_id)))
    title = rows[0].list_title if rows else ""
    screen.ledger(rows, title=f"台账：{title}")
    screen.say(f"共 {len(rows)} 行，本次新推演 {played.new_acts} 步")
    return rows


def _head(executor: Executor, played: Played) -> Actor:
    with executor.sessions() as session:
        return someone(session, played.office_id, Role.UNIT_LEADER, now=executor.clock.now())
