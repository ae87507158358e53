"""Jinja2 as the pages use it: one environment for each language, everything escaped, an unknown name is an error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.messages import message_of
from web.formatting import add_filters
from web.static_files import StaticFiles
from web.translations import Language, translations

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Templates:
    """The environments, the translations of words that are data, the static files, and which pages there are."""

    environments: Mapping[Language, Environment]
    words: Mapping[Language, Callable[[str], str]]
    static: StaticFiles
    has_page: Callable[[str], bool]

    def render(self, language: Language, name: str, values: Mapping[str, object]) -> str:
        """A template with these values."""
        return self.environments[language].get_template(name).render(values)

    def sentence(self, language: Language, code: str, facts: Mapping[str, object]) -> str:
        """The catalogue's sentence for an error code."""
        return message_of(code, facts, translate=self.words[language])

    def has(self, name: str) -> bool:
        """Whether there is such a template."""
        return (FOLDER / name).is_file()


def make_templates(url_path_for: Callable[..., Any], has_page: Callable[[str], bool]) -> Templates:
    """The templates of an application that finds the address of a page by its name."""
    static = StaticFiles.read()

    def page_url(name: str, /, **params: object) -> str:
        return str(url_path_for(name, **{key: str(value) for key, value in params.items()}))

    environments, words = {}, {}
    for language in Language:
        environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        catalogue = translations(language)
        environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(page_url=page_url, has_page=has_page, static=static.path_of, language=language)
        words[language] = environment.globals["word"] = partial(_word, catalogue)
        add_filters(environment, language)
        environments[language] = environment
    return Templates(environments, words, static, has_page)


def _word(catalogue: NullTranslations, text: str) -> str:
    """A text that is data, such as the name of a step, in the language of the page; itself where nobody translated it.

    `_()` is for texts that stand in a template: it fills in placeholders, and would trip over a percent sign.
    """
    return str(catalogue.gettext(text)) if text else text
