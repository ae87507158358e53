"""OFD (GB/T 33190-2016), the fixed layout that Chinese offices use beside PDF: a zip of XML pages."""

import posixpath
from typing import TYPE_CHECKING

from domain.evidence_errors import FileDamaged
from importers.inspection.lines import Piece, lines_of
from importers.readers.container import Container

if TYPE_CHECKING:
    from lxml import etree

ROOT = "OFD.xml"
_NUMBERS_OF_A_BOX = 4


def first_page(package: Container) -> list[str]:
    """The lines of the first page with the template under it. Raises FileDamaged, KeyError."""
    place = _place(ROOT, _text(package.xml(ROOT), "DocRoot"))
    document = package.xml(place)
    pages = [element for element in document.iter() if _local(element) == "Page" and element.get("BaseLoc")]
    if not pages:
        raise FileDamaged("an OFD without a page")
    page = package.xml(_place(place, pages[0].get("BaseLoc", "")))
    used = {element.get("TemplateID") for element in page.iter() if _local(element) == "Template"}
    pieces = _pieces(page)
    for element in document.iter():
        if _local(element) == "TemplatePage" and element.get("ID") in used:
            pieces += _pieces(package.xml(_place(place, element.get("BaseLoc", ""))))
    return lines_of(pieces)


def properties(package: Container) -> dict[str, str]:
    """Title, subject, keywords and custom data of the document."""
    return {
        f"{_local(element)}:{element.get('Name', '')}": "".join(str(t) for t in element.itertext())
        for info in package.xml(ROOT).iter()
        if _local(info) == "DocInfo"
        for element in info.iter()
        if element is not info and len(element) == 0
    }


def _pieces(page: "etree._Element") -> list[Piece]:
    found: list[Piece] = []
    for element in page.iter():
        if _local(element) != "TextObject":
            continue
        text = "".join(code.text or "" for code in element if _local(code) == "TextCode")
        try:
            box = [float(number) for number in element.get("Boundary", "").split()]
        except ValueError:
            box = []
        x, y, _, height = box if len(box) == _NUMBERS_OF_A_BOX else (0.0, 0.0, 0.0, 0.0)
        found.append((x, y, height, text))
    return found


def _text(root: "etree._Element", name: str) -> str:
    for element in root.iter():
        if _local(element) == name:
            return (element.text or "").strip()
    raise FileDamaged(f"an OFD without {name}")


def _place(base: str, target: str) -> str:
    """The part that `target` names in the part `base`; from the archive's root when it starts with a slash."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def _local(element: "etree._Element") -> str:
    return str(element.tag).rpartition("}")[2]
