"""Deadline phrases of official documents (domain notes §2.1) read to their normal form.

A cell may hold several deadlines; each is found by its *hold*: a date, a recurrence, a term that runs from an event,
or a word for work without end. What stands around a hold (力争, 按照有关部署, 或取得突破性进展) says how binding it is.
Reading never raises and never invents: what cannot be read is of kind unknown, with its printed words.
"""

import calendar
import dataclasses
import datetime as dt
import enum
import itertools
import re

from importers.grammar.characters import comparable
from importers.grammar.dates import NUMERAL, number, points
from importers.model import AppliesTo, Deadline, DeadlineKind, Flag, FlagCode, Strength

_N = rf"(?:\d{{1,3}}|[{NUMERAL}]{{1,3}})"
DELIMITER = re.compile(r"[;,。!?]+")
NOTHING = re.compile(r"[-—–/\\.*_无]*")
BLANK = "□"
BOOK_TITLE = re.compile(r"《[^《》]*》")

STRIVE = re.compile(r"力争|争取|努力|力求|力促")
BREAKTHROUGH = re.compile(
    r"或(?:者)?(?:基本)?取得|取得(?:突破|实质|重大|阶段|明显|积极)性?(?:突破)?(?:进展|成果|成效|突破)"
)
CONDITIONAL = re.compile(
    r"(?:按照|按|根据|依据|结合|视|遵照)(?!时|期|计划|职责|月|季|年|周|进度|本|各自)[^;,。]*?"
    r"(?:部署|要求|安排|批复|统一进度|审批|授权|推进情况|工作情况)"
    r"|(?:待|经)[^;,。]*?(?:批准|批复|同意|授权|出台|印发|明确)(?:后|之后)|条件(?:成熟|具备)(?:时|后)|成熟一(?:个|项|家|批)"
)
ONGOING = re.compile(
    r"(?:长期|持续|常态化?|常年|滚动|逐步|稳步|有序|适时|不断|动态|经常性|贯穿)"
    r"(?:坚持|推进|实施|开展|落实|推动|调整|更新|优化|完善|任务|工作|有效|始终|全过程)?"
)
AT_ONCE = re.compile(r"立即|即日起|即时|即刻|立行立改|即知即改|马上")
FROM = re.compile(r"(?:从|自)?(?P<start>[^;,。]{0,3}?\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?)(?:开始|起始|起)(?!\d)")
TERM_UNIT = r"(?P<unit>个?工作日|个?(?:自然|日历)日|天|日|个?月|个?季度|周|个?星期|年)"
RELATIVE = re.compile(
    rf"(?:(?:自|从|在)?(?P<anchor>[^;。,\d]*?[^;。,\d自从在])(?:之日起|之日后|日起|之后|以后|后|起),?(?:的)?)?"
    rf"(?P<count>半|{_N}){TERM_UNIT}(?:之内|以内|内|(?<=工作日|.个月)(?=$|[;,。]))"
)
RECURRING = re.compile(
    rf"(?:每|按|逐)(?:隔)?(?P<count>{_N})?个?(?P<unit>半年|年度?|季度?|月|周|星期|日|天)(?!起|限|期|时|计划|照)"
    rf"|(?P<odd>半年|一年|一季度|一月|一周)一次"
)
MONTH_DAY = re.compile(
    rf"(?:的|年)?(?P<month>{_N})月份?(?:(?P<day>{_N})[日号]|(?P<third>上旬|中旬))?[底末]?(?:之前|以前|前)?"
)
QUARTER_DAY = re.compile(rf"(?:的)?(?P<which>首|第?一个|第?二个|第?三个|末|最后一个)月(?:(?P<day>{_N})[日号])?")
DAY = re.compile(rf"(?:的)?(?P<day>{_N})[日号]")
WEEKDAY = re.compile(r"(?:的)?(?:周|星期)?(?P<day>[一二三四五六日天])(?!个|次|项)")
JOIN = re.compile(r"[、和及与]")
WEEKDAYS = {"一": "MO", "二": "TU", "三": "WE", "四": "TH", "五": "FR", "六": "SA", "日": "SU", "天": "SU"}
QUARTER_MONTHS = {"首": "1,4,7,10", "一": "1,4,7,10", "二": "2,5,8,11"}
DURATION = {"月": "M", "周": "W", "星期": "W", "年": "Y", "天": "D", "日": "D", "自然日": "D", "日历日": "D"}


