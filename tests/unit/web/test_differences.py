"""What differs between two texts is marked, and nothing is lost by marking it."""

from hypothesis import given
from hypothesis import strategies as st

from web.differences import LONGEST, differences

TEXTS = st.text(alphabet="甲乙丙丁，。 \n", max_size=40)


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_texts_and_what_is_not_marked_is_the_same(printed, stored):
    left, right = differences(printed, stored)
    assert "".join(piece.text for piece in left) == printed
    assert "".join(piece.text for piece in right) == stored
    same = ["".join(piece.text for piece in side if not piece.differs) for side in (left, right)]
    assert same[0] == same[1]


def test_a_corrected_character_is_marked_alone():
    left, right = differences("市交通云输局", "市交通运输局")
    assert [piece.text for piece in left if piece.differs] == ["云"]
    assert [piece.text for piece in right if piece.differs] == ["运"]


def test_a_very_long_text_is_shown_as_it_is():
    left, _ = differences("甲" * (LONGEST + 1), "乙")
    assert [piece.differs for piece in left] == [False]
