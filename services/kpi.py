"""KPI targets as commands: set one, give it its base, record figures, link the items that serve it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from db.tables import Evidence, Item, KpiBase, KpiItem, KpiReading, KpiTarget, Unit
from domain.errors import AlreadyExists, NotFound, WrongStatus
from domain.items import ItemKind, Strength
from domain.kpi import KpiKind, Target, check_reading, check_target
from domain.kpi_errors import KpiEvidenceUnrelated, KpiNotAnItemTarget, KpiSourceMissing
from domain.permissions import Permission
from services.kpi_endings import end_requests_of
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKpiTarget:
    """The office sets a target: what shall be reached by `target_on`, counted from `base_on`.

    `parent_id` is the target it is a part of. `base` is the value on `base_on` (of growth: of its year), with where
    it is printed; it may come later, and until then a growth cannot be assessed.
    """

    office_unit_id: UUID
    name: str
    kind: KpiKind
    target: float
    unit: str
    base_on: date
    target_on: date
    source: str
    base: float | None = None
    base_source: str = ""
    strength: Strength | None = None
    parent_id: UUID | None = None
    item_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The target's id. Raises PermissionDenied, KpiDatesReversed, KpiValueOutOfRange, KpiSourceMissing."""
        uow.require(Permission.KPI_EDIT, unit_id=self.office_unit_id)
        if not self.source.strip() or (self.base is not None and not self.base_source.strip()):
            raise KpiSourceMissing(self.name)
        check_target(Target(self.kind, self.target, self.base_on, self.target_on, self.base))
        if self.parent_id is not None:
            office_target(uow, self.parent_id)
        uow.get(Unit, self.office_unit_id)
        row = KpiTarget(
            office_unit_id=self.office_unit_id,
            item_id=self.item_id,
            parent_id=self.parent_id,
            name=self.name.strip(),
            kind=self.kind,
            target=self.target,
            unit=self.unit.strip(),
            base_on=self.base_on,
            target_on=self.target_on,
            strength=self.strength,
            source=self.source.strip(),
            created_at=uow.now,
            created_by=uow.actor.id,
        )
        uow.session.add(row)
        uow.session.flush()
        uow.about(row.id)
        if self.base is not None:
            _add_base(uow, row.id, self.base, self.base_source)
        return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverKpiTarget:
    """The office makes a target of an item whose import read one: name, value, unit and date are the document's.

    `base_on` is the end of the year before the plan begins, which no document prints in one place.
    """

    item_id: UUID
    base_on: date

    def execute(self, uow: UnitOfWork) -> UUID:
        """The target's id. Raises NotFound, KpiNotAnItemTarget, AlreadyExists, and what `SetKpiTarget` raises."""
        uow.about(self.item_id)
        item = uow.session.get(Item, self.item_id)
        if item is None or item.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"item {self.item_id}")
        uow.require(Permission.KPI_EDIT, unit_id=item.office_unit_id)
        read = item.kpi
        if read is None or read.get("by") is None:
            raise KpiNotAnItemTarget(str(item.id))
        known = select(KpiTarget.id).where(KpiTarget.item_id == item.id, col(KpiTarget.retired_at).is_(None))
        if uow.session.exec(known).first() is not None:
            raise AlreadyExists(str(item.id), what="kpi")
        base = read.get("baseline")
        return SetKpiTarget(
            office_unit_id=item.office_unit_id,
            name=str(read["name"]),
            kind=KpiKind(str(read["type"])),
            target=float(str(read["target"])),
            unit=str(read["unit"]),
            base_on=self.base_on,
            target_on=date.fromisoformat(str(read["by"])),
            source=item.text_printed,
            base=float(str(base["value"])) if isinstance(base, dict) else None,
            base_source=item.text_printed,
            strength=Strength(item.due_strength) if item.due_strength else None,
            item_id=item.id,
        ).execute(uow)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKpiBase:
    """The office records the base of a target, or a better figure for it; the earlier ones stay."""

    target_id: UUID
    value: float
    source: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, KpiSourceMissing, KpiValueOutOfRange."""
        row = office_target(uow, self.target_id)
        if not self.source.strip():
            raise KpiSourceMissing(row.name)
        check_target(Target(KpiKind(row.kind), row.target, row.base_on, row.target_on, self.value))
        _add_base(uow, row.id, self.value, self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKpiReading:
    """The office records a figure that is true of a day. A better one for the same day is recorded beside it, and
    counts from now on; what was known before can still be asked.
    """

    target_id: UUID
    as_of: date
    value: float
    source: str
    evidence_ids: tuple[UUID, ...] = ()

    def execute(self, uow: UnitOfWork) -> int:
        """The reading's number. Raises NotFound, PermissionDenied, KpiSourceMissing, KpiEvidenceUnrelated, and what is
        wrong with the figure.
        """
        row = office_target(uow, self.target_id)
        if not self.source.strip():
            raise KpiSourceMissing(row.name)
        target = Target(KpiKind(row.kind), row.target, row.base_on, row.target_on)
        check_reading(target, row.name, self.as_of, self.value, uow.today)
        self._check_evidence(uow, row)
        reading = KpiReading(
            target_id=row.id,
            as_of=self.as_of,
            value=self.value,
            source=self.source.strip(),
            evidence_ids=[str(evidence_id) for evidence_id in self.evidence_ids],
            recorded_by=uow.actor.id,
            recorded_at=uow.now,
        )
        uow.session.add(reading)
        uow.session.flush()
        assert reading.id is not None
        return reading.id

    def _check_evidence(self, uow: UnitOfWork, row: KpiTarget) -> None:
        wanted = set(self.evidence_ids)
        if not wanted:
            return
        serving = set(uow.session.exec(select(KpiItem.item_id).where(KpiItem.target_id == row.id)))
        if row.item_id is not None:
            serving.add(row.item_id)
        found = uow.session.exec(
            select(Evidence.id).where(col(Evidence.id).in_(wanted), col(Evidence.item_id).in_(serving))
        ).all()
        if set(found) != wanted:
            raise KpiEvidenceUnrelated(str(row.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKpiItem:
    """The office says that an item serves a target, or (`serves` false) that it does not."""

    target_id: UUID
    item_id: UUID
    serves: bool = True

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, also for an item of another office."""
        row = office_target(uow, self.target_id)
        item = uow.session.get(Item, self.item_id)
        if item is None or item.office_unit_id != row.office_unit_id or item.kind != ItemKind.TASK:
            raise NotFound(f"item {self.item_id}")
        known = uow.session.get(KpiItem, (row.id, item.id))
        if self.serves and known is None:
            uow.session.add(KpiItem(target_id=row.id, item_id=item.id, linked_by=uow.actor.id, linked_at=uow.now))
        elif not self.serves and known is not None:
            uow.session.delete(known)
        uow.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireKpiTarget:
    """The office takes a target off: it was set by mistake, or its plan was revised. Its figures stay."""

    target_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, WrongStatus for one that is off already."""
        # Whoever may not do it must not lock either, and nobody locks a request while they hold its target.
        office_target(uow, self.target_id, lock=False)
        end_requests_of(uow, self.target_id)
        row = office_target(uow, self.target_id)
        row.retired_at = uow.now
        uow.session.add(row)


def office_target(uow: UnitOfWork, target_id: UUID, *, lock: bool = True) -> KpiTarget:
    """A target in force, locked, for a command of its office. Raises NotFound, PermissionDenied, WrongStatus."""
    row = uow.session.get(KpiTarget, target_id)
    uow.about(target_id)
    if row is None or row.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"kpi target {target_id}")
    uow.require(Permission.KPI_EDIT, unit_id=row.office_unit_id)
    if lock:
        row = uow.lock(KpiTarget, target_id)
    if row.retired_at is not None:
        raise WrongStatus(str(target_id), status="retired")
    return row


def _add_base(uow: UnitOfWork, target_id: UUID, value: float, source: str) -> None:
    uow.session.add(
        KpiBase(
            target_id=target_id,
            value=value,
            source=source.strip(),
            recorded_by=uow.actor.id,
            recorded_at=uow.now,
        )
    )
    uow.session.flush()
