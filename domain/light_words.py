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

_ANY = frozenset({"", "-"})
"""Cells that ask nothing."""


def light_words(judgement: Judgement) -> str:
    """The light, the numbers and the rule in one sentence: yellow, with what is expected, what is reported and the
    lag, and in brackets the rule's own words.
    """
    head = label(Light, judgement.light)
    if judgement.code in set(NotJudged):
        return _words("rule", light=head, rule=_not_judged(judgement))
    numbers = COMMA.join(_numbers(judgement))
    return _words("numbers" if numbers else "rule", light=head, numbers=numbers, rule=judgement.rule)


def _words(part: str, **facts: object) -> str:
    return LIGHT_WORDS[part].format_map(facts)


def _not_judged(judgement: Judgement) -> str:
    word = label(NotJudged, judgement.code)
    since, whom = (judgement.facts.get(name) for name in ("paused_on", "waiting_for"))
    if since is None:
        return word
    return _words("paused_for" if whom else "paused", word=word, since=_day(since), whom=whom)


def _numbers(judgement: Judgement) -> Iterator[str]:
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


def _schedule(facts: Mapping[str, object]) -> Iterator[str]:
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


def condition_words(cells: Sequence[str], facts: Sequence[FactRange]) -> tuple[str, ...]:
    """What a row of a checked table asks for, a phrase for each fact it asks; one for a row that asks nothing."""
    asked = tuple(
        _condition(fact, parse_cell(cell, fact)) for cell, fact in zip(cells, facts, strict=True) if cell not in _ANY
    )
    return asked or (CONDITION_WORDS["always"],)


def _condition(fact: FactRange, cell: Cell) -> str:
    values = [_span(low, high, fact) for low, high in cell.spans]
    values += [DEADLINE_CLASS_NAMES.get(v, v) for v in fact.texts if v in cell.literals]
    values += [_value(v) for v in (True, False) if v in cell.literals]
    values += [CONDITION_WORDS["missing"]] if cell.missing else []
    name = FACT_NAMES.get(fact.name, fact.name)
    part = "is_not" if cell.inverted else "is"
    return CONDITION_WORDS[part].format(fact=name, values=EITHER.join(values))


def _span(low: int, high: int, fact: FactRange) -> str:
    if low == high:
        part = "exactly"
    elif high >= fact.high:
        part = "at_least"
    else:
        part = "at_most" if low <= fact.low else "between"
    return CONDITION_WORDS[part].format(low=low, high=high)


def findings_words(findings: Iterable[Finding], *, limit: int = 5) -> str:
    """Why a table is refused, a sentence for each of the first findings."""
    sentences = [_finding(finding) for finding in findings]
    more = len(sentences) - limit
    return "".join(sentences[:limit]) + (_words("more_findings", count=more) if more > 0 else "")


def _finding(finding: Finding) -> str:
    args = {name: _shown(value) for name, value in finding.args.items()}
    if finding.code != "fact_unknown" and "fact" in args:
        args["fact"] = FACT_NAMES.get(str(finding.args["fact"]), args["fact"])
    return LIGHT_RULE_FINDINGS[finding.code].format_map({"row": finding.row, **args})


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return COMMA.join(f"{FACT_NAMES.get(str(name), name)}={_value(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ENUMERATION.join(str(part) for part in value)
    return str(value)


def _value(value: object) -> str:
    if value is None:
        return _words("none")
    if isinstance(value, bool):
        return _words("yes" if value else "no")
    return str(value)
