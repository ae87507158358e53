"""When a step that several parties sign is decided.

A BPMN user task has one work item per party; the token moves once, when the rule over the parties' decisions
says so. The counting is SQL's; this is the judgement over the counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Shares are written with two digits: 0.67 of three parties means two of them, not three.
WRITTEN_TO = 0.005


class RuleKind(StrEnum):
    """`all` and `any` count parties, `ratio` the share of favourable parties, `weighted` the share of weight."""

    ALL = "all"
    ANY = "any"
    RATIO = "ratio"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True)
class SigningRule:
    """`threshold` is the share (0..1] that `ratio` and `weighted` ask for.

    `adverse` is the decision that counts against; with `veto` the first one decides.
    """

    kind: RuleKind
    threshold: float = 1.0
    adverse: str | None = None
    veto: bool = False

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "SigningRule":
        """The rule in a user task's properties, e.g. `rule=ratio:0.67 adverse=return veto=yes`.

        Raises ValueError for a rule that does not exist.
        """
        kind, _, threshold = properties.get("rule", "any").partition(":")
        return cls(
            RuleKind(kind),
            float(threshold) if threshold else 1.0,
            properties.get("adverse") or None,
            properties.get("veto") == "yes",
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How the parties of one open user task stand. Weights are the parties' own (1 where none is set)."""

    parties: int
    answered: int
    adverse: int
    weight: float = 0.0
    weight_for: float = 0.0
    weight_against: float = 0.0


class Verdict(StrEnum):
    """What the rule says of a tally."""

    OPEN = "open"
    CARRIED = "carried"
    REFUSED = "refused"


def judge(rule: SigningRule, tally: Tally) -> Verdict:
    """Whether the step is decided.

    Silence is never consent (`domain.md` P1 step 3): an unanswered party keeps `all` open. A ratio is refused as
    soon as the parties that are left cannot carry it any more.
    """
    if rule.veto and tally.adverse:
        return Verdict.REFUSED
    favourable = tally.answered - tally.adverse
    silent = tally.parties - tally.answered
    if rule.kind is RuleKind.ANY:
        return Verdict.CARRIED if favourable else (Verdict.OPEN if silent else Verdict.REFUSED)
    if rule.kind is RuleKind.ALL:
        if silent:
            return Verdict.OPEN
        return Verdict.REFUSED if tally.adverse else Verdict.CARRIED
    if rule.kind is RuleKind.RATIO:
        total, reached, lost = float(tally.parties), float(favourable), float(tally.adverse)
    else:
        total, reached, lost = tally.weight, tally.weight_for, tally.weight_against
    need = (rule.threshold - WRITTEN_TO) * total
    if reached >= need:
        return Verdict.CARRIED
    return Verdict.OPEN if silent and total - lost >= need else Verdict.REFUSED
