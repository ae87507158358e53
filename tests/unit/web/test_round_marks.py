"""Numbers beside a chart."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from web.pages.kpi import round_marks

FIGURES = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


def test_marks_are_numbers_that_people_count_in():
    assert round_marks(76.43, 131.86) == (80, 100, 120)
    assert round_marks(0, 100) == (0, 50, 100)
    assert round_marks(0.012, 0.047) == (0.02, 0.03, 0.04)
    assert round_marks(-3, 5) == (-2, 0, 2, 4)


@given(FIGURES, st.floats(min_value=1e-3, max_value=1e9))
def test_there_are_three_to_seven_within_the_range_at_equal_distances(low, span):
    high = low + span
    if (high - low) < max(abs(low), abs(high)) * 1e-6:
        return
    marks = round_marks(low, high)
    slack = (high - low) * 1e-6
    assert 3 <= len(marks) <= 7
    assert low - slack <= marks[0] <= marks[-1] <= high + slack
    steps = [later - former for former, later in pairwise(marks)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-3) for step in steps)
