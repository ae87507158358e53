"""Issued documents from the console: an order with its number, its file, what verifies it, and its withdrawal."""

import pikepdf

from tests.console_city import shown
from tests.integration.test_time_console import city as city  # noqa: PLC0414  the fixture


def test_an_order_is_issued_written_verified_and_withdrawn(city, tmp_path):
    dudao, _, items = city
    dudao("documents", "series", "supervision_order", "--pattern", "江督单〔{year}〕{number}号", "--as", "zhoumin")
    dudao("documents", "order", items["1"], "--as", "zhoumin", code=2)
    issued = dudao("documents", "order", items["1"], "--as", "chengyuanhang", "--words", "请于本月底前完成。").output
    mark, document_id = issued.split()
    assert mark.startswith("江督单〔") and mark.endswith("〕1号")
    [row] = shown(dudao, "documents", "list", "--as", "zhoumin")
    assert (row["id"], row["mark"], row["series"]) == (document_id, mark, "supervision_order")
    assert shown(dudao, "documents", "due", "--as", "zhoumin") == []

    file, word = tmp_path / "order.pdf", tmp_path / "order.docx"
    dudao("documents", "write", mark, "--as", "zhoumin", "-o", file)
    dudao("documents", "write", document_id[:8], "--as", "zhoumin", "-o", word)
    assert file.read_bytes().startswith(b"%PDF-") and word.read_bytes().startswith(b"PK")
    assert "是原件" in dudao("documents", "verify", file).output
    assert "是原件" in dudao("documents", "verify", word).output

    changed = tmp_path / "changed.pdf"
    with pikepdf.open(file) as document:
        document.save(changed)
    assert "内容已改动" in dudao("documents", "verify", changed, code=1).output
    stranger = tmp_path / "stranger.txt"
    stranger.write_text("x")
    assert "不是本系统发出的文件" in dudao("documents", "verify", stranger, code=1).output

    told = dudao("documents", "withdraw", mark, "--as", "chengyuanhang", "--reason", "时限有误").output
    assert "商务局" in told
    assert "已撤回" in dudao("documents", "verify", file).output
    dudao("documents", "withdraw", mark, "--as", "chengyuanhang", "--reason", "再撤", code=2)
