"""The form of one row at the import desk: what it shows, what was typed, and the command that this makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from starlette.datastructures import FormData

from domain.items import DeadlineKind, ResponsibilityRole, Strength
from domain.labels import label
from domain.messages.desk import SET_BY_OFFICE
from importers.registry import UnitMatch
from services.import_desk import NameMeans, PartiesChosen, SettleRow
from services.items import NewDeadline
from services.queries.import_desk import DeskItem
from services.queries.item_detail import PrintedDeadline
from services.unit_lookup import StoredRegistry

JOINT = "joint"
FIRST = ""
MOST_LINES = 40
_PARTS = (ResponsibilityRole.LEAD, ResponsibilityRole.CO_UNIT)
BETWEEN_NAMES = "、,，;；\n"  # noqa: RUF001  what people type between names


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field; the template has the words for its code."""

    target: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A unit that has a part: `part` is lead, co_unit, or empty to take it off. Without `unit_id` the registry does
    not know the printed name, and `means` is the name of the unit that somebody says it is.
    """

    printed: str
    name: str
    part: str
    unit_id: UUID | None = None
    candidate_id: UUID | None = None
    means: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """One deadline of the row as the form has it; the last line is empty, for one more."""

    phrase: str = ""
    kind: str = ""
    on_date: str = ""
    strength: str = ""
    anchor: str = ""
    rule: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed or chosen that says when."""
        return not (self.phrase or self.kind or self.on_date)


@dataclass(frozen=True, slots=True)
class RowForm:
    """All fields. `adding` are names to add, `leading` how several leads work: jointly, or the unit that collects."""

    number: str
    section: str
    text: str
    parties: tuple[PartyLine, ...]
    deadlines: tuple[DeadlineLine, ...]
    leading: str = FIRST
    adding: str = ""
    adding_part: str = ResponsibilityRole.CO_UNIT
    list_closed: bool = False
    fan_out: bool = True
    members: frozenset[UUID] = frozenset()
    more_members: str = ""
    words: str = ""


def stored_form(item: DeskItem, candidates: Mapping[str, UUID | None], members: Sequence[UUID] = ()) -> RowForm:
    """The form as the row is stored. `candidates` are the undecided names, `members` those of its printed group."""
    parties = tuple(
        PartyLine(part.printed, part.unit or part.printed, part.role, part.unit_id, candidates.get(part.printed))
        for part in item.parts
        if part.role in _PARTS
    )
    collecting = next((str(part.unit_id) for part in item.parts if part.collects), FIRST)
    own = [line for line in item.deadlines if line.applies_to == "row"]
    return RowForm(
        number=item.row.number,
        section=item.row.section or "",
        text=item.row.text,
        parties=parties,
        deadlines=(*(_line(each) for each in own), DeadlineLine()),
        leading=JOINT if item.joint_lead else collecting,
        adding_part=ResponsibilityRole.CO_UNIT if item.row.leads else ResponsibilityRole.LEAD,
        members=frozenset(members),
    )


def _line(stored: PrintedDeadline) -> DeadlineLine:
    return DeadlineLine(
        phrase=stored.phrase,
        kind=stored.kind,
        on_date=stored.on_date.isoformat() if stored.on_date else "",
        strength=stored.strength or "",
        anchor=stored.anchor or "",
        rule=stored.rule,
    )


