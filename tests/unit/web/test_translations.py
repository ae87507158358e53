"""Every text of the pages can be read in both languages."""

import re

from domain.messages import MESSAGES, message_of
from web.extraction import messages_by_area, untranslated
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


def test_words_that_are_data_may_hold_a_percent_sign():
    word = make_templates({}).words[Language.ENGLISH]
    assert word("完成100%") == "完成100%"
    assert word("签收") == "Sign for"
    assert word("") == ""
