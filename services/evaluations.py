"""The office opens an evaluation and writes its scheme; what comes then is the process's (`evaluation_effects`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from sqlmodel import Session, col, select

from db.tables import Evaluation, Item, Unit, WorkItem
from domain.calendar import local_date
from domain.errors import AlreadyExists, NotFound, StaleVersion
from domain.evaluation_errors import NothingToEvaluate, SchemeFrozen, SchemeOut, TooFewAssessors, UnitNotRanked
from domain.evaluation_facts import digest_of
from domain.evaluation_scheme import Scheme
from domain.items import ItemKind, ResponsibilityRole
from domain.messages.evaluations import DAY, MATTER_NUMBER, MATTER_TITLE, NOTHING_REASONS, TRIAL_TITLE
from domain.permissions import ActorKind, Permission
from domain.telling import said
from services.evaluation_sheets import checked_scheme, self_contained
from services.matters import MatterParty, next_number, open_matter
from services.queries.evaluation_facts import Scope, units_with_tasks
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

UNIT_EVALUATION: Final = "unit_evaluation"
DRAFTING: Final = "draft_scheme"
LEAST_ASSESSORS: Final = 3
"""Fewer would not be a group: each scores for itself, and the average counts."""


@cache
def _shipped() -> bytes:
    return (resources.files("services") / "data" / "evaluation_scheme.json").read_bytes()


def shipped_scheme() -> dict[str, Any]:
    """The scheme that comes with the program."""
    scheme: dict[str, Any] = orjson.loads(_shipped())
    return scheme


@dataclass(frozen=True, slots=True)
class OpenedEvaluation:
    """The new evaluation, by the id of its matter."""

    item_id: UUID
    number: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEvaluation:
    """The office begins an evaluation of local days, the end of the last of which is the cut-off.

    Without a `scheme` it begins with the one that comes with the program. `host_unit_id` is the body that hosts the
    office, `assessors` the units that score it; `listed` are units that are shown even without a task.
    """

    office_unit_id: UUID
    first_day: date
    last_day: date
    trial: bool = False
    host_unit_id: UUID | None = None
    assessors: tuple[UUID, ...] = ()
    listed: tuple[UUID, ...] = ()
    scheme: Mapping[str, Any] | None = field(default=None, metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> OpenedEvaluation:
        """Raises PermissionDenied, NothingToEvaluate, TooFewAssessors, SchemeRefused, AlreadyExists."""
        uow.require(Permission.EVALUATION_OPEN, unit_id=self.office_unit_id)
        if self.last_day <= self.first_day:
            raise NothingToEvaluate("reversed", reason=said(NOTHING_REASONS["reversed"]))
        content = self_contained(shipped_scheme() if self.scheme is None else self.scheme)
        checked_scheme(content)
        _check_assessors(uow, self.office_unit_id, self.host_unit_id, self.assessors)
        _check_new(uow, self.office_unit_id, self.first_day, self.last_day, trial=self.trial)
        mapping = current_units(uow.session, self._with_tasks(uow), self.last_day, uow.today)
        if not mapping:
            raise NothingToEvaluate("nobody", reason=said(NOTHING_REASONS["nobody"]))
        # The year that is judged, not the one in which it is judged.
        year = self.last_day.year
        running = next_number(uow, self.office_unit_id, ItemKind.EVALUATION, year)
        number = MATTER_NUMBER.format(year=year, number=running)
        members = sorted({*mapping.values(), *self.listed})
        opened = open_matter(
            uow,
            item_id=uuid4(),
            kind=ItemKind.EVALUATION,
            office_unit_id=self.office_unit_id,
            title=_title(self.first_day, self.last_day, trial=self.trial),
            number=number,
            process=UNIT_EVALUATION,
            data={"opinions_until": ""},
            parties=[MatterParty(unit_id, ResponsibilityRole.CONSULTED) for unit_id in members],
        )
        uow.session.add(
            Evaluation(
                item_id=opened.item_id,
                office_unit_id=self.office_unit_id,
                first_day=self.first_day,
                last_day=self.last_day,
                trial=self.trial,
                host_unit_id=self.host_unit_id,
                assessors=[str(unit_id) for unit_id in self.assessors],
                without_tasks=[str(unit_id) for unit_id in self.listed if unit_id not in mapping.values()],
                scheme=content,
                scheme_digest=digest_of(content),
            )
        )
        uow.session.flush()
        return OpenedEvaluation(opened.item_id, number, len(members))

    def _with_tasks(self, uow: UnitOfWork) -> frozenset[UUID]:
        scope = Scope(self.office_unit_id, self.first_day, self.last_day, uow.now, {}, {})
        return units_with_tasks(uow.session, scope)


def _title(first_day: date, last_day: date, *, trial: bool) -> str:
    words = TRIAL_TITLE if trial else MATTER_TITLE
    return words.format(first=DAY.format(day=first_day), last=DAY.format(day=last_day))


def _check_assessors(uow: UnitOfWork, office_id: UUID, host_id: UUID | None, assessors: Sequence[UUID]) -> None:
    if host_id is None:
        return
    independent = set(assessors) - {host_id, office_id}
    if len(independent) < LEAST_ASSESSORS or len(independent) != len(assessors):
        host = uow.get(Unit, host_id)
        raise TooFewAssessors(str(host_id), unit=host.short_name, least=LEAST_ASSESSORS)


def _check_new(uow: UnitOfWork, office_id: UUID, first_day: date, last_day: date, *, trial: bool) -> None:
    same = select(Evaluation.item_id).where(
        Evaluation.office_unit_id == office_id,
        Evaluation.first_day == first_day,
        Evaluation.last_day == last_day,
        Evaluation.trial == trial,
    )
    if uow.session.exec(same).first() is not None:
        raise AlreadyExists(str(first_day), what="evaluation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a draft says besides its criteria: the cut-off, the body that hosts the office, and who scores that body."""

    last_day: date
    host_unit_id: UUID | None
    assessors: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveScheme:
    """The office changes the scheme while it is drafted; once it was approved it is frozen. Without `terms` the cut-off
    and the assessors stay.
    """

    evaluation_id: UUID
    seen_version: int
    terms: Terms | None = None
    scheme: Mapping[str, Any] = field(metadata={"audit": False})

    def execute(self, uow: UnitOfWork) -> int:
        """The new version. Raises NotFound, PermissionDenied, SchemeFrozen, SchemeOut, StaleVersion, SchemeRefused, and
        of terms NothingToEvaluate, TooFewAssessors, AlreadyExists.
        """
        uow.about(self.evaluation_id)
        row = office_evaluation(uow, self.evaluation_id)
        uow.require(Permission.EVALUATION_EDIT, unit_id=row.office_unit_id)
        row = uow.session.exec(
            select(Evaluation)
            .where(Evaluation.item_id == self.evaluation_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
        if row.frozen_at is not None:
            raise SchemeFrozen(str(row.item_id), frozen_on=f"{local_date(row.frozen_at):%Y-%m-%d}")
        if not is_drafted(uow.session, row.item_id):
            raise SchemeOut(str(row.item_id))
        if row.scheme_version != self.seen_version:
            raise StaleVersion(str(row.item_id), seen=self.seen_version, current=row.scheme_version)
        content = self_contained(self.scheme)
        checked_scheme(content)
        if self.terms is not None:
            self._set_terms(uow, row, self.terms)
        row.scheme, row.scheme_digest = content, digest_of(content)
        row.scheme_version += 1
        uow.session.add(row)
        return row.scheme_version

    def _set_terms(self, uow: UnitOfWork, row: Evaluation, terms: Terms) -> None:
        _check_assessors(uow, row.office_unit_id, terms.host_unit_id, terms.assessors)
        row.host_unit_id, row.assessors = terms.host_unit_id, [str(unit_id) for unit_id in terms.assessors]
        if terms.last_day == row.last_day:
            return
        if terms.last_day <= row.first_day:
            raise NothingToEvaluate("reversed", reason=said(NOTHING_REASONS["reversed"]))
        if terms.last_day.year != row.last_day.year:
            raise NothingToEvaluate(
                "other_year", reason=said(NOTHING_REASONS["other_year"], {"year": row.last_day.year})
            )
        _check_new(uow, row.office_unit_id, row.first_day, terms.last_day, trial=row.trial)
        row.last_day = terms.last_day
        matter = uow.get(Item, row.item_id)
        matter.text = _title(row.first_day, row.last_day, trial=row.trial)
        uow.session.add(matter)


def is_drafted(session: Session, evaluation_id: UUID) -> bool:
    """Whether the office has the draft before it: not while it is out for opinions or for approval."""
    waiting = select(WorkItem.id).where(
        WorkItem.item_id == evaluation_id, WorkItem.bpmn_id == DRAFTING, col(WorkItem.closed_at).is_(None)
    )
    return session.exec(waiting).first() is not None


def office_evaluation(uow: UnitOfWork, evaluation_id: UUID) -> Evaluation:
    """An evaluation of the actor's office. Raises NotFound for anybody else's."""
    row = uow.session.get(Evaluation, evaluation_id)
    of_office = row is not None and row.office_unit_id in uow.actor.units_as(*OFFICE_ROLES)
    if row is None or (uow.actor.kind is ActorKind.PERSON and not of_office):
        uow.authorized = True
        raise NotFound(f"evaluation {evaluation_id}")
    return row


def current_units(session: Session, units: Iterable[UUID], last_day: date, today: date) -> dict[UUID, UUID]:
    """To whom the facts of each unit go: to itself, or to whoever took its place by today.

    A unit that was dissolved without a successor is left out: nobody is there to be judged.
    """
    known = {unit.id: unit for unit in session.exec(select(Unit))}
    day = max(last_day, today)
    found: dict[UUID, UUID] = {}
    for unit_id in units:
        current = known[unit_id]
        seen = {current.id}
        while current.valid_to is not None and current.valid_to < day and current.successor_id is not None:
            current = known[current.successor_id]
            if current.id in seen:
                break
            seen.add(current.id)
        if current.valid_to is None or current.valid_to >= day:
            found[unit_id] = current.id
    return found


def grouped(session: Session, scheme: Scheme, units: Sequence[UUID]) -> dict[UUID, str]:
    """The group of each unit by its kind. Raises UnitNotRanked naming those that fit into none."""
    found, lost = {}, []
    for unit in session.exec(select(Unit).where(col(Unit.id).in_(list(units))).order_by(col(Unit.sort_order))):
        group = scheme.group_of(unit.kind)
        if group is None:
            lost.append(unit.short_name)
        else:
            found[unit.id] = group.id
    if lost:
        raise UnitNotRanked(", ".join(lost), units="、".join(lost))
    return found


def months_of(unit: Unit, first_day: date, last_day: date) -> int:
    """How many months of the period a unit existed, the first one counted."""
    begun = max(first_day, unit.valid_from) if unit.valid_from is not None else first_day
    return max(1, (last_day.year - begun.year) * 12 + last_day.month - begun.month + 1)
