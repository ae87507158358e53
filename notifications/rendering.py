"""Messages as people read them: mail with text and HTML, markdown for robots, one line for phones."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files

import jinja2
import structlog

from domain.addresses import message_path
from domain.delivery import PRESSING, Topic
from domain.messages import notices as words
from domain.notices import Notice, brief, notice
from notifications.answers import Words
from services.sendings import Carried, Outgoing

WIDTH = 76
"""Columns of a text mail (RFC 5322, 2.1.1 asks for at most 78)."""
_BY_PRESSURE = (
    Topic.ACCOUNT,
    Topic.CLOSED,
    Topic.WITHDRAWN,
    Topic.OPENED,
    Topic.ISSUED,
    Topic.RETURNED,
    Topic.REMINDER,
    Topic.URGE,
    Topic.ESCALATION,
)
"""From the calmest to the most pressing."""
_STOPS = "。；"  # noqa: RUF001  what is not said before 等
_NO_LINE_START = frozenset("，。、；：？！）》」』】”’％")  # noqa: RUF001  what may not begin a line

_log = structlog.get_logger()


class Renderer:
    """Words outgoing messages. `base_url` is the address users type, without a slash at the end."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._templates = jinja2.Environment(
            loader=jinja2.FunctionLoader(_template),
            autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters["folded"] = folded
        self._templates.filters["markdown"] = markdown_text

    def render(self, outgoing: Outgoing) -> Words:
        """The words of a sending: of its one message, or of the digest of its many."""
        told: list[tuple[Notice, str]] = []
        unworded = 0
        for carried in _most_pressing(outgoing.messages):
            try:
                told.append(self._told(carried, outgoing.now))
            except Exception:
                # What cannot be worded is still in the inbox; it holds up nothing else.
                if not outgoing.digest:
                    raise
                _log.exception("not_worded", message_id=str(carried.message_id))
                unworded += 1
        if len(told) + unworded > 1:
            return self._digest(told, outgoing, unworded)
        return self._single(*told[0], recipient=outgoing.recipient)

    def test_message(self) -> Words:
        """What an endpoint is tried with."""
        return Words(
            subject=words.TEST_TITLE,
            text=words.TEST_TEXT,
            html="",
            brief=words.TEST_TEXT,
            link=self.base_url,
            markdown=f"**{words.TEST_TITLE}**\n\n{words.TEST_TEXT}",
        )

    def link(self, carried: Carried) -> str:
        """Where the message is answered: open to who is signed in and may see it, and to nobody else."""
        return self.base_url + message_path(
            work_item_id=carried.work_item_id, item_id=carried.item_id, document_id=carried.document_id
        )

    def _told(self, carried: Carried, now: datetime) -> tuple[Notice, str]:
        return notice(carried.topic, carried.facts, now), self.link(carried)

    def _single(self, told: Notice, link: str, *, recipient: str) -> Words:
        known = {"notice": told, "link": link, "recipient": recipient, "words": words}
        return Words(
            subject=told.headline,
            text=self._fill("message.txt.j2", known),
            html=self._fill("message.html.j2", known),
            brief=" ".join(self._fill("brief.txt.j2", known).split()),
            link=link,
            markdown=self._fill("robot.md.j2", known),
        )

    def _digest(self, told: Sequence[tuple[Notice, str]], outgoing: Outgoing, unworded: int) -> Words:
        # What presses most stands first; without a limit last.
        ordered = sorted(told, key=lambda one: (one[0].days_left is None, one[0].days_left or 0))
        tag = words.TAGS.get(_strongest(told), words.TAG)
        subject = words.DIGEST_HEADLINE.format(
            tag=tag, count=len(told), first=brief(ordered[0][0].text, 20).rstrip(_STOPS)
        )
        known = {
            "told": ordered,
            "besides": words.DIGEST_BESIDES.format(count=unworded) if unworded else "",
            "link": self.base_url,
            "recipient": outgoing.recipient,
            "subject": subject,
            "words": words,
        }
        return Words(
            subject=subject,
            text=self._fill("digest.txt.j2", known),
            html=self._fill("digest.html.j2", known),
            brief=words.DIGEST_BRIEF.format(subject=subject),
            link=self.base_url,
            markdown=self._fill("digest.md.j2", known),
        )

    def _fill(self, name: str, known: Mapping[str, object]) -> str:
        return self._templates.get_template(name).render(known)


def _strongest(told: Sequence[tuple[Notice, str]]) -> Topic:
    """The most pressing topic of several messages."""
    return max((each.topic for each, _ in told), key=_BY_PRESSURE.index)


def _pressure(message: Carried) -> int:
    return _BY_PRESSURE.index(Topic(message.topic))


def _most_pressing(messages: Sequence[Carried]) -> Sequence[Carried]:
    """One message about each thing: who is told that it was escalated need not read that it was urged as well."""
    kept: dict[object, Carried] = {}
    for message in messages:
        about = (message.item_id, message.facts.get("step"), message.facts.get("unit"))
        key: object = about if message.topic in PRESSING and message.item_id else message.message_id
        if key not in kept or _pressure(kept[key]) <= _pressure(message):
            kept[key] = message
    return list(kept.values())


def folded(text: str, indent: int = 0, width: int = WIDTH) -> str:
    """A paragraph in lines of at most `width` columns, each but the first indented by `indent`.

    Chinese characters are two columns wide and break anywhere, except before a closing mark; what is written in Latin
    letters, such as an address, stays in one piece.
    """
    lines: list[str] = []
    line, used = "", 0
    for piece in _pieces(" ".join(text.split())):
        room = width - (indent if lines else 0)
        wide = columns(piece)
        if line and used + wide > room and piece not in _NO_LINE_START:
            lines.append(line.rstrip())
            line, used = "", 0
            if piece == " ":
                continue
        line += piece
        used += wide
    lines.append(line)
    return ("\n" + " " * indent).join(lines)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    narrow = False
    for character in text:
        is_narrow = character != " " and unicodedata.east_asian_width(character) not in "WFA"
        if is_narrow and narrow:
            pieces[-1] += character
        else:
            pieces.append(character)
        narrow = is_narrow
    return pieces


def markdown_text(text: str) -> str:
    """Text that a robot shows as it is: nothing in it makes a link, a heading or a mention."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>#@!|" else character for character in text)


def _template(name: str) -> str | None:
    found = files("notifications") / "templates" / name
    return found.read_text(encoding="utf-8") if found.is_file() else None
