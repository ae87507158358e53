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
    named = [_name_numbers(rows, roles, mapping) for mapping in candidates]
    return max(named, key=lambda mapping: _score(rows, roles, mapping))


def align_row(cells: Sequence[Cell], roles: Sequence[Role], mapping: list[int]) -> list[int]:
    """The page's `mapping` for one of its rows, or the row's own where its cells plainly stand in other columns."""
    own = align([cells], roles, len(cells))
    plainly = _score([cells], roles, own) - _score([cells], roles, mapping) > _PLAINLY
    return own if plainly else mapping


def _spread(chosen: Sequence[int], width: int) -> list[int]:
    mapping = [NOWHERE] * width
    for index, column in enumerate(chosen):
        mapping[column] = index
    return mapping


def _filled(rows: Sequence[Sequence[Cell]], column: int) -> list[str]:
    return [cells[column].text for cells in rows if column < len(cells) and cells[column].text]


def _name_numbers(rows: Sequence[Sequence[Cell]], roles: Sequence[Role], mapping: list[int]) -> list[int]:
    """`mapping` with an unnamed column of nothing but numbers as LOOSE_NUMBER, unless the list has a number column."""
    if Role.NUMBER in roles:
        return mapping
    return [
        LOOSE_NUMBER
        if target == NOWHERE
        and (filled := _filled(rows, column))
        and all(likeness(Role.NUMBER, text) > 0 for text in filled)
        else target
        for column, target in enumerate(mapping)
    ]


def _score(rows: Sequence[Sequence[Cell]], roles: Sequence[Role], mapping: list[int]) -> float:
    """How well the page suits the roles under `mapping`."""
    total = 0.0
    for column, target in enumerate(mapping):
        texts = _filled(rows, column)
        if target >= 0:
            total += sum(likeness(roles[target], text) for text in texts)
        else:
            total += len(texts) if target == LOOSE_NUMBER else -len(texts)
    return total
