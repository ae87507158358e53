"""Taking leftovers of other formats out of a line of text: HTML tags, markdown marks, bookmarks of a converter."""

import html
import re

_BLOCK_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|center)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|em|strong|span|font|sup|sub|a|o:p)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_BOOKMARK = re.compile(r"\[bookmark:[^\]\n]*\]")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*|__([^_\n]+)__")
_BREAKS = re.compile(r"[ \t\u3000\u00a0]*\n\s*")
_INVISIBLE = re.compile(r"[\u200b-\u200d\u2060\ufeff\u00ad\x00-\x08\x0b\x0e-\x1f]")

INDENT = " \t\u3000\u00a0\u2002\u2003\u2009"


def clean(raw: str) -> str:
    """`raw` without markup and outer white space; what stood in separate paragraphs is separated by a newline.

    Characters a reader sees are never removed, and gaps between them stay as they are.
    """
    text = raw
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    if "[bookmark:" in text:
        text = _BOOKMARK.sub("", text)
    text = _BOLD.sub(lambda match: match[1] or match[2], text)
    text = _BREAKS.sub("\n", _INVISIBLE.sub("", text))
    return text.strip(INDENT + "\n")
