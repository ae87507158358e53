"""`dudao import FILE --dry-run` as a person and as a program use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import ROOT
from tests.unit.importers.documents import saved, word

ROWS = [
    ["序号", "任务", "完成时限", "责任单位（首个为牵头单位）"],
    ["1", "甲任务。", "2026年底前", "市商务局、市财政局"],
    ["2", "乙任务。", "", "市商务局"],
]


def dudao(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "from app.cli import main; main()", "import", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "清单.docx"
    path.write_bytes(saved(word("江北市任务清单", rows=ROWS)))
    return path


def test_json_goes_to_standard_output_alone(document):
    run = dudao(document, "--dry-run", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    parsed = json.loads(run.stdout)
    assert (parsed["title"], parsed["found_count"]) == ("江北市任务清单", 2)
    assert parsed["rows"][0]["leads"] == [{"printed": "市商务局", "unit": "市商务局"}]


def test_a_person_sees_every_row_whole_and_what_to_settle(document):
    run = dudao(document, "--dry-run")
    assert run.returncode == 0
    for words in ("江北市任务清单", "甲任务。", "2026年底前", "市财政局", "※", "共2项", "其中1项", "首个为牵头单位"):
        assert words in run.stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("旧.doc", b"{\\rtf1 x}", "旧版格式"),
        ("空.txt", b"", "空文件"),
        ("乱.docx", b"PK\x03\x04xxxx", "已损坏"),
    ],
)
def test_a_refusal_is_one_sentence_on_standard_error(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    run = dudao(path, "--dry-run", "--json")
    assert (run.returncode, run.stdout) == (2, "")
    assert words in run.stderr
    assert name in run.stderr
    assert str(tmp_path) not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_missing_file_is_refused_the_same_way(tmp_path):
    run = dudao(tmp_path / "没有.docx", "--dry-run")
    assert run.returncode == 2
    assert "没有找到文件" in run.stderr
