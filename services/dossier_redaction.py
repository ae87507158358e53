"""The public version of a dossier: what the whole one says, less what must not be published.

Done on the frozen data, text by text, so that no part of a dossier can be forgotten: phone numbers and names of persons
go everywhere, firms become letters, what is classified or internal is a number in a list.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from domain.messages.dossiers import EVIDENCE_STATES, NOBODY
from domain.redaction import Mask, in_every_text


def public_version(
    data: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    spoken_of: Collection[str] = (),
    verbatim: Iterable[str] = (),
) -> dict[str, Any]:
    """The public version of `data`.

    `names` maps persons to what stands for them, `spoken_of` are bodies and firms that may be named, `verbatim` the
    keys below which nothing is a person's words.
    """
    mask = Mask(persons=names, spoken_of=spoken_of)
    reduced = {
        **data,
        "timeline": [_unnamed(row) for row in data["timeline"]],
        "opinions": [_unnamed(row) for row in data["opinions"]],
        "deadlines": [{**row, "approved_by": ""} for row in data["deadlines"]],
        "evidence": [_listed(row) for row in data["evidence"]],
    }
    made: dict[str, Any] = in_every_text(reduced, mask.text, but=verbatim)
    return made


def _unnamed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Who acted, by unit and role. What was told to persons (reminders) keeps their units alone."""
    return {**row, "person": "" if row["person"] != NOBODY else NOBODY}


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["classification"] or row["state"] == "paper":
        return {
            "number": row["number"],
            **dict.fromkeys(set(row) - {"number", "size"}, ""),
            "size": None,
            "state": "withheld",
            "state_words": EVIDENCE_STATES["withheld"],
        }
    return {**row, "id": "", "added_by": ""}
