"""The faces that documents are set in, and which characters they have.

Fandol is what `scripts/fonts` put into `dossiers/fonts`; Noto Serif CJK, from the system, has the rare characters in
names that Fandol lacks. No other font of the machine is ever used: the same content is the same bytes elsewhere.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from domain.document_errors import FontsMissing

FOLDER = Path(__file__).parent / "fonts"

FACES = {
    "Gong Fang": "FandolFang-Regular.otf",
    "Gong Kai": "FandolKai-Regular.otf",
    "Gong Hei": "FandolHei-Regular.otf",
    "Gong Song": "FandolSong-Regular.otf",
    # The face of titles and red heads: no free one is exactly 小标宋, and a bold Song comes closest.
    "Gong Biaosong": "FandolSong-Bold.otf",
}
"""The family's name in style sheets: the file. 仿宋, 楷体, 黑体, 宋体, 小标宋."""

SAFETY_NET = "Noto Serif CJK SC"
_SAFETY_NET_FILES = ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Regular.otc", "NotoSerifCJKsc-Regular.otf")
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


def require_fonts() -> None:
    """Refuse to draw when a face is not here: another one in its place would be noticed too late.

    Raises FontsMissing.
    """
    absent = [name for name in FACES.values() if not (FOLDER / name).is_file()]
    if _safety_net_file() is None:
        absent.append(SAFETY_NET)
    if absent:
        raise FontsMissing(", ".join(absent), what="、".join(absent))


def style_sheet() -> str:
    """The faces as CSS, and that of rare characters. Their addresses are understood by our own fetcher only."""
    faces = (f'@font-face{{font-family:"{family}";src:url(asset:fonts/{file})}}' for family, file in FACES.items())
    # Named, and not left to fall back: a face may have a character and not be able to print it (`_characters`).
    return f'{"".join(faces)}.rare{{font-family:"{SAFETY_NET}"}}'


@lru_cache(maxsize=1)
def in_every_face() -> frozenset[int]:
    """The code points that all faces have."""
    faces = [set(_characters(FOLDER / name)) for name in FACES.values()]
    return frozenset(set.intersection(*faces))


@lru_cache(maxsize=1)
def in_safety_net() -> frozenset[int]:
    """The code points of the safety net."""
    file = _safety_net_file()
    return frozenset(_characters(file)) if file else frozenset()


@lru_cache(maxsize=len(FACES))
def advances(family: str) -> Mapping[int, float]:
    """How wide a face's characters are, in em by code point."""
    from fontTools.ttLib import TTFont

    with TTFont(FOLDER / FACES[family], lazy=True) as font:
        per_em, widths = font["head"].unitsPerEm, font["hmtx"].metrics
        return {code: widths[name][0] / per_em for code, name in font.getBestCmap().items()}


@lru_cache(maxsize=1)
def _safety_net_file() -> Path | None:
    for folder in _FONT_FOLDERS:
        for name in _SAFETY_NET_FILES:
            found = next(folder.rglob(name), None) if folder.is_dir() else None
            if found is not None:
                return found
    return None


def _characters(file: Path) -> Iterator[int]:
    from fontTools.ttLib import TTCollection, TTFont

    if file.suffix in {".ttc", ".otc"}:
        # All members share one character map but for the glyphs of regional forms.
        with TTCollection(file, lazy=True) as collection:
            yield from collection.fonts[0].getBestCmap()
    else:
        with TTFont(file, lazy=True) as font:
            numbers = font.getReverseGlyphMap()
            # What WeasyPrint writes are glyph numbers, which a reader takes for CIDs: where a face numbers a glyph
            # otherwise (a few punctuation marks of Fandol), another character would be printed.
            for code, name in font.getBestCmap().items():
                if not name.startswith("cid") or int(name.removeprefix("cid")) == numbers[name]:
                    yield code
