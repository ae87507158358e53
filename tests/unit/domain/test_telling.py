"""Sentences that know their parts."""

import copy

from domain.telling import said, side_by_side, told

ENGLISH = {
    "“{title}”没有填写": "“{title}” is missing",
    "完成时限": "Deadline",
    "、": ", ",
    "第{row}行{sentence}": "row {row}: {sentence}",
}


def translate(words: str) -> str:
    return ENGLISH.get(words, words)


def test_a_sentence_is_a_string_in_chinese_and_its_parts_are_told_in_another_language():
    sentence = said("“{title}”没有填写", {"title": said("完成时限")})
    assert sentence == "“完成时限”没有填写"
    assert told(sentence, translate) == "“Deadline” is missing"


def test_parts_deep_inside_are_told_and_names_stay_as_they_are():
    inner = said("“{title}”没有填写", {"title": "市商务局"})
    outer = side_by_side([said("第{row}行{sentence}", {"row": 3, "sentence": inner}), "其他"], "、")
    assert outer == "第3行“市商务局”没有填写、其他"
    assert told(outer, translate) == "row 3: “市商务局” is missing, 其他"


def test_sentences_follow_each_other_and_other_languages_put_a_space_between():
    both = side_by_side([said("完成时限"), said("完成时限")])
    assert (both, told(both, translate)) == ("完成时限完成时限", "Deadline Deadline")
    assert (side_by_side([]), told(side_by_side([]), translate)) == ("", "")


def test_words_without_facts_keep_their_braces():
    assert said("{1, 2}") == told(said("{1, 2}"), translate) == "{1, 2}"
    assert said("缺{name}", {}) == "缺"


def test_a_copy_still_knows_its_parts():
    kept = copy.deepcopy({"fault": said("“{title}”没有填写", {"title": said("完成时限")})})
    assert told(kept["fault"], translate) == "“Deadline” is missing"
