"""Evidence of the time after the cut-off, in every query after the path sampler, saved or not."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

import forecast as fc
from forecast.evidence import Count, Item, Report
from forecast.posterior._worlds import _evened

START, AS_OF, BY = "2026-01-01", "2026-05-31", "2026-06-30"
HIT, FALSE_ALARM = 0.8, 0.1
PRIOR = 1 - 0.5 ** (181 / 365.25)  # by 30 June, at a rate of ln 2 a year
TRUTH = PRIOR * HIT / (PRIOR * HIT + (1 - PRIOR) * FALSE_ALARM)
YEAR = 0.003  # of how many days a year has, and the day's end


def predicted(event: str, number: int) -> Report:
    return Report(
        id=f"r{number}", event=event, source="p", claim="on", published="2026-01-31", speaks_of=BY
    )


def network(names: list[str], *, chained: bool) -> fc.Network:
    """Hidden onsets, of which each all but leaves the next one alone, where they are chained."""
    links = [
        fc.Link(parent=first, child=second, kind="multiplies", hazard_ratio="x1.0001")
        for first, second in pairwise(names)
    ]
    return fc.Network(
        name="ahead",
        start=START,
        horizon="2027-12-31",
        events=[
            fc.Event(id=name, kind="onset", known="never", rate="50% within 1 year")
            for name in names
        ],
        links=links if chained else [],
        source_types=[
            fc.SourceType(
                id="paper",
                hit_rate="80%",
                false_alarm_rate="10%",
                spread=0,
                check=0,
                count_rate_off="24 per year",
                count_rate_on="60 per year",
            )
        ],
        sources=[fc.Source(id="p", type="paper")],
    )


@pytest.fixture(scope="module")
def beside_a_count() -> fc.Posterior:
    """Three events that have nothing to do with each other; a count wants the path sampler."""
    items: list[Item] = [
        predicted("a", 1),
        Count(
            id="c", event="b", source="p", published="2026-02-28", counted=3,
            watched_from="2026-02-01", watched_to="2026-02-28",
        ),
    ]  # fmt: skip
    net = network(["a", "b", "c"], chained=False)
    return fc.update(net, fc.Evidence(items), as_of=AS_OF, draws=2048)


@pytest.mark.parametrize("saved", [False, True], ids=["fresh", "saved"])
def test_a_prediction_weighs_in_every_query(
    beside_a_count: fc.Posterior, saved: bool, tmp_path: Path
) -> None:
    post = beside_a_count
    if saved:
        post.save(tmp_path / "post.nc")
        post = fc.read_posterior(tmp_path / "post.nc")
    plain = post.probability("a", by=BY)
    asked = [
        plain,
        post.probability("a", by=BY, given={"c": "on"}),
        post.probability("a", by=BY, given={"c": "off"}),
        post.probability("a", by=BY, do={"c": "on"}),
        post.probability("a", by=BY, do={"b": "off"}),
    ]
    for found in asked:
        assert found.mean == pytest.approx(TRUTH, abs=YEAR + 4 * found.mcse), found
        assert found.mcse < 0.01
    by = post.explain("a", by=BY)
    assert by["probability"].iloc[-1] == pytest.approx(plain.mean, abs=0.01)


def test_what_an_intervention_cannot_reach_goes_on_as_it_was_found() -> None:
    names = [f"e{k}" for k in range(15)]
    items = [predicted(name, k) for k, name in enumerate(names)]
    net = network(names, chained=True)
    post = fc.update(net, fc.Evidence(items), as_of=AS_OF, draws=1024, method="paths")
    found = post.probability("e3", by=BY, do={"e14": "on"})
    assert found.mean == pytest.approx(TRUTH, abs=YEAR + 4 * found.mcse)
    assert found.mcse < 0.01
    upstream = post.probability("e3", by=BY, do={"e0": "on"})  # all are simulated, and weighed
    assert "courses of a draw go with" in upstream.note
    assert upstream.mean == pytest.approx(TRUTH, abs=0.06)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0])
def test_weights_of_few_courses_leave_little_of_the_bias_of_a_ratio(spread: float) -> None:
    """Log-normal weights that go with what is counted, 16 courses a draw; truth in closed form."""
    rng, draws, each = np.random.default_rng(41), 40_000, 16
    z = rng.standard_normal(draws * each)
    weights, held = np.exp(spread * z), z > 0
    draw = np.repeat(np.arange(draws), each)
    truth = norm.cdf(spread)  # the weighed mean of what is held
    evened = _evened(weights, draw, draws)
    assert np.bincount(draw, evened) == pytest.approx(np.ones(draws), abs=1e-12)
    total = np.bincount(draw, weights)[draw]
    plain, better = (float((w * held).sum() / draws) for w in (weights / total, evened))
    noise = 4 * np.sqrt(truth * (1 - truth) * np.exp(spread**2) / (draws * each))
    assert abs(better - truth) <= noise + abs(plain - truth) / 2
