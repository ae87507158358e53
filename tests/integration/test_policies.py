"""A list's own ladder: refused when it is wrong, versioned, and shown before it happens."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from db.tables import EscalationPolicy, EscalationRung, UnitMember
from domain.calendar import CalendarUnit
from domain.errors import NotFound, PermissionDenied, StaleVersion
from domain.escalation_errors import PolicyRefused, StepUnknown
from domain.items import DeadlineKind, Strength
from domain.ladder import Base, EscalationKind, Ladder, LevelState, Rung, RungRole, SubjectKind
from domain.messages import message_for
from domain.permissions import Role
from domain.quiet_hours import QuietHours
from services.items import NewDeadline
from services.policies import ApplyPolicies, DropPolicy, SavePolicy, checked
from services.policy_book import policies
from services.policy_text import as_mapping, read_policy
from services.queries.escalations import Draft, item_ladder
from services.queries.policies import list_policies
from services.queries.reading import reading
from tests.ladder_world import fired, item_row, levels, local, play, sweep, work


def rung(level=1, amount=0, **values):
    given = {"name": f"第{level}级", "kind": EscalationKind.URGE, "to": (RungRole.ASSIGNEE,), **values}
    return Rung(level=level, amount=amount, **given)


@pytest.fixture
def item(world):
    id_ = world.item()
    world.complete(id_, "issue")
    return id_


@pytest.fixture
def list_id(world, item):
    return item_row(world, item).list_id


def save(world, list_id, *rungs, actor=None, **values):
    given = {"subject_kind": SubjectKind.WORK_ITEM, "step": "sign_for", "name": "本清单", **values}
    return world.do(SavePolicy(list_id=list_id, rungs=rungs, **given), actor or world.clerk)


def faults(error):
    """(code, level) of everything that a policy was refused for; the sentence says each."""
    assert all(part["reason"] in message_for(error) for part in error.facts["rungs"])
    return [(part["code"], part["level"]) for part in error.facts["rungs"]]


def refused(world, list_id, *rungs, **values):
    with pytest.raises(PolicyRefused) as caught:
        save(world, list_id, *rungs, **values)
    return faults(caught.value)


def test_a_policy_that_never_ends_is_refused(world, list_id):
    assert refused(world, list_id, rung(every=1, at_most=0)) == [("rung_endless", 1)]
    assert refused(world, list_id, rung(every=1, at_most=31)) == [("rung_endless", 1)]
    assert refused(world, list_id, rung(at_most=3)) == [("rung_repeats_without_interval", 1)]
    assert refused(world, list_id, rung(every=200, at_most=5)) == [("rung_too_far", 1)]


def test_a_policy_that_points_to_nobody_is_refused_or_named(world, list_id):
    assert refused(world, list_id, rung(to=())) == [("rung_to_nobody", 1)]
    with world.sessions() as session:
        for member in session.exec(select(UnitMember).where(UnitMember.role == Role.CONVENER)):
            member.valid_to = date(2026, 3, 9)
        session.commit()
    saved = save(world, list_id, rung(to=(RungRole.ASSIGNEE, RungRole.CONVENER)), rung(2, to=(RungRole.DEPUTY,)))
    named = [(each.level, each.to, each.units) for each in saved.warnings]
    assert named == [
        (1, RungRole.CONVENER, ("滨海示范市联席会议办公室",)),
        (2, RungRole.DEPUTY, ("市牵头甲局",)),
    ]


def test_everything_that_is_wrong_is_said_at_once(world, list_id):
    assert refused(world, list_id) == [("policy_empty", None)]
    found = refused(
        world,
        list_id,
        rung(1, name=" "),
        rung(1, amount=-1, base=Base.OPENED),
        rung(3, channels=("pigeon",)),
        rung(99),
    )
    assert found == [
        ("rung_unnamed", 1),
        ("rung_twice", 1),
        ("rung_before_opening", 1),
        ("rung_channel_unknown", 3),
        ("rung_level", 99),
    ]
    assert refused(world, list_id, rung(), subject_kind=SubjectKind.ITEM) == [("step_of_item", None)]
    with pytest.raises(StepUnknown):
        save(world, list_id, rung(), step="no_such_step")


def test_a_file_with_words_that_there_are_not_is_refused_with_their_place():
    with pytest.raises(PolicyRefused) as caught:
        read_policy(
            {
                "subject_kind": "work_item",
                "quiet": {"opens": "19:00", "closes": "08:00"},
                "rungs": [{"level": 1, "name": "x", "kind": "urge", "to": ["mayor"], "amount": "soon", "every": 1}],
            }
        )
    assert set(faults(caught.value)) == {
        ("rung_role_unknown", 1),
        ("rung_value_unknown", 1),
        ("quiet_hours_empty", None),
        ("rung_to_nobody", 1),
        ("rung_endless", 1),
    }


def test_the_shipped_policies_pass_their_own_checks_and_can_be_written_as_files(world, item):
    with world.sessions() as session:
        rows = session.exec(select(EscalationPolicy)).all()
        assert {(row.subject_kind, row.step) for row in rows} >= {("work_item", "sign_for"), ("item", None)}
        assert session.exec(select(EscalationRung)).all()
        with reading(world.executor, world.clerk) as asked:
            connection: Any = asked.session.connection().connection.driver_connection
            known = policies(connection, [row.id for row in rows])
    for policy in known.values():
        assert checked(policy.kind, policy.step, policy.ladder.rungs) == ()
        text = read_policy(as_mapping(policy.kind, policy.step, policy.name, policy.ladder.quiet, policy.ladder.rungs))
        assert (text.kind, text.step, text.rungs, text.quiet) == (
            policy.kind,
            policy.step,
            policy.ladder.rungs,
            policy.ladder.quiet,
        )


def test_only_the_lists_office_changes_its_policies(world, list_id):
    with pytest.raises(NotFound):
        save(world, list_id, rung(), actor=world.actor(world.leads[0], Role.UNIT_LEADER))
    save(world, list_id, rung(), actor=world.head)
    with pytest.raises(StaleVersion):
        save(world, list_id, rung())
    assert save(world, list_id, rung(), seen_version=1).version == 2


def test_a_change_holds_for_what_is_armed_later_or_armed_again_on_purpose(world, item, list_id):
    sign_for = work(world, item, "sign_for").id
    sweep(world)
    saved = save(world, list_id, rung(5, amount=1, name="本清单催签收"))
    play(world, local(3, 12, 9))
    assert [level for level, _, _ in levels(world, sign_for)] == [1], "armed under the version before"
    other = world.item()
    world.complete(other, "issue")
    play(world, local(3, 13, 9))
    assert world.do(ApplyPolicies(list_id=list_id, subject_kind=SubjectKind.WORK_ITEM, step="sign_for"), world.clerk)
    play(world, local(3, 18))
    assert [level for level, _, _ in levels(world, sign_for)] == [1, 2, 5]
    assert [level for level, _, _ in levels(world, work(world, other, "sign_for").id)] == [5]
    assert {e.policy_id for e in fired(world) if e.level == 5} == {saved.id}
    world.do(DropPolicy(list_id=list_id, subject_kind=SubjectKind.WORK_ITEM, step="sign_for"), world.clerk)
    with pytest.raises(NotFound):
        world.do(DropPolicy(list_id=list_id, subject_kind=SubjectKind.WORK_ITEM, step="sign_for"), world.clerk)
    third = world.item()
    world.complete(third, "issue")
    play(world, local(3, 24))
    assert 1 in [level for level, _, _ in levels(world, work(world, third, "sign_for").id)]


def test_a_list_shows_its_own_policies_in_the_place_of_those_of_all(world, list_id):
    with reading(world.executor, world.clerk) as asked:
        before = list_policies(asked, list_id)
    save(world, list_id, rung())
    with reading(world.executor, world.clerk) as asked:
        after = list_policies(asked, list_id)
    assert len(before.policies) == len(after.policies)
    assert [(p.step, p.own, p.seen_version) for p in after.policies if p.own] == [("sign_for", True, 1)]
    assert before.may_change
    assert not any(p.own for p in before.policies)


def test_who_gets_what_when_is_shown_before_it_happens_and_happens_so(world, item):
    sign_for = work(world, item, "sign_for").id
    with reading(world.executor, world.clerk) as asked:
        shown = item_ladder(asked, item)
    [subject] = [s for s in shown.subjects if s.subject_id == sign_for]
    expected = [(each.level, each.at, {r.person_id for r in each.receivers}) for each in subject.levels]
    assert {each.state for each in subject.levels} == {LevelState.PLANNED}
    play(world, local(3, 18))
    happened: dict[tuple[int, datetime], set[UUID]] = {}
    for each in fired(world, sign_for):
        happened.setdefault((each.level, each.planned_at), set()).add(each.recipient_id)
    assert expected == [(level, at, people) for (level, at), people in happened.items()]
    with reading(world.executor, world.clerk) as asked:
        after = item_ladder(asked, item)
    [subject] = [s for s in after.subjects if s.subject_id == sign_for]
    assert {each.state for each in subject.levels} == {LevelState.FIRED}
    assert subject.reached == 3


def test_a_draft_is_tried_on_an_item_and_says_what_was_moved(world, item, list_id):
    # The step ends on Thursday; two days later is a Saturday.
    ladder = Ladder(
        (rung(amount=2, unit=CalendarUnit.DAYS, to=(RungRole.UNIT_LEADER,)),), QuietHours(time(9), time(17))
    )
    with reading(world.executor, world.clerk) as asked:
        shown = item_ladder(asked, item, Draft(SubjectKind.WORK_ITEM, "sign_for", "试", ladder))
    [subject] = shown.subjects
    [level] = subject.levels
    assert (level.wanted_at, level.at, level.moved) == (local(3, 14, 9), local(3, 16, 9), True)
    assert (subject.policy_id, subject.policy) == (None, "试")
    assert {r.person_id for r in level.receivers} == {world.actor(world.leads[0], Role.UNIT_LEADER).id}
    assert fired(world) == []


def test_the_deadline_and_what_was_skipped_stand_in_the_preview(world):
    deadline = NewDeadline(
        phrase="3月底前", kind=DeadlineKind.BY_DATE, on_date=date(2026, 3, 20), strength=Strength.STRIVE
    )
    id_ = world.item(deadlines=(deadline,))
    world.to_progress(id_)
    with reading(world.executor, world.actor(world.leads[0], Role.LIAISON)) as asked:
        shown = item_ladder(asked, id_)
    by_kind = {s.kind: s for s in shown.subjects}
    states = [(each.level, each.state) for each in by_kind[SubjectKind.ITEM].levels]
    assert states == [
        (1, LevelState.SKIPPED),
        (2, LevelState.PLANNED),
        (3, LevelState.PLANNED),
        (4, LevelState.PLANNED),
    ]
    assert by_kind[SubjectKind.WORK_ITEM].levels == (), "the step climbs with the deadline"
    with pytest.raises(NotFound), reading(world.executor, world.actor(world.leads[1], Role.LIAISON)) as asked:
        item_ladder(asked, id_)


def test_saving_needs_the_permission_not_only_the_sight_of_the_list(world, list_id):
    from tests.world import add_person

    with world.sessions() as session:
        assessor = add_person(session, world.clock, world.office, Role.ASSESSOR)
        session.commit()
    with pytest.raises(PermissionDenied):
        save(world, list_id, rung(), actor=assessor)
