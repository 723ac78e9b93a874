"""Counts through the library: what they expect, where they are settled, what they teach."""

import numpy as np
import pytest
from scipy import stats

from forecast.engine._likelihood import log_likelihoods
from forecast.errors import InputError
from forecast.evidence import Count, Evidence, Observation, Retraction, Silence
from forecast.model._lower import lower
from forecast.network import Event, Network, Source, SourceType
from forecast.posterior import simulate, update
from tests.tolerances import LOG_PROBABILITY, MONTE_CARLO_Z

AS_OF = "2024-06-30"
LENGTH = 61 / 365.25


def yard(**of_type: str) -> Network:
    rates = {"count_rate_off": "12 per year [6, 24]", "count_rate_on": "60 per year [30, 120]"}
    return Network(
        name="yard",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="hidden", kind="onset", public=False, rate="30% [10%, 60%] within 6 months"),
            Event(id="open", kind="onset", rate="30% [10%, 60%] within 6 months"),
            Event(id="fact", kind="fact", initially="30% [10%, 60%]"),
        ],
        source_types=[
            SourceType(id="series", hit_rate="50%", false_alarm_rate="50%", **rates, **of_type),
            SourceType(id="press", hit_rate="50%", false_alarm_rate="50%"),
        ],
        sources=[
            Source(id="trains", type="series"),
            Source(id="ships", type="series", count_rate_on="100 per year"),
            Source(id="gossip", type="press"),
        ],
    )


def counted(number: int, event: str = "hidden", source: str = "trains", **more: str) -> Count:
    fields = {
        "id": f"n{number}",
        "published": "2024-04-30",
        "watched_from": "2024-03-01",
        "watched_to": "2024-04-30",
        **more,
    }
    return Count(event=event, source=source, counted=number, **fields)


def test_an_open_count_says_how_many_to_expect_off_and_on() -> None:
    lowered = lower(yard(), Evidence([counted(7)]), AS_OF)
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    record = lowered.record
    assert record.tally is not None
    assert (record.tally.tolist(), record.watched.tolist()) == ([7], [True])
    assert record.item_time[0] - record.first_time[0] == pytest.approx(LENGTH)
    expected = lowered.theta(values).factors[0, 0]
    assert expected == pytest.approx([12 * LENGTH, 60 * LENGTH], rel=LOG_PROBABILITY)


@pytest.mark.parametrize(
    ("event", "state", "expected"), [("open", None, 12), ("fact", "on", 60), ("fact", "off", 12)]
)
def test_a_count_of_a_known_time_is_poisson_whatever_else_is_true(
    event: str, state: str | None, expected: float
) -> None:
    seen = [Observation(id="o", event=event, published="2024-06-01", state=state)] if state else []
    lowered = lower(yard(), Evidence([counted(7, event), *seen]), AS_OF)
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    assert lowered.record.tally is not None
    assert (lowered.record.tally.tolist(), lowered.record.watched.tolist()) == ([-1], [False])
    chances = lowered.theta(values).factors[0, 0]
    poisson = stats.poisson.pmf(7, expected * LENGTH)
    assert chances == pytest.approx([poisson, poisson], rel=LOG_PROBABILITY)
    without = lower(yard(), Evidence(seen), AS_OF)
    theirs = without.table.from_z(np.zeros((1, without.table.dimensions)))
    ours, other = (
        log_likelihoods(low.plans(), low.theta(point)).sum()
        for low, point in ((lowered, values), (without, theirs))
    )
    assert ours - other == pytest.approx(np.log(poisson), abs=LOG_PROBABILITY)


def test_a_window_known_in_parts_is_settled_by_the_share_of_its_time() -> None:
    """A hidden onset seen off at the begin of its window, and on a moment later."""
    seen = [
        Observation(id="a", event="hidden", published="2024-03-31T12:00Z", state="off"),
        Observation(id="b", event="hidden", published="2024-03-31T12:00:01Z", state="on"),
    ]
    whole = lower(yard(), Evidence([counted(7), *seen]), AS_OF)
    assert whole.record.counted.all()  # a second of it is not known
    after = counted(7, watched_from="2024-03-31T12:00:01Z")
    before = counted(8, watched_to="2024-03-31T12:00:00Z")
    settled = lower(yard(), Evidence([after, before, *seen]), AS_OF)
    assert [factor.share for factor in settled.factors] == [1.0, 0.0]
    assert not settled.record.counted.any()


