"""What a document printed stands: whoever writes, and by whatever means."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.items import DeadlineKind, Strength
from services.items import NewDeadline

DEADLINE = NewDeadline(
    phrase="2026年底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 12, 31), strength=Strength.FIRM
)


REPLACE = text("UPDATE item_deadline SET replaced_at = now() WHERE item_id = :id")


@pytest.fixture
def item_id(world):
    return world.item(deadlines=(DEADLINE,))


def test_the_printed_text_is_never_changed(world, item_id):
    with world.sessions() as session, pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("UPDATE item SET text_printed = 'x' WHERE id = :id"), {"id": item_id})


def test_the_text_that_is_worked_with_may_be(world, item_id):
    with world.sessions() as session:
        assert session.execute(text("UPDATE item SET text = 'x' WHERE id = :id"), {"id": item_id})


def test_a_printed_deadline_is_never_changed(world, item_id):
    with world.sessions() as session, pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("UPDATE item_deadline SET on_date = '2027-01-01' WHERE item_id = :id"), {"id": item_id})


def test_a_printed_deadline_is_never_removed(world, item_id):
    with world.sessions() as session, pytest.raises(IntegrityError, match="never changed"):
        session.execute(text("DELETE FROM item_deadline WHERE item_id = :id"), {"id": item_id})


def test_the_original_deadline_of_an_issued_item_stands(world, item_id):
    with world.sessions() as session:
        assert session.execute(REPLACE, {"id": item_id})
    world.complete(item_id, "issue")
    with world.sessions() as session, pytest.raises(IntegrityError, match="stands"):
        session.execute(REPLACE, {"id": item_id})
