"""KPI targets for pages: how each stands, its series with the course it should take, and where it goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import col, select

from db.tables import Evidence, Item, KpiBase, KpiItem, KpiReading, KpiRequest, KpiTarget, Person, Unit
from domain.calendar import local_date
from domain.errors import NotFound
from domain.items import ItemStatus, Strength
from domain.kpi import (
    KpiKind,
    KpiState,
    Method,
    Target,
    WhyNot,
    expected,
    figure,
    forecast,
    measure,
    standing,
    state,
)
from domain.kpi import Reading as Figure
from domain.kpi_reporting import KpiRhythm
from domain.labels import label
from domain.permissions import BUSINESS
from services.queries.kpi_requests import KpiRequestRow, kpi_requests, open_counts
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_items


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One target as of a day. `value` is null where it cannot be assessed, and `why_not` says why: it is never zero
    for want of a figure. `expected` is what an even course asks for on the day of the newest figure. `forecast` with
    `low` and `high` is for the target's date, by `method` over the last `used` figures. `reporter` is who reports its
    figures in `rhythm`; `asked` how many requests are open.
    """

    id: UUID
    name: str
    parent_id: UUID | None
    kind: str
    kind_label: str
    unit: str
    target: float
    base: float | None
    base_on: date
    target_on: date
    strength_label: str
    value: float | None
    ratio: float | None
    value_as_of: date | None
    expected: float | None
    state: str
    state_label: str
    why_not: str | None
    why_not_label: str
    forecast: float | None
    low: float | None
    high: float | None
    method: str
    method_label: str
    used: int
    items: int
    reporter_id: UUID | None
    reporter: str
    rhythm: str | None
    rhythm_label: str
    asked: int


@dataclass(frozen=True, slots=True)
class KpiPoint:
    """One figure of the series: as it was read (`amount`), in the target's unit (`value`), and the course's."""

    as_of: date
    amount: float
    value: float | None
    expected: float | None


@dataclass(frozen=True, slots=True)
class KpiFigure:
    """One recorded figure with its source; `counts` is whether no later one of the same day has replaced it. What was
    reported by a unit has the request that it answered.
    """

    id: int
    as_of: date
    value: float
    source: str
    evidence: tuple[tuple[UUID, str], ...]
    recorded_at: datetime
    recorded_by: str | None
    counts: bool
    request_item_id: UUID | None
    reported_by: str


@dataclass(frozen=True, slots=True)
class KpiBaseRow:
    """One recorded base."""

    value: float
    source: str
    recorded_at: datetime
    recorded_by: str | None


@dataclass(frozen=True, slots=True)
class KpiServing:
    """An item that serves the target."""

    id: UUID
    number: str
    text: str
    status: str
    status_label: str


@dataclass(frozen=True, slots=True)
class KpiDetail:
    """A target with everything that a chart and a page need."""

    row: KpiRow
    source: str
    item_id: UUID | None
    series: tuple[KpiPoint, ...]
    figures: tuple[KpiFigure, ...]
    bases: tuple[KpiBaseRow, ...]
    serving: tuple[KpiServing, ...]
    requests: tuple[KpiRequestRow, ...]
    may_edit: bool


def kpi_targets(asked: Reading, *, as_of: date | None = None, known_at: datetime | None = None) -> tuple[KpiRow, ...]:
    """The targets in force that the actor sees, in the order of their dates and names, each part after its whole."""
    rows = list(
        asked.session.exec(select(KpiTarget).where(visible_targets(asked), col(KpiTarget.retired_at).is_(None)))
    )
    facts = _Facts(asked, [row.id for row in rows], as_of, known_at)
    rows.sort(key=lambda row: (row.target_on, row.name, str(row.id)))
    order: list[KpiTarget] = []
    known = {row.id for row in rows}
    for row in rows:
        if row.parent_id not in known:
            order += [row, *(part for part in rows if part.parent_id == row.id)]
    order += [row for row in rows if row not in order]
    return tuple(facts.row(each) for each in order)


