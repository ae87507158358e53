"""Publishing process models: linted, then immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import select

from bpmn.bundle import Bundle
from bpmn.findings import Finding
from db.tables import ProcessVersion
from domain.errors import NotFound
from domain.messages import finding_sentence
from domain.permissions import Permission
from domain.process_errors import ModelRefused
from domain.telling import side_by_side
from services.process_library import publish
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Published:
    """The version a bundle is; `already` says that this very bundle had been published before."""

    version_id: int
    process: str
    version: int
    already: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishModel:
    """A bundle becomes the newest version of its process. Running instances stay on theirs."""

    process: str
    files: Mapping[str, bytes] = field(metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> Published:
        """Raises ModelRefused with what the linter found."""
        uow.require(Permission.MODEL_PUBLISH)
        bundle = Bundle.of(self.files, self.process)
        refuse_errors(bundle, bundle.lint(_newest(uow, self.process)))
        same = select(ProcessVersion.id).where(ProcessVersion.digest == bundle.digest)
        already = uow.session.exec(same).first() is not None
        version = publish(uow.session, bundle, published_at=uow.now, published_by=uow.actor.id)
        assert version.id is not None
        return Published(version.id, version.key, version.version, already)


def refuse_errors(bundle: Bundle, findings: list[Finding]) -> None:
    """Raise ModelRefused when there is an error among the findings; warnings pass."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        sentences = [finding_sentence(f.code, f.element_id, f.args) for f in errors]
        raise ModelRefused(f"{bundle.key}: {len(errors)} errors", reason=side_by_side(sentences, " "))


def _newest(uow: UnitOfWork, process: str) -> Bundle | None:
    try:
        return uow.library.bundle(uow.session, uow.library.newest(uow.session, process))
    except NotFound:
        return None
