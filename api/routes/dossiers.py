"""Dossiers: an item or a case as one document. It is drawn by the worker and fetched as every other document."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Run
from api.examples import ITEM_ID
from api.reading import example
from api.schemas import Answer, Body
from services.dossier_content import Scope
from services.dossiers import IssueDossier

router = APIRouter(prefix="/items", tags=["documents"])


class NewDossier(Body):
    """Which version. `with_files` off lists the evidence with its hashes instead of embedding it."""

    scope: Scope = Scope.FULL
    with_files: bool = True


class DossierAnswer(Answer):
    """The document to ask for: its file is there as soon as it is drawn, and is drawn at once for who does not wait.

    `sha256_of_content` is that of everything that was frozen.
    """

    document_id: UUID
    mark: str
    sha256_of_content: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


_MADE = DossierAnswer(document_id=ITEM_ID, mark="2026年案卷第3号", sha256_of_content="9f3c71ae" + "0" * 56)


@router.post("/{item_id}/dossiers", status_code=202, responses=example(_MADE, 202))
def issue_dossier(item_id: UUID, body: NewDossier, run: Run) -> DossierAnswer:
    """Freeze and number the dossier of an item as it stands now; nothing of the item changes."""
    issued = run(IssueDossier(item_id=item_id, scope=body.scope, with_files=body.with_files))
    return DossierAnswer(document_id=issued.id, mark=issued.mark, sha256_of_content=issued.sha256_of_content.hex())
