"""Lights of items: the facts they are judged by, the rules, and what was frozen at the close of a period."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from db.columns import binary, datetime, instant, json, reference, serial, words


class ProgressFact(SQLModel, table=True):
    """Something that lights and scores read, with two times: since when it holds, and since when it is known.

    Append-only. A correction is a later row with the same `effective_at`; "as of D, as known on K" reads the rows with
    `effective_at <= D` and `recorded_at <= K`, of which the newest `effective_at`, then the newest `id`, counts.
    `kind` and the form of `value` are those of `domain.light_facts.FactKind`.
    """

    __tablename__ = "progress_fact"
    __table_args__ = (Index("ix_progress_fact_item", "item_id", "kind"),)

    id: int | None = serial()
    item_id: UUID = reference("item.id", index=False)
    source_id: UUID | None = None
    effective_at: datetime = instant()
    recorded_at: datetime = instant()
    kind: str
    source_kind: str
    value: object = Field(sa_type=JSONB, nullable=False)


class LightRuleSet(SQLModel, table=True):
    """One version of the decision table of a list; without a list it is the one that every other list uses.

    Append-only. `content` is the DMN file, `digest` its sha256; it counts for what is judged as of `valid_from` or
    later, until the next version does.
    """

    __tablename__ = "light_rule_set"
    __table_args__ = (UniqueConstraint("list_id", "version", postgresql_nulls_not_distinct=True),)

    id: int | None = Field(default=None, primary_key=True)
    list_id: UUID | None = reference("task_list.id", nullable=True, index=False)
    version: int
    content: bytes = binary()
    digest: bytes = binary()
    note: str = words()
    valid_from: datetime = instant()
    published_at: datetime = instant()
    published_by: UUID | None = None


class Light(SQLModel, table=True):
    """The light of an item for one period, frozen at its close. Append-only: a late correction is a new fact.

    Judged as of `as_of`, as known on `known_on`, by the rule set that counted then (null where no rule was asked: the
    item's clock did not run). `reason` is what `domain.lights.Judgement.reason` gives.
    """

    __tablename__ = "light"

    item_id: UUID = Field(foreign_key="item.id", primary_key=True)
    period: str = Field(primary_key=True)
    rule_set_id: int | None = Field(default=None, foreign_key="light_rule_set.id")
    as_of: datetime = instant()
    known_on: datetime = instant()
    light: str
    reason: dict[str, object] = json()


class LightPeriod(SQLModel, table=True):
    """A period of a list all of whose items have their frozen light. Append-only."""

    __tablename__ = "light_period"

    list_id: UUID = Field(foreign_key="task_list.id", primary_key=True)
    period: str = Field(primary_key=True)
    starts_at: datetime = instant()
    closes_at: datetime = instant()
    frozen_at: datetime = instant()
