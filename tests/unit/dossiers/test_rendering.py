"""Documents are drawn apart, within limits, from what is here, and come out the same each time."""

import hashlib
import io
import os
import re
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from jinja2 import DictLoader
from weasyprint import HTML

from domain.document_errors import (
    AddressRefused,
    AttachmentChanged,
    AttachmentMissing,
    CharactersUnprintable,
    ContentRefused,
    FontsMissing,
    RendererFailed,
    RenderingTookTooLong,
    TooManyAttachments,
)
from domain.documents import Attached
from domain.messages import message_for
from dossiers import drawing, fonts
from dossiers.rendering import Limits, Renderer
from dossiers.templating import TEMPLATES, environment
from tests.evidence_samples import pdf
from tests.unit.dossiers.pages import SENTENCE, Drawn, notice
from tests.unit.dossiers.samples import SAMPLES, sample
from tests.unit.dossiers.test_dossier_pages import dossier


def attached(path: Path, content: bytes, **changes: Any) -> Attached:
    path.write_bytes(content)
    facts: dict[str, Any] = {
        "name": path.name,
        "path": path,
        "sha256": hashlib.sha256(content).digest(),
        "size": len(content),
        "media_type": "application/pdf",
    }
    return Attached(**(facts | changes))


def test_the_same_content_is_the_same_bytes_also_from_another_process(drawing: Renderer):
    once = drawing.pdf("official", notice())
    other = Renderer(processes=1)
    try:
        assert other.pdf("official", notice()) == once
    finally:
        other.close()
    assert drawing.pdf("official", notice(dated="2026-07-02")) != once


def test_it_is_pdf_a_3b_with_title_date_and_all_fonts_inside(drawing: Renderer):
    with pikepdf.open(io.BytesIO(drawing.pdf("official", notice()))) as document:
        described = document.open_metadata()
        assert (described["pdfaid:part"], described["pdfaid:conformance"]) == ("3", "B")
        assert described["dc:title"] == notice()["title"]
        assert "2026-07-01" in str(described["xmp:CreateDate"])
        for page in document.pages:
            for font in page.resources.Font.values():
                holder = font.DescendantFonts[0] if "/DescendantFonts" in font else font
                descriptor = holder.FontDescriptor
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys())


def test_files_are_embedded_as_they_are_each_under_a_name_of_its_own(drawing: Renderer, tmp_path: Path):
    (tmp_path / "b").mkdir()
    first, second = attached(tmp_path / "公告.pdf", pdf()), attached(tmp_path / "b" / "公告.pdf", pdf(["另一份"]))
    drawn = drawing.pdf("official", notice(), attachments=[first, second])
    with pikepdf.open(io.BytesIO(drawn)) as document:
        embedded = {name: spec.get_file().read_bytes() for name, spec in document.attachments.items()}
        assert embedded == {"公告.pdf": first.path.read_bytes(), "公告(2).pdf": second.path.read_bytes()}
        assert len(document.Root.AF) == 2
        assert {str(spec.AFRelationship) for spec in document.Root.AF} == {"/Supplement"}
    assert drawing.pdf("official", notice(), attachments=[first, second]) == drawn


def test_a_file_that_is_not_what_was_recorded_is_refused(drawing: Renderer, tmp_path: Path):
    changed = attached(tmp_path / "changed.pdf", pdf(), sha256=hashlib.sha256(b"other").digest())
    with pytest.raises(AttachmentChanged) as refused:
        drawing.pdf("official", notice(), attachments=[changed])
    assert "changed.pdf" in message_for(refused.value)
    gone = attached(tmp_path / "gone.pdf", pdf())
    gone.path.unlink()
    with pytest.raises(AttachmentMissing):
        drawing.pdf("official", notice(), attachments=[gone])


def test_five_hundred_files_are_refused_before_anything_is_read(drawing: Renderer, tmp_path: Path):
    one = attached(tmp_path / "one.pdf", pdf())
    with pytest.raises(TooManyAttachments) as refused:
        drawing.pdf("official", notice(), attachments=[one] * 500)
    assert "500个文件" in message_for(refused.value) and "300个" in message_for(refused.value)


MARKUP = '<script>alert(1)</script><img src="file:///etc/passwd"><a href="http://example.org/x">链接</a>&amp;{{ 7*7 }}'


@pytest.mark.parametrize("place", ["title", "addressee", "text", "note"])
def test_markup_in_any_text_is_printed_and_not_obeyed(drawing: Renderer, place: str):
    content = notice(text=SENTENCE) | {place: MARKUP}
    drawn = Drawn(drawing.pdf("official", content))
    page = "".join(line.text for number in range(len(drawn)) for line in drawn.lines(number)).replace("—1—", "")
    for told in ("<script>alert(1)</script>", "file:///etc/passwd", "{{7*7}}"):
        assert told in page
    assert "49" not in page


