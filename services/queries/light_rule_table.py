"""The rules by which a list's items get their lights, in words: which table counts, its rows, who published it when."""

from dataclasses import dataclass
from uuid import UUID

from bpmn.decisions import read_table
from db.tables import LightRuleSet, TaskList
from domain.errors import NotFound
from domain.light_words import condition_words
from domain.lights import FACTS
from domain.permissions import Permission, is_allowed
from services.light_rules import parsed
from services.queries.light_check import RulesVersion, rules_versions
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A row: the light it gives, the words that it is told with, and what it asks for, all of which must hold."""

    number: int
    light: str
    words: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRules:
    """The rules of a list. `counting` is the version that counts now, whose rows, the upper one first, are `rules`."""

    list_id: UUID
    versions: tuple[RulesVersion, ...]
    counting: RulesVersion
    rules: tuple[RuleInWords, ...]
    source: str
    may_publish: bool


def list_rules(reading: Reading, list_id: UUID) -> ListRules | None:
    """The rules that a list has or falls back to; None before the clock has put the shipped ones there. Raises
    NotFound.
    """
    versions = rules_versions(reading, list_id)
    counting = next((version for version in versions if version.counts), None)
    if counting is None:
        return None
    source = rules_file(reading, list_id, counting.id)
    office = reading.session.get_one(TaskList, list_id).office_unit_id
    return ListRules(
        list_id=list_id,
        versions=versions,
        counting=counting,
        rules=rules_in_words(source),
        source=source.decode(),
        may_publish=is_allowed(reading.actor, Permission.LIGHT_RULE_PUBLISH, unit_id=office),
    )


def rules_file(reading: Reading, list_id: UUID, version_id: int) -> bytes:
    """The DMN file of one of a list's versions. Raises NotFound."""
    if version_id not in {version.id for version in rules_versions(reading, list_id)}:
        raise NotFound(f"rules {version_id}")
    return reading.session.get_one(LightRuleSet, version_id).content


def rules_in_words(content: bytes) -> tuple[RuleInWords, ...]:
    """The rows of a DMN file. Raises ModelRefused, LightRulesRefused with every reason."""
    parsed(content)
    table = read_table(content)
    known = {fact.name: fact for fact in FACTS}
    facts = [known[name] for name in table.facts]
    return tuple(
        RuleInWords(number, row.outcome, row.words, condition_words(row.cells, facts))
        for number, row in enumerate(table.rows, 1)
    )
