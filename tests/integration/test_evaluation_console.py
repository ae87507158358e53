"""Schemes on the console: checked, refused with their sums, and the proof that results hold."""

import json

import pytest

from app.cli import EXIT_REFUSED
from services.evaluations import shipped_scheme


@pytest.fixture
def scheme(tmp_path):
    def write(content):
        path = tmp_path / "scheme.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_a_scheme_is_checked_on_the_console(dudao, scheme):
    assert (
        "100.00 points, 8 parts, 3 groups" in dudao("evaluations", "scheme", "check", scheme(shipped_scheme())).output
    )


def test_a_scheme_that_does_not_add_up_is_refused_on_the_console(dudao, scheme):
    content = shipped_scheme()
    content["criteria"][0]["points"] = 51
    refused = dudao("evaluations", "scheme", "check", scheme(content), code=EXIT_REFUSED)
    assert "各项指标合计101.00分，应为100.00分" in refused.output


@pytest.mark.parametrize("content", ["not json", "[1, 2]", '{"criteria": 5, "groups": {}, "tie": 3}'])
def test_what_is_no_scheme_is_refused_with_a_sentence(dudao, scheme, content):
    assert "评价方案没有保存" in dudao("evaluations", "scheme", "check", scheme(content), code=EXIT_REFUSED).output


def test_without_evaluations_there_is_nothing_to_differ(dudao):
    assert "0 fact sheets, 0 results, 0 differ" in dudao("evaluations", "verify").output
