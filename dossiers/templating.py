"""Templates of documents: HTML with Jinja2. Every value is escaped; a value that is not there is an error."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from dossiers.pictures.embedding import PICTURES
from dossiers.wording import FILTERS, TESTS, signature_indent


class Absent(jinja2.StrictUndefined):
    """What is not in the content: it may be asked for, and not printed."""

    def __bool__(self) -> bool:  # type: ignore[override]  # theirs never returns
        return False


TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The templates of this package."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=Absent,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.tests.update(TESTS)
    made.globals["signature_indent"] = signature_indent
    made.globals.update(PICTURES)
    return made


def page_of(template: str, content: Mapping[str, Any], *, imprint_apart: bool) -> str:
    """The page of `template` (without its ending) as HTML. Raises jinja2.TemplateError."""
    return environment().get_template(f"{template}.html.j2").render(content, imprint_apart=imprint_apart)
