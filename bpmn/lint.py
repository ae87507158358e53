"""Findings about a model before it is published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.specs import parse
from domain.errors import ModelRefused


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a publisher has to know. `severity` is "error" (refuses publishing) or "warning"."""

    code: str
    severity: str
    element_id: str
    args: Mapping[str, Any] = field(default_factory=dict)


def lint(files: Mapping[str, bytes], key: str, previous: Mapping[str, bytes] | None) -> list[Finding]:
    """The findings of a bundle, compared with the previous version's files if there is one."""
    try:
        parse(files, key)
    except ModelRefused as error:
        return [Finding("model_refused", "error", key, {**error.facts, "compared": previous is not None})]
    return []
