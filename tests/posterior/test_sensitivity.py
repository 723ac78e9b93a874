"""What a forecast leans on, against setting the number in the network itself."""

import numpy as np
import pytest

from forecast.errors import QueryError
from forecast.evidence import Evidence, LikelihoodRatio, Report
from forecast.network import (
    Event,
    Link,
    Network,
    ProbabilityBelief,
    RateBelief,
    Source,
    SourceType,
)
from forecast.posterior import Posterior, prior, update
from forecast.posterior import _given as given
from forecast.posterior import _sensitivity as sensitivity
from tests.networks import demo_evidence, demo_network
from tests.tolerances import COHERENT, MONTE_CARLO_Z, STEP_GRID

AS_OF, YEAR_END = "2024-04-01", "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)


@pytest.fixture(scope="module")
def table(post: Posterior):  # type: ignore[no-untyped-def]
    return post.sensitivity("arms", by=YEAR_END)


def alone(rate: str = "40% [20%, 70%] within 1 year") -> Network:
    return Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="pact", kind="onset", rate=rate),
            Event(id="other", kind="onset", rate="10% [5%, 20%] within 1 year"),
        ],
    )


def test_a_lone_rate_has_its_closed_form() -> None:
    network = alone()
    table = prior(network, draws=512).sensitivity("pact", by=YEAR_END)
    rates = network.event("pact").rate.prior(network.start).interval(0.9)
    low, high = (1 - np.exp(-rate * 366 / 365.25) for rate in rates)
    found = table.loc[("base_rate", "pact")]
    assert found["at_5%"] == pytest.approx(low, abs=STEP_GRID)
    assert found["at_95%"] == pytest.approx(high, abs=STEP_GRID)
    assert found["swing"] == pytest.approx(high - low, abs=2 * STEP_GRID)
    assert found["share"] > 0.95
    assert (found[["at_5%_mcse", "at_95%_mcse", "swing_mcse"]] < COHERENT).all()
    assert table.loc[("base_rate", "other"), "swing"] == 0
    assert abs(table.loc[("base_rate", "other"), "share"]) < 0.1


@pytest.mark.parametrize("tail", ["at_5%", "at_95%"])
@pytest.mark.parametrize(
    ("group", "name"), [("base_rate", "troops"), ("initial_probability", "secret")]
)
def test_a_number_set_is_a_network_with_that_number(
    table,  # type: ignore[no-untyped-def]
    group: str,
    name: str,
    tail: str,
) -> None:
    network = demo_network()
    event = network.event(name)
    field, belief = ("rate", event.rate) if group == "base_rate" else ("initially", event.initially)
    kind = RateBelief if field == "rate" else ProbabilityBelief
    prior_of = belief.prior(network.start) if field == "rate" else belief.prior()  # type: ignore[union-attr,call-arg]
    number = prior_of.interval(0.9)[tail == "at_95%"]
    words = f"{number:.12g} per year" if field == "rate" else f"{number:.12g}"
    fixed = event.model_copy(update={field: kind.parse(words)})
    events = [fixed if each.id == name else each for each in network.events]
    set_so = Network(**{**dict(network), "events": events})
    expected = update(set_so, demo_evidence(), as_of=AS_OF, draws=2048).probability(
        "arms", by=YEAR_END
    )
    found = table.loc[(group, name)]
    error = np.hypot(found[f"{tail}_mcse"], expected.mcse)
    assert abs(found[tail] - expected.mean) < MONTE_CARLO_Z * error


def test_to_sweep_only_what_changed_is_to_sweep_everything(
    post: Posterior,
    table,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sensitivity.Uses, "differ", lambda *_: True)
    everything = post.sensitivity("arms", by=YEAR_END).loc[table.index]
    for column in ("at_5%", "at_95%", "swing"):
        np.testing.assert_allclose(everything[column], table[column], atol=1e-9)


