"""The papers of 评价 and 评估 in the sample city as files: each kind once, as printed and for editing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from app.demo.dossiers import Written
from app.demo.stage import someone
from db.tables import Assessment, DocumentSeries, Evaluation, IssuedDocument, Item
from domain.documents import DocumentFormat
from domain.permissions import Role
from services.evaluation_documents import CIRCULARS, RECORDS
from services.executor import Executor
from services.ports import Draughtsman
from services.printing import printed
from services.queries.reading import reading

FOLDER: Final = "评价和评估"


def write_judged_papers(executor: Executor, draughtsman: Draughtsman, *, office_id: UUID, out: Path) -> list[Written]:
    """Scheme, circular and assessment reports of the office, and of one unit what it was asked and told."""
    folder = out / FOLDER
    with executor.sessions() as session:
        head = someone(session, office_id, Role.UNIT_LEADER, now=executor.clock.now())
        documents = [*of_evaluations(session, office_id), *_reports(session, office_id)]
        named = [(row.id, row.title) for row in documents]
    written = []
    for document_id, title in named:
        for form in DocumentFormat:
            with reading(executor, head) as asked:
                content = printed(executor, draughtsman, asked, document_id, form).path.read_bytes()
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{title}.{form}"
            path.write_bytes(content)
            written.append(Written(path, len(content)))
    return written


def of_evaluations(session: Session, office_id: UUID) -> Sequence[IssuedDocument]:
    """Those of the evaluations themselves, and all of the unit about which there is most to read."""
    rows = session.exec(
        select(IssuedDocument)
        .join(DocumentSeries, col(DocumentSeries.id) == col(IssuedDocument.series_id))
        .where(IssuedDocument.office_unit_id == office_id, col(DocumentSeries.key).in_([RECORDS, CIRCULARS]))
        .order_by(col(IssuedDocument.issued_at), col(IssuedDocument.number))
    ).all()
    whole = set(session.exec(select(Evaluation.item_id)))
    papers: dict[UUID | None, list[IssuedDocument]] = {}
    for row in rows:
        papers.setdefault(row.item_id, []).append(row)
    of_units = [each for item_id, each in papers.items() if item_id not in whole]
    fullest = max(of_units, key=lambda each: (len(each), sum(len(row.snapshot) for row in each)), default=[])
    return [row for row in rows if row.item_id in whole or row in fullest]


def _reports(session: Session, office_id: UUID) -> Sequence[IssuedDocument]:
    return session.exec(
        select(IssuedDocument)
        .join(Assessment, col(Assessment.item_id) == col(IssuedDocument.item_id))
        .join(Item, col(Item.id) == col(Assessment.item_id))
        .where(Item.office_unit_id == office_id)
        .order_by(col(IssuedDocument.issued_at))
    ).all()
