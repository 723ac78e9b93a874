"""The path sampler as an estimate: what it gives, when it is chosen, and what it refuses."""

from typing import Any

import numpy as np
import pytest

from forecast.engine._likelihood import log_likelihoods
from forecast.errors import ContradictionError, InputError
from forecast.estimate import _cost as cost
from forecast.estimate._conflict import smallest_conflict
from forecast.estimate._cost import estimated_costs, reachable_plans
from forecast.estimate._datatree import NO_LOG_LIKELIHOOD
from forecast.estimate._fit import fit
from forecast.estimate._result import Fit, Settings
from forecast.evidence import Count, Evidence, Item, LikelihoodRatio, Observation, Report
from forecast.model._lower import Lowered, lower
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import Posterior, update
from tests.estimate.every_kind import AS_OF, case_of_every_kind

WIDE = 16  # events that one child ties together: more than the exact filter holds
RATE = "20% [5%, 50%] within 6 months"
SHORT = Settings(method="paths", draws=512)


def wide_network() -> Network:
    """Hidden causes of one hidden event, and a ladder beside them."""
    causes = [Event(id=f"cause{k}", kind="onset", public=False, rate=RATE) for k in range(WIDE)]
    return Network(
        name="wide",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            *causes,
            Event(id="effect", kind="onset", public=False, rate=RATE),
            Event(id="law", kind="onset", public=False, rate=RATE),
            Event(id="arms", kind="onset", public=False, rate=RATE),
        ],
        links=[
            *(
                Link(parent=cause.id, child="effect", kind="multiplies", hazard_ratio="x2 [1, 4]")
                for cause in causes
            ),
            Link(parent="law", child="arms", kind="requires"),
            Link(parent="effect", child="arms", kind="multiplies", hazard_ratio="x2 [1, 4]"),
        ],
        source_types=[
            SourceType(
                id="wire", hit_rate="80% [60%, 92%]", false_alarm_rate="10% [3%, 25%]", spread=0.5,
                count_rate_off="10 per year [5, 20]", count_rate_on="30 per year [15, 60]",
            )
        ],
        sources=[
            Source(id="afp", type="wire"),
            *(Source(id=f"own{k}", type="wire") for k in range(WIDE)),
        ],
    )  # fmt: skip


def wide_evidence(*more: Item) -> Evidence:
    reports: list[Item] = [
        Report(id=f"r{k}", event=f"cause{k}", published="2024-04-01", source=f"own{k}", claim="on")
        for k in range(WIDE)
    ]
    last = Report(id="last", event="effect", published="2024-05-01", source="afp", claim="on")
    return Evidence([*reports, last, *more])


def seen(name: str, event: str, day: str, state: str = "on", **fields: Any) -> Observation:
    return Observation(id=name, event=event, published=day, state=state, **fields)


@pytest.fixture(scope="module")
def lowered() -> Lowered:
    return lower(*case_of_every_kind(3), AS_OF)


@pytest.fixture(scope="module")
def fitted(lowered: Lowered) -> Fit:
    return fit(lowered, SHORT)


def test_draws_are_shared_out_over_chains_and_each_has_its_paths(
    fitted: Fit, lowered: Lowered
) -> None:
    assert fitted.shape == (4, 128)
    assert len(fitted.paths) == 512
    for group in lowered.table.groups:
        assert fitted.values[group.name].shape == (4, 128, len(group.labels))
    assert fitted.states is not None
    assert fitted.states.shape == (4, 128, len(lowered.events))


