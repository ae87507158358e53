"""What a page says about the step before it, across the redirect that follows a form.

A notice names a template below `templates/notices` and the facts in it. It waits in a cookie for the next page:
nothing is stored, and a reload does not say it again.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "dudao_notice"
SECONDS = 120
LONGEST = 3000
"""Bytes; browsers refuse cookies over 4 kB."""
_NAME = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Notice:
    """`Notice("password_changed")`, or with plain values for its template: `Notice("signed", {"count": 3})`."""

    name: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The sentence."""
        return f"notices/{self.name}.html"


def keep_notice(request: Request, response: Response, notice: Notice | None) -> None:
    """Let the next page say it; None takes back what was said."""
    secure = request.url.scheme == "https"
    if notice is None:
        response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
        return
    content = base64.urlsafe_b64encode(orjson.dumps([notice.name, dict(notice.facts)], default=str)).decode()
    if len(content) <= LONGEST:
        response.set_cookie(COOKIE, content, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


def taken_notice(request: Request) -> Notice | None:
    """What is to be said. Values come back from the browser, so a template shows them and trusts none."""
    content = request.cookies.get(COOKIE, "")
    if not content or len(content) > LONGEST:
        return None
    try:
        name, values = orjson.loads(base64.urlsafe_b64decode(content))
    except (binascii.Error, ValueError, TypeError):
        return None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(values, dict):
        return None
    templates = request.app.state.templates
    notice = Notice(name, values)
    return notice if templates.has(notice.template) else None
