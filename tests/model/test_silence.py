"""Silence through the whole library: what it is worth, and that it lowers and never raises."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid

from forecast.errors import ContradictionError, InputError
from forecast.evidence import Evidence, Observation, Silence
from forecast.model._lower import lower
from forecast.model._parameters import Pooled
from forecast.network import Event, Network, Source, SourceType
from forecast.posterior import simulate, update
from tests.tolerances import BASE_POINTS, LOG_PROBABILITY, MONTE_CARLO_Z

RATE, YEARLY = "90% within 1 month", "1 per year"


def border(**of_source: Any) -> Network:
    kind = {"hit_rate": "80%", "false_alarm_rate": "5%"}
    return Network(
        name="border",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id="troops", kind="onset", public=False, rate="30% [10%, 60%] within 6 months"),
            Event(id="office", kind="state", initially=True, rate=YEARLY, off_rate=YEARLY),
        ],
        source_types=[
            SourceType(id="watchers", **kind, report_rate="50% [20%, 80%] within 1 month"),
            SourceType(id="others", **kind),
        ],
        sources=[
            Source(id="isw", type="watchers", **of_source),
            Source(id="satellite", type="watchers", report_rate=RATE),
            Source(id="gossip", type="others"),
        ],
    )  # fmt: skip


def quiet(name: str = "quiet", **fields: Any) -> Silence:
    given = {
        "event": "troops",
        "source": "satellite",
        "published": "2024-05-31",
        "watched_from": "2024-05-01",
        "watched_to": "2024-05-31",
    }
    return Silence(id=name, **{**given, **fields})


def chance(*items: Silence | Observation, event: str = "troops", by: str = "2024-05-31") -> float:
    return update(border(), Evidence(items), as_of="2024-05-31").probability(event, by=by).mean


def test_the_chance_of_silence_falls_with_the_time_on_within_the_window() -> None:
    lowered = lower(border(), Evidence([quiet()]), "2024-05-31")
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    ((off, on),) = lowered.theta(values).factors[0]
    days = 31 / 365.25
    assert off == 1
    assert on == pytest.approx(np.exp(np.log(0.1) * 12 * days), rel=LOG_PROBABILITY)


def test_a_source_without_a_rate_of_its_own_has_its_types_for_a_prior() -> None:
    lowered = lower(border(), Evidence([quiet(source="isw"), quiet("b")]), "2024-05-31")
    group = lowered.table.group("report_rate")
    assert group is not None
    assert group.labels == ("isw", "satellite")
    assert not isinstance(group.priors[0], Pooled)
    assert group.priors[0].median() == pytest.approx(12 * np.log(2))


def test_silence_lowers_an_event_and_says_nothing_of_others() -> None:
    assert chance(quiet()) < chance() - 0.02
    assert chance(quiet(), event="office") == pytest.approx(chance(event="office"), abs=BASE_POINTS)


def test_longer_silence_lowers_more() -> None:
    assert chance(quiet(watched_from="2024-02-01")) < chance(quiet()) - 0.02


@settings(max_examples=15)
@given(start=st.integers(1, 28), length=st.integers(1, 100), by=st.sampled_from(["06", "09", "12"]))
def test_silence_never_raises(start: int, length: int, by: str) -> None:
    day = date(2024, 1, 1) + timedelta(days=start)
    window = {"watched_from": day, "watched_to": day + timedelta(days=length)}
    network, deadline = border(), f"2024-{by}-28"
    silent, without = (
        update(network, Evidence(items), as_of="2024-05-31", draws=256, method="importance")
        for items in ([quiet(**window)], [])
    )
    p, q = (post.probability("troops", by=deadline) for post in (silent, without))
    assert p.mean <= q.mean + MONTE_CARLO_Z * p.mcse


def test_a_source_that_missed_what_happened_is_learned_to_be_slow() -> None:
    on = Observation(id="o", event="troops", published="2024-04-01", state="on")
    table = update(border(), Evidence([on, quiet(source="isw")]), as_of="2024-05-31").sources()
    row = ("isw", "report_rate")
    assert table["mean"][row] < table["prior_mean"][row] - 1
    assert table["items"][row] == 1


def test_a_word_that_ends_a_silence_makes_the_event_certain_and_the_source_quick() -> None:
    on = Observation(id="o", event="troops", published="2024-05-05", state="on")
    early = quiet(source="isw", watched_from="2024-05-05", watched_to="2024-05-08", claim="on")
    post = update(border(), Evidence([on, early]), as_of="2024-05-31")
    table, row = post.sources(), ("isw", "report_rate")
    assert table["mean"][row] > table["prior_mean"][row] + 1
    alone = update(border(), Evidence([quiet(claim="on")]), as_of="2024-05-31")
    assert alone.probability("troops", by="2024-05-31").mean == 1


def test_a_word_that_ends_a_silence_contradicts_an_event_seen_off_later() -> None:
    off = Observation(id="o", event="troops", published="2024-06-05", state="off")
    with pytest.raises(ContradictionError, match=r"'quiet'.*ended as its source saw .*'troops'"):
        Evidence([off, quiet(claim="on")]).check(border())


def test_a_broken_silence_has_the_density_of_the_first_word() -> None:
    """Over all times of its end, and no end, what a watch can tell has probability one."""
    lowered = lower(border(), Evidence([quiet()]), "2024-05-31")
    values = lowered.table.from_z(np.zeros((1, lowered.table.dimensions)))
    rate = values["report_rate"][0, 0]
    days = np.linspace(0, 31, 400)

    def chance_while_on(silence: Silence) -> float:
        lowered = lower(border(), Evidence([silence]), "2024-05-31")
        return float(lowered.theta(values).factors[0, 0, 1])

    start = datetime(2024, 5, 1, tzinfo=UTC)
    ends = [quiet(watched_to=start + timedelta(days=d), claim="on") for d in days[1:]]
    densities = np.array([rate, *map(chance_while_on, ends)])
    total = trapezoid(densities, days / 365.25) + chance_while_on(quiet())
    assert total == pytest.approx(1, abs=1e-4)


def test_simulated_sources_are_silent_as_often_as_their_rate_says() -> None:
    template = Evidence([quiet(watched_from="2024-01-01")])
    worlds = simulate(border(), worlds=1500, seed=4, evidence=template)
    told = [item for world in worlds for item in world.evidence if isinstance(item, Silence)]
    silent = np.array([item.claim is None for item in told])
    off = np.array([not w.on("troops", "2024-05-31") for w in worlds])
    assert len(told) == len(worlds)
    assert silent[off].all()
    assert 0 < silent[~off].mean() < 0.5
    waits = [
        (item.window[1] - world.jumps["troops"][0]) / timedelta(days=365.25)
        for item, world in zip(told, worlds, strict=True)
        if item.claim
    ]
    rate = -np.log(0.1) * 12
    assert min(waits) >= 0
    assert np.mean(waits) == pytest.approx(1 / rate, rel=MONTE_CARLO_Z / np.sqrt(len(waits)))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"watched_to": "2024-06-30"}, "would see the future"),
        ({"watched_from": "2024-06-01", "watched_to": "2024-05-01"}, "is empty"),
        ({"speaks_of": "2024-05-31"}, "a silence speaks of its window"),
        ({"claim": "off"}, r"claim: must be on \(got 'off'\)"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(fields: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        quiet(**fields)


def test_a_silence_of_a_source_without_a_report_rate_is_refused() -> None:
    with pytest.raises(InputError, match=r"neither source 'gossip' nor its type 'others'"):
        Evidence([quiet(source="gossip")]).check(border())


def test_a_silence_from_before_the_start_is_refused() -> None:
    with pytest.raises(InputError, match=r"watched_from: .*before the network .*'2023-12-01'"):
        Evidence([quiet(watched_from="2023-12-01")]).check(border())