def test_the_log_likelihood_is_that_of_the_draws_with_events_summed_out(
    fitted: Fit, lowered: Lowered
) -> None:
    theta = lowered.theta({name: value[2, :3] for name, value in fitted.values.items()})
    expected = log_likelihoods(lowered.plans(), theta)
    assert fitted.log_likelihood is not None
    np.testing.assert_array_equal(fitted.log_likelihood[2, :3], expected)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_makes_no_difference(
    fitted: Fit, lowered: Lowered, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    day = "2024-10-01"
    expected = Posterior(fitted).table(by=[day])
    monkeypatch.setattr("forecast.threads.cores", lambda: threads)
    again = fit(lowered, SHORT)
    for name, values in fitted.values.items():
        np.testing.assert_array_equal(again.values[name], values)
    np.testing.assert_array_equal(Posterior(again).table(by=[day]), expected)


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    network, evidence = wide_network(), wide_evidence()
    settings = {"as_of": "2024-06-01", "method": "paths", "draws": 64}
    first, second = (update(network, evidence, **settings) for _ in range(2))
    second.curve("arms", dates=["2024-08-01", "2024-09-01"])
    ask = {"event": "effect", "by": "2024-12-31"}
    assert first.probability(**ask).mean == second.probability(**ask).mean


def test_another_seed_gives_other_draws(fitted: Fit, lowered: Lowered) -> None:
    other = fit(lowered, Settings(method="paths", draws=512, seed=2))
    name = lowered.table.groups[0].name
    assert (other.values[name] != fitted.values[name]).any()


def test_more_events_than_the_filter_holds_are_left_to_the_path_sampler() -> None:
    post = update(wide_network(), wide_evidence(), as_of="2024-06-01")
    assert post.method == "paths"
    assert "17 events of unknown state are tied together at once" in post.fitted.note
    assert post.gate.passed, str(post.gate)
    table = post.table(by=["2024-12-31"])["2024-12-31"]
    assert (table["change"].loc[[f"cause{k}" for k in range(WIDE)]] > 0.0).all()
    assert post.fitted.log_likelihood is None
    assert "log_likelihood" not in post.idata.children
    assert post.idata.attrs["no_log_likelihood"] == NO_LOG_LIKELIHOOD


@pytest.mark.parametrize("method", ["importance", "nuts"])
def test_methods_that_need_the_filter_say_so(method: str) -> None:
    with pytest.raises(InputError, match=r"17 events of unknown state .* Use method='paths'"):
        update(wide_network(), wide_evidence(), as_of="2024-06-01", method=method)  # type: ignore[arg-type]


def count(counted: int) -> Count:
    return Count(
        id="flights", event="law", source="afp", published="2024-04-01",
        watched_from="2024-01-10", watched_to="2024-03-30", counted=counted,
    )  # fmt: skip


def test_counts_are_left_to_the_path_sampler() -> None:
    shares = []
    for number in (0, 12):
        post = update(wide_network(), Evidence([count(number)]), as_of="2024-06-01")
        assert post.method == "paths"
        assert "takes no counts" in post.fitted.note
        assert post.gate.passed, str(post.gate)
        shares.append(float(post.probability("law", by="2024-06-01")))
    assert shares[0] + 0.2 < shares[1]


@pytest.mark.parametrize("method", ["importance", "nuts"])
def test_methods_that_need_the_filter_refuse_counts(method: str) -> None:
    with pytest.raises(InputError, match="flights"):
        update(wide_network(), Evidence([count(3)]), as_of="2024-06-01", method=method)  # type: ignore[arg-type]


def test_the_smallest_conflict_is_found_where_the_filter_cannot_reach() -> None:
    clash = (
        seen("armed", "arms", "2024-04-01"),
        seen("lawless", "law", "2024-05-01", "off"),
        LikelihoodRatio(
            id="noise", event="law", published="2024-02-01", likelihood_ratio="x2 [1, 4]"
        ),
    )
    lowered = lower(wide_network(), wide_evidence(*clash), "2024-06-01")
    assert [item.id for item in smallest_conflict(lowered)] == ["armed", "lawless"]


def impossible() -> Lowered:
    network = wide_network()
    events = [event for event in network.events if event.id in {"law", "arms", "effect"}]
    links = [link for link in network.links if not link.parent.startswith("cause")]
    small = network.model_copy(update={"events": tuple(events), "links": tuple(links)})
    items = [seen("armed", "arms", "2024-04-01"), seen("lawless", "law", "2024-05-01", "off")]
    return lower(small, Evidence(items), "2024-06-01")


@pytest.mark.parametrize("method", ["auto", "importance", "nuts", "paths"])
def test_every_method_names_the_items_of_impossible_evidence(method: str) -> None:
    with pytest.raises(ContradictionError, match="these 2 items are impossible together"):
        fit(impossible(), Settings(method=method, draws=64))  # type: ignore[arg-type]


def test_the_cheapest_method_that_can_do_the_job_is_chosen(
    lowered: Lowered, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    settings = Settings(draws=2048)
    assert fit(lowered, settings).method == "importance"
    monkeypatch.setattr(cost, "PER_PRODUCT", 1.0)
    found = fit(lowered, settings, said.append)
    assert found.method == "paths"
    assert "importance sampling would take some" in found.note
    assert said == [found.note, "path sampler"]


def test_it_takes_over_where_importance_sampling_fails(lowered: Lowered) -> None:
    found = fit(lowered, Settings(draws=512))
    assert found.method == "paths"
    assert found.note.startswith("importance sampling failed its gate")
    assert found.note.endswith("the path sampler took over")


def test_nuts_takes_over_only_where_it_costs_less(lowered: Lowered) -> None:
    plans = reachable_plans(lowered)
    costs = estimated_costs(lowered, plans, Settings())
    assert costs.paths < costs.nuts < np.inf
    beyond = estimated_costs(lowered, None, Settings())
    assert beyond.nuts == beyond.importance == np.inf
    assert 0 < beyond.paths <= costs.paths  # the items' probabilities by the filter are left out


def test_a_network_without_uncertain_numbers_is_sampled_too() -> None:
    network = Network(
        name="sure",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[Event(id="plot", kind="onset", public=False, rate="0.5 per year")],
        source_types=[SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)],
        sources=[Source(id="afp", type="wire")],
    )
    post = update(network, Evidence([]), as_of="2024-06-01", method="paths", draws=256)
    assert post.gate.passed, str(post.gate)
    p = post.probability("plot", by="2024-06-01")
    assert p.mean == pytest.approx(1 - np.exp(-0.5 * 153 / 365.25), rel=1e-12)
