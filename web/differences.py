"""What differs between the printed text and the stored one, for the eye."""

from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 4000
"""Characters compared; beyond them both texts are shown as they are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters; `differs` where the other text has something else or nothing."""

    text: str
    differs: bool = False


def differences(printed: str, stored: str) -> tuple[list[Piece], list[Piece]]:
    """The pieces of both texts. White space and line breaks count: a row that was run together shows where."""
    if printed == stored or max(len(printed), len(stored)) > LONGEST:
        return [Piece(printed)], [Piece(stored)]
    left, right = [], []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, printed, stored, autojunk=False).get_opcodes():
        if i2 > i1:
            left.append(Piece(printed[i1:i2], kind != "equal"))
        if j2 > j1:
            right.append(Piece(stored[j1:j2], kind != "equal"))
    return left, right
