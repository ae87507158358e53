"""Pictures as templates ask for them: SVG that is markup already, in the faces of documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from dossiers import fonts
from dossiers.pictures import charts, process
from dossiers.pictures.lettering import FAMILY

FACE = f"{FAMILY}, {fonts.SAFETY_NET}, serif"


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """A piece of a process picture whose `svg` a template prints as it is."""

    svg: Markup
    index: int
    count: int
    landscape: bool


def process_pieces(picture: Mapping[str, Any]) -> list[ShownPiece]:
    """The pieces of a process picture."""
    # Every text in the picture was escaped where it was drawn.
    return [
        ShownPiece(Markup(piece.svg), piece.index, piece.count, piece.landscape)  # noqa: S704
        for piece in process.process_pieces(picture, face=FACE)
    ]


def picture_legend() -> Markup:
    """What the outlines of a process picture mean."""
    return Markup(process.legend(face=FACE))  # noqa: S704  no text of anybody's is in it


def indicator_chart(indicators: Sequence[Mapping[str, Any]]) -> Markup:
    """Indicators before and after; empty where none has figures."""
    return Markup(charts.indicator_chart(indicators, face=FACE))  # noqa: S704  escaped where it was drawn


def progress_chart(progress: Mapping[str, Any]) -> Markup:
    """Progress over time; empty where there is none."""
    return Markup(charts.progress_chart(progress, face=FACE))  # noqa: S704  escaped where it was drawn


PICTURES: Mapping[str, Callable[..., Any]] = {
    "process_pieces": process_pieces,
    "picture_legend": picture_legend,
    "indicator_chart": indicator_chart,
    "progress_chart": progress_chart,
}
"""By the names that templates call them."""
