"""The draft of a bulletin in words: every figure comes from its frozen data. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from domain.bulletins import BulletinKind
from domain.lights import Light
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


def drafted_sections(kind: BulletinKind, content: Mapping[str, Any]) -> list[Section]:
    """Headings and paragraphs from a snapshot (`services.bulletin_data`), in the order in which they are printed.

    A brief tells the period. A special report tells a leader what is red, whose it is and what has to be decided; a
    circular says why it is issued, how things stand, who lags, and what is demanded (`domain.md` §5.7).
    """
    if kind is BulletinKind.SPECIAL:
        return _special_report(content)
    if kind is BulletinKind.CIRCULAR:
        return _circular(content)
    return _brief(content)


def _special_report(content: Mapping[str, Any]) -> list[Section]:
    counts: Mapping[str, int] = content["counts"]
    red = [row for row in content["behind"] if row["light"] == Light.RED]
    units = dict.fromkeys(unit for row in red for unit in row["leads"])
    matter = [
        DRAFT["matter"].format(as_of=_as_of(content), **counts),
        DRAFT["red_units"].format(units=LEADS_JOINED.join(units)) if units else DRAFT["no_red"],
    ]
    asked = [
        DRAFT["asked"].format(number=row["number"], text=row["text"], leads=LEADS_JOINED.join(row["leads"]))
        for row in red
    ]
    return [
        _section("matter", matter),
        _section("attention", [_behind(row) for row in red] or [DRAFT["none_behind"]]),
        _section("asked", asked or [DRAFT["asked_nothing"]]),
    ]


def _circular(content: Mapping[str, Any]) -> list[Section]:
    from_on = day_words(date.fromisoformat(content["from_on"]))
    behind = content["behind"]
    late = dict.fromkeys(unit for row in behind for unit in row["leads"])
    good = [row["unit"] for row in content["units"] if row["unit"] not in late]
    told = [DRAFT["circular"].format(from_on=from_on, as_of=_as_of(content), **content["happened"])]
    told += [DRAFT["on_time"].format(units=LEADS_JOINED.join(good))] if good else []
    lagging = [
        DRAFT["lagging"].format(
            number=row["number"], text=row["text"], leads=LEADS_JOINED.join(row["leads"]), words=row["words"]
        )
        for row in behind
    ]
    demand = DRAFT["demand"].format(units=LEADS_JOINED.join(late)) if late else DRAFT["demand_all"]
    return [
        _section("done_well", [*told, *(_completed(row) for row in content["completed"])]),
        _section("lagging", lagging or [DRAFT["none_behind"]]),
        _section("demands", [demand]),
    ]


def _as_of(content: Mapping[str, Any]) -> str:
    return day_words(date.fromisoformat(content["as_of"]))


def _brief(content: Mapping[str, Any]) -> list[Section]:
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
