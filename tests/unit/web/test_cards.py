"""Tables that become cards on a phone lose what the browser knows of tables: their markup says it again."""

import re

import pytest

from web.templating import FOLDER

CARDS = re.compile(r'<table class="[^"]*\bcards\b[^"]*"[^>]*>.*?</table>', re.DOTALL)
ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
TABLES = [
    pytest.param(table, id=f"{path.relative_to(FOLDER)}-{number}")
    for path in sorted(FOLDER.rglob("*.html"))
    for number, table in enumerate(CARDS.findall(path.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_cards_repeats_its_roles_and_says_what_its_cells_are(table: str):
    for tag, attributes in re.findall(r"<(table|thead|tbody|tr|td|th)\b([^>]*)", table):
        wanted = ROLES.get(tag) or ("columnheader", "rowheader", "cell")
        found = re.search(r'role="(\w+)"', attributes)
        assert found is not None, f"<{tag}{attributes}>"
        assert found[1] in wanted, f"<{tag}{attributes}>"
    if "told" in table.partition(">")[0]:
        assert 'data-l="' in table


def test_tables_of_cards_are_found():
    assert len(TABLES) > 20