def sent_form(stored: RowForm, form: FormData) -> RowForm:
    """What was typed. A field that the form does not have is as stored."""

    def text(name: str, usual: str) -> str:
        value = form.get(name)
        return value.strip().replace("\r\n", "\n") if isinstance(value, str) else usual

    parties = tuple(
        replace(line, part=text(f"part-{i}", line.part), means=text(f"means-{i}", ""))
        for i, line in enumerate(stored.parties)
    )
    deadlines = tuple(
        DeadlineLine(
            phrase=text(f"deadline-{i}-phrase", line.phrase),
            kind=text(f"deadline-{i}-kind", line.kind),
            on_date=text(f"deadline-{i}-date", line.on_date),
            strength=text(f"deadline-{i}-strength", line.strength),
            anchor=text(f"deadline-{i}-anchor", line.anchor),
            rule=line.rule if text(f"deadline-{i}-kind", line.kind) == line.kind else None,
        )
        for i, line in enumerate(stored.deadlines)
    )
    ticked = set(form.getlist("member"))
    return RowForm(
        number=text("number", stored.number),
        section=text("section", stored.section),
        text=text("text", stored.text),
        parties=parties,
        deadlines=deadlines,
        leading=text("leading", stored.leading),
        adding=text("adding", ""),
        adding_part=text("adding_part", stored.adding_part),
        list_closed=form.get("list_closed") == "yes",
        fan_out=text("fan_out", "yes") == "yes",
        members=frozenset(each for each in stored.members if str(each) in ticked),
        more_members=text("more_members", ""),
        words=text("words", ""),
    )


def command_of(
    item: DeskItem, stored: RowForm, sent: RowForm, registry: StoredRegistry, *, seen_version: int
) -> tuple[SettleRow | None, list[Problem]]:
    """The command for what differs from what is stored; None with what is wrong."""
    problems: list[Problem] = []
    find = _finder(registry, problems)
    if not sent.number:
        problems.append(Problem("f-number", "number_empty"))
    if not sent.text:
        problems.append(Problem("f-text", "text_empty"))
    has_group = any(part.role == ResponsibilityRole.GROUP for part in item.parts)
    members = _members(sent, find, problems) if has_group and sent.fan_out else ()
    names, parties = _parties(stored, sent, find, problems, regroup=has_group and not sent.fan_out)
    if item.open_list and not sent.list_closed:
        problems.append(Problem("f-list_closed", "list_open"))
    elif item.open_list and parties is None and not members:
        parties = _chosen(sent, names, ())
    deadlines = _deadlines(stored, sent, problems)
    if deadlines is not None:
        deadlines = (*deadlines, *_in_text(item))
    if problems:
        return None, problems
    return (
        SettleRow(
            item_id=item.row.id,
            seen_version=seen_version,
            number=_if_changed(stored.number, sent.number),
            section=_if_changed(stored.section, sent.section),
            text=_if_changed(stored.text, sent.text),
            deadlines=deadlines,
            parties=parties,
            members=members,
            list_closed=sent.list_closed,
            names=tuple(names.values()),
            words=sent.words,
        ),
        [],
    )


def _if_changed(before: str, after: str) -> str | None:
    return after if after != before else None


Finder = Callable[[str, str], UUID | None]


def _finder(registry: StoredRegistry, problems: list[Problem]) -> Finder:
    """Look a typed name up; what the registry does not know is a problem of the field."""

    def find(typed: str, target: str) -> UUID | None:
        match: UnitMatch = registry.lookup(typed)
        unit_id = registry.unit_id(match.unit) if match.unit else None
        if unit_id is None:
            problems.append(Problem(target, "unit_unknown", {"name": typed, "alike": match.candidates[:3]}))
        return unit_id

    return find


def _names(typed: str) -> list[str]:
    for mark in BETWEEN_NAMES:
        typed = typed.replace(mark, "\n")
    return list(dict.fromkeys(name.strip() for name in typed.split("\n") if name.strip()))[:MOST_LINES]


