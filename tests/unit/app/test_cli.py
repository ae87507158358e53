"""The command's frame: groups found by file name, refusals worded, faults given an id."""

import re
import sys
import types

import psycopg
import pytest
import typer
from typer.testing import CliRunner

import app.cli
from app.cli import CommandGroups, root
from domain.errors import NotFound, Unavailable
from domain.messages import message_for


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """A group called `probe`, as a module beside the others would be."""
    module = types.ModuleType("app.cli.probe_")
    vars(module)["app"] = group = typer.Typer()
    monkeypatch.setitem(sys.modules, "app.cli.probe_", module)
    monkeypatch.setattr(app.cli, "_modules", lambda: {"probe": "probe_"})
    return group


def test_a_refusal_is_its_sentence_on_standard_error_and_exit_code_2(group: typer.Typer):
    @group.command()
    def look() -> None:
        raise NotFound("detail for the log")

    result = CliRunner().invoke(root, ["probe"])
    assert result.exit_code == 2
    assert result.stderr.strip() == message_for(NotFound())
    assert result.stdout == ""


def test_a_database_that_went_away_is_a_refusal_and_no_fault_of_the_program(group: typer.Typer):
    @group.command()
    def look() -> None:
        raise psycopg.OperationalError("the connection is lost")

    result = CliRunner().invoke(root, ["probe"])
    assert (result.exit_code, result.stderr.strip()) == (2, message_for(Unavailable()))


def test_a_fault_gets_an_id_that_the_log_has_too(group: typer.Typer):
    @group.command()
    def look() -> None:
        raise ZeroDivisionError("secret detail")

    result = CliRunner().invoke(root, ["probe"])
    assert result.exit_code == 70
    printed = result.stderr.strip().splitlines()[-1]
    found = re.search(r"编号 ([0-9a-f]{8})", printed)
    assert found
    assert "secret detail" not in printed
    assert f'"error_id":"{found[1]}"' in result.stderr and "ZeroDivisionError" in result.stderr


def test_a_group_of_one_command_is_that_command(group: typer.Typer):
    @group.command()
    def look(name: str) -> None:
        typer.echo(f"hello {name}")

    assert CliRunner().invoke(root, ["probe", "x"]).stdout == "hello x\n"


def test_names_come_from_files_without_private_ones_and_underscores():
    names = CommandGroups(name="x").list_commands(None)
    assert "db" in names
    assert not [name for name in names if "_" in name]


def test_an_unknown_group_is_a_usage_error():
    result = CliRunner().invoke(root, ["nonsense"])
    assert result.exit_code == 2 and "nonsense" in result.stderr
