"""A policy as a file has it, read into its values: every word that there is not is a fault with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from domain.calendar import CalendarUnit
from domain.items import Strength
from domain.ladder import (
    Base,
    EscalationDocument,
    EscalationKind,
    PolicyProblem,
    Rung,
    RungRole,
    SubjectKind,
)
from domain.quiet_hours import QuietHours
from services.policies import checked, refuse
from services.policy_book import stored_hours

Value = TypeVar("Value", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy without a list: what `SavePolicy` and the preview need."""

    kind: SubjectKind
    step: str | None
    name: str
    quiet: QuietHours
    rungs: tuple[Rung, ...]


def read_policy(given: Mapping[str, Any]) -> PolicyText:
    """Read a policy. Raises PolicyRefused with everything that is wrong with it."""
    reader = _Reader()
    kind = reader.one(SubjectKind, given, "subject_kind", None) or SubjectKind.WORK_ITEM
    rows = given.get("rungs")
    rungs = tuple(reader.rung(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, Sequence) else ()
    step = str(given["step"]) if given.get("step") else None
    quiet = reader.hours(given.get("quiet") or {})
    refuse([*reader.problems, *checked(kind, step, rungs)])
    return PolicyText(kind, step, str(given.get("name") or ""), quiet, rungs)


def as_mapping(
    kind: SubjectKind, step: str | None, name: str, quiet: QuietHours, rungs: Sequence[Rung]
) -> dict[str, object]:
    """A policy in the form that `read_policy` reads."""
    rows = [{**asdict(rung), "to": list(rung.to), "not_for": list(rung.not_for)} for rung in rungs]
    return {"subject_kind": kind.value, "step": step, "name": name, "quiet": stored_hours(quiet), "rungs": rows}


class _Reader:
    """Collects what is wrong while it reads; a wrong value is read as some value, so that the rest is checked too."""

    def __init__(self) -> None:
        self.problems: list[PolicyProblem] = []

    def rung(self, row: Mapping[str, Any]) -> Rung:
        level = row.get("level")
        level = level if isinstance(level, int) else 0
        to = [role for each in self.several(row, "to") if (role := self.role(each, level)) is not None]
        # Repeating without a number of times is without an end.
        every = self.number(row, "every", level)
        at_most = self.number(row, "at_most", level, default=0 if every else 1)
        return Rung(
            level=level,
            name=str(row.get("name") or ""),
            kind=self.one(EscalationKind, row, "kind", level) or EscalationKind.URGE,
            to=tuple(to),
            amount=self.number(row, "amount", level),
            unit=self.one(CalendarUnit, row, "unit", level, CalendarUnit.WORKING_DAYS) or CalendarUnit.WORKING_DAYS,
            base=self.one(Base, row, "base", level, Base.DUE) or Base.DUE,
            every=every,
            at_most=at_most,
            channels=tuple(map(str, self.several(row, "channels"))) or ("mail",),
            document=self.one(EscalationDocument, row, "document", level) if row.get("document") else None,
            not_for=tuple(
                found
                for each in self.several(row, "not_for")
                if (found := self.one(Strength, {"not_for": each}, "not_for", level)) is not None
            ),
        )

    def role(self, value: object, level: int) -> RungRole | None:
        """Whom a level goes to; an unknown role would be nobody."""
        try:
            return RungRole(str(value))
        except ValueError:
            self.problems.append(PolicyProblem("rung_role_unknown", level, {"role": value, "roles": _listed(RungRole)}))
            return None

    def one(
        self, kind: type[Value], row: Mapping[str, Any], name: str, level: int | None, default: Value | None = None
    ) -> Value | None:
        """The value of a field that has only some; the default where the field is missing and there is one."""
        value = row.get(name)
        if value is None and default is not None:
            return default
        try:
            return kind(str(value))
        except ValueError:
            self._unknown(level, name, value, _listed(kind))
            return None

    def number(self, row: Mapping[str, Any], name: str, level: int, default: int = 0) -> int:
        """A whole number."""
        value = row.get(name)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._unknown(level, name, value, "…-1, 0, 1…")
        return default

    def several(self, row: Mapping[str, Any], name: str) -> Sequence[object]:
        """The values of a list; one value alone is a list of one."""
        value = row.get(name) or ()
        return [value] if isinstance(value, str) else list(value) if isinstance(value, Sequence) else []

    def hours(self, given: Mapping[str, Any]) -> QuietHours:
        """When messages go out."""
        usual = QuietHours()
        try:
            return QuietHours(
                time.fromisoformat(str(given.get("opens", usual.opens))),
                time.fromisoformat(str(given.get("closes", usual.closes))),
                bool(given.get("working_days_only", True)),
            )
        except ValueError:
            self.problems.append(PolicyProblem("quiet_hours_empty"))
            return usual

    def _unknown(self, level: int | None, name: str, value: object, allowed: str) -> None:
        facts = {"field": name, "value": "" if value is None else value, "allowed": allowed}
        self.problems.append(
            PolicyProblem("rung_value_unknown" if level is not None else "value_unknown", level, facts)
        )


def _listed(kind: type[StrEnum]) -> str:
    return ", ".join(each.value for each in kind)
