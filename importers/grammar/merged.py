"""A table row into which several tasks were merged: which deadline and which units are whose.

When recognition of a page merges rows, the texts pile up in one cell, one deadline and one list of units stay in their
columns, and what belonged to the others is appended to the units (…负责 持续推进 某局负责) or lost. Lost stays lost.
"""

import dataclasses
import re
from collections.abc import Sequence

from importers.grammar.characters import squeeze
from importers.grammar.deadlines import read_deadlines
from importers.model import DeadlineKind

CLOSED = re.compile(r"(?<=负责)\s+")
LONGEST_DEADLINE = 40


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
    """What the cells of a row say of time and units, for one of its tasks; `doubt` says why that is not certain."""

    deadline: str = ""
    units: str = ""
    doubt: str = ""


def shares(deadline: str, units: str, document_year: int | None = None) -> list[Share]:
    """What stands in a row's deadline and units cells: the share in its columns, then each appended to the units.

    Only a deadline with units after it is an appended share; names alone are the same list, out of place.
    """
    first, *appended = CLOSED.split(units.strip())
    found = [Share(deadline.strip(), first)]
    for piece in appended:
        own = _appended(piece, document_year)
        if own is not None:
            found.append(own)
        else:
            found[-1] = dataclasses.replace(found[-1], units=f"{found[-1].units} {piece}")
    return found


def _appended(piece: str, document_year: int | None) -> Share | None:
    """`piece` as a deadline and the units after it; None if it does not start with a deadline."""
    words = piece.split()
    for count in range(len(words) - 1, 0, -1):
        head = " ".join(words[:count])
        if len(squeeze(head)) <= LONGEST_DEADLINE:
            kinds = {deadline.kind for deadline in read_deadlines(head, document_year).deadlines}
            if kinds and DeadlineKind.UNKNOWN not in kinds:
                return Share(head, " ".join(words[count:]))
    return None


def assign(texts: Sequence[str], found: Sequence[Share]) -> list[Share | None]:
    """Which of the `found` shares belongs to which of the merged `texts`; None for a text that lost its own.

    Enough shares are in order, and what is over belongs to none. With fewer, the first is the first text's but may hold
    what others lost; an appended one goes to the text that alone has words in common with it, else, in doubt, to the
    next in order.
    """
    if len(found) >= len(texts):
        return list(found[: len(texts)])
    assigned: list[Share | None] = [None] * len(texts)
    assigned[0] = dataclasses.replace(found[0], doubt="同格并入多项任务，本项的时限和单位可能含有他项的内容")
    for share in found[1:]:
        words = _pairs(share.deadline + share.units)
        free = [place for place, taken in enumerate(assigned) if taken is None]
        common = [len(words & _pairs(texts[place])) for place in free]
        most = max(common)
        if most and common.count(most) == 1:
            assigned[free[common.index(most)]] = share
        else:
            assigned[free[0]] = dataclasses.replace(share, doubt="同格并入多项任务，时限和单位属于哪一项不能确定")
    return assigned


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring characters, punctuation aside."""
    plain = re.sub(r"\W", "", squeeze(text))
    return {plain[place : place + 2] for place in range(len(plain) - 1)}
