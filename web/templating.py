"""Jinja2 as the pages use it: one environment for each language, everything escaped, an unknown name is an error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.routing import BaseRoute, NoMatchFound

from domain.labels import FLAG_WORDS
from domain.messages import gist_of, message_of
from domain.telling import Said, told
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
    pages: Mapping[str, BaseRoute]

    def page_url(self, name: str, /, **params: object) -> str:
        """The address of a page by the name of its route. Routes of the API have names of their own, and may share
        one with a page. Raises NoMatchFound for a page or a parameter that is not there.
        """
        if name not in self.pages:
            raise NoMatchFound(name, {})
        return str(self.pages[name].url_path_for(name, **{key: str(value) for key, value in params.items()}))

    def has_page(self, name: str) -> bool:
        """Whether there is a page whose route has this name."""
        return name in self.pages

    def render(self, language: Language, name: str, values: Mapping[str, object]) -> str:
        """A template with these values."""
        return self.environments[language].get_template(name).render(values)

    def sentence(self, language: Language, code: str, facts: Mapping[str, object]) -> str:
        """The catalogue's sentence for an error code, and the sentences among its facts, in this language."""
        return message_of(code, facts, translate=None if language is Language.CHINESE else self.words[language])

    def gist(self, language: Language, code: str) -> str:
        """What an error code means, where its facts are not known any more."""
        return gist_of(code, translate=self.words[language])

    def has(self, name: str) -> bool:
        """Whether there is such a template."""
        return (FOLDER / name).is_file()


def make_templates(pages: Mapping[str, BaseRoute]) -> Templates:
    """The templates for pages with these names and routes."""
    static = StaticFiles.read()
    environments: dict[Language, Environment] = {}
    words: dict[Language, Callable[[str], str]] = {}
    templates = Templates(environments, words, static, pages)
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
        environment.globals.update(page_url=templates.page_url, has_page=templates.has_page, static=static.path_of)
        environment.globals["language"] = language
        environment.globals["flag_words"] = FLAG_WORDS
        words[language] = partial(_word, catalogue)
        environment.globals["word"] = environment.filters["told"] = words[language]
        add_filters(environment, language)
        environments[language] = environment
    return templates


def _word(catalogue: NullTranslations, text: str) -> str:
    """A text that is data, such as the name of a step, or a sentence with its parts, in the language of the page;
    itself where nobody translated it.

    `_()` is for texts that stand in a template: it fills in placeholders, and would trip over a percent sign.
    """
    if isinstance(text, Said):
        # Of 中文 there is no catalogue: the sentence is told already.
        return str(told(text, partial(_word, catalogue)) if isinstance(catalogue, Translations) else text)
    return str(catalogue.gettext(text)) if text else text
