"""The bulletins and official documents of the sample city as files, as their recipients would print them."""

from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from app.demo.dossiers import Written
from app.demo.stage import someone
from db.tables import DocumentSeries, IssuedDocument
from domain.documents import DocumentFormat
from domain.permissions import Role
from services.evaluation_documents import RECORDS
from services.executor import Executor
from services.ports import Draughtsman
from services.printing import printed
from services.queries.reading import reading

FOLDERS = {
    "bulletin": "信息简报",
    "minutes": "会议纪要",
    "notice": "公文/通知",
    "supervision_order": "公文/督办单",
    "red_supervision_order": "公文/督办单",
    "reminder_letter": "公文/提醒函",
    "circular": "公文/通报",
    "letter": "公文/函",
    "report": "公文/报告",
}


def write_documents(executor: Executor, draughtsman: Draughtsman, *, office_id: UUID, out: Path) -> list[Written]:
    """All papers of the office, a folder for each kind; drawn once, written again in a second run."""
    written = []
    with executor.sessions() as session:
        head = someone(session, office_id, Role.UNIT_LEADER, now=executor.clock.now())
        documents = session.exec(
            select(IssuedDocument)
            .join(DocumentSeries, col(DocumentSeries.id) == col(IssuedDocument.series_id))
            .where(
                IssuedDocument.office_unit_id == office_id,
                col(IssuedDocument.template).in_(FOLDERS),
                # The sheets behind a result, one for each unit, are its archive and are not sent around.
                DocumentSeries.key != RECORDS,
            )
            .order_by(col(IssuedDocument.issued_at))
        ).all()
        named = [(row.id, row.template, f"{row.issued_on:%Y-%m-%d} {row.mark}.pdf") for row in documents]
    for document_id, template, name in named:
        with reading(executor, head) as asked:
            content = printed(executor, draughtsman, asked, document_id, DocumentFormat.PDF).path.read_bytes()
        folder = out / FOLDERS[template]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(content)
        written.append(Written(path, len(content)))
    return written
