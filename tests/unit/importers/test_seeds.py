"""The real documents of `../shared`, compared with what a correct import of each gives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from importers import read_document
from tests.databases import ROOT

SHARED = next(
    (path for path in (Path(os.environ.get("DUDAO_SHARED") or ROOT.parent / "shared"),) if (path / "seeds").is_dir()),
    None,
)
needs_seeds = pytest.mark.skipif(SHARED is None, reason="the real documents are not here")


@needs_seeds
@pytest.mark.parametrize("document", ["000", "001", "002", "003", "004"])
def test_every_line_of_the_comparison_is_full(document):
    assert SHARED is not None
    check = SHARED / "checks" / "import_check.py"
    cli = f"{sys.executable} -c 'from app.cli import main; main()'"
    run = subprocess.run(
        [sys.executable, check, "--cli", cli, "--only", document, "-v"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 measures short" in run.stdout


@needs_seeds
def test_no_sentence_of_the_real_documents_is_in_the_program():
    """Grammars know habits, not documents: no run of 16 characters of a seed stands in the program's own files."""
    assert SHARED is not None
    length = 16
    seeds = ["".join(path.read_text(encoding="utf-8").split()) for path in (SHARED / "seeds").glob("*.txt")]
    runs = {seed[place : place + length] for seed in seeds for place in range(len(seed) - length)}
    for path in (ROOT / "importers").rglob("*.py"):
        code = "".join(path.read_text(encoding="utf-8").split())
        assert not any(code[place : place + length] in runs for place in range(len(code) - length)), path


@needs_seeds
def test_the_order_of_hashes_does_not_change_a_reading():
    """Two processes with other string hashes read the damaged list alike."""
    assert SHARED is not None
    (seed,) = (SHARED / "seeds").glob("000_*.txt")
    code = "import sys; from importers import read_document; print(read_document(sys.argv[1]).to_json())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, seed],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": value},
        ).stdout
        for value in ("1", "2")
    }
    assert len(outputs) == 1
    assert read_document(seed).found_count == 77
