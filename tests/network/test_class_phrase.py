import pytest

from forecast.network import BadValueError, Event, Gamma, RateBelief
from forecast.network._rate_belief import read_class
from tests.tolerances import SAME_ALGEBRA

FULL = (
    "class troop_entry/interstate since 1990, half-life 20 years, weight 50%: 3 onsets in 44 years"
)


def test_a_phrase_names_class_subclass_years_and_weight() -> None:
    phrase = read_class(FULL)
    assert (phrase.name, phrase.subclass, phrase.since) == ("troop_entry", "interstate", 1990)
    assert (phrase.half_life, phrase.weight, phrase.counted) == (20.0, 0.5, (3.0, 44.0))


def test_text_and_mapping_say_the_same() -> None:
    parts = {
        "class": "troop_entry/interstate",
        "since": 1990,
        "half_life": "20 years",
        "weight": "50%",
        "onsets": 3,
        "years": 44,
    }
    assert RateBelief.parse(parts) == RateBelief.parse(FULL)


def test_each_count_of_a_weighed_class_counts_for_its_weight() -> None:
    assert RateBelief.parse(FULL).prior(None) == Gamma(2.0, 22.0)
    whole = RateBelief.parse("class a: 3 onsets in 44 years").prior(None)
    assert whole == RateBelief.parse("3 onsets in 44 years").prior(None)


def test_one_onset_is_spoken_of_in_the_singular() -> None:
    resolved = read_class("class a/b, weight 20%").resolved(1, 75, "state-years")
    assert resolved.wording == "class a/b, weight 20%: 1 onset in 75 state-years"
    assert read_class(resolved.wording) == resolved


def test_discounted_counts_need_not_be_whole() -> None:
    resolved = read_class("class a, half-life 5 years").resolved(1.21530001, 6.6971, "years")
    prior = RateBelief.parse(resolved.wording).prior(None)
    assert prior.shape == pytest.approx(1.7153, rel=SAME_ALGEBRA)


def test_a_class_may_be_one_voice_of_a_pool() -> None:
    pool = {
        "pool": "logarithmic",
        "experts": [
            {"belief": "class a: 4 onsets in 40 years", "weight": 2},
            "0.2 per year [0.1, 0.4]",
        ],
    }
    prior = RateBelief.parse(pool).prior(None)
    alone = Gamma(4.5, 40.0).median()
    assert prior.median() == pytest.approx((alone**2 * 0.2) ** (1 / 3), rel=SAME_ALGEBRA)


def test_counts_that_nobody_looked_up_give_no_prior() -> None:
    with pytest.raises(BadValueError, match="counts of the class 'a' have not been looked up"):
        RateBelief.parse("class a").prior(None)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("class a, weight 0", "the weight '0' of a class lies between 0 and 100%"),
        ("class a, weight 150%", "the weight '150%' of a class lies between 0 and 100%"),
        ("class a [1, 2]", "counts have their own uncertainty"),
        ("class a: many", "'many' are not counts"),
        ("class a: 3 onsets in 0 years", "exposure is 0"),
        ("class a/b/c", "does not name a reference class"),
        ("class a, half-life soon", "soon"),
        ({"class": "a", "wieght": 1}, "no part called 'wieght'"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_refused(said: object, message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        RateBelief.parse(said)


@pytest.mark.parametrize("said", ["class a/b", "none: nobody counts such things", ""])
def test_an_event_says_its_class_or_why_there_is_none(said: str) -> None:
    assert Event(id="e", kind="onset", rate="1 per year", reference_class=said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("troop_entry", "names neither a reference class nor a reason"),
        ("none:  ", "names neither a reference class nor a reason"),
        ("class a, weight 0", "the weight '0' of a class"),
    ],
)
def test_an_event_says_nothing_else_there(said: str, message: str) -> None:
    with pytest.raises(BadValueError, match=message):
        Event(id="e", kind="onset", rate="1 per year", reference_class=said)
