from dataclasses import replace

import numpy as np
import pytest

import forecast as fc
from forecast import sampling
from forecast.engine._likelihood import log_likelihoods
from forecast.estimate._fit import fit
from forecast.estimate._nuts import fit_by_nuts
from forecast.estimate._result import Fit, Settings
from forecast.model._lower import Lowered, lower
from tests.model.networks import (
    AS_OF,
    certain_evidence,
    certain_network,
    varied_evidence,
    varied_network,
)
from tests.tolerances import MONTE_CARLO_Z

LONG = Settings(method="nuts", draws=4096, tune=500)
SHORT = Settings(method="nuts", draws=64, tune=100, chains=2)


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(varied_network(), varied_evidence(), AS_OF)


@pytest.fixture(scope="module")
def short(lowered: Lowered) -> Fit:
    return fit_by_nuts(lowered, lowered.plans(), SHORT)


@pytest.fixture(scope="module")
def fitted(lowered: Lowered) -> Fit:
    return fit_by_nuts(lowered, lowered.plans(), LONG, note="why")


def test_draws_are_shared_out_over_chains(fitted: Fit, lowered: Lowered) -> None:
    for group in lowered.table.groups:
        assert fitted.values[group.name].shape == (4, 1024, len(group.labels))
    assert all(stat.shape == (4, 1024) for stat in fitted.stats.values())
    assert (fitted.method, fitted.note) == ("nuts", "why")


def test_numbers_known_exactly_stay_as_they_are(fitted: Fit, lowered: Lowered) -> None:
    group = lowered.table.group("false_alarm_rate")
    assert group is not None
    agency = fitted.values["false_alarm_rate"][..., group.labels.index("agency")]
    assert (agency == 0.05).all()


def test_the_log_likelihood_is_that_of_the_draws(fitted: Fit, lowered: Lowered) -> None:
    theta = lowered.theta({name: value[2, :3] for name, value in fitted.values.items()})
    expected = log_likelihoods(lowered.plans(), theta)
    np.testing.assert_array_equal(fitted.log_likelihood[2, :3], expected)


def test_a_long_run_passes_the_gate(fitted: Fit) -> None:
    assert fitted.gate.passed, str(fitted.gate)
    assert fitted.ess > 400


def z_scores(fitted: Fit, other: Fit) -> list[float]:
    """Differences of the means of the logarithms of all uncertain numbers, in standard errors."""
    scores = []
    for group in fitted.lowered.table.groups:
        for column in group.free:
            a, b = (np.log(f.values[group.name][..., column]) for f in (fitted, other))
            error = np.sqrt(a.var() / min(fitted.ess, a.size) + b.var() / min(other.ess, b.size))
            scores.append(float((a.mean() - b.mean()) / error))
    return scores


def test_nuts_and_importance_sampling_agree(fitted: Fit, lowered: Lowered) -> None:
    other = fit(lowered, Settings(method="importance", draws=4096))
    assert other.gate.passed
    assert max(map(abs, z_scores(fitted, other))) <= MONTE_CARLO_Z


@pytest.mark.slow
def test_nutpie_and_pymc_agree(
    fitted: Fit, lowered: Lowered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "find_spec", lambda _: None)
    other = fit_by_nuts(lowered, lowered.plans(), LONG)
    assert other.gate.passed
    assert max(map(abs, z_scores(fitted, other))) <= MONTE_CARLO_Z


def test_the_same_seed_gives_the_same_draws(short: Fit, lowered: Lowered) -> None:
    second = fit_by_nuts(lowered, lowered.plans(), SHORT)
    for name, values in short.values.items():
        np.testing.assert_array_equal(second.values[name], values)


def test_without_nutpie_pymc_samples(lowered: Lowered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "find_spec", lambda _: None)
    found = fit_by_nuts(lowered, lowered.plans(), SHORT)
    assert found.values["base_rate"].shape == (2, 32, 4)
    assert set(found.stats) == set(sampling.STATS)
    assert np.isfinite(found.log_likelihood).all()


def test_a_short_run_fails_the_gate_for_its_few_effective_draws(short: Fit) -> None:
    failed = {check.name for check in short.gate.checks if not check.passed}
    assert "ess_tail" in failed


def test_where_nothing_is_uncertain_the_numbers_come_back() -> None:
    lowered = lower(certain_network(), certain_evidence(), AS_OF)
    found = fit_by_nuts(lowered, lowered.plans(), SHORT)
    assert found.gate.passed
    assert found.log_likelihood.shape == (2, 32, 5)
    exact = log_likelihoods(lowered.plans(), lowered.theta(lowered.table.from_z(np.zeros((1, 0)))))
    np.testing.assert_array_equal(found.log_likelihood[1, 5], exact[0])


def test_a_network_without_evidence_gives_its_prior_back() -> None:
    pact = fc.Event(id="pact", kind="onset", public=False, rate="0.5 per year [0.2, 1.25]")
    network = fc.Network(name="bare", start="2024-01-01", horizon="2024-12-31", events=[pact])
    lowered = lower(network, fc.Evidence([]), "2024-01-01")
    found = fit_by_nuts(lowered, lowered.plans(), replace(SHORT, draws=2048))
    rates = np.log(found.values["base_rate"])
    error = rates.std() / np.sqrt(min(found.ess, rates.size))
    assert abs(rates.mean() - np.log(0.5)) <= MONTE_CARLO_Z * error
