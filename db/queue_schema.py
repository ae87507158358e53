"""The schema of procrastinate, our job queue, from the installed package.

It ships one script per change. A revision of ours applies a range of them, named by their first and last, so that it
makes the same schema whichever version of the package is installed, and a later revision can apply what came since.
"""

from collections.abc import Iterator
from importlib.resources import files


def scripts(*, after: str, up_to: str) -> Iterator[str]:
    """The SQL of procrastinate's own migrations behind `after` up to and with `up_to`, in order.

    Names are those of its files, as `03.04.00_50`. Raises LookupError when the installed package does not know
    `up_to`: it is older than the schema that is asked for.
    """
    folder = files("procrastinate.sql") / "migrations"
    found = {entry.name[:11]: entry for entry in folder.iterdir() if entry.name.endswith(".sql")}
    if up_to not in found:
        raise LookupError(f"procrastinate has no migration {up_to}")
    for name in sorted(found):
        if after < name <= up_to:
            yield found[name].read_text(encoding="utf-8")