@pytest.mark.parametrize("name", [*sorted(SAMPLES), "dossier"])
def test_our_sheet_of_elements_draws_as_that_of_the_library_does(name: str, monkeypatch: pytest.MonkeyPatch):
    content = dossier() if name == "dossier" else sample(name)
    ours = drawing.draw_plain_pdf(name, content)
    monkeypatch.setattr(drawing.Page, "_ua_stylesheets", HTML._ua_stylesheets)
    assert drawing.draw_plain_pdf(name, content) == ours


def test_every_element_of_a_template_is_in_our_sheet():
    sheet = (drawing.ASSETS / "elements.css").read_text()
    told = set(re.findall(r"[a-z]+[1-6]?", re.sub(r"/\*.*?\*/|{.*?}", "", sheet, flags=re.DOTALL)))
    for template in TEMPLATES.glob("*.j2"):
        used = set(re.findall(r"<([a-z]+[1-6]?)[\s>]", re.sub(r"{#.*?#}", "", template.read_text(), flags=re.DOTALL)))
        # What has no look of its own, and what stands in the head.
        assert used - {"span", "meta", "title", "link"} <= told, template.name


def test_an_address_in_a_template_is_never_fetched(monkeypatch: pytest.MonkeyPatch):
    for address in (
        "http://127.0.0.1:9/x.png",
        "file:///etc/passwd",
        "data:image/png;base64,AA",
        "asset:../drawing.py",
    ):
        page = f'<html><body><p style="background: url({address})">文</p><img src="{address}"></body></html>'
        monkeypatch.setattr(environment(), "loader", DictLoader({"bad.html.j2": page}))
        environment().cache.clear()  # type: ignore[union-attr]
        with pytest.raises(AddressRefused) as refused:
            drawing.draw_pdf("bad", notice(), ())
        assert address[:20] in message_for(refused.value)
    environment().cache.clear()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (RenderingTookTooLong("x", seconds=3), "document_file_took_too_long"),
        (RendererFailed("x"), "document_file_not_read"),
    ],
)
def test_a_file_that_cannot_be_read_in_time_is_not_called_a_document_to_shorten(monkeypatch, tmp_path, broken, code):
    def breaks(*_given):
        raise broken

    monkeypatch.setattr(Renderer, "_done", breaks)
    with pytest.raises(type(broken)) as refused:
        Renderer().claims(tmp_path / "found.pdf")
    assert refused.value.code == code
    assert "原件" in message_for(refused.value)


def test_a_document_that_would_not_end_is_stopped_and_the_next_one_is_drawn():
    renderer = Renderer(processes=1, limits=Limits(seconds=3))
    try:
        renderer.pdf("official", notice())
        begun = time.monotonic()
        with pytest.raises(RenderingTookTooLong) as stopped:
            renderer.pdf("official", notice(text="进展情况报告。\n" * 200_000))
        assert time.monotonic() - begun < 20
        assert "3秒" in message_for(stopped.value)
        assert renderer.pdf("official", notice())
    finally:
        renderer.close()


def test_a_document_that_needs_too_much_memory_ends_alone():
    renderer = Renderer(processes=1, limits=Limits(seconds=60, memory=700 * 1024 * 1024))
    try:
        assert renderer.pdf("official", notice())
        with pytest.raises(RendererFailed):
            renderer.pdf("official", notice(text="进展情况报告。" * 10_000_000))
        assert renderer.pdf("official", notice())
    finally:
        renderer.close()


def test_processes_end_with_the_renderer():
    renderer = Renderer(processes=1)
    renderer.pdf("official", notice())
    pids = renderer.pids()
    renderer.close()
    assert pids and not [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and os.getpgid(pid)]


def test_a_character_that_no_font_has_is_named(drawing: Renderer):
    with pytest.raises(CharactersUnprintable) as refused:
        drawing.pdf("official", notice(addressee="各单位\U0001f600\U0002ebe1"))
    assert "U+1F600" in message_for(refused.value) and "U+2EBE1" in message_for(refused.value)


def test_controls_that_nobody_sees_are_dropped(drawing: Renderer):
    assert "市开放办" in Drawn(drawing.pdf("official", notice(addressee="市\u200b开\u202e放\x07办"))).text(0)


def test_content_without_what_the_template_prints_is_refused(drawing: Renderer):
    content = notice()
    del content["text"]
    with pytest.raises(ContentRefused, match="text"):
        drawing.pdf("official", content)
    with pytest.raises(ContentRefused, match="dated"):
        drawing.pdf("official", notice(dated="yesterday"))
    with pytest.raises(ContentRefused):
        drawing.pdf("no-such-template", notice())
    with pytest.raises(ContentRefused):
        drawing.pdf("official", notice(text=object()))


def test_a_missing_font_is_named_instead_of_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(FontsMissing) as refused:
        fonts.require_fonts()
    assert "FandolFang-Regular.otf" in message_for(refused.value) and "scripts/fonts" in message_for(refused.value)


def test_a_dash_that_the_faces_number_otherwise_is_printed_as_a_dash(drawing: Renderer):
    # Fandol has U+2013 as glyph 8899 and CID 9910: written by glyph number, a reader would show another character.
    drawn = drawing.pdf("official", notice(text="分工为2026–2027年。"))
    assert "2026–2027" in Drawn(drawn).text(0)
