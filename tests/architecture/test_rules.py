"""The rules of the house that a few lines can check. Dependency direction is import-linter's."""

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import DomainError
from domain.messages import MESSAGES, TOPICS, message_for
from domain.permissions import Permission
from tests.architecture.sources import committed, python_files, text_of, tree_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 70
COMMITS = {
    Path("services/executor.py"),
    # What could only read is ended by a commit, which undoes nothing and keeps what was prepared.
    Path("db/connection.py"),
    # The schema's own transactions: there is no command without a schema.
    Path("migrations/env.py"),
}
CHINESE = re.compile(r"[\u3400-\u9fff]")
WRITES_CHINESE = (
    "api/",
    "app/demo/",
    "benchmarks/",
    "domain/labels.py",
    "domain/labels_of_columns.py",
    "domain/messages/",
    "dossiers/",
    "importers/",
    "tests/",
)
"""Catalogues, the grammars and the typography of printed documents, demonstration and test data, examples in the API's
description."""
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
        ("yarnpkg", "com"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.{}$\"'*])/(?:work|home|root|Users)/\w")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|pytest\.mark\.xfail|pytest\.xfail")


def read_by_people() -> list[Path]:
    """Modules that are read again and again; a revision is generated and read once."""
    return [path for path in python_files() if path.parts[:2] != ("migrations", "versions")]


def all_errors() -> Iterator[type[DomainError]]:
    for path in python_files(tests=False):
        if path.stem.endswith("errors") or re.search(
            r"^    code(?:: ClassVar\[str\])? = ", text_of(path), re.MULTILINE
        ):
            importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    waiting = [DomainError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if not error.__module__.startswith("tests."):
            yield error


def test_only_the_executor_commits():
    found = {
        path
        for path in python_files(tests=False)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert found <= COMMITS


def test_chinese_stands_in_catalogues_grammars_and_data_alone():
    found = [
        path.as_posix()
        for path in python_files()
        if CHINESE.search(_without_comments(path)) and not path.as_posix().startswith(WRITES_CHINESE)
    ]
    assert found == []


def _without_comments(path: Path) -> str:
    """What the program may show: its strings, less the docstrings, which may quote a rule's words."""
    tree = tree_of(path)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    attribute_docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return "\n".join(str(node.value) for node in strings if id(node) not in docstrings | attribute_docs)


@pytest.mark.parametrize("error", sorted(set(all_errors()), key=str))
def test_every_error_has_a_sentence_of_its_own(error: type[DomainError]):
    assert error.code in MESSAGES
    assert error.code in vars(error).values(), "a subclass without a code would speak with its parent's words"
    assert CHINESE.search(message_for(error("detail")))


def test_no_sentence_is_without_an_error():
    unused = set(MESSAGES) - {error.code for error in all_errors()}
    # Some words of the web framework have a sentence without an error of ours: named where they are answered.
    named = "\n".join(
        text_of(path) for path in python_files(tests=False) if Path("domain/messages") not in path.parents
    )
    assert {code for code in unused if f'"{code}"' not in named} == set()


def test_no_two_errors_share_a_code():
    codes = [error.code for error in all_errors()]
    assert sorted(codes) == sorted(set(codes))


def test_a_code_has_its_sentence_in_one_topic_only():
    assert len(MESSAGES) == sum(len(topic.MESSAGES) for topic in TOPICS)


def test_every_sentence_can_be_filled_in():
    for code, sentence in MESSAGES.items():
        names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
        assert all(name.isidentifier() for name in names), code


def test_every_permission_is_asked_for_somewhere():
    named = "\n".join(text_of(path) for path in python_files(tests=False) if path != Path("domain/permissions.py"))
    assert {each.name for each in Permission if not re.search(rf"Permission\.{each.name}\b", named)} == set()


def test_no_file_is_too_long_to_read():
    assert {
        path.as_posix(): text_of(path).count("\n")
        for path in read_by_people()
        if text_of(path).count("\n") > LONGEST_FILE
    } == {}


def test_no_function_is_too_long_to_read():
    found = {
        f"{path.as_posix()}:{node.name}"
        for path in read_by_people()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert found == set()


def test_nothing_is_called_after_nothing():
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [path.as_posix() for path in python_files() if path.stem in empty] == []


def test_no_path_of_somebodys_machine_is_committed():
    assert [path.as_posix() for path in committed() if MACHINE_PATHS.search(text_of(path))] == []


def test_no_package_registry_is_named():
    assert [path.as_posix() for path in committed() if any(host in text_of(path) for host in HOSTS)] == []


def test_nothing_is_left_unfinished():
    here = Path("tests/architecture/test_rules.py")
    assert [path.as_posix() for path in python_files() if path != here and UNFINISHED.search(text_of(path))] == []


def test_every_module_says_what_it_is_for():
    silent = [
        path.as_posix()
        for path in python_files(tests=False)
        if path.name != "__init__.py" and ast.get_docstring(tree_of(path)) is None
    ]
    assert silent == []
