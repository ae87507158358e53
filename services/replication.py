"""Cases of 复制推广: nominated from a clue, withdrawn, merged, stopped, reported upward; letters answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlmodel import col, select

from db.tables import Item, NationalReport, ReplicationBatch, ReplicationBatchEntry, ReplicationCase, ReplicationLetter
from domain.errors import NotFound, PermissionDenied
from domain.items import ItemKind, ResponsibilityRole
from domain.labels import label
from domain.messages.replication import ACTS, CASE_NUMBER, STATE_NAMES
from domain.permissions import Permission, Role
from domain.replication_errors import CaseStateWrong, MergeWithItself, ReportRunning
from domain.replication_states import BEFORE_ISSUE, IN_FORCE, CaseState
from domain.telling import said
from services import effects
from services.matters import MatterParty, OpenedMatter, add_parties, next_number, open_matter, start_matter_process
from services.replication_endings import ADOPTION, NATIONAL_REPORT, cancel_what_hangs_on, stop_published
from services.replication_sources import ClueSource, SourceKind, clue_source, seen_item
from services.side_processes import units_of
from services.stepping import LOCK_ROOT, OpenedWorkItem, advance, lock_instance
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

REPLICATION: Final = "replication"
REPORTABLE: Final = frozenset({CaseState.APPROVED, CaseState.IMPLEMENTING, CaseState.EFFECT_CHECK})

_ROUTING: Final[dict[str, Any]] = {
    "consult_until": "",
    "consult_again_until": "",
    "enough_scores": False,
    "needs_publicity": False,
    "expires_first": False,
    "basis_expires_at": "",
}
_SET_REASON: LiteralString = "UPDATE replication_case SET ended_because = %s WHERE item_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class NominateCase:
    """A clue becomes a case: the applicant's liaison or the office opens it, and the applicants write it.

    `applicants` are the units that get the credit, the first one first; `source_item_id` is the task it comes from,
    `source_round_id` the report of that task, `source_assessment_id` the assessment.
    """

    office_unit_id: UUID
    title: str
    applicants: tuple[UUID, ...]
    source_kind: SourceKind = "call"
    source_item_id: UUID | None = None
    source_round_id: UUID | None = None
    source_assessment_id: UUID | None = None
    clue: str = ""

    def execute(self, uow: UnitOfWork) -> OpenedMatter:
        """Raises PermissionDenied, NotFound for a source that the actor does not see, or that does not fit together."""
        unit_id = self.office_unit_id
        if unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            unit_id = self.applicants[0]
        uow.require(Permission.CASE_NOMINATE, unit_id=unit_id)
        named = ClueSource(self.source_kind, self.source_item_id, self.source_round_id, self.source_assessment_id)
        source = clue_source(uow, named)
        year = uow.today.year
        number = next_number(uow, self.office_unit_id, ItemKind.REPLICATION_CASE, year)
        opened = open_matter(
            uow,
            kind=ItemKind.REPLICATION_CASE,
            office_unit_id=self.office_unit_id,
            title=self.title.strip(),
            number=CASE_NUMBER.format(year=year, number=number),
            process=REPLICATION,
            data=_ROUTING,
            parties=[MatterParty(unit, ResponsibilityRole.APPLICANT) for unit in self.applicants],
        )
        uow.flush()
        uow.session.add(
            ReplicationCase(
                item_id=opened.item_id,
                applicant_unit_id=self.applicants[0],
                source_kind=source.kind,
                source_item_id=source.item_id,
                source_round_id=source.round_id,
                source_assessment_id=source.assessment_id,
                clue=self.clue,
                state=CaseState.NOMINATION,
            )
        )
        uow.session.flush()
        return opened


def case_of(uow: UnitOfWork, item_id: UUID) -> tuple[Item, ReplicationCase]:
    """A case that the actor sees, not locked. Raises NotFound."""
    uow.about(item_id)
    item = seen_item(uow, item_id)
    case = uow.session.get(ReplicationCase, item_id)
    if case is None:
        uow.authorized = True
        raise NotFound(f"case {item_id}")
    return item, case


def lock_cases(uow: UnitOfWork, items: Sequence[Item]) -> None:
    """Lock the root rows of cases in the order of their ids, and read the cases again."""
    for root_id in sorted({item.root_id for item in items}):
        uow.read((LOCK_ROOT, (root_id,)))
    uow.session.expire_all()


def demand(case: ReplicationCase, states: frozenset[CaseState], act: str) -> None:
    """Raises CaseStateWrong unless the case is in one of the states."""
    if CaseState(case.state) not in states:
        raise CaseStateWrong(str(case.item_id), state=said(STATE_NAMES[case.state]), act=said(ACTS[act]))


def send_to_case(uow: UnitOfWork, item: Item, message: str) -> tuple[OpenedWorkItem, ...]:
    """Tell a running case, whose root row is held, that it is withdrawn, merged, stopped or issued."""
    opened: tuple[OpenedWorkItem, ...] = ()
    for instance_id in effects.running_instances(uow, item.id, REPLICATION):
        instance = lock_instance(uow, item.root_id, instance_id)
        step = uow.engine.send(instance.bundle, instance.state, message, {}, now=uow.now)
        advanced = advance(uow, instance, step)
        effects.apply(uow, instance, advanced, None)
        opened += advanced.opened
    return opened


def _end(uow: UnitOfWork, item: Item, message: str, reason: str) -> None:
    send_to_case(uow, item, message)
    cancel_what_hangs_on(uow, item)
    uow.write(_SET_REASON, (reason, item.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCase:
    """The applicant takes its case back before the batch is issued (P6 edge cases)."""

    item_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, CaseStateWrong."""
        item, case = case_of(uow, self.item_id)
        held = [unit for unit, role in units_of(uow, item.id) if role == ResponsibilityRole.APPLICANT]
        mine = next((unit for unit in held if uow.actor.units_as(Role.LIAISON, Role.UNIT_LEADER) & {unit}), None)
        if mine is None:
            uow.authorized = True
            raise PermissionDenied(f"{uow.actor.name} is not of an applicant", holder=said(label(Role, Role.LIAISON)))
        uow.require(Permission.CASE_NOMINATE, unit_id=mine)
        lock_cases(uow, [item])
        demand(case, BEFORE_ISSUE, "withdraw")
        _leave_batch(uow, item.id)
        _end(uow, item, "withdraw", self.reason)


