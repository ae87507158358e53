"""What units are judged by: reports in time, late and missing, returns, completions, as of then, as known then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.queries.evaluation_facts import Scope, fact_sheets, partners
from services.rounds import OpenRound
from tests.evaluation_world import by
from tests.world import REPORT

KNOWN_ON = datetime(2027, 1, 5, tzinfo=UTC)


@pytest.fixture
def item(world):
    """An item in progress, with a lead and a co-unit, firm until the end of June."""
    id_ = world.item(leads=1, co_units=1, deadlines=(by(date(2026, 6, 30)),))
    world.to_progress(id_)
    return id_


def facts(world, **changes):
    units = (*world.leads, *world.co_units)
    fields = {
        "office_unit_id": world.office,
        "first_day": date(2026, 1, 1),
        "last_day": date(2026, 12, 31),
        "known_on": KNOWN_ON,
        "units": {unit: unit for unit in units},
        "months": dict.fromkeys(units, 12),
        **changes,
    }
    with world.sessions() as session:
        return fact_sheets(session, Scope(**fields))


def open_round(world, item, period, day):
    due = datetime(2026, 3, day, 16, tzinfo=UTC)
    command = OpenRound(item_id=item, period=period, co_due_at=due - timedelta(days=2), due_at=due)
    world.do(command, world.clerk)


def report(world, item):
    world.complete(item, "contribute", form={"progress": "已提供材料"})
    world.complete(item, "consolidate", form=REPORT)
    world.complete(item, "sign_report", "sign")


def test_reports_count_by_whether_they_came_in_time(world, item):
    open_round(world, item, "2026-03", 20)
    report(world, item)
    world.complete(item, "review_report", "approve")
    open_round(world, item, "2026-04", 25)
    world.clock.at = datetime(2026, 3, 26, 1, tzinfo=UTC)
    report(world, item)
    world.complete(item, "review_report", "approve")
    open_round(world, item, "2026-05", 28)
    found = facts(world)
    lead, co_unit = found[world.leads[0]].numbers(), found[world.co_units[0]].numbers()
    names = ("reports_due", "reports_on_time", "reports_late", "reports_missing")
    assert [lead[name] for name in names] == [3, 1, 1, 1]
    assert [co_unit[name.replace("reports", "parts")] for name in names] == [3, 1, 1, 1]
    late = [fact for fact in found[world.leads[0]].facts if fact.counts.get("reports_late")]
    assert [fact.about["period"] for fact in late] == ["2026-04"]


def test_what_came_after_the_cut_off_is_missing_as_of_it(world, item):
    open_round(world, item, "2026-03", 20)
    world.clock.at = datetime(2026, 4, 2, 1, tzinfo=UTC)
    report(world, item)
    assert facts(world)[world.leads[0]].numbers()["reports_late"] == 1
    numbers = facts(world, last_day=date(2026, 3, 31))[world.leads[0]].numbers()
    assert (numbers["reports_late"], numbers["reports_missing"]) == (0, 1)


def test_what_the_office_returns_is_counted_against_the_lead(world, item):
    open_round(world, item, "2026-03", 20)
    report(world, item)
    reason = {"reason_code": "content_vague", "opinion": "数字对不上"}
    world.complete(item, "review_report", "return", return_to="consolidate", **reason)
    numbers = facts(world)[world.leads[0]].numbers()
    # The plan was handed in before.
    assert (numbers["handed_in"], numbers["returned"]) == (2, 1)


def test_a_completion_after_its_date_is_done_and_late(world, item):
    world.clock.at = datetime(2026, 7, 10, 1, tzinfo=UTC)
    assert facts(world)[world.leads[0]].numbers()["due_firm"] == 1
    world.to_review(item)
    world.to_end(item)
    numbers = facts(world)[world.leads[0]].numbers()
    assert (numbers["due_firm"], numbers["done_firm"], numbers["late_firm"]) == (1, 1, 1)


def test_an_item_that_is_not_due_yet_asks_for_nothing(world, item):
    assert facts(world, last_day=date(2026, 5, 31))[world.leads[0]].numbers()["due_firm"] == 0


def test_what_is_asked_again_later_gives_the_same_sheet(world, item):
    open_round(world, item, "2026-03", 20)
    then = {"last_day": date(2026, 3, 31), "known_on": datetime(2026, 4, 1, 1, tzinfo=UTC)}
    before = facts(world, **then)
    world.clock.at = datetime(2026, 8, 1, 1, tzinfo=UTC)
    report(world, item)
    world.to_review(item)
    world.to_end(item)
    after = facts(world, **then)
    assert [sheet.to_json() for sheet in before.values()] == [sheet.to_json() for sheet in after.values()]


def test_partners_are_leads_and_co_units_of_the_same_task(world, item):
    units = (*world.leads, *world.co_units)
    days = (date(2026, 1, 1), date(2026, 12, 31))
    with world.sessions() as session:
        found = partners(session, Scope(world.office, *days, KNOWN_ON, {unit: unit for unit in units}, {}))
    assert found == {world.leads[0]: {world.co_units[0]}, world.co_units[0]: {world.leads[0]}}
