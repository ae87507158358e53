"""Leave: who is away and who stands in. What is addressed to somebody who is away goes to others."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Run
from api.reading import Asking
from api.schemas import Answer, Body, Day
from services.absences import EndAbsence, RecordAbsence
from services.queries.absences import AbsenceRow, absences

router = APIRouter(prefix="/absences", tags=["absences"])


class NewAbsence(Body):
    """Both days count. Without `person_id` it is one's own; a unit's leader records that of others."""

    person_id: UUID | None = None
    first_day: Day
    last_day: Day
    substitute_id: UUID | None = None


class Return(Body):
    """The last day away, for somebody who is back early; none for leave that is called off."""

    last_day: Day | None = None


class Absences(Answer):
    """Leave that is on or to come."""

    items: list[AbsenceRow]


class AbsenceId(Answer):
    """The leave that was recorded."""

    absence_id: UUID


@router.get("")
def get_absences(asking: Asking) -> Absences:
    """Who is away or will be: oneself and the people of one's units; everybody, for the staff of an office."""
    return Absences(items=list(absences(asking)))


@router.post("", status_code=201)
def record_absence(body: NewAbsence, run: Run) -> AbsenceId:
    """Record leave."""
    person_id = body.person_id or run.actor.id
    assert person_id is not None, "whoever asks over the API is a person"
    command = RecordAbsence(
        person_id=person_id, first_day=body.first_day, last_day=body.last_day, substitute_id=body.substitute_id
    )
    return AbsenceId(absence_id=run(command))


@router.post("/{absence_id}/end", status_code=204)
def end_absence(absence_id: UUID, body: Return, run: Run) -> None:
    """End leave early, or call it off."""
    run(EndAbsence(absence_id=absence_id, last_day=body.last_day))
