"""What becomes of a published case after twelve months, or when its policy expires: kept, revised, stopped."""

import pytest
from sqlmodel import select

from db.tables import IssuedDocument
from services.queries.reading import reading
from services.queries.replication import case_detail
from tests.replication_world import DECISION, NOMINATION, build_replication


@pytest.fixture
def city(world):
    return build_replication(world)


def test_after_twelve_months_the_effect_is_checked_and_a_case_kept(world, city):
    case = city.approved()
    city.issue(case)
    world.clock.advance(days=366)
    assert city.timers_go_off(case) == 1
    assert city.case(case).state == "effect_check"
    figures = [{"name": "平均办理时间", "measure": "小时", "value": "11"}]
    world.complete(case, "check_effect", "keep", form={"summary": "都已落实。", "indicators": figures})
    world.clock.advance(days=1)
    world.complete(case, "confirm_effect", "return", reason_code="content_vague", opinion="请写明用了哪些数据。")
    world.clock.advance(days=1)
    world.complete(case, "check_effect", "keep", form={"summary": "两家单位都已落实，数据来自月报。"})
    world.clock.advance(days=1)
    world.complete(case, "confirm_effect", "confirm")
    assert (city.case(case).state, world.status(case)) == ("kept", "settled")
    with reading(world.executor, world.clerk) as asked:
        first, second = case_detail(asked, case).effects
    assert (first.proposed_label, first.figures) == ("持续有效", (("平均办理时间", "小时", "11"),))
    assert (first.decided, first.decided_words) == ("return", "请写明用了哪些数据。")
    assert (second.decided, second.summary) == ("confirm", "两家单位都已落实，数据来自月报。")


def test_a_case_whose_effect_asks_for_it_is_revised_by_its_applicant(world, city):
    case = city.approved()
    city.issue(case)
    world.clock.advance(days=366)
    city.timers_go_off(case)
    world.complete(case, "check_effect", "revise", form={"summary": "口径不一。"}, opinion="统一口径后继续推广。")
    world.clock.advance(days=1)
    world.complete(case, "confirm_effect", "confirm")
    world.complete(case, "revise_case", "submit", form={**NOMINATION, "practices": "一张清单，全市一个口径。"})
    kept = city.case(case)
    assert (kept.state, kept.dossier["practices"]) == ("revised", "一张清单，全市一个口径。")
    with reading(world.executor, world.clerk) as asked:
        [check] = case_detail(asked, case).effects
    assert (check.proposed, check.why, check.decided) == ("revise", "统一口径后继续推广。", "confirm")


def test_a_case_whose_basis_expires_is_looked_at_then_and_stopped_by_notice(world, city):
    case = city.nominate()
    city.to_conference(case, {**NOMINATION, "policy_expires_on": "2026-08-31"})
    world.complete(case, "decide_range", "adopt", form=DECISION)
    city.issue(case)
    world.clock.advance(days=200)
    assert city.timers_go_off(case) == 1
    world.complete(case, "check_effect", "stop", form={"summary": "依据到期。"}, opinion="试点政策到期，没有延续。")
    assert {row.state for row in city.adoptions(case)} == {"asked"}
    world.complete(case, "confirm_effect", "confirm")
    assert {row.state for row in city.adoptions(case)} == {"cancelled"}
    assert (city.case(case).state, city.case(case).ended_because) == ("stopped", "试点政策到期，没有延续")
    with world.sessions() as session:
        titles = session.exec(select(IssuedDocument.title).where(IssuedDocument.item_id == case)).all()
    assert any("停止推广" in title for title in titles)
