"""Importance sampling and NUTS are two ways to the same forecasts."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from forecast.evidence import Evidence
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.network import Network
from forecast.posterior import update
from tests.model.test_stated_beliefs import stated_case
from tests.random_models import AS_OF, random_case
from tests.tolerances import MONTE_CARLO_Z

ROOT = Path(__file__).resolve().parents[2]
END = "2024-12-31"


def largest_z(network: Network, evidence: Evidence, as_of: object) -> float:
    """The largest difference of any event's probability, in Monte Carlo standard errors."""
    tables = []
    for method in ("importance", "nuts"):
        post = update(network, evidence, as_of=as_of, method=method)
        assert post.method == method
        assert post.gate.passed, (method, str(post.gate))
        tables.append(post.table(by=[END])[END])
    error = np.hypot(tables[0]["mcse"], tables[1]["mcse"])
    difference = (tables[0]["mean"] - tables[1]["mean"]).abs()
    assert (difference[error == 0] == 0).all()
    return float((difference[error > 0] / error[error > 0]).max())


def test_they_agree_on_a_random_network() -> None:
    assert largest_z(*random_case(0), AS_OF) < MONTE_CARLO_Z


@pytest.mark.slow
def test_they_agree_on_pools_and_on_rates_while_on() -> None:
    assert largest_z(*stated_case(), AS_OF) < MONTE_CARLO_Z


@pytest.mark.slow
def test_they_agree_on_the_first_network_and_ten_random_ones() -> None:
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    found = {"nato_rok": largest_z(network, read_evidence(ROOT / "evidence"), "2024-07-01")}
    for seed in range(10):
        found[f"random {seed}"] = largest_z(*random_case(seed), AS_OF)
    result = {
        "version": version("eventcast"),
        "largest |z| of any event's probability": {k: round(z, 2) for k, z in found.items()},
    }
    path = Path(__file__).with_name("agreement_result.json")
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    assert max(found.values()) < MONTE_CARLO_Z
