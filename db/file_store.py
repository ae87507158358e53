"""Evidence on a file system, once by content, and the parts of unfinished uploads.

    contents/3f/3f9a...   one file per content, named by its sha256, never written to again
    parts/<upload id>     what has arrived of an upload; its length is the offset to go on from

Several processes and hosts may share the folder if its file system keeps flock (local ones do, NFS from version 4).
A part becomes content by a hard link and a rename, so that there is never half of it under its final name, and so
that a transaction that is repeated finds the part again.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from domain.evidence import StoredFile, check_chunk
from domain.evidence_errors import StorageFull

RESERVE_BYTES = 512 * 1024 * 1024
"""Left free on the disk: the database may lie on the same one, and a full disk would stop it."""

_FOLDER_MODE = 0o700
_PART_MODE = 0o600
_HASH_DIGITS = 64


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part under its lock."""

    store: "DiskFileStore"
    path: Path
    descriptor: int

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return os.fstat(self.descriptor).st_size

    def sha256(self) -> bytes:
        """The hash of what is on disk."""
        return file_sha256(self.path)

    def keep(self, sha256: bytes) -> None:
        """Put the bytes among the contents. A damaged file of the same content is replaced by a whole one."""
        target = self.store.path(sha256)
        _make_folder(target.parent)
        # Among the parts, where a process that dies here leaves what the sweep removes.
        fresh = self.path.with_name(str(uuid4()))
        try:
            try:
                fresh.hardlink_to(self.path)
            except OSError:
                # File systems without hard links.
                shutil.copyfile(self.path, fresh)
                _sync(fresh)
            fresh.replace(target)
        finally:
            # Renaming one name of a file to another name of the same file does nothing (rename(2)).
            fresh.unlink(missing_ok=True)
        _sync(target.parent)

    def discard(self) -> None:
        """Remove the part."""
        self.path.unlink(missing_ok=True)


class DiskFileStore:
    """Keeps evidence under one folder, which it makes when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._contents = folder / "contents"
        self._parts = folder / "parts"

    def has_room(self, size: int) -> bool:
        """Whether `size` bytes fit and `RESERVE_BYTES` stay free."""
        _make_folder(self._parts)
        return shutil.disk_usage(self._parts).free - RESERVE_BYTES >= size

    def received(self, upload_id: UUID) -> int:
        """The length of the part, 0 when there is none."""
        try:
            return self._part(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, upload_id: UUID, data: bytes, *, offset: int, size: int) -> int:
        """Add a chunk; one at a time, whoever sends. What a full disk took of it is taken back.

        Raises OffsetMismatch, TooLarge, StorageFull.
        """
        with self.part(upload_id) as part:
            received = part.size
            check_chunk(offset=offset, length=len(data), received=received, size=size)
            try:
                _write(part.descriptor, data, received)
                os.fsync(part.descriptor)
            except OSError as error:
                os.ftruncate(part.descriptor, received)
                raise StorageFull(str(error)) from error
            return received + len(data)

    @contextmanager
    def part(self, upload_id: UUID) -> Iterator[HeldPart]:
        """The part under an exclusive lock, which the kernel lets go when the process dies."""
        path = self._part(upload_id)
        descriptor = self._locked(path)
        try:
            yield HeldPart(self, path, descriptor)
        finally:
            os.close(descriptor)

    def _locked(self, path: Path) -> int:
        _make_folder(self._parts)
        while True:
            made = not path.exists()
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PART_MODE)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                # Whoever held the lock may have removed the file: then this is a file without a name.
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    if made:
                        _sync(self._parts)
                    return descriptor
            os.close(descriptor)

    def discard(self, upload_id: UUID) -> None:
        """Remove the part, once nobody writes to it."""
        if self._part(upload_id).exists():
            with self.part(upload_id) as part:
                part.discard()

    def parts(self) -> Iterator[tuple[UUID, datetime]]:
        """Every part with the time it last grew."""
        for path in _files(self._parts):
            with suppress(ValueError, FileNotFoundError):
                yield UUID(path.name), _changed_at(path)

    def path(self, sha256: bytes) -> Path:
        """`contents/3f/3f9a...`"""
        name = sha256.hex()
        return self._contents / name[:2] / name

    def remove(self, sha256: bytes) -> None:
        """Remove the file of this content, if there is one."""
        path = self.path(sha256)
        if path.exists():
            path.unlink(missing_ok=True)
            _sync(path.parent)

    def stored(self) -> Iterator[StoredFile]:
        """Every file under `contents`. Its hash is None when its name or its folder is not one of ours."""
        for folder in sorted(self._contents.iterdir()) if self._contents.is_dir() else []:
            for path in _files(folder) if folder.is_dir() else [folder]:
                sha256 = _hash_in(path.name)
                ours = sha256 is not None and self.path(sha256) == path
                with suppress(FileNotFoundError):
                    yield StoredFile(path, sha256 if ours else None, path.stat().st_size, _changed_at(path))

    def _part(self, upload_id: UUID) -> Path:
        return self._parts / str(upload_id)


def file_sha256(path: Path) -> bytes:
    """The hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _write(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if not folder.parent.is_dir():
        _make_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, safely to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _hash_in(name: str) -> bytes | None:
    try:
        return bytes.fromhex(name) if len(name) == _HASH_DIGITS else None
    except ValueError:
        return None


def _changed_at(path: Path) -> datetime:
    # The inode's change, not the content's: a file that was linked a moment ago is new here, however old it is.
    return datetime.fromtimestamp(path.stat().st_ctime, UTC)
