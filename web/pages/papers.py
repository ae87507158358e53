"""What a paper looks like printed: its pages as pictures beside the form where it is written, and its PDF."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response

from domain.errors import DomainError, NotFound
from services.queries.papers import Paper, batch_paper, bulletin_paper, issued_paper, minutes_paper
from services.queries.reading import Reading
from web.previews import sheets_of
from web.visit import Visit, Visiting

router = APIRouter()

PAPERS: dict[str, Callable[[Reading, UUID], Paper]] = {
    "batch": batch_paper,
    "bulletin": bulletin_paper,
    "conference": minutes_paper,
    "document": issued_paper,
}
"""What can be looked at, and how it is found; each refuses who may not see it."""
_OWN_PAGE: dict[str, Callable[[Visit, UUID], str]] = {
    "batch": lambda visit, paper_id: visit.url("replication_batch", batch_id=paper_id),
    "bulletin": lambda visit, paper_id: visit.url("bulletin", item_id=paper_id),
    "conference": lambda visit, paper_id: visit.url("conference", item_id=paper_id),
    "document": lambda visit, paper_id: visit.url("document", document_id=paper_id),
}
"""The page that a paper is looked at from."""
Number = Annotated[int, Path(ge=1, le=100)]


def _paper(visit: Visit, kind: str, paper_id: UUID) -> Paper:
    if kind not in PAPERS:
        raise NotFound(f"paper {kind}")
    return PAPERS[kind](visit.reading, paper_id)


@router.get("/papers/{kind}/{paper_id}", name="paper")
def show_paper(visit: Visiting, kind: str, paper_id: UUID) -> Response:
    """All pages of a paper, one below the other."""
    paper = _paper(visit, kind, paper_id)
    try:
        count = len(sheets_of(visit, paper))
        refused = None
    except DomainError as error:
        # A preview that cannot be drawn says why; the page beside it goes on working.
        count, refused = 0, visit.sentence(error)
    return visit.page(
        "papers/paper.html",
        paper=paper,
        kind=kind,
        paper_id=paper_id,
        back=_OWN_PAGE[kind](visit, paper_id),
        count=count,
        refused=refused,
    )


@router.get("/papers/{kind}/{paper_id}/{number}.png", name="paper_sheet")
def show_sheet(visit: Visiting, kind: str, paper_id: UUID, number: Number) -> Response:
    """One page as a picture. Its address has the digest of the content, so that it may be kept."""
    sheets = sheets_of(visit, _paper(visit, kind, paper_id))
    if number > len(sheets):
        raise NotFound(f"page {number}")
    return Response(sheets[number - 1], media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/papers/{kind}/{paper_id}/draft.pdf", name="paper_pdf")
def draft_pdf(visit: Visiting, kind: str, paper_id: UUID) -> Response:
    """The PDF of a draft, to be sent round before it is signed. An issued paper has its own file."""
    paper = _paper(visit, kind, paper_id)
    visit.close_reading()
    content = visit.container.draughtsman.pdf(paper.template, paper.content)
    headers = {
        "Content-Disposition": f"attachment; filename=\"draft.pdf\"; filename*=UTF-8''{quote(paper.title, safe='')}.pdf"
    }
    return Response(content, media_type="application/pdf", headers=headers)
