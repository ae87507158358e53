"""What units are judged by, as it lies in the tables: completions by strength, what was put right, cases, lights."""

from datetime import UTC, date, datetime

import pytest

from domain.items import DeadlineKind, Strength
from domain.permissions import SCHEDULER
from services.clock_keeping import OpenYearlyCheck, StartYearsEndCheck
from services.items import NewDeadline
from tests.evaluation_world import add_lights
from tests.integration.test_evaluation_facts import facts
from tests.replication_world import build_replication

JUNE = date(2026, 6, 30)


def under_way(world, strength, kind=DeadlineKind.BY_DATE):
    """An item in progress with a deadline of this strength, until the end of June if it has a date."""
    on_date = JUNE if kind is DeadlineKind.BY_DATE else None
    item = world.item(deadlines=(NewDeadline(phrase="6月底前", kind=kind, on_date=on_date, strength=strength),))
    world.to_progress(item)
    return item


@pytest.mark.parametrize(
    ("strength", "name", "decision"),
    [
        (Strength.FIRM, "firm", "completed"),
        (Strength.STRIVE, "strive", "completed"),
        (Strength.BREAKTHROUGH_OK, "breakthrough", "breakthrough"),
    ],
)
def test_a_completion_counts_for_how_hard_its_date_is(world, strength, name, decision):
    item = under_way(world, strength)
    world.clock.at = datetime(2026, 5, 12, 1, tzinfo=UTC)
    world.to_review(item, decision)
    world.to_end(item)
    numbers = facts(world)[world.leads[0]].numbers()
    due = {key: count for key, count in numbers.items() if key.startswith(("due_", "done_", "late_")) and count}
    assert due == {f"due_{name}": 1, f"done_{name}": 1}


def test_work_without_end_counts_by_its_yearly_check(world):
    item = under_way(world, None, DeadlineKind.ONGOING)
    assert facts(world)[world.leads[0]].numbers()["done_ongoing"] == 0
    world.do(OpenYearlyCheck(item_id=item), SCHEDULER)
    numbers = facts(world)[world.leads[0]].numbers()
    assert (numbers["due_ongoing"], numbers["done_ongoing"]) == (1, 0)
    world.complete(item, "set_goals", form={"goals": "再接入三个码头", "output_planned": "验收单三份"})
    world.complete(item, "sign_goals", "sign")
    world.clock.at = datetime(2026, 12, 1, 1, tzinfo=UTC)
    world.do(StartYearsEndCheck(instance_id=world.instance(item, "yearly_check").id), SCHEDULER)
    world.complete(item, "report_year", "keep", form={"work_done": "三个码头接入", "output": "验收单三份"})
    world.complete(item, "sign_year", "sign")
    world.complete(item, "check_year", "approve")
    numbers = facts(world)[world.leads[0]].numbers()
    assert (numbers["due_ongoing"], numbers["done_ongoing"], numbers["late_ongoing"]) == (1, 1, 0)


def test_what_was_red_and_then_not_is_put_right_and_each_run_counts_once(world):
    item = under_way(world, Strength.FIRM)
    add_lights(world, item, {"2026-03": "red", "2026-04": "red", "2026-05": "green", "2026-09": "red"})
    numbers = facts(world)[world.leads[0]].numbers()
    assert (numbers["lights_judged"], numbers["lights_red"], numbers["lights_yellow"]) == (4, 3, 0)
    assert (numbers["rectifications_due"], numbers["rectifications_done"]) == (2, 1)
    # The lights of a month are judged as its last day ends.
    before = facts(world, last_day=date(2026, 5, 2))[world.leads[0]].numbers()
    assert (before["lights_red"], before["rectifications_due"], before["rectifications_done"]) == (2, 1, 0)


def test_a_case_counts_for_its_applicant_when_it_is_submitted_and_when_it_is_published(world):
    city = build_replication(world)
    units = (*world.leads, *world.co_units, city.applicant)
    scope = {"units": {unit: unit for unit in units}, "months": dict.fromkeys(units, 12)}
    case = city.approved()
    numbers = facts(world, **scope)[city.applicant].numbers()
    assert (numbers["cases_submitted"], numbers["cases_adopted"]) == (1, 0)
    city.issue(case)
    numbers = facts(world, **scope)[city.applicant].numbers()
    assert (numbers["cases_submitted"], numbers["cases_adopted"], numbers["cases_national"]) == (1, 1, 0)
    assert facts(world, **scope, last_day=date(2026, 2, 28))[city.applicant].numbers()["cases_submitted"] == 0
