"""Bad input on the command line: exit code 2 (or the linter's 1), one 中文 sentence on standard error, no traceback."""

import pytest
from typer.testing import CliRunner

from app.cli import root
from domain.messages import message_for
from importers.readers.detect import load_document
from importers.readers.limits import MAX_FILE_BYTES
from tests.unit.bpmn.drawing import end, flow, model, path, start, user, xor
from tests.unit.bpmn.lint_cases import instead
from tests.unit.importers.documents import saved, word
from tests.unit.importers.readers.test_detect import REFUSED


def run(*arguments):
    return CliRunner().invoke(root, [str(argument) for argument in arguments])


@pytest.mark.parametrize("case", REFUSED)
def test_import_refuses_what_is_no_importable_document_with_its_sentence(case, tmp_path):
    data, error = REFUSED[case]
    file = tmp_path / "清单.docx"
    file.write_bytes(data)
    result = run("import", file, "--dry-run")
    assert (result.exit_code, result.stdout) == (2, "")
    with pytest.raises(error) as refused:
        load_document(data, "清单.docx")
    assert result.stderr.strip() == message_for(refused.value)


def test_import_refuses_a_file_of_300_megabytes_without_reading_it(tmp_path):
    file = tmp_path / "清单.docx"
    with file.open("wb") as sparse:
        sparse.truncate(300 * 1024 * 1024)
    result = run("import", file, "--dry-run")
    assert result.exit_code == 2
    assert f"{MAX_FILE_BYTES // 1024 // 1024}" in result.stderr
    assert "清单.docx" in result.stderr


@pytest.mark.parametrize("name", ["../没有.docx", "..", "a\nb.docx", "-"])
def test_import_of_a_name_that_is_no_file_is_refused_with_a_sentence(name, tmp_path):
    result = run("import", "--dry-run", "--", f"{tmp_path}/{name}")
    assert result.exit_code == 2
    assert str(tmp_path) not in result.stderr
    assert "Traceback" not in result.stderr


def test_import_of_a_name_full_of_path_characters_takes_the_document(tmp_path):
    file = tmp_path / "..;rm -rf ~\\$(x)'\".docx"
    file.write_bytes(saved(word("江北市重点任务清单")))
    assert run("import", "--dry-run", file).exit_code == 0


def linted(tmp_path, content):
    file = tmp_path / "journey.bpmn"
    file.write_bytes(content)
    return run("models", "lint", file)


ATTACKS = [
    "__import__('os').system('id')",
    "().__class__.__base__.__subclasses__()",
    "open('/etc/passwd').read() == ''",
    "9 ** 9 ** 9 > 1",
    "(lambda: 1)() == 1",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_model_whose_condition_attacks_the_interpreter_is_refused_by_the_linter(attack, tmp_path):
    escaped = attack.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    condition = f"<bpmn:conditionExpression>{escaped}</bpmn:conditionExpression>"
    branching = model(
        start(),
        user("work"),
        xor("which", default="which_other"),
        end("one"),
        end("other"),
        path("started", "work", "which"),
        flow("which", "one", condition),
        flow("which", "other"),
    )
    result = linted(tmp_path, branching)
    assert result.exit_code == 1
    assert "expression" in result.stdout or "表达式" in result.stdout


def test_a_model_that_runs_code_is_refused_by_the_linter(tmp_path):
    script = '<bpmn:scriptTask id="work"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
    result = linted(tmp_path, instead(script))
    assert result.exit_code == 1
    assert "work" in result.stdout


@pytest.mark.parametrize("content", [b"", b"<not closed", "清单".encode(), b"<a/>", saved(word("x"))])
def test_a_file_that_is_no_model_is_refused_with_a_sentence(content, tmp_path):
    result = linted(tmp_path, content)
    assert result.exit_code in {1, 2}
    assert (result.stdout + result.stderr).strip()
    assert "Traceback" not in result.stderr


def test_a_model_with_an_external_entity_is_refused(tmp_path):
    evil = model(start(), user("work"), end(), path("started", "work", "finished"))
    at = evil.index(b"?>") + 2 if evil.startswith(b"<?xml") else 0
    declared = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    result = linted(tmp_path, evil[:at] + declared + evil[at:].replace(b'name="work"', b'name="&x;"'))
    assert result.exit_code in {1, 2}
    assert "Traceback" not in result.stderr
