"""P(child | parent on), as it comes out of the parameters, against the range that was stated.

The base rate and the strength are drawn as the model draws them; what comes out must have the
statement's own quantiles: those that the same words give to a base rate.
"""

from math import log

import numpy as np
import pytest
from scipy import stats

import forecast as fc
from forecast.evidence import Evidence
from forecast.model._groups import model_groups
from forecast.network import RateBelief, link_prior

MEDIAN, END = 0.005, 0.01
DRAWS = 2**16
HALF_YEAR = 0.5
NEAR = "40% [20%, 60%] within 6 months"
KINDS = ("causes", "multiplies")

BASES = [
    *(f"{percent}% within 6 months" for percent in (1, 2, 5, 10, 15, 20, 22)),
    "1% [0.1%, 10%] within 6 months",
    "5% [1%, 15%] within 6 months",
    "10% [3%, 25%] within 6 months",
    "15% [14%, 16%] within 6 months",
    "20% [10%, 36%] within 6 months",
    "22% [12%, 37%] within 6 months",
    "39% [19%, 63%] within 1 year",
    "22.2% within 6 months",
    "0 onsets in 10 years",
    "1 onset in 10 years",
    "4 onsets in 10 years",
    "0 onsets in 1000 years",
    "icd203: very unlikely within 6 months",
    "1:9 [1:30, 1:3] within 6 months",
]
STATEMENTS = [
    NEAR,
    "40% [30%, 50%] within 6 months",
    "70% [50%, 90%] within 9 months",
    "90% [80%, 99%] within 2 years",
    "icd203: likely within 3 months",
    "2:3 [1:2, 1:1] within 6 months",
    "9 onsets in 8 years",
    "1.2 per year [0.9, 1.6]",
]


def network(base: object, kind: str, said: object) -> fc.Network:
    field = "extra_rate" if kind == "causes" else "hazard_ratio"
    link = fc.Link(parent="parent", child="child", kind=kind, **{field: said})
    return fc.Network(
        name="two",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="parent", kind="fact", initially="50%"),
            fc.Event(id="child", kind="onset", rate=base),
        ],
        links=[link],
    )


def chances_while_on(two: fc.Network) -> np.ndarray:
    """5%, 50% and 95% quantiles of P(child within half a year | parent on)."""
    table = model_groups(two, Evidence([]))
    points = stats.qmc.Sobol(max(table.dimensions, 1), seed=1).random(DRAWS)
    values = table.from_z(stats.norm.ppf(points)[:, : table.dimensions])
    rate = values["base_rate"][:, 0]
    if "extra_rate" in values:
        rate = rate + values["extra_rate"][:, 0]
    else:
        rate = rate * values["hazard_ratio"][:, 0]
    return np.asarray(-np.expm1(-HALF_YEAR * np.quantile(rate, [0.05, 0.5, 0.95])))


def own(two: fc.Network, said: object) -> np.ndarray:
    """The same of the statement itself, as the words of a base rate."""
    prior = RateBelief.parse(said).prior(two.start)
    low, high = prior.interval()
    return np.asarray(-np.expm1(-HALF_YEAR * np.array([low, prior.median(), high])))


@pytest.mark.parametrize("said", STATEMENTS)
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_while_on_keeps_its_median_and_its_range(kind: str, base: str, said: str) -> None:
    two = network(base, kind, f"if on: {said}")
    off = np.abs(chances_while_on(two) - own(two, said))
    assert (off < [END, MEDIAN, END]).all(), off


@pytest.mark.parametrize("percent", [1, 5, 10, 15, 20, 25, 30, 35])
def test_a_cause_keeps_the_range_or_is_refused_with_the_way_out(percent: int) -> None:
    base = f"{percent}% within 6 months"
    if percent < 22:
        two = network(base, "causes", f"if on: {NEAR}")
        np.testing.assert_allclose(chances_while_on(two), own(two, NEAR), atol=MEDIAN)
        return
    with pytest.raises(fc.InputError) as caught:
        network(base, "causes", f"if on: {NEAR}")
    message = str(caught.value)
    assert "the lower end of the rate while the parent is on (22.3%" in message
    assert f"not above the child's own base rate ({percent}.0% over the same time)" in message
    assert "use kind: multiplies with the same words as hazard_ratio" in message


