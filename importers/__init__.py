"""Reading official documents into typed rows and flags. Nothing is stored here.

>>> read_document("任务清单.docx").to_json()  # doctest: +SKIP
"""

from pathlib import Path

from importers.model import ParsedDocument
from importers.registry import UnitRegistry


def read_document(
    source: Path | str | bytes, name: str | None = None, registry: UnitRegistry | None = None
) -> ParsedDocument:
    """Read a file (a path or its bytes) that holds a task list.

    `name` is what messages call it; units are looked up in `registry`, by default the packaged one.
    Raises a subclass of `importers.errors.UnreadableDocument`, or DocumentTooLarge, and nothing else.
    """
    from importers.readers.detect import load_document
    from importers.recognition.recognize import recognize
    from importers.registry import packaged_registry

    return recognize(load_document(source, name), registry or packaged_registry())
