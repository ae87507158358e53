"""Mend a damaged measure from the document's own body, where the body certainly says the same thing.

A table page that went through text recognition loses clauses, swaps characters and doubles words; the body of the
same document often prints the measure once more. The mended text is always a run of whole sentences (or clauses) of the
body, never a mixture, and what was printed is kept by the caller. Whether a difference may change the meaning is judged
strictly: only variants of writing, punctuation, doubled words, particles and a single dropped character are cosmetic.
"""

import bisect
import dataclasses
import difflib
import enum
import itertools
import re
from collections.abc import Iterable, Sequence

from importers.grammar.characters import comparable, squeeze, tidy
from importers.model import Flag, FlagCode
from importers.structure import Position

# A match counts as certain when nearly all that was printed is there, in order, and no other place comes near.
LEAST_FOUND = 0.8
LEAST_RATIO = 0.7
LEAST_LEAD = 0.1
SHORT = 10
LEAST_RATIO_WHEN_SHORT = 0.8
FAMILIAR = 0.25
EXTRA_SENTENCES = 3
SENTENCE_END = re.compile(r"[。;!?]")
CLAUSE_END = re.compile(r"[。;!?,]")
PARTICLES = frozenset("的地得了和与及并也将在对中各项其把")
DECISIVE = re.compile(r"[\d不非无未否免禁外ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ一二三四五六七八九十百千万亿]")
NOT_A_WORD = re.compile(r"[^\w]|_")
DOUBLED = re.compile(r"([\u4e00-\u9fff]{2,})\1")
CONTEXT = 3
NEAR = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph of the body and the headings it stands under, by style of numbering (see `headings`)."""

    text: str
    headings: tuple[tuple[str, str], ...] = ()
    starts_afresh: bool = False
    position: Position | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One place where print and body differ, each with a little of its surroundings."""

    printed: str
    body: str
    cosmetic: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Repair:
    """What the body says for a printed measure; `start` is its place in the body, for keeping rows in order."""

    text: str
    passage: Passage
    start: int
    differences: tuple[Difference, ...]

    @property
    def meaning_may_change(self) -> bool:
        """Whether a person must confirm the body's wording."""
        return any(not difference.cosmetic for difference in self.differences)

    def flags(self) -> tuple[Flag, ...]:
        """What to show beside the repaired text; nothing where print and body agree."""
        if not self.differences:
            return ()
        lead = (
            "与正文用词不同，含义可能改变，请确认" if self.meaning_may_change else "与正文仅有字形、标点或个别字的差异"
        )
        shown = "；".join(f"印作“{difference.printed}”，正文为“{difference.body}”" for difference in self.differences)
        return (Flag(FlagCode.TEXT_DIFFERS_FROM_BODY, "text", f"{lead}：{shown}"),)


@dataclasses.dataclass(frozen=True, slots=True)
class _Window:
    """A run of the body's comparable text; `found` is the share of the printed text that is in it, in order."""

    start: int
    end: int
    ratio: float
    found: float
    exact: float

    @property
    def score(self) -> float:
        """F2 of `found` and `exact`: a clause that the print lost costs less than a printed one that is not there."""
        return 5 * self.exact * self.found / (4 * self.exact + self.found) if self.found else 0.0


