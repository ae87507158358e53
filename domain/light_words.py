"""Lights in words: what a page, a spreadsheet and a mail say beside the colour, and why a table of rules is refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from domain.decision_tables import Cell, FactRange, Finding, parse_cell
from domain.labels import label
from domain.lights import Judgement, Light, NotJudged
from domain.messages.lights import (
    COMMA,
    CONDITION_WORDS,
    DEADLINE_CLASS_NAMES,
    EITHER,
    ENUMERATION,
    FACT_NAMES,
    LIGHT_RULE_FINDINGS,
    LIGHT_WORDS,
)
from domain.telling import Said, said, side_by_side

_ANY = frozenset({"", "-"})
"""Cells that ask nothing."""


def light_words(judgement: Judgement) -> Said:
    """The light, the numbers and the rule in one sentence: yellow, with what is expected, what is reported and the
    lag, and in brackets the rule's own words.
    """
    head = said(label(Light, judgement.light))
    if judgement.code in set(NotJudged):
        return _words("rule", light=head, rule=_not_judged(judgement))
    numbers = side_by_side(_numbers(judgement), COMMA)
    return _words("numbers" if numbers else "rule", light=head, numbers=numbers, rule=said(judgement.rule))


def _words(part: str, **facts: object) -> Said:
    return said(LIGHT_WORDS[part], facts)


def _not_judged(judgement: Judgement) -> Said:
    word = said(label(NotJudged, judgement.code))
    since, whom = (judgement.facts.get(name) for name in ("paused_on", "waiting_for"))
    if since is None:
        return word
    return _words("paused_for" if whom else "paused", word=word, since=_day(since), whom=whom)


def _numbers(judgement: Judgement) -> Iterator[Said]:
    """The numbers that the rule asked for, each with its comparison; the schedule always, where there is one."""
    facts, asked = judgement.facts, set(judgement.asked)
    late = facts.get("overdue_days")
    if isinstance(late, int) and late > 0:
        yield _words("overdue", due=_day(facts.get("due_on")), days=late)
    yield from _schedule(facts)
    left = facts.get("working_days_to_due")
    if isinstance(left, int) and left >= 0 and {"days_to_due", "working_days_to_due"} & asked:
        yield _words("last_day" if facts.get("days_to_due") == 0 else "days_left", days=left)
    for name in ("missing_reports", "behind_before"):
        if facts.get(name) and name in asked:
            yield _words(name, count=facts[name])


def _schedule(facts: Mapping[str, object]) -> Iterator[Said]:
    expected, reported, lag = (facts.get(name) for name in ("expected_percent", "reported_percent", "lag"))
    if isinstance(lag, int):
        words = _words("behind" if lag > 0 else "ahead" if lag < 0 else "even", points=abs(lag))
        # Compared on the report's own day: without it an overdue item would seem to be ahead today.
        measured = _day(facts.get("measured_on"))
        yield _words("schedule", measured=measured, expected=expected, reported=reported, lag=words)
    elif expected is not None:
        yield _words("no_report", expected=expected)
    elif reported is not None:
        yield _words("reported", reported=reported)


def _day(value: object) -> str:
    if value is None:
        return ""
    return _words("day", day=date.fromisoformat(str(value)))


def condition_words(cells: Sequence[str], facts: Sequence[FactRange]) -> tuple[Said, ...]:
    """What a row of a checked table asks for, a phrase for each fact it asks; one for a row that asks nothing."""
    asked = tuple(
        _condition(fact, parse_cell(cell, fact)) for cell, fact in zip(cells, facts, strict=True) if cell not in _ANY
    )
    return asked or (said(CONDITION_WORDS["always"]),)


def _condition(fact: FactRange, cell: Cell) -> Said:
    values: list[str] = [_span(low, high, fact) for low, high in cell.spans]
    values += [said(DEADLINE_CLASS_NAMES.get(v, v)) for v in fact.texts if v in cell.literals]
    values += [_value(v) for v in (True, False) if v in cell.literals]
    values += [said(CONDITION_WORDS["missing"])] if cell.missing else []
    name = said(FACT_NAMES.get(fact.name, fact.name))
    part = "is_not" if cell.inverted else "is"
    return said(CONDITION_WORDS[part], {"fact": name, "values": side_by_side(values, EITHER)})


def _span(low: int, high: int, fact: FactRange) -> Said:
    if low == high:
        part = "exactly"
    elif high >= fact.high:
        part = "at_least"
    else:
        part = "at_most" if low <= fact.low else "between"
    return said(CONDITION_WORDS[part], {"low": low, "high": high})


def findings_words(findings: Iterable[Finding], *, limit: int = 5) -> Said:
    """Why a table is refused, a sentence for each of the first findings."""
    sentences = [finding_words(finding, FACT_NAMES) for finding in findings]
    more = len(sentences) - limit
    rest = [_words("more_findings", count=more)] if more > 0 else []
    return side_by_side(sentences[:limit] + rest)


def finding_words(finding: Finding, names: Mapping[str, str]) -> Said:
    """Why a decision table is refused: the sentence of one finding. `names` are what its facts are called."""
    args = {name: value_words(value, names) for name, value in finding.args.items()}
    if finding.code != "fact_unknown" and "fact" in args:
        args["fact"] = said(names.get(str(finding.args["fact"]), str(finding.args["fact"])))
    return said(LIGHT_RULE_FINDINGS[finding.code], {"row": finding.row, **args})


def value_words(value: object, names: Mapping[str, str]) -> str:
    """What a finding quotes: one value, several, or an example of facts with their values."""
    if isinstance(value, Mapping):
        pairs = value.items()
        parts = (side_by_side((said(names.get(str(n), str(n))), _value(part)), "=") for n, part in pairs)
        return side_by_side(parts, COMMA)
    if isinstance(value, list | tuple):
        return side_by_side((str(part) for part in value), ENUMERATION)
    return _value(value)


def _value(value: object) -> str:
    if value is None:
        return _words("none")
    if isinstance(value, bool):
        return _words("yes" if value else "no")
    return str(value)