class _HoldKind(enum.IntEnum):
    """What a hold is; the smaller wins where two overlap."""

    RECURRING = 0
    RELATIVE = 1
    FROM = 2
    POINT = 3
    ONGOING = 4


@dataclasses.dataclass(frozen=True, slots=True)
class _Hold:
    """The part of a text that carries a time; `values` are what a deadline takes from it."""

    kind: _HoldKind
    start: int
    end: int
    date: dt.date | None = None
    rules: tuple[str | None, ...] = (None,)
    anchor: str | None = None
    note: str = ""
    year_printed: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class DeadlineReading:
    """The deadlines of one cell, and what a person should look at."""

    deadlines: tuple[Deadline, ...]
    flags: tuple[Flag, ...] = ()


def _blank_titles(text: str) -> str:
    """`text` with the names of documents blanked out: the years in 《…（2021—2025年）》 are not deadlines."""
    return BOOK_TITLE.sub(lambda match: BLANK * len(match[0]), text)


def _yearly_rules(tail: str) -> tuple[tuple[str, ...], int]:
    """The rules of what follows 每年 and its length: 2月底前, 6月和12月底前, 一季度, 年底前, nothing."""
    by_day: dict[str, list[int]] = {}
    place = 0
    while match := MONTH_DAY.match(tail, place):
        month = number(match["month"])
        if month is None or not 1 <= month <= len(calendar.month_name) - 1:
            break
        day = number(match["day"] or "") or {"上旬": 10, "中旬": 20}.get(match["third"] or "", -1)
        by_day.setdefault(str(day), []).append(month)
        place = match.end()
        if not (join := JOIN.match(tail, place)):
            break
        place = join.end()
    rules = [f"FREQ=YEARLY;BYMONTH={','.join(map(str, months))};BYMONTHDAY={day}" for day, months in by_day.items()]
    if rules:
        return tuple(rules), place
    if quarter := re.match(r"(?:的)?第?([1-4一二三四])季度", tail):
        return (f"FREQ=YEARLY;BYMONTH={(number(quarter[1]) or 4) * 3};BYMONTHDAY=-1",), quarter.end()
    if half := re.match(r"(?:的)?上半年", tail):
        return ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1",), half.end()
    if beginning := re.match(r"(?:的)?年初", tail):
        return ("FREQ=YEARLY",), beginning.end()
    end = re.match(r"(?:的)?年?[底末终](?:之前|以前|前)?", tail)
    return ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1",), end.end() if end else 0


def _quarterly_rule(tail: str) -> tuple[str, int]:
    match = QUARTER_DAY.match(tail)
    if not match:
        return "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", 0
    months = next((value for key, value in QUARTER_MONTHS.items() if key in match["which"]), "3,6,9,12")
    if "最后" in match["which"]:
        months = "3,6,9,12"
    return f"FREQ=YEARLY;BYMONTH={months};BYMONTHDAY={number(match['day'] or '') or -1}", match.end()


