"""`python -m benchmarks [name]`: run the benchmarks, print a table, write out/bench.json."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.dossiers import dossiers
from benchmarks.escalation import escalation
from benchmarks.evaluation import evaluation
from benchmarks.figures import Figure, show, write
from benchmarks.growth import growth
from benchmarks.import_list import import_list
from benchmarks.lights import lights
from benchmarks.pages import pages
from benchmarks.steps import steps
from benchmarks.worklist import worklist

BENCHMARKS: dict[str, Callable[[], Iterable[Figure]]] = {
    "growth": growth,
    "steps": steps,
    "worklist": worklist,
    "pages": pages,
    "import": import_list,
    "lights": lights,
    "escalation": escalation,
    "dossiers": dossiers,
    "evaluation": evaluation,
}


def main(only: str | None) -> int:
    """Run one benchmark by its name, or all; 1 when a goal is missed."""
    if only is not None and only not in BENCHMARKS:
        print(f"no benchmark {only}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name, benchmark in BENCHMARKS.items():
        if only in (None, name):
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += benchmark()
    show(figures)
    write(figures, Path("out/bench.json"))
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
