"""What is to be translated: the texts of the templates by area, and the words of catalogues and models."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from bpmn.bundle import SHIPPED, Bundle
from bpmn.decisions import read_table, shipped_table
from domain.labels import ACTS as ACTS_ON_ITEMS
from domain.labels import ASIDE, FLAG_WORDS, LABELS
from domain.messages import MESSAGES, USUAL_FACTS, fields, lights
from domain.messages.bulletins import STATES as BULLETIN_STATES
from domain.messages.commands import COMMAND_NAMES
from domain.messages.conferences import OUTCOMES as COORDINATION_OUTCOMES
from domain.messages.escalation import POLICY_PROBLEMS
from domain.messages.evaluation_documents import TAKEN_WORDS
from domain.messages.evaluations import (
    FACT_LABELS,
    FAMILY_LABELS,
    FAULTS,
    NOTHING_REASONS,
    OUTSIDE_LABELS,
    REMARK_LABELS,
)
from domain.messages.issued import SERIES_WORDS
from domain.messages.processes import FINDINGS, OTHER_FINDING
from domain.messages.replication import ACTS, ADOPTION_NAMES, ANSWERS, RANGE_NAMES, RESULTS, STATE_NAMES
from domain.messages.reporting import RHYTHM_PROBLEMS
from domain.messages.scheduling import SWEEP_NAMES
from services.queries.steps import listed
from web.templating import FOLDER as TEMPLATES
from web.translations import FOLDER as LOCALE
from web.translations import Language

SHARED = "shell"
"""The area of what every page has: shell, macros, errors."""
_OF_EVERY_PAGE = frozenset({"errors", "macros", "notices", "shell"})
_METHOD = "jinja2.ext:babel_extract"
_OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}

SENTENCE_PARTS = (
    fields.FIELD_PROBLEMS,
    fields.FORM_FAULTS,
    fields.ROW_PROBLEMS,
    FINDINGS,
    lights.LIGHT_RULE_FINDINGS,
    lights.FACT_NAMES,
    lights.DEADLINE_CLASS_NAMES,
    lights.CONDITION_WORDS,
    lights.LIGHT_WORDS,
    FAULTS,
    NOTHING_REASONS,
    RHYTHM_PROBLEMS,
    POLICY_PROBLEMS,
    STATE_NAMES,
    ACTS,
    ASIDE,
)
"""What the sentences of the catalogue are filled with: faults of fields, forms, rows, models, tables and schemes."""
SENTENCE_MARKS = (
    fields.OTHER_FIELD_PROBLEM,
    fields.FIELD_FAULT,
    fields.ROW_FAULT,
    fields.BETWEEN_FAULTS,
    fields.OTHER_FORM_FAULT,
    fields.NAMES,
    OTHER_FINDING,
    lights.COMMA,
    lights.ENUMERATION,
    lights.EITHER,
)

Message = str | tuple[str, ...]


def messages_by_area() -> dict[str, list[Message]]:
    """Every text by the catalogue it belongs to. An area of the pages is a folder of templates."""
    found: dict[str, list[Message]] = {
        "words": list(_words()),
        "models": list(_of_models()),
        "sentences": [*MESSAGES.values(), *USUAL_FACTS.values(), *_parts_of_sentences()],
    }
    for path in sorted(TEMPLATES.rglob("*.html")):
        folder = path.relative_to(TEMPLATES).parts[0]
        area = SHARED if folder in _OF_EVERY_PAGE or folder.endswith(".html") else folder
        found.setdefault(area, []).extend(_of_template(path))
    everywhere = {each for area in ("words", SHARED) for each in found[area]}
    return {
        area: [each for each in dict.fromkeys(messages) if area in {"words", SHARED} or each not in everywhere]
        for area, messages in sorted(found.items())
    }


def _of_template(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract(_METHOD, file, keywords=_KEYWORDS, options=_OPTIONS):
            yield message if isinstance(message, str) else tuple(message)


def _words() -> Iterable[str]:
    yield from (word for words in LABELS.values() for word in words.values())
    yield from SWEEP_NAMES.values()
    yield from FLAG_WORDS.values()
    yield from (name for name, _pattern in SERIES_WORDS.values())
    yield from COMMAND_NAMES.values()
    for each in (ADOPTION_NAMES, RANGE_NAMES, RESULTS, ANSWERS, BULLETIN_STATES, COORDINATION_OUTCOMES, ACTS_ON_ITEMS):
        yield from each.values()
    for each in (FACT_LABELS, FAMILY_LABELS, OUTSIDE_LABELS, REMARK_LABELS, TAKEN_WORDS):
        yield from each.values()


def _parts_of_sentences() -> Iterable[str]:
    for parts in SENTENCE_PARTS:
        yield from parts.values()
    yield from SENTENCE_MARKS


def _of_models() -> Iterator[str]:
    """Names of steps and decisions, and the words of forms, of the models that come with the program."""
    for key in SHIPPED:
        bundle = Bundle.shipped(key)
        for task in bundle.user_tasks.values():
            yield task.name
            yield from listed(task.properties.get("decision_labels", ""))
            form = bundle.form(task.properties["form"]) if task.properties.get("form") else None
            if form is not None:
                yield from _of_form(form)
    yield from (row.words for row in read_table(shipped_table("lights")).rows)


def _of_form(schema: object) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    hints = schema.get("x-ui", {})
    yield from (text for text in (schema.get("title"), schema.get("description"), hints.get("help")) if text)
    yield from hints.get("labels", {}).values()
    for part in schema.get("properties", {}).values():
        yield from _of_form(part)
    yield from _of_form(schema.get("items"))


def untranslated(language: Language = Language.ENGLISH) -> dict[str, list[str]]:
    """The texts without a translation, by area."""
    missing = {}
    for area, messages in messages_by_area().items():
        catalogue = _catalogue(area, language)
        without = [_first(message) for message in messages if not _is_translated(catalogue, message)]
        if without:
            missing[area] = without
    return missing


def update(language: Language = Language.ENGLISH) -> None:
    """Write each area's catalogue anew: new texts added, texts that are gone removed, translations kept."""
    for area, messages in messages_by_area().items():
        old = _catalogue(area, language)
        fresh = Catalog(locale=language.value, charset="utf-8", fuzzy=False)
        for message in messages:
            known = old.get(_first(message))
            fresh.add(message, known.string if known is not None else None)
        with (LOCALE / language.value / f"{area}.po").open("wb") as file:
            write_po(file, fresh, no_location=True, sort_output=True, omit_header=True, width=0)


def _catalogue(area: str, language: Language) -> Catalog:
    path = LOCALE / language.value / f"{area}.po"
    if not path.is_file():
        return Catalog(locale=language.value)
    with path.open("rb") as file:
        return read_po(file, locale=language.value)


def _first(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def _is_translated(catalogue: Catalog, message: Message) -> bool:
    known = catalogue.get(_first(message))
    if known is None:
        return False
    return all(known.string) if isinstance(known.string, tuple | list) else bool(known.string)
