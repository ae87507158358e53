"""The same template for a word processor: the tree of its page becomes paragraphs and tables (GB/T 9704-2012).

Fonts are named as officials' machines have them (方正小标宋, 仿宋_GB2312) and are not embedded. What is drawn, such as
charts, is there as dots, with its words beside it. The bytes are the same each time: no clock and no file system's
order gets into them.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import docx
import lxml.html
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from domain.document_errors import ContentRefused
from dossiers.characters import kept
from dossiers.filling import dated_of, filled
from dossiers.rasters import Raster, rasters_of

RED = RGBColor(230, 0, 18)
FANG, KAI, HEI, SONG, BIAOSONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "方正小标宋简体"
LATIN = "Times New Roman"
LINE = Pt(28.99)
"""225 mm / 22."""
_PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
"""Ours alone: what anybody said is escaped."""
_PICTURE_HEIGHT = Mm(205)
_SKIPPED = frozenset({"svg", "style", "script", "hr"})
_CENTRED, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_AFTER_BORDERS = ("w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_KEEPS_LINES = "story"
"""The class of tables whose line ends are breaks; the style sheets know it."""
_BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "table", "div", "section", "header", "footer", "li", "ol", "ul", "nav", "figure"}
)


def draw_docx(template: str, content: Mapping[str, Any]) -> bytes:
    """The .docx. Raises ContentRefused, and FontsMissing for one with pictures."""
    dated = dated_of(content)
    text = filled(template, content)
    page = lxml.html.document_fromstring(text)
    # Out of the text, because HTML knows no capitals, and `viewBox` has one.
    rasters = rasters_of(_PICTURE.findall(text))
    writer = _Writer(dict(zip(page.iter("svg"), rasters, strict=True)))
    writer.write(page.find("body"))
    properties = writer.document.core_properties
    properties.title = str(content.get("title", ""))
    properties.author = str(content.get("author") or "")
    properties.created = properties.modified = dated.replace(tzinfo=None)
    properties.revision = 1
    out = io.BytesIO()
    try:
        writer.document.save(out)
    except ValueError as error:
        raise ContentRefused(str(error), what=str(error)) from None
    return _repacked(out.getvalue())


class _Writer:
    """Walks the page and writes what it meets."""

    def __init__(self, pictures: Mapping[Any, Raster]) -> None:
        self._pictures = pictures
        self._landscape = False
        self.document = docx.Document()
        section = self.document.sections[0]
        _upright(section)
        self.document.settings.odd_and_even_pages_header_footer = True
        _grid(section)
        _page_number(section.footer, _RIGHT)
        _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)

    def write(self, element: Any) -> None:
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                continue
            names = set((child.get("class") or "").split())
            if child.tag == "figure":
                self._figure(child, names)
                continue
            if child.tag in {"table", "header", "footer"} or not _holds_blocks(child):
                self._turn(landscape=False)
            if child.tag == "table":
                self._table(child)
            elif child.tag == "header":
                self._head(child)
            elif child.tag == "footer":
                self._imprint(child)
            elif _holds_blocks(child):
                if "annex" in names:
                    self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
                self.write(child)
            else:
                self._text(child, names)

    def _figure(self, element: Any, names: set[str]) -> None:
        """Pictures with what they show as their description, and the line below them."""
        self._turn(landscape="landscape" in names)
        room = Mm(247 if self._landscape else 156)
        for child in element:
            if child.tag == "figcaption":
                self._runs(self._paragraph(_CENTRED, 0, 12.0), child, KAI, 12.0)
                continue
            raster = self._pictures[child]
            paragraph = self.document.add_paragraph()
            paragraph.alignment = _CENTRED
            form = paragraph.paragraph_format
            # A line of fixed height would show a strip of the picture.
            form.line_spacing_rule, form.keep_with_next = WD_LINE_SPACING.SINGLE, True
            form.space_before = form.space_after = Pt(4)
            width = min(Mm(raster.width), room, int(_PICTURE_HEIGHT * raster.width / raster.height))
            shape = paragraph.add_run().add_picture(io.BytesIO(raster.png), width=width)
            shape._inline.docPr.set("descr", child.get("aria-label") or "")

    def _turn(self, *, landscape: bool) -> None:
        """Pages of the other orientation from here on, if they are not so already."""
        if landscape == self._landscape:
            return
        self._landscape = landscape
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        if not landscape:
            _upright(section)
            return
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.top_margin, section.bottom_margin = Mm(28), Mm(26)
        section.left_margin = section.right_margin = Mm(25)
        section.footer_distance = Mm(15)

    def _text(self, element: Any, names: set[str]) -> None:
        inside = {each for parent in element.iterancestors() for each in (parent.get("class") or "").split()}
        face, size, align, indent = FANG, 16.0, None, 2
        if element.tag == "h1":
            face, size, align, indent = BIAOSONG, 22.0, _CENTRED, 0
        elif element.tag == "h2" or "annex-number" in names:
            face = HEI
        elif element.tag == "h3":
            face = KAI
        if names & {"addressee", "annex-number"}:
            indent = 0
        if "signature" in inside:
            align, indent = _RIGHT, 0
        paragraph = self._paragraph(align, indent, size)
        if element.tag == "h1":
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = LINE
        if "signature" in inside:
            paragraph.paragraph_format.right_indent = Pt(16 * 2)
        self._runs(paragraph, element, face, size)

    def _paragraph(self, align: Any, indent: int, size: float) -> Any:
        paragraph = self.document.add_paragraph()
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        form.line_spacing = max(LINE, Pt(size * 1.35))
        if align is not None:
            paragraph.alignment = align
        if indent:
            # By characters, so that it stays two when somebody changes the size.
            _properties(paragraph).get_or_add_ind().set(qn("w:firstLineChars"), str(indent * 100))
        return paragraph

    def _runs(
        self, paragraph: Any, element: Any, face: str, size: float, colour: Any = None, *, lines: bool = False
    ) -> None:
        for text, own in _pieces(element, face, lines=lines):
            if text == "\n":
                paragraph.add_run().add_break()
                continue
            _run(paragraph, text, own, size, colour)

    def _head(self, element: Any) -> None:
        for each in element.iter("p", "div"):
            names = set((each.get("class") or "").split())
            if names & {"copy", "secrecy", "urgency"}:
                face = FANG if "copy" in names else HEI
                self._runs(self._paragraph(None, 0, 16.0), each, face, 16.0)
            elif "name" in names:
                found = re.search(r"font-size: ([\d.]+)pt", each.get("style") or "")
                size = float(found.group(1)) if found else 36.0
                paragraph = self._paragraph(_CENTRED, 0, size)
                paragraph.paragraph_format.space_before = Pt(48)
                paragraph.paragraph_format.space_after = LINE * 2
                self._runs(paragraph, each, BIAOSONG, size, RED)
            elif "mark" in names:
                paragraph = self._paragraph(_CENTRED, 0, 16.0)
                self._runs(paragraph, each, FANG, 16.0)
                _border(paragraph, "bottom", "E60012", eighths=16, space=11)

    def _imprint(self, element: Any) -> None:
        lines = list(element.iter("p"))
        for number, each in enumerate(lines):
            paragraph = self._paragraph(None, 0, 14.0)
            if number == 0:
                paragraph.paragraph_format.space_before = LINE * 2
                _border(paragraph, "top", "000000", eighths=8)
            if number == len(lines) - 1:
                _border(paragraph, "bottom", "000000", eighths=8)
            spans = list(each.iter("span"))
            if len(spans) > 1:
                paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=2)
                _run(paragraph, f"{_plain(spans[0])}\t{_plain(spans[1])}", FANG, 14.0)
            else:
                _run(paragraph, _plain(each), FANG, 14.0)

    def _table(self, element: Any) -> None:
        caption = element.find("caption")
        if caption is not None:
            self._runs(self._paragraph(_CENTRED, 0, 14.0), caption, HEI, 14.0)
        rows = list(element.iter("tr"))
        width = max((len(row.xpath("td|th")) for row in rows), default=0)
        if not width:
            return
        table = self.document.add_table(rows=len(rows), cols=width, style="Table Grid")
        lines = _KEEPS_LINES in (element.get("class") or "").split()
        for row, written in zip(rows, table.rows, strict=True):
            for cell, target in zip(row.xpath("td|th"), written.cells, strict=False):
                paragraph = target.paragraphs[0]
                if cell.tag == "th" or "center" in (cell.get("class") or ""):
                    paragraph.alignment = _CENTRED
                self._runs(paragraph, cell, HEI if cell.tag == "th" else FANG, 12.0, lines=lines)
            if row.getparent().tag == "thead":
                written._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))


def _holds_blocks(element: Any) -> bool:
    return any(each.tag in _BLOCKS for each in element if isinstance(each.tag, str))


def _upright(section: Any) -> None:
    """A4 with the margins of official documents (5.2)."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)


