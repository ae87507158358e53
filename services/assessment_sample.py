"""The sample of an assessment: what can be assessed, what is outside, what the lot says, and the matters it opens."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from db.tables import AssessedItem, Assessment, AssessmentPool, AssessmentRecusal, Item
from domain.assessment import (
    SELF_ASSESSMENT_DAYS,
    Basis,
    FieldCheck,
    Member,
    Sampling,
    assign,
    check_coverage,
    draw,
    draw_visits,
    settler,
)
from domain.assessment_errors import NothingToAssess, SampleNumberUnknown
from domain.calendar import end_of, start_of
from domain.completion import Outside
from domain.items import DeadlineKind, ItemKind, ItemStatus, ResponsibilityRole, Strength
from domain.labels import label
from services.assessment_group import group_of, leads_of
from services.matters import MatterParty, open_matter
from services.unit_of_work import UnitOfWork

SEED_BYTES = 8
TITLE_LENGTH = 60

# Issued by the end of the period and not closed before it began; a group counts by its members, a chain of stages by
# its newest item. What was terminated, or stood still at the end of the period, is listed outside.
_POOL: LiteralString = (
    "SELECT i.id, i.number, i.text, i.due_strength, i.due_at, d.kind,"
    " CASE WHEN i.ended_at < %(end)s AND i.status = %(terminated)s THEN %(outside_terminated)s"
    "  WHEN EXISTS (SELECT FROM suspension s WHERE s.item_id = i.id AND s.started_at < %(end)s"
    "   AND (s.resumed_at IS NULL OR s.resumed_at >= %(end)s)) THEN %(outside_suspended)s END"
    " FROM item i JOIN task_list l ON l.id = i.list_id"
    " LEFT JOIN LATERAL (SELECT kind FROM item_deadline x WHERE x.item_id = i.id AND x.replaced_at IS NULL"
    "  AND x.applies_to = 'row' ORDER BY x.position DESC LIMIT 1) d ON true"
    " WHERE i.list_id = ANY(%(lists)s) AND i.kind = %(task)s AND i.issued_at < %(end)s"
    " AND (i.ended_at IS NULL OR i.ended_at >= %(start)s) AND i.status <> %(withdrawn)s"
    " AND NOT EXISTS (SELECT FROM item m WHERE m.parent_id = i.id)"
    " AND NOT EXISTS (SELECT FROM item n WHERE n.continues_id = i.id AND n.issued_at < %(end)s)"
    " ORDER BY l.created_at, l.id, i.position"
)
_LEADS_NOW: LiteralString = (
    "SELECT unit_id FROM responsibility WHERE item_id = %s AND role = %s AND unit_id IS NOT NULL AND valid_to IS NULL"
    " ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that may be in the sample; `outside` says why it is not."""

    id: UUID
    number: str
    text: str
    strength: Strength | None
    due_at: datetime | None
    kind: DeadlineKind | None
    outside: Outside | None

    @property
    def basis(self) -> Basis:
        """What the item is graded by (domain notes, P3: ongoing tasks by the year's goals)."""
        if self.kind in {DeadlineKind.ONGOING, DeadlineKind.RECURRING}:
            return Basis.YEAR_GOALS
        waits = self.strength is Strength.CONDITIONAL_ON_HIGHER_LEVEL and self.due_at is None
        return Basis.TRIGGER if waits else Basis.DEADLINE

    @property
    def accepts_breakthrough(self) -> bool:
        """Whether a breakthrough meets the deadline."""
        return self.strength is Strength.BREAKTHROUGH_OK


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample that can be carried out: who assesses what, and who leads what."""

    pool: tuple[Candidate, ...]
    sample: tuple[Candidate, ...]
    visited: frozenset[UUID]
    visit: FieldCheck
    members: tuple[Member, ...]
    leads: Mapping[UUID, frozenset[UUID]]
    seed: str
    named: tuple[UUID, ...]


def draw_sample(uow: UnitOfWork, assessment: Assessment, form: Mapping[str, Any]) -> Drawn:
    """What a plan draws. Raises NothingToAssess, SampleUnclear, SampleNumberUnknown, TooFewAssessors.

    Without a seed in the plan one is made; the office may also take one in public, such as a lottery's figures.
    """
    pool = _pool(uow, assessment)
    open_to = [each for each in pool if each.outside is None]
    if not open_to:
        raise NothingToAssess(str(assessment.item_id))
    wanted = [row["number"].strip() for row in form.get("named", [])]
    unknown = [number for number in wanted if number not in {each.number for each in open_to}]
    if unknown:
        raise SampleNumberUnknown(", ".join(unknown), numbers="、".join(unknown))
    named = tuple(each.id for each in open_to if each.number in wanted)
    seed = (form.get("seed") or "").strip() or secrets.token_hex(SEED_BYTES)
    chosen = draw(
        [each.id for each in open_to],
        sampling=Sampling(form["sampling"]),
        seed=seed,
        percent=form.get("percent"),
        size=form.get("size"),
        named=named,
    )
    visit = FieldCheck(form["visits"])
    visited = frozenset() if visit is FieldCheck.NONE else draw_visits(chosen, form.get("visit_percent"), seed)
    members = group_of(uow, assessment.item_id)
    leads = leads_of(uow, chosen, start_of(assessment.period_from))
    sample = tuple(each for each in open_to if each.id in set(chosen))
    check_coverage(members, {each.number: leads[each.id] for each in sample})
    return Drawn(pool, sample, visited, visit, members, leads, seed, named)


def _pool(uow: UnitOfWork, assessment: Assessment) -> tuple[Candidate, ...]:
    values = {
        "lists": [UUID(list_id) for list_id in assessment.list_ids],
        "task": ItemKind.TASK,
        "start": start_of(assessment.period_from),
        "end": end_of(assessment.period_to),
        "terminated": ItemStatus.TERMINATED,
        "withdrawn": ItemStatus.WITHDRAWN,
        "outside_terminated": Outside.TERMINATED,
        "outside_suspended": Outside.SUSPENDED,
    }
    [rows] = uow.read((_POOL, values))
    return tuple(
        Candidate(
            id_,
            number,
            text,
            Strength(strength) if strength else None,
            due_at,
            DeadlineKind(kind) if kind else None,
            Outside(outside) if outside else None,
        )
        for id_, number, text, strength, due_at, kind, outside in rows
    )


def open_sample(uow: UnitOfWork, assessment: Assessment, form: Mapping[str, Any], drawn: Drawn) -> None:
    """The plan is approved: record the draw so that it can be done again, and ask the leads to assess themselves."""
    assessment.method, assessment.sampling = form["method"], form["sampling"]
    assessment.sample_percent, assessment.sample_size = form.get("percent"), form.get("size")
    assessment.named, assessment.seed = [str(each) for each in drawn.named], drawn.seed
    assessment.visits, assessment.visit_percent = form["visits"], form.get("visit_percent")
    assessment.drawn_at = uow.now
    uow.session.add(assessment)
    chosen = {each.id for each in drawn.sample}
    for position, each in enumerate(drawn.pool):
        uow.session.add(
            AssessmentPool(
                assessment_id=assessment.item_id,
                task_id=each.id,
                position=position,
                outside=each.outside,
                drawn=each.id in chosen,
            )
        )
    own = {member.unit_id for member in drawn.members}
    for task_id, units in drawn.leads.items():
        for unit_id in sorted(units & own):
            uow.session.add(
                AssessmentRecusal(
                    assessment_id=assessment.item_id,
                    task_id=task_id,
                    unit_id=unit_id,
                    reason="lead",
                    recorded_at=uow.now,
                )
            )
    uow.flush()
    pairs = assign([each.id for each in drawn.sample], drawn.members, drawn.leads, drawn.seed)
    item = uow.get(Item, assessment.item_id)
    for position, each in enumerate(drawn.sample, 1):
        _open_item(uow, item, drawn, (position, each), pairs[each.id])
    uow.about(assessment.item_id)


def _open_item(
    uow: UnitOfWork, assessment: Item, drawn: Drawn, place: tuple[int, Candidate], pair: tuple[UUID, UUID]
) -> None:
    """The office's paper on one item, and beneath it what the lead writes: its unit sees that alone."""
    position, task = place
    visited = task.id in drawn.visited
    settles = settler(drawn.members, drawn.leads[task.id])
    opened = open_matter(
        uow,
        kind=ItemKind.ASSESSED_ITEM,
        office_unit_id=assessment.office_unit_id,
        title=title_of(ItemKind.ASSESSED_ITEM, task.number, task.text),
        number=f"{assessment.number}-{position}",
        process="assessed_item",
        data={"field_check": visited, "announced": drawn.visit is FieldCheck.ANNOUNCED},
        parties=[MatterParty(settles, ResponsibilityRole.CHAIR)],
        parent_id=assessment.id,
    )
    self_id = uuid4()
    uow.session.add(
        AssessedItem(
            item_id=opened.item_id,
            assessment_id=assessment.id,
            task_id=task.id,
            position=position,
            basis=task.basis,
            accepts_breakthrough=task.accepts_breakthrough,
            visit=drawn.visit if visited else FieldCheck.NONE,
            seats=[str(unit_id) for unit_id in pair],
            settler_id=settles,
            self_item_id=self_id,
        )
    )
    uow.flush()
    open_matter(
        uow,
        kind=ItemKind.SELF_ASSESSMENT,
        office_unit_id=assessment.office_unit_id,
        title=title_of(ItemKind.SELF_ASSESSMENT, task.number, task.text),
        number=f"{assessment.number}-{position}-0",
        process="self_assessment",
        parties=[MatterParty(unit_id, ResponsibilityRole.SUBJECT) for unit_id in current_leads(uow, task.id)],
        parent_id=opened.item_id,
        due_at=end_of(uow.today.fromordinal(uow.today.toordinal() + SELF_ASSESSMENT_DAYS)),
        item_id=self_id,
    )


def title_of(kind: ItemKind, number: str, text: str) -> str:
    """What a matter about an item is called."""
    return f"{label(ItemKind, kind)} {number} {text[:TITLE_LENGTH]}"


def current_leads(uow: UnitOfWork, task_id: UUID) -> list[UUID]:
    """The units that lead an item now, each once, in printed order."""
    [rows] = uow.read((_LEADS_NOW, (task_id, ResponsibilityRole.LEAD)))
    return list(dict.fromkeys(unit_id for (unit_id,) in rows))
