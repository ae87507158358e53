"""Errors of documents that are drawn, numbered and kept."""

from domain.errors import Conflict, NotFound, RuleViolation, TooLarge, Unavailable


class TooManyAttachments(TooLarge):
    """One document would carry more files, or more bytes, than readers can open."""

    code = "too_many_attachments"


class AttachmentChanged(RuleViolation):
    """A file to be embedded is not what was recorded when it was taken in."""

    code = "attachment_changed"


class AttachmentMissing(Unavailable):
    """The bytes of a file to be embedded are not where they should be."""

    code = "attachment_missing"


class AddressRefused(RuleViolation):
    """Something in the document asks for an address; documents are made of what is here, and of nothing else."""

    code = "document_address_refused"


class CharactersUnprintable(RuleViolation):
    """No font of this installation has some of the characters."""

    code = "document_characters_unprintable"


class ContentRefused(RuleViolation):
    """The content does not have what its template prints, or is not plain data."""

    code = "document_content_refused"


class FontsMissing(Unavailable):
    """Documents cannot be drawn: their fonts or the libraries that draw them are not installed."""

    code = "document_fonts_missing"


class RendererFailed(Unavailable):
    """The process that draws died over this document, for want of memory as a rule."""

    code = "document_renderer_failed"


class RenderingTookTooLong(Unavailable):
    """The document would not end, and its process was stopped."""

    code = "document_took_too_long"


class IssuedTookTooLong(RenderingTookTooLong):
    """An issued document would not end: its content is frozen, so that nobody can make it shorter."""

    code = "document_issued_took_too_long"


class IssuedNotDrawn(RendererFailed):
    """The process that draws died over an issued document, whose content is frozen."""

    code = "document_issued_not_drawn"


class FileTookTooLong(RenderingTookTooLong):
    """A file that somebody brought to be checked could not be read in time."""

    code = "document_file_took_too_long"


class FileNotRead(RendererFailed):
    """The process that reads a file to be checked died over it."""

    code = "document_file_not_read"


class RendererBusy(Unavailable):
    """Many documents are being drawn, and this one's turn did not come in time."""

    code = "document_renderer_busy"


class NotArchivable(RuleViolation):
    """What was drawn does not pass the check of PDF/A-3b and is not given out."""

    code = "document_not_archivable"


class DocumentWithdrawn(Conflict):
    """The document was withdrawn before."""

    code = "document_withdrawn"


class MarkPatternRefused(RuleViolation):
    """The pattern of a series' numbers has no number in it, or asks for something that nothing fills in."""

    code = "document_pattern_refused"


class DocumentNotFound(NotFound):
    """There is no such document, or the actor may not know that there is."""

    code = "document_not_found_here"


class SeriesUnknown(NotFound):
    """The office has no series of documents of this name."""

    code = "document_series_unknown"
