"""People and their roles: a directory, imported from a spreadsheet."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter

from api.deps import ContainerDep, CurrentActor, ReadSession, Run
from api.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from api.schemas import Answer
from api.sheets import CheckOnly, RowAnswer, SheetBytes, SheetName
from domain.calendar import local_date
from domain.permissions import Permission, Role, is_allowed
from importers.sheets.people import PeopleSheet, read_people
from importers.sheets.table import MAX_BYTES, read_bytes
from services.people_import import ImportPeople
from services.queries.people import AccountState, list_people

router = APIRouter(prefix="/people", tags=["people"])


class PersonAnswer(Answer):
    """One role of one person today. Null where the actor may not know it."""

    person_id: UUID
    name: str
    post: str
    unit_id: UUID
    unit: str
    role: Role
    deputy: bool
    valid_from: date
    valid_to: date | None
    phone: str | None
    email: str | None
    login: str | None
    account: AccountState | None


class PeopleImported(Answer):
    """What each row of the spreadsheet led to, and the units that nobody is liaison of today."""

    rows: list[RowAnswer]
    units_without_liaison: list[str]


@router.get("")
def get_people(
    *,
    actor: CurrentActor,
    session: ReadSession,
    container: ContainerDep,
    unit_id: UUID | None = None,
    role: Role | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PersonAnswer]:
    """Who holds which role today, in the order of the units."""
    page = list_people(
        session,
        actor,
        on=local_date(container.clock.now()),
        unit_id=unit_id,
        role=role,
        after=decode_cursor(cursor, "people"),
        limit=limit,
    )
    return Page(
        items=[PersonAnswer.model_validate(row) for row in page.rows], next_cursor=encode_cursor("people", page.next)
    )


@router.post("/imports", max_body_size=MAX_BYTES)
def import_people(*, data: SheetBytes, run: Run, name: SheetName, check_only: CheckOnly = False) -> PeopleImported:
    """Import a spreadsheet: all of its rows, or none if one is wrong. The same file again changes nothing."""
    # The command refuses whoever may not import; nothing of theirs is parsed.
    allowed = is_allowed(run.actor, Permission.PERSON_IMPORT)
    sheet = read_people(read_bytes(data, name)) if allowed else PeopleSheet()
    return PeopleImported.model_validate(run(ImportPeople(sheet=sheet, source_name=name, check_only=check_only)))
