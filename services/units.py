"""Printed names the registry does not know: a person says what each means. Nothing becomes a unit by itself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, func, select

from db.tables import Responsibility, Unit, UnitAlias, UnitCandidate
from domain.errors import AlreadyExists, CandidateDecided
from domain.permissions import Permission
from domain.units import UnitKind
from services.unit_lookup import stored_registry
from services.unit_of_work import UnitOfWork


class AliasKind(StrEnum):
    """Another way to write a unit's name, or a name it had."""

    SPELLING = "spelling"
    FORMER = "former"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCandidate:
    """The printed name means this unit: from now on it is one of the unit's names."""

    candidate_id: UUID
    unit_id: UUID
    kind: AliasKind = AliasKind.SPELLING

    def execute(self, uow: UnitOfWork) -> UUID:
        """The unit's id. Raises PermissionDenied, NotFound, CandidateDecided."""
        candidate = _open_candidate(uow, self.candidate_id)
        unit = uow.get(Unit, self.unit_id)
        _settle(uow, candidate, unit, self.kind)
        return unit.id


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCandidateAsUnit:
    """The printed name is a unit that the registry lacks: it is added, and the printed name is one of its names."""

    candidate_id: UUID
    official_name: str
    short_name: str
    kind: UnitKind
    parent_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The new unit's id. Raises PermissionDenied, NotFound, CandidateDecided, AlreadyExists."""
        candidate = _open_candidate(uow, self.candidate_id)
        if self.parent_id is not None:
            uow.get(Unit, self.parent_id)
        registry = stored_registry(uow.session, uow.today)
        for name in (self.official_name, self.short_name):
            if registry.lookup(name).unit is not None:
                raise AlreadyExists(name, what=name)
        last = uow.session.exec(select(func.max(Unit.sort_order))).one() or 0
        unit = Unit(
            official_name=self.official_name,
            short_name=self.short_name,
            kind=self.kind,
            parent_id=self.parent_id,
            sort_order=last + 1,
        )
        uow.session.add(unit)
        uow.session.flush()
        _settle(uow, candidate, unit, AliasKind.SPELLING)
        return unit.id


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCandidate:
    """The printed name is no unit: a damaged cell, a phrase. It is not asked about again."""

    candidate_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound, CandidateDecided."""
        candidate = _open_candidate(uow, self.candidate_id)
        candidate.rejected = True
        candidate.decided_by, candidate.decided_at = uow.actor.id, uow.now


def _open_candidate(uow: UnitOfWork, candidate_id: UUID) -> UnitCandidate:
    uow.require(Permission.UNIT_CONFIRM)
    uow.about(candidate_id)
    candidate = uow.lock(UnitCandidate, candidate_id)
    if candidate.decided_at is not None:
        raise CandidateDecided(candidate.printed, printed=candidate.printed)
    return candidate


def _settle(uow: UnitOfWork, candidate: UnitCandidate, unit: Unit, kind: AliasKind) -> None:
    """Record the decision, learn the name, and put the unit where the printed name was waiting for one."""
    candidate.unit_id = unit.id
    candidate.decided_by, candidate.decided_at = uow.actor.id, uow.now
    known = uow.session.exec(select(UnitAlias).where(UnitAlias.name == candidate.printed)).first()
    if known is None and candidate.printed not in {unit.official_name, unit.short_name}:
        uow.session.add(UnitAlias(unit_id=unit.id, name=candidate.printed, kind=kind))
    uow.session.execute(
        update(Responsibility)
        .where(
            col(Responsibility.printed) == candidate.printed,
            col(Responsibility.unit_id).is_(None),
            col(Responsibility.valid_to).is_(None),
            col(Responsibility.role) != "group",
        )
        .values(unit_id=unit.id)
    )
