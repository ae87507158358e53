"""Which column of a page is which column of the list.

A page of a converted table may have a column more than its header says (an empty one that shifts the others) or one
less. Columns are then told apart by what stands in them; their order is never changed.
"""

import itertools
import math
import re
from collections.abc import Sequence

from importers.grammar.characters import half_width, squeeze
from importers.recognition.columns import WHAT, WHO, Role
from importers.structure import Cell

# Where a page's column leads: an index of the list's layout, or one of these.
LOOSE_NUMBER = -1
NOWHERE = -2

_NUMBER = re.compile(r"[(第]?\d{1,4}(?:[).、]|项)?(?:\s+\d{1,4})*")
_DEADLINE = re.compile(r"\d{4}年|年底|年内|月底|季度|月\d|持续|长期|常态|完成|推进|力争")
_UNITS = re.compile(
    r"(?:局|委|办|厅|部|院|政府|单位|公司|集团|海关|分行|部门|中心|协会|管委会)(?:$|[、,;，；\s]|按|负责|牵头|等)"
)
_LONG_DEADLINE = 60
_LONG_TEXT = 12
_MOST_COMBINATIONS = 500
_PLAINLY = 1.0


def likeness(role: Role, text: str) -> float:
    """How well `text` suits a column: about 1 if it does, negative if it does not, 0 for nothing."""
    plain = half_width(squeeze(text))
    if not plain:
        return 0.0
    number = bool(_NUMBER.fullmatch(half_width(text).strip()))
    if role is Role.NUMBER:
        return 1.0 if number else -1.0
    if role is Role.DEADLINE:
        return 1.0 if _DEADLINE.search(plain) and len(plain) <= _LONG_DEADLINE else -1.0
    if role in WHO:
        return 1.0 if _UNITS.search(text.strip()) else -1.0
    if role in WHAT:
        return -0.5 if number else min(len(plain) / _LONG_TEXT, 1.0)
    return 0.0 if number else 0.2


def align(rows: Sequence[Sequence[Cell]], roles: Sequence[Role], width: int) -> list[int]:
    """For each of a page's `width` columns the index in `roles`, LOOSE_NUMBER or NOWHERE, by what stands in `rows`."""
    wide, narrow = (width, len(roles)) if width >= len(roles) else (len(roles), width)
    if math.comb(wide, narrow) > _MOST_COMBINATIONS:
        return [index if index < len(roles) else NOWHERE for index in range(width)]
    if width < len(roles):
        candidates = [list(chosen) for chosen in itertools.combinations(range(len(roles)), width)]
    else:
        candidates = [_spread(chosen, width) for chosen in itertools.combinations(range(width), len(roles))]
    suits = _Suits(rows, roles, width)
    return max((suits.name_numbers(mapping) for mapping in candidates), key=suits.score)


def align_row(cells: Sequence[Cell], roles: Sequence[Role], mapping: list[int]) -> list[int]:
    """The page's `mapping` for one of its rows, or the row's own where its cells plainly stand in other columns."""
    suits = _Suits([cells], roles, len(cells))
    own = align([cells], roles, len(cells))
    return own if suits.score(own) - suits.score(mapping) > _PLAINLY else mapping


def _spread(chosen: Sequence[int], width: int) -> list[int]:
    mapping = [NOWHERE] * width
    for index, column in enumerate(chosen):
        mapping[column] = index
    return mapping


class _Suits:
    """How well each column of a page suits each role, reckoned once for all ways to arrange them."""

    def __init__(self, rows: Sequence[Sequence[Cell]], roles: Sequence[Role], width: int) -> None:
        filled = [
            [cells[column].text for cells in rows if column < len(cells) and cells[column].text]
            for column in range(width)
        ]
        self._filled = [len(texts) for texts in filled]
        self._role = [[sum(likeness(role, text) for text in texts) for role in roles] for texts in filled]
        self._numbers = [
            Role.NUMBER not in roles and bool(texts) and all(likeness(Role.NUMBER, text) > 0 for text in texts)
            for texts in filled
        ]

    def name_numbers(self, mapping: list[int]) -> list[int]:
        """`mapping` with an unnamed column of nothing but numbers as LOOSE_NUMBER, unless the list has such a role."""
        return [
            LOOSE_NUMBER if target == NOWHERE and self._numbers[column] else target
            for column, target in enumerate(mapping)
        ]

    def score(self, mapping: list[int]) -> float:
        """How well the page suits its roles under `mapping`; what stands nowhere counts against it."""
        total = 0.0
        for column, target in enumerate(mapping[: len(self._filled)]):
            if target >= 0:
                total += self._role[column][target]
            else:
                total += self._filled[column] if target == LOOSE_NUMBER else -self._filled[column]
        return total
