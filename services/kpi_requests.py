"""Who reports a KPI target's figures, and how often; units are asked for them by the clock and by hand.

Each request is a matter with the process `kpi_reading`; what its steps mean is in `services.kpi_reading_effects`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from db.tables import Item, KpiRequest, KpiTarget, Unit, UnitMember
from domain.calendar import local_date
from domain.errors import NotFound, ReasonMissing
from domain.items import ItemKind, ResponsibilityRole
from domain.kpi import KpiKind
from domain.kpi_errors import (
    KpiAlreadyAsked,
    KpiReadingBeforeBase,
    KpiReadingInFuture,
    KpiReporterMissing,
    KpiReporterUnfit,
    KpiRequestEnded,
)
from domain.kpi_reporting import KpiPeriod, KpiRequestEnd, KpiRhythm, check_rhythm, due_period, on_demand
from domain.messages.assessment_labels import request_title
from domain.permissions import Permission, Role
from services.kpi import office_target
from services.kpi_endings import PROCESS, cancel_request
from services.matters import MatterParty, lock_matter, next_number, open_matter
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

_LONGEST_PERIOD = timedelta(days=400)

# Targets are counted in dozens; which of them are due is a rule of the calendar, and told by `due_period`.
_REPORTED: LiteralString = (
    "SELECT t.id, t.rhythm, t.base_on, t.target_on, t.reported_since,"
    " ARRAY(SELECT r.last_on FROM kpi_request r WHERE r.target_id = t.id AND r.last_on >= :since)"
    " || ARRAY(SELECT f.as_of FROM kpi_reading f WHERE f.target_id = t.id AND f.as_of >= :since)"
    " FROM kpi_target t WHERE t.retired_at IS NULL AND t.unit_id IS NOT NULL AND t.rhythm IS NOT NULL"
    " AND t.reported_since <= :today AND (CAST(:only AS uuid) IS NULL OR t.id = :only) ORDER BY t.id"
)
# By hand one figure at a time is asked for, and never twice that of one day.
_ASKED: LiteralString = (
    "SELECT r.period, u.short_name FROM kpi_request r JOIN unit u ON u.id = r.unit_id WHERE r.target_id = %s"
    " AND ((r.outcome IS NULL AND r.first_on IS NULL) OR (r.last_on = %s AND r.outcome IS DISTINCT FROM %s)) LIMIT 1"
)
_CLAIM_TARGET: LiteralString = "SELECT id FROM kpi_target WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeKpiReporting:
    """The office says which unit reports a target's figures, and how often it is asked; null for by hand only.

    The first period that the clock asks for is one that ends today or later. Requests that are open stay with the
    unit that was asked.
    """

    target_id: UUID
    unit_id: UUID
    rhythm: KpiRhythm | None

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, WrongStatus, KpiRhythmUnfit, KpiReporterUnfit."""
        row = office_target(uow, self.target_id)
        if self.rhythm is not None:
            check_rhythm(KpiKind(row.kind), self.rhythm)
        _check_reporter(uow, self.unit_id)
        row.unit_id, row.rhythm, row.reported_since = self.unit_id, self.rhythm, uow.today
        uow.session.add(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForKpiFigure:
    """The office asks by hand for a target's figure as of a day; `unit_id` if it is not who reports the target."""

    target_id: UUID
    as_of: date
    unit_id: UUID | None = None

    def execute(self, uow: UnitOfWork) -> UUID:
        """The matter's item id. Raises NotFound, WrongStatus, KpiReporterMissing, KpiReporterUnfit, KpiAlreadyAsked,
        and KpiReadingInFuture or KpiReadingBeforeBase for a day of which there can be no figure.
        """
        row = office_target(uow, self.target_id)
        unit_id = self.unit_id or row.unit_id
        if unit_id is None:
            raise KpiReporterMissing(row.name, name=row.name)
        if self.as_of > uow.today:
            raise KpiReadingInFuture(f"{self.as_of}", as_of=f"{self.as_of:%Y-%m-%d}")
        if self.as_of <= row.base_on:
            raise KpiReadingBeforeBase(
                f"{self.as_of}", as_of=f"{self.as_of:%Y-%m-%d}", base_on=f"{row.base_on:%Y-%m-%d}"
            )
        _check_reporter(uow, unit_id)
        [asked] = uow.read((_ASKED, (row.id, self.as_of, KpiRequestEnd.CANCELLED)))
        for period, unit in asked:
            raise KpiAlreadyAsked(row.name, name=row.name, period=period, unit=unit)
        return _open(uow, row, unit_id, on_demand(self.as_of))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForDueKpiFigure:
    """The clock asks who reports a target for the figure of the period that is over."""

    target_id: UUID

    def execute(self, uow: UnitOfWork) -> UUID | None:
        """The matter's item id; None where it was asked or read already, or somebody changes the target."""
        uow.require(Permission.KPI_ASK)
        uow.about(self.target_id)
        [claimed] = uow.read((_CLAIM_TARGET, (self.target_id,)))
        due = dict(_due(uow.session, uow.now, self.target_id)) if claimed else {}
        if self.target_id not in due:
            uow.audited = False
            return None
        row = uow.get(KpiTarget, self.target_id)
        assert row.unit_id is not None
        return _open(uow, row, row.unit_id, due[self.target_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawKpiRequest:
    """The office no longer wants a figure that it asked for; for the same day it may be asked again."""

    item_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, ReasonMissing, KpiRequestEnded."""
        uow.about(self.item_id)
        request = uow.session.get(KpiRequest, self.item_id)
        office = None if request is None else uow.get(Item, self.item_id).office_unit_id
        if office is None or office not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"kpi request {self.item_id}")
        uow.require(Permission.KPI_ASK, unit_id=office)
        if not self.reason.strip():
            raise ReasonMissing(str(self.item_id))
        lock_matter(uow, self.item_id)
        if not cancel_request(uow, self.item_id, self.reason.strip()):
            raise KpiRequestEnded(str(self.item_id))


def figures_due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    """Targets whose last period is over, and for which nobody was asked and no figure is there."""
    return [target_id for target_id, _ in _due(session, now, None)][:limit]


def _due(session: Session, now: datetime, only: UUID | None) -> list[tuple[UUID, KpiPeriod]]:
    today = local_date(now)
    facts: dict[str, Any] = {"since": today - _LONGEST_PERIOD, "today": today, "only": only}
    found = []
    for target_id, rhythm, base_on, target_on, since, known in session.connection().execute(text(_REPORTED), facts):
        period = due_period(KpiRhythm(rhythm), today, base_on=base_on, target_on=target_on)
        if period is not None and period.last_on >= since and period.last_on not in known:
            found.append((target_id, period))
    return found


def _open(uow: UnitOfWork, row: KpiTarget, unit_id: UUID, period: KpiPeriod) -> UUID:
    number = next_number(uow, row.office_unit_id, ItemKind.KPI_READING, uow.today.year)
    opened = open_matter(
        uow,
        kind=ItemKind.KPI_READING,
        office_unit_id=row.office_unit_id,
        title=request_title(row.name, period.name, row.unit),
        number=f"{uow.today.year}-{number}",
        process=PROCESS,
        parties=(MatterParty(unit_id, ResponsibilityRole.SUBJECT),),
        period=period.name,
    )
    uow.flush()
    uow.session.add(
        KpiRequest(
            item_id=opened.item_id,
            target_id=row.id,
            unit_id=unit_id,
            period=period.name,
            first_on=period.first_on,
            last_on=period.last_on,
            asked_at=uow.now,
            asked_by=uow.actor.id,
        )
    )
    uow.session.flush()
    return opened.item_id


def _check_reporter(uow: UnitOfWork, unit_id: UUID) -> None:
    """Raise KpiReporterUnfit for a unit that has ended, or in which nobody reports or signs today."""
    unit = uow.get(Unit, unit_id)
    held = set(
        uow.session.exec(
            select(UnitMember.role).where(
                UnitMember.unit_id == unit_id,
                UnitMember.valid_from <= uow.today,
                (col(UnitMember.valid_to).is_(None)) | (col(UnitMember.valid_to) >= uow.today),
            )
        )
    )
    ended = unit.successor_id is not None or (unit.valid_to is not None and unit.valid_to < uow.today)
    if ended or not held >= {Role.LIAISON, Role.UNIT_LEADER}:
        raise KpiReporterUnfit(unit.short_name, unit=unit.short_name)
