"""Task lists: a document becomes a draft, its flags are resolved item by item, its office's leader approves it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi import Body as Raw
from pydantic import Field

from api.deps import ContainerDep, Run
from api.examples import ITEM_ID, LIST_ID, LIST_ROW
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.schemas import Answer, Body, SeenVersion
from domain.calendar import local_date
from domain.items import ListStatus
from importers.readers.limits import MAX_FILE_BYTES
from services.document_import import import_command
from services.list_changes import StartListChange
from services.lists import ApproveList, ImportedList, Registered, RegisterItems, Waiting
from services.queries.list_changes import ListChanges, list_changes
from services.queries.lists import ListDetail, ListRow, list_detail, task_lists
from services.unit_lookup import stored_registry

router = APIRouter(prefix="/lists", tags=["lists"])

FileBytes = Annotated[bytes, Raw(media_type="application/octet-stream", description="The document itself.")]
FileName = Annotated[str, Query(min_length=1, max_length=300, description="The file's name.", examples=["清单.docx"])]


class ListQuery(Body):
    """Which lists."""

    status: ListStatus | None = None
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class Approval(Body):
    """The version of the list that is approved. `historical`: its past dates are kept as history and blame nobody;
    without it the list is what it was imported as.
    """

    seen_version: SeenVersion
    historical: bool | None = None


class ListChangeStarted(Answer):
    """The matter in whose first step the change is written."""

    id: UUID


_IMPORTED = ImportedList(LIST_ID, already=False, items=24, flags=5, blocking=2)
_REGISTERED = Registered(registered=(ITEM_ID,), waiting=(Waiting(ITEM_ID, "6", "blocking_flags"),))


@router.get("", responses=example({"items": [LIST_ROW], "next_cursor": None}))
def list_lists(query: Annotated[ListQuery, Query()], asking: Asking) -> Page[ListRow]:
    """The lists of one's office, and those with an item that one sees; newest first."""
    found = task_lists(asking, status=query.status, limit=query.limit, after=decode_cursor(query.cursor, "lists"))
    return paged(found, "lists")


@router.post("", status_code=201, max_body_size=MAX_FILE_BYTES, responses=example(_IMPORTED, 201))
def import_list(
    *,
    data: FileBytes = b"",
    name: FileName,
    office_unit_id: Annotated[UUID, Query()],
    historical: Annotated[bool, Query(description="Taken over as history: past dates blame nobody.")] = False,
    container: ContainerDep,
    run: Run,
) -> ImportedList:
    """Import a document as a draft. The very same document again answers with the list that it already is."""
    # Closed before the command runs: a request that held two connections could wait for itself.
    with container.reads() as session:
        registry = stored_registry(session, local_date(container.clock.now()))
    # An empty file is an empty body: its sentence is that of the reader, which names the file.
    return run(
        import_command(
            run.actor, data, name=name, office_unit_id=office_unit_id, registry=registry, historical=historical
        )
    )


@router.get("/{list_id}")
def get_list(list_id: UUID, asking: Asking) -> ListDetail:
    """One list with the flags to resolve and the printed names that the registry does not know."""
    return list_detail(asking, list_id)


@router.get("/{list_id}/changes")
def get_list_changes(list_id: UUID, asking: Asking) -> ListChanges:
    """How a list was changed as a whole since it was approved, the newest change first."""
    return list_changes(asking, list_id)


@router.post("/{list_id}/changes", status_code=201)
def start_list_change(list_id: UUID, run: Run) -> ListChangeStarted:
    """Begin to change an approved list: several items, or all, at once. 422 `list_change_running` beside another."""
    return ListChangeStarted(id=run(StartListChange(list_id=list_id)).item_id)


@router.post("/{list_id}/approve", responses=example(_REGISTERED))
def approve_list(list_id: UUID, body: Approval, run: Run) -> Registered:
    """Approve the list; items without an open question are registered at once, the others are named with why not."""
    return run(ApproveList(list_id=list_id, seen_version=body.seen_version, historical=body.historical))


@router.post("/{list_id}/register", responses=example(_REGISTERED))
def register_items(list_id: UUID, run: Run) -> Registered:
    """Register those items of an approved list whose questions were settled since."""
    return run(RegisterItems(list_id=list_id))