def _members(sent: RowForm, find: Finder, problems: list[Problem]) -> tuple[UUID, ...]:
    found = [*sorted(sent.members), *(find(name, "f-more_members") for name in _names(sent.more_members))]
    if not found:
        problems.append(Problem("f-more_members", "no_members"))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _parties(
    stored: RowForm, sent: RowForm, find: Finder, problems: list[Problem], *, regroup: bool
) -> tuple[dict[str, NameMeans], PartiesChosen | None]:
    """The names that were explained, and the parties if anything about them changed."""
    names: dict[str, NameMeans] = {}
    lines: list[PartyLine] = []
    for i, line in enumerate(sent.parties):
        if line.unit_id is None and line.means:
            unit_id = find(line.means, f"f-means-{i}")
            if unit_id is not None and line.candidate_id is not None:
                names[line.printed] = NameMeans(candidate_id=line.candidate_id, unit_id=unit_id)
            line = replace(line, unit_id=unit_id)  # noqa: PLW2901  the line with its unit
        lines.append(line)
    added = [find(name, "f-adding") for name in _names(sent.adding)]
    explained = any(
        line.unit_id is not None and before.unit_id is None and line.printed not in names
        for line, before in zip(lines, stored.parties, strict=True)
    )
    changed = (
        [line.part for line in lines] != [line.part for line in stored.parties]
        or sent.leading != stored.leading
        or bool(added)
        or explained
        or regroup
    )
    if not changed:
        return names, None
    for i, line in enumerate(lines):
        if line.unit_id is None and line.part and not line.means:
            problems.append(Problem(f"f-means-{i}", "unit_unexplained", {"name": line.printed}))
    new = [(each, sent.adding_part) for each in added if each is not None]
    return names, _chosen(replace(sent, parties=tuple(lines)), names, new)


def _chosen(sent: RowForm, names: Mapping[str, NameMeans], added: Sequence[tuple[UUID, str]]) -> PartiesChosen | None:
    parts = [
        (line.unit_id or (names[line.printed].unit_id if line.printed in names else None), line.part)
        for line in sent.parties
    ]
    chosen = [(unit_id, part) for unit_id, part in (*parts, *added) if unit_id is not None]
    leads = tuple(dict.fromkeys(unit_id for unit_id, part in chosen if part == ResponsibilityRole.LEAD))
    collecting = next((unit_id for unit_id in leads if str(unit_id) == sent.leading), None)
    return PartiesChosen(
        leads=leads,
        co_units=tuple(dict.fromkeys(unit_id for unit_id, part in chosen if part == ResponsibilityRole.CO_UNIT)),
        joint_lead=sent.leading == JOINT and len(leads) > 1,
        collecting=collecting if len(leads) > 1 else None,
    )


def _deadlines(stored: RowForm, sent: RowForm, problems: list[Problem]) -> tuple[NewDeadline, ...] | None:
    if sent.deadlines == stored.deadlines:
        return None
    found = []
    for i, line in enumerate(sent.deadlines):
        if line.is_empty:
            continue
        day = _day(line.on_date)
        if line.on_date and day is None:
            problems.append(Problem(f"f-deadline-{i}-date", "date_unreadable", {"typed": line.on_date}))
        kind = line.kind or (DeadlineKind.BY_DATE if day else "")
        if kind not in set(DeadlineKind):
            problems.append(Problem(f"f-deadline-{i}-kind", "kind_missing"))
            continue
        if kind == DeadlineKind.BY_DATE and not line.on_date:
            problems.append(Problem(f"f-deadline-{i}-date", "date_missing"))
        found.append(
            NewDeadline(
                phrase=line.phrase or SET_BY_OFFICE.format(day=line.on_date or label(DeadlineKind, kind)),
                kind=DeadlineKind(kind),
                on_date=day,
                rule=line.rule,
                anchor=line.anchor or None,
                strength=Strength(line.strength) if line.strength in set(Strength) else None,
            )
        )
    return tuple(found)


def _in_text(item: DeskItem) -> list[NewDeadline]:
    """Target dates inside the text, which the form leaves as they are."""
    return [
        NewDeadline(
            phrase=each.phrase,
            kind=DeadlineKind(each.kind),
            on_date=each.on_date,
            rule=each.rule,
            anchor=each.anchor,
            strength=Strength(each.strength) if each.strength else None,
            applies_to=each.applies_to,
        )
        for each in item.deadlines
        if each.applies_to != "row"
    ]


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        return None
