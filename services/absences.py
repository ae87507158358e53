"""Leave: who is away, when, and who stands in. While somebody is away, what is addressed to them goes to others."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from db.tables import Absence, Person, UnitMember
from domain.errors import NotFound, PermissionDenied
from domain.escalation_errors import (
    AbsenceDates,
    AbsenceOver,
    AbsenceOverlaps,
    SubstituteAway,
    SubstituteUnfit,
)
from domain.labels import label
from domain.permissions import BUSINESS, Permission, Role, is_allowed
from domain.telling import said
from services.sign_in import held_on
from services.unit_of_work import UnitOfWork

_BUSINESS = sorted(role.value for role in BUSINESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAbsence:
    """A person is away from `first_day` to `last_day`, both counted, and `substitute_id` stands in for them.

    One's own leave is recorded by oneself, another's by the leader of their unit.
    """

    person_id: UUID
    first_day: date
    last_day: date
    substitute_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The absence's id. Raises PermissionDenied, NotFound, AbsenceDates, AbsenceOverlaps, SubstituteUnfit,
        SubstituteAway.
        """
        uow.about(self.person_id)
        _require(uow, self.person_id)
        # Their row is the lock that keeps two people from recording the same leave at once.
        person = uow.lock(Person, self.person_id)
        if self.last_day < self.first_day or self.last_day < uow.today:
            raise AbsenceDates(f"{self.first_day}..{self.last_day}")
        clash = _away(uow, person.id, self.first_day, self.last_day)
        if clash is not None:
            raise AbsenceOverlaps(str(clash.id), name=person.name, first=clash.first_day, last=clash.last_day)
        if self.substitute_id is not None:
            self._check_substitute(uow, person, self.substitute_id)
        row = Absence(
            person_id=person.id,
            first_day=self.first_day,
            last_day=self.last_day,
            substitute_id=self.substitute_id,
            recorded_by=_someone(uow),
            recorded_at=uow.now,
        )
        uow.session.add(row)
        return row.id

    def _check_substitute(self, uow: UnitOfWork, person: Person, substitute_id: UUID) -> None:
        """Only who works in the same unit can do what waits there: another one would be sent what they cannot see."""
        substitute = uow.get(Person, substitute_id)
        if (
            substitute_id == person.id
            or substitute.disabled_at is not None
            or _units(uow, person.id).isdisjoint(_units(uow, substitute_id))
        ):
            raise SubstituteUnfit(str(substitute_id), name=substitute.name, absent=person.name)
        clash = _away(uow, substitute_id, self.first_day, self.last_day)
        if clash is not None:
            raise SubstituteAway(str(clash.id), name=substitute.name, first=clash.first_day, last=clash.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAbsence:
    """Somebody is back early, with `last_day` as the last day away, or does not go at all (no `last_day`)."""

    absence_id: UUID
    last_day: date | None = None

    def execute(self, uow: UnitOfWork) -> None:
        """Raises PermissionDenied, NotFound, AbsenceOver, AbsenceDates."""
        uow.about(self.absence_id)
        row = uow.lock(Absence, self.absence_id)
        _require(uow, row.person_id)
        if row.cancelled_at is not None or row.last_day < uow.today:
            raise AbsenceOver(str(row.id))
        if self.last_day is None:
            row.cancelled_by, row.cancelled_at = uow.actor.id, uow.now
            return
        # The days that have passed were spent away, and what went to the substitute then stays explained.
        earliest = max(row.first_day, uow.today.fromordinal(uow.today.toordinal() - 1))
        if not earliest <= self.last_day <= row.last_day:
            raise AbsenceDates(f"{self.last_day}")
        row.last_day = self.last_day


def _require(uow: UnitOfWork, person_id: UUID) -> None:
    """Oneself, or the leader of one of the person's units. Raises PermissionDenied, NotFound."""
    uow.authorized = True
    if person_id == uow.actor.id:
        uow.require(Permission.ABSENCE_SELF)
        return
    if any(absent == person_id for _, absent in uow.actor.lent):
        # Who stands in does not decide for how long.
        raise PermissionDenied(
            f"{uow.actor.name} stands in for {person_id}", holder=said(label(Role, Role.UNIT_LEADER))
        )
    for unit_id in sorted(_units(uow, person_id)):
        if is_allowed(uow.actor, Permission.ABSENCE_RECORD, unit_id=unit_id):
            uow.require(Permission.ABSENCE_RECORD, unit_id=unit_id)
            return
    if uow.session.get(Person, person_id) is None:
        raise NotFound(f"person {person_id}")
    raise PermissionDenied(f"{uow.actor.name} does not lead {person_id}", holder=said(label(Role, Role.UNIT_LEADER)))


def _someone(uow: UnitOfWork) -> UUID:
    if uow.actor.id is None:
        raise PermissionDenied("only a person records leave")
    return uow.actor.id


def _units(uow: UnitOfWork, person_id: UUID) -> frozenset[UUID]:
    """The units in which the person has a role in business today."""
    statement = select(UnitMember.unit_id).where(
        UnitMember.person_id == person_id, col(UnitMember.role).in_(_BUSINESS), held_on(uow.today)
    )
    return frozenset(uow.session.exec(statement))


def _away(uow: UnitOfWork, person_id: UUID, first: date, last: date) -> Absence | None:
    statement = select(Absence).where(
        Absence.person_id == person_id,
        col(Absence.cancelled_at).is_(None),
        col(Absence.first_day) <= last,
        col(Absence.last_day) >= first,
    )
    return uow.session.exec(statement.order_by(col(Absence.first_day))).first()
