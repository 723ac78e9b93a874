"""The path sampler and the exact filter are two ways to the same posterior and forecasts."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from arviz_stats.base import array_stats

from forecast.engine._problem import CAUSES, MULTIPLIES, PREVENTS, REQUIRES
from forecast.estimate._result import Fit
from forecast.evidence import Evidence, Report
from forecast.model._lower import lower
from forecast.network import Network
from forecast.posterior import _outlook as outlook
from forecast.posterior import update
from tests.commit import commit
from tests.estimate.every_kind import AS_OF, END, case_of_every_kind
from tests.model.test_stated_beliefs import stated_case
from tests.tolerances import MONTE_CARLO_Z

MANY = range(36)


def parameter_z(exact: Fit, paths: Fit) -> float:
    """The largest difference of the means of the logarithms of uncertain numbers."""
    largest = 0.0
    for group in exact.lowered.table.groups:
        for column in group.free:
            a, b = (np.log(f.values[group.name][..., column]) for f in (exact, paths))
            size = float(array_stats.ess(b, method="mean"))
            error = np.sqrt(a.var() / min(exact.ess, a.size) + b.var() / min(size, b.size))
            largest = max(largest, abs(float(a.mean() - b.mean())) / float(error))
    return largest


def largest_z(
    network: Network, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> tuple[float, float]:
    """The largest difference of a parameter and of a forecast, in Monte Carlo standard errors."""
    exact = update(network, evidence, as_of=AS_OF, method="importance", draws=8192)
    with monkeypatch.context() as patch:
        patch.setattr(outlook, "EXACT_BITS", -1)  # everything along sampled paths
        paths = update(network, evidence, as_of=AS_OF, method="paths")
        days = [AS_OF, "2024-09-30", END]
        tables = [post.table(by=days) for post in (exact, paths)]
    assert exact.gate.passed, str(exact.gate)
    assert paths.gate.passed, str(paths.gate)
    largest = 0.0
    for day in ("2024-06-30", "2024-09-30", "2024-12-31"):
        one, other = (table[day] for table in tables)
        error = np.hypot(one["mcse"], other["mcse"])
        difference = (one["mean"] - other["mean"]).abs()
        assert (difference[error == 0] == 0).all()
        if (error > 0).any():
            largest = max(largest, float((difference[error > 0] / error[error > 0]).max()))
    return parameter_z(exact.fitted, paths.fitted), largest


def test_they_agree_on_pools_and_on_rates_while_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert max(largest_z(*stated_case(), monkeypatch)) < MONTE_CARLO_Z


@pytest.mark.parametrize("seed", [0, 3, 6])
def test_they_agree_on_a_random_network(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network, evidence = case_of_every_kind(seed)
    assert max(largest_z(network, evidence, monkeypatch)) < MONTE_CARLO_Z


@pytest.mark.slow
def test_they_agree_on_many_random_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    found, kinds, links, copies = {}, set(), set(), 0
    for seed in MANY:
        network, evidence = case_of_every_kind(seed)
        kinds |= {item.kind for item in evidence}
        copies += sum(bool(item.derived_from) for item in evidence if isinstance(item, Report))
        links |= set(lower(network, evidence, AS_OF).structure.link_kind.tolist())
        found[f"random {seed}"] = largest_z(network, evidence, monkeypatch)
    result = {
        "version": version("eventcast"),
        "commit": commit(),
        "copies among the items": copies,
        "largest |z| of a parameter, of a forecast": {
            name: [round(z, 2) for z in pair] for name, pair in found.items()
        },
    }
    path = Path(__file__).with_name("paths_agreement_result.json")
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    assert kinds == {"observation", "report", "likelihood_ratio", "forecast", "silence"}
    assert copies > len(MANY) / 2
    assert links == {CAUSES, MULTIPLIES, REQUIRES, PREVENTS}
    assert max(max(pair) for pair in found.values()) < MONTE_CARLO_Z
