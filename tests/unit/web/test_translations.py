"""Every text of the pages can be read in both languages."""

import re

import pytest

from bpmn.bundle import Bundle
from bpmn.decisions import shipped_table
from bpmn.findings import error
from domain.errors import InvalidForm, PermissionDenied, RowsRefused
from domain.escalation_errors import PolicyRefused
from domain.labels import label
from domain.ladder import PolicyProblem
from domain.light_errors import LightRulesRefused
from domain.light_words import light_words
from domain.lights import Judgement, Light
from domain.messages import MESSAGES, message_of
from domain.permissions import Role
from domain.process_errors import ModelRefused
from domain.reporting_errors import RhythmInvalid
from domain.telling import said
from importers.sheets.rows import RowProblem
from services.forms import check_form
from services.imported_rows import refuse_faulty
from services.light_rules import parsed
from services.policies import refuse
from services.publishing import refuse_errors
from services.rhythms import rule_of
from web.extraction import SENTENCE_MARKS, SENTENCE_PARTS, messages_by_area, untranslated
from web.templating import make_templates
from web.translations import FOLDER, Language, translations

_QUOTED = re.compile("“[^”]*”|columns [^.;]*")
_FACT = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


def test_every_text_has_an_english_translation():
    assert untranslated() == {}, "run `make i18n` and fill in what it lists"


def test_no_catalogue_is_left_without_its_pages():
    assert {path.stem for path in (FOLDER / "en").glob("*.po")} == set(messages_by_area())


def test_a_number_takes_its_plural_form():
    english = translations(Language.ENGLISH)
    assert english.ngettext("还有%(num)d个工作日", "还有%(num)d个工作日", 1) == "%(num)d working day left"
    assert english.ngettext("还有%(num)d个工作日", "还有%(num)d个工作日", 2) == "%(num)d working days left"


def test_chinese_is_what_stands_in_the_templates():
    assert translations(Language.CHINESE).gettext("待办") == "待办"


def test_every_sentence_of_the_catalogue_is_told_in_english():
    templates = make_templates({})
    for code in MESSAGES:
        english = templates.sentence(Language.ENGLISH, code, {})
        assert english != message_of(code, {}), code
        # Names of cells, buttons and printed phrases stay as the page or the document writes them, in quotes.
        assert not re.search("[一-鿿]", _QUOTED.sub("", english)), (code, english)
        assert templates.sentence(Language.CHINESE, code, {}) == message_of(code, {})


def test_an_english_sentence_tells_the_same_facts():
    english = translations(Language.ENGLISH)
    for code, chinese in MESSAGES.items():
        said, told = (set(_FACT.findall(words)) for words in (chinese, english.gettext(chinese)))
        assert told <= said, (code, told - said)


def test_what_sentences_are_filled_with_is_told_in_english_with_the_same_facts():
    english = translations(Language.ENGLISH)
    parts = [words for each in SENTENCE_PARTS for words in each.values()] + list(SENTENCE_MARKS)
    for chinese in parts:
        told = english.gettext(chinese)
        assert not re.search("[一-鿿]", told), (chinese, told)
        assert set(_FACT.findall(told)) <= set(_FACT.findall(chinese)), (chinese, told)


def test_every_fault_is_told_in_english_wherever_it_was_worded():
    templates = make_templates({})
    bundle = Bundle.shipped("supervision")
    form = bundle.user_tasks["draft_plan"].properties["form"]
    with pytest.raises(InvalidForm) as refused:
        check_form(bundle, form, "submit", {"goal": "", "milestones": []}, {})
    with pytest.raises(RowsRefused) as rows:
        refuse_faulty(
            [RowProblem(3, "unit_unknown", {"name": "X"}), RowProblem(4, "value_missing", {"column": "unit"})]
        )
    with pytest.raises(LightRulesRefused) as rules:
        parsed(shipped_table("lights").replace(b"FIRST", b"ANY", 1))
    with pytest.raises(PolicyRefused) as policy:
        refuse([PolicyProblem("rung_unnamed", level=2), PolicyProblem("policy_empty")])
    with pytest.raises(ModelRefused) as model:
        refuse_errors(bundle, [error("name_missing", "check_plan")])
    with pytest.raises(RhythmInvalid) as rhythm:
        rule_of({"kind": "weekly"})
    denied = PermissionDenied("nobody", holder=said(label(Role, Role.UNIT_LEADER)))
    caught = (refused, rows, rules, policy, model, rhythm)
    for raised in (*(each.value for each in caught), denied):
        english = templates.sentence(Language.ENGLISH, raised.code, raised.facts)
        assert not re.search("[一-鿿]", english), english
        assert templates.sentence(Language.CHINESE, raised.code, raised.facts) == message_of(raised.code, raised.facts)


def test_a_light_s_reason_is_told_in_english():
    tell = make_templates({}).words[Language.ENGLISH]
    numbers = {"expected_percent": 80, "reported_percent": 62, "lag": 18, "measured_on": "2027-03-21"}
    judged = Judgement(Light.YELLOW, "behind", "落后10至30个百分点", ("lag",), numbers)
    assert tell(light_words(judged)) == (
        "Yellow: expected by 21 Mar 2027: 80%, reported 62%, 18 percentage points behind"
        " (10 to 30 percentage points behind)"
    )


def test_words_that_are_data_may_hold_a_percent_sign():
    word = make_templates({}).words[Language.ENGLISH]
    assert word("完成100%") == "完成100%"
    assert word("签收") == "Sign for"
    assert word("") == ""