def kpi_target(
    asked: Reading, target_id: UUID, *, as_of: date | None = None, known_at: datetime | None = None
) -> KpiDetail:
    """One target with its series. Raises NotFound, also for one that the actor may not see."""
    found = asked.session.exec(select(KpiTarget).where(KpiTarget.id == target_id, visible_targets(asked))).one_or_none()
    if found is None:
        raise NotFound(f"kpi target {target_id}")
    facts = _Facts(asked, [found.id], as_of, known_at)
    target = facts.target(found)
    points = tuple(
        KpiPoint(each.as_of, each.value, figure(target, each), expected(target, each.as_of))
        for each in facts.standing(found.id)
    )
    serving = asked.session.exec(
        select(Item)
        .join(KpiItem, col(KpiItem.item_id) == col(Item.id))
        .where(KpiItem.target_id == found.id, visible_items(asked.actor))
        .order_by(col(Item.list_id), col(Item.position))
    ).all()
    return KpiDetail(
        row=facts.row(found),
        source=found.source,
        item_id=found.item_id,
        series=points,
        figures=facts.figures(found.id),
        bases=facts.bases_of(found.id),
        serving=tuple(
            KpiServing(item.id, item.number, item.text, item.status, label(ItemStatus, item.status)) for item in serving
        ),
        requests=kpi_requests(asked, target_ids=[found.id]),
        may_edit=found.office_unit_id in asked.actor.units_as(*OFFICE_ROLES),
    )


def visible_targets(asked: Reading) -> ColumnElement[bool]:
    """Whose targets the actor sees, as a condition: the office's own, those served by an item that they see, those that
    their unit reports or was asked for.
    """
    serves = exists(
        select(KpiItem.item_id)
        .join(Item, col(Item.id) == col(KpiItem.item_id))
        .where(col(KpiItem.target_id) == col(KpiTarget.id), visible_items(asked.actor))
    )
    offices = asked.actor.units_as(*OFFICE_ROLES)
    reports = col(KpiTarget.unit_id).in_(asked.actor.units_as(*BUSINESS))
    was_asked = exists(
        select(KpiRequest.item_id)
        .join(Item, col(Item.id) == col(KpiRequest.item_id))
        .where(col(KpiRequest.target_id) == col(KpiTarget.id), visible_items(asked.actor))
    )
    return or_(col(KpiTarget.office_unit_id).in_(offices), serves, reports, was_asked)


