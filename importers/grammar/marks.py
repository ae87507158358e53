"""Classification marks: is a document marked as a state secret (秘密, 机密, 绝密)?

A mark is the level, ★ and the period, at the top left of the first page; without a period the two characters of the
level are set apart (GB/T 9704-2012, 7.2.2). The word in a sentence is no mark: 商业秘密, 保守国家秘密 and 工作秘密★ are
written in public documents all the time.
"""

import re
from collections.abc import Iterable, Mapping

TOP_LINES = 10
"""The mark stands among the first lines that have any text: copy number, mark and urgency come first."""

# Lines are matched with every run of white space made one blank, so that no pattern can backtrack far.
_SPACE = re.compile(r"[\s\u200b-\u200d\ufeff]+")
_GAP = " ?"
_LEVEL = f"(?:绝{_GAP}密|机{_GAP}密|秘{_GAP}密)"
_STAR = "[★☆✩✭⭐⋆]"
_NUMBER = "[0-9０-９一二三四五六七八九十○〇 ]{1,12}"
_PERIOD = f"(?:长{_GAP}期|启{_GAP}用{_GAP}前|{_NUMBER}(?:年|个?月|天|日)(?:以?[前后])?)"
_STARRED = f"{_LEVEL}{_GAP}(?:级{_GAP})?{_STAR}"
_URGENCY = "(?:特急|特提|加急|急件|平急|急)"
_LABEL = f"(?:密{_GAP}级|保密等级|涉密等级){_GAP}[:：]?"
_COPY_NUMBER = "(?:份号|编号)?[:： ]?(?:No\\.?)?[0-9]{1,8}"
_OPEN, _CLOSE = "[【\\[〔(（<《]?", "[】\\]〕)）>》]?"

# The mark begins the line, whatever a text extraction has put behind it.
_BEGINS = re.compile(rf"{_GAP}(?:{_COPY_NUMBER}{_GAP})?(?:{_LABEL}{_GAP})?{_OPEN}{_GAP}({_STARRED}{_GAP}{_PERIOD}?)")
# The mark ends the line, set off by a gap: "附件2      机密★10年".
_ENDS = re.compile(rf"(?:^|.* ){_OPEN}({_STARRED}{_GAP}{_PERIOD}?){_GAP}{_CLOSE}{_GAP}(?:{_URGENCY})?{_GAP}")
# The level alone, as it is printed when no period is given.
_ALONE = re.compile(
    rf"{_GAP}(?:{_COPY_NUMBER} )?(?:{_LABEL}{_GAP})?{_OPEN}{_GAP}({_LEVEL}){_GAP}级?{_GAP}{_CLOSE}"
    rf"{_GAP}(?:{_URGENCY})?{_GAP}"
)
_LIST = re.compile(r"[,，;；、|\n]")
_LABELLED = re.compile(rf"{_GAP}.{{0,20}}?{_LABEL}{_GAP}{_OPEN}({_LEVEL}){_GAP}级?{_GAP}{_CLOSE}(?: .*)?")

_IN_NAME = re.compile(
    rf"({_STARRED}{_GAP}{_PERIOD}?)"
    rf"|[【\[〔(（]{_GAP}({_LEVEL})级?(?:文件|件)?{_GAP}[】\]〕)）]"
    rf"|^{_GAP}({_LEVEL})级?(?:文件|件)?(?=$|[ _\-—.·+、])"
    rf"|[ _\-—.·+]({_LEVEL})级?(?:文件|件)?{_GAP}$"
)
# Before the level these make it something else: a trade or work secret.
_OTHER_SECRET = re.compile(rf"(?:商业|商务|工作|警务|审判|个人|国家){_GAP}$")


def mark_in_lines(lines: Iterable[str]) -> str | None:
    """The mark among the first `TOP_LINES` lines with text; `lines` are those of one page, a header, or a text."""
    seen = 0
    for line in lines:
        text = _one_blank(line)
        if not text:
            continue
        seen += 1
        if seen > TOP_LINES:
            return None
        match = _BEGINS.match(text) or _ENDS.fullmatch(text) or _ALONE.fullmatch(text) or _LABELLED.fullmatch(text)
        if match:
            return _shown(match[1])
    return None


def mark_in_name(stem: str) -> str | None:
    """The mark in a file's name without its extension: starred, in brackets, or set off at either end."""
    stem = _one_blank(stem)
    for match in _IN_NAME.finditer(stem):
        if not _OTHER_SECRET.search(stem[: match.start()]):
            return _shown(next(group for group in match.groups() if group))
    return None


def mark_in_properties(properties: Mapping[str, str]) -> str | None:
    """The mark among a document's properties (title, subject, keywords, category, custom ones)."""
    for value in properties.values():
        for part in map(_one_blank, _LIST.split(value[:2000])):
            match = _ALONE.fullmatch(part) or _ENDS.fullmatch(part) or _BEGINS.match(part)
            if match:
                return _shown(match[1])
    return None


def _one_blank(line: str) -> str:
    return _SPACE.sub(" ", line[:400]).strip()


def _shown(mark: str) -> str:
    return mark.replace(" ", "")