def test_the_widest_swing_stands_first_with_its_own_error(table) -> None:  # type: ignore[no-untyped-def]
    assert table["swing"].abs().is_monotonic_decreasing
    np.testing.assert_allclose(table["at_95%"] - table["at_5%"], table["swing"])
    apart = np.hypot(table["at_5%_mcse"], table["at_95%_mcse"])
    assert (table["swing_mcse"] <= apart * np.sqrt(2) + 1e-12).all()
    assert (table["swing_mcse"].to_numpy()[-5:] < apart.to_numpy()[-5:]).all()


def test_evidence_takes_from_a_prior_what_it_settles() -> None:
    network = alone("40% [5%, 95%] within 1 year")
    strong = LikelihoodRatio(
        id="l", event="pact", published="2024-06-30", speaks_of=YEAR_END, likelihood_ratio="x200"
    )
    told = update(network, Evidence([strong]), as_of="2024-06-30", draws=1024)
    untold = update(network, Evidence([]), as_of="2024-06-30", draws=1024)
    swings = [
        p.sensitivity("pact", by=YEAR_END).loc[("base_rate", "pact"), "swing"]
        for p in (told, untold)
    ]
    assert 0 < swings[0] < swings[1]


def test_what_cannot_be_moved_says_why(post: Posterior) -> None:
    with pytest.raises(QueryError, match="Did you mean 'arms'"):
        post.sensitivity("army", by=YEAR_END)


def test_beyond_the_exact_filter_paths_tell_the_same(
    post: Posterior,
    table,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(given, "MOST_BITS", 1)
    other = post.sensitivity("arms", by=YEAR_END).loc[table.index]
    for column in ("at_5%", "at_95%", "swing"):
        error = np.hypot(table[f"{column}_mcse"], other[f"{column}_mcse"])
        assert ((table[column] - other[column]).abs() < MONTE_CARLO_Z * error + STEP_GRID).all()


def test_a_forecast_that_no_number_moves_has_no_shares() -> None:
    """All numbers are stated without a range, so that all draws are the same."""
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", rate="40% within 1 year")],
        source_types=[SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)],
        sources=[Source(id="afp", type="wire")],
    )
    item = Report(id="r", event="pact", published="2024-03-01", source="afp", claim="on")
    post = update(network, Evidence([item]), as_of=AS_OF, draws=64)
    table = post.sensitivity("pact", by=YEAR_END)
    assert table.empty  # a source of a type without spread has its rates, and no numbers of its own


@pytest.mark.parametrize("kind", ["causes", "multiplies"])
def test_a_chance_while_on_leans_on_itself_and_not_on_the_base_rate(kind: str) -> None:
    field = "extra_rate" if kind == "causes" else "hazard_ratio"
    said = "if on: 60% [40%, 80%] within 1 year"
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="clause", kind="onset", rate="1 per year", initially=True),
            Event(id="pact", kind="onset", rate="10% [3%, 25%] within 1 year"),
        ],
        links=[Link(parent="clause", child="pact", kind=kind, **{field: said})],
    )
    table = prior(network, draws=512).sensitivity("pact", by=YEAR_END)
    assert abs(table.loc[("base_rate", "pact"), "swing"]) < 0.01
    strength = table.loc[(field, network.links[0].id)]
    low, high = (
        1 - np.exp(-rate * 366 / 365.25)
        for rate in RateBelief.parse(said.removeprefix("if on: "))
        .prior(network.start)
        .interval(0.9)
    )
    assert strength["at_5%"] == pytest.approx(low, abs=0.01)
    assert strength["at_95%"] == pytest.approx(high, abs=0.01)


@pytest.mark.parametrize("times", [1, 4])
def test_what_goes_with_nothing_has_no_share_however_often_draws_occur(times: int) -> None:
    rng = np.random.default_rng(3)
    forecast = np.repeat(rng.normal(size=256), times)
    numbers = np.repeat(rng.normal(size=(256, 300)), times, axis=0)
    order = np.argsort(numbers, axis=0, kind="stable")
    share, error = sensitivity.first_order_shares(order, forecast, np.full(256, times))
    assert abs(share.mean()) < 0.006  # 300 shares of spread 0.02; chance gives each 15 / 255
    assert (np.abs(share) < 6 * error + 0.05).all()
