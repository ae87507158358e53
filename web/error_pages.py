"""Refusals as pages: what happened, what was kept, and what to do next. Programs get problem documents instead."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Scope

from api.problems import Refused
from web.preferences import language_of, local_path
from web.templating import Templates
from web.visit import SEE_OTHER

SIGN_IN = "/sign-in"
OWN_PAGE = {401: "signed_out", 403: "forbidden", 404: "missing", 409: "overtaken", 429: "too_often", 503: "away"}
"""Statuses that a template below `templates/errors` words; all others share one page."""
NOTICE_AREA = "#notice"
_NOTE_HEADERS = {"HX-Retarget": NOTICE_AREA, "HX-Reswap": "innerHTML", "HX-Reselect": ".note-box"}
"""The note is taken whole, whatever part of a page the request had meant to select."""


def error_page(scope: Scope, refused: Refused) -> Response | None:
    """A page for a browser, a note for htmx to show above the page; None for whoever asks for neither."""
    headers = Headers(scope=scope)
    partly = "hx-request" in headers
    if not partly and "text/html" not in headers.get("accept", ""):
        return None
    request = Request(scope)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        return _to_sign_in(request, partly=partly)
    if partly:
        return _rendered(request, refused, "errors/note.html", _NOTE_HEADERS)
    return _rendered(request, refused, f"errors/{OWN_PAGE.get(refused.status, 'failed')}.html", {})


def _rendered(request: Request, refused: Refused, template: str, headers: Mapping[str, str]) -> Response:
    templates: Templates = request.app.state.templates
    language = language_of(request)
    values = {
        "visit": None,
        "here": request.url.path,
        "whole_address": request.url.path,
        "language": language,
        "notice": None,
        "code": refused.code,
        "sentence": templates.sentence(language, refused.code, refused.facts),
        "request_id": refused.request_id,
        "again": request.method == "GET",
        "errors": refused.errors or (),
    }
    return HTMLResponse(templates.render(language, template, values), refused.status, headers=dict(headers))


def _to_sign_in(request: Request, *, partly: bool) -> Response:
    """To the sign-in page, which leads back to the page one wanted."""
    wanted = _page_of(request, partly=partly)
    path = f"{SIGN_IN}?{urlencode({'next': wanted})}" if wanted else SIGN_IN
    if partly:
        # htmx follows redirects by itself and would put the sign-in page into a corner of this one.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": path})
    return RedirectResponse(path, SEE_OTHER)


def _page_of(request: Request, *, partly: bool) -> str | None:
    """The page that was shown or asked for; for a form the address it was sent to, if that is a page as well."""
    if partly:
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        return local_path(f"{shown.path}?{shown.query}" if shown.query else shown.path)
    url = request.url
    path = local_path(f"{url.path}?{url.query}" if url.query and request.method == "GET" else url.path)
    asked = {**request.scope, "method": "GET"}
    if request.method != "GET" and not any(each.matches(asked)[0] is Match.FULL for each in request.app.routes):
        return None
    return None if path == "/" else path
