"""What keeps an imported row from its issue, and how pressing a flag is."""

import pytest

from domain.import_doubts import LEAD_MISSING, ONLY_TOLD, DoubtLevel, Lineup, hindrances, level_of
from domain.labels import FLAG_WORDS
from importers.model import FlagCode


def lineup(**changed):
    usual = {
        "leads": 1,
        "joint_lead": False,
        "collects": False,
        "open_list": False,
        "groups": False,
        "unknown_units": False,
        "members": False,
    }
    return Lineup(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ()),
        ({"leads": 0}, ("lead_missing",)),
        ({"leads": 2}, ("lead_missing",)),
        ({"leads": 2, "joint_lead": True}, ()),
        ({"leads": 3, "joint_lead": True}, ("lead_missing",)),
        ({"leads": 3, "collects": True}, ()),
        ({"leads": 0, "members": True}, ()),
        ({"leads": 0, "groups": True}, ("group",)),
        ({"open_list": True, "unknown_units": True}, ("open_list", "unit_unknown")),
    ],
)
def test_a_row_is_kept_from_its_issue_by_what_the_issue_checks(changed, expected):
    assert hindrances(lineup(**changed)) == expected


def test_a_flag_presses_by_what_it_blocks():
    assert level_of("deadline_missing", blocking=True) is DoubtLevel.BLOCK
    assert level_of("open_list", blocking=False, hindering=("open_list",)) is DoubtLevel.BLOCK
    assert level_of("open_list", blocking=False) is DoubtLevel.CONFIRM
    assert level_of("section_inferred", blocking=False) is DoubtLevel.INFO


def test_what_is_only_told_is_a_flag_of_the_import():
    assert set(FlagCode) >= ONLY_TOLD


def test_every_flag_has_a_word():
    assert set(FLAG_WORDS) == {*map(str, FlagCode), LEAD_MISSING}
