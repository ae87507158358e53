"""Sentences that can be told in another language.

Rules and commands word what they refuse in 中文, often far from the page that shows it and several deep: a refused form
holds a sentence for each field, a refused spreadsheet one for each row. Whoever only prints them sees plain strings.
A page in another language asks each for its parts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

Translate = Callable[[str], str]
"""From a sentence of the catalogue, its gaps still open, to the same in another language; itself if unknown."""


class Said(str):
    """A sentence in 中文, made of catalogued `words` and of the `facts` that fill their gaps (None: words without
    gaps), or of `parts` side by side with `words` between them.
    """

    __slots__ = ("facts", "parts", "words")
    words: str
    facts: Mapping[str, object] | None
    parts: tuple[str, ...] | None


def said(words: str, facts: Mapping[str, object] | None = None) -> Said:
    """The words with their gaps filled in, or as they are. A gap that has no fact stays empty, and is no fault."""
    sentence = Said(words if facts is None else words.format_map(defaultdict(str, facts)))
    sentence.words, sentence.facts, sentence.parts = words, facts, None
    return sentence


def side_by_side(parts: Iterable[str], between: str = "") -> Said:
    """Several sentences or words as one, `between` them a mark such as 、 which is a word of the catalogue too.

    Nothing between them is right for sentences in 中文; other languages get a space.
    """
    kept = tuple(parts)
    sentence = Said(between.join(kept))
    sentence.words, sentence.facts, sentence.parts = between, None, kept
    return sentence


def told(value: object, translate: Translate) -> object:
    """A sentence in another language; whatever is no `Said`, such as a name or a number, as it is."""
    if not isinstance(value, Said):
        return value
    words = translate(value.words) if value.words else " "
    if value.parts is not None:
        return words.join(str(told(part, translate)) for part in value.parts)
    if value.facts is None:
        return words
    return words.format_map(defaultdict(str, {name: told(fact, translate) for name, fact in value.facts.items()}))
