"""Dossiers from the console: written, found genuine, and what is said of a file or a proof that was changed."""

import json

import pytest

from app.cli import EXIT_REFUSED
from tests.console_city import PRINTED, found_city, task_list

ROWS = [PRINTED, ["1", "建立联系服务机制", "2098年底前", "市商务局"]]


@pytest.fixture
def item(dudao, tmp_path):
    """The first characters of an issued item's id."""
    found_city(dudao, tmp_path)
    list_id = dudao("import", task_list(tmp_path, ROWS), "--as", "zhoumin").output.split()[1].rstrip(":")
    dudao("lists", "approve", list_id, "--as", "chengyuanhang")
    [row] = json.loads(dudao("items", "list", "--as", "zhoumin", "--json").stdout)
    return row["id"][:8]


def test_a_dossier_is_written_and_found_genuine_until_a_byte_is_changed(dudao, item, tmp_path):
    target = tmp_path / "out" / "案卷.pdf"
    told = dudao("dossier", item, "--as", "zhoumin", "--docx", "--output", target).output
    assert "1号" in told
    assert target.with_suffix(".docx").exists()
    assert "是原件" in dudao("verify", target).output
    assert "是原件" in dudao("verify", target.with_suffix(".docx")).output
    changed = bytearray(target.read_bytes())
    changed[-400] ^= 1
    target.write_bytes(bytes(changed))
    assert "是原件" not in dudao("verify", target, code=1).output


def test_a_file_that_was_never_issued_is_said_to_be_none_of_ours(dudao, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    assert "不是本系统发出的文件" in dudao("verify", path, code=1).output


def test_a_unit_is_told_that_it_may_not_and_nothing_is_written(dudao, item, tmp_path):
    target = tmp_path / "案卷.pdf"
    dudao("dossier", item, "--as", "wangjianye", "--output", target, code=EXIT_REFUSED)
    assert not target.exists()
