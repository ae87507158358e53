"""Every end and every way of the model by which a unit reports a figure."""

import pytest

from tests.unit.models.walk import Walk, bundle


def test_the_paths_below_know_every_step():
    assert set(bundle("kpi_reading").user_tasks) == {"report_figure", "sign_figure", "check_figure"}
    assert bundle("kpi_reading").lint() == []


@pytest.mark.parametrize(("answer", "outcome"), [("report", "recorded"), ("cannot", "not_measured")])
def test_what_is_reported_signed_and_accepted_ends_as_it_was_answered(answer, outcome):
    assert Walk("kpi_reading").do("report_figure", answer).do("sign_figure").do("check_figure").outcome == outcome


@pytest.mark.parametrize("step", ["sign_figure", "check_figure"])
def test_what_comes_back_is_reported_and_signed_again(step):
    walk = Walk("kpi_reading").do("report_figure", "cannot")
    while walk.open != step:
        assert walk.open is not None
        walk.do(walk.open)
    walk.do(step, "return")
    assert walk.open == "report_figure"
    assert walk.do("report_figure", "report").open == "sign_figure"
    assert walk.do("sign_figure").do("check_figure").outcome == "recorded"


@pytest.mark.parametrize("steps", [(), ("report_figure",), ("report_figure", "sign_figure")])
def test_a_request_that_is_cancelled_ends_from_where_it_is(steps):
    walk = Walk("kpi_reading")
    for step in steps:
        walk.do(step)
    assert walk.send("cancel").outcome == "cancelled"
