"""What a person may put on a score sheet: within the range, of this scheme, and no fact twice."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from domain.evaluation_errors import CriterionUnknown, FactNotCited, FactUsedTwice, ScoreOutOfRange
from domain.evaluation_scheme import ZERO, Scheme, Source
from domain.evaluation_scores import RATING_MOST, Entry, EntryKind


def check_entry(scheme: Scheme, known_facts: Collection[str], entries: Sequence[Entry], new: Entry) -> None:
    """Refuse what may not stand on the sheet whose facts have these keys.

    Raises CriterionUnknown, ScoreOutOfRange, FactUsedTwice for a deduction that cites what was counted or deducted
    already, FactNotCited for a tolerance of what is not on the sheet.
    """
    deducted = {entry.fact_key for entry in entries if entry.kind is EntryKind.DEDUCTION}
    if new.kind in {EntryKind.TOLERANCE, EntryKind.LIFT}:
        lifts_veto = new.kind is EntryKind.LIFT and new.fact_key is None and _was_vetoed(entries, new.target)
        if new.fact_key not in deducted and new.fact_key not in known_facts and not lifts_veto:
            raise FactNotCited(new.fact_key or new.target, key=new.fact_key or new.target)
        return
    label, most = _asked(scheme, new)
    if new.points is not None and not ZERO <= new.points <= most:
        raise ScoreOutOfRange(str(new.points), score=str(new.points), low="0", high=str(most), label=label)
    if new.kind is EntryKind.DEDUCTION:
        if not new.fact_key:
            raise FactNotCited(new.target, key=label)
        if new.fact_key in deducted or new.fact_key in known_facts:
            raise FactUsedTwice(new.fact_key, key=new.fact_key)


def _was_vetoed(entries: Sequence[Entry], target: str) -> bool:
    return any(entry.kind is EntryKind.VETO and entry.target == target for entry in entries)


def _asked(scheme: Scheme, new: Entry) -> tuple[str, Decimal]:
    """What the target is called, and the most points that it takes of such an entry. Raises CriterionUnknown."""
    by_kind: dict[EntryKind, dict[str, tuple[str, Decimal]]] = {
        EntryKind.SCORE: {p.id: (p.label, p.points) for p in scheme.parts if p.source is Source.OFFICE},
        EntryKind.RATING: {p.id: (p.label, RATING_MOST) for p in scheme.parts if p.source is Source.MUTUAL},
        EntryKind.SELF: {p.id: (p.label, p.points) for p in scheme.parts},
        EntryKind.RECHECK: {p.id: (p.label, p.points) for p in scheme.parts},
        EntryKind.BONUS: {p.id: (p.label, p.points) for p in scheme.bonus if p.source is not Source.FACTS},
        EntryKind.DEDUCTION: {d.id: (d.label, d.cap) for d in scheme.deductions if d.fact is None},
        EntryKind.VETO: {v.id: (v.label, ZERO) for v in scheme.vetoes},
    }
    asked = by_kind[new.kind].get(new.target)
    if asked is None:
        raise CriterionUnknown(new.target, target=new.target)
    return asked
