"""Assessments, KPI targets and views from the console, each as a person would use them, on a committed database."""

import pytest

from tests.console_city import found_city, shown


@pytest.fixture
def city(dudao, tmp_path):
    """Units, people and models; the hands."""
    return found_city(dudao, tmp_path)


def test_an_assessment_is_started_shown_and_stopped(city):
    period = ("--from", "2024-01-01", "--to", "2024-12-31")
    started = city("assessments", "start", "yearly", "--as", "zhoumin", *period, "--title", "年度评估").stdout
    [row] = shown(city, "assessments", "list", "--as", "zhoumin")
    assert row["id"][:8] in started
    assert "propose_group" in started
    assert (row["title"], row["cycle_label"], row["sample"]) == ("年度评估", "年度评估", 0)
    assert shown(city, "assessments", "show", row["id"], "--as", "zhoumin")["plan"] is None
    assert shown(city, "assessments", "outcome", row["id"], "--as", "zhoumin")["meetings"] == []
    assert "年度评估" in city("assessments", "list", "--as", "zhoumin").stdout
    city("assessments", "stop", row["id"], "--as", "zhoumin", "--because", "x", code=2)
    city("assessments", "stop", row["id"], "--as", "chengyuanhang", "--because", "上级统一评估")
    assert shown(city, "assessments", "list", "--as", "zhoumin")[0]["outcome"] == "stopped"
    wrong = city(
        "assessments", "start", "yearly", "--as", "zhoumin", "--from", "2024-12-31", "--to", "2024-01-01", code=2
    )
    assert "评估期不对" in wrong.output


def test_a_target_is_set_read_and_shown_with_why_it_cannot_be_assessed(city):
    made = city(
        *("kpi", "set", "进出口年均增速", "--as", "zhoumin", "--kind", "annual_average_growth", "--target", "4"),
        *("--unit", "%", "--since", "2020-12-31", "--until", "2025-12-31", "--source", "规划表一"),
    ).stdout.strip()
    city("kpi", "read", made, "1100", "--as", "zhoumin", "--on", "2022-12-31", "--source", "统计公报")
    assert "无法评估" in city("kpi", "list", "--as", "zhoumin").stdout
    [row] = shown(city, "kpi", "list", "--as", "zhoumin")
    assert (row["value"], row["why_not"]) == (None, "base_missing")
    city("kpi", "base", made, "1000", "--as", "zhoumin", "--source", "统计公报")
    [row] = shown(city, "kpi", "list", "--as", "zhoumin")
    assert row["value"] == pytest.approx(4.88, abs=0.01)
    seen = city("kpi", "show", made, "--as", "zhoumin").stdout
    assert "统计公报" in seen
    refused = city("kpi", "read", made, "1", "--as", "zhoumin", "--on", "2020-01-01", "--source", "x", code=2)
    assert "早于起算日期" in refused.output


def test_a_unit_is_asked_for_a_figure_on_the_console_and_the_request_is_withdrawn(city):
    made = city(
        *("kpi", "set", "制度创新成果", "--as", "zhoumin", "--kind", "cumulative_count", "--target", "90"),
        *("--unit", "项", "--since", "2020-12-31", "--until", "2035-12-31", "--source", "规划表一"),
    ).stdout.strip()
    unit = ("--unit", "市商务局")
    refused = city("kpi", "arrange", made, "--as", "zhoumin", *unit, "--rhythm", "daily", code=2)
    assert "monthly" in refused.output
    city("kpi", "arrange", made, "--as", "zhoumin", *unit, "--rhythm", "quarterly")
    asked = city("kpi", "ask", made, "--as", "zhoumin", "--on", "2026-02-28").stdout.strip()
    printed = city("kpi", "requests", "--as", "zhoumin", "--open").stdout
    assert "报送数据" in printed
    [row] = shown(city, "kpi", "requests", "--as", "zhoumin")
    assert (row["unit"], row["period"], row["holder"]["role"]) == ("市商务局", "2026-02-28", "liaison")
    city("kpi", "withdraw", asked, "--as", "zhoumin", "--reason", "口径改了")
    assert shown(city, "kpi", "requests", "--as", "zhoumin", "--open") == []
    assert "口径改了" in city("kpi", "requests", "--as", "zhoumin").stdout


def test_completion_is_printed_for_any_day(city):
    printed = city("views", "--as", "zhoumin", "--as-of", "2024-06-30").stdout
    assert "合计" in printed
    assert shown(city, "views", "--as", "zhoumin")["total"] == 0
