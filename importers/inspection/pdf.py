"""The first page of a PDF, read in a process of its own.

pypdf is pure Python and a hostile file can make it compute or allocate without end; a process can be limited and
killed, a thread cannot.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from domain.evidence_errors import FileDamaged, FileEncrypted

SECONDS = 30
"""How long a first page may take. A scan of 200 MB takes less than one second."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first lines of the page by their place on it, and the document's properties."""

    lines: list[str]
    properties: dict[str, str]


def read_first_page(path: Path) -> FirstPage:
    """Raises FileEncrypted when a password is needed, FileDamaged when no page can be reached within the limits."""
    command = [sys.executable, "-I", "-m", "importers.inspection.pdf_process", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  no shell
    except subprocess.TimeoutExpired as error:
        raise FileDamaged(f"{path}: no answer in {SECONDS} s") from error
    if done.returncode != 0:
        raise FileDamaged(f"{path}: {done.stderr[-500:].decode(errors='replace')}")
    seen = json.loads(done.stdout)
    if seen["encrypted"]:
        raise FileEncrypted(str(path))
    return FirstPage(seen["lines"], seen["properties"])
