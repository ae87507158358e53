"""What a browser remembers of its user's wishes: cookies that hold no secret."""

from starlette.requests import Request
from starlette.responses import Response

from web.translations import Language

LANGUAGE_COOKIE = "dudao_language"
SINGLE_KEYS_COOKIE = "dudao_single_keys"
OFF = "off"
YEAR = 366 * 24 * 3600


def language_of(request: Request) -> Language:
    """The chosen language; 中文 where nobody chose."""
    try:
        return Language(request.cookies.get(LANGUAGE_COOKIE, Language.CHINESE))
    except ValueError:
        return Language.CHINESE


def single_keys(request: Request) -> bool:
    """Whether single keys act (WCAG 2.1, 2.1.4: they can be turned off)."""
    return request.cookies.get(SINGLE_KEYS_COOKIE) != OFF


def remember(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a wish for a year."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="lax")


def local_path(wanted: str | None) -> str | None:
    """An address within these pages, or None: nobody is sent elsewhere by a link to our sign-in page."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\", "/api/")):
        return None
    return wanted if wanted.isprintable() and "\\" not in wanted else None
