"""The first network and the news of June 2024, as an analyst would read them, and as its page."""

import re
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import logit

from forecast.evidence import Evidence, Observation, Report
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.posterior import Posterior, Probability, update
from tests.contract.first_network_page import event_rows, percentages
from tests.contract.repository import ROOT
from tests.tolerances import MONTE_CARLO_Z

AS_OF, JULY, DECEMBER = "2024-07-01", "2024-07-31", "2024-12-31"
ENDS = {"by_2024": DECEMBER, "by_2025": "2025-12-31"}
ORIGIN = "ev014"
DONETSK = "dprk_troops_donetsk"


class Readings(NamedTuple):
    """The same evidence, read in several ways."""

    onsets: Posterior
    without_copies: Posterior
    without_chain: Posterior
    marked: Posterior
    naive: Posterior


@pytest.fixture(scope="module")
def readings() -> Readings:
    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = read_evidence(ROOT / "evidence").as_of(AS_OF)
    copies = [item for item in evidence if isinstance(item, Report) and item.derived_from]
    assert len(copies) == 7
    ways = Readings(
        onsets=[i for i in evidence if isinstance(i, Observation) and i.onset is not None],
        without_copies=[item for item in evidence if item not in copies],
        without_chain=[i for i in evidence if i not in copies and i.id != ORIGIN],
        marked=list(evidence),
        naive=[
            item.model_copy(update={"derived_from": (), "check": None}) if item in copies else item
            for item in evidence
        ],
    )
    assert len(ways.onsets) == 3
    posts = Readings(*(update(network, Evidence(items), as_of=AS_OF) for items in ways))
    assert all(post.gate.passed for post in posts)
    return posts


def donetsk(post: Posterior, by: str = JULY) -> Probability:
    return post.probability(DONETSK, by=by)


def shown(text: str) -> tuple[float, float]:
    """Return what the page shows as a probability, and half a unit of its last digit."""
    digits = text.strip("<%")
    decimals = len(digits.partition(".")[2])
    if text.startswith("<"):
        return float(digits) / 200, float(digits) / 200
    return float(digits) / 100, 0.5 * 10.0 ** (-decimals - 2)


def test_the_rumour_of_june_weighs_as_one_story(readings: Readings) -> None:
    said = [donetsk(post) for post in (readings.without_copies, readings.marked, readings.naive)]
    without, marked, naive = (float(logit(p.mean)) for p in said)
    errors = [p.mcse / (p.mean * (1 - p.mean)) for p in said]
    noise = 3 * float(np.hypot(*errors[:2]))  # both by paths: three errors of the difference
    assert noise < 1
    assert -noise < marked - without < (naive - without) / 10 + noise
    assert naive - without > 2


def test_the_four_main_events_stay_unlikely_and_the_treaty_is_known(readings: Readings) -> None:
    table = readings.marked.table(by=[DECEMBER])[DECEMBER]
    assert table.loc["dprk_russia_treaty", "mean"] == 1.0
    main = [DONETSK, "rok_lethal_exports", "nato_rok_pact", "nato_asia_pacificization"]
    assert (table.loc[main, "mean"] < 0.25).all()
    assert (table.loc[main, "change"] > -0.02).all()


def test_the_page_says_what_the_chain_of_june_moves(readings: Readings) -> None:
    before_july, after_july, before, after = percentages(
        r"takes `dprk_troops_donetsk` by the end of July from # to #, and by the end of 2024 "
        r"from # to #"
    )
    naive_july, naive = percentages(r"arrived at # by the end of July and # by the end of 2024")
    claims = [
        (readings.without_chain, JULY, before_july),
        (readings.marked, JULY, after_july),
        (readings.without_chain, DECEMBER, before),
        (readings.marked, DECEMBER, after),
        (readings.naive, JULY, naive_july),
        (readings.naive, DECEMBER, naive),
    ]
    for post, by, text in claims:
        found = donetsk(post, by)
        value, rounding = shown(text)
        assert abs(found.mean - value) <= rounding + MONTE_CARLO_Z * found.mcse, (by, text)


def test_the_coding_guide_says_what_the_chain_moves(readings: Readings) -> None:
    guide = (ROOT / "docs" / "coding-guide.md").read_text(encoding="utf-8")
    said = re.search(
        r"by the end of July from ([\d.]+%) to ([\d.]+%)\. Eight independent reports would have "
        r"made it ([\d.]+%)",
        guide,
    )
    assert said is not None
    ways = (readings.without_chain, readings.marked, readings.naive)
    for post, text in zip(ways, said.groups(), strict=True):
        value, rounding = shown(text)
        found = donetsk(post)
        assert abs(found.mean - value) <= rounding + MONTE_CARLO_Z * found.mcse, text


def test_the_page_says_what_the_network_implies_for_the_ends_of_both_years(
    readings: Readings,
) -> None:
    table = readings.onsets.table(by=list(ENDS.values()))
    wrong = {}
    for row in event_rows():
        event = row.event.split("`")[1]
        for column, by in ENDS.items():
            text = getattr(row, column)
            mean, mcse = (table.loc[event, (by, name)] for name in ("mean", "mcse"))
            if text == "on":
                near = mean == 1.0
            else:
                value, rounding = shown(text)
                near = abs(mean - value) <= rounding + MONTE_CARLO_Z * mcse
            if not near:
                wrong[event, by] = (text, mean)
    assert wrong == {}
