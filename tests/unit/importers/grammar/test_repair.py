"""Mending a damaged measure from the body: what is mended, what is left alone, and what a person must confirm."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from importers.grammar.characters import comparable, squeeze
from importers.grammar.repair import Body, Passage, Repair, differences, suspects
from importers.model import FlagCode

HARBOUR = (("一级", "一、港口"),)
TALENT = (("一级", "二、人才"),)
PASSAGES = [
    Passage(
        "1.提升港口能级。加快智慧码头建设，支持新增国际航线航班。完善港口收费管理服务模式，实现缴费结算一次办理。",
        HARBOUR,
        True,
    ),
    Passage("支持保税维修业务发展，在海关特殊监管区域内开展试点的基础上，支持有条件的区域", HARBOUR),
    Passage("外企业开展高技术含量产品的保税维修业务，探索以企业为单元的监管新模式。设立产业发展基金。", HARBOUR),
    Passage(
        "2.引进海外人才。放宽来江北创业的外国人才年龄条件，不设学历限制。建立人才联络机制，每季度通报一次。",
        TALENT,
        True,
    ),
]


@pytest.fixture
def body() -> Body:
    return Body(PASSAGES)


def found(body: Body, printed: str, after: int = 0) -> Repair:
    repair = body.find(printed, after)
    assert repair is not None
    return repair


@pytest.mark.parametrize(
    ("printed", "text", "changes"),
    [
        ("设立产业发展基金。", "设立产业发展基金。", None),
        ("設立產業發展基金", "设立产业发展基金。", False),
        ("立产业发展基金。", "设立产业发展基金。", False),
        ("设立产业发展基地。", "设立产业发展基金。", True),
        ("放宽来江北创业的外国人才才年龄条件，不设学历限制", "放宽来江北创业的外国人才年龄条件，不设学历限制。", False),
        ("放宽来江北创业外国人才年龄条件，不设学历限制。", "放宽来江北创业的外国人才年龄条件，不设学历限制。", False),
        ("放宽来江北创业的外国人才年龄条件，设学历限制。", "放宽来江北创业的外国人才年龄条件，不设学历限制。", True),
        ("放宽来江北创业的外国人才年龄条件。不设学历限制。", "放宽来江北创业的外国人才年龄条件，不设学历限制。", False),
        ("完善港口收费管理模式，实现缴费结算一次办理。", "完善港口收费管理服务模式，实现缴费结算一次办理。", True),
        (
            "支持保税维修业务发展，在海关特殊监管区域外企业开展高技术含量产品的保税维修业务，探索以企业为单元的监管新模式。",
            "支持保税维修业务发展，在海关特殊监管区域内开展试点的基础上，支持有条件的区域外企业开展高技术含量产品的"
            "保税维修业务，探索以企业为单元的监管新模式。",
            True,
        ),
        (
            "放宽来江北创业的外国人才年龄条件，不设学历限制。建立联络机制，每季度通报一次。",
            "放宽来江北创业的外国人才年龄条件，不设学历限制。建立人才联络机制，每季度通报一次。",
            True,
        ),
    ],
)  # fmt: skip
def test_a_measure_that_the_body_certainly_holds_is_mended(body, printed, text, changes):
    repair = found(body, printed)
    assert repair.text == text
    assert [flag.code for flag in repair.flags()] == ([] if changes is None else [FlagCode.TEXT_DIFFERS_FROM_BODY])
    assert repair.meaning_may_change is bool(changes)
    assert not any(flag.blocking for flag in repair.flags())


@pytest.mark.parametrize(
    ("printed", "body", "cosmetic"),
    [
        ("完善管理制度", "完善监管制度", False),
        ("完善新的管理制度", "完善新管理制度", True),
        ("完善管理制度", "完善新管理制度", True),
        ("审重大事项，完善管理制度", "审议重大事项，完善管理制度", True),
        ("分两批建设", "分三批建设", False),
        ("建設園區", "建设园区", True),
    ],
)
def test_a_word_changed_is_no_slip_and_a_character_dropped_is(printed, body, cosmetic):
    assert all(difference.cosmetic for difference in differences(printed, body)) is cosmetic


def test_the_flag_shows_both_wordings(body):
    (flag,) = found(body, "设立产业发展基地。").flags()
    assert "发展基地" in flag.note
    assert "发展基金" in flag.note
    assert "请确认" in flag.note


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "在乡镇设立便民服务站，推行帮办代办。",
        "加快智慧农业建设，支持新增冷链仓库。",
        "建立项目联络机制，每月通报三次。",
        "建设基金。",
        "建立人才联络机制，每季度通报一次，表彰先进单位和个人。",
        "放宽江北条件，不设限制。",
    ],
)
def test_a_measure_that_the_body_does_not_certainly_hold_is_left_alone(body, printed):
    assert body.find(printed) is None


def test_two_places_that_are_equally_near_mend_nothing():
    twice = Body([Passage("支持东片区企业开展保税维修试点业务。支持西片区企业开展保税维修试点业务。")])
    assert twice.find("支持片区企业开展保税维修试点业务。") is None


def test_a_literal_repetition_takes_the_next_place_in_order():
    again = Body([Passage("建立协调机制。", HARBOUR, True), Passage("建立协调机制。", TALENT, True)])
    first = found(again, "建立协调机制。")
    assert first.passage.headings == HARBOUR
    assert found(again, "建立协调机制。", first.start + 1).passage.headings == TALENT


def test_a_line_without_full_stop_does_not_run_into_the_next_heading_s_text():
    parts = Body([Passage("提升港口能级", HARBOUR, True), Passage("设立产业发展基金。", TALENT, True)])
    assert found(parts, "设立产业发展基地。").text == "设立产业发展基金。"


def test_the_place_tells_the_section(body):
    assert found(body, "建立人才联络机制，每季度通报一次。").passage.headings == TALENT


def test_a_document_without_body_mends_nothing():
    assert Body([]).find("设立产业发展基金。") is None


def test_a_doubled_word_is_suspect():
    assert suspects("更好服务实体经济经济作用") == ("经济经济",)
    assert suspects("更好服务实体经济") == ()


TEXT = "".join(squeeze(passage.text) for passage in PASSAGES)
SENTENCES = [sentence + "。" for sentence in TEXT.split("。") if sentence]


@given(st.sampled_from(SENTENCES), st.data())
def test_a_repair_is_always_a_piece_of_the_body(sentence, data):
    start = data.draw(st.integers(0, len(sentence) - 1))
    printed = sentence[:start] + data.draw(st.text("港口人才基地，。会展", max_size=6)) + sentence[start + 2 :]
    repair = Body(PASSAGES).find(printed)
    if repair is None:
        reject()
    assert squeeze(repair.text) in TEXT


@given(st.text(), st.lists(st.text(), max_size=4))
def test_finding_never_raises_and_finds_only_what_is_there(printed, texts):
    repair = Body([Passage(text) for text in texts]).find(printed)
    if repair is not None:
        assert comparable(repair.text)[0] in comparable("".join(texts))[0]
