"""Who is away, and who stands in."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from db.tables import Absence, Person, UnitMember
from domain.calendar import local_date
from domain.permissions import BUSINESS, Role
from services.queries.reading import Reading
from services.sign_in import held_on


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One leave, both days counted. `mine` says that it is the actor's own."""

    id: UUID
    person_id: UUID
    person: str
    first_day: date
    last_day: date
    substitute_id: UUID | None
    substitute: str | None
    mine: bool


def absences(reading: Reading) -> tuple[AbsenceRow, ...]:
    """Leave that is on or to come: one's own and that of one's units; of everybody for the staff of an office."""
    person, substitute = aliased(Person), aliased(Person)
    today = local_date(reading.now)
    statement = (
        select(Absence, col(person.name), col(substitute.name))
        .join(person, col(person.id) == col(Absence.person_id))
        .outerjoin(substitute, col(substitute.id) == col(Absence.substitute_id))
        .where(col(Absence.last_day) >= today, col(Absence.cancelled_at).is_(None))
        .order_by(col(Absence.first_day), col(person.name), col(Absence.id))
    )
    if not reading.actor.units_as(Role.OFFICE_STAFF):
        colleagues = select(col(UnitMember.person_id)).where(
            col(UnitMember.unit_id).in_(reading.actor.units_as(*BUSINESS)), held_on(today)
        )
        statement = statement.where(
            or_(col(Absence.person_id) == reading.actor.id, col(Absence.person_id).in_(colleagues))
        )
    return tuple(
        AbsenceRow(
            id=row.id,
            person_id=row.person_id,
            person=name,
            first_day=row.first_day,
            last_day=row.last_day,
            substitute_id=row.substitute_id,
            substitute=other,
            mine=row.person_id == reading.actor.id,
        )
        for row, name, other in reading.session.execute(statement)
    )
