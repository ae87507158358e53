"""One look at a file before it is kept: its kind by content, its structure, and a classification mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from domain.evidence import ALLOWED, FileKind, Inspection, declared_kind
from domain.evidence_errors import EvidenceClassified, ExtensionMismatch, FileEncrypted, FileTypeNotAllowed
from importers.grammar.marks import mark_in_lines, mark_in_name, mark_in_properties
from importers.inspection import ofd, office, pdf, pictures, plain

_HEAD_BYTES = 8192
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Glance:
    """What a reader saw of a file. `tops` are groups of lines that each start at the top of something: the first
    page, a header, a text box. `text_read` says whether there was any text to look at.
    """

    kind: FileKind
    tops: Sequence[Sequence[str]] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def text_read(self) -> bool:
        """Whether a mark would have been seen."""
        return any(line.strip() for top in self.tops for line in top)


def refuse_marked_name(name: str) -> None:
    """Raise EvidenceClassified if a file's name carries a classification mark."""
    mark = mark_in_name(PurePosixPath(name).stem)
    if mark is not None:
        raise EvidenceClassified(name, mark=mark, where="name")


def inspect_file(path: Path, name: str) -> Inspection:
    """Look into the file at `path` that its uploader calls `name`.

    The header decides what a file is: one that is also something else further down is what its header says, and is
    handed out as that and nothing else.

    Raises FileTypeNotAllowed, ExtensionMismatch, FileDamaged, FileEncrypted, FileHasMacros, FileExpandsTooFar,
    EvidenceClassified.
    """
    declared = declared_kind(name)
    refuse_marked_name(name)
    glance = _look(path)
    if glance.kind is not declared:
        raise ExtensionMismatch(name, found=glance.kind.value, declared=PurePosixPath(name).suffix)
    for top in glance.tops:
        mark = mark_in_lines(top)
        if mark is not None:
            raise EvidenceClassified(name, mark=mark, where="first_page")
    mark = mark_in_properties(glance.properties)
    if mark is not None:
        raise EvidenceClassified(name, mark=mark, where="properties")
    return Inspection(kind=glance.kind, text_read=glance.text_read)


def _look(path: Path) -> Glance:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"%PDF-"):
        page = pdf.read_first_page(path)
        return Glance(FileKind.PDF, (page.lines,), page.properties)
    if (picture := pictures.kind_of(head)) is not None:
        pictures.check(path, picture)
        return Glance(picture)
    if head.startswith(_ZIP):
        return _look_into_package(path, head)
    if head.startswith(_OLE):
        raise _ole_problem(path)
    if (lines := plain.first_lines(path)) is not None:
        return Glance(FileKind.TEXT, (lines,))
    raise FileTypeNotAllowed(str(path), found=_guess(head), allowed=ALLOWED)


def _look_into_package(path: Path, head: bytes) -> Glance:
    with office.opened(path) as package:
        if office.CONTENT_TYPES in package.names:
            kind, main = office.main_part(package)
            return Glance(kind, office.tops(package, kind, main), office.properties(package))
        if ofd.ROOT in package.names:
            return Glance(FileKind.OFD, (ofd.first_page(package),), ofd.properties(package))
    raise FileTypeNotAllowed(str(path), found=_guess(head), allowed=ALLOWED)


def _ole_problem(path: Path) -> Exception:
    """An office document with a password, or one of the formats before 2007: both come in this container."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as container:
            encrypted = container.exists("EncryptedPackage")
    except Exception:  # noqa: BLE001  olefile raises whatever a damaged container makes it raise
        encrypted = False
    if encrypted:
        return FileEncrypted(str(path))
    return FileTypeNotAllowed(str(path), found="doc/xls/ppt", allowed=ALLOWED)


def _guess(head: bytes) -> str:
    """What an unknown file looks like, for the sentence that refuses it."""
    import puremagic

    try:
        return str(puremagic.from_string(head)).removeprefix(".")
    except (puremagic.PureError, ValueError):
        return ""