def _recurrence(unit: str, count: int, tail: str) -> tuple[tuple[str, ...], int]:
    """RFC 5545 rules for every `count` `unit`, with what follows (`tail`), and how much of it they use."""
    interval = f";INTERVAL={count}" if count > 1 else ""
    if unit == "半年":
        return ("FREQ=YEARLY;BYMONTH=6,12;BYMONTHDAY=-1",), 0
    if unit.startswith("年"):
        rules, used = _yearly_rules(tail)
        return tuple(rule.replace("FREQ=YEARLY", f"FREQ=YEARLY{interval}") for rule in rules), used
    if unit.startswith("季"):
        rule, used = _quarterly_rule(tail)
        return (rule,), used
    if unit == "月":
        day = DAY.match(tail)
        month_day = number(day["day"]) if day else None
        return (f"FREQ=MONTHLY{interval};BYMONTHDAY={month_day or -1}",), day.end() if day else 0
    if unit in ("周", "星期"):
        day = WEEKDAY.match(tail)
        return (f"FREQ=WEEKLY{interval};BYDAY={WEEKDAYS[day['day']] if day else 'SU'}",), day.end() if day else 0
    return (f"FREQ=DAILY{interval}",), 0


def _recurring(text: str) -> list[_Hold]:
    holds = []
    for match in RECURRING.finditer(text):
        unit, count = match["unit"] or match["odd"], number(match["count"] or "1") or 1
        if match["odd"]:
            unit = unit.removeprefix("一")
        rules, used = _recurrence(unit, count, text[match.end() :])
        holds.append(_Hold(_HoldKind.RECURRING, match.start(), match.end() + used, rules=rules))
    return holds


def _duration(count: str, unit: str) -> str:
    """An ISO 8601 duration; working days, which ISO does not know, as P5D followed by /WORKDAYS."""
    unit = unit.removeprefix("个")
    if count == "半":
        return "P6M" if unit == "年" else "P15D"
    value = number(count) or 0
    if unit == "工作日":
        return f"P{value}D/WORKDAYS"
    if unit == "季度":
        return f"P{value * 3}M"
    return f"P{value}{DURATION[unit]}"


def _relative(text: str) -> list[_Hold]:
    holds = []
    for match in RELATIVE.finditer(text):
        year_printed = match["unit"] == "年" and len(match["count"]) > len("十五")
        if not year_printed:
            anchor = match["anchor"]
            note = "" if anchor else "起算点未写明"
            rules = (_duration(match["count"], match["unit"]),)
            holds.append(_Hold(_HoldKind.RELATIVE, match.start(), match.end(), rules=rules, anchor=anchor, note=note))
    at_once = (
        _Hold(_HoldKind.RELATIVE, match.start(), match.end(), rules=("P0D",)) for match in AT_ONCE.finditer(text)
    )
    return [*holds, *at_once]


def _holds(text: str, document_year: int | None) -> list[_Hold]:
    """Every hold of `text` that no stronger one overlaps, in printed order."""
    found = [*_recurring(text), *_relative(text)]
    found += [_Hold(_HoldKind.FROM, m.start(), m.end(), anchor=m[0]) for m in FROM.finditer(text)]
    for point in points(text, document_year):
        note = "“前”字前没有“底”或日期，按字面读作此前一日截止" if point.literal_before else ""
        held = _Hold(_HoldKind.POINT, point.start, point.end, date=point.date, note=note)
        found.append(dataclasses.replace(held, year_printed=point.year_printed))
    found += [_Hold(_HoldKind.ONGOING, m.start(), m.end()) for m in ONGOING.finditer(text)]
    kept: list[_Hold] = []
    for hold in sorted(found, key=lambda hold: (hold.kind, hold.start)):
        if all(hold.end <= other.start or hold.start >= other.end for other in kept):
            kept.append(hold)
    return _joined(text, sorted(kept, key=lambda hold: hold.start))


def _joined(text: str, holds: list[_Hold]) -> list[_Hold]:
    """`holds` without those that only colour their neighbour: 2023年起持续推进 is one deadline."""
    kept: list[_Hold] = []
    for hold in holds:
        previous = kept[-1] if kept else None
        same_clause = previous is not None and not DELIMITER.search(text, previous.end, hold.start)
        if previous and previous.kind is _HoldKind.FROM and hold.kind is _HoldKind.RECURRING:
            kept[-1] = dataclasses.replace(hold, start=previous.start, anchor=previous.anchor)
        elif previous and hold.kind is _HoldKind.ONGOING and (same_clause or previous.kind is _HoldKind.ONGOING):
            continue
        else:
            if previous and previous.kind is _HoldKind.ONGOING and same_clause:
                kept.pop()
            kept.append(hold)
    return kept


