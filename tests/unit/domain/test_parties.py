import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.parties import RuleKind, SigningRule, Tally, Verdict, judge

ALL = SigningRule.of({"rule": "all", "adverse": "object"})
ALL_VETO = SigningRule.of({"rule": "all", "adverse": "return", "veto": "yes"})
ANY = SigningRule.of({"rule": "any"})
TWO_THIRDS = SigningRule.of({"rule": "ratio:0.67", "adverse": "no"})


def test_silence_is_never_consent():
    assert judge(ALL, Tally(parties=5, answered=4, adverse=0)) is Verdict.OPEN


def test_all_waits_for_the_last_answer_before_an_objection_counts():
    assert judge(ALL, Tally(parties=5, answered=4, adverse=1)) is Verdict.OPEN
    assert judge(ALL, Tally(parties=5, answered=5, adverse=1)) is Verdict.REFUSED


def test_the_first_veto_decides():
    assert judge(ALL_VETO, Tally(parties=5, answered=1, adverse=1)) is Verdict.REFUSED


def test_any_is_carried_by_the_first_favourable_answer():
    assert judge(ANY, Tally(parties=5, answered=1, adverse=0)) is Verdict.CARRIED


def test_two_thirds_written_as_067_means_two_of_three():
    assert judge(TWO_THIRDS, Tally(parties=3, answered=2, adverse=0)) is Verdict.CARRIED
    assert judge(TWO_THIRDS, Tally(parties=3, answered=2, adverse=2)) is Verdict.REFUSED


def test_a_ratio_that_cannot_be_reached_any_more_is_refused_early():
    assert judge(TWO_THIRDS, Tally(parties=6, answered=3, adverse=3)) is Verdict.REFUSED


def test_weights_count_instead_of_heads():
    rule = SigningRule.of({"rule": "weighted:0.5", "adverse": "no"})
    heavy = Tally(parties=3, answered=1, adverse=0, weight=10, weight_for=6)
    assert judge(rule, heavy) is Verdict.CARRIED
    assert judge(rule, Tally(parties=3, answered=2, adverse=0, weight=10, weight_for=4)) is Verdict.OPEN


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="most"):
        SigningRule.of({"rule": "most"})


@given(
    kind=st.sampled_from(list(RuleKind)),
    threshold=st.floats(0.1, 1.0),
    veto=st.booleans(),
    answers=st.lists(st.booleans(), min_size=1, max_size=12),
)
def test_every_rule_is_decided_when_everybody_has_answered_and_never_changes_its_mind(kind, threshold, veto, answers):
    rule = SigningRule(kind, threshold, "no", veto)
    verdicts = []
    for answered in range(len(answers) + 1):
        given_so_far = answers[:answered]
        adverse = given_so_far.count(False)
        tally = Tally(len(answers), answered, adverse, float(len(answers)), float(answered - adverse), float(adverse))
        verdicts.append(judge(rule, tally))
    assert verdicts[-1] is not Verdict.OPEN
    decided = [v for v in verdicts if v is not Verdict.OPEN]
    first = decided[0]
    # A carried ratio may not be undone by later answers; a veto may come at any time, but then the step is over.
    assert all(v is first for v in decided) or veto or kind is RuleKind.ANY
