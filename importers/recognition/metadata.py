"""What a document says of itself: title, number, issuer, date, how many tasks it counts, and who leads."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence

from importers.grammar.characters import GAP_BETWEEN_HAN, comparable, half_width, squeeze
from importers.grammar.dates import number as value_of
from importers.model import LeadRule, LeadRuleKind
from importers.recognition.labels import is_note, label_level
from importers.structure import Heading, Paragraph

_OPENING_BLOCKS = 25
_LONGEST_TITLE = 120
_HAN = r"\u4e00-\u9fff"
_NUMBER = re.compile(rf"([{_HAN}]{{1,16}})[〔\[(【]((?:19|20)\d\d)[〕\])】](?:第)?(\d{{1,5}})号")
_RED_HEAD = re.compile(rf"([{_HAN}()、]{{4,40}})文件")
_ABOUT = re.compile(rf"([{_HAN}()、]{{4,60}}?)关于.{{2,80}}的?(?:通知|意见|决定|方案|报告|函|批复|通报|办法|规定)")
_TITLE_END = re.compile(
    r"(?:清单|分工|分工表|明细表|一览表|台账|任务表|方案|措施|举措|意见|计划|规划|纲要|要点|通知|办法|经验|案例|目录|安排|行动|决定|汇总表|表)(?:\([^()]*\))?$"
)
_ATTACHMENT = re.compile(r"附件\s*\d*[:：]?")
_DATE = re.compile(r"((?:19|20)\d\d)年(1[0-2]|[1-9])月(3[01]|[12]\d|[1-9])日(?:印发)?")
_BODY = re.compile(rf"[{_HAN}()、]{{2,38}}(?:人民政府|办公厅|办公室|委员会|局|委|厅|部|领导小组|联席会议|管委会)")
_COUNT = r"(\d{1,4}|[一二三四五六七八九十]{1,3}|[一二三四五六七八九]?百[一二三四五六七八九十零]{0,4})(?:项|条|个|件)"
_COUNTED = (
    re.compile(
        r"(?:共计?|合计|总计|包括|包含|涉及|明确|提出|部署|梳理|形成|确定|分解为|细化为|推出|以下|下列|上述|这)"
        rf"(?:的|了|出|为|有|以下)?{_COUNT}"
        r"(?:具体|重点|主要|工作|试点|改革|创新|复制推广|推广|政策)*(?:任务|措施|举措|事项|工作|经验|案例|清单|内容)"
    ),
    re.compile(rf"(?:共计?|合计|总计):?{_COUNT}(?=[).。;,]|$)"),
)
_FIRST = r"(?:首个|第一个|首位|第一位|首家|排名第一|(?:排在?|列在?|位列|居)(?:第一|首)位)"
_FIRST_LEADS = re.compile(
    rf"{_FIRST}(?:的)?(?:(?:责任|负责|承办)?(?:单位|部门|者))?(?:即)?(?:为|是|作为)(?:牵头|主办|主责|汇总|总牵头)"
    r"(?:责任)?(?:单位|部门)?(?:或(?:汇总|牵头)(?:单位|部门))?"
)
_ALL_LEAD = re.compile(
    r"(?:无|没有|未(?:明确|注明|标明|列明))牵头(?:单位|部门)的?,?(?:由)?(?:各)?(?:责任|负责)(?:单位|部门)(?:即)?(?:均)?(?:为|是)牵头(?:单位|部门)"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Metadata:
    """What the document says of itself; None where it says nothing."""

    title: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    date: dt.date | None = None

    @property
    def year(self) -> int | None:
        """The year the document is from, by its date, else by its number, else the one year in its title."""
        if self.date is not None:
            return self.date.year
        years = set(re.findall(r"〔(\d{4})〕", self.document_number or ""))
        years = years or set(re.findall(r"(?<!\d)((?:19|20)\d\d)年(?!度?[-—至])", self.title or ""))
        return int(years.pop()) if len(years) == 1 else None


Prose = Sequence[Heading | Paragraph]


def read_metadata(opening: Prose, whole: Prose, captions: Sequence[str] = ()) -> Metadata:
    """Read `opening`, the prose before the first list (all of it where there is none), and the end of `whole`.

    `captions` are the lines of the list's table above its header, which may be the only title.
    """
    opening = opening[:_OPENING_BLOCKS]
    title = _title(opening) or next((_tidy(text) for text in captions if _is_title(_tidy(text))), None)
    date, signed = _signature(whole)
    return Metadata(title, _document_number(opening), _issuer(opening, title) or signed, date)


def _tidy(text: str) -> str:
    return GAP_BETWEEN_HAN.sub("", text).strip()


def _plain(text: str) -> str:
    return half_width(squeeze(text))


def _document_number(opening: Prose) -> str | None:
    """A line that is a document number and nothing else; numbers in sentences cite other documents."""
    for block in opening:
        match = _NUMBER.fullmatch(_plain(block.text))
        if match:
            return f"{match[1]}〔{match[2]}〕{match[3]}号"
    return None


def _title(opening: Prose) -> str | None:
    candidates = [text for text in _lines(opening) if _is_title(text)]
    about = next((text for text in candidates if _ABOUT.search(half_width(text))), None)
    return about or next(iter(candidates), None)


def _lines(opening: Prose) -> Iterator[str]:
    """Possible titles: lines, and lines joined to the next where a title was broken in two."""
    index = 0
    while index < len(opening):
        text = _tidy(opening[index].text.replace("\n", ""))
        index += 1
        while (
            index < len(opening)
            and opening[index].position.line == opening[index - 1].position.line + 1
            and len(text) < _LONGEST_TITLE
            and _goes_on(text)
        ):
            text = _tidy(text + opening[index].text)
            index += 1
        yield text


def _goes_on(text: str) -> bool:
    """Whether a line is plainly the first half of a title."""
    if text.count("《") > text.count("》") or half_width(text).count("(") > half_width(text).count(")"):
        return True
    plain = _plain(text)
    alone = any(pattern.fullmatch(plain) for pattern in (_RED_HEAD, _ATTACHMENT, _NUMBER, _DATE))
    short = len(text) <= _LONGEST_TITLE // 2 and label_level(text) is None and not alone
    return short and not re.search(r"[。；;：:，,）)]$", text) and not _TITLE_END.search(half_width(text))


def _is_title(text: str) -> bool:
    plain = _plain(text)
    return (
        2 < len(plain) <= _LONGEST_TITLE  # noqa: PLR2004 - 附件 and the like are no titles
        and not re.search(r"[。;!?:,]", _without_titles(plain))
        and label_level(text) is None
        and not is_note(text)
        and not _ATTACHMENT.match(plain)
        and not _NUMBER.fullmatch(plain)
        and not _RED_HEAD.fullmatch(plain)
        and not (plain.startswith("(") and plain.endswith(")"))
        and bool(_TITLE_END.search(plain) or _ABOUT.search(plain))
    )


def _without_titles(plain: str) -> str:
    return re.sub(r"《[^《》]*》", "", plain)


def _issuer(opening: Prose, title: str | None) -> str | None:
    """Who issues: the red head of the document, else the name before 关于 in its title."""
    for block in opening:
        head = _RED_HEAD.fullmatch(_plain(block.text))
        if head:
            return head[1]
    about = _ABOUT.match(_plain(title)) if title else None
    return about[1] if about and _BODY.fullmatch(about[1].split("、")[-1]) else None


def _signature(whole: Prose) -> tuple[dt.date | None, str | None]:
    """The last date that stands alone, and the body that stands alone right before it."""
    for index in range(len(whole) - 1, max(-1, len(whole) - 60), -1):
        match = _DATE.fullmatch(_plain(whole[index].text))
        if match:
            before = _plain(whole[index - 1].text) if index else ""
            try:
                date = dt.date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
            return date, before if _BODY.fullmatch(before) else None
    return None, None


def declared_count(texts: Iterable[str]) -> int | None:
    """How many tasks the document says it has; None where it says nothing, or says several different numbers."""
    plain = [half_width(squeeze(text)) for text in texts]
    counts = {_value(match[1]) for text in plain for pattern in _COUNTED for match in pattern.finditer(text)}
    counts.discard(None)
    return counts.pop() if len(counts) == 1 else None


def _value(text: str) -> int | None:
    hundreds, mark, rest = text.partition("百")
    if not mark:
        return value_of(text)
    tail = rest.removeprefix("零")
    below = 0 if not tail else value_of(tail)
    if below is None:
        return None
    # 一百三 is 130 in speech; documents write 一百三十, and 一百零三.
    return (value_of(hundreds) or 1) * 100 + below


def lead_rule(texts: Iterable[str]) -> LeadRule | None:
    """The document's own rule for who leads, in its own words (domain notes §2.2)."""
    for text in texts:
        plain, positions = comparable(text)
        for pattern, kind in (
            (_FIRST_LEADS, LeadRuleKind.FIRST_LEADS),
            (_ALL_LEAD, LeadRuleKind.ALL_LEAD_IF_NONE_NAMED),
        ):
            match = pattern.search(plain)
            if match:
                return LeadRule(kind, text[positions[match.start()] : positions[match.end() - 1] + 1])
    return None
