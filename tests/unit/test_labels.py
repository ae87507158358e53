import pytest

from domain.labels import LABELS, label


@pytest.mark.parametrize("kind", LABELS)
def test_every_identifier_has_a_word_of_its_own(kind):
    words = [label(kind, member) for member in kind]
    assert not {w for w in words if w.isascii()}
    assert len(set(words)) == len(words)


def test_no_value_has_an_empty_word():
    assert label(next(iter(LABELS)), None) == ""
