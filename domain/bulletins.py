"""Bulletins: their kinds, who signs which, the month that a monthly one tells, and what its words may say.

Sources: `domain.md` P4 and §5.7 (简报, 专报, 通报), mechanism M5.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from domain.bulletin_errors import BulletinReturnedTwice
from domain.messages.bulletins import NO_FIGURES, SENTENCES

MONTHLY_DAY: Final = 5
"""The day of the month on which the monthly bulletin is made (P4 step 1)."""
CHECK_RETURNS: Final = 2
"""How often the checker may return a text (P4: 核稿 returns ≤2)."""


class BulletinKind(StrEnum):
    """BRIEF is the monthly periodical, SPECIAL tells leaders of one matter, CIRCULAR praises, criticises or informs."""

    BRIEF = "brief"
    SPECIAL = "special"
    CIRCULAR = "circular"


class Circulation(StrEnum):
    """Who may know a bulletin: everybody, or its recipients."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Manner(StrEnum):
    """How a bulletin goes to somebody: up, beside, down (domain.md §5.7: 报, 送, 发)."""

    REPORTED = "reported"
    SENT = "sent"
    ISSUED = "issued"


SERIES: Final[Mapping[BulletinKind, str]] = {
    BulletinKind.BRIEF: "bulletin",
    BulletinKind.SPECIAL: "special_report",
    BulletinKind.CIRCULAR: "circular",
}
"""The series of document numbers in which each kind is counted."""


def needs_convener(kind: BulletinKind) -> bool:
    """Whether the convener signs it, or a vice-convener as the responsible leader; else the head of the office (P4)."""
    return kind is not BulletinKind.BRIEF


def check_return(before: int) -> None:
    """Raises BulletinReturnedTwice when the checker returned this text as often as allowed."""
    if before >= CHECK_RETURNS:
        raise BulletinReturnedTwice(str(before), most=CHECK_RETURNS)


def month_before(today: date) -> tuple[date, date]:
    """First and last day of the month before today's."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def is_whole_month(first: date, last: date) -> bool:
    """Whether these two days are the first and the last of one month."""
    return first.day == 1 and month_before(last + timedelta(days=1)) == (first, last)


def monthly_due(today: date) -> str | None:
    """The month (YYYY-MM) whose bulletin is to be made from the fifth of the next month on; None before that day."""
    if today.day < MONTHLY_DAY:
        return None
    return f"{month_before(today)[1]:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Happened:
    """What a period brought; a month in which all is zero has no bulletin (domain.md §8: month without material)."""

    issued: int = 0
    completed: int = 0
    reported: int = 0
    cases: int = 0
    contributed: int = 0

    @property
    def is_material(self) -> bool:
        """Whether there is anything to tell."""
        return any((self.issued, self.completed, self.reported, self.cases, self.contributed))


_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
_DATE = re.compile(NO_FIGURES)


def unsupported_figures(paragraphs: Iterable[str], content: object) -> tuple[str, ...]:
    """Numbers in the text that its frozen data do not hold, in order, each once. Dates and ordinals are no figures.

    A figure may come from elsewhere; whoever checks the text has to look at it (invariant 11: what is published is
    what was frozen).
    """
    known = _numbers_in(content)
    found: list[str] = []
    for paragraph in paragraphs:
        for number in _NUMBER.findall(_DATE.sub(" ", paragraph)):
            if _plain(number) not in known and number not in found:
                found.append(number)
    return tuple(found)


def _numbers_in(value: object) -> set[str]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        return {_plain(str(value))}
    if isinstance(value, str):
        return {_plain(number) for number in _NUMBER.findall(value)}
    if isinstance(value, Mapping):
        return set().union(*(_numbers_in(part) for part in value.values()))
    if isinstance(value, Sequence):
        return set().union({str(len(value))}, *(_numbers_in(part) for part in value))
    return set()


def _plain(number: str) -> str:
    """1.50 and 1.5, 07 and 7 are one figure."""
    shown = f"{float(number):f}".rstrip("0").rstrip(".")
    return shown or "0"


_SENTENCE = re.compile(SENTENCES)


def passage_of(
    sections: Sequence[Mapping[str, Any]], own: Collection[str], others: Collection[str]
) -> tuple[Mapping[str, Any], ...]:
    """What a unit that is asked about a text reads of it: the sentences that name it, under their headings.

    `own` are the names of the unit, `others` those of the other units that are asked. Where nothing names it in so many
    words, it reads everything that names none of the others, because it cannot confirm what it does not see.
    """

    def kept(wanted: Callable[[str], bool]) -> tuple[Mapping[str, Any], ...]:
        found = []
        for section in sections:
            paragraphs = [
                "".join(sentence for sentence in _SENTENCE.findall(str(paragraph)) if wanted(sentence)).strip()
                for paragraph in section.get("paragraphs") or ()
            ]
            if shown := [paragraph for paragraph in paragraphs if paragraph]:
                found.append({"heading": section.get("heading") or "", "paragraphs": shown})
        return tuple(found)

    def names_one_of(sentence: str, names: Collection[str]) -> bool:
        return any(name in sentence for name in names if name)

    passage = kept(lambda sentence: names_one_of(sentence, own))
    return passage or kept(lambda sentence: not names_one_of(sentence, others))


def paragraphs_of(text: Mapping[str, Any]) -> list[str]:
    """Every paragraph of a text with its note and headings, as it is printed."""
    sections = text.get("sections") or []
    parts = [str(text.get("title") or ""), str(text.get("note") or "")]
    for section in sections:
        parts += [str(section.get("heading") or ""), *(str(each) for each in section.get("paragraphs") or [])]
    return [part for part in parts if part]
