"""The message catalogue: what a user reads for each error code. It says what happened and what to do next.

Placeholders are the `facts` of the error. A missing fact prints as an empty string, never as an exception:
the sentence about an error must not become an error itself.

One module per topic; a topic is added to `TOPICS`. A code belongs to one topic only (a test looks).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
    list_changes,
    operation,
    pages,
    processes,
    replication,
    reporting,
    scheduling,
)
from domain.messages.evidence import CLASSIFICATION_NAMES
from domain.messages.fields import (
    BETWEEN_FAULTS,
    FIELD_FAULT,
    FIELD_PROBLEMS,
    FORM_FAULTS,
    NAMES,
    OTHER_FIELD_PROBLEM,
    OTHER_FORM_FAULT,
    ROW_FAULT,
    ROW_PROBLEMS,
)
from domain.messages.processes import FINDINGS, OTHER_FINDING
from domain.telling import Said, Translate, said, side_by_side, told

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
    list_changes,
)
MESSAGES: dict[str, str] = {code: sentence for topic in TOPICS for code, sentence in topic.MESSAGES.items()}

USUAL_FACTS = {"holder": "办公室"}
"""What a sentence says where the error does not know better."""


def row_message(code: str, facts: Mapping[str, object]) -> Said:
    """The reason for refusing a row."""
    return said(ROW_PROBLEMS[code], facts)


def field_message(kind: str, facts: Mapping[str, object]) -> Said:
    """The sentence for a field's fault by pydantic's error type."""
    return said(FIELD_PROBLEMS.get(kind, OTHER_FIELD_PROBLEM), facts)


def fields_shown(problems: Iterable[tuple[str, str]], *, limit: int = 3) -> Said:
    """The first few faults of a form as one clause: each field with its sentence."""
    shown = (said(FIELD_FAULT, {"field": field, "sentence": sentence}) for field, sentence in islice(problems, limit))
    return side_by_side(shown, BETWEEN_FAULTS)


def rows_shown(problems: Iterable[tuple[int, str]], *, limit: int = 5) -> Said:
    """The first few faults of a spreadsheet as one clause: each row number with its sentence."""
    shown = (said(ROW_FAULT, {"row": number, "sentence": sentence}) for number, sentence in islice(problems, limit))
    return side_by_side(shown, BETWEEN_FAULTS)


def message_of(code: str, facts: Mapping[str, object], *, translate: Translate | None = None) -> str:
    """The 中文 sentence of an error code, or what `translate` makes of it and of the sentences among its facts."""
    sentence = _sentence(code, facts)
    return sentence if translate is None else str(told(sentence, translate))


def gist_of(code: str, *, translate: Translate = str) -> str:
    """What an error code means where its facts are not known: the first sentence, with a gap for each fact."""
    sentence = translate(MESSAGES.get(code, MESSAGES["domain_error"]))
    first = sentence.partition("。")[0]
    return first.format_map(defaultdict(lambda: "…"))


def form_fault(keyword: str, title: str, facts: Mapping[str, object]) -> Said:
    """The words for one fault; `title` is the field's title in the form."""
    known: dict[str, object] = {**facts, "title": title}
    for name, value in facts.items():
        if isinstance(value, list):
            known[name] = side_by_side((str(part) for part in value), NAMES)
    return said(FORM_FAULTS.get(keyword, OTHER_FORM_FAULT), known)


def finding_sentence(code: str, element_id: str, args: Mapping[str, object]) -> Said:
    """The sentence of a linter's finding."""
    return said(FINDINGS.get(code, OTHER_FINDING), {**args, "element_id": element_id, "code": code})


def message_for(error: DomainError) -> Said:
    """The sentence for `error`, its facts filled in."""
    return _sentence(error.code, error.facts)


def _sentence(code: str, facts: Mapping[str, object]) -> Said:
    usual = {name: said(words) for name, words in USUAL_FACTS.items()}
    return said(MESSAGES.get(code, MESSAGES["domain_error"]), usual | dict(facts))
