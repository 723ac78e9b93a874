"""The Admiralty code: grades as priors."""

import pytest

from forecast.errors import InputError
from forecast.network import LogitNormal, Source, SourceType, source_prior
from forecast.network._source import credibility_of, source_grades

B = source_grades()["B"]


def width(letter: str) -> float:
    prior = source_grades()[letter].hit_rate.prior()
    assert isinstance(prior, LogitNormal)
    return prior.sigma


def test_letters_run_from_what_tells_most_to_what_tells_nothing() -> None:
    ratios = [
        g.hit_rate.prior().median() / g.false_alarm_rate.prior().median()
        for letter, g in sorted(source_grades().items())
        if letter != "F"
    ]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] >= 1


def test_what_cannot_be_judged_is_wide_and_not_one_half() -> None:
    assert width("F") > max(width(letter) for letter in "ABCDE")
    assert source_grades()["F"].hit_rate.prior().median() != 0.5


def test_digits_run_from_the_confirmed_to_the_improbable() -> None:
    means = [credibility_of(f"B{digit}", confirmed_here=False) for digit in "12345"]
    assert means == sorted(means, reverse=True)
    assert 0 < means[-1] < credibility_of("F6", confirmed_here=False) < means[0] < 1


def test_a_digit_counts_by_the_mean_of_its_range_and_not_by_its_median() -> None:
    assert credibility_of("B6", confirmed_here=False) == pytest.approx(0.572, abs=0.01)


def test_a_confirmation_that_is_in_the_record_counts_once() -> None:
    confirmed = credibility_of("B1", confirmed_here=True)
    assert confirmed == credibility_of("B2", confirmed_here=False)
    assert credibility_of("B3", confirmed_here=True) == credibility_of("B3", confirmed_here=False)


def test_a_graded_source_starts_from_its_letter_where_it_has_no_rates_of_its_own() -> None:
    graded = Source(id="s", type="wire", grade="B", hit_rate="60% [40%, 80%]")
    assert source_prior(graded, "false_alarm_rate") == B.false_alarm_rate.prior()
    assert source_prior(graded, "hit_rate") != B.hit_rate.prior()
    assert source_prior(graded, "predictive_hit_rate") is None


def test_the_sources_own_grade_goes_before_that_of_its_items() -> None:
    assert source_prior(Source(id="s", type="w", grade="B"), "hit_rate", letter="E") == (
        B.hit_rate.prior()
    )
    assert source_prior(Source(id="s", type="w"), "hit_rate", letter="B") == B.hit_rate.prior()


def test_a_type_has_no_grade() -> None:
    kind = SourceType(id="w", hit_rate="70%", false_alarm_rate="5%")
    prior = source_prior(kind, "hit_rate", letter="B")
    assert prior is not None
    assert prior.median() == 0.7


def test_a_letter_beyond_the_code_is_refused() -> None:
    with pytest.raises(InputError, match="grade: must be A, B, C, D, E or F"):
        Source(id="s", type="w", grade="G")
