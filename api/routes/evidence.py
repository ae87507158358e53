"""Evidence: uploads that can be resumed, paper references, downloads, expunging by two persons.

An upload goes on where it was cut off: `HEAD /uploads/{id}` tells the offset, `PATCH` sends the next chunk for it,
and a chunk for another offset is answered 409 with the right one. The headers are those of the tus protocol.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import FileResponse
from pydantic import Field
from sqlmodel import Session

from api.deps import ContainerDep, CurrentActor, Read, ReadSession, Run
from api.schemas import Answer, Body
from domain.evidence import CHUNK_BYTES, Classification, EvidenceKind
from domain.permissions import Actor
from services.evidence import AddPaperReference, DecideExpunge, DownloadEvidence, RequestExpunge
from services.ports import Clock, Storage
from services.queries.evidence import evidence_of_item, pending_expunges
from services.uploads import AbandonUpload, FinishUpload, StartUpload, UploadState, receive_chunk, upload_state

router = APIRouter(tags=["evidence"])

CHUNK_TYPE = "application/offset+octet-stream"
_STATE_HEADERS: dict[str, Any] = {
    "Upload-Offset": {"description": "Bytes that are safely stored.", "schema": {"type": "integer"}},
    "Upload-Length": {"description": "Bytes of the whole file.", "schema": {"type": "integer"}},
}
_FILE: dict[str, Any] = {
    "description": "The file, or the part of it that `Range` asks for.",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["9f3c71ae" + "0" * 56])]
Proves = Annotated[str, Field(min_length=1, max_length=500, examples=["The measures are in force"])]
FileName = Annotated[str, Field(min_length=1, max_length=500, examples=["report.pdf"])]
Reason = Annotated[str, Field(min_length=1, max_length=1000, examples=["A classified annex was uploaded by mistake"])]


class NewUpload(Body):
    """A file that is about to be sent. `classification` is what its uploader knows about it; state secrets are
    refused. `unit_id` is needed only by who takes part in the item for several units.
    """

    name: FileName
    size: Annotated[int, Field(ge=1, description="Bytes.", examples=[48213])]
    sha256: Sha256 | None = None
    classification: Classification | None = None
    unit_id: UUID | None = None


class UploadAnswer(Answer):
    """How far an upload is. `evidence_id` is null until it is finished."""

    id: UUID
    item_id: UUID
    name: FileName
    size: int
    offset: Annotated[int, Field(description="Where to go on.")]
    chunk_bytes: Annotated[int, Field(description="The most that one chunk may carry.")] = CHUNK_BYTES
    expires_at: datetime
    evidence_id: UUID | None


class FinishedUpload(Body):
    """What the file proves."""

    proves: Proves


class StoredAnswer(Answer):
    """The file as it is kept. `text_read` is false where a person has to look for a classification mark."""

    id: UUID
    name: FileName
    media_type: str
    size: int
    sha256: Sha256
    text_read: bool


class NewPaper(Body):
    """Evidence on paper. Nothing of the content of a classified document is entered, its title included."""

    name: Annotated[str, Field(min_length=1, max_length=300, examples=["Minutes of the meeting"])]
    proves: Proves
    document_number: Annotated[str, Field(min_length=1, max_length=100, examples=["2026-3"])]
    place: Annotated[str, Field(min_length=1, max_length=200, examples=["Registry, cabinet 2"])]
    classification: Classification | None = None
    unit_id: UUID | None = None


class EvidenceId(Answer):
    """The id of new evidence."""

    id: UUID


class EvidenceAnswer(Answer):
    """One piece of evidence. `step` is the BPMN id of the step it was handed in with. A file that was expunged keeps
    its hash and has `expunged_at`; a paper has a number and a place instead of a hash.
    """

    id: UUID
    kind: EvidenceKind
    name: str
    proves: str
    media_type: str | None
    size: int | None
    sha256: Sha256 | None
    text_read: bool | None
    classification: Classification | None
    document_number: str | None
    place: str | None
    added_by: UUID
    added_by_name: str
    unit_id: UUID
    unit_name: str
    added_at: datetime
    work_item_id: UUID | None
    step: str | None
    expunged_at: datetime | None
    expunge_request_id: Annotated[UUID | None, Field(description="A request that waits for its second person.")]


class EvidenceList(Answer):
    """Everything an item has, oldest first."""

    items: list[EvidenceAnswer]


class NewExpungeRequest(Body):
    """Why the file must not be here."""

    reason: Reason


class ExpungeRequestId(Answer):
    """The id of a new request."""

    id: UUID


class PendingExpungeAnswer(Answer):
    """A request that waits for its second person. `uses` pieces of evidence would lose their bytes."""

    id: UUID
    evidence_id: UUID
    item_id: UUID
    name: str
    reason: str
    requested_by: UUID
    requested_by_name: str
    requested_at: datetime
    uses: int


class PendingExpungeList(Answer):
    """The open requests about evidence that the actor sees."""

    items: list[PendingExpungeAnswer]


class NewExpungeDecision(Body):
    """The second person's word. A refusal says why."""

    approve: bool
    note: Annotated[str, Field(max_length=1000)] = ""


class ExpungeDecisionAnswer(Answer):
    """What was decided, and how many pieces of evidence lost their bytes."""

    request_id: UUID
    evidence_id: UUID
    approved: bool
    uses: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class OwnUploads:
    """The unfinished uploads of the actor who asks."""

    session: Session
    storage: Storage
    actor: Actor
    clock: Clock

    def state(self, upload_id: UUID) -> UploadState:
        """How far one is. Raises what `upload_state` raises."""
        return upload_state(self.session, self.storage, self.actor, upload_id, now=self.clock.now())

    def receive(self, upload_id: UUID, offset: int, data: bytes) -> UploadState:
        """Take a chunk. Raises what `receive_chunk` raises."""
        now = self.clock.now()
        return receive_chunk(self.session, self.storage, self.actor, upload_id, offset=offset, data=data, now=now)