def test_the_upper_end_is_that_of_the_statement_at_every_base() -> None:
    for percent in (5, 15, 20, 22):
        two = network(f"{percent}% within 6 months", "causes", f"if on: {NEAR}")
        np.testing.assert_allclose(chances_while_on(two), [0.223, 0.400, 0.645], atol=0.003)


@pytest.mark.parametrize(
    "said",
    [
        NEAR,
        "2% [1%, 4%] within 6 months",
        "25% [24%, 26%] within 6 months",
        "25% [1%, 80%] within 6 months",
        "0 onsets in 3 years",
    ],
)
@pytest.mark.parametrize(
    "base", ["25% within 6 months", "25% [5%, 60%] within 6 months", "1 onset in 3 years"]
)
def test_a_ratio_keeps_any_range_above_below_and_across_the_base(base: str, said: str) -> None:
    two = network(base, "multiplies", f"if on: {said}")
    off = np.abs(chances_while_on(two) - own(two, said))
    assert (off < [END, MEDIAN, END]).all(), off


@pytest.mark.parametrize("kind", KINDS)
def test_a_rate_while_on_may_be_a_pool(kind: str) -> None:
    said = {"pool": "linear", "experts": [NEAR, "9 onsets in 8 years"]}
    for base in ("10% within 6 months", "10% [3%, 25%] within 6 months", "1 onset in 10 years"):
        two = network(base, kind, {"if on": said})
        np.testing.assert_allclose(chances_while_on(two), own(two, said), atol=MEDIAN)
    two = network(said, kind, "if on: 85% [75%, 95%] within 6 months")
    np.testing.assert_allclose(
        chances_while_on(two), own(two, "85% [75%, 95%] within 6 months"), atol=END
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", ["22% within 6 months", "22% [12%, 37%] within 6 months"])
def test_without_a_range_the_medians_fit(kind: str, base: str) -> None:
    two = network(base, kind, "if on: 40% within 6 months")
    low, middle, high = chances_while_on(two)
    assert middle == pytest.approx(0.4, abs=MEDIAN)
    assert (low < middle < high) == ("[" in base)


def test_base_rate_and_rate_while_on_are_learned_apart() -> None:
    two = network("22% [12%, 37%] within 6 months", "causes", f"if on: {NEAR}")
    table = model_groups(two, Evidence([]))
    z = np.zeros((3, 3))[:, : table.dimensions]
    z[:, 0] = (-1.0, 0.0, 1.0)  # the base rate's
    values = table.from_z(z)
    base, extra = values["base_rate"][:, 0], values["extra_rate"][:, 0]
    assert (np.diff(base) > 0.1).all()
    np.testing.assert_allclose(base + extra, (base + extra)[1], rtol=1e-3)


def test_the_prior_of_a_strength_is_that_at_the_median_of_the_base() -> None:
    for base in ("10% within 6 months", "10% [3%, 25%] within 6 months"):
        for kind in KINDS:
            two = network(base, kind, f"if on: {NEAR}")
            prior = link_prior(two, two.links[0])
            assert prior is not None
            on, off = -log(0.6) / HALF_YEAR, -log(0.9) / HALF_YEAR
            wanted = on - off if kind == "causes" else on / off
            assert prior.median() == pytest.approx(wanted, rel=1e-2)


@pytest.mark.parametrize(
    ("base", "said", "message"),
    [
        ("50% within 6 months", NEAR, "the rate while the parent is on (40.0%) is not above"),
        ("30% [29%, 31%] within 6 months", NEAR, "the lower end of the rate while the parent is"),
        ("22% within 6 months", "40% [25%, 90%] within 6 months", "a range is read as its width"),
        (
            "22% [10%, 40%] within 6 months",
            "40% [39%, 41%] within 6 months",
            "is too close to the child's own base rate (10.7% to 42.1%",
        ),
        ("1 onset in 3 years", "4 onsets in 9 years", "not above the child's own base rate (0.3"),
    ],
)
def test_what_no_cause_can_do_is_refused_with_numbers(base: str, said: str, message: str) -> None:
    with pytest.raises(fc.InputError) as caught:
        network(base, "causes", f"if on: {said}")
    assert message in str(caught.value)
    assert "kind: multiplies" in str(caught.value)
    network(base, "multiplies", f"if on: {said}")
