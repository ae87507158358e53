"""What a public paper does not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.redaction import Mask, in_every_text, without_contacts


@pytest.mark.parametrize(
    "number",
    ["13812345678", "138 1234 5678", "+86-13812345678", "022-23456789", "（022）23456789", "8861-2002"],
)
def test_a_telephone_number_is_masked_however_it_is_written(number: str):
    assert without_contacts(f"请联系{number}。") == "请联系（电话略）。"


def test_a_number_after_the_word_telephone_is_masked():
    assert without_contacts("联系电话：23456789，分机3") == "联系电话：（电话略），分机3"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("，。办理事项见附件", max_size=6))
def test_no_mobile_number_survives_in_chinese_text(number: str, words: str):
    assert number not in without_contacts(f"{words}{number}{words}")


@pytest.mark.parametrize(
    "text",
    ["滨示督〔2026〕31号", "2026-03-12 09:30", "完成投资12000000000元", "ab13812345678cd", "2026-DC-031", "1.5亿元"],
)
def test_what_is_no_contact_stays(text: str):
    assert without_contacts(text) == text


def test_mail_and_identity_numbers_are_masked():
    assert without_contacts("a.b@x.org 120101199003071234") == "（邮箱略） （证件号略）"


def test_a_person_becomes_unit_and_role():
    mask = Mask(persons={"李晨曦": "市商务局联络员"})
    assert mask.text("经李晨曦核对") == "经市商务局联络员核对"


def test_an_official_who_is_named_by_surname_and_post_is_masked():
    assert Mask().text("请王处长和赵副局长审定") == "请某处长和某副局长审定"


def test_a_firm_has_the_same_letter_everywhere():
    mask = Mask()
    assert mask.text("支持海河生物科技有限公司设立研发中心") == "支持某企业A设立研发中心"
    assert mask.text("与银帆物流有限公司签约；海河生物科技有限公司已投产") == "与某企业B签约；某企业A已投产"


def test_a_firm_that_agreed_is_named():
    mask = Mask(spoken_of=("海河生物科技有限公司",))
    assert mask.text("由海河生物科技有限公司承担") == "由海河生物科技有限公司承担"


@pytest.mark.parametrize("text", ["本公司已承诺", "两家公司落户", "外资公司可以申请"])
def test_words_for_any_firm_stay(text: str):
    assert Mask().text(text) == text


def test_every_text_is_reached_save_what_is_verbatim():
    value = {"a": ["x", {"b": "x"}], "sha256": "x", "n": 1}
    assert in_every_text(value, str.upper, but=("sha256",)) == {"a": ["X", {"b": "X"}], "sha256": "x", "n": 1}
