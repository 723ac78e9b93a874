"""What a source is worth is learned from how its words came out."""

import pytest
from scipy import stats
from scipy.special import logit

from forecast.estimate._result import Settings
from forecast.evidence import Evidence, Observation, Report
from forecast.network import Event, Network, Source, SourceType
from forecast.posterior import update
from tests.calibration.sbc import Calibration, calibrate

PAST = [f"past{k}" for k in range(12)]
MANY_WORLDS = 100
FALSE_ALARM = 0.01  # of the whole test, shared out over its rates


def network() -> Network:
    """Twelve open events that come out, one hidden one, and sources of two types."""
    press = SourceType(id="press", hit_rate="70% [45%, 88%]", false_alarm_rate="15% [4%, 40%]")
    party = SourceType(id="party", hit_rate="40% [10%, 80%]", false_alarm_rate="5% [1%, 15%]")
    return Network(
        name="records",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            *(Event(id=name, kind="onset", rate="50% [30%, 70%] within 3 months") for name in PAST),
            Event(id="next", kind="onset", public=False, rate="40% within 6 months"),
        ],
        source_types=[press, party],
        sources=[
            *(Source(id=name, type="press") for name in ("crier", "sage", "crowd", "herd")),
            Source(id="accused", type="party"),
        ],
    )


def said(source: str, event: str, claim: str, day: str = "2024-04-01") -> Report:
    name = f"{source}_{event}"
    return Report(id=name, event=event, published=day, source=source, claim=claim)


def came(event: str) -> Observation:
    return Observation(id=f"seen_{event}", event=event, published="2024-03-02", onset="2024-03-01")


def moved(source: str, claim: str, past: list[Report | Observation]) -> float:
    """By how many log-odds a source's word on the hidden event moves it, after such a past."""
    word = said(source, "next", claim, "2024-06-01")
    ends = []
    for items in ([*past, word], past):
        post = update(network(), Evidence(items), as_of="2024-06-01", draws=2048)
        ends.append(float(logit(post.probability("next", by="2024-06-01").mean)))
    return ends[0] - ends[1]


def test_a_source_that_cried_wolf_three_times_moves_the_next_forecast_less() -> None:
    wolves = [said("crier", name, "on") for name in PAST[:3]]  # none of which came
    assert 0 < moved("crier", "on", wolves) < moved("crier", "on", []) - 0.3


def test_each_cry_of_wolf_costs_something() -> None:
    moves = [moved("crier", "on", [said("crier", name, "on") for name in PAST[:k]]) for k in (1, 3)]
    assert moves[1] < moves[0]


def test_a_source_that_was_right_when_others_were_wrong_moves_it_more() -> None:
    past: list[Report | Observation] = [
        item
        for name in PAST[:3]
        for item in (
            came(name),
            said("sage", name, "on"),
            said("crowd", name, "off"),
            said("herd", name, "off"),
        )
    ]
    assert moved("sage", "on", past) > moved("crowd", "on", past) + 0.2
    assert moved("sage", "on", past) > moved("crier", "on", past)  # of whom nothing is known


def test_a_denial_weighs_what_such_denials_have_been_worth() -> None:
    """Denials of what came teach that a denial is worth little; true ones that it is worth much."""
    lies = [i for name in PAST[:5] for i in (came(name), said("accused", name, "off"))]
    mixed = [*lies, *(said("accused", name, "off") for name in PAST[5:10])]
    honest = [i for name in PAST[:5] for i in (came(name), said("accused", name, "on"))]
    worth = [moved("accused", "off", past) for past in (honest, [], mixed, lies)]
    assert worth[0] < worth[1] - 0.3
    assert worth[1] < worth[3] - 0.1
    assert worth[3] < 0
    assert worth[2] == pytest.approx(worth[3], abs=0.15)  # that it denies what is not so is no news


@pytest.fixture(scope="module")
def found() -> Calibration:
    template = [
        said(source, name, "on", f"2024-0{3 + k % 3}-15")
        for k, name in enumerate(PAST[:6])
        for source in ("crier", "sage", "accused")
    ]
    return calibrate(
        network(),
        Evidence(template),
        as_of="2024-06-30",
        deadlines=[],
        worlds=MANY_WORLDS,
        settings=Settings(method="importance", draws=1024, seed=5),
    )


def test_intervals_of_source_rates_hold_the_truth_nine_times_in_ten(found: Calibration) -> None:
    """Within the binomial's range that holds all six rates with 99%: 80 to 98 of 100 worlds."""
    rates = [
        name for name in found.covered if name.split("[")[0] in {"hit_rate", "false_alarm_rate"}
    ]
    assert len(rates) == 6
    level = FALSE_ALARM / len(rates)
    low, high = stats.binom.interval(1 - level, MANY_WORLDS, 0.9)
    assert (low, high) == (80, 98)
    assert {
        name: int(found.covered[name].sum())
        for name in rates
        if not low <= found.covered[name].sum() <= high
    } == {}


def test_the_rates_are_learned_and_not_just_held() -> None:
    """Intervals that hold the truth are no feat if they stay as wide as the prior's."""
    past = [item for name in PAST for item in (came(name), said("sage", name, "on"))]
    table = update(network(), Evidence(past), as_of="2024-06-30", draws=1024).sources()
    row = table.loc[("sage", "hit_rate")]
    assert row["upper"] - row["lower"] < 0.6 * (row["prior_upper"] - row["prior_lower"])
