"""Addresses of lists: every filter stands in the address, so that it can be kept, sent on and gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class ListAddress:
    """A page's path with its filters. What is empty or None is left out."""

    path: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        query = self.query
        return f"{self.path}?{query}" if query else self.path

    @property
    def query(self) -> str:
        """The part behind the question mark."""
        return urlencode({name: str(value) for name, value in self.params.items() if value not in (None, "")})

    def but(self, **changes: object) -> "ListAddress":
        """The same list with other filters; a change to one begins at the first page again."""
        return ListAddress(self.path, {**self.params, "cursor": None, **changes})
