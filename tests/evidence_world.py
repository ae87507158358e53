"""A world whose executor has a file store, and hands that upload."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, select

from db.file_store import DiskFileStore
from domain.permissions import Actor, Role
from services.ports import Storage
from services.uploads import FinishUpload, StartUpload, StoredEvidence, UploadState, receive_chunk
from tests.world import World

Row = TypeVar("Row", bound=SQLModel)

MAX_BYTES = 8 * 1024 * 1024


@dataclass
class EvidenceWorld:
    """The world, its store, and where that lies."""

    world: World
    storage: Storage
    folder: Path

    @property
    def files(self) -> DiskFileStore:
        assert isinstance(self.storage.files, DiskFileStore)
        return self.storage.files

    @property
    def liaison(self) -> Actor:
        return self.world.actor(self.world.leads[0], Role.LIAISON)

    def issued(self, *, co_units: int = 1) -> UUID:
        """An item that its parties see."""
        item_id = self.world.item(co_units=co_units)
        self.world.complete(item_id, "issue")
        return item_id

    def start(
        self, item_id: UUID, content: bytes, name: str = "报告.pdf", actor: Actor | None = None, **fields: Any
    ) -> UUID:
        command = StartUpload(item_id=item_id, name=name, size=fields.pop("size", len(content)), **fields)
        started: UploadState = self.world.do(command, actor or self.liaison)
        return started.id

    def send(self, upload_id: UUID, data: bytes, *, offset: int, actor: Actor | None = None) -> int:
        now: datetime = self.world.clock.now()
        with self.world.sessions() as session:
            actor = actor or self.liaison
            return receive_chunk(session, self.storage, actor, upload_id, offset=offset, data=data, now=now).offset

    def finish(self, upload_id: UUID, actor: Actor | None = None) -> StoredEvidence:
        done: StoredEvidence = self.world.do(
            FinishUpload(upload_id=upload_id, proves="进展属实"), actor or self.liaison
        )
        return done

    def upload(
        self, item_id: UUID, content: bytes, name: str = "报告.pdf", actor: Actor | None = None, **fields: Any
    ) -> StoredEvidence:
        """The whole of it."""
        upload_id = self.start(item_id, content, name, actor, **fields)
        self.send(upload_id, content, offset=0, actor=actor)
        return self.finish(upload_id, actor)

    def rows(self, table: type[Row]) -> list[Row]:
        """All rows of a table."""
        with self.world.sessions() as session:
            return list(session.exec(select(table)).all())

    def on_disk(self) -> Sequence[str]:
        """The names of all files in the store, parts included."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


def with_store(world: World, folder: Path) -> EvidenceWorld:
    storage = Storage(DiskFileStore(folder), MAX_BYTES)
    world.executor.storage = storage
    return EvidenceWorld(world, storage, folder)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
