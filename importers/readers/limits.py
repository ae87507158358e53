"""How much of a document is read. A city's longest lists stay below a tenth of these; a hostile file hits them."""

import dataclasses

from importers.errors import TooComplexDocument

MEBI = 1024 * 1024

MAX_FILE_BYTES = 64 * MEBI
MAX_TEXT_BYTES = 16 * MEBI

MAX_ENTRIES = 4_000
MAX_UNPACKED_BYTES = 512 * MEBI
MAX_PART_BYTES = 48 * MEBI
# Word's XML packs 10 to 40 times; only bombs pack better than this once they have any size.
MAX_PACKING_RATIO = 200
RATIO_COUNTS_FROM_BYTES = MEBI

MAX_BLOCKS = 20_000
MAX_CELLS = 60_000
MAX_COLUMNS = 63
MAX_CHARACTERS = 2_000_000
MAX_NESTING = 12


@dataclasses.dataclass(slots=True)
class Budget:
    """What is left of the limits while one document is read. Raises TooComplexDocument when it is used up."""

    name: str
    blocks: int = MAX_BLOCKS
    cells: int = MAX_CELLS
    characters: int = MAX_CHARACTERS

    def spend(self, *, blocks: int = 0, cells: int = 0, characters: int = 0) -> None:
        """Count what was read."""
        self.blocks -= blocks
        self.cells -= cells
        self.characters -= characters
        if self.blocks < 0:
            raise TooComplexDocument(name=self.name, limit=f"{MAX_BLOCKS}个段落")
        if self.cells < 0:
            raise TooComplexDocument(name=self.name, limit=f"{MAX_CELLS}个单元格")
        if self.characters < 0:
            raise TooComplexDocument(name=self.name, limit=f"{MAX_CHARACTERS}字")
