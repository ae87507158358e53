"""The public version of an assessment's report: made of what was frozen, less what is not for the public.

What the group said against itself, and what leads said of their grades, is counted and not told; of persons stands a
unit and a role, of firms a letter (domain notes P3, edge cases: public version redacted). It is an issued document of
its own, numbered and frozen with its hash, and names the report that it was made of. It carries no files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlmodel import col, select

from db.tables import Assessment, DocumentWithdrawal, IssuedDocument, Item, Person, Unit, UnitMember
from domain.assessment_errors import ReportNotIssued, ReportPublished
from domain.calendar import local_date
from domain.document_errors import DocumentWithdrawn
from domain.errors import NotFound
from domain.items import ItemKind
from domain.labels import label
from domain.messages.dossiers import PUBLIC_NOTE, PUBLIC_TITLE
from domain.permissions import Permission, Role
from domain.redaction import Mask, in_every_text
from services.assessment_report import SERIES, TEMPLATE
from services.documents import OWN_KEYS, Issued, issue_document
from services.matters import lock_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

VERBATIM: Final = ("period_from", "period_to", "held_on", "date", "visit", "seed", "sha256")
"""Keys whose texts are no words of people and are never masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """The head of the office, or the convener, publishes the report of an assessment, less what is not for the public.

    Once: another can be made when the first was withdrawn.
    """

    assessment_id: UUID

    def execute(self, uow: UnitOfWork) -> Issued:
        """The public document. Raises NotFound, PermissionDenied, ReportNotIssued, ReportPublished, DocumentWithdrawn
        where the report itself was taken back.
        """
        item = uow.session.get(Item, self.assessment_id)
        uow.about(self.assessment_id)
        known = item is not None and item.kind == ItemKind.ASSESSMENT
        if item is None or not known or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"assessment {self.assessment_id}")
        uow.require(Permission.ASSESSMENT_RULE, unit_id=item.office_unit_id)
        # Two who publish at once: the assessment's row is their lock.
        lock_matter(uow, item.id)
        document_id = uow.get(Assessment, item.id).document_id
        if document_id is None:
            raise ReportNotIssued(str(item.id))
        report = uow.get(IssuedDocument, document_id)
        withdrawn = uow.session.get(DocumentWithdrawal, document_id)
        if withdrawn is not None:
            raise DocumentWithdrawn(str(document_id), withdrawn_on=local_date(withdrawn.withdrawn_at).isoformat())
        published = uow.session.exec(public_reports(item.id)).first()
        if published is not None:
            raise ReportPublished(str(published.id), mark=published.mark)
        names, bodies = _names(uow), _bodies(uow)
        content = orjson.loads(report.snapshot)["content"]
        source = {"mark": report.mark, "date": report.issued_on.isoformat(), "sha256": report.sha256.hex()}
        made = public_content(content, names=names, bodies=bodies)
        mask = Mask(persons=names, spoken_of=bodies)
        return issue_document(
            uow,
            series=SERIES,
            template=TEMPLATE,
            title=PUBLIC_TITLE.format(title=mask.text(report.title)),
            content={**made, "public": source, "note": PUBLIC_NOTE},
            office_unit_id=item.office_unit_id,
            item_id=item.id,
            public=True,
        )


def public_content(content: Mapping[str, Any], *, names: Mapping[str, str], bodies: Sequence[str]) -> dict[str, Any]:
    """What may be published of a report's frozen content. `names` maps persons to what stands for them, `bodies` are
    the units that may be named.
    """
    reduced = {
        **{key: part for key, part in content.items() if key not in OWN_KEYS | {"addressee", "meeting"}},
        "minority": [{"number": row["number"]} for row in content["minority"]],
        "opinions": [{"outcome": row["outcome"]} for row in content["opinions"]],
        # That assessors disagreed, and that nobody was told of a visit, is how the group works.
        "items": [
            {**row, "third": False, "visit": "none" if row["visit"] == "none" else "announced"}
            for row in content["items"]
        ],
        "head": {"name": content["head"]["name"]},
        "imprint": {**content["imprint"], "copies": []},
    }
    mask = Mask(persons=names, spoken_of=bodies)
    made: dict[str, Any] = in_every_text(reduced, mask.text, but=VERBATIM)
    return made


def public_reports(assessment_id: UUID) -> Any:
    """The public versions of an assessment's report that nobody took back, as a statement."""
    withdrawn = select(DocumentWithdrawal.document_id)
    return select(IssuedDocument).where(
        IssuedDocument.item_id == assessment_id,
        IssuedDocument.template == TEMPLATE,
        col(IssuedDocument.public).is_(True),
        col(IssuedDocument.id).not_in(withdrawn),
    )


def _names(uow: UnitOfWork) -> dict[str, str]:
    """Everybody in the registry, and what stands for them: a report's words may name anybody."""
    statement = (
        select(Person.name, Unit.short_name, UnitMember.role)
        .join(UnitMember, col(UnitMember.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(UnitMember.unit_id))
        .order_by(col(Person.name), col(UnitMember.valid_from), col(UnitMember.role))
    )
    found: dict[str, str] = {}
    for name, unit, role in uow.session.exec(statement):
        found.setdefault(name, f"{unit}{label(Role, role)}")
    return found


def _bodies(uow: UnitOfWork) -> list[str]:
    rows = uow.session.exec(select(Unit.official_name, Unit.short_name)).all()
    return sorted({name for row in rows for name in row})
