"""Every command has a name that people understand in the audit record."""

import ast

from domain.messages.commands import COMMAND_NAMES
from tests.architecture.sources import python_files, tree_of


def commands():
    """The classes below `services` that have `execute(self, uow)`."""
    for path in python_files(tests=False):
        if path.parts[0] != "services" or path.stem == "executor":
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and any(
                isinstance(part, ast.FunctionDef) and part.name == "execute" and part.args.args[1:2]
                for part in node.body
            ):
                yield node.name


def test_every_command_has_a_name_in_words():
    missing = sorted(set(commands()) - COMMAND_NAMES.keys())
    assert missing == [], "add them to domain/messages/commands.py, then run `make i18n`"


def test_no_name_is_left_of_a_command_that_is_gone():
    assert sorted(COMMAND_NAMES.keys() - set(commands())) == []


def test_no_two_commands_share_a_name():
    assert len(set(COMMAND_NAMES.values())) == len(COMMAND_NAMES)
