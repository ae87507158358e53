"""What the steps of a summary assessment and of its parts mean: the joint between its models and tables.

One matter each for the assessment, an item's paper, a lead's self-assessment, an assessor's view, the notice of a visit
and a lead's opinion, so that nobody sees what they must not see (docs/decisions/0011).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from db.tables import AssessedItem, Assessment, ProcessInstance
from services import assessment_group, assessment_outcome, assessment_reviews
from services.assessment_report import issue_report
from services.assessment_sample import draw_sample, open_sample
from services.matters import tell_process
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER = True


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Routing facts of the step. Raises what forbids it."""
    if instance.key == "summary_assessment":
        return _check_assessment(uow, instance, done)
    if instance.key == "assessed_item":
        assessment_outcome.check_paper(uow, instance, done)
    elif instance.key == "item_review":
        assessment_reviews.check_review(uow, instance, done)
    elif instance.key == "lead_opinion":
        assessment_outcome.check_opinion(uow, instance, done)
    return {}


def _check_assessment(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    step, said = done.bpmn_id, done.decision
    if step == "propose_group":
        assessment_group.proposed(uow, done.form, instance.office_unit_id)
    elif step == "draft_assessment_plan":
        draw_sample(uow, uow.get(Assessment, instance.item_id), done.form)
    elif step == "hold_group_meeting":
        meeting = assessment_outcome.read_meeting(uow, instance.item_id, done.form)
        return {"opinions_wanted": bool(assessment_outcome.to_ask(uow, instance.item_id, meeting))}
    elif step == "follow_up" and said == "finish":
        assessment_outcome.check_followed_up(uow, instance.item_id)
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry the step into the tables."""
    # Opening further matters names them; the audit entry is about what the person did.
    subject = uow.subject_id
    outcome = advanced.outcome
    if instance.key == "summary_assessment":
        if done is not None:
            _apply_assessment(uow, instance, done)
    elif instance.key == "assessed_item":
        assessment_outcome.apply_paper(uow, instance, outcome, done)
    elif instance.key == "item_review" and outcome is not None:
        assessment_reviews.apply_review(uow, instance, outcome, done)
    elif instance.key == "self_assessment" and outcome in {"submitted", "missed"}:
        _self_assessed(uow, instance, outcome)
    elif instance.key == "lead_opinion":
        assessment_outcome.apply_opinion(uow, instance, outcome, done)
    uow.subject_id = subject


def _apply_assessment(uow: UnitOfWork, instance: LockedInstance, done: Done) -> None:
    step, said = done.bpmn_id, done.decision
    if step == "approve_group" and said == "approve":
        form = assessment_outcome.form_of(uow, instance.id, "propose_group")
        group = assessment_group.proposed(uow, form, instance.office_unit_id)
        assessment_group.appoint(uow, instance.item_id, group)
    elif step == "approve_assessment_plan" and said == "approve":
        assessment = uow.get(Assessment, instance.item_id)
        plan: Mapping[str, Any] = assessment_outcome.form_of(uow, instance.id, "draft_assessment_plan")
        open_sample(uow, assessment, plan, draw_sample(uow, assessment, plan))
    elif step == "hold_group_meeting":
        assessment_outcome.hold_meeting(uow, instance, done.form)
    elif step == "issue_report":
        issue_report(uow, instance.item_id, done.form)


def _self_assessed(uow: UnitOfWork, instance: LockedInstance, outcome: str) -> None:
    """The lead has assessed itself, or let the time pass: either way the assessors are asked."""
    assessed = uow.session.exec(select(AssessedItem).where(AssessedItem.self_item_id == instance.item_id)).one()
    assessed.self_outcome = outcome
    uow.session.add(assessed)
    uow.flush()
    paper: UUID = uow.session.exec(
        select(ProcessInstance.id).where(
            ProcessInstance.item_id == assessed.item_id, col(ProcessInstance.ended_at).is_(None)
        )
    ).one()
    tell_process(uow, instance.root_item_id, paper, "self_assessed")
    assessment_reviews.open_reviews(uow, assessed)
