"""A year's evaluation of units, from the scheme to the circular, and what is refused on the way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from db.tables import Evaluation, EvaluationEntry, EvaluationResult, EvaluationUnit, IssuedDocument, Item, Unit
from domain.errors import NotFound, OwnSubmission, PermissionDenied, StaleVersion
from domain.evaluation_errors import (
    ConflictOfInterest,
    FactNotCited,
    FactUsedTwice,
    NotAPartner,
    NothingToEvaluate,
    SchemeFrozen,
    SchemeRefused,
    ScoreMissing,
    ScoreOutOfRange,
    SelfScoreReturned,
    TooFewAssessors,
    UnitNotRanked,
)
from domain.permissions import Membership, Role
from services.evaluation_sheets import standings_of, unit_sheets
from services.evaluations import OpenEvaluation, SaveScheme, shipped_scheme
from services.queries.evaluation_check import check_results
from tests.evaluation_world import SCORES, Evaluating, evaluated_year
from tests.world import add_person


@pytest.fixture
def year(world) -> Evaluating:
    return evaluated_year(world)


@pytest.fixture
def locked(year) -> Evaluating:
    """Everybody has handed in, the data are locked."""
    year.to_approval()
    for unit in year.units():
        year.self_score(unit, dict.fromkeys(_partners(year, unit), 8))
    year.lock()
    return year


def _partners(year, unit):
    leads, co_units = year.world.leads[:2], year.world.co_units[:2]
    return co_units if unit in leads else leads


def sheets(year):
    with year.world.sessions() as session:
        row = session.get_one(Evaluation, year.id)
        return {each.row.unit_id: each for each in unit_sheets(session, row)}


def ranks(year):
    with year.world.sessions() as session:
        row = session.get_one(Evaluation, year.id)
        return {each.unit_id: each for each in standings_of(row, unit_sheets(session, row))}


def test_a_year_is_evaluated_from_the_scheme_to_the_circular(locked):
    world = locked.world
    for unit in locked.units():
        locked.score(unit)
        locked.accept(unit)
    locked.decide()
    assert world.status(locked.id) == "settled"
    with world.sessions() as session:
        results = session.exec(select(EvaluationResult)).all()
        row = session.get_one(Evaluation, locked.id)
        assert len(results) == 4 and row.decided_by == world.people[world.office, Role.CONVENER].id
        circular = session.get_one(IssuedDocument, row.circular_id)
        assert circular.public and circular.title == "关于2026年度单位评价结果的通报"
        assert '{"title": "名次"}' in circular.snapshot.replace('":"', '": "') and "市牵头甲局" in circular.snapshot
        titles = [title.split("（")[0] for title in session.exec(select(IssuedDocument.title))]
    assert sum("评分底稿" in title for title in titles) == 4
    assert sum("评价数据核定单" in title for title in titles) == 4
    assert sum("自评表" in title for title in titles) == 4
    good, bad = world.leads[:2]
    found = ranks(locked)
    assert found[good].rank == 1 and found[good].total > found[bad].total


def test_points_come_from_facts_that_can_be_opened(locked):
    good, bad = locked.world.leads[:2]
    found = sheets(locked)
    numbers = found[bad].facts.numbers()
    assert (numbers["due_firm"], numbers["done_firm"], numbers["lights_red"]) == (1, 0, 2)
    assert (numbers["rectifications_due"], numbers["rectifications_done"]) == (1, 0)
    done = found[good].facts.numbers()
    assert (done["due_firm"], done["done_firm"], done["handed_in"], done["returned"]) == (1, 1, 2, 0)
    assert found[bad].sheet.sections[0].points == 0
    assert found[good].sheet.sections[0].points == 50
    assert [line.points for line in found[bad].sheet.deductions] == [1, 1, Decimal("0.5")]
    assert found[good].sheet.deductions == ()
    # Eight of ten from each of two partners.
    assert next(s for s in found[good].sheet.sections if s.id == "cooperation").points == 8


def test_results_are_computed_again_to_the_same_numbers_whatever_was_recorded_since(locked):
    for unit in locked.units():
        locked.score(unit)
        locked.accept(unit)
    locked.decide()
    locked.world.clock.advance(days=40)
    from tests.evaluation_world import add_lights

    item = locked.world.item(leads=2, co_units=1)
    add_lights(locked.world, item, {"2026-05": "red"})
    with locked.world.sessions() as session:
        checked = check_results(session)
    assert (checked.sheets, checked.facts, checked.differences) == (4, 4, ())
    with locked.world.sessions() as session:
        # Somebody with the owner's power has changed what was decided about.
        session.exec(select(Item).where(Item.id == item)).one()
        unit = session.exec(select(EvaluationUnit).order_by(col(EvaluationUnit.unit_id))).first()
        assert unit is not None
        unit.months = 3
        session.add(unit)
        session.commit()
        assert [each.what for each in check_results(session).differences] == ["facts"]


def test_units_do_not_see_each_other(locked):
    world = locked.world
    work = world.open_work(locked.unit_item(world.leads[0]), "confirm_data")[0]
    from services.work_items import CompleteWorkItem

    command = CompleteWorkItem(work_item_id=work.id, seen_version=work.version, decision="confirm")
    with pytest.raises(NotFound):
        world.do(command, world.actor(world.leads[1], Role.LIAISON))


def test_an_upheld_objection_changes_the_score_and_is_heard_by_who_did_not_score(locked):
    unit = locked.world.leads[0]
    locked.score(unit)
    before = sheets(locked)[unit].sheet.total
    objection = {"kind": "score", "target": "quality", "grounds": "遗漏两份简报采用材料"}
    locked.step(unit, "answer_feedback", "object", form={"objections": [objection]})
    ruling = {"kind": "score", "target": "quality", "points": 4, "reason": "补充材料属实"}
    with pytest.raises(OwnSubmission):
        locked.step(unit, "recheck", "uphold", form={"rulings": [ruling]})
    locked.step(unit, "recheck", "uphold", form={"rulings": [ruling]}, actor=locked.second_clerk)
    assert sheets(locked)[unit].sheet.total > before
    with locked.world.sessions() as session:
        entry = session.exec(select(EvaluationEntry).where(EvaluationEntry.kind == "recheck")).one()
        assert entry.answers == ruling


def test_an_accepted_tolerance_takes_the_deduction_away_and_leaves_a_record(locked):
    unit = locked.world.leads[1]
    locked.score(unit)
    [first, *_] = sheets(locked)[unit].sheet.deductions
    claim = {"kind": "tolerance", "target": first.fact_key, "grounds": "先行先试，程序合规，未谋私利"}
    locked.step(unit, "answer_feedback", "object", form={"objections": [claim]})
    ruling = {"kind": "tolerance", "target": first.fact_key, "reason": "符合三个区分开来"}
    locked.step(unit, "recheck", "uphold", form={"rulings": [ruling]}, actor=locked.second_clerk)
    sheet = sheets(locked)[unit].sheet
    assert first.fact_key not in {line.fact_key for line in sheet.deductions}
    assert [(taken.fact_key, taken.reason) for taken in sheet.taken] == [(first.fact_key, "符合三个区分开来")]


def test_a_veto_fails_the_unit_whatever_else_it_did(locked):
    unit = locked.world.leads[0]
    veto = {"kind": "falsified", "basis": "伪造验收报告，已查实"}
    locked.score(unit, {**SCORES, "vetoes": [veto]})
    standing = ranks(locked)[unit]
    assert (standing.rank, standing.grade, standing.remark) == (None, "fail", "vetoed")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scores": [{"part": "quality", "points": 4.01}, {"part": "adoption", "points": 5}]}, ScoreOutOfRange),
        ({"scores": [{"part": "quality", "points": 4}]}, ScoreMissing),
        (
            {**SCORES, "deductions": [{"kind": "criticised", "fact": "{red}", "points": 3, "reason": "又扣"}]},
            FactUsedTwice,
        ),
    ],
)
def test_scores_that_may_not_stand_on_the_sheet_are_refused(locked, form, error):
    unit = locked.world.leads[1]
    red = next(fact.key for fact in sheets(locked)[unit].facts.facts if "lights_red" in fact.counts)
    for each in form.get("deductions", ()):
        each["fact"] = red
    with pytest.raises(error):
        locked.score(unit, form)


def test_nobody_scores_the_unit_that_they_belong_to(locked):
    world, unit = locked.world, locked.world.leads[0]
    both = add_clerk_of(world, unit)
    locked.step(unit, "confirm_data", "confirm")
    with pytest.raises(ConflictOfInterest):
        locked.step(unit, "score_by_office", form=SCORES, actor=both)


def add_clerk_of(world, unit):
    """Somebody who works in the office and in a unit."""
    from dataclasses import replace

    with world.sessions() as session:
        actor = add_person(session, world.clock, world.office, Role.OFFICE_STAFF)
        session.commit()
    return replace(actor, memberships=actor.memberships | {Membership(unit, Role.LIAISON)})


def test_the_body_that_hosts_the_office_is_scored_by_the_assessment_group(world):
    host, assessors = world.leads[0], (world.leads[1], *world.co_units[:2])
    people = {}
    with world.sessions() as session:
        for unit in assessors:
            people[unit] = add_person(session, world.clock, unit, Role.ASSESSOR)
            world.people[unit, Role.ASSESSOR] = people[unit]
        session.commit()
    year = evaluated_year(world, host_unit_id=host, assessors=assessors)
    year.to_approval()
    year.lock()
    year.step(host, "confirm_data", "confirm")
    item = year.unit_item(host)
    assert not world.open_work(item, "score_by_office")
    for unit, points in zip(assessors, (2, 3, 4), strict=True):
        form = {"scores": [{"part": "quality", "points": points}, {"part": "adoption", "points": 6}]}
        bad = {"scores": [{"part": "quality", "points": 5}, {"part": "adoption", "points": 6}]}
        with pytest.raises(ScoreOutOfRange):
            world.complete(item, "score_by_group", "score", form=bad, unit_id=unit)
        world.complete(item, "score_by_group", "score", form=form, unit_id=unit)
    lines = [line for section in sheets(year)[host].sheet.sections for line in section.lines]
    assert next(line.points for line in lines if line.id == "quality") == 3
    year.step(host, "answer_feedback", "object", form={"objections": [_objection("adoption")]})
    year.step(host, "recheck_by_convener", "dismiss", opinion="没有新的事实", actor=year.convener)
    assert world.status(item) == "settled"


def _objection(target):
    return {"kind": "score", "target": target, "grounds": "评分偏低"}


def test_a_host_needs_a_group_that_is_independent(world):
    host = world.leads[0]
    with pytest.raises(TooFewAssessors):
        evaluated_year(world, host_unit_id=host, assessors=(host, *world.co_units[:2]))


def test_silence_confirms_the_data_and_accepts_the_score(locked):
    unit = locked.world.co_units[0]
    locked.wait(unit, locked.world.clock.at + timedelta(days=10))
    locked.step(unit, "score_by_office", form=SCORES)
    locked.wait(unit, locked.world.clock.at + timedelta(days=20))
    assert locked.world.status(locked.unit_item(unit)) == "settled"


def test_data_that_are_wrong_are_corrected_and_locked_again(locked):
    unit = locked.world.leads[1]
    red = next(fact.key for fact in sheets(locked)[unit].facts.facts if "lights_red" in fact.counts)
    wrong = {"fact": "light:none", "problem": "没有这条"}
    with pytest.raises(FactNotCited):
        locked.step(unit, "confirm_data", "correct", form={"corrections": [wrong]})
    locked.step(unit, "confirm_data", "correct", form={"corrections": [{"fact": red, "problem": "当月已经通过验收"}]})
    locked.step(unit, "settle_correction", "corrected", form={"explanation": "验收材料属实"})
    found = sheets(locked)[unit]
    assert red not in {line.fact_key for line in found.sheet.deductions}
    assert [taken.kind for taken in found.sheet.taken] == ["lift"]


def test_a_self_score_that_is_late_does_not_hold_the_others_up(year):
    year.to_approval()
    late, *others = year.units()
    for unit in others:
        year.self_score(unit, {_partners(year, unit)[0]: 7})
    year.lock()
    assert year.world.open_work(year.unit_item(late), "confirm_data")


def test_a_self_score_is_returned_once_only(year):
    unit = year.world.leads[0]
    year.to_approval()
    for _ in range(2):
        year.step(unit, "self_score", form={"summary": "自评"})
        year.step(unit, "sign_self_score", "sign")
        reason = {"reason_code": "material_insufficient", "opinion": "缺材料"}
        if _:
            with pytest.raises(SelfScoreReturned):
                year.step(unit, "check_self_score", "return", **reason)
        else:
            year.step(unit, "check_self_score", "return", **reason)


@pytest.mark.parametrize("whom", ["self", "stranger", "twice"])
def test_only_partners_are_rated_and_each_once(year, whom):
    unit = year.world.leads[0]
    year.to_approval()
    year.step(unit, "self_score", form={"summary": "自评"})
    year.step(unit, "sign_self_score", "sign")
    year.step(unit, "check_self_score", "accept")
    partner = year.name(year.world.co_units[0])
    names = {"self": [year.name(unit)], "stranger": [year.name(year.world.leads[1])], "twice": [partner, partner]}
    form = {"ratings": [{"unit": name, "points": 9} for name in names[whom]]}
    with pytest.raises(NotAPartner):
        year.step(unit, "rate_partners", form=form)


def test_a_scheme_is_changed_while_it_is_drafted_and_never_after_it_was_frozen(year):
    world, scheme = year.world, shipped_scheme()
    scheme["title"] = "改过的方案"
    command = SaveScheme(evaluation_id=year.id, seen_version=1, scheme=scheme)
    assert world.do(command, world.clerk) == 2
    with pytest.raises(StaleVersion):
        world.do(command, world.clerk)
    scheme["criteria"][0]["points"] = 40
    with pytest.raises(SchemeRefused, match="faults") as refused:
        world.do(SaveScheme(evaluation_id=year.id, seen_version=2, scheme=scheme), world.clerk)
    assert "合计90.00分" in str(refused.value.facts["reason"])
    with pytest.raises(PermissionDenied):
        world.do(SaveScheme(evaluation_id=year.id, seen_version=2, scheme=shipped_scheme()), world.head)
    year.to_approval()
    with pytest.raises(SchemeFrozen):
        world.do(SaveScheme(evaluation_id=year.id, seen_version=2, scheme=shipped_scheme()), world.clerk)


def test_data_are_not_locked_before_the_cut_off(year):
    year.to_approval()
    with pytest.raises(NothingToEvaluate):
        year.world.complete(year.id, "lock_data")


def test_units_that_fit_into_no_group_keep_a_scheme_from_being_approved(year):
    world, scheme = year.world, shipped_scheme()
    scheme["groups"][0]["kinds"] = ["office"]
    world.do(SaveScheme(evaluation_id=year.id, seen_version=1, scheme=scheme), world.clerk)
    with pytest.raises(UnitNotRanked):
        year.to_approval()


def test_an_evaluation_of_nothing_is_refused(world):
    for days in ((date(2026, 12, 31), date(2026, 1, 1)), (date(2026, 1, 1), date(2026, 12, 31))):
        command = OpenEvaluation(office_unit_id=world.office, first_day=days[0], last_day=days[1])
        with pytest.raises(NothingToEvaluate):
            world.do(command, world.clerk)


def test_a_unit_that_was_merged_within_the_year_is_inherited_by_its_successor(year):
    world = year.world
    merged, successor = world.leads[1], world.co_units[2]
    with world.sessions() as session:
        unit = session.get_one(Unit, merged)
        unit.valid_to, unit.successor_id = date(2026, 11, 30), successor
        session.add(unit)
        session.commit()
    world.clock.at += timedelta(days=280)
    world.complete(year.id, "draft_scheme")
    world.everybody(year.id, "give_opinion", "agree")
    world.complete(year.id, "approve_scheme", "approve", actor=year.convener)
    assert merged not in year.units() and successor in year.units()
    year.lock()
    found = sheets(year)[successor]
    assert [each["until"] for each in found.row.inherits] == ["2026-11-30"]
    assert {fact.from_unit for fact in found.facts.facts if fact.counts.get("lights_red")} == {merged}


def test_what_a_higher_level_stopped_is_outside_the_denominator_and_listed(year):
    from services.items import StopItem

    world = year.world
    with world.sessions() as session:
        item = session.exec(select(Item).where(Item.kind == "task", col(Item.ended_at).is_(None))).one()
    command = StopItem(
        item_id=item.id,
        seen_version=item.version,
        message="terminate",
        reason="原文件废止",
        document_number="国办发〔2026〕9号",
    )
    world.do(command, world.head)
    year.to_approval()
    year.lock()
    found = sheets(year)[world.leads[1]].facts
    assert found.numbers()["due_firm"] == 0
    assert [(each.item_id, each.reason) for each in found.left_out] == [(item.id, "terminated")]