def test_counts_of_known_times_teach_the_rates() -> None:
    many = [counted(k, "open", id=f"n{k}", watched_from=f"2024-0{k - 18}-01",
                    watched_to=f"2024-0{k - 18}-28") for k in (19, 20, 21, 22)]  # fmt: skip
    table = update(yard(), Evidence(many), as_of=AS_OF, method="importance").sources()
    off, on = (table.loc[("trains", f"count_rate_{state}")] for state in ("off", "on"))
    assert off["mean"] > 3 * off["prior_mean"]
    assert off["items"] == on["items"] == 4
    error = on["prior_mean"] / 10
    assert on["mean"] == pytest.approx(on["prior_mean"], abs=error)


def test_the_exact_filter_refuses_an_open_count_by_name() -> None:
    evidence = Evidence([counted(7), counted(8, id="other", source="ships")])
    for method in ("importance", "nuts"):
        with pytest.raises(InputError, match=r"'n7', 'other'.*method=\"paths\""):
            update(yard(), evidence, as_of=AS_OF, method=method)


def test_a_source_that_states_no_rates_is_refused_once_for_each() -> None:
    with pytest.raises(InputError, match=r"(?s)count_rate_off.*count_rate_on") as caught:
        Evidence([counted(1, source="gossip")]).check(yard())
    assert len(caught.value.faults) == 2


def test_a_source_has_its_own_rate_or_its_types() -> None:
    lowered = lower(yard(), Evidence([counted(1, source="ships")]), AS_OF)
    groups = [lowered.table.group(f"count_rate_{state}") for state in ("off", "on")]
    assert [group.priors[0].median() for group in groups if group] == pytest.approx([12, 100])


def test_simulated_counts_are_poisson_by_the_share_of_the_time() -> None:
    worlds = simulate(yard(), worlds=1500, seed=2, evidence=Evidence([counted(0)]))
    first, last = counted(0).window
    excess, means = [], []
    for world in worlds:
        rates = (world.parameters[f"count_rate_{state}"]["trains"] for state in ("off", "on"))
        off, on = rates
        share = sum((end - begin) / (last - first) for begin, end in world.spells(
            "hidden", first, last))  # fmt: skip
        (item,) = (i for i in world.evidence if isinstance(i, Count))
        means.append(LENGTH * (off * (1 - share) + on * share))
        excess.append(item.counted - means[-1])
    assert np.mean(excess) == pytest.approx(
        0, abs=MONTE_CARLO_Z * np.sqrt(np.mean(means) / len(means))
    )
    assert np.var(excess) == pytest.approx(np.mean(means), rel=0.2)


def test_a_world_keeps_retractions_and_what_they_retract() -> None:
    quiet = Silence(
        id="quiet", event="hidden", source="trains", published="2024-04-30",
        watched_from="2024-03-01", watched_to="2024-04-30",
    )  # fmt: skip
    network = yard(report_rate="50% within 1 month")
    taken_back = Retraction(id="back", event="hidden", published="2024-06-01", retracts=("quiet",))
    (world,) = simulate(network, worlds=1, evidence=Evidence([quiet, taken_back]))
    ids = [{item.id for item in world.evidence.as_of(day)} for day in ("2024-05-01", "2024-07-01")]
    assert "quiet" in ids[0]
    assert "quiet" not in ids[1]


def test_an_open_count_weighs_as_the_integral_over_when_the_event_began() -> None:
    """By the path sampler, against a plain Monte Carlo integral over priors and the onset."""
    item = Evidence([counted(4)])
    found = update(yard(), item, as_of="2024-04-30", draws=2048, seed=3).probability(
        "hidden", by="2024-04-30"
    )
    rng = np.random.default_rng(1)
    lowered = lower(yard(), item, "2024-04-30")
    values = lowered.table.from_z(rng.normal(size=(200_000, lowered.table.dimensions)))
    group = lowered.table.group("base_rate")
    assert group is not None
    onset = rng.exponential(1 / values["base_rate"][:, group.labels.index("hidden")])
    first, last = lowered.record.first_time[0], lowered.record.item_time[0]
    share = np.clip((last - onset) / (last - first), 0, 1)
    off, on = (values[f"count_rate_{state}"][:, 0] * LENGTH for state in ("off", "on"))
    weights = stats.poisson.pmf(4, off * (1 - share) + on * share)
    expected = float(weights[onset <= last].sum() / weights.sum())
    assert abs(found.mean - expected) <= MONTE_CARLO_Z * found.mcse
    assert found.mcse < 0.02
