from hypothesis import given
from hypothesis import strategies as st

from domain.answers import Answers, may_read

BOTH = st.booleans()
KEPT = st.sampled_from([Answers.OWN, Answers.SEALED])
ANY = st.sampled_from(list(Answers))


@given(ANY, BOTH, BOTH)
def test_a_unit_always_reads_what_it_said_itself(answers, of_office, still_asked):
    assert may_read(answers, gave=True, of_office=of_office, still_asked=still_asked)


@given(KEPT, BOTH)
def test_what_is_not_shared_is_read_by_no_unit_beside_who_said_it(answers, still_asked):
    assert not may_read(answers, gave=False, of_office=False, still_asked=still_asked)


@given(BOTH)
def test_the_office_reads_sealed_answers_once_nobody_is_asked_any_more(still_asked):
    assert may_read(Answers.SEALED, gave=False, of_office=True, still_asked=still_asked) is not still_asked
    assert may_read(Answers.OWN, gave=False, of_office=True, still_asked=still_asked)


@given(ANY, BOTH, BOTH)
def test_what_could_be_read_stays_readable_when_the_last_one_has_answered(answers, gave, of_office):
    before = may_read(answers, gave=gave, of_office=of_office, still_asked=True)
    assert may_read(answers, gave=gave, of_office=of_office, still_asked=False) >= before


@given(BOTH, BOTH, BOTH)
def test_shared_answers_are_read_by_whoever_sees_the_matter(gave, of_office, still_asked):
    assert may_read(Answers.SHARED, gave=gave, of_office=of_office, still_asked=still_asked)
