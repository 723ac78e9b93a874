"""Numbers stated without a range: one value in every draw, and nothing to converge."""

from math import exp, log

import arviz_stats as az
import numpy as np
import pytest

import forecast as fc
from forecast.estimate._result import uncertain
from forecast.gate import worst
from forecast.model._lower import lower

AS_OF, END = "2024-07-01", "2024-12-31"
METHODS = ("importance", "nuts", "paths")


def network(rate: str, hit: str, spread: float) -> fc.Network:
    kind = fc.SourceType(
        id="wire", title="Wire", hit_rate=hit, false_alarm_rate="10%", spread=spread
    )
    return fc.Network(
        name="constants",
        start="2024-01-01",
        horizon=END,
        events=[fc.Event(id="a", kind="onset", rate=rate, public=False)],
        source_types=[kind],
        sources=[fc.Source(id=name, title=name, type="wire") for name in ("s", "t")],
    )


EVIDENCE = fc.Evidence([fc.Report(id="r", event="a", published=AS_OF, source="s", claim="on")])
ALL_FIXED = network("50% within 1 year", "80%", 0)
RANGED_TYPE = network("50% within 1 year", "80% [60%, 92%]", 0)
MIXED = network("50% [20%, 80%] within 1 year", "80%", 0.5)
NARROW = network("50% [49.9999999999999%, 50.0000000000001%] within 1 year", "80%", 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stated", [ALL_FIXED, NARROW], ids=["fixed", "narrow"])
def test_what_is_fixed_passes_the_gate_and_is_right(method: str, stated: fc.Network) -> None:
    post = fc.update(stated, EVIDENCE, as_of=AS_OF, method=method, draws=512)
    assert post.gate.passed, str(post.gate)
    days = 183 / 365.25  # from the first day to the end of 1 July
    off = exp(-log(2) * days)
    expected = (1 - off) * 0.8 / ((1 - off) * 0.8 + off * 0.1)
    assert post.probability("a", by=AS_OF).mean == pytest.approx(expected, abs=0.06)
    if method != "paths":
        assert post.probability("a", by=AS_OF).mean == pytest.approx(expected, abs=1e-6)
    assert set(post.idata["posterior"].data_vars) <= {"z"}  # nothing uncertain, no draws of it
    post.sensitivity("a", by=END)
    post.sources()
    post.explain("a", by=END)


@pytest.mark.parametrize("method", METHODS)
def test_sources_of_a_type_without_spread_have_its_rate(method: str) -> None:
    post = fc.update(RANGED_TYPE, EVIDENCE, as_of=AS_OF, method=method, draws=512)
    draws = post.idata["posterior"]
    kind = draws["type_hit_rate"].sel(source_type="wire")
    np.testing.assert_allclose(draws["hit_rate"].sel(source="s"), kind, rtol=1e-12)
    assert float(kind.std()) > 0.05
    assert "false_alarm_rate" not in draws.data_vars


@pytest.mark.parametrize("method", METHODS)
def test_arviz_takes_draws_beside_fixed_numbers_without_a_warning(method: str) -> None:
    """A group of which some numbers are fixed and some are not, and groups of either alone."""
    stated = MIXED.model_copy(
        update={
            "events": (
                *MIXED.events,
                fc.Event(id="b", kind="onset", rate="1 per year", public=False),
            )
        }
    )
    post = fc.update(stated, EVIDENCE, as_of=AS_OF, method=method, draws=512)
    summary = az.summary(post.idata)
    mixing = az.rhat(post.idata).to_dataset().to_dataarray()  # of one chain there is none
    assert method == "importance" or np.isfinite(mixing).all()
    assert "base_rate[a]" in summary.index
    assert "base_rate[b]" not in summary.index
    az.ess(post.idata)


def test_a_rate_that_is_its_types_is_no_number_of_its_own() -> None:
    names = lower(RANGED_TYPE, EVIDENCE, AS_OF).table.names()
    assert names == ["type_hit_rate[wire]"]
    assert lower(ALL_FIXED, EVIDENCE, AS_OF).table.names() == []


def test_only_what_was_stated_as_a_range_is_uncertain() -> None:
    varying = {name: at.tolist() for name, at in table(MIXED).varying().items() if len(at)}
    assert varying == {"base_rate": [0], "hit_rate": [0], "false_alarm_rate": [0]}
    assert not any(len(at) for at in table(NARROW).varying().values())


def test_a_range_of_one_value_is_a_chain_that_hangs() -> None:
    of = table(MIXED)
    rng = np.random.default_rng(1)
    values = of.from_z(rng.normal(size=(800, of.dimensions)))
    chains = {name: value.reshape(4, 200, -1) for name, value in values.items()}
    rhat, bulk, tail = worst(uncertain(of, chains))
    assert rhat < 1.02
    assert min(bulk, tail) > 400
    chains["base_rate"][...] = 0.3
    assert worst(uncertain(of, chains)) == (np.inf, 1.0, 1.0)


def table(of: fc.Network):
    return lower(of, EVIDENCE, AS_OF).table
