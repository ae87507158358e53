"""Why a file cannot be imported. Each is the user's to mend, so each has its own sentence in `domain.messages`."""

from domain.errors import RuleViolation, TooLarge


class UnreadableDocument(RuleViolation):
    """The file is not a document this system reads. Everything below is a more helpful case of it."""

    code = "document_unreadable"


class EmptyDocument(UnreadableDocument):
    """There is nothing in the file, or nothing but white space."""

    code = "document_empty"


class EncryptedDocument(UnreadableDocument):
    """The file opens with a password only."""

    code = "document_encrypted"


class ScannedPdf(UnreadableDocument):
    """The PDF is pictures of pages: no text in it."""

    code = "document_scanned_pdf"


class TextPdf(UnreadableDocument):
    """The PDF has text, but its tables are lines and positions, which is not read reliably enough to assign work by."""

    code = "document_text_pdf"


class LegacyWord(UnreadableDocument):
    """A .doc, .wps or .rtf of the time before .docx."""

    code = "document_legacy_word"


class OtherOffice(UnreadableDocument):
    """A spreadsheet, a presentation, an OpenDocument text or a web page."""

    code = "document_other_office"


class MacroDocument(UnreadableDocument):
    """The Word file carries macros."""

    code = "document_macro"


class ArchiveBomb(UnreadableDocument):
    """Unpacked, the file would be larger than any document is."""

    code = "document_bomb"


class UnsafeXml(UnreadableDocument):
    """The XML declares entities or a document type, which no word processor writes."""

    code = "document_unsafe_xml"


class DamagedDocument(UnreadableDocument):
    """The file claims to be a Word document and does not open as one."""

    code = "document_damaged"


class WrongEncoding(UnreadableDocument):
    """The text is in none of the encodings that are read (UTF-8, UTF-16 with its mark, GB18030)."""

    code = "document_encoding"


class TooComplexDocument(UnreadableDocument):
    """The document has more paragraphs or cells than the limit: reading it would hold up everybody else."""

    code = "document_too_complex"


class ClassifiedDocument(UnreadableDocument):
    """The document carries a classification mark (秘密 or higher): it must not be in this system at all."""

    code = "document_classified"


class DocumentTooLarge(TooLarge):
    """The file is larger than the limit for documents."""

    code = "document_too_large"


class DocumentNotFound(UnreadableDocument):
    """There is no such file, or it may not be read."""

    code = "document_not_found"