def _leave_batch(uow: UnitOfWork, item_id: UUID) -> None:
    entry = uow.session.get(ReplicationBatchEntry, item_id)
    if entry is not None:
        # Whoever was about to issue the batch looks at it again.
        uow.lock(ReplicationBatch, entry.batch_id).version += 1
        uow.session.delete(entry)
        uow.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCases:
    """Two cases of one reform become one, with joint credit: `item_id` ends and its applicants join `into_id`."""

    item_id: UUID
    into_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, MergeWithItself, CaseStateWrong."""
        item, case = case_of(uow, self.item_id)
        target, kept = case_of(uow, self.into_id)
        uow.about(item.id)
        uow.require(Permission.CASE_MANAGE, unit_id=item.office_unit_id)
        if item.id == target.id or item.office_unit_id != target.office_unit_id:
            raise MergeWithItself(str(item.id))
        lock_cases(uow, [item, target])
        demand(case, BEFORE_ISSUE, "merge")
        demand(kept, BEFORE_ISSUE, "take_in")
        _leave_batch(uow, item.id)
        joining = [unit for unit, role in units_of(uow, item.id) if role == ResponsibilityRole.APPLICANT]
        add_parties(uow, target.id, [MatterParty(unit, ResponsibilityRole.APPLICANT) for unit in joining])
        case.merged_into_id = target.id
        uow.session.flush()
        _end(uow, item, "merge", self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCase:
    """The head of the office stops a published case by notice: its ground expired, or something was found wrong."""

    item_id: UUID
    reason: str

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied, CaseStateWrong."""
        item, case = case_of(uow, self.item_id)
        uow.require(Permission.ITEM_STOP, unit_id=item.office_unit_id)
        lock_cases(uow, [item])
        demand(case, IN_FORCE, "stop")
        send_to_case(uow, item, "stop")
        stop_published(uow, item, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUpward:
    """The office opens the report of a case to the State Council's inter-ministry office; one at a time."""

    item_id: UUID

    def execute(self, uow: UnitOfWork) -> tuple[OpenedWorkItem, ...]:
        """Raises NotFound, PermissionDenied, CaseStateWrong, ReportRunning."""
        item, case = case_of(uow, self.item_id)
        uow.require(Permission.CASE_MANAGE, unit_id=item.office_unit_id)
        lock_cases(uow, [item])
        demand(case, REPORTABLE, "report")
        if effects.running_instances(uow, item.id, NATIONAL_REPORT):
            raise ReportRunning(str(item.id))
        instance_id, advanced = start_matter_process(
            uow, item_id=item.id, root_item_id=item.root_id, process=NATIONAL_REPORT
        )
        uow.flush()
        uow.session.add(
            NationalReport(instance_id=instance_id, case_item_id=item.id, title="", addressee="", result_words="")
        )
        uow.session.flush()
        return advanced.opened


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLetterAnswer:
    """The office records what somebody beyond the city's power answered to a letter."""

    letter_id: UUID
    answered_on: date
    answer: str
    answer_number: str | None = None

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound, PermissionDenied."""
        letter = uow.session.get(ReplicationLetter, self.letter_id)
        if letter is None:
            uow.authorized = True
            raise NotFound(f"letter {self.letter_id}")
        item, _ = case_of(uow, letter.case_item_id)
        uow.require(Permission.CASE_MANAGE, unit_id=item.office_unit_id)
        lock_cases(uow, [item])
        letter = uow.get(ReplicationLetter, self.letter_id)
        letter.answered_on = self.answered_on
        letter.answer = self.answer
        letter.answer_number = self.answer_number
        letter.recorded_by = uow.actor.id
        uow.session.add(letter)


def cases_named(uow: UnitOfWork, item_ids: Sequence[UUID]) -> list[tuple[Item, ReplicationCase]]:
    """Cases of one office by id, in this order. Raises NotFound for one that is not there."""
    rows = uow.session.exec(
        select(Item, ReplicationCase)
        .join(ReplicationCase, col(ReplicationCase.item_id) == col(Item.id))
        .where(col(Item.id).in_(item_ids))
    )
    found = {item.id: (item, case) for item, case in rows}
    missing = [item_id for item_id in item_ids if item_id not in found]
    if missing:
        raise NotFound(f"case {missing[0]}")
    return [found[item_id] for item_id in item_ids]


def new_adoption(uow: UnitOfWork, item: Item, unit_id: UUID, number: str) -> OpenedMatter:
    """A unit in the range of a published case gets its own matter, whose root is the case's, which is held."""
    return open_matter(
        uow,
        kind=ItemKind.ADOPTION,
        office_unit_id=item.office_unit_id,
        title=item.text,
        number=number,
        process=ADOPTION,
        parties=[MatterParty(unit_id, ResponsibilityRole.ADOPTER)],
        parent_id=item.id,
    )
