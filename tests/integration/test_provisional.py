"""A limit that a holiday notice may still move is marked wherever it is shown."""

from datetime import datetime

import pytest

from app.cli._business import print_ledger, print_work
from db.tables import Item
from domain.permissions import Role
from services.export import ledger_values
from services.queries.item_detail import item_detail
from services.queries.ledger import LedgerFilter, ledger
from services.queries.reading import reading
from services.queries.worklist import WorkFilter, open_work


@pytest.fixture
def new_year(world, clock):
    """An item that is issued on the last day of the last loaded year; its own deadline is provisional too."""
    clock.at = datetime.fromisoformat("2026-12-31T09:00:00+08:00")
    item_id = world.item()
    world.complete(item_id, "issue")
    with world.sessions() as session:
        item = session.get_one(Item, item_id)
        item.due_at, item.due_provisional = datetime.fromisoformat("2027-03-01T00:00:00+08:00"), True
        session.add(item)
        session.commit()
    return item_id


def test_work_list_ledger_export_and_detail_say_provisional(world, new_year, capsys):
    lead = world.actor(world.leads[0], Role.LIAISON)
    with reading(world.executor, lead, sessions=world.sessions) as asked:
        [work] = open_work(asked, WorkFilter()).rows
        assert work.provisional
        print_work([work])
    assert "2027-01-04（暂定）" in capsys.readouterr().out
    with reading(world.executor, world.clerk, sessions=world.sessions) as asked:
        [row] = ledger(asked, LedgerFilter()).rows
        print_ledger([row])
        assert ledger_values(row)["provisional"] == "暂定"
        assert item_detail(asked, new_year).summary.provisional
    assert "2027-02-28（暂定）" in capsys.readouterr().out


def test_a_limit_within_the_loaded_years_is_not_marked(world, capsys):
    item_id = world.item()
    world.complete(item_id, "issue")
    with reading(world.executor, world.clerk, sessions=world.sessions) as asked:
        [row] = ledger(asked, LedgerFilter()).rows
        print_ledger([row])
        assert ledger_values(row)["provisional"] is None
    assert "暂定" not in capsys.readouterr().out
