"""The rows of a report sheet as fields of one form, and what comes back from it.

The fields of a row are those of its step's form, named `form.<work item>.<field>`. Beside them each row says in `row`
what its writer saw: the work item's version, the draft's version, and a digest of what stood in the fields. A row that
was not touched is not saved, so that two people of a unit can write the rows of one sheet at the same time.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from domain.errors import DomainError, InvalidForm
from services.queries.sheets import SheetRow
from services.sheets import SheetStep
from web.forms import PREFIX, FormField, FormView, form_view, sent_values

SEEN = "row"
WRITTEN = frozenset({SheetStep.CONTRIBUTE, SheetStep.CONSOLIDATE})
"""The steps in which a row is written; in the others it is decided."""
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What the writer of a row saw: versions of the work item and of its draft, and a digest of the fields."""

    work_item_id: UUID
    version: int
    draft: int
    digest: str

    @classmethod
    def read(cls, text: str) -> "Seen | None":
        """From the hidden field of a row; None where it says something else."""
        parts = text.split(":")
        if len(parts) != _PARTS or not parts[1].isdecimal() or not parts[2].isdecimal():
            return None
        try:
            return cls(UUID(parts[0]), int(parts[1]), int(parts[2]), parts[3])
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.work_item_id}:{self.version}:{self.draft}:{self.digest}"


def seen_rows(form: FormData) -> dict[UUID, Seen]:
    """What was seen of each row of the form."""
    read = (Seen.read(text) for text in form.getlist(SEEN) if isinstance(text, str))
    return {seen.work_item_id: seen for seen in read if seen is not None}


def digest_of(values: Mapping[str, Any]) -> str:
    """Short, and the same for the same values."""
    content = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def values_of(row: SheetRow) -> dict[str, Any]:
    """What stands in the fields of a row before anybody types: its draft, the draft that its step was overtaken with,
    or, where it came back, what was handed in before.
    """
    if row.draft is not None and row.draft.version:
        form = row.draft.form
    elif row.draft is not None and row.draft.earlier is not None:
        form = row.draft.earlier.form
    else:
        form = row.handed_in.form if row.returned is not None and row.handed_in is not None else {}
    return {name: value for name, value in form.items() if value is not None}


def drafted(row: SheetRow) -> dict[str, Any]:
    """What the row's draft holds."""
    form = row.draft.form if row.draft is not None else {}
    return {name: value for name, value in form.items() if value is not None}


def typed_values(schema: Mapping[str, Any], form: FormData, work_item_id: UUID) -> dict[str, Any]:
    """The values of one row as its schema types them."""
    prefix = f"{PREFIX}{work_item_id}."
    own = [(PREFIX + name.removeprefix(prefix), value) for name, value in form.multi_items() if name.startswith(prefix)]
    return sent_values(schema, FormData(own))


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row that is being written. `refused` is why it was not saved or handed in; `stale` says that somebody else
    saved it meanwhile, and the row's draft is then theirs, the fields one's own.
    """

    row: SheetRow
    view: FormView
    seen: str
    filled: bool
    refused: DomainError | None = None
    stale: bool = False


def written_row(
    row: SheetRow,
    schema: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] | None = None,
    refused: DomainError | None = None,
    keep: Seen | None = None,
) -> WrittenRow:
    """A row with its fields, filled with what was typed or with what was saved. `keep` is what its writer had seen,
    where they still have to decide between their text and somebody else's.
    """
    assert row.work_item_id is not None
    values = dict(typed) if typed is not None else values_of(row)
    view = form_view(schema, values, refused=refused if isinstance(refused, InvalidForm) else None)
    fields = tuple(_of_row(each, row.work_item_id) for each in view.fields)
    saved = values if typed is None else drafted(row)
    seen = Seen(row.work_item_id, row.seen_version or 1, row.draft.version if row.draft else 0, digest_of(saved))
    return WrittenRow(
        row, replace(view, fields=fields), str(keep or seen), bool(values), refused=refused, stale=keep is not None
    )


def _of_row(field: FormField, work_item_id: UUID) -> FormField:
    return replace(
        field,
        name=f"{PREFIX}{work_item_id}.{field.name.removeprefix(PREFIX)}",
        rows=tuple(tuple(_of_row(part, work_item_id) for part in row) for row in field.rows),
        blank=tuple(_of_row(part, work_item_id) for part in field.blank),
    )
