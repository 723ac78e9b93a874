"""What is public is seen as it happens: inference and simulated worlds mean the same by it."""

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np
import pytest

import forecast as fc
from forecast.engine._problem import Parameters
from forecast.engine._relevance import Target
from forecast.engine.paths import make_sampler, states_at
from forecast.evidence import held_history, known_history
from forecast.model._lower import lower
from forecast.posterior._exact import Case, plan_sweep
from forecast.time import parse_instant, years_between
from tests.tolerances import MONTE_CARLO_Z, STEP_GRID

WORLDS = 1500
SWEEPS = 2000
NO_CHANGE_SEEN = 0.5 * np.exp(-4 * 153 / 365.25)  # and P(on) is its share, with the 0.5 of off
AS_OF, LATER = "2024-06-01", "2024-10-01"
SEASONS = [
    {"start": "2024-02-01", "end": "2024-03-15", "weight": 3},
    {"start": "2024-05-10", "end": "2024-12-31", "weight": 0.5},
]


STATE: dict[str, object] = {
    "kind": "state",
    "initially": "40%",
    "rate": "1 per year",
    "off_rate": "4 per year",
}


def network(**event: object) -> fc.Network:
    """One event, and a hidden onset that tells of its past."""
    return fc.Network(
        name="demo",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            fc.Event(id="e", **event),
            fc.Event(id="c", kind="onset", public=False, rate="0.1 per year"),
        ],
        links=[fc.Link(parent="e", child="c", kind="causes", extra_rate="3 per year")],
    )


def combinations() -> Iterator[dict[str, object]]:
    for public, windows in product((True, False), ((), SEASONS)):
        fields = {"public": public, "windows": windows}
        for initially in (False, True):
            yield {"kind": "onset", "rate": "2 per year", "initially": initially, **fields}
        for begun in (False, True, "40%"):
            yield {**STATE, "initially": begun, **fields}
    yield {"kind": "fact", "initially": "40%"}


def name(event: dict[str, object]) -> str:
    words = [event["kind"], "public" if event.get("public") else "hidden", event["initially"]]
    return "-".join(str(word) for word in [*words, *(["windows"] if event.get("windows") else [])])


def chances(net: fc.Network, evidence: fc.Evidence, asked: list[tuple[str, str]]) -> list[float]:
    """P(event on at a date | what was seen by `AS_OF`), the numbers all being fixed."""
    lowered = lower(net, evidence, AS_OF)
    theta = lowered.theta(lowered.table.from_z(np.zeros((1, lowered.table.dimensions))))
    times = [years_between(net.start_instant, parse_instant(date)) for _, date in asked]
    events = [lowered.events.index(event) for event, _ in asked]
    targets = [Target(time, (event,)) for time, event in zip(times, events, strict=True)]
    case = Case(lowered.structure, lowered.record, lowered.now)
    reading = plan_sweep(case, [], targets, np.unique(times), step=1 / 200).read(theta)
    return [
        float(reading.chance(event, time)[0]) for event, time in zip(events, times, strict=True)
    ]


@pytest.mark.parametrize("event", list(combinations()), ids=name)
def test_forecasts_are_calibrated_over_simulated_worlds(event: dict[str, object]) -> None:
    net = network(**event)
    asked = [("e", "2024-03-01"), ("e", AS_OF), ("e", LATER), ("c", AS_OF), ("c", LATER)]
    found: dict[fc.Evidence, list[float]] = {}
    said, came, quiet = [], [], []
    for world in fc.simulate(net, worlds=WORLDS, seed=5):
        seen = world.evidence.as_of(AS_OF)
        key = tuple(seen)
        if key not in found:
            found[key] = chances(net, seen, asked)
        said.append(found[key])
        came.append([world.on(*one) for one in asked])
        quiet.append(len(key) == 0)
    p, y = np.clip(said, 0, 1), np.array(came)  # rounding goes beyond
    for chosen in (np.ones(WORLDS, dtype=bool), np.array(quiet), ~np.array(quiet)):
        gap = (y - p)[chosen].sum(axis=0)
        spread = np.sqrt((p * (1 - p))[chosen].sum(axis=0))
        assert (np.abs(gap) <= MONTE_CARLO_Z * spread + 1e-6).all(), (gap, spread)


