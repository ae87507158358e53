"""Process models: check them, publish them, list what is published."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, asking, day, print_json
from app.cli._console import operating, print_table

if TYPE_CHECKING:
    from bpmn.bundle import Bundle
    from bpmn.findings import Finding

app = typer.Typer(no_args_is_help=True)

EXIT_FINDINGS = 1

Model = Annotated[
    str,
    typer.Argument(help="A process that is shipped, or a .bpmn file beside forms/.", show_default=False),
]


@app.callback()
def models() -> None:
    """Process models: check them, publish them, list what is published."""


@app.command()
def lint(
    model: Annotated[str | None, typer.Argument(help="As for publish; all that come with the program if not.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print what the linter finds, without a database; exit code 1 if a model could not be published."""
    from domain.messages import finding_sentence

    found = [(bundle.key, finding) for bundle in _bundles(model) for finding in bundle.lint()]
    if as_json:
        print_json(
            [
                {
                    "process": key,
                    "severity": each.severity,
                    "code": each.code,
                    "element": each.element_id,
                    "sentence": finding_sentence(each.code, each.element_id, each.args),
                }
                for key, each in found
            ]
        )
    else:
        for key, each in found:
            typer.echo(f"{key}\t{each.severity}\t{finding_sentence(each.code, each.element_id, each.args)}")
        typer.echo(_sums([finding for _, finding in found]), err=True)
    if any(finding.severity == "error" for _, finding in found):
        raise typer.Exit(EXIT_FINDINGS)


@app.command("list")
def list_versions(as_json: AsJson = False) -> None:
    """Print the published versions."""
    from services.queries.processes import versions

    with operating() as console, asking(console) as asked:
        found = versions(asked)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "process", "name", "version", "published", "by", "digest"),
        [(v.id, v.process, v.name, v.version, day(v.published_at), v.published_by, v.digest[:12]) for v in found],
    )


@app.command()
def publish(
    model: Annotated[str | None, typer.Argument(help="As for lint; all that come with the program if not.")] = None,
) -> None:
    """Publish a model: new instances run on it, running ones stay on theirs. The same model again changes nothing."""
    from services.publishing import PublishModel

    with operating() as console:
        for bundle in _bundles(model):
            done = console.run(PublishModel(process=bundle.key, files=dict(bundle.files)))
            typer.echo(f"{done.process}\tversion {done.version}{' (already)' if done.already else ''}")


def _bundles(model: str | None) -> "list[Bundle]":
    from bpmn.bundle import SHIPPED, Bundle

    if model is None:
        return [Bundle.shipped(key) for key in SHIPPED]
    if not model.endswith(".bpmn"):
        return [Bundle.shipped(model)]
    file = Path(model)
    if not file.is_file():
        raise typer.BadParameter(f"{file} is no file", param_hint="MODEL")
    # Everything beside the model that a bundle can hold; the process is called like its file.
    parts = [*file.parent.glob("*.bpmn"), *file.parent.glob("*.dmn"), *file.parent.glob("forms/*.json")]
    files = {str(part.relative_to(file.parent)): part.read_bytes() for part in parts}
    return [Bundle.of(files, file.stem)]


def _sums(found: "list[Finding]") -> str:
    errors = sum(finding.severity == "error" for finding in found)
    return f"{errors} errors, {len(found) - errors} warnings"