def _only_colours(clause: str) -> bool:
    """Whether a clause says how binding what follows is, and nothing else."""
    return bool(clause) and not re.sub(r"^[并且及积极]+|推进$|完成$", "", CONDITIONAL.sub("", STRIVE.sub("", clause)))


def _cut(text: str, end: int, start: int) -> int:
    """Where the next deadline's words begin, between the end of one hold and the start of the next."""
    stops = [match.end() for match in DELIMITER.finditer(text, end, start)]
    if not stops:
        lead_in = re.search(r"(?:力争|争取|努力|到|至|于|在|并|且)+$", text[end:start])
        return end + lead_in.start() if lead_in else start
    cut = stops[-1]
    for stop, following in zip(reversed(stops[:-1]), reversed(stops[1:]), strict=True):
        if not _only_colours(DELIMITER.sub("", text[stop:following])):
            break
        cut = stop
    return cut


def _condition(words: str) -> re.Match[str] | None:
    """What a deadline waits for. A document named in 《》 is already there: following it is no condition."""
    return next((match for match in CONDITIONAL.finditer(words) if BLANK not in match[0]), None)


def _strength(words: str, kind: _HoldKind) -> Strength | None:
    """How binding the words around a hold make it; work without end is neither firm nor late by itself."""
    if _condition(words):
        return Strength.CONDITIONAL_ON_HIGHER_LEVEL
    if BREAKTHROUGH.search(words):
        return Strength.BREAKTHROUGH_OK
    if STRIVE.search(words):
        return Strength.STRIVE
    return None if kind in (_HoldKind.ONGOING, _HoldKind.FROM) else Strength.FIRM


KINDS = {
    _HoldKind.RECURRING: DeadlineKind.RECURRING,
    _HoldKind.RELATIVE: DeadlineKind.RELATIVE,
    _HoldKind.FROM: DeadlineKind.ONGOING,
    _HoldKind.POINT: DeadlineKind.BY_DATE,
    _HoldKind.ONGOING: DeadlineKind.ONGOING,
}


def _deadlines(hold: _Hold, words: str, phrase: str) -> list[Deadline]:
    strength = _strength(words, hold.kind)
    condition = _condition(words)
    anchor = hold.anchor or (condition[0] if condition else None)
    return [
        Deadline(phrase=phrase, kind=KINDS[hold.kind], date=hold.date, rule=rule, anchor=anchor, strength=strength)
        for rule in hold.rules
    ]


def _flags(hold: _Hold, deadline: Deadline) -> list[Flag]:
    flags = []
    if deadline.strength is Strength.CONDITIONAL_ON_HIGHER_LEVEL:
        note = f"“{deadline.phrase}”取决于上级部署，须记录触发事项"
        flags.append(Flag(FlagCode.DEADLINE_CONDITIONAL, "deadlines", note))
    if hold.note:
        flags.append(Flag(FlagCode.DEADLINE_UNREADABLE, "deadlines", f"“{deadline.phrase}”：{hold.note}"))
    if deadline.kind is DeadlineKind.BY_DATE and deadline.date is None:
        note = f"“{deadline.phrase}”没有写明年份，文件年份也未知"
        flags.append(Flag(FlagCode.DEADLINE_UNREADABLE, "deadlines", note, blocking=True))
    return flags


def _without_hold(text: str, phrase: str) -> DeadlineReading:
    """A cell without a date: bound to a higher level or to striving only, or unreadable."""
    strength = _strength(text, _HoldKind.ONGOING)
    if strength in (Strength.CONDITIONAL_ON_HIGHER_LEVEL, Strength.STRIVE):
        hold = _Hold(_HoldKind.ONGOING, 0, len(text))
        deadlines = _deadlines(hold, text, phrase)
        return DeadlineReading(tuple(deadlines), tuple(_flags(hold, deadlines[0])))
    flag = Flag(FlagCode.DEADLINE_UNREADABLE, "deadlines", f"“{phrase}”不能读作时限，请填写", blocking=True)
    return DeadlineReading((Deadline(phrase=phrase, kind=DeadlineKind.UNKNOWN),), (flag,))


