"""The draft of a bulletin in words: every figure comes from its frozen data. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from domain.bulletins import BulletinKind
from domain.messages.bulletins import DRAFT, HEADINGS, LEADS_JOINED, TITLES

Section = dict[str, object]


def day_words(day: date) -> str:
    """A local day as a document writes it."""
    return DRAFT["day"].format(day=day)


def drafted_title(kind: BulletinKind, subject: str, as_of: date) -> str:
    """The title of a monthly bulletin, or that of one about a subject."""
    return TITLES[kind].format(year=as_of.year, month=as_of.month, subject=subject)


def drafted_correction(title: str, mark: str) -> str:
    """The title of a correction, which names what it corrects."""
    return TITLES["correction"].format(title=title, mark=mark)


def drafted_sections(content: Mapping[str, Any]) -> list[Section]:
    """Headings and paragraphs from a snapshot (`services.bulletin_data`), in the order in which they are printed."""
    counts: Mapping[str, int] = content["counts"]
    happened: Mapping[str, int] = content["happened"]
    as_of, from_on = (day_words(date.fromisoformat(content[name])) for name in ("as_of", "from_on"))
    overall = [
        DRAFT["overall"].format(as_of=as_of, **counts) + DRAFT["lights"].format(**counts),
        DRAFT["happened"].format(from_on=from_on, **happened),
    ]
    if happened["cases"]:
        overall.append(DRAFT["cases"].format(**happened))
    sections = [
        _section("overall", overall),
        _section("completed", [_completed(row) for row in content["completed"]] or [DRAFT["none_completed"]]),
        _section("behind", [_behind(row) for row in content["behind"]] or [DRAFT["none_behind"]]),
    ]
    contributed = [DRAFT["contributed"].format(**row) for row in content["contributed"]]
    return [*sections, _section("contributed", contributed)] if contributed else sections


def correction_sections(title: str, mark: str, on: date, sections: Sequence[Section]) -> list[Section]:
    """A correction names the bulletin that it corrects before anything else."""
    named = DRAFT["correction"].format(title=title, mark=mark, on=day_words(on))
    return [{"heading": "", "paragraphs": [named]}, *sections]


def _section(name: str, paragraphs: Iterable[str]) -> Section:
    return {"heading": HEADINGS[name], "paragraphs": list(paragraphs)}


def _completed(row: Mapping[str, Any]) -> str:
    on = day_words(date.fromisoformat(row["on"]))
    return DRAFT["completed"].format(
        number=row["number"], text=row["text"], leads=LEADS_JOINED.join(row["leads"]), on=on
    )


def _behind(row: Mapping[str, Any]) -> str:
    return DRAFT["behind"].format(
        number=row["number"], text=row["text"], leads=LEADS_JOINED.join(row["leads"]), words=row["words"]
    )
