"""A report sheet from the console: shown, handed in, signed and reviewed, with a row that goes back."""

import pytest

from db.tables import Person, Unit
from services.queries.lists import list_names
from services.queries.reading import reading
from tests.console_city import shown
from tests.integration.test_sheets import make_sheet


@pytest.fixture
def asked(committed_world, dudao):
    """`asked(verb, login, *options)` of the first lead's sheet in March: three rows with drafts."""
    sheet = make_sheet(committed_world, 3)
    sheet.draft()
    people = {"liaison": sheet.liaison, "leader": sheet.leader, "clerk": committed_world.clerk}
    with committed_world.sessions() as session:
        for login, actor in people.items():
            session.get_one(Person, actor.id).login = login
        unit = session.get_one(Unit, sheet.unit).short_name
        session.commit()
    with reading(committed_world.executor, committed_world.clerk) as asking:
        [list_] = list_names(asking)

    def ask(verb, login, *options, code=0):
        return dudao("sheets", verb, list_.id, "2026-03", unit, "--as", login, *options, code=code)

    ask.rows = lambda: shown(dudao, "sheets", "show", list_.id, "2026-03", unit, "--as", "clerk")["rows"]  # type: ignore[attr-defined]
    return ask


def test_a_sheet_is_handed_in_signed_and_reviewed_and_a_returned_row_comes_back(asked):
    assert "40%" in asked("show", "liaison").output
    assert "3 submitted" in asked("submit", "liaison", "--unsigned").output
    assert all(row["preliminary"] for row in asked.rows())
    assert "3 decided, 0 returned" in asked("sign", "leader").output
    number = asked.rows()[1]["number"]
    back = ("--return", number, "--reason", "figures_contradict", "--opinion", "与上期不衔接")
    assert "3 decided, 1 returned" in asked("review", "clerk", *back).output
    assert sorted(row["outcome"] or row["step"] for row in asked.rows()) == ["accepted", "accepted", "consolidate"]
    assert "与上期不衔接" in asked("show", "liaison").output


def test_an_act_that_is_not_ones_own_and_a_row_that_is_not_there_are_refused(asked):
    asked("sign", "liaison", code=2)
    asked("submit", "clerk", code=2)
    assert "77" in asked("review", "clerk", "--return", "77", code=2).stderr
    assert {row["step"] for row in asked.rows()} == {"consolidate"}
