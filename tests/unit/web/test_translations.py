"""Every text of the pages can be read in both languages."""

from domain.messages import TOPICS, message_of
from web.extraction import TRANSLATED, messages_by_area, untranslated
from web.templating import make_templates
from web.translations import FOLDER, Language, translations


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


def test_a_sentence_that_nobody_translated_is_told_in_chinese_and_said_to_be():
    templates = make_templates({})
    lead = "This could not be done. The reason, in Chinese: "
    known = {sentence for topic in TRANSLATED for sentence in topic.MESSAGES.values()}
    for topic in TOPICS:
        for code, chinese in topic.MESSAGES.items():
            english = templates.sentence(Language.ENGLISH, code, {})
            if topic in TRANSLATED:
                assert not english.startswith(lead), (code, english)
            else:
                # A sentence that another topic says too is translated there.
                assert english.startswith(lead) != (chinese in known), (code, english)
            assert templates.sentence(Language.CHINESE, code, {}) == message_of(code, {}), chinese


def test_words_that_are_data_may_hold_a_percent_sign():
    word = make_templates({}).words[Language.ENGLISH]
    assert word("完成100%") == "完成100%"
    assert word("签收") == "Sign for"
    assert word("") == ""
