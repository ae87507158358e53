"""Quantified targets in the running text of a plan (争取到2025年，实现…200项，其中…), and what they start from.

A number is a target only in a sentence that looks ahead: it names a future end (到2025年, 力争“十四五”期间), or it
stands in a section of targets whose opening names one. Numbers of the past (2020年利用外资…) are at most a baseline.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from importers.grammar.characters import comparable, tidy
from importers.grammar.dates import points
from importers.grammar.deadlines import BLANK, BOOK_TITLE, STRIVE
from importers.grammar.headings import passages
from importers.grammar.quantities import REACHES, Quantity, kpi_type, quantities
from importers.grammar.repair import Passage
from importers.model import Baseline, Deadline, DeadlineKind, Flag, FlagCode, Kpi, KpiType, ParsedRow, Strength
from importers.structure import Heading, Paragraph

SENTENCE = re.compile(r"[^。;!?]+[。;!?]?")
QUOTED = re.compile(r"“(?![零一二三四五六七八九十]{1,3}五”)[^“”]*”")
LOOKS_AHEAD = re.compile(r"(?:到|至|力争|争取|确保|预计|计划)(?:在|于|到|至)?$")
PERIOD = re.compile(r"(?:期间|时期|期内|内)$")
LOOKS_BACK = re.compile(r"截至|以来|已(?:经)?(?:累计|建成|实现|完成|有|达)")
COMPARED_WITH = re.compile(r"(?:(?<!占)比(?!重|例|率)|较|由|从|自)(?:\d{4}年?(?:的|底)?)?[^,\d]{0,6}$")
FROM_BASE = re.compile(r"(?:由|从|较|(?<!占)比(?!重|例|率))[^,]*\d[^,]*$")
TIME_PHRASE = re.compile(
    r"^(?:力争|争取|确保|预计|计划)?(?:到|至|在)?(?:\d{4}年|“?[一二三四五六七八九十]{1,3}五”?)[底末期间时前内]*,?"
)
LEAD_IN = re.compile(r"^(?:,|其中,?|力争|争取|确保|使|并|将)+")
VERBS = re.compile(
    r"^(?:累计|新)?(?:实现|完成|达到|建成|培育|打造|引进|新增|形成|推出|培养|集聚|新建|吸引|落地|争创|设立)+(?:了)?"
)
GENERIC = re.compile(r"(?:贸易额|进出口额|总量|规模|数量|产值|占比|比重|增速|总额)+")
SHORTEST_CORE = 4


@dataclasses.dataclass(frozen=True, slots=True)
class _Horizon:
    """By when a sentence wants its numbers, in its own words, and how firmly."""

    by: dt.date
    phrase: str
    strength: Strength


@dataclasses.dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence without white space, as printed (`raw`) and with the numbers in names blanked out (`plain`)."""

    plain: str
    words: str
    raw: str
    raw_at: tuple[int, ...]
    passage: Passage

    def printed(self, start: int, end: int) -> str:
        """The printed words of a piece of the sentence."""
        return self.raw[self.raw_at[start] : self.raw_at[end - 1] + 1]


@dataclasses.dataclass(frozen=True, slots=True)
class _Target:
    """A target as it stands in a sentence; `among_others` where 其中 may cover it or not."""

    sentence: _Sentence
    start: int
    quantity: Quantity
    name: str
    horizon: _Horizon
    among_others: bool
    base: Quantity | None


def _sentences(passage: Passage) -> Iterator[_Sentence]:
    words, raw_at = comparable(passage.text)
    plain = words
    for names in (BOOK_TITLE, QUOTED):
        plain = names.sub(lambda match: BLANK * len(match[0]), plain)
    for match in SENTENCE.finditer(plain):
        start, end = match.span()
        yield _Sentence(match[0], words[start:end], passage.text, tuple(raw_at[start:end]), passage)


def _horizon(sentence: _Sentence, document_year: int | None) -> _Horizon | None:
    """The future end that a sentence names, None where it names none."""
    plain = sentence.plain
    for point in points(plain, document_year):
        before, after = plain[: point.start], plain[point.end :]
        ahead = LOOKS_AHEAD.search(before) or (PERIOD.search(point.printed) and STRIVE.search(before))
        past = document_year is not None and point.date is not None and point.date.year < document_year
        if ahead and point.date is not None and not past and not after.startswith(("的", "以来")):
            strength = Strength.STRIVE if STRIVE.search(plain) else Strength.FIRM
            lead = LOOKS_AHEAD.search(before)
            return _Horizon(point.date, plain[lead.start() if lead else point.start : point.end], strength)
    return None


def _with_horizons(passages: Iterable[Passage], year: int | None) -> Iterator[tuple[_Sentence, _Horizon | None]]:
    """Every sentence with the end it is meant for: its own, or in a section of targets the paragraph's or section's."""
    under: str | None = None
    opening: _Horizon | None = None
    for passage in passages:
        targets = next((heading for _, heading in passage.headings if "目标" in heading), None)
        if targets != under:
            under, opening = targets, None
        paragraph: _Horizon | None = None
        for sentence in _sentences(passage):
            own = _horizon(sentence, year)
            if targets and own is not None:
                paragraph = own
                # 力争 binds its own sentence, the date of a section's opening all that follow.
                opening = opening or dataclasses.replace(own, strength=Strength.FIRM)
            yield sentence, own or paragraph or opening