def read_deadlines(cell: str, document_year: int | None = None) -> DeadlineReading:
    """Read a deadline cell. `document_year` is the year of 年内, 6月底前 and the like.

    An empty cell, a dash or 无 has no deadline: that is for the caller to judge, since some lists have no such column.
    """
    text, positions = comparable(re.sub(r"\s+\d{1,2}:\d{2}(?::\d{2})?\s*$", "", cell))
    text = _blank_titles(text)
    stripped = text.rstrip(";,。.、")
    if not stripped or NOTHING.fullmatch(stripped):
        return DeadlineReading(())

    def phrase(start: int, end: int) -> str:
        return cell[positions[start] : positions[end - 1] + 1].strip().strip("；;，,。、 ") if end > start else ""

    holds = _holds(stripped, document_year)
    if not holds:
        return _without_hold(stripped, phrase(0, len(stripped)))
    cuts = [0, *(_cut(stripped, a.end, b.start) for a, b in itertools.pairwise(holds)), len(stripped)]
    deadlines: list[Deadline] = []
    flags: list[Flag] = []
    for hold, start, end in zip(holds, cuts[:-1], cuts[1:], strict=True):
        read = _deadlines(hold, stripped[start:end], phrase(start, end))
        deadlines += read
        flags += _flags(hold, read[0])
    return DeadlineReading(tuple(deadlines), tuple(flags))


SENTENCE = re.compile(r"[^。;!?]+")
FUTURE_LEAD = re.compile(r"(?:到|至|力争|争取|确保|预计|计划|拟)(?:在|于|到|至)?$")
LOOKING_BACK = re.compile(r"^[^,;。]{0,6}?(?:已|共|累计|来自|的)")


def _is_target(sentence: str, start: int, end: int, date: dt.date | None, document_year: int | None) -> bool:
    """Whether a date in running text looks ahead (到2025年) rather than tells a story (截至2021年底，累计)."""
    if date is None or (document_year is not None and date.year < document_year):
        return False
    before, printed, after = sentence[:start], sentence[start:end], sentence[end:]
    if (
        re.search(r"(?:截至|截止|自|从)$", before)
        or LOOKING_BACK.match(after)
        or after.startswith(("起", "以来", "开始"))
    ):
        return False
    if FUTURE_LEAD.search(before):
        return True
    return printed.endswith(("前", "内"))


def deadlines_in_text(text: str, document_year: int | None = None) -> tuple[Deadline, ...]:
    """Target dates inside a task's text (到2025年，力争培育…), with the sentence from the date on as phrase.

    Years in the names of documents and plans (《…（2024—2026年）》) are none, nor are dates before `document_year`.
    """
    plain, positions = comparable(text)
    plain = re.sub(r"\([^()]*\d{4}(?:年)?[-—–~至]+\d{4}年?[^()]*\)", lambda m: BLANK * len(m[0]), _blank_titles(plain))
    found = []
    for match in SENTENCE.finditer(plain):
        sentence = match[0]
        for point in points(sentence, document_year):
            if _is_target(sentence, point.start, point.end, point.date, document_year):
                lead = FUTURE_LEAD.search(sentence[: point.start])
                start = match.start() + (lead.start() if lead else point.start)
                phrase = text[positions[start] : positions[match.end() - 1] + 1]
                strength = Strength.STRIVE if STRIVE.search(sentence) else Strength.FIRM
                found.append(
                    Deadline(phrase, DeadlineKind.BY_DATE, point.date, strength=strength, applies_to=AppliesTo.TEXT)
                )
    return tuple(found)