def _pieces(element: Any, face: str, *, lines: bool) -> Iterator[tuple[str, str]]:
    """The text inside, piece by piece with its face; a line break is a newline of its own."""
    yield from _said(element.text, face, lines=lines)
    begun = bool((element.text or "").strip())
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _SKIPPED:
            if child.tag == "br":
                yield "\n", face
            else:
                # Paragraphs of one cell stand below each other.
                if child.tag == "p" and begun:
                    yield "\n", face
                begun = True
                own = KAI if "kai" in (child.get("class") or "").split() else face
                yield from _pieces(child, own, lines=lines)
        yield from _said(child.tail, face, lines=lines)


def _said(text: str | None, face: str, *, lines: bool) -> Iterator[tuple[str, str]]:
    for number, line in enumerate((text or "").split("\n") if lines else (text or "",)):
        if number:
            yield "\n", face
        joined = kept(re.sub(r"\s+", " ", line))
        if joined.strip():
            yield joined, face


def _plain(element: Any) -> str:
    return kept(re.sub(r"\s+", " ", element.text_content())).strip()


def _run(paragraph: Any, text: str, face: str, size: float, colour: Any = None) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = LATIN, Pt(size)
    run._element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), face)
    if colour is not None:
        run.font.color.rgb = colour


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _properties(paragraph: Any) -> Any:
    return paragraph._p.get_or_add_pPr()


