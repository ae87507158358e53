"""A policy as its form has it: rungs as rows, written as people say them, and what is wrong beside its field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.calendar import CalendarUnit
from domain.ladder import Base, EscalationKind, Rung
from domain.quiet_hours import QuietHours
from domain.telling import side_by_side
from services.policy_text import PolicyText
from services.queries.policies import PolicyRow
from web.visit import Submission

ROWS = "rungs"
_ROW_OF = re.compile(rf"{ROWS}\.(\d{{1,3}})\.")
BEFORE, AFTER, OPENED = "before_due", "after_due", "after_opened"

FIELD_OF: Mapping[str, str] = {
    "rung_twice": "level",
    "rung_level": "level",
    "rung_unnamed": "name",
    "rung_to_nobody": "to",
    "rung_role_unknown": "to",
    "rung_before_opening": "amount",
    "rung_too_far": "amount",
    "rung_endless": "at_most",
    "rung_repeats_without_interval": "every",
    "rung_channel_unknown": "channels",
}
"""Beside which field of a row a fault stands; all others stand above the row."""


@dataclass(frozen=True, slots=True)
class RungRow:
    """One level as typed. `faults` are the sentences by field, `""` for those of the row."""

    number: int | str
    level: str = ""
    name: str = ""
    kind: str = EscalationKind.URGE.value
    to: tuple[str, ...] = ()
    when: str = AFTER
    amount: str = ""
    unit: str = CalendarUnit.WORKING_DAYS.value
    every: str = ""
    at_most: str = ""
    channels: tuple[str, ...] = ("mail",)
    document: str = ""
    not_for: tuple[str, ...] = ()
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def fault(self, name: str) -> str:
        """What is wrong with a field; empty where nothing is."""
        return side_by_side(self.faults.get(name, ()), " ")


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """The form as it is shown. `faults` are those of no row."""

    name: str
    step: str
    opens: str
    closes: str
    working_days_only: bool
    rows: tuple[RungRow, ...]
    faults: tuple[str, ...] = ()

    @property
    def problems(self) -> list[dict[str, str]]:
        """All faults for the summary on top, each with the field that it leads to."""
        found = [{"target": "f-name", "sentence": sentence} for sentence in self.faults]
        for row in self.rows:
            found += [
                {"target": f"rung-{row.number}-{name or 'level'}", "sentence": sentence}
                for name, sentences in row.faults.items()
                for sentence in sentences
            ]
        return found


BLANK = RungRow("__n__")
"""The row that the button for one more adds."""


def form_of(policy: PolicyRow | PolicyText) -> PolicyForm:
    """The form of a policy that there is."""
    rows = tuple(_row(number, rung) for number, rung in enumerate(policy.rungs))
    return _form(policy.name, policy.step or "", policy.quiet, rows)


def new_form() -> PolicyForm:
    """The form of a policy that is to be written, with one empty level."""
    return _form("", "", QuietHours(), (RungRow(0, level="1"),))


def _form(name: str, step: str, quiet: QuietHours, rows: tuple[RungRow, ...]) -> PolicyForm:
    return PolicyForm(name, step, f"{quiet.opens:%H:%M}", f"{quiet.closes:%H:%M}", quiet.working_days_only, rows)


def _row(number: int, rung: Rung) -> RungRow:
    when = OPENED if rung.base is Base.OPENED else BEFORE if rung.amount < 0 else AFTER
    return RungRow(
        number=number,
        level=str(rung.level),
        name=rung.name,
        kind=rung.kind.value,
        to=tuple(role.value for role in rung.to),
        when=when,
        amount=str(abs(rung.amount)),
        unit=rung.unit.value,
        every=str(rung.every) if rung.every else "",
        at_most=str(rung.at_most) if rung.every else "",
        channels=rung.channels,
        document=rung.document.value if rung.document else "",
        not_for=tuple(strength.value for strength in rung.not_for),
    )


def sent_form(visit: Submission) -> PolicyForm:
    """The form as it was sent; with one more row where its button was pressed. Rows that are empty are left out."""
    numbers = sorted({int(found[1]) for name in visit.form if (found := _ROW_OF.match(name))})
    rows = [_sent_row(visit, number) for number in numbers]
    kept = [row for row in rows if row.level or row.name or row.amount]
    highest = max((int(row.level) for row in kept if row.level.isdecimal()), default=0)
    # A row that was added has no level yet: it comes after the highest.
    unnumbered = (row for row in kept if not row.level)
    levels = {row.number: str(level) for level, row in enumerate(unnumbered, highest + 1)}
    kept = [replace(row, level=levels.get(row.number, row.level)) for row in kept]
    if visit.text("add_row"):
        kept.append(RungRow(max(numbers, default=-1) + 1))
    return PolicyForm(
        name=visit.text("name"),
        step=visit.text("step"),
        opens=visit.text("opens"),
        closes=visit.text("closes"),
        working_days_only=bool(visit.text("working_days_only")),
        rows=tuple(kept),
    )


def _sent_row(visit: Submission, number: int) -> RungRow:
    def text(name: str) -> str:
        return visit.text(f"{ROWS}.{number}.{name}")

    def texts(name: str) -> tuple[str, ...]:
        return tuple(visit.texts(f"{ROWS}.{number}.{name}"))

    return RungRow(
        number=number,
        level=text("level"),
        name=text("name"),
        kind=text("kind"),
        to=texts("to"),
        when=text("when"),
        amount=text("amount"),
        unit=text("unit"),
        every=text("every"),
        at_most=text("at_most"),
        channels=texts("channels"),
        document=text("document"),
        not_for=texts("not_for"),
    )


def policy_mapping(form: PolicyForm, kind: str) -> dict[str, Any]:
    """The form as `read_policy` reads a policy."""
    return {
        "subject_kind": kind,
        "step": form.step or None,
        "name": form.name,
        "quiet": {"opens": form.opens, "closes": form.closes, "working_days_only": form.working_days_only},
        "rungs": [_rung_mapping(row) for row in form.rows],
    }


def _rung_mapping(row: RungRow) -> dict[str, Any]:
    amount = _whole(row.amount or "0")
    before = row.when == BEFORE and isinstance(amount, int)
    every = _whole(row.every or "0")
    return {
        "level": _whole(row.level),
        "name": row.name,
        "kind": row.kind,
        "to": list(row.to),
        "amount": -amount if before and isinstance(amount, int) else amount,
        "unit": row.unit,
        "base": Base.OPENED.value if row.when == OPENED else Base.DUE.value,
        "every": every,
        "at_most": _whole(row.at_most) if row.at_most else (0 if every else 1),
        # Only the inbox, which everything is in, is said by naming it.
        "channels": list(row.channels) or ["inbox"],
        "document": row.document or None,
        "not_for": list(row.not_for),
    }


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def with_faults(form: PolicyForm, faults: Sequence[Mapping[str, Any]]) -> PolicyForm:
    """The form with the faults of `PolicyRefused` beside what they are about."""
    rows = []
    for row in form.rows:
        level = _whole(row.level)
        own = [each for each in faults if each["level"] == (level if isinstance(level, int) else 0)]
        by_field: dict[str, list[str]] = {}
        for each in own:
            by_field.setdefault(FIELD_OF.get(each["code"], ""), []).append(each["reason"])
        rows.append(replace(row, faults=by_field))
    of_none = tuple(each["reason"] for each in faults if each["level"] is None)
    return replace(form, rows=tuple(rows), faults=of_none)