def lasting() -> fc.Network:
    """A public state that may be on from the start, and would have ended by now: numbers fixed."""
    event = fc.Event(
        id="e",
        kind="state",
        initially="50%",
        rate="0.000000001 per year",
        off_rate="4 per year",
    )
    return fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[event])


def lasting_chance() -> float:
    return float(NO_CHANGE_SEEN / (NO_CHANGE_SEEN + 0.5))


def test_that_no_change_was_seen_tells_of_the_start() -> None:
    assert lasting_chance() == pytest.approx(0.158, abs=0.0005)
    posterior = fc.update(lasting(), fc.Evidence([]), as_of=AS_OF, seed=1)
    found = posterior.probability("e", by=AS_OF).mean
    assert found == pytest.approx(lasting_chance(), abs=STEP_GRID)


def test_it_tells_the_path_sampler_the_same() -> None:
    lowered = lower(lasting(), fc.Evidence([]), AS_OF)
    theta = Parameters(
        *(field[0] for field in lowered.theta(lowered.table.from_z(np.zeros((1, 0)))))
    )
    sampler = make_sampler(lowered.structure, lowered.record)
    paths, on = sampler.initial(theta, 1), np.zeros(SWEEPS)
    for sweep in range(SWEEPS):
        paths = sampler.sweep(theta, paths, sweep)
        on[sweep] = states_at(paths, lowered.now - 1e-6)[0]
    error = np.sqrt(lasting_chance() * (1 - lasting_chance()) / SWEEPS)
    assert abs(on.mean() - lasting_chance()) < MONTE_CARLO_Z * error


def test_it_tells_what_the_network_itself_would_have_said_of_a_forecast() -> None:
    lowered = lower(lasting(), fc.Evidence([]), AS_OF)
    (found,) = lowered.own.chances([(0, lowered.now)])
    assert found == pytest.approx(lasting_chance(), abs=STEP_GRID)


def test_the_first_change_reveals_the_start() -> None:
    """The end is dated to its day, so the event had been on from the start, and its child knew."""
    worlds = fc.simulate(network(**STATE), worlds=20, seed=1)
    world = next(w for w in worlds if w.initially["e"] and w.jumps["e"])
    day = world.jumps["e"][0].date()
    record = world.evidence.as_of(day)
    start = min(record, key=lambda item: item.speaks_of_instant)
    assert start.speaks_of_instant == world.network.start_instant
    held = held_history(world.network, record, day)["e"]
    assert [(one.end - one.start) * 365.25 for one in held] == pytest.approx([1.0])
    assert held[0].turns is False


def test_two_changes_on_one_day_are_told_apart() -> None:
    fast = {**STATE, "rate": "900 per year", "off_rate": "900 per year"}
    world = fc.simulate(network(**fast), worlds=1, seed=1)[0]
    known = known_history(world.network, world.evidence, "2024-12-31")["e"]
    changes = sum(one.value != other.value for one, other in pairwise(known))
    assert changes == len(world.jumps["e"]) > 100


def test_a_single_sighting_leaves_open_whether_the_state_changed() -> None:
    """Seen off, with nothing said of before: off throughout, or on until some day."""
    gone = fc.Observation(id="gone", event="e", published="2024-05-31", state="off")
    net = network(**{**STATE, "initially": "50%", "rate": "0.000000001 per year"})
    found = chances(net, fc.Evidence([gone]), [("e", "2023-12-31"), ("e", AS_OF), ("c", AS_OF)])
    time = 152 / 365.25  # to the end of its day
    never, ended = 0.5, 0.5 * (1 - np.exp(-4 * time))
    assert found[0] == pytest.approx(ended / (never + ended), abs=STEP_GRID)
    assert found[1] == pytest.approx(0.0, abs=STEP_GRID)


def test_reasons_can_be_asked_of_what_hangs_on_a_start_that_nobody_knows() -> None:
    """The state's own number is among those that the forecast leans on, and time alone tells."""
    ranged = {**STATE, "initially": "40% [20%, 60%]", "off_rate": "4 per year [2, 8]"}
    post = fc.update(network(**ranged), fc.Evidence([]), as_of=AS_OF, draws=512)
    leans = post.sensitivity("c", by=LATER)
    assert leans.loc[("initial_probability", "e"), "swing"] > 0.1
    assert post.explain("c", by=LATER).loc["(time alone)", "in_order"] < -0.1
