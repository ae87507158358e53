"""The list of evidence of a dossier: every piece with its hash, and which files go with the paper."""

from typing import Any
from uuid import UUID

from domain.evidence import Classification, EvidenceKind
from domain.messages import CLASSIFICATION_NAMES
from domain.messages.dossiers import EVIDENCE_STATES
from services.dossier_processes import day
from services.queries.evidence import EvidenceRow, evidence_of_item
from services.queries.reading import Reading


def evidence_of(reading: Reading, item_id: UUID, *, attached: bool) -> tuple[list[dict[str, Any]], tuple[UUID, ...]]:
    """The rows of the list, numbered from 1 in the order in which they came, and the evidence whose files go along.

    What was expunged is listed with its hash and nothing else of it: that it was here is part of the record.
    """
    rows = evidence_of_item(reading, item_id)
    listed = [_listed(number, row, attached=attached) for number, row in enumerate(rows, 1)]
    files = tuple(row.id for row, made in zip(rows, listed, strict=True) if made["state"] == "attached")
    return listed, files


def _listed(number: int, row: EvidenceRow, *, attached: bool) -> dict[str, Any]:
    state = _state(row, attached=attached)
    level = row.classification
    return {
        "number": number,
        "id": str(row.id),
        "name": row.name,
        "proves": row.proves,
        "unit": row.unit_name,
        "added_by": row.added_by_name,
        "added_on": day(row.added_at),
        "classification": CLASSIFICATION_NAMES[Classification(level)] if level else "",
        "document_number": row.document_number or "",
        "place": row.place or "",
        "size": row.size,
        "media_type": row.media_type or "",
        "sha256": row.sha256 or "",
        "state": state,
        "state_words": EVIDENCE_STATES[state],
        "file_name": file_name(number, row.name) if state == "attached" else "",
    }


def _state(row: EvidenceRow, *, attached: bool) -> str:
    if row.kind == EvidenceKind.PAPER:
        return "paper"
    if row.expunged_at is not None:
        return "expunged"
    return "attached" if attached else "listed"


def file_name(number: int, name: str) -> str:
    """What an embedded file is called: its number first, so that a reader's list has the order of the paper's."""
    return f"{number:03d} {name}"
