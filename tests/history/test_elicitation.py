import pytest

from forecast.errors import InputError
from forecast.history import ReferenceClass, Tally
from forecast.history._elicitation import (
    Answer,
    Expert,
    Outside,
    belief_of,
    clashes,
    feedback,
    outside_view,
)
from forecast.network import BadValueError, RateBelief

SOON = Answer("6 months", "3%", "10%", "25%")
COUPS = ReferenceClass(
    "coups", [Tally("all", 1990, 2009, 143, 12)], title="Coups", unit="state-years"
)


def test_an_answer_is_a_belief_of_the_network_file() -> None:
    prior = RateBelief.parse(SOON.belief).prior(None)
    low, middle, high = SOON.rates
    assert prior.median() == pytest.approx(middle)
    assert prior.interval(0.9)[1] / prior.interval(0.9)[0] == pytest.approx(high / low)


def test_feedback_says_what_a_chance_is_in_years() -> None:
    """7% within a year is once in 14 years."""
    lines = feedback(Answer("1 year", "3%", "7%", "15%"))
    assert lines[0].startswith("You have just said: once in 13.8 years;")
    assert any("Of a hundred such cases, 7 happen" in line for line in lines)


def test_odds_and_short_spans_are_understood() -> None:
    lines = feedback(Answer("1 week", "1:9", "1:3", "1:1"))
    assert lines[0].startswith("You have just said: once in 24.3 days")
    assert ">99.9%" in lines[2]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (("6 months", "10%", "3%", "25%"), "do not increase"),
        (("6 months", "3%", "3%", "25%"), "do not increase"),
        (("soon", "3%", "10%", "25%"), "soon"),
        (("6 months", "0", "10%", "25%"), "which no evidence could ever change"),
        (("6 months", "3%", "often", "25%"), "'often' is not a probability"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(answer: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        Answer(*answer)


def test_answers_for_several_spans_that_come_from_one_rate_do_not_clash() -> None:
    late = Answer("2 years", "12%", "34%", "68%")
    assert clashes([SOON, late]) == []
    assert clashes([SOON]) == []


def test_answers_that_cannot_come_from_one_rate_are_told_what_each_implies() -> None:
    late = Answer("2 years", "3%", "10%", "20%")
    (told,) = clashes([late, SOON])
    assert "10% within 6 months is once in 4.7 years" in told
    assert "At the first pace it would be 34% within 2 years" in told


def test_the_class_says_what_it_implies_and_how_far_off_an_answer_is() -> None:
    first, second = outside_view(COUPS, COUPS.prior(), "6 months", SOON)
    assert first.startswith("Counted: 12 onsets in 143 state-years, 1990 to 2009 (Coups): 4.2%")
    assert second == "Your rate is 2.5 times as fast as what was counted, outside its interval."
    near = Answer("6 months", "1%", "4%", "12%")
    assert outside_view(COUPS, COUPS.prior(), "6 months", near)[1].endswith("inside its interval.")
    assert len(outside_view(COUPS, COUPS.prior(), "6 months")) == 1


def test_several_experts_are_pooled_by_weight() -> None:
    kim, lee = Expert("kim", (SOON,), 2.0), Expert("lee", (Answer("1 year", "5%", "20%", "50%"),))
    said = belief_of([kim, lee], "logarithmic")
    medians = [RateBelief.parse(e.answers[0].belief).prior(None).median() for e in (kim, lee)]
    pooled = RateBelief.parse(said).prior(None).median()
    assert pooled == pytest.approx((medians[0] ** 2 * medians[1]) ** (1 / 3))


def test_an_expert_with_two_answers_has_no_more_weight_than_one_with_one() -> None:
    late = Answer("2 years", "12%", "34%", "68%")
    weights = [weight for _, weight in Expert("kim", (SOON, late)).beliefs]
    assert weights == [0.5, 0.5]


def test_the_reference_class_can_be_one_voice() -> None:
    said = belief_of([Expert("kim", (SOON,))], "linear", Outside("class coups", 3.0))
    assert said["experts"][1] == {"name": "outside_view", "belief": "class coups", "weight": 3.0}
    assert belief_of([], "linear", Outside("class coups", 3.0)) == "class coups"


def test_a_session_in_which_nobody_speaks_gives_no_number() -> None:
    with pytest.raises(InputError, match="there is no answer"):
        belief_of([], "linear")
    with pytest.raises(InputError, match="'kim' has no answer"):
        Expert("kim", ())
    with pytest.raises(InputError, match="the weight of 'kim' is above 0"):
        Expert("kim", (SOON,), 0.0)


def test_answers_clash_if_the_range_of_either_leaves_out_the_other() -> None:
    wide, narrow = Answer("6 months", "3%", "10%", "25%"), Answer("1 year", "12%", "15%", "17%")
    assert wide.rates[0] < narrow.rates[1] < wide.rates[2]
    assert len(clashes([wide, narrow])) == len(clashes([narrow, wide])) == 1
