"""The prior predictive report: what follows from what was stated of an event alone."""

from datetime import date

import numpy as np
import pytest

from forecast.files._reference_class_file import ClassShelf
from forecast.network import Event, Network, ProbabilityBelief
from forecast.workspace._priors import Chance, PriorRow, prior_rows

START, MIDDLE, END = date(2024, 1, 1), date(2024, 6, 30), date(2024, 12, 31)
POINTS = 1e-3
"""How near a mean over the points of the priors comes; the ends of intervals come less near."""
YEARS = [((day - START).days + 1) / 365.25 for day in (MIDDLE, END)]


def rows(*events: Event, draws: int = 512) -> dict[str, PriorRow]:
    """What is told of each node by the middle and the end of a year."""
    network = Network(name="n", start=START, horizon=END, events=events)
    told = prior_rows(network, ClassShelf("nowhere"), [MIDDLE, END], draws=draws)
    return {row.event.id: row for row in told}


def test_the_chance_that_it_ever_comes_is_spread_over_time() -> None:
    pace = {"kind": "onset", "pace": "half of it within 4 months"}
    exact, vague = (
        rows(Event(id="e", ever=ever, **pace))["e"].own for ever in ("45%", "45% [20%, 70%]")
    )
    used = [1 - 2 ** (-3 * years) for years in YEARS]
    for chance, share in zip(exact, used, strict=True):
        assert [chance.low, chance.middle, chance.high] == pytest.approx([0.45 * share] * 3)
    # The stated range keeps its width in log-odds, about its median.
    prior = ProbabilityBelief.parse("45% [20%, 70%]").prior()
    low, high = prior.interval(0.9)
    z = np.linspace(-8, 8, 4001)
    density = np.exp(-(z**2) / 2)
    mean = density @ prior.from_z(z) / density.sum()
    for chance, share in zip(vague, used, strict=True):
        assert (chance.low, chance.middle, chance.high) == pytest.approx(
            (low * share, mean * share, high * share), abs=POINTS
        )


def test_outcomes_have_their_chances_from_the_day_on() -> None:
    outcomes = {"left": "48% [40%, 56%]", "right": "47% [39%, 55%]", "other": "the rest"}
    told = rows(Event(id="vote", kind="decision", on="2024-11-05", outcomes=outcomes))
    assert [chance.high for chance in (told[f"vote.{n}"].own[0] for n in outcomes)] == [0, 0, 0]
    left, rest = told["vote.left"].own[1], told["vote.other"].own[1]
    assert (left.low, left.middle, left.high) == pytest.approx((0.40, 0.48, 0.56), abs=0.01)
    assert rest.middle == pytest.approx(0.05, abs=0.005)
    medians = [told[f"vote.{name}"].network[1].middle for name in outcomes]
    assert np.sum(medians) == pytest.approx(1.0, abs=1e-3)


def test_what_waits_for_another_event_has_no_chance_of_its_own() -> None:
    told = rows(
        Event(id="bill", kind="onset", rate="1 per year", known="within 1 month"),
        Event(id="law", kind="decision", on="bill", outcomes={"no": "70%", "yes": "the rest"}),
        Event(id="raid", kind="repeated", rate="1 per year", up_to=2),
    )
    assert {name for name, row in told.items() if row.own} == {"bill", "raid"}


ON, OFF = "1 per year [0.3, 3]", "1 per year [0.3, 3]"


@pytest.mark.parametrize(
    "event",
    [
        Event(id="e", kind="state", initially=False, rate=ON, off_rate=OFF),
        Event(id="e", kind="state", initially=True, rate=ON, off_rate="3 per year [1, 9]"),
        Event(id="e", kind="state", initially="30% [10%, 60%]", rate=ON, off_rate=OFF),
        Event(id="e", kind="onset", rate="15% [5%, 40%] within 1 year"),
        Event(id="e", kind="onset", ever="45% [20%, 70%]", pace="half of it within 4 months"),
    ],
    ids=["off", "on", "uncertain", "onset", "ever"],
)
def test_what_nothing_acts_on_has_the_chance_that_the_network_gives_it(event: Event) -> None:
    told = rows(event, draws=4096)["e"]
    for own, network in zip(told.own, told.network, strict=True):
        assert (own.middle, own.low, own.high) == pytest.approx(
            (network.middle, network.low, network.high), abs=5 * POINTS
        )
        assert own.middle == pytest.approx(network.middle, abs=POINTS)


def test_what_is_not_certain_is_not_shown_as_certain() -> None:
    assert str(Chance(0.997, 0.52, 1.0)) == "99.7% (52–100)"
    assert str(Chance(0.0321, 0.0002, 0.9996)) == "3.2% (<0.1–>99.9)"