def _border(paragraph: Any, side: str, colour: str, *, eighths: int, space: int = 1) -> None:
    """A line above or below a paragraph, in eighths of a point."""
    borders = _properties(paragraph).find(qn("w:pBdr"))
    if borders is None:
        borders = _element("w:pBdr")
        # Word refuses a file whose properties are in another order than the schema's (ECMA-376, 17.3.1.26).
        _properties(paragraph).insert_element_before(borders, *_AFTER_BORDERS)
    borders.append(_element(f"w:{side}", val="single", sz=str(eighths), space=str(space), color=colour))


def _grid(section: Any) -> None:
    """22 lines of 28 characters (5.2.3)."""
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(_element("w:docGrid", type="linesAndChars", linePitch="580", charSpace="-842"))


def _page_number(footer: Any, align: Any) -> None:
    paragraph = footer.paragraphs[0]
    paragraph.alignment = align
    _run(paragraph, "— ", SONG, 14.0)
    field = paragraph.add_run()
    field.font.size = Pt(14)
    code = _element("w:instrText")
    code.text = "PAGE"
    for part in (_element("w:fldChar", fldCharType="begin"), code, _element("w:fldChar", fldCharType="end")):
        field._r.append(part)
    _run(paragraph, " —", SONG, 14.0)


def _repacked(drawn: bytes) -> bytes:
    """The same archive without the time of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(drawn)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sorted(given.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(entry, given.read(name))
    return out.getvalue()
