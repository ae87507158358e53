"""Content is put into its template; what does not fit is refused with the name of what is missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jinja2

from domain.document_errors import ContentRefused
from dossiers.templating import page_of


def filled(template: str, content: Mapping[str, Any], *, imprint_apart: bool = False) -> str:
    """The template with the content in it, as HTML. Raises ContentRefused."""
    try:
        return page_of(template, content, imprint_apart=imprint_apart)
    except jinja2.TemplateNotFound as error:
        raise ContentRefused(f"no template {error.name}", what=error.name) from None
    except (jinja2.UndefinedError, TypeError, ValueError) as error:
        raise ContentRefused(f"{template}: {error}", what=str(error)) from None


def dated_of(content: Mapping[str, Any]) -> datetime:
    """The day of the document, which is the only time in it. Raises ContentRefused."""
    try:
        return datetime.fromisoformat(content["dated"])
    except (KeyError, TypeError, ValueError) as error:
        raise ContentRefused(f"dated: {error}", what="dated") from None
