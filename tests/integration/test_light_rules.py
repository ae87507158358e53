"""Rules of lights as data, frozen lights computed again, and lights to read."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bpmn.decisions import shipped_table
from db.tables import Item, Light, LightRuleSet, TaskList
from domain.calendar import end_of, start_of
from domain.errors import NotFound, PermissionDenied
from domain.light_errors import LightRulesRefused, LightRulesTooLate
from domain.lights import Light as Colour
from domain.messages import message_for
from domain.permissions import Role
from domain.process_errors import ModelRefused
from services.export import ledger_values
from services.light_rules import PublishLightRules
from services.queries.ledger import LedgerFilter, LedgerGroup, count_ledger, ledger
from services.queries.light_check import check_frozen, preview_rules, rules_versions
from services.queries.lights import LightGroup, behind, light_counts, light_of
from services.queries.reading import Reading
from services.work_calendar import read_calendar
from tests.integration.test_lights import DUE, Correct, dated, frozen, move_to, report, sweep

SHIPPED = shipped_table("lights")
STRICTER = SHIPPED.replace(b"&gt;= 10</text>", b"&gt;= 5</text>").replace("落后10至30".encode(), "落后5至30".encode())


def asked(world, session, actor=None):
    return Reading(session, actor or world.clerk, world.clock.now(), read_calendar(session), world.executor.library)


@pytest.fixture
def progressing(world):
    item_id = world.item(deadlines=dated())
    world.to_progress(item_id)
    return item_id


@pytest.fixture
def list_id(world, progressing):
    with world.sessions() as session:
        return session.get_one(Item, progressing).list_id


def differences(world):
    with world.sessions() as session:
        return [each for checked in check_frozen(session, read_calendar(session)) for each in checked.differences]


def test_every_frozen_light_is_computed_again_from_stored_facts_and_the_rules_of_then(world, progressing, list_id):
    move_to(world, date(2026, 4, 24))
    report(world, progressing, 4, "2026-04", date(2026, 4, 25))
    move_to(world, date(2026, 5, 1))
    sweep(world)
    world.do(PublishLightRules(list_id=list_id, content=STRICTER), world.head)
    world.do(Correct(progressing, 90, start_of(date(2026, 4, 24))), world.clerk)
    move_to(world, date(2026, 7, 2))
    sweep(world)
    assert len(frozen(world, progressing)) == 4
    assert differences(world) == []


def test_a_frozen_light_that_is_not_what_the_facts_give_is_found(world, progressing):
    move_to(world, date(2026, 4, 2))
    sweep(world)
    closes_at = start_of(date(2026, 5, 1))
    reason: dict[str, object] = {"code": "overdue", "rule": "已过时限", "asked": [], "facts": {}}
    move_to(world, date(2026, 5, 1))
    with world.sessions() as session:
        row = Light(item_id=progressing, period="2026-04", as_of=closes_at, known_on=world.clock.now(), light="red")
        row.reason = reason
        session.add(row)
        session.commit()
    sweep(world)
    assert [(each.period, each.frozen[:2], each.computed[:2]) for each in differences(world)] == [
        ("2026-04", "红灯", "绿灯")
    ]


def test_new_rules_count_from_their_day_on_and_for_their_list_alone(world, progressing, list_id):
    move_to(world, date(2026, 4, 24))
    sweep(world)
    with world.sessions() as session:
        facts: dict[str, Any] = light_of(asked(world, session), progressing).facts
    report(world, progressing, facts["expected_percent"] - 7, "2026-04", date(2026, 4, 25))
    sweep(world)
    with world.sessions() as session:
        reading = asked(world, session)
        assert light_of(reading, progressing).light == "green"
        found = preview_rules(reading, list_id, STRICTER)
    assert (found.items, found.changed, found.transitions) == (1, 1, (("绿灯", "黄灯", 1),))
    assert "落后7个百分点（落后5至30个百分点）" in found.examples[0].words
    done = world.do(
        PublishLightRules(list_id=list_id, content=STRICTER, valid_from=start_of(date(2026, 4, 27))), world.head
    )
    assert (done.version, done.already) == (1, False)
    for day, light in ((date(2026, 4, 26), "green"), (date(2026, 4, 27), "yellow")):
        move_to(world, day)
        sweep(world)
        with world.sessions() as session:
            assert light_of(asked(world, session), progressing).light == light
    with world.sessions() as session:
        reading = asked(world, session)
        assert light_of(reading, progressing, as_of=end_of(date(2026, 4, 25))).light == "green"
        versions = rules_versions(reading, list_id)
    assert [(v.own, v.version, v.counts) for v in versions] == [(True, 1, True), (False, 1, False)]


def test_rules_that_cannot_be_used_are_refused_with_the_reason(world, list_id):
    broken = SHIPPED.replace(b"<text>-</text>", b"<text>&gt;= 5000</text>")
    for content, error, words in (
        (b"<x/>", ModelRefused, "DMN"),
        (SHIPPED.replace(b"<text>lag</text>", b"<text>mood</text>"), LightRulesRefused, "mood"),
        (SHIPPED.replace(b'"FIRST"', b'"UNIQUE"'), LightRulesRefused, "同时命中"),
        (SHIPPED.replace(b'"yellow"', b'"orange"'), LightRulesRefused, "orange"),
        (broken, LightRulesRefused, "第"),
        (SHIPPED + b" " * 200_000, ModelRefused, "200000"),
    ):
        with pytest.raises(error) as refused:
            world.do(PublishLightRules(list_id=list_id, content=content), world.head)
        assert words in message_for(refused.value)
    with world.sessions() as session:
        assert session.exec(select(LightRuleSet).where(LightRuleSet.list_id == list_id)).first() is None


def test_rules_do_not_count_for_the_past_and_are_the_office_leaders(world, list_id):
    publish = PublishLightRules(list_id=list_id, content=STRICTER)
    with pytest.raises(LightRulesTooLate):
        world.do(replace(publish, valid_from=world.clock.now() - timedelta(days=1)), world.head)
    with pytest.raises(PermissionDenied):
        world.do(publish, world.clerk)
    with pytest.raises(NotFound):
        world.do(publish, world.actor(world.leads[0], Role.UNIT_LEADER))
    assert world.do(publish, world.head).version == 1
    assert world.do(publish, world.head).already


def test_a_light_of_a_day_is_told_as_it_was_known_on_another(world, progressing):
    move_to(world, date(2026, 4, 24))
    report(world, progressing, 90, "2026-04", date(2026, 4, 25))
    sweep(world)
    move_to(world, date(2026, 5, 4))
    world.do(Correct(progressing, 1, start_of(date(2026, 4, 25))), world.clerk)
    sweep(world)
    with world.sessions() as session:
        reading = asked(world, session)
        day = end_of(date(2026, 4, 26))
        assert light_of(reading, progressing, as_of=day, known_on=end_of(date(2026, 4, 30))).light == "green"
        assert light_of(reading, progressing, as_of=day).light == "yellow"
        with pytest.raises(NotFound):
            light_of(asked(world, session, world.actor(world.co_units[0], Role.LIAISON)), progressing)


def test_what_is_behind_is_counted_listed_and_printed(world, progressing, list_id):
    other = world.item(text="另一个事项")
    move_to(world, DUE + timedelta(days=20))
    sweep(world)
    with world.sessions() as session:
        reading = asked(world, session)
        [row] = behind(reading, LedgerFilter())
        assert (row.item_id, row.light, row.in_a_row) == (progressing, "red", 1)
        assert row.words.startswith("红灯：时限2026年6月17日，已逾期20天")
        assert [(c.name, c.red, c.grey) for c in light_counts(reading, LedgerFilter(), LightGroup.LEAD)] == [
            ("市牵头甲局", 1, 1)
        ]
        [counts] = light_counts(reading, LedgerFilter(), LightGroup.LIST)
        assert (counts.key, counts.red, counts.grey) == (str(list_id), 1, 1)
        [red] = ledger(reading, LedgerFilter(lights=(Colour.RED,))).rows
        assert ledger_values(red)["light_words"] == row.words
        grey = ledger(reading, LedgerFilter(lights=(Colour.GREY,))).rows
        assert [(each.id, each.light_words) for each in grey] == [(other, "不亮灯：未起算")]
        by_light = count_ledger(reading, LedgerFilter(), LedgerGroup.LIGHT)
        assert {(c.value, c.label, c.count) for c in by_light} == {("red", "红灯", 1), ("grey", "不亮灯", 1)}
        assert session.get_one(TaskList, list_id)
