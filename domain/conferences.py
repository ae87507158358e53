"""Conferences and coordination: kinds, levels of the ladder, when minutes are due.

Sources: `domain.md` P7 and §5.5 (国函[2018]144号), mechanisms M1 and M9.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ConferenceKind(StrEnum):
    """JOINT is the conference of all members, SPECIAL a meeting on one problem, called when it is needed."""

    JOINT = "joint"
    SPECIAL = "special"


MINUTES_WORKING_DAYS: Final = 5
"""From the meeting to its signed minutes (P7); in the model three days to draft and two to sign."""


class CoordinationLevel(StrEnum):
    """The ladder on which a problem climbs, in this order (P7). Each level writes its opinion."""

    UNITS = "units"
    OFFICE = "office"
    SPECIAL_MEETING = "special_meeting"
    CONFERENCE = "conference"
    CITY = "city"
    MINISTRY = "ministry"


LEVEL_OF_STEP: Final[Mapping[str, CoordinationLevel]] = {
    "apply_coordination": CoordinationLevel.UNITS,
    "sign_coordination": CoordinationLevel.UNITS,
    "answer_request": CoordinationLevel.UNITS,
    "coordinate_office": CoordinationLevel.OFFICE,
    "coordinate_special": CoordinationLevel.SPECIAL_MEETING,
    "coordinate_conference": CoordinationLevel.CONFERENCE,
    "coordinate_city": CoordinationLevel.CITY,
    "coordinate_ministry": CoordinationLevel.MINISTRY,
}
"""The level at which each step of `coordination` stands."""

MEETING_BEFORE: Final[Mapping[str, ConferenceKind]] = {
    "coordinate_office": ConferenceKind.SPECIAL,
    "coordinate_special": ConferenceKind.JOINT,
}
"""Escalated from this step, the problem becomes a topic of that kind of meeting."""
