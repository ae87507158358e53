"""What a public paper does not say: telephone numbers, names of persons, names of firms that did not agree.

Pure text rules. They err on the side of masking: a sentence that reads oddly can be mended by who publishes it, a name
that was printed cannot be taken back. What no rule can know (a person who is named without a post and is not in this
system) is left to the person who publishes, and the paper says so.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.messages.dossiers import (
    FIRM_BEFORE,
    FIRM_ENDINGS,
    MASKED_FIRM,
    MASKED_IDENTITY,
    MASKED_MAIL,
    MASKED_OFFICIAL,
    MASKED_PHONE,
    NO_FIRM,
    PHONE_WORDS,
    POSTS,
    SURNAMES,
)

_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_MOBILE = re.compile(rf"{_NO_DIGIT_BEFORE}(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{{4}}){{2}}{_NO_DIGIT_AFTER}")
_LANDLINE = re.compile(
    rf"{_NO_DIGIT_BEFORE}"
    r"(?:\(0\d{2,3}\)|\uff080\d{2,3}\uff09|0\d{2,3}[- ])\d{7,8}(?:-\d{1,5})?"
    rf"{_NO_DIGIT_AFTER}"
)
_LOCAL = re.compile(rf"{_NO_DIGIT_BEFORE}[2-8]\d{{3}}[- ]\d{{4}}{_NO_DIGIT_AFTER}")
_CALLED = re.compile(rf"(?P<word>{'|'.join(PHONE_WORDS)})(?P<sign>\W{{0,2}})\d[\d -]{{5,}}\d{_NO_DIGIT_AFTER}")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IDENTITY = re.compile(rf"{_NO_DIGIT_BEFORE}[1-9]\d{{5}}(?:19|20)\d{{2}}[01]\d[0-3]\d\d{{3}}[\dXx]{_NO_DIGIT_AFTER}")
_OFFICIAL = re.compile(f"[{SURNAMES}](?P<post>{'|'.join(POSTS)})")
_NAME_CHARACTERS = r"[\u3400-\u9fffA-Za-z0-9·\uff08\uff09()]"
_LONGEST_FIRM = 24
_SHORTEST_FIRM = 2
_FIRM = re.compile(rf"{_NAME_CHARACTERS}{{1,{_LONGEST_FIRM}}}?(?:{'|'.join(FIRM_ENDINGS)})")
_ANY_FIRM = tuple(word for word in NO_FIRM if len(word) == 1)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def without_contacts(text: str) -> str:
    """The text without telephone numbers, addresses of mail and numbers of identity cards."""
    text = _MOBILE.sub(MASKED_PHONE, _IDENTITY.sub(MASKED_IDENTITY, text))
    text = _LOCAL.sub(MASKED_PHONE, _LANDLINE.sub(MASKED_PHONE, text))
    text = _CALLED.sub(lambda found: found["word"] + found["sign"] + MASKED_PHONE, text)
    return _MAIL.sub(MASKED_MAIL, text)


@dataclass(slots=True)
class Mask:
    """Masks texts of one paper, so that the same firm has the same letter everywhere in it.

    `persons` maps names to what is printed in their place, such as a unit and a role. `spoken_of` are firms and units
    that may be named: public bodies, and firms that agreed.
    """

    persons: Mapping[str, str] = field(default_factory=dict)
    spoken_of: Collection[str] = ()
    _firms: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text as it may be published."""
        text = without_contacts(text)
        # The longest first: a name may be the beginning of another.
        for name in sorted(self.persons, key=len, reverse=True):
            text = text.replace(name, self.persons[name])
        text = _FIRM.sub(lambda found: self._firm(found[0]), text)
        return _OFFICIAL.sub(lambda found: MASKED_OFFICIAL.format(post=found["post"]), text)

    def _firm(self, found: str) -> str:
        if any(found.endswith(name) for name in self.spoken_of):
            return found
        before, name = _split_firm(found)
        if not name:
            return found
        letter = self._firms.setdefault(name, _letter(len(self._firms)))
        return before + MASKED_FIRM.format(letter=letter)


def _split_firm(found: str) -> tuple[str, str]:
    """What stands before the name, and the name; no name where the words mean any firm."""
    ending = next(each for each in FIRM_ENDINGS if found.endswith(each))
    stem = found.removesuffix(ending)
    starts = (
        place + len(word)
        for word in FIRM_BEFORE
        for place in range(len(stem))
        if stem.startswith(word, place) and len(stem) - place - len(word) >= _SHORTEST_FIRM
    )
    start = max(starts, default=0)
    if stem[start:] in NO_FIRM or stem.endswith(_ANY_FIRM):
        return found, ""
    return found[:start], found[start:]


def _letter(place: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    first, last = divmod(place, len(_LETTERS))
    return (_LETTERS[first - 1] if first else "") + _LETTERS[last]


def in_every_text(value: Any, change: Callable[[str], str], *, but: Iterable[str] = ()) -> Any:
    """The same JSON value with every text changed, save below the keys `but`."""
    kept = frozenset(but)
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: part if key in kept else in_every_text(part, change, but=kept) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [in_every_text(part, change, but=kept) for part in value]
    return value
