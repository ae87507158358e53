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
from domain.labels import label
from domain.parties import SigningRule, Tally, Verdict, judge
from domain.permissions import Permission, Role
from domain.telling import said
from services import effects
from services.forms import check_form
from services.matter_processes import check_part
from services.stepping import ClosedWork, Done, LockedInstance, OpenedWorkItem, advance, located
from services.unit_of_work import UnitOfWork
from services.visibility import may_see

# The root item's row first, then the instance: the order every command and timer keeps.
_LOCK_ROOT: LiteralString = (
    "SELECT id FROM item WHERE id = (SELECT p.root_item_id FROM work_item w JOIN process_instance p"
    " ON p.id = w.instance_id WHERE w.id = %s) FOR NO KEY UPDATE"
)
# With the root row held nobody else can change what this one statement reads: the instance, which it locks too, the
# work item and its item, the parties, how the other parties of the task stand, and what this person did before.
READ_WORK: LiteralString = (
    "SELECT p.id, p.item_id, p.root_item_id, p.version_id, p.key, p.rev, p.state, p.resume_at,"
    " i.status, i.office_unit_id, CASE WHEN NOT i.historical THEN i.due_at END,"
    # Whether the instance was under way when its item was suspended; what is asked in spite of it goes on.
    " i.paused_at IS NOT NULL AND EXISTS (SELECT FROM suspension s WHERE s.item_id = i.id AND s.resumed_at IS NULL"
    "  AND s.started_at >= p.started_at),"
    " w.task_id, w.bpmn_id, w.unit_id, w.role, w.version, w.closed_at, w.decision, w.closed_as, coalesce(w.weight, 1),"
    " i.due_strength, i.issued_at IS NOT NULL,"
    " (SELECT name FROM person WHERE id = w.closed_by),"
    " (SELECT json_agg(json_build_array(unit_id, role, weight) ORDER BY position) FROM responsibility"
    "   WHERE item_id = i.id AND unit_id IS NOT NULL AND (valid_to IS NULL OR valid_to > %s)),"
    # `superseded` and `cancelled` rows belong to a party that is no longer asked.
    " (SELECT json_agg(json_build_array(decision, closed_at IS NOT NULL, coalesce(weight, 1))) FROM work_item o"
    "   WHERE o.instance_id = w.instance_id AND o.task_id = w.task_id AND o.id <> w.id"
    "   AND (o.closed_as IS NULL OR o.closed_as = 'done')),"
    " ARRAY(SELECT DISTINCT bpmn_id FROM work_item o"
    "   WHERE o.instance_id = w.instance_id AND o.closed_by = %s AND o.closed_as = 'done')"
    " FROM work_item w JOIN process_instance p ON p.id = w.instance_id JOIN item i ON i.id = w.item_id"
)
_READ: LiteralString = READ_WORK + " WHERE w.id = %s FOR NO KEY UPDATE OF p"
_CLOSE_WORK: LiteralString = (
    "UPDATE work_item SET closed_at = %s, closed_by = %s, decision = %s, closed_as = 'done', office_unit_id = NULL,"
    " version = version + 1 WHERE id = %s"
)
_ADD_SUBMISSION: LiteralString = (
    "INSERT INTO submission (work_item_id, reason_code, return_to, opinion, form) VALUES (%s, %s, %s, %s, %s)"
)
_ATTACH: LiteralString = (
    "UPDATE evidence SET work_item_id = %s WHERE id = ANY(%s) AND item_id = %s AND work_item_id IS NULL"
    " AND added_by = %s"
)
_COUNT_ATTACHED: LiteralString = (
    "SELECT count(*) FROM evidence e JOIN work_item w ON w.id = e.work_item_id"
    " WHERE w.instance_id = %s AND w.bpmn_id = %s"
    " AND NOT EXISTS (SELECT FROM blob b WHERE b.sha256 = e.blob_sha256 AND b.expunged_at IS NOT NULL)"
)
_COUNT_EVIDENCE: LiteralString = (
    "SELECT count(*) FROM evidence WHERE id = ANY(%s) AND item_id = %s AND work_item_id IS NULL AND added_by = %s"
    " AND NOT EXISTS (SELECT FROM blob b WHERE b.sha256 = blob_sha256 AND b.expunged_at IS NOT NULL)"
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

    work_item_id: UUID = field(metadata={"audit": False})
    seen_version: int = field(metadata={"audit": "refused"})
    decision: str | None = field(default=None, metadata={"audit": "refused"})
    form: Mapping[str, Any] = field(default_factory=dict, metadata={"audit": False})
    opinion: str = field(default="", metadata={"audit": False})
    reason_code: str | None = field(default=None, metadata={"audit": False})
    return_to: str | None = field(default=None, metadata={"audit": "refused"})
    resume_here: bool = False
    return_units: tuple[UUID, ...] = ()
    evidence_ids: tuple[UUID, ...] = ()

    def execute(self, uow: UnitOfWork) -> Completed:
        """Raises NotFound, PermissionDenied, OwnSubmission, WorkItemClosed, StaleVersion, and the form's faults."""
        id_ = self.work_item_id
        uow.about(id_)
        _, rows = uow.read((_LOCK_ROOT, (id_,)), (_READ, (uow.now, uow.actor.id, id_)))
        if not rows:
            raise NotFound(f"work item {id_}")
        found = Found.of(rows[0])
        self.authorize(uow, found)
        self.check_open(found)
        return self.carry_out(uow, found, self.check(uow, found))

    def check(self, uow: UnitOfWork, found: "Found") -> "Checked":
        """The step and its decision, after everything that it asks of them was checked."""
        instance = located(uow, found.instance, found.item, found.parties)
        task = instance.bundle.user_tasks[found.bpmn_id]
        return Checked(instance, task, self._check(uow, instance, task, found))

    def carry_out(self, uow: UnitOfWork, found: "Found", checked: "Checked") -> Completed:
        """Record what was said, judge the parties' rule, and run the process on if it is decided."""
        id_ = self.work_item_id
        instance, task, decision = checked.instance, checked.task, checked.decision
        check_part(
            uow, instance, found.unit_id, Done(found.bpmn_id, {f"decision_{found.bpmn_id}": decision}, self.form)
        )
        self._record(uow, instance)
        verdict = _verdict(task, [*found.others, (decision, True, found.weight)])
        if verdict is Verdict.OPEN:
            uow.write(_CLOSE_WORK, (uow.now, uow.actor.id, decision, id_))
            return Completed(id_, decided=False, opened=(), outcome=None)
        outputs = self._outputs(instance, task, verdict, decision)
        outputs |= effects.routing_facts(uow, instance, Done(found.bpmn_id, outputs, self.form, decision))
        step = uow.engine.complete(instance.bundle, instance.state, found.task_id, outputs, now=uow.now)
        closes = ClosedWork(id_, found.task_id, decision, alone=all(closed for _, closed, _ in found.others))
        advanced = advance(uow, instance, step, only_units=frozenset(self.return_units), closes=closes)
        effects.apply(uow, instance, advanced, Done(found.bpmn_id, outputs, self.form, decision, self.opinion))
        return Completed(id_, decided=True, opened=advanced.opened, outcome=advanced.outcome)

    def authorize(self, uow: UnitOfWork, found: "Found") -> None:
        """Raises NotFound where the actor does not see the item, PermissionDenied where the step is not theirs."""
        office_unit_id = found.item[1]
        units = [unit_id for unit_id, _, _ in found.parties]
        if not may_see(uow.actor, office_unit_id=office_unit_id, unit_ids=units, issued=found.issued):
            uow.authorized = True
            raise NotFound(f"work item {self.work_item_id}")
        uow.require(Permission.WORK_ITEM_COMPLETE, unit_id=found.unit_id)
        if not uow.acts_as(Role(found.role), found.unit_id):
            raise PermissionDenied(f"{uow.actor.name} is not {found.role}", holder=said(label(Role, found.role)))

    def check_open(self, found: "Found") -> None:
        """Raises WorkItemClosed, StaleVersion."""
        if found.closed_at is not None:
            raise WorkItemClosed(
                str(self.work_item_id),
                who=found.closed_by_name or "",
                when=f"{found.closed_at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
                decision=found.decision or found.closed_as or "",
            )
        if found.version != self.seen_version:
            raise StaleVersion(str(self.work_item_id), seen=self.seen_version, current=found.version)

    def _check(self, uow: UnitOfWork, instance: LockedInstance, task: UserTask, found: "Found") -> str:
        """The decision, after everything that the step asks of it was checked."""
        properties = task.properties
        allowed = _words(properties.get("decisions", ""))
        decision = self.decision or (allowed[0] if allowed else "done")
        if allowed and decision not in allowed:
            raise InvalidDecision(decision, decision=decision, allowed=", ".join(allowed))
        for step in _words(properties.get("not_by", "")):
            if step in found.own:
                raise OwnSubmission(f"{uow.actor.name} did {step}", step=said(instance.bundle.user_tasks[step].name))
        if decision == "breakthrough" and found.due_strength != Strength.BREAKTHROUGH_OK:
            raise BreakthroughNotAllowed(str(instance.item_id))
        self._check_return(task, decision)
        check_form(instance.bundle, properties.get("form"), decision, self.form, self._said())
        self._check_evidence(uow, instance, task.bpmn_id, properties.get("evidence", "none"))
        return decision

    def _said(self) -> dict[str, str]:
        said = {"opinion": self.opinion, "reason_code": self.reason_code}
        return {name: value for name, value in said.items() if value}

    def _check_return(self, task: UserTask, decision: str) -> None:
        adverse = decision == task.properties.get("adverse") or decision == "return"
        if adverse and not (self.reason_code and self.opinion.strip()):
            raise ReasonMissing(task.bpmn_id)
        targets = _words(task.properties.get("return_to", ""))
        if decision == "return" and targets and (self.return_to or targets[0]) not in targets:
            raise InvalidReturn(str(self.return_to), target=self.return_to, allowed=", ".join(targets))

    def _check_evidence(self, uow: UnitOfWork, instance: LockedInstance, bpmn_id: str, asked: str) -> None:
        if asked == "required" and not self.evidence_ids:
            # A claim that came back may stand on what was attached to it before.
            [[(before,)]] = uow.read((_COUNT_ATTACHED, (instance.id, bpmn_id)))
            if not before:
                raise EvidenceMissing(str(self.work_item_id))
        if self.evidence_ids:
            [[(count,)]] = uow.read((_COUNT_EVIDENCE, (list(self.evidence_ids), instance.item_id, uow.actor.id)))
            if count != len(set(self.evidence_ids)):
                raise NotFound("evidence")

    def _record(self, uow: UnitOfWork, instance: LockedInstance) -> None:
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
class Checked:
    """A step that may be completed with this decision."""

    instance: LockedInstance
    task: UserTask
    decision: str


@dataclass(frozen=True, slots=True)
class Found:
    """The row of `READ_WORK`: the instance, its item's facts, the work item, and who stands beside it."""

    instance: Sequence[Any]
    item: Sequence[Any]
    task_id: UUID
    bpmn_id: str
    unit_id: UUID
    role: str
    version: int
    closed_at: datetime | None
    decision: str | None
    closed_as: str | None
    weight: float
    due_strength: str | None
    issued: bool
    closed_by_name: str | None
    parties: list[tuple[UUID, str, float]]
    others: list[tuple[str | None, bool, float]]
    own: frozenset[str]

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Found":
        """The row in its parts."""
        work, (parties, others, own) = row[12:-3], row[-3:]
        answers = [(decision, closed, weight) for decision, closed, weight in others or ()]
        units = [(UUID(unit_id), role, weight) for unit_id, role, weight in parties or ()]
        values: dict[str, Any] = dict(zip(_WORK_FIELDS, work, strict=True))
        return cls(instance=row[:8], item=row[8:12], parties=units, others=answers, own=frozenset(own), **values)


_WORK_FIELDS = (
    "task_id",
    "bpmn_id",
    "unit_id",
    "role",
    "version",
    "closed_at",
    "decision",
    "closed_as",
    "weight",
    "due_strength",
    "issued",
    "closed_by_name",
)


def _words(listed: str) -> list[str]:
    return [word.strip() for word in listed.split(",") if word.strip()]


def _verdict(task: UserTask, answers: Sequence[tuple[str | None, bool, float]]) -> Verdict:
    """The rule over the answers of all parties: decision, whether there is one yet, weight."""
    rule = SigningRule.of(task.properties)
    parties = answered = adverse = 0
    weight = weight_for = weight_against = 0.0
    for chosen, closed, share in answers:
        parties += 1
        weight += share
        if not closed:
            continue
        answered += 1
        if rule.adverse is not None and chosen == rule.adverse:
            adverse += 1
            weight_against += share
        else:
            weight_for += share
    return judge(rule, Tally(parties, answered, adverse, weight, weight_for, weight_against))
