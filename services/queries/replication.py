"""Cases of 复制推广: the list, one case with everything said about it, who takes up what."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlmodel import col, func, select

from db.tables import (
    Adoption,
    Item,
    ReplicationBatch,
    ReplicationBatchEntry,
    ReplicationCase,
    Responsibility,
    Unit,
)
from domain.calendar import local_date
from domain.errors import NotFound
from domain.items import ItemKind, ResponsibilityRole
from domain.messages.replication import RANGE_NAMES, STATE_NAMES
from domain.replication import firms_of
from domain.replication_states import IN_FORCE, AdoptionState, CaseState
from services.queries.adoptions import AdoptionRow, adoptions_of
from services.queries.ledger_facts import Holder, holders_of
from services.queries.page import Key, Order, Page, page_of
from services.queries.reading import Reading
from services.queries.replication_record import (
    EffectCheck,
    ExpertScore,
    Letter,
    LikenessRow,
    Opinion,
    Report,
    effects_of,
    letters_of,
    likenesses_of,
    mean_of,
    opinions_of,
    reports_of,
    scores_of,
)
from services.queries.replication_source import CaseSource, source_of
from services.queries.text import contains
from services.visibility import visible_items


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list. `adopted` of `adoptions` units have settled with it; `batch` is the number of its batch.

    `basis_expired`: it is in force, and the policy that it rests on is not any more.
    """

    id: UUID
    number: str
    title: str
    state: str
    state_label: str
    applicants: tuple[str, ...]
    nominated_at: datetime
    batch: int | None
    range: str | None
    range_label: str
    due_on: date | None
    adoptions: int
    adopted: int
    basis_expired: bool
    held_by: tuple[Holder, ...]
    version: int


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """Everything of one case that its page shows. Scores are for the office, once all are in; an expert's unit sees
    its own (`domain.answers`).
    """

    row: CaseRow
    clue: str
    source_kind: str
    source_item_id: UUID | None
    source: CaseSource
    dossier: Mapping[str, Any]
    risk_level: str | None
    conference: str | None
    responsible: tuple[str, ...]
    policy_expires_on: date | None
    letter_number: str | None
    second_letter_number: str | None
    merged_into_id: UUID | None
    merged_from: tuple[UUID, ...]
    ended_because: str | None
    hidden_firms: tuple[str, ...]
    mean: Decimal | None
    opinions: tuple[Opinion, ...]
    scores: tuple[ExpertScore, ...]
    letters: tuple[Letter, ...]
    reports: tuple[Report, ...]
    adoptions: tuple[AdoptionRow, ...]
    likenesses: tuple[LikenessRow, ...]
    effects: tuple[EffectCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases. `basis_expired`: only those in force whose policy is not."""

    states: tuple[str, ...] = ()
    text: str | None = None
    applicant_id: UUID | None = None
    batch_id: UUID | None = None
    basis_expired: bool = False


_ORDER = Order((col(Item.created_at), col(Item.id)), (datetime, UUID), descending=True)


def _visible(reading: Reading) -> Any:
    return (
        sqlalchemy.select(Item, ReplicationCase, col(ReplicationBatch.number))
        .join(ReplicationCase, col(ReplicationCase.item_id) == col(Item.id))
        .outerjoin(ReplicationBatchEntry, col(ReplicationBatchEntry.item_id) == col(Item.id))
        .outerjoin(ReplicationBatch, col(ReplicationBatch.id) == col(ReplicationBatchEntry.batch_id))
        .where(visible_items(reading.actor), col(Item.kind) == ItemKind.REPLICATION_CASE)
    )


def cases(reading: Reading, filters: CaseFilter, *, limit: int = 50, after: Key | None = None) -> Page[CaseRow]:
    """The cases that the actor sees, the newest first. Raises InvalidCursor."""
    statement = _visible(reading)
    if filters.states:
        statement = statement.where(col(ReplicationCase.state).in_(filters.states))
    if filters.text:
        statement = statement.where(contains(filters.text))
    if filters.applicant_id is not None:
        held = select(Responsibility.item_id).where(
            Responsibility.unit_id == filters.applicant_id, Responsibility.role == ResponsibilityRole.APPLICANT
        )
        statement = statement.where(col(Item.id).in_(held))
    if filters.batch_id is not None:
        statement = statement.where(ReplicationBatchEntry.batch_id == filters.batch_id)
    if filters.basis_expired:
        statement = statement.where(
            col(ReplicationCase.state).in_(IN_FORCE), col(ReplicationCase.policy_expires_on) < local_date(reading.now)
        )
    if after is not None:
        statement = statement.where(_ORDER.after(after))
    found = reading.session.execute(statement.order_by(*_ORDER.clauses()).limit(limit + 1)).all()
    page = page_of(found, limit, lambda row: (row[0].created_at, row[0].id))
    return Page(tuple(_rows(reading, page.rows)), page.next)


def _rows(reading: Reading, found: Sequence[Any]) -> list[CaseRow]:
    ids = [item.id for item, *_ in found]
    if not ids:
        return []
    applicants = _applicants(reading, ids)
    held = holders_of(reading, ids)
    counted = _counts(reading, ids)
    return [
        CaseRow(
            id=item.id,
            number=item.number,
            title=item.text,
            state=case.state,
            state_label=STATE_NAMES[case.state],
            applicants=tuple(applicants[item.id]),
            nominated_at=item.created_at,
            batch=batch,
            range=case.range,
            range_label=RANGE_NAMES.get(case.range or "", ""),
            due_on=case.due_on,
            adoptions=counted.get(item.id, (0, 0))[0],
            adopted=counted.get(item.id, (0, 0))[1],
            basis_expired=_expired(reading, case),
            held_by=held.get(item.id, ()),
            version=item.version,
        )
        for item, case, batch in found
    ]


def _expired(reading: Reading, case: ReplicationCase) -> bool:
    on = case.policy_expires_on
    return on is not None and on < local_date(reading.now) and CaseState(case.state) in IN_FORCE


def _applicants(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Who gets the credit, in the order in which they joined; whoever had the part once keeps it."""
    rows = reading.session.exec(
        select(Responsibility.item_id, Unit.short_name)
        .join(Unit, col(Unit.id) == col(Responsibility.unit_id))
        .where(col(Responsibility.item_id).in_(ids), Responsibility.role == ResponsibilityRole.APPLICANT)
        .order_by(col(Responsibility.position))
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for item_id, name in rows:
        if name not in found[item_id]:
            found[item_id].append(name)
    return found


def _counts(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    # What ended with its case was settled by nobody.
    settled = func.count(col(Adoption.settled_at)).filter(col(Adoption.state) != AdoptionState.CANCELLED)
    rows = reading.session.execute(
        sqlalchemy.select(col(Adoption.case_item_id), func.count(), settled)
        .where(col(Adoption.case_item_id).in_(ids))
        .group_by(col(Adoption.case_item_id))
    )
    return {case_id: (every, settled) for case_id, every, settled in rows}


def case_detail(reading: Reading, item_id: UUID) -> CaseDetail:
    """One case that the actor sees. Raises NotFound."""
    found = reading.session.execute(_visible(reading).where(Item.id == item_id)).one_or_none()
    if found is None:
        raise NotFound(f"case {item_id}")
    case: ReplicationCase = found[1]
    source = source_of(reading, case)
    merged = reading.session.exec(select(ReplicationCase.item_id).where(ReplicationCase.merged_into_id == item_id))
    return CaseDetail(
        row=_rows(reading, [found])[0],
        clue=case.clue,
        source_kind=case.source_kind,
        source_item_id=source.item_id,
        source=source,
        dossier=case.dossier,
        risk_level=case.risk_level,
        conference=case.conference,
        responsible=tuple(case.responsible),
        policy_expires_on=case.policy_expires_on,
        letter_number=case.letter_number,
        second_letter_number=case.second_letter_number,
        merged_into_id=case.merged_into_id,
        merged_from=tuple(merged),
        ended_because=case.ended_because,
        hidden_firms=tuple(firm.name for firm in firms_of(case.dossier) if not firm.consents),
        mean=mean_of(reading, item_id),
        opinions=opinions_of(reading, item_id),
        scores=scores_of(reading, item_id),
        letters=letters_of(reading, item_id),
        reports=reports_of(reading, item_id),
        adoptions=tuple(adoptions_of(reading, [item_id])),
        likenesses=likenesses_of(reading, item_id),
        effects=effects_of(reading, item_id),
    )
