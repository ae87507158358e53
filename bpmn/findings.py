"""What the linter says about a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a publisher has to know.

    `severity` is "error" (publishing is refused) or "warning". `element_id` is the id in the drawing, or a file's
    path. `args` fill the sentence for `code` in `domain.messages.FINDINGS`.
    """

    code: str
    severity: str
    element_id: str
    args: Mapping[str, Any] = field(default_factory=dict)


def error(code: str, element_id: str, **args: Any) -> Finding:
    """A finding that refuses publishing."""
    return Finding(code, "error", element_id, args)


def warning(code: str, element_id: str, **args: Any) -> Finding:
    """A finding to look at."""
    return Finding(code, "warning", element_id, args)
