"""Several statements in one packet and one round trip.

psycopg's own pipeline sends every statement by itself, and a transaction's BEGIN waits for its answer. The server wakes
up for each, and where more processes work than there are cores, each time somebody else's memory has taken the cache:
with eight clients on two cores a step took a quarter longer that way.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg import errors, pq
from psycopg.abc import PQGen
from psycopg.abc import Transformer as TransformerType
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, send
from psycopg.pq.abc import PGresult

from db.connection import KeepingConnection, Kept, Signature

Rows = list[tuple[Any, ...]]
Parameters = Sequence[object] | Mapping[str, object]
Query = tuple[LiteralString, Parameters]

PREPARED = 400
"""Statements that are kept prepared for a `KeepingConnection`; what comes after them, and everything on other
connections, is sent whole each time.
"""

_PLACEHOLDER = re.compile(r"%(?:(?P<percent>%)|(?:\((?P<name>\w+)\))?(?P<format>[sbt])|)")
_FORMATS = {"s": PyFormat.AUTO, "b": PyFormat.BINARY, "t": PyFormat.TEXT}
_OTHER_BEGIN = ("isolation_level", "read_only", "deferrable")


def send_batch(connection: psycopg.Connection[Any], queries: Sequence[Query], *, binary: bool = False) -> list[Rows]:
    """The rows of each statement, none for a statement that returns none; in the transaction that is open, or a new
    one. `binary` has the rows come in the binary format.

    Placeholders are psycopg's: `%s` or `%(name)s`, and `%b` or `%t` for a format. Raises what psycopg raises for the
    first statement that failed; those after it were not run.
    """
    if not queries:
        return []
    begin = pq.TransactionStatus(connection.pgconn.transaction_status) is pq.TransactionStatus.IDLE
    if begin and any(getattr(connection, name) is not None for name in _OTHER_BEGIN):
        connection.execute("SELECT 1")  # psycopg knows how such a transaction begins
        begin = False
    kept = connection.kept if isinstance(connection, KeepingConnection) else None
    transformer = kept.transformer if kept else Transformer(connection)
    batch = _Batch(connection, transformer, kept, binary)
    return batch.run(queries, begin=begin and not connection.autocommit)


@lru_cache(maxsize=1_000)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...], list[PyFormat]]:
    """The statement with `$1`, `$2`, the names of its parameters in that order, and the formats asked for."""
    places: list[str | None] = []
    formats: list[PyFormat] = []

    def place(match: re.Match[str]) -> str:
        name, wanted = match["name"], match["format"]
        if wanted is None:
            if match["percent"] is None:
                raise psycopg.ProgrammingError(f"a lone % stands in {statement}")
            return "%"
        if name is None or name not in places:
            places.append(name)
            formats.append(_FORMATS[wanted])
        return f"${places.index(name) + 1 if name is not None else len(places)}"

    text = _PLACEHOLDER.sub(place, statement).encode()
    return text, tuple(name for name in places if name is not None), formats


@dataclass(slots=True)
class _Batch:
    connection: psycopg.Connection[Any]
    transformer: TransformerType
    kept: Kept | None
    binary: bool
    rows: list[Rows] = field(default_factory=list)
    # For each answer that will come: whose rows it has, or the statement that is prepared then, under which name.
    answers: list[int | tuple[Signature, bytes] | None] = field(default_factory=list)
    fresh: dict[Signature, bytes] = field(default_factory=dict)

    def run(self, queries: Sequence[Query], *, begin: bool) -> list[Rows]:
        pgconn = self.connection.pgconn
        pgconn.enter_pipeline_mode()
        try:
            if begin:
                pgconn.send_query_params(b"BEGIN", None)
                self.answers.append(None)
            for statement, parameters in queries:
                self._queue(statement, parameters)
        finally:
            # Also after a parameter that could not be adapted: what is queued already must be answered, or the
            # connection stays in the pipeline for ever.
            pgconn.pipeline_sync()
            found = self.connection.wait(self._collect())
            pgconn.exit_pipeline_mode()
            failed = self._take(found)
        if failed is not None:
            raise failed
        return self.rows

    def _queue(self, statement: LiteralString, parameters: Parameters) -> None:
        pgconn, transformer = self.connection.pgconn, self.transformer
        text, names, formats = _numbered(statement)
        values = parameters
        if isinstance(values, Mapping):
            values = [values[name] for name in names]
        if len(values) != len(formats):
            raise psycopg.ProgrammingError(f"{len(formats)} parameters are asked for, {len(values)} given: {statement}")
        adapted = transformer.dump_sequence(values, formats)
        signature = (text, transformer.types or ())
        name = self._prepared(signature)
        wanted = pq.Format.BINARY if self.binary else pq.Format.TEXT
        if name is None:
            pgconn.send_query_params(text, adapted, signature[1], transformer.formats, wanted)
        else:
            pgconn.send_query_prepared(name, adapted, transformer.formats, wanted)
        self.answers.append(len(self.rows))
        self.rows.append([])

    def _prepared(self, signature: Signature) -> bytes | None:
        """The name of the prepared statement, which may be queued just now; None if it is not kept."""
        if self.kept is None:
            return None
        name = self.kept.names.get(signature) or self.fresh.get(signature)
        if name is None and len(self.kept.names) + len(self.fresh) < PREPARED:
            name = self.fresh[signature] = b"dudao_%d" % next(self.kept.numbers)
            self.connection.pgconn.send_prepare(name, *signature)
            self.answers.append((signature, name))
        return name

    def _collect(self) -> PQGen[list[list[PGresult]]]:
        pgconn = self.connection.pgconn
        yield from send(pgconn)
        found: list[list[PGresult]] = []
        while len(found) < len(self.answers):
            found += [(yield from fetch_many(pgconn))]
        yield from fetch_many(pgconn)  # of the sync
        return found

    def _take(self, found: Sequence[Sequence[PGresult]]) -> errors.Error | None:
        """Keep rows and prepared statements; the first failure, if there is one."""
        transformer = self.transformer
        failed: errors.Error | None = None
        for answer, results in zip(self.answers, found, strict=True):
            result = results[0]
            if result.status == pq.ExecStatus.TUPLES_OK:
                assert isinstance(answer, int)
                transformer.set_pgresult(result)
                self.rows[answer] = transformer.load_rows(0, result.ntuples, tuple)
            elif result.status != pq.ExecStatus.COMMAND_OK:
                failed = failed or errors.error_from_result(result, encoding=self.connection.info.encoding)
            elif isinstance(answer, tuple) and self.kept is not None:
                signature, name = answer
                self.kept.names[signature] = name
        return failed
