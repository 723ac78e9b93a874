"""`posterior_from`: the draws of an extended model, asked of the events."""

from functools import cache

import numpy as np
import pymc as pm
import pytest
import xarray as xr

import forecast as fc
from tests.tolerances import MONTE_CARLO_Z

AS_OF, BY = "2024-06-30", "2024-12-31"
TRIED, CAME = 12, 9


@cache
def network() -> fc.Network:
    """Two onsets of which one drives the other, and a source."""
    return fc.Network(
        name="talks",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="talks", kind="onset", rate="50% [25%, 75%] within 6 months"),
            fc.Event(id="deal", kind="onset", public=False, rate="10% [4%, 22%] within 6 months"),
        ],
        links=[fc.Link(parent="talks", child="deal", kind="multiplies", hazard_ratio="x4 [2, 8]")],
        source_types=[
            fc.SourceType(
                id="wire", hit_rate="80% [60%, 92%]", false_alarm_rate="10% [3%, 25%]", spread=0.5
            )
        ],
        sources=[fc.Source(id="afp", type="wire")],
    )


EVIDENCE = fc.Evidence(
    [
        fc.Observation(id="o1", event="talks", published="2024-02-10", onset="2024-02-10"),
        fc.Report(id="r1", event="deal", published="2024-04-02", source="afp", claim="on"),
    ]
)


@cache
def sampled() -> xr.DataTree:
    """Draws of the model with a survey of past talks added."""
    with fc.build_model(network(), EVIDENCE, as_of=AS_OF) as model:
        deal = list(model.coords["event"]).index("deal")
        rate = model["base_rate"][deal] * model["hazard_ratio"][0]
        pm.Binomial("survey", n=TRIED, p=1 - pm.math.exp(-rate * 0.5), observed=CAME)
        return pm.sample(
            1000, tune=500, chains=2, cores=1, random_seed=1, progressbar=False, quiet=True
        )


def weighed(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Chances of the deal under draws of the plain posterior, and how the survey weighs them."""
    plain = fc.update(
        network(), EVIDENCE, as_of=AS_OF, draws=1024, method="importance", seed=seed
    ).idata
    drawn, told = plain["posterior"], plain["predictions"]["probability"]
    rate = drawn["base_rate"].sel(event="deal") * drawn["hazard_ratio"].isel(link=0)
    p = 1 - np.exp(-rate.to_numpy().ravel() * 0.5)
    chance = told.sel(event="deal").isel(date=-1).to_numpy().ravel()
    return chance, p**CAME * (1 - p) ** (TRIED - CAME)


def test_it_is_what_the_plain_posterior_says_once_weighed_by_what_was_added() -> None:
    chances, weights = np.concatenate([weighed(seed) for seed in range(4)], axis=1)
    expected = float(chances @ weights / weights.sum())
    error = np.sqrt(((weights * (chances - expected)) ** 2).sum()) / weights.sum()
    plain = float(chances.mean())
    found = fc.posterior_from(sampled(), network(), EVIDENCE, as_of=AS_OF).probability(
        "deal", by=BY
    )
    both = np.hypot(error, found.mcse)
    assert abs(found.mean - expected) < MONTE_CARLO_Z * both
    assert abs(plain - expected) > 2 * MONTE_CARLO_Z * both  # the survey tells


def test_every_question_is_answered_from_the_same_draws() -> None:
    post = fc.posterior_from(sampled(), network(), EVIDENCE, as_of=AS_OF)
    table = post.table(by=[BY])
    assert list(table.index) == ["talks", "deal"]
    rate = sampled()["posterior"]["base_rate"].sel(event="deal").to_numpy()
    np.testing.assert_array_equal(post.idata["posterior"]["base_rate"].sel(event="deal"), rate)
    assert post.method == "extended"
    (row,) = post.explain("deal", by=BY).loc[["r1"]].to_dict("records")
    assert row["in_order"] > 0


def test_the_gate_is_that_of_the_chains() -> None:
    tree = sampled()
    post = fc.posterior_from(tree, network(), EVIDENCE, as_of=AS_OF)
    names = [check.name for check in post.gate.checks]
    assert names == ["rhat", "ess_bulk", "ess_tail", "divergences", "bfmi"]
    assert post.gate.passed
    apart = tree["posterior"].to_dataset().copy(deep=True)
    apart["base_rate"] = apart["base_rate"] * xr.DataArray([1.0, 4.0], dims="chain")
    stuck = fc.posterior_from(
        xr.DataTree.from_dict({"posterior": apart}), network(), EVIDENCE, as_of=AS_OF
    )
    assert not stuck.gate.passed
    few = xr.DataTree.from_dict({"posterior": tree["posterior"].to_dataset().isel(chain=[0])})
    assert fc.posterior_from(few, network(), EVIDENCE, as_of=AS_OF).gate.passed


def test_the_order_of_labels_does_not_matter() -> None:
    draws = sampled()["posterior"].to_dataset()
    turned = xr.DataTree.from_dict({"posterior": draws.isel(event=[1, 0])})
    plain = xr.DataTree.from_dict({"posterior": draws})
    one, other = (
        fc.posterior_from(tree, network(), EVIDENCE, as_of=AS_OF).probability("deal", by=BY).mean
        for tree in (turned, plain)
    )
    assert one == other


def test_draws_of_something_else_are_refused() -> None:
    draws = sampled()["posterior"].to_dataset()

    def refused(data: xr.Dataset, why: str, group: str = "posterior") -> None:
        with pytest.raises(fc.InputError, match=why):
            fc.posterior_from(
                xr.DataTree.from_dict({group: data}), network(), EVIDENCE, as_of=AS_OF
            )

    refused(draws, "no group 'posterior'", "prior")
    refused(draws.drop_vars("hit_rate"), "'hit_rate' is not among them")
    refused(draws.isel(event=[0]), "'base_rate' lacks 'deal'")
    refused(draws.isel(draw=[]), "draws along it")
    refused(draws.assign(base_rate=draws["base_rate"] * np.nan), "not finite")
    sure = fc.Network(
        name="sure",
        start="2024-01-01",
        horizon=BY,
        events=[fc.Event(id="talks", kind="onset", rate="50% within 6 months")],
    )
    with pytest.raises(fc.InputError, match="no uncertain number"):
        fc.posterior_from(sampled(), sure, fc.Evidence([]), as_of=AS_OF)


def test_draws_of_a_model_that_observed_other_items_are_refused() -> None:
    more = fc.Report(id="r2", event="deal", published="2024-05-02", source="afp", claim="off")
    for evidence, why in (
        (fc.Evidence([*EVIDENCE, more]), "their model did not observe 'r2'"),
        (EVIDENCE.without({"r1"}), "their model observed 'r1'"),
        (
            fc.Evidence([*EVIDENCE.without({"r1"}), more]),
            "their model observed 'r1' and did not observe 'r2'",
        ),
    ):
        with pytest.raises(fc.InputError, match=why):
            fc.posterior_from(sampled(), network(), evidence, as_of=AS_OF)
