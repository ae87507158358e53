"""The languages of the pages. 中文 is written in the templates; another language has catalogues of translations.

Each area of the pages has a catalogue of its own (`locale/en/todo.po`), so that two people who work on two areas never
edit one file. They are read when the program starts: nothing is compiled, nothing can be out of date.
"""

import io
from enum import StrEnum
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "locale"


class Language(StrEnum):
    """A language of the interface, by its cookie's value and its `lang` attribute's first part."""

    CHINESE = "zh"
    ENGLISH = "en"

    @property
    def tag(self) -> str:
        """For the `lang` attribute."""
        return "zh-CN" if self is Language.CHINESE else "en"

    @property
    def locale(self) -> str:
        """For dates and numbers."""
        return "zh_Hans_CN" if self is Language.CHINESE else "en_GB"

    @property
    def other(self) -> "Language":
        """The one to switch to."""
        return Language.ENGLISH if self is Language.CHINESE else Language.CHINESE


def translations(language: Language, folder: Path = FOLDER) -> NullTranslations:
    """All catalogues of a language as one; the language of the templates has none."""
    merged: NullTranslations = NullTranslations()
    if language is Language.CHINESE:
        return merged
    for path in sorted((folder / language.value).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language.value, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        found = Translations(compiled)
        merged = merged.add(found) if isinstance(merged, Translations) else found
    return merged
