"""Column kinds that more than one table uses, so that each is spelled once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, DateTime, FetchedValue, Identity, LargeBinary, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from db import naming as _naming  # noqa: F401  the convention must be set before any table is defined


def key() -> Any:
    """A random UUID as primary key."""
    return Field(default_factory=uuid4, primary_key=True)


def serial() -> Any:
    """A 64-bit number given by the database, as primary key of append-only tables."""
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])


def reference(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    """A foreign key to `table.column`."""
    if nullable:
        return Field(default=None, foreign_key=target, index=index)
    return Field(foreign_key=target, index=index)


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """An aware instant, stored in UTC."""
    kind: Any = DateTime(timezone=True)
    if nullable:
        return Field(default=None, sa_type=kind, index=index)
    return Field(sa_type=kind, index=index)


def armed() -> Any:
    """An instant at which a sweep has to look at the row: at once for a new row, never where null."""
    kind: Any = DateTime(timezone=True)
    return Field(
        default=datetime(1970, 1, 1, tzinfo=UTC),
        sa_type=kind,
        nullable=True,
        sa_column_kwargs={"server_default": text("'epoch'")},
    )


def filled(kind: Any) -> Any:
    """A value of this SQL type that a trigger gives to a new row; read it from the database, never set it."""
    return Field(default=None, sa_type=kind, nullable=False, sa_column_kwargs={"server_default": FetchedValue()})


def json(default: type[Any] = dict) -> Any:
    """A JSON document. Never mutated in place: SQLAlchemy does not see it (assign a new value)."""
    return Field(default_factory=default, sa_type=JSONB, nullable=False)


def json_or_null() -> Any:
    """A JSON document or SQL NULL (never a JSON null)."""
    return Field(default=None, sa_type=JSONB(none_as_null=True))


def words(*, nullable: bool = False) -> Any:
    """Text without a length limit; limits belong to the request's schema."""
    return Field(default=None, sa_type=Text) if nullable else Field(sa_type=Text)


def small_number(default: int = 1) -> Any:
    """A 16-bit number that the database fills in where a statement does not name it."""
    return Field(
        default=default, sa_type=SmallInteger, nullable=False, sa_column_kwargs={"server_default": text(str(default))}
    )


def small_number_or_null() -> Any:
    """A 16-bit number, or nothing."""
    return Field(default=None, sa_type=SmallInteger)


def labels() -> Any:
    """An array of short words."""
    return Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)


def binary(*, nullable: bool = False) -> Any:
    """Bytes."""
    return Field(default=None, sa_type=LargeBinary) if nullable else Field(sa_type=LargeBinary)


__all__ = [
    "UUID",
    "armed",
    "binary",
    "datetime",
    "instant",
    "json",
    "key",
    "labels",
    "reference",
    "serial",
    "small_number",
    "small_number_or_null",
    "words",
]