class _Facts:
    """Bases, figures and links of some targets, read once, as of a day and as known at a moment."""

    def __init__(self, asked: Reading, ids: Sequence[UUID], as_of: date | None, known_at: datetime | None) -> None:
        self.as_of = as_of or local_date(asked.now)
        self.known_at = known_at or asked.now
        session = asked.session
        self._bases: dict[UUID, list[tuple[KpiBase, str | None]]] = defaultdict(list)
        for base, name in session.exec(
            select(KpiBase, Person.name)
            .outerjoin(Person, col(Person.id) == col(KpiBase.recorded_by))
            .where(col(KpiBase.target_id).in_(ids), col(KpiBase.recorded_at) <= self.known_at)
            .order_by(col(KpiBase.id))
        ):
            self._bases[base.target_id].append((base, name))
        self._asked = open_counts(asked, ids)
        self._units = dict(
            session.exec(
                select(Unit.id, Unit.short_name).where(
                    col(Unit.id).in_(select(KpiTarget.unit_id).where(col(KpiTarget.id).in_(ids)))
                    | col(Unit.id).in_(select(KpiRequest.unit_id).where(col(KpiRequest.target_id).in_(ids)))
                )
            ).all()
        )
        self._readings: dict[UUID, list[tuple[KpiReading, str | None, UUID | None]]] = defaultdict(list)
        for reading, name, unit_id in session.exec(
            select(KpiReading, Person.name, KpiRequest.unit_id)
            .outerjoin(Person, col(Person.id) == col(KpiReading.recorded_by))
            .outerjoin(KpiRequest, col(KpiRequest.item_id) == col(KpiReading.request_item_id))
            .where(col(KpiReading.target_id).in_(ids), col(KpiReading.recorded_at) <= self.known_at)
            .order_by(col(KpiReading.id))
        ):
            self._readings[reading.target_id].append((reading, name, unit_id))
        self._items: dict[UUID, int] = defaultdict(int)
        for target_id in session.exec(select(KpiItem.target_id).where(col(KpiItem.target_id).in_(ids))):
            self._items[target_id] += 1
        self._evidence = _evidence_names(
            asked, (UUID(each) for rows in self._readings.values() for row, *_ in rows for each in row.evidence_ids)
        )

    def target(self, row: KpiTarget) -> Target:
        """The target with the base that was known."""
        bases = self._bases[row.id]
        base = bases[-1][0].value if bases else None
        return Target(KpiKind(row.kind), row.target, row.base_on, row.target_on, base)

    def standing(self, target_id: UUID) -> list[Figure]:
        """The figures that count."""
        figures = (Figure(row.as_of, row.value, row.recorded_at) for row, *_ in self._readings[target_id])
        return standing(figures, as_of=self.as_of, known_at=self.known_at)

    def row(self, found: KpiTarget) -> KpiRow:
        """The target as a list shows it."""
        target, figures = self.target(found), self.standing(found.id)
        measured, ahead = measure(target, figures), forecast(target, figures)
        stands = state(target, measured, self.as_of)
        return KpiRow(
            id=found.id,
            name=found.name,
            parent_id=found.parent_id,
            kind=found.kind,
            kind_label=label(KpiKind, found.kind),
            unit=found.unit,
            target=found.target,
            base=target.base,
            base_on=found.base_on,
            target_on=found.target_on,
            strength_label=label(Strength, found.strength),
            value=measured.value,
            ratio=measured.ratio,
            value_as_of=measured.as_of,
            expected=None if measured.as_of is None else expected(target, measured.as_of),
            state=stands,
            state_label=label(KpiState, stands),
            why_not=measured.why_not,
            why_not_label=_why(measured.why_not),
            forecast=ahead.value,
            low=ahead.low,
            high=ahead.high,
            method=ahead.method,
            method_label=label(Method, ahead.method),
            used=ahead.used,
            items=self._items[found.id],
            reporter_id=found.unit_id,
            reporter="" if found.unit_id is None else self._units[found.unit_id],
            rhythm=found.rhythm,
            rhythm_label=label(KpiRhythm, found.rhythm),
            asked=self._asked.get(found.id, 0),
        )

    def figures(self, target_id: UUID) -> tuple[KpiFigure, ...]:
        """Every recorded figure, the newest day first."""
        newest = {row.as_of: row.id for row, *_ in self._readings[target_id]}
        rows = sorted(self._readings[target_id], key=lambda each: (each[0].as_of, each[0].id or 0), reverse=True)
        return tuple(
            KpiFigure(
                id=row.id or 0,
                as_of=row.as_of,
                value=row.value,
                source=row.source,
                evidence=tuple((UUID(each), self._evidence.get(UUID(each), "")) for each in row.evidence_ids),
                recorded_at=row.recorded_at,
                recorded_by=name,
                counts=newest[row.as_of] == row.id,
                request_item_id=row.request_item_id,
                reported_by="" if unit_id is None else self._units[unit_id],
            )
            for row, name, unit_id in rows
        )

    def bases_of(self, target_id: UUID) -> tuple[KpiBaseRow, ...]:
        """Every recorded base, the newest first."""
        return tuple(
            KpiBaseRow(row.value, row.source, row.recorded_at, name) for row, name in reversed(self._bases[target_id])
        )


def _why(why_not: str | None) -> str:
    return label(WhyNot, why_not)


def _evidence_names(asked: Reading, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    return dict(asked.session.exec(select(Evidence.id, Evidence.name).where(col(Evidence.id).in_(wanted))).all())
