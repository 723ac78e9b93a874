"""What a forecast of a path-sampled run leans on, against the exact filter and set numbers."""

import numpy as np
import pytest

from forecast.evidence import Count, Evidence, Report
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import _shifted as shifted
from forecast.posterior import update
from tests.random_models import AS_OF, random_case

YEAR_END = "2024-12-31"
Z = 4.0  # bound on a difference over its stated error
ROUGH = 0.7  # Pareto k above which an answer says of itself that it is rough
LEAST = 1e-4  # absolute: what the filter's steps may be wrong by
WIRE = SourceType(
    id="wire",
    hit_rate="80% [60%, 90%]",
    false_alarm_rate="10% [5%, 20%]",
    count_rate_off="1 per month [0.5, 2]",
    count_rate_on="4 per month [2, 8]",
    spread=0.5,
)


def counted(plot: str = "40% [20%, 60%] within 1 year") -> Network:
    """A secret onset that a count tells of, a public one that it makes likelier, and one apart."""
    return Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="plot", kind="onset", public=False, rate=plot),
            Event(id="strike", kind="onset", rate="20% [10%, 40%] within 1 year"),
            Event(id="apart", kind="onset", public=False, rate="20% [10%, 40%] within 1 year"),
        ],
        links=[
            Link(
                parent="plot", child="strike", kind="causes", extra_rate="if on: 60% within 1 year"
            )
        ],
        source_types=[WIRE],
        sources=[Source(id=name, type="wire") for name in ("afp", "reuters")],
    )


def news() -> Evidence:
    return Evidence(
        [
            Report(id="r", event="plot", published="2024-04-01", source="reuters", claim="on"),
            Count(
                id="week",
                event="plot",
                source="afp",
                published="2024-05-01",
                watched_from="2024-04-01",
                watched_to="2024-04-30",
                counted=3,
            ),
        ]
    )


@pytest.mark.parametrize("seed", [3, 5, 12, 21])
def test_random_networks_lean_on_what_the_exact_filter_finds(seed: int) -> None:
    network, evidence = random_case(seed)
    exact = update(network, evidence, as_of=AS_OF, draws=1024, method="importance")
    post = update(network, evidence, as_of=AS_OF, draws=1024, method="paths")
    for event in ("e0", "e1"):
        one = exact.sensitivity(event, by=YEAR_END)
        other = post.sensitivity(event, by=YEAR_END).loc[one.index]
        assert list(one.columns) == list(other.columns)
        fine = (one["khat"] < ROUGH) & (other["khat"] < ROUGH)
        assert fine.mean() > 0.5
        for column in ("at_5%", "at_95%", "swing"):
            error = np.hypot(one[f"{column}_mcse"], other[f"{column}_mcse"])
            gap = (one[column] - other[column]).abs()[fine]
            assert (gap < Z * error[fine] + LEAST).all()
        assert (other["effective"] <= post._draws.effective + 1e-6).all()


def test_a_network_with_a_count_leans_on_the_numbers_that_it_is_set_to() -> None:
    post = update(counted(), news(), as_of=AS_OF, draws=1024)
    assert post.method == "paths"
    table = post.sensitivity("strike", by=YEAR_END)
    belief = counted().event("plot").rate
    low, high = belief.prior(counted().start).interval(0.9)
    for number, column in ((low, "at_5%"), (high, "at_95%")):
        words = f"{number:.12g} per year"
        there = update(counted(words), news(), as_of=AS_OF, draws=1024).probability(
            "strike", by=YEAR_END
        )
        found = table.loc[("base_rate", "plot")]
        error = np.hypot(found[f"{column}_mcse"], there.mcse)
        assert abs(found[column] - there.mean) < Z * error
    assert table.loc[("base_rate", "apart"), "swing"] == 0.0
    assert table.loc[("base_rate", "apart"), "swing_mcse"] == 0.0
    assert abs(table.loc[("count_rate_on", "afp"), "swing"]) > 0.02


@pytest.mark.parametrize("public", [False, True])
def test_a_lone_rate_has_its_closed_form(*, public: bool) -> None:
    rate = "40% [20%, 70%] within 1 year"
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", public=public, rate=rate)],
    )
    post = update(network, Evidence([]), as_of="2024-07-01", draws=1024, method="paths")
    found = post.sensitivity("pact", by=YEAR_END).loc[("base_rate", "pact")]
    rates = network.event("pact").rate.prior(network.start).interval(0.9)
    left = (366 - (183 if public else 0)) / 365.25
    for value, column in zip(rates, ("at_5%", "at_95%"), strict=True):
        gap = abs(found[column] - (1 - np.exp(-value * left)))
        assert gap < Z * found[f"{column}_mcse"] + 1e-9


def test_events_at_rest_change_nothing_that_is_asked() -> None:
    post = update(counted(), news(), as_of=AS_OF, draws=256, method="paths")
    marks = post._draws.along.sampler.marks
    still = shifted._idle(marks, {1, 0})
    own = slice(marks.first_mark[2], marks.first_mark[3])
    assert (still.mark_known[own] == -1).all()
    assert (
        np.delete(still.mark_known, np.r_[own]) == np.delete(marks.mark_known, np.r_[own])
    ).all()
