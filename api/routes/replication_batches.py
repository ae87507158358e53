"""Batches of 复制推广: drafted, changed, issued, exported; lists that were published before."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.deps import ContainerDep, CurrentActor, Run
from api.examples import AT, LIST_ID
from api.reading import Asking, example
from api.routes.ledger import SPREADSHEET, spreadsheet
from api.routes.lists import FileBytes, FileName
from api.schemas import Answer, Body, SeenVersion
from domain.calendar import local_date
from importers.readers.limits import MAX_FILE_BYTES
from services.export import batch_workbook
from services.queries.reading import reading
from services.queries.replication_batches import (
    BatchDetail,
    BatchRow,
    KnownRow,
    batch_detail,
    batches,
    known_rows,
)
from services.replication_batches import ChangeBatch, DraftBatch, Drafted, IssueBatch, Issued
from services.replication_known import known_list_command
from services.unit_lookup import stored_registry

router = APIRouter(tags=["replication"])

CaseIds = Annotated[tuple[UUID, ...], Field(max_length=200)]


class NewBatch(Body):
    """Approved cases in their order. `number` only for the first batch that is kept here."""

    office_unit_id: UUID
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S", examples=["第一批复制推广清单"])]
    case_ids: CaseIds
    number: Annotated[int | None, Field(ge=1, le=999)] = None


class BatchCases(Body):
    """The cases of a draft, in their order."""

    seen_version: SeenVersion
    case_ids: CaseIds


class Approval(Body):
    """The version that is issued."""

    seen_version: SeenVersion


class Batches(Answer):
    """The batches that one sees, the newest first."""

    items: list[BatchRow]


class KnownRows(Answer):
    """What new cases are compared with."""

    items: list[KnownRow]


class Added(Answer):
    """How many rows of a list were added."""

    rows: int


_BATCH = BatchRow(LIST_ID, 1, "第一批复制推广清单", 12, "周敏", AT, None, None, 2)


@router.get("/replication-batches", responses=example({"items": [_BATCH]}))
def list_batches(asking: Asking) -> Batches:
    """Issued batches, and the drafts of one's office."""
    return Batches(items=list(batches(asking)))


@router.post("/replication-batches", status_code=201, responses=example(Drafted(LIST_ID, 2, 1, 0), 201))
def draft_batch(body: NewBatch, run: Run) -> Drafted:
    """Collect approved cases into the next batch."""
    command = DraftBatch(
        office_unit_id=body.office_unit_id, title=body.title, case_ids=body.case_ids, number=body.number
    )
    return run(command)


@router.get("/replication-batches/{batch_id}.xlsx", response_class=Response, responses=SPREADSHEET)
def export_batch(batch_id: UUID, actor: CurrentActor, container: ContainerDep) -> Response:
    """The batch as a spreadsheet."""
    with reading(container.executor, actor, sessions=container.snapshots) as asking:
        detail = batch_detail(asking, batch_id)
        content = batch_workbook(asking, detail)
    return spreadsheet(content, "batch.xlsx", f"{detail.row.title}.xlsx")


@router.get("/replication-batches/{batch_id}")
def get_batch(batch_id: UUID, asking: Asking) -> BatchDetail:
    """One batch in its four columns: as issued, or as it would be issued today."""
    return batch_detail(asking, batch_id)


@router.put("/replication-batches/{batch_id}/cases")
def change_batch(batch_id: UUID, body: BatchCases, run: Run) -> Drafted:
    """Other cases, or another order."""
    return run(ChangeBatch(batch_id=batch_id, seen_version=body.seen_version, case_ids=body.case_ids))


@router.post("/replication-batches/{batch_id}/issue", responses=example(Issued(LIST_ID, 1, 12, 192, 2)))
def issue_batch(batch_id: UUID, body: Approval, run: Run) -> Issued:
    """Issue the batch: units in range are asked, who is beyond the city's power gets a letter."""
    return run(IssueBatch(batch_id=batch_id, seen_version=body.seen_version))


@router.get("/known-replications")
def list_known(asking: Asking) -> KnownRows:
    """The rows of earlier lists, of the city's and of national ones."""
    return KnownRows(items=list(known_rows(asking)))


@router.post("/known-replications", status_code=201, max_body_size=MAX_FILE_BYTES, responses=example({"rows": 43}, 201))
def import_known(
    *,
    data: FileBytes = b"",
    name: FileName,
    office_unit_id: Annotated[UUID, Query()],
    national: Annotated[bool, Query(description="A national list, not the city's own.")] = False,
    container: ContainerDep,
    run: Run,
) -> Added:
    """Import a list that was published before. The same document again adds nothing."""
    with container.reads() as session:
        registry = stored_registry(session, local_date(container.clock.now()))
    digest = hashlib.sha256(data).digest()
    command = known_list_command(
        run.actor,
        data,
        name=name,
        digest=digest,
        office_unit_id=office_unit_id,
        registry=registry,
        national=national,
    )
    return Added(rows=run(command))
