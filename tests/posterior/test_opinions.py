"""Opinions of crowds, markets and forecasters over time: what they move, and what they teach."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

import forecast as fc
from forecast.errors import InputError
from forecast.evidence import Evidence, Forecast, Item, Observation, Report
from forecast.model._lower import lower
from forecast.network import Event, Network, Source, SourceType
from forecast.posterior import Posterior, update
from tests.tolerances import BASE_POINTS, MONTE_CARLO_Z

HORIZON = "2025-12-31"
RESOLVED = 150
CLOSE = 0.1
"""Of κ, on average over eight records: so many questions of a wide range leave a spread of 0.1 in
each, and the prior draws their mean towards one half by some 0.03, by quadrature."""
SAME = 0.01
"""Absolute, on a mean weight of 4096 draws whose own spread is 0.2, some 3 of its errors."""
SIZES = [(0.2, 0.5), (0.2, 0.3), (0.35, 0.6), (0.5, 0.2)]


def network(
    weight: str = "50% [20%, 80%]", *, public: bool = True, several: Sequence[str] = (), **more: Any
) -> Network:
    """One event, a market, and other sources, all of one weight."""
    return Network(
        name="n",
        start="2025-01-01",
        horizon=HORIZON,
        events=[
            Event(id="a", kind="onset", public=public, rate="30% [10%, 55%] within 1 year"),
            *more.get("events", ()),
        ],
        source_types=[
            SourceType(id="t", hit_rate="80% [60%, 92%]", false_alarm_rate="10% [3%, 25%]")
        ],
        sources=[
            Source(id="market", type="t", forecast_weight=weight),
            Source(id="wire", type="t"),
            *(Source(id=s, type="t", forecast_weight=weight) for s in several),
            *more.get("sources", ()),
        ],
    )


def says(q: float, day: str | date = "2025-04-30", **fields: Any) -> Forecast:
    given = {"id": "m", "event": "a", "source": "market", "speaks_of": HORIZON}
    return Forecast(**{**given, "published": str(day), "probability": q, **fields})


def asked(items: Sequence[Item], as_of: str = "2025-04-30", **how: Any) -> Posterior:
    net = how.pop("network", None) or network()
    return update(net, Evidence(items), as_of=as_of, **how)


def chance(
    items: Sequence[Item], as_of: str = "2025-04-30", by: str = HORIZON, **how: Any
) -> float:
    return asked(items, as_of, **how).probability("a", by=by).mean


def weight_of(post: Posterior) -> float:
    row = post.sources().loc[("market", "forecast_weight")]
    return float(row["mean"])


REPORT = Report(id="r", event="a", published="2025-03-01", source="wire", claim="on")
HIDDEN = {"public": False}


def test_a_price_that_stands_still_is_one_price() -> None:
    once = chance([says(0.4)])
    days = [date(2025, 4, 30) - timedelta(days=k) for k in range(100)]
    often = [says(0.4, day, id=f"m{k}") for k, day in enumerate(days)]
    assert chance(often) == once
    assert chance(often[::-1]) == once


@pytest.mark.parametrize("kappa", ["30%", "99.9%"])
def test_a_crowd_that_says_what_the_network_says_moves_nothing_then_or_later(kappa: str) -> None:
    net = network(kappa, **HIDDEN)
    own = chance([REPORT], network=net)
    agrees = says(own)
    second = REPORT.model_copy(update={"id": "r2", "published": "2025-06-01"})
    for items, day in ((), "2025-04-30"), ((), "2025-08-01"), ((second,), "2025-08-01"):
        without = chance([REPORT, *items], day, network=net)
        with_it = chance([REPORT, agrees, *items], day, network=net)
        assert with_it == pytest.approx(without, abs=BASE_POINTS)


def test_a_weight_of_one_takes_the_word_whole() -> None:
    net = network("99.99%", **HIDDEN)
    assert chance([REPORT, says(0.9)], network=net) == pytest.approx(0.9, abs=BASE_POINTS)


def test_news_since_moves_the_networks_own_and_keeps_the_surprise() -> None:
    net = network("60%", **HIDDEN)
    then, bet = chance([], network=net), says(0.5)
    later = REPORT.model_copy(update={"published": "2025-06-01"})
    now = chance([later], "2025-06-01", network=net)
    expected = expit(logit(now) + 0.6 * (logit(0.5) - logit(then)))
    found = chance([bet, later], "2025-06-01", network=net)
    assert found == pytest.approx(expected, abs=2 * BASE_POINTS)


def test_what_was_published_later_does_not_move_the_surprise() -> None:
    def surprise(items: Sequence[Item]) -> float:
        lowered = lower(network(**HIDDEN), Evidence(items), "2025-08-01")
        return next(factor.number for factor in lowered.factors if factor.item == "m")

    bet, later = says(0.5), REPORT.model_copy(update={"published": "2025-06-01"})
    assert surprise([bet, later]) == surprise([bet])
    assert surprise([bet, REPORT]) < surprise([bet]) - 0.5


@pytest.mark.parametrize("base", [0.4, 0.5])  # of which the log-odds are 0
def test_a_stated_base_takes_the_place_of_the_networks_own(base: float) -> None:
    net = network("60%")
    own = chance([], network=net)
    expected = expit(logit(own) + 0.6 * (logit(0.7) - logit(base)))
    found = chance([says(0.7, base=base)], network=net)
    assert found == pytest.approx(expected, abs=BASE_POINTS)


@pytest.mark.parametrize("method", ["importance", "paths"])
@pytest.mark.parametrize("q", [0.02, 0.97])
def test_an_open_opinion_teaches_nothing_of_its_weight(q: float, method: str) -> None:
    post = asked([says(q, "2025-02-01")], "2025-06-01", method=method)
    prior = float(post.sources().loc[("market", "forecast_weight"), "prior_mean"])
    assert weight_of(post) == pytest.approx(prior, abs=SAME)


def test_nor_do_several_nor_a_curve() -> None:
    net = network(several=["club"])
    items = [
        says(0.3, "2025-02-01", id="one", speaks_of="2025-08-31"),
        says(0.9, "2025-02-01", id="two"),
        says(0.8, "2025-03-01", id="club", source="club", speaks_of="2025-10-31"),
    ]
    post = asked(items, "2025-06-01", network=net)
    table = post.sources().xs("forecast_weight", level="rate")
    off = (table["mean"] - table["prior_mean"]).abs()
    assert off.max() < SAME


def test_on_average_over_its_weight_the_forecast_is_shifted() -> None:
    own = chance([])
    prior = [0.5, 0.2, 0.8]
    mu, sigma = logit(prior[0]), (logit(prior[2]) - logit(prior[1])) / 2 / norm.ppf(0.95)
    move = logit(0.9) - logit(own)

    def shifted(z: float) -> float:
        return float(expit(logit(own) + expit(mu + sigma * z) * move) * norm.pdf(z))

    assert chance([says(0.9)]) == pytest.approx(quad(shifted, -8, 8)[0], abs=BASE_POINTS)


def votes(kappa: float, own: float, said: float, seed: int) -> tuple[Network, Evidence]:
    """Resolved questions, of which the market knew so much more than the network."""
    rng = np.random.default_rng(seed)
    q = rng.uniform(min(own, said), max(own, said), RESOLVED)
    happened = rng.random(RESOLVED) < expit(logit(own) + kappa * (logit(q) - logit(own)))
    events = [Event(id=f"v{k}", kind="fact", initially=f"{100 * own:g}%") for k in range(RESOLVED)]
    bets = [
        says(float(x), "2025-02-01", id=f"m{k}", event=f"v{k}", speaks_of="2025-03-01")
        for k, x in enumerate(q)
    ]
    known = [
        Observation(id=f"o{k}", event=f"v{k}", published="2025-03-02", state="on" if on else "off")
        for k, on in enumerate(happened)
    ]
    return network("50% [5%, 95%]", events=events), Evidence([*bets, *known])


def by_quadrature(evidence: Evidence, own: float) -> float:
    """The mean of κ given what was said and what came of it."""
    items = [
        (item, evidence.item(f"o{item.id[1:]}")) for item in evidence if item.kind == "forecast"
    ]
    move = np.array([logit(bet.probability) - logit(own) for bet, _ in items])
    on = np.array([seen.state == "on" for _, seen in items])
    sigma = logit(0.95) / norm.ppf(0.95)

    def density(z: float) -> float:
        p = expit(logit(own) + expit(sigma * z) * move)
        return float(np.exp(np.log(np.where(on, p, 1 - p)).sum() + len(on) / 2) * norm.pdf(z))

    mass = quad(density, -6, 6, limit=200)[0]
    return quad(lambda z: expit(sigma * z) * density(z), -6, 6, limit=200)[0] / mass


@pytest.mark.parametrize(("own", "said"), SIZES)
def test_what_resolved_questions_teach_is_what_quadrature_says(own: float, said: float) -> None:
    net, evidence = votes(0.9, own, said, seed=1)
    post = update(net, evidence, as_of="2025-04-30")
    assert weight_of(post) == pytest.approx(by_quadrature(evidence, own), abs=SAME)


@pytest.mark.slow
@pytest.mark.parametrize("kappa", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(("own", "said"), [(0.1, 0.9), (0.5, 0.95), (0.9, 0.1), (0.2, 0.95)])
def test_the_weight_is_recovered_from_resolved_questions(
    kappa: float, own: float, said: float
) -> None:
    found = []
    for seed in range(8):
        net, evidence = votes(kappa, own, said, seed)
        found.append(weight_of(update(net, evidence, as_of="2025-04-30", draws=1024)))
    assert np.mean(found) == pytest.approx(kappa, abs=CLOSE)


def test_a_copycat_moves_less_than_an_independent_source() -> None:
    second = says(0.6, id="second", source="second")
    found = []
    for independent in (False, True):
        other = Source(id="second", type="t", forecast_weight="50%", independent=independent)
        net = network("50%", sources=[other])
        found.append(chance([says(0.6), second], network=net))
    alone, own = chance([says(0.6)], network=network("50%")), chance([], network=network("50%"))
    expected = [expit(logit(own) + w * (logit(0.6) - logit(own))) for w in (0.5, 0.75, 1.0)]
    np.testing.assert_allclose([alone, *found], expected, atol=BASE_POINTS)


@pytest.mark.parametrize("method", ["importance", "paths"])
def test_a_curve_is_one_opinion_that_shifts_when_the_event_comes(method: str) -> None:
    net, days = network("60%"), ["2025-06-30", "2025-09-30", HORIZON]
    said = [0.3, 0.35, 0.6]
    own = [chance([], by=day, network=net) for day in days]
    curve = [
        says(q, id=f"m{k}", speaks_of=day)
        for k, (q, day) in enumerate(zip(said, days, strict=True))
    ]
    post = asked(curve, network=net, method=method)
    for k, day in enumerate(days):
        expected = expit(logit(own[k]) + 0.6 * (logit(said[k]) - logit(own[k])))
        found = post.probability("a", by=day)
        error = max(BASE_POINTS, MONTE_CARLO_Z * found.mcse)
        assert found.mean == pytest.approx(expected, abs=error)


def test_within_a_segment_of_a_curve_chances_move_in_proportion() -> None:
    net = network("60%")
    ends = ["2025-06-30", HORIZON]
    curve = [
        says(q, id=q_id, speaks_of=day) for q, q_id, day in zip([0.3, 0.5], "xy", ends, strict=True)
    ]
    own, found = (
        [chance(items, by=day, network=net) for day in (ends[0], "2025-09-30", ends[1])]
        for items in ([], curve)
    )
    share = (own[1] - own[0]) / (own[2] - own[0])
    assert (found[1] - found[0]) / (found[2] - found[0]) == pytest.approx(share, abs=0.01)


def test_a_forecast_with_an_informed_opinion_beats_both_alone() -> None:
    """The market and a reporter each see what the other does not: expected Brier scores."""
    prior, seen = 0.4, (0.3, 0.75)  # P(the market's signal | off, on)
    wire = Source(id="exact", type="t", hit_rate="80%", false_alarm_rate="10%")
    fact = Event(id="f", kind="fact", initially=f"{100 * prior:g}%")
    net = network("99.99%", events=[fact], sources=[wire])
    loss = dict.fromkeys(("own", "market", "both"), 0.0)
    for signal, heard in product((0, 1), (0, 1)):
        chances = [seen[on] if signal else 1 - seen[on] for on in (0, 1)]
        heard_if = [says if heard else 1 - says for says in (0.1, 0.8)]
        q = prior * chances[1] / (prior * chances[1] + (1 - prior) * chances[0])
        claim = Report(
            id="r", event="f", published="2025-02-01", source="exact",
            claim="on" if heard else "off",
        )  # fmt: skip
        bet = says(q, "2025-01-15", event="f", speaks_of="2025-03-01")
        said = {"market": q}
        for name, items in {"own": [claim], "both": [claim, bet]}.items():
            post = update(net, Evidence(items), as_of="2025-02-01", draws=256)
            said[name] = post.probability("f", by="2025-02-01").mean
        for name, p in said.items():
            on, off = prior * chances[1] * heard_if[1], (1 - prior) * chances[0] * heard_if[0]
            loss[name] += on * (1 - p) ** 2 + off * p**2
    assert loss["both"] < min(loss["own"], loss["market"]) - 0.01


def test_half_a_year_of_prices_costs_one_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    from forecast.model import _own  # noqa: PLC0415

    made: list[object] = []
    weighted = _own.Own._weighted

    def counted(own: Any) -> Any:
        made.append(own)
        return weighted(own)

    monkeypatch.setattr(_own.Own, "_weighted", counted)
    days = [date(2025, 6, 30) - timedelta(days=k) for k in range(180)]
    bets = [says(0.3 + k / 1000, day, id=f"m{k}") for k, day in enumerate(days)]
    asked(bets, "2025-07-15", draws=256)
    assert len(set(map(id, made))) <= 2  # as of its publication, and as of the cut-off


def test_what_opinions_moved_is_told_in_order_and_left_out() -> None:
    net = network("60% [40%, 80%]", several=["club"], **HIDDEN)
    items = [
        REPORT,
        says(0.7, "2025-04-01"),
        says(0.2, "2025-05-01", id="c", source="club"),
        REPORT.model_copy(update={"id": "r2", "published": "2025-06-01"}),
    ]
    post = asked(items, "2025-07-01", network=net)
    total = logit(post.probability("a", by=HORIZON).mean)
    in_order = post.explain("a", by=HORIZON, order="published")
    assert in_order["in_order"].sum() == pytest.approx(total, abs=SAME)
    assert in_order.loc["r2", "probability"] == pytest.approx(expit(total), abs=2 * SAME)
    left_out = post.explain("a", by=HORIZON, order="left_out")
    for name in ("m", "c"):
        others = [item for item in items if item.id != name]
        moved = total - logit(chance(others, "2025-07-01", network=net))
        assert left_out.loc[name, "leave_one_out"] == pytest.approx(moved, abs=5 * SAME)


def test_simulated_opinions_are_right_as_often_as_they_say() -> None:
    net = network("99.99%", **HIDDEN)
    worlds = fc.simulate(net, worlds=600, seed=3, evidence=Evidence([says(0.6)]))
    said = np.array([next(iter(w.evidence)).probability for w in worlds])
    on = np.array([w.on("a", HORIZON) for w in worlds])
    for q in np.unique(said.round(6)):
        some = on[said.round(6) == q]
        error = np.sqrt(q * (1 - q) / len(some))
        assert abs(some.mean() - q) < MONTE_CARLO_Z * error
    assert len(np.unique(said.round(6))) == 2


def market(**rates: str) -> Network:
    """Return a network with one hidden event and a market whose type has these numbers."""
    return Network(
        name="one",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id="pact", kind="onset", public=False, rate="20% [10%, 35%] within 1 year")],
        source_types=[SourceType(id="crowd", forecast_weight="50% [20%, 80%]", **rates)],
        sources=[Source(id="market", type="crowd")],
    )


def test_a_market_needs_no_rates_of_reports_and_is_asked_for_none() -> None:
    bet = Evidence([
        Forecast(id="bet", event="pact", source="market", published="2024-03-01",
                 speaks_of="2024-12-31", probability=0.5)
    ])  # fmt: skip
    bare, full = (
        fc.update(market(**rates), bet, as_of="2024-03-01", draws=512)
        for rates in ({}, {"hit_rate": "80%", "false_alarm_rate": "10%"})
    )
    by = "2024-12-31"
    assert bare.probability("pact", by=by).mean == full.probability("pact", by=by).mean
    worth = [post.value_of_information("pact", by=by, at="2024-04-01") for post in (bare, full)]
    assert ["market" in set(table["source"]) for table in worth] == [False, True]


def test_a_report_by_a_source_without_rates_is_a_fault_that_says_what_to_state() -> None:
    report = Report(id="r", event="pact", source="market", published="2024-03-01", claim="on")
    told = r"neither source 'market' nor its type 'crowd' states a hit_rate. State how often"
    with pytest.raises(InputError, match=told):
        fc.update(market(), Evidence([report]), as_of="2024-03-01", draws=64)
