"""Ends of intervals against quadrature over the uncertain numbers, beyond the exact filter too."""

from math import comb

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ndtri
from scipy.stats import qmc

import forecast as fc

CLOSE = 0.01
"""Of an end, in probability: what a reader would see of it."""

DAY = 1 / 365.25
START, HORIZON = "2024-01-01", "2024-12-31"


def belief_points(prior: object, number: int) -> np.ndarray:
    """Return evenly weighted quantiles of a belief's distribution."""
    return np.asarray(prior.from_z(ndtri((np.arange(number) + 0.5) / number)))


def weighted_ends(values: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    order = np.argsort(values)
    level = np.cumsum(weights[order]) / weights.sum()
    low, high = np.interp([0.05, 0.95], level, values[order])
    return float(low), float(high)


def network(
    events: list[fc.Event], links: tuple[fc.Link, ...] = (), types: tuple[fc.SourceType, ...] = ()
) -> fc.Network:
    return fc.Network(
        name="ends",
        start=START,
        horizon=HORIZON,
        events=events,
        links=list(links),
        source_types=list(types),
        sources=[fc.Source(id="s", type=kind.id) for kind in types],
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_state_that_was_counted_along_paths(seed: int) -> None:
    """Each draw has its own chance of being on, which differs little; the paths differ much."""
    state = fc.Event(
        id="b",
        kind="state",
        public=False,
        initially="30%",
        rate="2 per year [1, 4]",
        off_rate="3 per year [1.5, 6]",
    )
    kind = fc.SourceType(
        id="t",
        hit_rate="80%",
        false_alarm_rate="10%",
        count_rate_off="6 per year",
        count_rate_on="30 per year [20, 45]",
    )
    case = network([state], types=(kind,))
    counted = fc.Count(
        id="c",
        event="b",
        source="s",
        published="2024-04-01",
        watched_from="2024-02-01",
        watched_to="2024-03-31",
        counted=4,
    )
    post = fc.update(case, fc.Evidence([counted]), as_of="2024-04-01", method="paths", seed=seed)
    found = post.probability("b", by="2024-04-01")
    # A product of a few quantiles each would leave the tails out, and with them 0.004 of each end.
    beliefs = (state.rate, state.off_rate, kind.count_rate_on)
    z = ndtri(qmc.Sobol(3, rng=np.random.default_rng(1)).random_base2(12))
    values = [belief.prior(case.start).from_z(z[:, k]) for k, belief in enumerate(beliefs)]
    chance, weight = [], []
    for on, off, while_on in zip(*values, strict=True):
        p, w = on_after_a_count(on, off, 6.0, while_on, 4)
        chance.append(p)
        weight.append(w)
    low, high = weighted_ends(np.array(chance), np.array(weight))
    assert found.mean == pytest.approx(np.average(chance, weights=weight), abs=4 * found.mcse)
    for end, exact, error in zip(found.interval(), (low, high), found.interval_mcse(), strict=True):
        assert error < CLOSE
        assert abs(end - exact) < max(CLOSE, 3 * error)


def on_after_a_count(
    on: float, off: float, rate_off: float, rate_on: float, number: int
) -> tuple[float, float]:
    """Return P(on at the end of 1 April | count), and P(count): states are (on, counted so far)."""
    flip = np.array([[-on, on], [off, -off]])
    before, after = expm(flip * 31 * DAY), expm(flip * 1 * DAY)
    size = number + 1
    generator = np.kron(flip, np.eye(size))
    for state, rate in enumerate((rate_off, rate_on)):
        for k in range(size):
            generator[state * size + k, state * size + k] -= rate
            if k + 1 < size:
                generator[state * size + k, state * size + k + 1] += rate
    at_first = np.zeros(2 * size)
    at_first[[0, size]] = np.array([0.7, 0.3]) @ before
    counted = (at_first @ expm(generator * 60 * DAY)).reshape(2, size)[:, number]
    return float((counted @ after)[1] / counted.sum()), float(counted.sum())


@pytest.mark.parametrize("seed", [1, 2])
def test_of_an_onset_with_more_causes_than_are_summed_out(seed: int) -> None:
    """Nine unknown facts, of which each multiplies the rate: a binomial sum given two numbers."""
    facts = [fc.Event(id=f"h{i}", kind="fact", initially="50%") for i in range(9)]
    onset = fc.Event(id="a", kind="onset", public=False, rate="5% [2%, 12%] within 1 year")
    common = fc.Event(id="m", kind="fact", initially="50%")
    links = [
        fc.Link(parent=fact.id, child="a", kind="multiplies", hazard_ratio="x2") for fact in facts
    ]
    links.append(
        fc.Link(parent="m", child="a", kind="multiplies", hazard_ratio="x5 [2, 12]"),
    )
    case = network([*facts, onset, common], tuple(links))
    found = fc.prior(case, seed=seed).probability("a", by=HORIZON)
    rates = belief_points(onset.rate.prior(case.start), 200)
    ratios = belief_points(links[-1].hazard_ratio.prior(), 200)
    chance = np.zeros((200, 200))
    for k in range(10):
        for factor, share in ((1.0, 0.5), (ratios[None, :], 0.5)):
            hazard = rates[:, None] * 2.0**k * factor * 366 * DAY
            chance = chance + share * comb(9, k) / 2**9 * -np.expm1(-hazard)
    low, high = np.quantile(chance, [0.05, 0.95])
    assert found.mean == pytest.approx(chance.mean(), abs=4 * found.mcse)
    assert found.interval() == pytest.approx((low, high), abs=CLOSE)


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_of_a_reported_onset_whichever_way_it_is_estimated(method: str) -> None:
    onset = fc.Event(id="a", kind="onset", public=False, rate="30% [10%, 60%] within 1 year")
    kind = fc.SourceType(id="t", hit_rate="80%", false_alarm_rate="10%", spread=0)
    case = network([onset], types=(kind,))
    said = fc.Report(id="r", event="a", source="s", published="2024-03-01", claim="on")
    post = fc.update(case, fc.Evidence([said]), as_of="2024-03-01", method=method)
    found = post.probability("a", by="2024-03-01")
    rate = belief_points(onset.rate.prior(case.start), 4000)
    on = -np.expm1(-rate * 61 * DAY)
    told = on * 0.8 + (1 - on) * 0.1
    low, high = weighted_ends(on * 0.8 / told, told)
    assert found.interval() == pytest.approx((low, high), abs=CLOSE)


def test_of_fixed_numbers_are_the_forecast_itself() -> None:
    ring = [fc.Event(id=f"e{i}", kind="onset", rate="1.5 per year") for i in range(9)]
    links = tuple(
        fc.Link(parent=f"e{i}", child=f"e{(i + 1) % 9}", kind="prevents") for i in range(9)
    )
    post = fc.prior(network(ring, links))
    for event in ring:
        found = post.probability(event.id, by="2024-12-30")
        assert found.mean == pytest.approx(0.540, abs=0.0005 + 4 * found.mcse)  # 365 days
        assert found.interval() == pytest.approx((found.mean, found.mean))
        assert found.mcse < 0.003
        assert max(found.interval_mcse()) < 0.003
