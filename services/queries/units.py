"""The unit registry as people read it: units with their names, groups, and names that wait for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from db.tables import Unit, UnitAlias, UnitCandidate, UnitGroup, UnitGroupMember
from domain.errors import NotFound
from domain.units import UnitKind
from services.queries.page import MAX_PAGE, Key, Order, Page, page_of
from services.unit_lookup import StoredRegistry, stored_registry

UNIT_ORDER = Order((col(Unit.sort_order), col(Unit.short_name), col(Unit.id)), (int, str, UUID))
SUCCESSOR = aliased(Unit)
CANDIDATE_ORDER = Order((col(UnitCandidate.seen_at), col(UnitCandidate.id)), (datetime, UUID), descending=True)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit in a list."""

    id: UUID
    official_name: str
    short_name: str
    kind: UnitKind
    parent_id: UUID | None
    successor_id: UUID | None
    successor: str | None
    valid_from: date | None
    valid_to: date | None
    sort_order: int


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of a unit."""

    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class UnitDetail:
    """One unit with all its names and groups."""

    unit: UnitRow
    names: tuple[OtherName, ...]
    groups: tuple[str, ...]


def list_units(
    session: Session,
    *,
    kind: UnitKind | None = None,
    name: str = "",
    group: str = "",
    after: Key | None = None,
    limit: int = 50,
) -> Page[UnitRow]:
    """Units in the office's order; `name` is part of any of their names."""
    statement = (
        select(Unit, SUCCESSOR.short_name)
        .join(SUCCESSOR, col(SUCCESSOR.id) == col(Unit.successor_id), isouter=True)
        .order_by(*UNIT_ORDER.clauses())
        .limit(limit + 1)
    )
    if kind is not None:
        statement = statement.where(Unit.kind == kind)
    if name:
        alias = select(UnitAlias.id).where(
            UnitAlias.unit_id == col(Unit.id), col(UnitAlias.name).contains(name, autoescape=True)
        )
        statement = statement.where(
            or_(
                col(Unit.official_name).contains(name, autoescape=True),
                col(Unit.short_name).contains(name, autoescape=True),
                exists(alias),
            )
        )
    if group:
        member = (
            select(UnitGroupMember.unit_id)
            .join(UnitGroup, col(UnitGroup.id) == col(UnitGroupMember.group_id))
            .where(UnitGroup.name == group, UnitGroupMember.unit_id == col(Unit.id))
        )
        statement = statement.where(exists(member))
    if after is not None:
        statement = statement.where(UNIT_ORDER.after(after))
    return page_of(
        [_row(unit, successor) for unit, successor in session.exec(statement)],
        limit,
        lambda row: (row.sort_order, row.short_name, row.id),
    )


def names_to_choose(session: Session) -> tuple[tuple[str, str], ...]:
    """The units that have no successor, by short and official name: what a field offers while one types."""
    units = list_units(session, limit=MAX_PAGE).rows
    return tuple((unit.short_name, unit.official_name) for unit in units if unit.successor_id is None)


def unit_detail(session: Session, unit_id: UUID) -> UnitDetail:
    """One unit. Raises NotFound."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound(f"unit {unit_id}")
    names = session.exec(select(UnitAlias).where(UnitAlias.unit_id == unit_id).order_by(col(UnitAlias.name)))
    groups = session.exec(
        select(UnitGroup.name)
        .join(UnitGroupMember, col(UnitGroupMember.group_id) == col(UnitGroup.id))
        .where(UnitGroupMember.unit_id == unit_id)
        .order_by(col(UnitGroup.name))
    )
    successor = session.get(Unit, unit.successor_id) if unit.successor_id else None
    return UnitDetail(
        _row(unit, successor.short_name if successor else None),
        tuple(OtherName(alias.name, alias.kind, alias.valid_from, alias.valid_to) for alias in names),
        tuple(groups),
    )


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A printed name that waits for a person; `alike` are units written most like it, as a proposal only."""

    id: UUID
    printed: str
    context: str
    seen_at: datetime
    alike: tuple[str, ...]


def list_candidates(session: Session, *, on: date, after: Key | None = None, limit: int = 50) -> Page[CandidateRow]:
    """Names that nobody has decided on, the last seen first."""
    statement = (
        select(UnitCandidate)
        .where(col(UnitCandidate.decided_at).is_(None))
        .order_by(*CANDIDATE_ORDER.clauses())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(CANDIDATE_ORDER.after(after))
    found: Sequence[UnitCandidate] = session.exec(statement).all()
    registry = stored_registry(session, on) if found else None
    rows = [_candidate(candidate, registry) for candidate in found]
    return page_of(rows, limit, lambda row: (row.seen_at, row.id))


def candidate_called(session: Session, printed: str) -> UnitCandidate:
    """The candidate with this printed name, decided or not. Raises NotFound."""
    found = session.exec(select(UnitCandidate).where(UnitCandidate.printed == printed)).one_or_none()
    if found is None:
        raise NotFound(f"candidate {printed}")
    return found


def _candidate(row: UnitCandidate, registry: StoredRegistry | None) -> CandidateRow:
    match = registry.lookup(row.printed) if registry else None
    # An import since then may have brought the name itself.
    alike = () if match is None else (match.unit, *match.candidates) if match.unit else match.candidates
    return CandidateRow(row.id, row.printed, row.context, row.seen_at, tuple(alike))


def _row(unit: Unit, successor: str | None) -> UnitRow:
    return UnitRow(
        id=unit.id,
        official_name=unit.official_name,
        short_name=unit.short_name,
        kind=UnitKind(unit.kind),
        parent_id=unit.parent_id,
        successor_id=unit.successor_id,
        successor=successor,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        sort_order=unit.sort_order,
    )
