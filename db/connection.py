"""The connection of the application: what it prepared stays prepared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.abc import Transformer as TransformerType
from psycopg.adapt import Transformer
from psycopg.pq import TransactionStatus

Signature = tuple[bytes, tuple[int, ...]]
"""A statement and the types of its parameters."""


@dataclass(slots=True)
class Kept:
    """What one connection has prepared for its batches (`db.batch`)."""

    transformer: TransformerType
    names: dict[Signature, bytes] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)


class KeepingConnection(psycopg.Connection[Any]):
    """psycopg forgets every prepared statement with a rollback, and every request that only reads ends with one:
    each of its statements was planned anew, which took longer than running it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kept = Kept(Transformer(self))

    def rollback(self) -> None:
        """End the transaction and undo it. One that could only read, and in which nothing failed, has nothing to undo
        and is committed.
        """
        if self.read_only and self.info.transaction_status is TransactionStatus.INTRANS:
            self.commit()
        else:
            super().rollback()

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        """psycopg drops all prepared statements, also ours, after a rollback and statements like `DROP`."""
        if name is None:
            self.kept.names.clear()
        yield from super()._deallocate(name)
