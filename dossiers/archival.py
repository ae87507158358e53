"""The last steps to PDF/A-3b (ISO 19005-3): tidied, with its files embedded, and checked.

What is given out has passed pikepdf's validator, an allow-list made after veraPDF's rules.
"""

import hashlib
import io
from collections.abc import Sequence
from datetime import datetime

import pikepdf
from pikepdf import pdfa
from pikepdf.models.metadata import encode_pdf_date

from domain.document_errors import AttachmentChanged, AttachmentMissing, NotArchivable
from domain.documents import Attached, free_name

FLAVOUR = "3b"
VARIANT = "pdf/a-3b"
"""WeasyPrint's name of it."""


def finished(drawn: bytes, attachments: Sequence[Attached], dated: datetime) -> bytes:
    """The document with its files embedded, valid and the same bytes each time.

    Raises AttachmentMissing, AttachmentChanged, NotArchivable.
    """
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        _drop_empty_resources(pdf)
        _embed(pdf, attachments, dated)
        out = io.BytesIO()
        settings = pdfa.resolve_save_kwargs(FLAVOUR, deterministic_id=True)
        pdf.save(out, **settings)
    report = pdfa.validate_written(out, FLAVOUR, settings)
    if not report.passed:
        raise NotArchivable("; ".join(str(finding)[:200] for finding in report.findings[:5]))
    return out.getvalue()


def _drop_empty_resources(pdf: pikepdf.Pdf) -> None:
    """Empty dictionaries of patterns say nothing, and the validator does not know them."""
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary):
            for key in ("/Pattern", "/Shading"):
                inner = each.get(key)
                if isinstance(inner, pikepdf.Dictionary) and len(inner) == 0:
                    del each[key]


def _embed(pdf: pikepdf.Pdf, attachments: Sequence[Attached], dated: datetime) -> None:
    """Every file with its hash, its kind and its use, listed in the catalogue as PDF/A-3 asks."""
    files = pikepdf.Array()
    taken: list[str] = []
    for attached in attachments:
        name = free_name(attached.name, taken)
        taken.append(name)
        spec = pikepdf.AttachedFileSpec(
            pdf,
            _content(attached),
            filename=name,
            description=attached.description or attached.name,
            mime_type=attached.media_type,
            creation_date=encode_pdf_date(dated),
            mod_date=encode_pdf_date(dated),
        )
        spec.obj.AFRelationship = pikepdf.Name.Supplement
        pdf.attachments[name] = spec
        files.append(spec.obj)
    if attachments:
        pdf.Root.AF = files


def _content(attached: Attached) -> bytes:
    try:
        content = attached.path.read_bytes()
    except OSError as error:
        raise AttachmentMissing(f"{attached.path}: {error.strerror}", name=attached.name) from error
    if hashlib.sha256(content).digest() != attached.sha256:
        raise AttachmentChanged(str(attached.path), name=attached.name)
    return content
