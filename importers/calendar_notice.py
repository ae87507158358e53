"""The State Council's yearly notice of holidays as running text, in its wordings since 2008, read to days.

A holiday is a head (一、元旦：) and sentences under it. In a sentence days are collected until a word says what they
are: 放假, 补休, 调休 are off, 上班 is worked. What merely advises (鼓励各单位…安排职工在除夕休息) changes no day. A
sentence with days that nothing is said of is an error: a silently dropped day is a wrong deadline for a whole country.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from domain.calendar_errors import (
    CalendarFileEmpty,
    HolidayLengthWrong,
    ImpossibleDay,
    NoticeIncomplete,
    NoticeUnclear,
    NoticeYearMissing,
    TurnedSpan,
)
from importers.grammar.characters import half_width, squeeze, to_simplified
from importers.holidays import NoticeDay, YearNotice, check_weekday, check_year, complete_notice, span_of
from importers.structure import Document, Table

_HEAD = re.compile(
    r"(?:(?<=[。;:])|^|(?=[一二三四五六七八九十]、))(?:\(?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[、.)]{1,2})?"
    r"(?P<name>[\u4e00-\u9fff“”\"《》、]{2,40})(?::|(?=\d))"
)
_HOLIDAY = re.compile(r"元旦|春节|清明|劳动节|端午|中秋|国庆|纪念日|节日?$")
_NO_HEAD = re.compile(r"如下|通知|其中")
_YEAR = re.compile(r"(?P<year>\d{4})年(?:的?部分|的?全年|元旦|全国|度?(?:法定)?节假日|春节|放假)")
_TOKEN = re.compile(
    r"(?P<date>(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月(?:份)?)?(?P<day>\d{1,2})[日号](?:\((?P<said>[^()]*)\))?)"
    r"|(?P<to>至|到|-|—|–|~)"
    r"|(?P<from>起)"
    r"|(?P<not>不)(?=放假|补休|调休|休息|上班)"
    r"|(?P<off>放假|补休|调休|休息|公休|法定节?假日)"
    r"|(?P<on>上班|工作日|补班)"
    r"|(?P<length>共?(?P<count>\d{1,2})天)"
)
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)(?P<day>[一二三四五六日天])")
_ADVICE = re.compile(r"鼓励|倡导|建议|可(?:以)?结合")
_ISSUED = re.compile(r"(?:\(此件[^()]*\))?[\u4e00-\u9fff]{0,20}\d{4}年\d{1,2}月\d{1,2}日(?:\(此件[^()]*\))?")
_HOLIDAYS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
_DECEMBER = 12


def read_notice(source: Path | bytes, name: str, *, year: int | None = None) -> YearNotice:
    """The days of a notice in a .docx or .txt file; `year` where the text does not say which.

    Raises what `load_document` raises for a file that is no document, and what `parse_notice` raises.
    """
    from importers.readers.detect import load_document

    return parse_notice(text_of(load_document(source, name)), name, year=year)


def text_of(document: Document) -> str:
    """The document's text, tables cell by cell."""
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Table):
            lines += [text for row in block.rows for text in row.texts]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def parse_notice(text: str, name: str = "", *, year: int | None = None) -> YearNotice:
    """The days that the notice's text states, checked against its weekdays, its sums and the year.

    Raises CalendarFileEmpty, NoticeYearMissing, ImpossibleDay, TurnedSpan, WrongWeekday, DayOutsideYear,
    ContradictoryDay, HolidayLengthWrong, NoticeUnclear, NoticeIncomplete.
    """
    plain = to_simplified(half_width(squeeze(text)))
    found_heads = _HEAD.finditer(plain)
    heads = [head for head in found_heads if _HOLIDAY.search(head["name"]) and not _NO_HEAD.search(head["name"])]
    if not heads:
        raise CalendarFileEmpty("no holiday", name=name)
    if year is None:
        found = _YEAR.search(plain)
        if found is None:
            raise NoticeYearMissing(name)
        year = int(found["year"])
    ends = [head.start() for head in heads[1:]] + [len(plain)]
    sections = [
        _Section(year, head["name"].strip("、和及与"), plain[head.end() : end])
        for head, end in zip(heads, ends, strict=True)
    ]
    days = [day for section in sections for day in section.read()]
    named = "".join(section.name for section in sections)
    missing = [holiday for holiday in _HOLIDAYS if holiday not in named]
    if missing:
        raise NoticeIncomplete(str(year), year=year, missing="、".join(missing))
    return complete_notice(year, days, [note for section in sections for note in section.notes])


@dataclass(slots=True)
class _Section:
    """What stands under one holiday's head. `month` is the one that the next day without a month belongs to."""

    year: int
    name: str
    text: str
    notes: list[str] = field(default_factory=list)
    month: int | None = None
    off: set[date] = field(default_factory=set)

    @property
    def where(self) -> str:
        return f"“{self.name}”部分"

    def read(self) -> Iterator[tuple[NoticeDay, str]]:
        """Every day with where it stands."""
        for sentence in re.split(r"[。;]", self.text):
            if _ADVICE.search(sentence):
                self.notes.append(sentence)
            elif not _ISSUED.fullmatch(sentence):
                for day, working in self._sentence(sentence):
                    yield NoticeDay(day, working, self.name), self.where

    def _sentence(self, sentence: str) -> Iterator[tuple[date, bool]]:
        waiting: list[date] = []
        opened: re.Match[str] | None = None
        printed: re.Match[str] | None = None
        for token in _TOKEN.finditer(sentence):
            kind = token.lastgroup
            if kind == "date":
                if opened is not None and printed is not None:
                    waiting += self._span(waiting.pop(), opened, token)
                    opened = None
                else:
                    waiting.append(self._date(token))
                printed = token
            elif kind == "to" and waiting:
                opened = printed
            elif kind in {"from", "not"} and waiting:
                raise NoticeUnclear(sentence, clause=sentence, where=self.where)
            elif kind in {"off", "on"}:
                if kind == "off":
                    self.off |= set(waiting)
                yield from ((day, kind == "on") for day in waiting)
                waiting = []
            elif kind == "length":
                self._check_length(int(token["count"]))
        if waiting or opened is not None:
            raise NoticeUnclear(sentence, clause=sentence, where=self.where)

    def _span(self, first: date, start: re.Match[str], end: re.Match[str]) -> list[date]:
        """The days from `first` to the span's end."""
        last = self._date(end)
        days = span_of(first, last)
        if days is None:
            raise TurnedSpan(f"{first} {last}", span=f"{start[0]}至{end[0]}", where=self.where)
        return list(days)

    def _date(self, token: re.Match[str]) -> date:
        month = int(token["month"]) if token["month"] else self.month
        if month is None:
            raise ImpossibleDay(token[0], day=token[0], where=self.where)
        year = int(token["year"]) if token["year"] else self.year
        if not token["year"] and month == _DECEMBER and "元旦" in self.name:
            year -= 1
        try:
            day = date(year, month, int(token["day"]))
        except ValueError as error:
            raise ImpossibleDay(str(error), day=f"{month}月{token['day']}日", where=self.where) from error
        self.month = month
        check_year(day, self.year, where=self.where)
        said = _WEEKDAY.search(token["said"] or "")
        if said:
            check_weekday(day, said["day"], where=self.where)
        return day

    def _check_length(self, printed: int) -> None:
        if printed != len(self.off):
            raise HolidayLengthWrong(self.name, where=self.where, printed=printed, counted=len(self.off))