class Body:
    """The running text of a document, searchable for measures. Paragraphs broken by a page are one text again."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = [passage for passage in passages if squeeze(passage.text)]
        self._starts: list[int] = []
        self._plain = ""
        self._raw = ""
        self._raw_at: list[int] = []
        stops = {0}
        for passage in self._passages:
            if passage.starts_afresh:
                stops.add(len(self._plain))
            self._starts.append(len(self._plain))
            plain, positions = comparable(passage.text)
            self._raw_at += [len(self._raw) + position for position in positions]
            self._plain += plain
            self._raw += passage.text
        self._sentences = self._bounds(SENTENCE_END, stops)
        self._clauses = self._bounds(CLAUSE_END, stops)

    def _bounds(self, pattern: re.Pattern[str], stops: set[int]) -> list[int]:
        ends = {match.end() for match in pattern.finditer(self._plain)}
        return sorted(stops | ends | {len(self._plain)})

    def find(self, printed: str, after: int = 0) -> Repair | None:
        """The place that certainly says what `printed` says, or None.

        `after` is the place of the row before: of several literal occurrences the next one in order is taken.
        """
        plain = comparable(printed)[0].rstrip("。;")
        if not plain or not self._plain:
            return None
        literal = self._plain.find(plain, after)
        if literal < 0:
            literal = self._plain.find(plain)
        if literal >= 0:
            return self._repair(printed, *self._whole(literal, literal + len(plain)))
        for bounds in (self._sentences, self._clauses):
            window = self._best(plain, bounds)
            if window is not None:
                return self._repair(printed, window.start, window.end)
        return None

    def _whole(self, start: int, end: int) -> tuple[int, int]:
        """A literal place stretched over the few characters that the print lost at its ends, and its full stop."""
        before = self._sentences[bisect.bisect_right(self._sentences, start) - 1]
        after = self._sentences[bisect.bisect_left(self._sentences, end)]
        return (before if start - before <= CONTEXT else start), (after if after - end <= CONTEXT else end)

    def _best(self, plain: str, bounds: Sequence[int]) -> _Window | None:
        """The run between `bounds` that is certainly `plain`, None where none is or two might be."""
        windows = sorted(self._windows(plain, bounds), key=lambda window: -window.score)
        if not windows:
            return None
        best = windows[0]
        least = LEAST_RATIO_WHEN_SHORT if len(plain) < SHORT else LEAST_RATIO
        others = [window.ratio for window in windows if window.end <= best.start or window.start >= best.end]
        clear = not others or best.ratio - max(others) >= LEAST_LEAD
        return best if best.ratio >= least and best.found >= LEAST_FOUND and clear else None

    def _windows(self, plain: str, bounds: Sequence[int]) -> Iterable[_Window]:
        """Runs of segments whose first and last are familiar, compared with `plain`."""
        pairs = _pairs(plain)
        segments = list(itertools.pairwise(bounds))
        familiar = [_share(_pairs(self._plain[start:end]), pairs) >= FAMILIAR for start, end in segments]
        most = len(CLAUSE_END.findall(plain)) + 1 + EXTRA_SENTENCES
        matcher = difflib.SequenceMatcher(autojunk=False, b=plain)
        for first, (start, _) in enumerate(segments):
            for last in range(first, min(first + most, len(segments))) if familiar[first] else ():
                end = segments[last][1]
                if familiar[last] and end - start <= 3 * len(plain):
                    matcher.set_seq1(self._plain[start:end])
                    if matcher.quick_ratio() >= LEAST_RATIO - LEAST_LEAD:
                        common = sum(block.size for block in matcher.get_matching_blocks())
                        yield _Window(start, end, matcher.ratio(), common / len(plain), common / (end - start))

    def _repair(self, printed: str, start: int, end: int) -> Repair:
        text = self._raw[self._raw_at[start] : self._raw_at[end - 1] + 1]
        passage = self._passages[bisect.bisect_right(self._starts, start) - 1]
        return Repair(tidy(text), passage, start, tuple(differences(printed, text)))


def _pairs(plain: str) -> set[str]:
    return {plain[place : place + 2] for place in range(len(plain) - 1)} or {plain}


def _share(some: set[str], of: set[str]) -> float:
    return len(some & of) / len(some)


class _Weight(enum.Enum):
    """How much one difference matters."""

    WRITING = enum.auto()
    ONE_CHARACTER = enum.auto()
    WORDING = enum.auto()


def differences(printed: str, body: str) -> list[Difference]:
    """Where `printed` and `body` differ, white space aside, in printed order; near differences are one."""
    a, b = squeeze(printed).rstrip("。；;"), squeeze(body).rstrip("。；;")
    groups: list[list[tuple[str, int, int, int, int]]] = []
    for code in difflib.SequenceMatcher(autojunk=False, a=a, b=b).get_opcodes():
        tag, a1 = code[0], code[1]
        if tag != "equal":
            if groups and a1 - groups[-1][-1][2] <= NEAR:
                groups[-1].append(code)
            else:
                groups.append([code])
    found = []
    for group in groups:
        a1, a2, b1, b2 = group[0][1], group[-1][2], group[0][3], group[-1][4]
        weights = [_weight(a, code[1], code[2], b[code[3] : code[4]]) for code in group]
        # A character lost and another won next to it is another word (管理 for 监管).
        cosmetic = _Weight.WORDING not in weights and weights.count(_Weight.ONE_CHARACTER) <= 1
        found.append(Difference(_around(a, a1, a2), _around(b, b1, b2), cosmetic))
    return found


def _around(text: str, start: int, end: int) -> str:
    return text[max(0, start - CONTEXT) : end + CONTEXT]


def _weight(printed: str, start: int, end: int, body: str) -> _Weight:
    """How much it matters to put `body` for `printed[start:end]`."""
    piece = printed[start:end]
    words, body_words = (NOT_A_WORD.sub("", comparable(text)[0]) for text in (piece, body))
    doubled = piece and not body and piece in (printed[start - len(piece) : start], printed[end : end + len(piece)])
    if words == body_words or doubled:
        return _Weight.WRITING
    changed = words + body_words
    if DECISIVE.search(changed):
        return _Weight.WORDING
    if set(changed) <= PARTICLES:
        return _Weight.WRITING
    return _Weight.ONE_CHARACTER if len(changed) == 1 else _Weight.WORDING


def suspects(text: str) -> tuple[str, ...]:
    """Words printed twice in a row, which a document without a body to compare with leaves to a person."""
    return tuple(match[0] for match in DOUBLED.finditer(squeeze(text)))
