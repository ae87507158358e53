"""What the process that draws does: content and template become a page tree, and that becomes a PDF.

Imported in worker processes only (`dossiers.rendering`): it loads the libraries that draw and
changes how they justify.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element  # only built and walked here; what is parsed is parsed by WeasyPrint

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from domain.document_errors import AddressRefused
from domain.documents import Attached
from dossiers import fonts, justification
from dossiers.archival import VARIANT, finished
from dossiers.characters import mark_rare
from dossiers.filling import dated_of, filled
from dossiers.pictures.lettering import FAMILY

ASSETS = Path(__file__).parent / "assets"
_LONGEST_ADDRESS = 80
_KINDS = {".css": "text/css", ".otf": "font/otf"}

logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)
justification.install()


class PackagedOnly(URLFetcher):  # type: ignore[misc]  # the library has no types
    """Gives out style sheets and fonts of this package. Anything else ends the drawing.

    An address in a document would make the server fetch it for whoever wrote the text, and what is fetched later
    would be another document. So nothing is left out silently either.
    """

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002  theirs
        """The asset. Raises FatalURLFetchingError."""
        scheme, _, name = url.partition(":")
        folder, _, file = name.rpartition("/")
        place = {"": ASSETS, "fonts": fonts.FOLDER}.get(folder)
        path = place / file if place is not None else None
        if scheme != "asset" or path is None or path.suffix not in _KINDS or not path.is_file():
            raise FatalURLFetchingError(url[:_LONGEST_ADDRESS])
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _KINDS[path.suffix]})


@lru_cache(maxsize=1)
def _faces() -> tuple[FontConfiguration, CSS]:
    """Loaded once in a process: it takes longer than a short document."""
    fonts.require_fonts()
    configuration = FontConfiguration()
    sheet = CSS(
        string=fonts.style_sheet(), font_config=configuration, url_fetcher=PackagedOnly(), base_url="asset:fonts.css"
    )
    return configuration, sheet


@lru_cache(maxsize=1)
def _elements() -> CSS:
    return CSS(string=(ASSETS / "elements.css").read_text(encoding="utf-8"), base_url="asset:elements.css")


class Page(HTML):  # type: ignore[misc]  # the library has no types
    """A page whose elements are what `assets/elements.css` says, and nothing else.

    WeasyPrint's own sheet has rules for six pseudo-elements of every element: of a dossier of 84 pages these were
    64,000 styles of 76,000. The method is private to the library; a test draws with either sheet and compares.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002, FBT001, FBT002  theirs
        return [_elements()]


def warm_up() -> None:
    """Load the faces, so that the first document does not wait for them. Raises FontsMissing."""
    _faces()
    _elements()
    fonts.in_every_face()
    fonts.in_safety_net()
    fonts.advances(FAMILY)


def draw_pdf(template: str, content: Mapping[str, Any], attachments: Sequence[Attached]) -> bytes:
    """The finished PDF/A-3b.

    Raises ContentRefused, AddressRefused, CharactersUnprintable, FontsMissing, AttachmentMissing, AttachmentChanged,
    NotArchivable.
    """
    dated = dated_of(content)
    drawn = _settled(template, content).pages.write_pdf(pdf_variant=VARIANT)
    return finished(drawn, attachments, dated)


def draw_plain_pdf(template: str, content: Mapping[str, Any]) -> bytes:
    """The same pages without what makes a file fit for the archive: to be looked at. Raises as `draw_pdf`."""
    drawn: bytes = _settled(template, content).pages.write_pdf()
    return drawn


def _settled(template: str, content: Mapping[str, Any]) -> "_Document":
    document = _laid_out(template, content, imprint_apart=False)
    if document.imprint and len(document.pages.pages) % 2:
        # The imprint stands on the last page, and that is an even one (GB/T 9704-2012, 7.4).
        document = _laid_out(template, content, imprint_apart=True)
    return document


class _Document:
    def __init__(self, root: Element, pages: Any) -> None:
        self.pages = pages
        self.imprint = any("imprint" in each.get("class", "").split() for each in root.iter("footer"))


def _laid_out(template: str, content: Mapping[str, Any], *, imprint_apart: bool) -> _Document:
    html = _page_of(filled(template, content, imprint_apart=imprint_apart))
    return _Document(html.etree_element, _rendered(html))


def draw_page(text: str) -> Any:
    """A page of ours that is no template, as WeasyPrint's document. Raises as `draw_pdf`."""
    return _rendered(_page_of(text))


def _page_of(text: str) -> Page:
    html = Page(string=text, base_url="asset:", url_fetcher=PackagedOnly())
    mark_rare(html.etree_element)
    return html


def _rendered(html: Page) -> Any:
    configuration, faces = _faces()
    try:
        return html.render(stylesheets=[faces], font_config=configuration)
    except FatalURLFetchingError as error:
        raise AddressRefused(str(error), address=str(error)) from None
