"""Dossiers for the demo's folder: of the item with the longest story, and of a case if the city has one."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.demo.stage import someone
from db.tables import Item, ProcessInstance, WorkItem
from domain.documents import DocumentFormat
from domain.items import ItemKind
from domain.permissions import Actor, Role
from services.dossier_content import Scope
from services.dossiers import IssueDossier
from services.executor import Executor
from services.ports import Draughtsman
from services.printing import printed
from services.queries.dossiers import dossiers_of
from services.queries.reading import reading

NAMES = {ItemKind.TASK: "督办事项案卷", ItemKind.REPLICATION_CASE: "复制推广案例案卷"}
SCOPES = {Scope.FULL: "全本", Scope.PUBLIC: "公开本"}


@dataclass(frozen=True, slots=True)
class Written:
    """A dossier that lies in the folder."""

    path: Path
    size: int


def write_dossiers(executor: Executor, draughtsman: Draughtsman, *, office_id: UUID, out: Path) -> list[Written]:
    """The whole dossier, its public version and the .docx of each; made once, and written again in a second run."""
    with executor.sessions() as session:
        clerk = someone(session, office_id, Role.OFFICE_STAFF, now=executor.clock.now())
    written = []
    for kind, name in NAMES.items():
        with executor.sessions() as session:
            item_id = _longest_story(session, office_id, kind)
        if item_id is None:
            continue
        for scope, called in SCOPES.items():
            document_id = _dossier(executor, clerk, item_id, scope)
            forms = [DocumentFormat.PDF, *([DocumentFormat.DOCX] if scope is Scope.FULL else [])]
            for form in forms:
                with reading(executor, clerk) as asked:
                    content = printed(executor, draughtsman, asked, document_id, form).path.read_bytes()
                path = out / f"{name}（{called}）.{form}"
                path.write_bytes(content)
                written.append(Written(path, len(content)))
    return written


def _longest_story(session: Session, office_id: UUID, kind: ItemKind) -> UUID | None:
    """The item of a kind with the most completed steps; of several such the one that began first."""
    statement = (
        select(Item.id)
        .join(ProcessInstance, col(ProcessInstance.item_id) == col(Item.id))
        .join(WorkItem, col(WorkItem.instance_id) == col(ProcessInstance.id))
        .where(Item.office_unit_id == office_id, Item.kind == kind, col(WorkItem.closed_by).is_not(None))
        .group_by(col(Item.id))
        .order_by(func.count().desc(), col(Item.created_at), col(Item.id))
        .limit(1)
    )
    return session.exec(statement).first()


def _dossier(executor: Executor, clerk: Actor, item_id: UUID, scope: Scope) -> UUID:
    with executor.sessions() as session:
        known = dossiers_of(session, item_id, scope)
    return known[0] if known else executor.execute(IssueDossier(item_id=item_id, scope=scope), actor=clerk).id
