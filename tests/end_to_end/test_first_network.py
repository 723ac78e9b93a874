"""The first network and the news of June 2024, as an analyst would read them."""

from pathlib import Path

import pytest
from scipy.special import logit

from forecast.evidence import Evidence, Report
from forecast.files.evidence_file import read_evidence
from forecast.files.network_file import read_network
from forecast.network import Network
from forecast.posterior import update

ROOT = Path(__file__).resolve().parents[2]
AS_OF, JULY = "2024-07-01", "2024-07-31"


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(ROOT / "priors" / "nato_rok.yaml")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence(ROOT / "evidence").as_of(AS_OF)


def donetsk(network: Network, evidence: Evidence) -> float:
    post = update(network, evidence, as_of=AS_OF)
    assert post.gate.passed
    return float(logit(post.probability("dprk_troops_donetsk", by=JULY).mean))


def test_the_rumour_of_june_weighs_as_one_story(network: Network, evidence: Evidence) -> None:
    story = [item for item in evidence if isinstance(item, Report) and item.derived_from]
    assert len(story) == 7
    unmarked = [
        item.model_copy(update={"derived_from": (), "check": None}) if item in story else item
        for item in evidence
    ]
    without = donetsk(network, Evidence([item for item in evidence if item not in story]))
    marked = donetsk(network, evidence)
    naive = donetsk(network, Evidence(unmarked))
    assert 0 < marked - without < (naive - without) / 10
    assert naive - without > 2


def test_the_four_main_events_stay_unlikely_and_the_treaty_is_known(
    network: Network, evidence: Evidence
) -> None:
    table = update(network, evidence, as_of=AS_OF).table(by=["2024-12-31"])["2024-12-31"]
    assert table.loc["dprk_russia_treaty", "mean"] == 1.0
    main = [
        "dprk_troops_donetsk",
        "rok_lethal_exports",
        "nato_rok_pact",
        "nato_asia_pacificization",
    ]
    assert (table.loc[main, "mean"] < 0.25).all()
    assert (table.loc[main, "change"] > -0.02).all()
