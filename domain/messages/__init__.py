"""The message catalogue: what a user reads for each error code. It says what happened and what to do next.

Placeholders are the `facts` of the error. A missing fact prints as an empty string, never as an exception:
the sentence about an error must not become an error itself.

One module per topic; a topic is added to `TOPICS`. A code belongs to one topic only (a test looks).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from domain.errors import DomainError
from domain.messages import (
    assessments,
    bulletins,
    calendars,
    conferences,
    deadlines,
    delivery,
    desk,
    documents,
    escalation,
    evaluations,
    evidence,
    general,
    issued,
    items,
    lights,
    operation,
    pages,
    processes,
    replication,
    reporting,
    scheduling,
)
from domain.messages.evidence import CLASSIFICATION_NAMES
from domain.messages.fields import FIELD_PROBLEMS, FORM_FAULTS, OTHER_FIELD_PROBLEM, ROW_PROBLEMS
from domain.messages.processes import FINDINGS

__all__ = [
    "CLASSIFICATION_NAMES",
    "FINDINGS",
    "MESSAGES",
    "ROW_PROBLEMS",
    "TOPICS",
    "USUAL_FACTS",
    "field_message",
    "fields_shown",
    "finding_sentence",
    "form_fault",
    "gist_of",
    "message_for",
    "message_of",
    "row_message",
    "rows_shown",
]

TOPICS = (
    general,
    items,
    evaluations,
    evidence,
    documents,
    issued,
    processes,
    operation,
    calendars,
    lights,
    replication,
    reporting,
    escalation,
    delivery,
    scheduling,
    deadlines,
    pages,
    desk,
    assessments,
    bulletins,
    conferences,
)
MESSAGES: dict[str, str] = {code: sentence for topic in TOPICS for code, sentence in topic.MESSAGES.items()}

USUAL_FACTS = {"holder": "办公室"}
"""What a sentence says where the error does not know better."""


def row_message(code: str, facts: Mapping[str, object]) -> str:
    """The 中文 reason for refusing a row."""
    return ROW_PROBLEMS[code].format_map(defaultdict(str, facts))


def field_message(kind: str, facts: Mapping[str, object]) -> str:
    """The 中文 sentence for a field's fault by pydantic's error type."""
    return FIELD_PROBLEMS.get(kind, OTHER_FIELD_PROBLEM).format_map(defaultdict(str, facts))


def fields_shown(problems: Iterable[tuple[str, str]], *, limit: int = 3) -> str:
    """The first few faults of a form as one clause: each field with its sentence."""
    return "；".join(f"{field}：{sentence}" for field, sentence in islice(problems, limit))


def rows_shown(problems: Iterable[tuple[int, str]], *, limit: int = 5) -> str:
    """The first few faults of a spreadsheet as one clause: each row number with its sentence."""
    return "；".join(f"第{number}行{sentence}" for number, sentence in islice(problems, limit))


def message_of(code: str, facts: Mapping[str, object], *, translate: Callable[[str], str] = str) -> str:
    """The 中文 sentence of an error code, or what `translate` makes of it before the facts are filled in."""
    sentence = translate(MESSAGES.get(code, MESSAGES["domain_error"]))
    usual = {name: translate(words) for name, words in USUAL_FACTS.items()}
    return sentence.format_map(defaultdict(str, usual | dict(facts)))


def gist_of(code: str, *, translate: Callable[[str], str] = str) -> str:
    """What an error code means where its facts are not known: the first sentence, with a gap for each fact."""
    sentence = translate(MESSAGES.get(code, MESSAGES["domain_error"]))
    first = sentence.partition("。")[0]
    return first.format_map(defaultdict(lambda: "…"))


def form_fault(keyword: str, title: str, facts: Mapping[str, object]) -> str:
    """The 中文 words for one fault; `title` is the field's title in the form."""
    known: defaultdict[str, object] = defaultdict(str, facts, title=title)
    for name, value in facts.items():
        if isinstance(value, list):
            known[name] = "、".join(str(part) for part in value)
    return FORM_FAULTS.get(keyword, "“{title}”不符合要求").format_map(known)


def finding_sentence(code: str, element_id: str, args: Mapping[str, object]) -> str:
    """The 中文 sentence of a linter's finding."""
    facts: defaultdict[str, object] = defaultdict(str, args, element_id=element_id)
    return FINDINGS.get(code, "“{element_id}”有问题（{code}）。").format_map(facts | {"code": code})


def message_for(error: DomainError) -> str:
    """The 中文 sentence for `error`, its facts filled in."""
    return message_of(error.code, error.facts)
