"""Completing a work item: the command behind every signature, report, approval and return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from bpmn.specs import UserTask
from domain.calendar import LOCAL
from domain.errors import (
    BreakthroughNotAllowed,
    EvidenceMissing,
    InvalidDecision,
    InvalidReturn,
    NotFound,
    OwnSubmission,
    PermissionDenied,
    ReasonMissing,
    StaleVersion,
    WorkItemClosed,
)
from domain.items import Strength
from domain.parties import SigningRule, Tally, Verdict, judge
from domain.permissions import Permission, Role
from services import effects
from services.forms import check_form
from services.stepping import READ_PARTIES, LockedInstance, OpenedWorkItem, advance, located
from services.unit_of_work import UnitOfWork
from services.visibility import may_see

# The root item's row first, then the instance: the order every command and timer keeps.
_LOCK_ROOT: LiteralString = (
    "SELECT id FROM item WHERE id = (SELECT p.root_item_id FROM work_item w JOIN process_instance p"
    " ON p.id = w.instance_id WHERE w.id = %s) FOR NO KEY UPDATE"
)
_LOCK_INSTANCE: LiteralString = (
    "SELECT id, item_id, root_item_id, version_id, key, rev, state, resume_at FROM process_instance"
    " WHERE id = (SELECT instance_id FROM work_item WHERE id = %s) FOR NO KEY UPDATE"
)
_READ_WORK: LiteralString = (
    "SELECT w.instance_id, w.task_id, w.bpmn_id, w.unit_id, w.role, w.version, w.closed_at, w.decision, w.closed_as,"
    " p.name, i.status, i.office_unit_id, i.due_at, i.due_strength"
    " FROM work_item w JOIN item i ON i.id = w.item_id LEFT JOIN person p ON p.id = w.closed_by WHERE w.id = %s"
)
_READ_PARTIES: LiteralString = READ_PARTIES.replace(
    "item_id = %s", "item_id = (SELECT item_id FROM work_item WHERE id = %s)"
)
# `superseded` and `cancelled` rows belong to a party that is no longer asked.
_READ_TALLY: LiteralString = (
    "SELECT decision, closed_at IS NOT NULL, count(*), sum(coalesce(weight, 1)) FROM work_item"
    " WHERE (instance_id, task_id) = (SELECT instance_id, task_id FROM work_item WHERE id = %s)"
    " AND (closed_as IS NULL OR closed_as = 'done') AND id <> %s GROUP BY 1, 2"
)
_READ_OWN: LiteralString = (
    "SELECT DISTINCT bpmn_id FROM work_item WHERE instance_id = (SELECT instance_id FROM work_item WHERE id = %s)"
    " AND closed_by = %s AND closed_as = 'done'"
)
_CLOSE_WORK: LiteralString = (
    "UPDATE work_item SET closed_at = %s, closed_by = %s, decision = %s, closed_as = 'done', version = version + 1"
    " WHERE id = %s"
)
_SUPERSEDE: LiteralString = (
    "UPDATE work_item SET closed_at = %s, closed_as = 'superseded', version = version + 1"
    " WHERE instance_id = %s AND task_id = %s AND closed_at IS NULL"
)
_ADD_SUBMISSION: LiteralString = (
    "INSERT INTO submission (work_item_id, reason_code, return_to, opinion, form) VALUES (%s, %s, %s, %s, %s)"
)
_ATTACH: LiteralString = (
    "UPDATE evidence SET work_item_id = %s WHERE id = ANY(%s) AND item_id = %s AND work_item_id IS NULL"
    " AND added_by = %s"
)
_COUNT_EVIDENCE: LiteralString = (
    "SELECT count(*) FROM evidence WHERE id = ANY(%s) AND item_id = %s AND work_item_id IS NULL AND added_by = %s"
)


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a work item led to. `decided` is false while other parties are still asked."""

    work_item_id: UUID
    decided: bool
    opened: tuple[OpenedWorkItem, ...]
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteWorkItem:
    """A person completes their unit's part of an open step.

    `seen_version` is the work item's version that the person looked at. `return_to` is the BPMN id of the step that
    has to be redone, `resume_here` whether it comes straight back to this step afterwards, `return_units` which of
    its parties are asked again (none means all).
    """

    work_item_id: UUID
    seen_version: int
    decision: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict, metadata={"audit": False})
    opinion: str = field(default="", metadata={"audit": False})
    reason_code: str | None = None
    return_to: str | None = None
    resume_here: bool = False
    return_units: tuple[UUID, ...] = ()
    evidence_ids: tuple[UUID, ...] = ()

    def execute(self, uow: UnitOfWork) -> Completed:
        """Raises NotFound, PermissionDenied, OwnSubmission, WorkItemClosed, StaleVersion, and the form's faults."""
        id_ = self.work_item_id
        uow.about(id_)
        _, instances, work, parties, tally, own = uow.read(
            (_LOCK_ROOT, (id_,)),
            (_LOCK_INSTANCE, (id_,)),
            (_READ_WORK, (id_,)),
            (_READ_PARTIES, (id_, uow.now)),
            (_READ_TALLY, (id_, id_)),
            (_READ_OWN, (id_, uow.actor.id)),
        )
        if not work:
            raise NotFound(f"work item {id_}")
        found = _WorkItem(*work[0])
        self._authorize(uow, found, [row[0] for row in parties])
        self._check_open(found)
        instance = located(uow, instances[0], (found.item_status, found.office_unit_id, found.item_due_at), parties)
        task = instance.bundle.user_tasks[found.bpmn_id]
        decision = self._check(uow, instance, task, found, {row[0] for row in own})
        self._record(uow, instance, decision)
        verdict = _verdict(task, decision, tally)
        if verdict is Verdict.OPEN:
            return Completed(id_, decided=False, opened=(), outcome=None)
        uow.write(_SUPERSEDE, (uow.now, instance.id, found.task_id))
        outputs = self._outputs(instance, task, verdict, decision)
        outputs |= effects.routing_facts(uow, instance, found.bpmn_id, outputs)
        step = uow.engine.complete(instance.bundle, instance.state, found.task_id, outputs, now=uow.now)
        advanced = advance(uow, instance, step, only_units=frozenset(self.return_units))
        effects.apply(uow, instance, advanced, effects.Done(found.bpmn_id, outputs, self.form))
        return Completed(id_, decided=True, opened=advanced.opened, outcome=advanced.outcome)

    def _authorize(self, uow: UnitOfWork, found: "_WorkItem", units: Sequence[UUID]) -> None:
        if not may_see(uow.actor, office_unit_id=found.office_unit_id, unit_ids=units, status=found.item_status):
            uow.authorized = True
            raise NotFound(f"work item {self.work_item_id}")
        uow.require(Permission.WORK_ITEM_COMPLETE, unit_id=found.unit_id)
        if not uow.actor.holds(Role(found.role), found.unit_id):
            raise PermissionDenied(f"{uow.actor.name} is not {found.role}", holder=found.role)

    def _check_open(self, found: "_WorkItem") -> None:
        if found.closed_at is not None:
            raise WorkItemClosed(
                str(self.work_item_id),
                who=found.closed_by_name or "",
                when=f"{found.closed_at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
                decision=found.decision or found.closed_as or "",
            )
        if found.version != self.seen_version:
            raise StaleVersion(str(self.work_item_id), seen=self.seen_version, current=found.version)

    def _check(
        self, uow: UnitOfWork, instance: LockedInstance, task: UserTask, found: "_WorkItem", own: set[str]
    ) -> str:
        """The decision, after everything that the step asks of it was checked."""
        properties = task.properties
        allowed = _words(properties.get("decisions", ""))
        decision = self.decision or (allowed[0] if allowed else "done")
        if allowed and decision not in allowed:
            raise InvalidDecision(decision, decision=decision, allowed=", ".join(allowed))
        for step in _words(properties.get("not_by", "")):
            if step in own:
                raise OwnSubmission(f"{uow.actor.name} did {step}", step=instance.bundle.user_tasks[step].name)
        if decision == "breakthrough" and found.item_due_strength != Strength.BREAKTHROUGH_OK:
            raise BreakthroughNotAllowed(str(instance.item_id))
        self._check_return(task, decision)
        check_form(instance.bundle, properties.get("form"), self._filled())
        self._check_evidence(uow, instance, properties.get("evidence", "none"))
        return decision

    def _filled(self) -> dict[str, Any]:
        """The form as its schema knows it: opinion and reason are fields of it that every form has alike."""
        said = {"opinion": self.opinion, "reason_code": self.reason_code}
        return {**self.form, **{name: value for name, value in said.items() if value}}

    def _check_return(self, task: UserTask, decision: str) -> None:
        adverse = decision == task.properties.get("adverse") or decision == "return"
        if adverse and not (self.reason_code and self.opinion.strip()):
            raise ReasonMissing(task.bpmn_id)
        targets = _words(task.properties.get("return_to", ""))
        if decision == "return" and targets and (self.return_to or targets[0]) not in targets:
            raise InvalidReturn(str(self.return_to), target=self.return_to, allowed=", ".join(targets))

    def _check_evidence(self, uow: UnitOfWork, instance: LockedInstance, asked: str) -> None:
        if asked == "required" and not self.evidence_ids:
            raise EvidenceMissing(str(self.work_item_id))
        if self.evidence_ids:
            [[(count,)]] = uow.read((_COUNT_EVIDENCE, (list(self.evidence_ids), instance.item_id, uow.actor.id)))
            if count != len(set(self.evidence_ids)):
                raise NotFound("evidence")

    def _record(self, uow: UnitOfWork, instance: LockedInstance, decision: str) -> None:
        uow.write(_CLOSE_WORK, (uow.now, uow.actor.id, decision, self.work_item_id))
        if self.form or self.opinion or self.reason_code:
            form = Jsonb(dict(self.form)) if self.form else None
            uow.write(
                _ADD_SUBMISSION,
                (self.work_item_id, self.reason_code, self.return_to, self.opinion or None, form),
            )
        if self.evidence_ids:
            uow.write(_ATTACH, (self.work_item_id, list(self.evidence_ids), instance.item_id, uow.actor.id))

    def _outputs(self, instance: LockedInstance, task: UserTask, verdict: Verdict, decision: str) -> dict[str, Any]:
        """The routing facts of the step: its decision as the parties' rule made it, and where a return goes.

        A return that comes straight back stays under way while the steps it skips to are done, and is over when
        the step that returned is done again.
        """
        adverse = task.properties.get("adverse")
        if verdict is Verdict.REFUSED and adverse:
            decision = adverse
        elif verdict is Verdict.CARRIED and decision == adverse:
            decision = _words(task.properties["decisions"])[0]
        targets = _words(task.properties.get("return_to", ""))
        returned = decision == "return"
        if returned or decision == adverse:
            instance.resume_at = task.bpmn_id if returned and self.resume_here else ""
        elif instance.resume_at == task.bpmn_id:
            instance.resume_at = ""
        return {
            f"decision_{task.bpmn_id}": decision,
            "return_to": (self.return_to or targets[0]) if returned and targets else "",
            "resume_at": instance.resume_at,
        }


@dataclass(frozen=True, slots=True)
class _WorkItem:
    """The row of `_READ_WORK`, in its order."""

    instance_id: UUID
    task_id: UUID
    bpmn_id: str
    unit_id: UUID
    role: str
    version: int
    closed_at: datetime | None
    decision: str | None
    closed_as: str | None
    closed_by_name: str | None
    item_status: str
    office_unit_id: UUID
    item_due_at: datetime | None
    item_due_strength: str | None


def _words(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if word.strip()]


def _verdict(task: UserTask, decision: str, others: Sequence[Sequence[Any]]) -> Verdict:
    """The rule over all parties' decisions, this one included. `others` are the rows of `_READ_TALLY`."""
    rule = SigningRule.of(task.properties)
    parties = answered = adverse = 0
    weight = weight_for = weight_against = 0.0
    own = (decision, True, 1, 1.0)
    for chosen, closed, count, total in (*others, own):
        parties += count
        weight += float(total)
        if not closed:
            continue
        answered += count
        if rule.adverse is not None and chosen == rule.adverse:
            adverse += count
            weight_against += float(total)
        else:
            weight_for += float(total)
    return judge(rule, Tally(parties, answered, adverse, weight, weight_for, weight_against))