def _name(sentence: _Sentence, floor: int, quantity: Quantity) -> str:
    """What a quantity is of: the words before it, or the object after it (培育5家企业)."""
    clause = max(floor, sentence.plain.rfind(",", floor, quantity.start) + 1)
    head = LEAD_IN.sub("", TIME_PHRASE.sub("", LEAD_IN.sub("", sentence.words[clause : quantity.start])))
    head = FROM_BASE.sub("", head)
    head = VERBS.sub("", re.sub(r"累计$", "", REACHES.sub("", head)))
    if not head:
        after = re.match(r"[^,;。、]*", sentence.words[quantity.end :])
        return after[0] if after else ""
    context = LEAD_IN.sub("", TIME_PHRASE.sub("", LEAD_IN.sub("", sentence.words[floor:clause]))).rstrip(",")
    return f"{context}，{head}" if context and GENERIC.fullmatch(head) else head


def _targets(sentence: _Sentence, horizon: _Horizon) -> Iterator[_Target]:
    """The targets of a sentence in printed order; each one's words begin where the last one's end."""
    among = sentence.plain.find("其中")
    floor, inside = 0, 0
    base: Quantity | None = None
    for quantity in quantities(sentence.plain):
        clause = max(floor, sentence.plain.rfind(",", floor, quantity.start) + 1)
        if COMPARED_WITH.search(sentence.plain[clause : quantity.start]):
            base = quantity
            continue
        start = floor + len(sentence.plain[floor:]) - len(sentence.plain[floor:].lstrip(",、及和"))
        inside += 0 <= among < quantity.start
        yield _Target(sentence, start, quantity, _name(sentence, floor, quantity), horizon, inside > 1, base)
        floor, base = quantity.end, None


def _core(name: str) -> str:
    """The part of a name by which its past value would be printed."""
    return re.sub(r"累计|年均|增速|增长|总额|总量|规模|额$", "", name.rpartition("，")[2])


def _baseline(target: _Target, past: Sequence[_Sentence]) -> Baseline | None:
    """The printed value a target starts from: in its own sentence (由10%提高到…), else the latest in the past."""
    if target.base is not None:
        quote = target.sentence.printed(target.base.start, target.base.end)
        printed_year = re.search(r"(\d{4})年[的底末]*$", target.sentence.plain[: target.base.start])
        return Baseline(target.base.value, target.base.unit, int(printed_year[1]) if printed_year else None, quote)
    core = _core(target.name)
    best: Baseline | None = None
    for sentence in past if len(core) >= SHORTEST_CORE else ():
        for place in (match.start() for match in re.finditer(re.escape(core), sentence.words)):
            found = next((q for q in quantities(sentence.plain) if q.start >= place + len(core)), None)
            between = sentence.plain[place + len(core) : found.start] if found else ""
            if found is None or found.unit != target.quantity.unit or REACHES.sub("", between):
                continue
            years = [p.date.year for p in points(sentence.plain[:place]) if p.date is not None and p.year_printed]
            year = years[-1] if years else None
            if year is not None and year < target.horizon.by.year and (best is None or year >= (best.year or 0)):
                best = Baseline(found.value, found.unit, year, sentence.printed(place, found.end))
    return best


def _row(number: int, target: _Target, past: Sequence[_Sentence]) -> ParsedRow:
    quantity, sentence, horizon = target.quantity, target.sentence, target.horizon
    words = sentence.words[target.start : quantity.start]
    kind = kpi_type(words, quantity.unit)
    baseline = _baseline(target, past)
    flags = []
    if kind is KpiType.ANNUAL_AVERAGE_GROWTH and baseline is None:
        flags.append(Flag(FlagCode.KPI_BASELINE_MISSING, "kpi", "年均增长的基数没有印出，须另行填写"))
    if target.among_others:
        flags.append(Flag(FlagCode.KPI_SCOPE_AMBIGUOUS, "kpi", "“其中”是否包括本项，原文不明确"))
    if quantity.is_range:
        flags.append(Flag(FlagCode.TEXT_SUSPECT, "kpi", "目标是一个区间，按下限读取"))
    printed = sentence.printed(target.start, quantity.end)
    headings = [heading for _, heading in sentence.passage.headings]
    return ParsedRow(
        text=tidy(printed),
        text_printed=printed,
        number=number,
        section=headings[-1] if headings else None,
        deadlines=(Deadline(horizon.phrase, DeadlineKind.BY_DATE, horizon.by, strength=horizon.strength),),
        kpi=Kpi(target.name, quantity.value, quantity.unit, kind, horizon.by, baseline),
        flags=tuple(flags),
        position=sentence.passage.position,
    )


def read_kpis(prose: Iterable[Heading | Paragraph], document_year: int | None = None) -> tuple[ParsedRow, ...]:
    """The quantified targets of a plan, one row each, in printed order.

    `document_year` excludes ends that were past when the document was written; without it every 到…年 looks ahead.
    """
    targets: list[_Target] = []
    past: list[_Sentence] = []
    for sentence, horizon in _with_horizons(passages(prose), document_year):
        wanted = list(_targets(sentence, horizon)) if horizon and not LOOKS_BACK.search(sentence.plain) else []
        targets += wanted
        if not wanted:
            past.append(sentence)
    return tuple(_row(number, target, past) for number, target in enumerate(targets, start=1))
