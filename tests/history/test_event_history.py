"""Hazard ratios against published estimates, against each other, and on simulated networks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecast as fc
from forecast.errors import GateError, InputError
from forecast.history._partial import FlatFit, log_partial_likelihood, log_partial_likelihoods
from forecast.history._piecewise import cells, cut_points
from forecast.history._risk_sets import read_history
from forecast.history.event_history import Columns, HazardFit, HazardPriors, fit, fit_flat
from forecast.network import RateBelief, RatioBelief, UnknownNameError
from tests.history.stretches import stretches
from tests.tolerances import GRADIENT, LOG_PROBABILITY, MONTE_CARLO_Z, PUBLISHED_COX, TENTH_OF_ERROR

DATA = Path(__file__).parents[1] / "data"
ROSSI = pd.read_csv(DATA / "rossi.csv").assign(start=0)
ROSSI_COLUMNS = Columns(stop="week", event="arrest")
HEART = pd.read_csv(DATA / "stanford_heart.csv").drop(columns="id")

# Allison (2010), Survival Analysis Using SAS, output 5.6, and R's survival; to six decimals as
# lifelines 0.30.0 gives them (CoxPHFitter and CoxTimeVaryingFitter, ties by Efron).
PUBLISHED_ROSSI = {
    "fin": (-0.379422, 0.191379),
    "age": (-0.057438, 0.021999),
    "race": (0.313900, 0.307993),
    "wexp": (-0.149796, 0.212224),
    "mar": (-0.433704, 0.381868),
    "paro": (-0.084871, 0.195757),
    "prio": (0.091497, 0.028649),
}
PUBLISHED_HEART = {
    "age": (0.027167, 0.013714),
    "year": (-0.146346, 0.070468),
    "surgery": (-0.637210, 0.367226),
    "transplant": (-0.010251, 0.313755),
}


@pytest.fixture(scope="module")
def flat() -> FlatFit:
    return fit_flat(ROSSI, ROSSI_COLUMNS)


@pytest.fixture(scope="module")
def wide() -> HazardFit:
    """Priors of hazard ratios so wide that they say nothing."""
    priors = HazardPriors(ratio_sd=100.0)
    return fit(ROSSI, ROSSI_COLUMNS, unit="1 week", pieces=8, priors=priors, draws=4000)


@pytest.mark.parametrize(
    ("table", "columns", "published", "log_likelihood"),
    [
        (ROSSI, ROSSI_COLUMNS, PUBLISHED_ROSSI, -658.747659),
        (HEART, Columns(), PUBLISHED_HEART, -290.565616),
    ],
    ids=["recidivism", "heart transplants, covariates that change"],
)
def test_under_flat_priors_the_mode_is_the_published_estimate(
    table: pd.DataFrame,
    columns: Columns,
    published: dict[str, tuple[float, float]],
    log_likelihood: float,
) -> None:
    found = fit_flat(table, columns, draws=400)
    for name, (coefficient, error) in published.items():
        assert found.mode[name] == pytest.approx(coefficient, abs=PUBLISHED_COX)
        assert found.standard_error[name] == pytest.approx(error, abs=PUBLISHED_COX)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=PUBLISHED_COX)


def test_the_flat_posterior_lies_around_its_mode(flat: FlatFit) -> None:
    """Few events leave it lopsided: its mean is up to an eighth of a standard error off."""
    for place, (name, (coefficient, error)) in enumerate(PUBLISHED_ROSSI.items()):
        draws = flat.draws[:, place]
        assert abs(np.median(draws) - coefficient) < 1.5 * TENTH_OF_ERROR * error, name
        assert draws.std() == pytest.approx(error, rel=0.1)


def test_the_bayesian_model_without_much_prior_gives_the_published_ratios(wide: HazardFit) -> None:
    """The mean of the posterior, which is not its mode; and its own Monte Carlo error besides."""
    table = wide.table()
    for name, (coefficient, error) in PUBLISHED_ROSSI.items():
        assert abs(table["log ratio"][name] - coefficient) < 2 * TENTH_OF_ERROR * error, name
        assert table["sd"][name] == pytest.approx(error, rel=0.1)


def test_the_likelihood_of_many_is_that_of_each() -> None:
    history = read_history(HEART, Columns())
    betas = np.random.default_rng(2).normal(0, 0.05, (7, 4))
    each = [log_partial_likelihood(history, beta)[0] for beta in betas]
    assert log_partial_likelihoods(history, betas) == pytest.approx(each, abs=LOG_PROBABILITY)


def test_the_slope_of_the_partial_likelihood_is_its_derivative() -> None:
    history = read_history(HEART, Columns())
    beta = np.array([0.02, -0.1, -0.5, 0.1])
    _, slope, curve = log_partial_likelihood(history, beta)
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5
        up, down = (log_partial_likelihood(history, beta + s * step) for s in (1, -1))
        assert slope[place] == pytest.approx((up[0] - down[0]) / 2e-5, rel=GRADIENT, abs=1e-6)
        assert -curve[place] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-5, abs=1e-5)


def test_efron_by_hand() -> None:
    """Two events tied at 1 among three at risk, one later: 2 of the sums share the weight."""
    table = pd.DataFrame({"start": 0, "stop": [1, 1, 2], "event": [1, 1, 1], "x": [1, 0, 2]})
    history = read_history(table, Columns())
    weights = np.exp(0.3 * (np.array([1, 0, 2]) - 1.0))
    tied = weights[0] + weights[1]
    by_hand = np.log(weights[0] * weights[1] / (weights.sum() * (weights.sum() - tied / 2)))
    assert log_partial_likelihood(history, np.array([0.3]))[0] == pytest.approx(by_hand)


def test_cells_keep_all_events_and_all_time_at_risk() -> None:
    history = read_history(HEART, Columns())
    found = cells(history, cut_points(history, 6))
    assert found.events.sum() == history.event.sum()
    assert found.exposure.sum() == pytest.approx(history.exposure)
    assert (found.exposure > 0).all()


def test_a_baseline_has_pieces_of_equally_many_events() -> None:
    history = read_history(ROSSI, ROSSI_COLUMNS)
    cuts = cut_points(history, 4)
    inside = np.histogram(history.stop[history.event] - 1e-9, cuts)[0]
    assert inside.min() > 0.8 * 114 / 4
    assert cut_points(history, [10.0, 20.0]).tolist() == [0, 10, 20, 52]


@pytest.mark.parametrize(
    ("pieces", "message"),
    [(0, "at least one piece, not 0"), ([20.0, 10.0], "must rise within 0 and 52")],
)
def test_pieces_that_cannot_be_are_refused(pieces: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(ROSSI, ROSSI_COLUMNS, pieces=pieces)


NETWORK = fc.Network(
    name="simulated",
    start="2024-01-01",
    horizon="2028-12-31",
    events=[
        fc.Event(id="pact", kind="state", rate="0.6 per year", off_rate="0.8 per year"),
        fc.Event(id="war", kind="state", rate="0.4 per year", off_rate="1 per year"),
        fc.Event(id="aid", kind="onset", rate="0.2 per year"),
    ],
    links=[
        fc.Link(parent="pact", child="aid", kind="multiplies", hazard_ratio="x3"),
        fc.Link(parent="war", child="aid", kind="multiplies", hazard_ratio="x0.5"),
    ],
)


@pytest.fixture(scope="module")
def simulated() -> HazardFit:
    worlds = fc.simulate(NETWORK, worlds=600, seed=11)
    return fit(stretches(worlds, "aid", ["pact", "war"]), Columns(covariates=["pact", "war"]))


def test_hazard_ratios_of_a_simulated_network_are_recovered(simulated: HazardFit) -> None:
    logs = simulated.log_ratios
    z = (logs.mean(axis=0) - np.log([3.0, 0.5])) / logs.std(axis=0)
    assert np.abs(z).max() < 3
    assert logs.std(axis=0).max() < 0.2


def test_the_base_rate_of_a_simulated_network_is_recovered(simulated: HazardFit) -> None:
    logs = np.log(simulated.rate_draws())
    assert abs(logs.mean() - np.log(0.2)) < 3 * logs.std()
    with_pact = np.log(simulated.rate_draws({"pact": 1}))
    assert abs(with_pact.mean() - np.log(0.6)) < 3 * with_pact.std()


def test_a_fit_gives_priors_in_the_language_of_network_files(simulated: HazardFit) -> None:
    ratio = RatioBelief.parse(simulated.hazard_ratio("pact")).prior()
    assert ratio.interval(0.9) == pytest.approx(
        simulated.link_prior("pact").interval(0.9), rel=0.01
    )
    rate = RateBelief.parse(simulated.base_rate()).prior(NETWORK.start)
    assert rate.median() == pytest.approx(simulated.base_rate_prior().median(), rel=0.01)
    fc.Link(
        parent="pact", child="aid", kind="multiplies", hazard_ratio=simulated.hazard_ratio("pact")
    )
    with pytest.raises(UnknownNameError, match=r"unknown covariate 'pakt'\. Did you mean 'pact'"):
        simulated.link_prior("pakt")


def test_the_flat_fit_agrees_with_the_bayesian_one_on_much_data(simulated: HazardFit) -> None:
    worlds = fc.simulate(NETWORK, worlds=600, seed=11)
    found = fit_flat(stretches(worlds, "aid", ["pact", "war"]), Columns(covariates=["pact", "war"]))
    apart = simulated.log_ratios.mean(axis=0) - found.draws.mean(axis=0)
    assert np.abs(apart / found.draws.std(axis=0)).max() < 0.25


def test_over_many_simulated_networks_the_errors_are_those_claimed() -> None:
    """z-scores of log hazard ratios over 40 networks: mean 0, variance 1, within five errors."""
    z = []
    for seed in range(20):
        worlds = fc.simulate(NETWORK, worlds=150, seed=100 + seed)
        table = stretches(worlds, "aid", ["pact", "war"])
        found = fit_flat(table, Columns(covariates=["pact", "war"]), draws=16)
        z += [
            (found.mode[name] - np.log(ratio)) / found.standard_error[name]
            for name, ratio in (("pact", 3.0), ("war", 0.5))
        ]
    scores = np.array(z)
    assert abs(scores.mean()) < MONTE_CARLO_Z / np.sqrt(len(scores))
    assert abs(scores.var() - 1) < MONTE_CARLO_Z * np.sqrt(2 / len(scores))


def test_frailties_of_groups_are_found_and_pooled() -> None:
    rng = np.random.default_rng(8)
    frailty = rng.normal(0, 0.8, 12)
    group = np.repeat(np.arange(12), 40)
    pact = rng.integers(0, 2, len(group))
    wait = rng.exponential(1 / (0.3 * np.exp(frailty[group] + 0.7 * pact)))
    table = pd.DataFrame(
        {
            "start": 0.0,
            "stop": np.minimum(wait, 3.0),
            "event": (wait < 3).astype(int),
            "pact": pact,
            "country": [f"c{g:02d}" for g in group],
        }
    )
    priors = HazardPriors(roughness_sd=0, frailty_sd=1.0)
    found = fit(table, Columns(group="country"), priors=priors, pieces=1)
    posterior = found.idata["posterior"]
    drawn = posterior["frailty"].to_numpy().reshape(-1, 12)
    assert np.corrcoef(drawn.mean(axis=0), frailty)[0, 1] > 0.9
    spread = posterior["frailty_sd"].to_numpy()
    assert abs(spread.mean() - 0.8) < 3 * spread.std()
    assert abs(found.table()["log ratio"]["pact"] - 0.7) < 3 * found.table()["sd"]["pact"]


def test_data_that_separate_have_no_flat_estimate() -> None:
    table = pd.DataFrame(
        {"start": 0, "stop": [1, 2, 3, 4], "event": [1, 1, 0, 0], "x": [1, 1, 0, 0]}
    )
    with pytest.raises(GateError, match="no mode: some covariate separates all events"):
        fit_flat(table)


def test_data_that_separate_late_have_no_flat_estimate() -> None:
    """The climb ends where it gains nothing more, before any coefficient has run far."""
    with pytest.raises(GateError, match="no mode: some covariate separates all events"):
        fit_flat(ROSSI.assign(again=ROSSI["arrest"]), ROSSI_COLUMNS)


def test_flat_priors_know_no_groups() -> None:
    with pytest.raises(InputError, match="flat priors know no groups"):
        fit_flat(ROSSI, Columns(stop="week", event="arrest", group="fin"))


def test_a_unit_is_a_span() -> None:
    with pytest.raises(InputError, match="the unit 'weekly' is not a span"):
        fit(ROSSI, ROSSI_COLUMNS, unit="weekly")


def test_the_module_has_a_short_name() -> None:
    assert fc.event_history.fit is fit
