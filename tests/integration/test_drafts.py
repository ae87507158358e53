"""Drafts of a work item's form: shared in the unit, never overwritten silently, gone when handed in."""

from datetime import timedelta

import pytest

from domain.errors import InvalidDecision, InvalidForm, NotFound, PermissionDenied, WorkItemClosed
from domain.permissions import SCHEDULER, Role
from domain.reporting_errors import DraftTooLarge, StaleDraft
from services.drafts import LARGEST, DiscardDraft, RemoveDraft, SaveDraft, drafts_to_remove
from services.queries.drafts import draft_of
from services.queries.reading import reading
from services.rounds import OpenRound
from tests.world import REPORT, add_person

UNFINISHED = {"percent": 30, "progress": ""}


@pytest.fixture
def work(world):
    """The open report of an item's lead."""
    item_id = world.item(co_units=1)
    world.to_progress(item_id)
    due = world.clock.now() + timedelta(days=15)
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    world.everybody(item_id, "contribute", form={"progress": "已完成"})
    [work] = world.open_work(item_id, "consolidate")
    return work


@pytest.fixture
def liaison(world, work):
    return world.actor(work.unit_id, Role.LIAISON)


def save(world, work, actor, *, seen=0, form=None, decision=None):
    return world.do(
        SaveDraft(work_item_id=work.id, seen_version=seen, form=form or UNFINISHED, decision=decision), actor
    )


def view(world, work, actor):
    with reading(world.executor, actor) as asked:
        return draft_of(asked, work.id)


def test_an_unfinished_form_is_kept_with_who_and_when(world, work, liaison):
    saved = save(world, work, liaison, decision="submit")
    found = view(world, work, liaison)
    assert (saved.version, found.version, found.form, found.decision) == (1, 1, UNFINISHED, "submit")
    assert (found.saved_by, found.saved_by_name, found.saved_at) == (liaison.id, liaison.name, world.clock.now())


def test_two_liaisons_of_a_unit_do_not_overwrite_each_other(world, work, liaison):
    with world.sessions() as session:
        other = add_person(session, world.clock, work.unit_id, Role.LIAISON)
        session.commit()
    save(world, work, liaison)
    with pytest.raises(StaleDraft) as refused:
        save(world, work, other, form={"percent": 90})
    assert (refused.value.facts["who"], refused.value.facts["current"]) == (liaison.name, 1)
    assert view(world, work, other).form == UNFINISHED
    assert save(world, work, other, seen=1, form={"percent": 90}).version == 2
    with pytest.raises(StaleDraft):
        world.do(DiscardDraft(work_item_id=work.id, seen_version=1), liaison)


def test_a_draft_that_went_on_from_a_discarded_one_is_refused(world, work, liaison):
    save(world, work, liaison)
    world.do(DiscardDraft(work_item_id=work.id, seen_version=1), liaison)
    assert view(world, work, liaison).version == 0
    with pytest.raises(StaleDraft):
        save(world, work, liaison, seen=1)


@pytest.mark.parametrize(
    "form", [{"percent": "很多"}, {"percent": 101}, {"invented": 1}, {"progress": "长" * 2001}, {"problems": 5}]
)
def test_wrong_types_and_sizes_are_refused_even_in_a_draft(world, work, liaison, form):
    with pytest.raises(InvalidForm):
        save(world, work, liaison, form=form)


def test_a_draft_is_not_a_store(world, work, liaison):
    with pytest.raises(DraftTooLarge):
        save(world, work, liaison, form={"progress": "x" * LARGEST})


def test_a_decision_that_the_step_does_not_offer_is_refused(world, work, liaison):
    with pytest.raises(InvalidDecision):
        save(world, work, liaison, decision="approve")


def test_nobody_but_the_units_own_role_reads_or_writes_it(world, work):
    leader = world.actor(work.unit_id, Role.UNIT_LEADER)
    for actor in (leader, world.clerk, world.actor(world.co_units[0], Role.LIAISON)):
        with pytest.raises(PermissionDenied):
            save(world, work, actor)
        with pytest.raises(PermissionDenied):
            view(world, work, actor)
    stranger = world.actor(world.leads[1], Role.LIAISON)
    with pytest.raises(NotFound):
        save(world, work, stranger)
    with pytest.raises(NotFound):
        view(world, work, stranger)


def test_what_was_handed_in_is_no_draft_any_more(world, work, liaison):
    save(world, work, liaison)
    world.complete(work.item_id, "consolidate", form=REPORT)
    assert view(world, work, liaison).version == 0
    with pytest.raises(WorkItemClosed):
        save(world, work, liaison, seen=1)
    with world.sessions() as session:
        assert drafts_to_remove(session, world.clock.now(), 10) == [work.id]
    world.do(RemoveDraft(work_item_id=work.id), SCHEDULER)
    with world.sessions() as session:
        assert drafts_to_remove(session, world.clock.now(), 10) == []


def test_what_was_typed_into_a_step_that_was_overtaken_is_offered_when_it_comes_back(world):
    item_id = world.item(leads=2)
    world.to_progress(item_id)
    due = world.clock.now() + timedelta(days=15)
    world.do(OpenRound(item_id=item_id, period="2026-03", co_due_at=due, due_at=due), world.clerk)
    first, second = world.open_work(item_id, "consolidate")
    save(world, second, world.actor(second.unit_id, Role.LIAISON))
    world.complete(item_id, "consolidate", form=REPORT, unit_id=first.unit_id)
    assert view(world, second, world.actor(second.unit_id, Role.LIAISON)).overtaken
    with world.sessions() as session:
        assert drafts_to_remove(session, world.clock.now(), 10) == []
    world.complete(
        item_id, "sign_report", "return", reason_code="material_insufficient", opinion="补数字", unit_id=first.unit_id
    )
    again = next(w for w in world.open_work(item_id, "consolidate") if w.unit_id == second.unit_id)
    found = view(world, again, world.actor(again.unit_id, Role.LIAISON))
    assert found.version == 0
    assert found.earlier is not None
    assert found.earlier.form == UNFINISHED