def own_uploads(actor: CurrentActor, session: ReadSession, container: ContainerDep) -> OwnUploads:
    """The uploads of who asks."""
    storage = container.executor.storage
    assert storage is not None, "an application that serves evidence is given a file store"
    return OwnUploads(session, storage, actor, container.clock)


Uploads = Annotated[OwnUploads, Depends(own_uploads, scope="function")]


async def chunk(request: Request) -> bytes:
    """The body as it is. `max_body_size` of the route ends a longer one while it comes in."""
    return await request.body()


@router.post("/items/{item_id}/uploads", status_code=201)
def start_upload(item_id: UUID, body: NewUpload, run: Run, response: Response, request: Request) -> UploadAnswer:
    """Announce a file for an item. What can be refused by its name and size is refused now."""
    started = run(StartUpload(item_id=item_id, **body.model_dump()))
    response.headers["Location"] = request.url_for("read_upload", upload_id=started.id).path
    return UploadAnswer.model_validate(started)


@router.get("/uploads/{upload_id}")
def read_upload(upload_id: UUID, uploads: Uploads, response: Response) -> UploadAnswer:
    """How far one's own upload is."""
    found = uploads.state(upload_id)
    response.headers.update(_state_headers(found))
    return UploadAnswer.model_validate(found)


@router.head("/uploads/{upload_id}", responses={200: {"headers": _STATE_HEADERS}})
def read_upload_offset(upload_id: UUID, uploads: Uploads) -> Response:
    """How far one's own upload is, in headers only."""
    return Response(headers=_state_headers(uploads.state(upload_id)))


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    max_body_size=CHUNK_BYTES,
    responses={204: {"headers": _STATE_HEADERS}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CHUNK_TYPE: {"schema": {"type": "string", "format": "binary", "maxLength": CHUNK_BYTES}}},
        }
    },
)
def send_chunk(
    uploads: Uploads,
    upload_id: UUID,
    upload_offset: Annotated[int, Header(ge=0, description="Where the chunk begins.")],
    data: Annotated[bytes, Depends(chunk)],
) -> Response:
    """Send the next chunk. It is safely stored when this is answered."""
    return Response(status_code=204, headers=_state_headers(uploads.receive(upload_id, upload_offset, data)))


@router.post("/uploads/{upload_id}/finish", status_code=201)
def finish_upload(upload_id: UUID, body: FinishedUpload, run: Run) -> StoredAnswer:
    """All bytes are sent: have them checked and kept as evidence. Refused content is not kept."""
    return StoredAnswer.model_validate(run(FinishUpload(upload_id=upload_id, proves=body.proves)))


@router.delete("/uploads/{upload_id}", status_code=204)
def abandon_upload(upload_id: UUID, run: Run) -> None:
    """Do not go on with an upload; what has arrived is removed."""
    run(AbandonUpload(upload_id=upload_id))


@router.get("/items/{item_id}/evidence")
def list_evidence(item_id: UUID, read: Read) -> EvidenceList:
    """The evidence of an item."""
    rows = evidence_of_item(read, item_id)
    return EvidenceList(items=[EvidenceAnswer.model_validate(row) for row in rows])


@router.post("/items/{item_id}/evidence/papers", status_code=201)
def add_paper(item_id: UUID, body: NewPaper, run: Run) -> EvidenceId:
    """Record evidence that is on paper. This is how classified material takes part."""
    return EvidenceId(id=run(AddPaperReference(item_id=item_id, **body.model_dump())))


@router.get(
    "/evidence/{evidence_id}/content",
    response_class=FileResponse,
    responses={200: _FILE, 206: _FILE, 416: {"description": "There is no such part of the file."}},
)
def download_evidence(evidence_id: UUID, run: Run) -> FileResponse:
    """Hand out a file, never to be shown by the browser. Every download is in the audit; parts count."""
    found = run(DownloadEvidence(evidence_id=evidence_id))
    headers = {
        "Content-Disposition": _attachment(found.name),
        # Stated, because the framework would add a character set that a text may not be in.
        "Content-Type": found.media_type,
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "ETag": f'"{found.sha256}"',
    }
    return FileResponse(found.path, headers=headers)


@router.post("/evidence/{evidence_id}/expunge-requests", status_code=201)
def request_expunge(evidence_id: UUID, body: NewExpungeRequest, run: Run) -> ExpungeRequestId:
    """Ask a second person to have a file removed that must not be here."""
    return ExpungeRequestId(id=run(RequestExpunge(evidence_id=evidence_id, reason=body.reason)))


@router.get("/expunge-requests")
def list_expunge_requests(session: ReadSession, actor: CurrentActor) -> PendingExpungeList:
    """Requests that wait for a second person."""
    rows = pending_expunges(session, actor)
    return PendingExpungeList(items=[PendingExpungeAnswer.model_validate(row) for row in rows])


@router.post("/expunge-requests/{request_id}/decision")
def decide_expunge(request_id: UUID, body: NewExpungeDecision, run: Run) -> ExpungeDecisionAnswer:
    """Agree, and the bytes are removed wherever that content is used; or refuse and say why."""
    decided = run(DecideExpunge(request_id=request_id, approve=body.approve, note=body.note))
    return ExpungeDecisionAnswer.model_validate(decided)


def _state_headers(state: UploadState) -> dict[str, str]:
    return {"Upload-Offset": str(state.offset), "Upload-Length": str(state.size)}


def _attachment(name: str) -> str:
    """A file name for every browser (RFC 6266): in ASCII for the old ones, in UTF-8 (RFC 5987) for the others."""
    plain = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
