"""The `dudao` command. Each module of this package is one command group, found by its file name.

To add one: make `app/cli/<name>.py` with a docstring, whose first line becomes the help, and `app = typer.Typer()`.
A group with a single command is that command. A trailing underscore is dropped (`import_.py`), a leading one
keeps a module private. Nothing is imported before its command is called, so `dudao --help` answers at once.
"""

import ast
import importlib
import pkgutil
import signal
import sys
import uuid
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from app import memory
from domain.errors import DomainError
from domain.messages import message_for
from domain.operation_errors import InternalError

EXIT_REFUSED = 2
EXIT_UNEXPECTED = 70
"""`EX_SOFTWARE` of sysexits.h: a fault of the program, not of the request."""


class CommandGroups(TyperGroup):
    """The modules of this package as lazily imported groups, and the one place that words errors."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Names of all groups, sorted."""
        return sorted(_modules())

    def get_command(self, _ctx: Any, name: str) -> Any:
        """Import the group called `name`."""
        module = _modules().get(name)
        if module is None:
            return None
        command = typer.main.get_command(importlib.import_module(f"{__name__}.{module}").app)
        command.name = name
        # Every Typer application offers to install completion; only the root may, and it does not.
        command.params = [option for option in command.params if "completion" not in (option.name or "")]
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help with each module's first line, without importing one."""
        self.get_command = _described  # type: ignore[method-assign]
        super().format_help(ctx, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a refusal becomes its sentence, a fault an id that the log explains."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            typer.echo(message_for(error), err=True)
            raise typer.Exit(EXIT_REFUSED) from error
        except (typer.Exit, typer.Abort, typer.TyperException, KeyboardInterrupt, BrokenPipeError):
            raise
        except Exception as error:
            from services.database_errors import refusal_of

            refusal = refusal_of(error)
            if refusal is not None:
                typer.echo(message_for(refusal), err=True)
                raise typer.Exit(EXIT_REFUSED) from error
            unexpected = InternalError(str(error), error_id=uuid.uuid4().hex[:8])
            _report(error, unexpected)
            raise typer.Exit(EXIT_UNEXPECTED) from error


root = typer.Typer(
    cls=CommandGroups,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Drawing the help's frames would cost 200 ms of imports; groups have the time for it.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@root.callback()
def dudao() -> None:
    """Supervise government task lists as executable BPMN processes."""


def main() -> None:
    """The console script."""
    # Without a handler SIGTERM ends Python at once, and nobody would stop the embedded database.
    signal.signal(signal.SIGTERM, _leave)
    memory.load()
    root(prog_name="dudao")


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _modules() -> dict[str, str]:
    found = (module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name.removesuffix("_").replace("_", "-"): name for name in found}


def _described(_ctx: Any, name: str) -> TyperCommand:
    source = Path(__path__[0], f"{_modules()[name]}.py")
    docstring = ast.get_docstring(ast.parse(source.read_bytes())) or ""
    return TyperCommand(name=name, help=docstring.split("\n\n")[0])


def _report(error: Exception, unexpected: InternalError) -> None:
    from app.logging import configure_logging, logger

    configure_logging()
    logger.error("unexpected error", error_id=unexpected.facts["error_id"], exc_info=error)
    typer.echo(message_for(unexpected), err=True)
