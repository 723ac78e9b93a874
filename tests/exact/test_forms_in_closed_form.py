"""What the shorter forms of events mean, against formulas."""

from datetime import UTC, date, datetime
from math import exp, log

import pytest

import forecast as fc
from tests.tolerances import PROBABILITY

START, BY = date(2024, 1, 1), date(2024, 12, 31)
YEARS = ((BY - START).days + 1) / 365.25


def chance(event: fc.Event, name: str, *others: fc.Event, links: tuple[fc.Link, ...] = ()) -> float:
    """The probability of a node by the end of the year, before any news."""
    network = fc.Network(name="n", start=START, horizon=BY, events=[event, *others], links=links)
    return float(fc.prior(network, draws=512).probability(name, by=BY))


def test_ever_and_pace_are_a_cure_fraction() -> None:
    event = fc.Event(id="e", kind="onset", ever="45%", pace="half of it within 4 months")
    assert chance(event, "e") == pytest.approx(0.45 * (1 - 2 ** (-3 * YEARS)), abs=PROBABILITY)


def test_no_news_makes_it_less_likely_that_it_ever_comes() -> None:
    event = fc.Event(id="e", kind="onset", ever="45%", pace="half of it within 4 months")
    network = fc.Network(name="n", start=START, horizon=BY, events=[event])
    post = fc.update(network, fc.Evidence([]), as_of="2024-08-31", draws=512)
    gone, left = ((date(2024, 8, 31) - START).days + 1) / 365.25, YEARS
    quiet = 0.55 + 0.45 * 2 ** (-3 * gone)
    expected = 0.45 * (2 ** (-3 * gone) - 2 ** (-3 * left)) / quiet
    assert float(post.probability("e", by=BY)) == pytest.approx(expected, abs=PROBABILITY)


def test_a_confirmation_follows_its_onset() -> None:
    event = fc.Event(id="e", kind="onset", rate="2 per year", known="within 1 month")
    onset, known = 2.0, 12 * log(2)
    expected = 1 - (known * exp(-onset * YEARS) - onset * exp(-known * YEARS)) / (known - onset)
    assert chance(event, "e.confirmed") == pytest.approx(expected, abs=PROBABILITY)


def test_that_nothing_is_confirmed_is_evidence() -> None:
    event = fc.Event(id="e", kind="onset", rate="2 per year", known="within 1 month")
    network = fc.Network(name="n", start=START, horizon=BY, events=[event])
    post = fc.update(network, fc.Evidence([]), as_of="2024-06-30", draws=512)
    t, a, b = ((date(2024, 6, 30) - START).days + 1) / 365.25, 2.0, 12 * log(2)
    hidden = a * (exp(-a * t) - exp(-b * t)) / (b - a)  # on, and not confirmed
    expected = hidden / (hidden + exp(-a * t))
    assert float(post.probability("e", by="2024-06-30")) == pytest.approx(expected, abs=PROBABILITY)


def test_what_is_repeated_comes_again_at_its_own_rate() -> None:
    event = fc.Event(id="e", kind="repeated", rate="2 per year", rate_after="4 per year", up_to=2)
    first, again = 2.0, 4.0
    alone = first * (exp(-first * YEARS) - exp(-again * YEARS)) / (again - first)
    expected = 1 - exp(-first * YEARS) - alone
    assert chance(event, "e.2") == pytest.approx(expected, abs=PROBABILITY)


def test_what_is_repeated_at_one_rate_is_a_poisson_process() -> None:
    event = fc.Event(id="e", kind="repeated", rate="2 per year [1, 4]", up_to=3)
    network = fc.Network(name="n", start=START, horizon=BY, events=[event])
    post = fc.prior(network, draws=512)
    rates = post.idata["posterior"]["base_rate"].to_numpy().ravel()  # one number for all times
    mean = rates * YEARS
    expected = (1 - (1 + mean + mean**2 / 2) * [exp(-m) for m in mean]).mean()
    assert float(post.probability("e.3", by=BY)) == pytest.approx(expected, abs=PROBABILITY)


@pytest.mark.parametrize("order", [("left", "right", "other"), ("other", "right", "left")])
def test_outcomes_come_with_the_chances_that_are_stated(order: tuple[str, ...]) -> None:
    stated = {"left": "48%", "right": "47%", "other": "5%"}
    outcomes = {name: stated[name] for name in order}
    event = fc.Event(id="vote", kind="decision", on="2024-06-04", outcomes=outcomes)
    network = fc.Network(name="n", start=START, horizon=BY, events=[event])
    post = fc.prior(network, draws=512)
    for name, said in (("left", 0.48), ("right", 0.47), ("other", 0.05)):
        assert float(post.probability(f"vote.{name}", by="2024-06-03")) == 0
        assert float(post.probability(f"vote.{name}", by="2024-06-04")) == pytest.approx(
            said, abs=1e-6
        )
    given = post.probability("vote.left", by=BY, given={"vote.right": "2024-06-04"})
    assert float(given) < 1e-6


def test_a_link_multiplies_the_odds_of_an_outcome() -> None:
    event = fc.Event(
        id="vote", kind="decision", on="2024-06-04", outcomes={"yes": "40%", "no": "the rest"}
    )
    scandal = fc.Event(id="scandal", kind="fact", initially="30%")
    link = fc.Link(parent="scandal", child="vote.yes", kind="multiplies", odds_ratio="x0.25")
    expected = 0.7 * 0.4 + 0.3 * (0.1 / (0.1 + 0.6))
    assert chance(event, "vote.yes", scandal, links=(link,)) == pytest.approx(expected, abs=1e-6)


def test_a_decision_falls_on_its_day_though_gates_leave_only_what_is_unlikely() -> None:
    event = fc.Event(
        id="vote", kind="decision", on="2024-06-04", outcomes={"yes": "97%", "no": "3%"}
    )
    facts = [fc.Event(id=f"against_{side}", kind="fact", initially="50%") for side in ("yes", "no")]
    links = tuple(
        fc.Link(parent=f"against_{side}", child=f"vote.{side}", kind="prevents")
        for side in ("yes", "no")
    )
    expected = 0.25 + 0.25 * 0.03  # the other is shut out, or neither is
    assert chance(event, "vote.no", *facts, links=links) == pytest.approx(expected, abs=1e-6)


def test_a_decision_on_an_onset_follows_it_within_hours() -> None:
    event = fc.Event(
        id="law", kind="decision", on="bill", outcomes={"passed": "30%", "failed": "the rest"}
    )
    bill = fc.Event(id="bill", kind="onset", rate="1 per year")
    passed, failed = (chance(event, f"law.{name}", bill) for name in ("passed", "failed"))
    assert passed / (passed + failed) == pytest.approx(0.3, abs=1e-6)
    # At two a day, some 12 hours at a rate of 1 per year are lost.
    assert passed + failed == pytest.approx(1 - exp(-YEARS), abs=1e-3)
    a, b = 1.0, 2 * 365.25
    expected = 1 - (b * exp(-a * YEARS) - a * exp(-b * YEARS)) / (b - a)
    assert passed + failed == pytest.approx(expected, abs=PROBABILITY)


def test_simulated_worlds_see_what_is_confirmed_and_what_comes_again() -> None:
    events = [
        fc.Event(id="e", kind="onset", rate="9 per year", known="within 1 week"),
        fc.Event(id="again", kind="repeated", rate="9 per year", up_to=2),
    ]
    network = fc.Network(name="n", start=START, horizon=BY, events=events)
    for world in fc.simulate(network, worlds=20, seed=1):
        seen = {item.event for item in world.evidence}
        public = ("e.confirmed", "again", "again.2")
        assert seen == {name for name in public if world.jumps[name]}


def test_a_regime_acts_each_time_that_something_comes_again() -> None:
    """From the start on, so that it is a Poisson process at the rate that it leaves."""
    event = fc.Event(id="e", kind="repeated", rate="3 per year", up_to=3, public=False)
    network = fc.Network(name="n", start=START, horizon=BY, events=[event])
    slower = fc.Regime(
        id="g", event="e", published=START, speaks_of=datetime(2024, 1, 1, 0, 1, tzinfo=UTC),
        hazard_ratio="x0.5", text="a reason",
    )  # fmt: skip
    post = fc.update(network, fc.Evidence([slower]), as_of=START, draws=512)
    mean = 1.5 * YEARS
    expected = 1 - exp(-mean) * (1 + mean + mean**2 / 2)
    assert float(post.probability("e.3", by=BY)) == pytest.approx(expected, abs=PROBABILITY)


def predicted(hit: str, false_alarm: str) -> tuple[fc.Network, fc.Evidence]:
    """An onset that is known at once, and a source that said in January: by the end of the year."""
    kind = fc.SourceType(id="press", hit_rate=hit, false_alarm_rate=false_alarm, spread=0)
    network = fc.Network(
        name="n",
        start=START,
        horizon=BY,
        events=[fc.Event(id="e", kind="onset", rate="0.5 per year")],
        source_types=[kind],
        sources=[fc.Source(id="s", type="press")],
    )
    said = fc.Report(
        id="r", event="e", source="s", claim="on", published="2024-01-10", speaks_of=BY
    )
    return network, fc.Evidence([said])


def test_the_force_of_a_prediction_follows_the_time_that_is_left() -> None:
    """What it adds, in points and per day that is left, as its day comes nearer with nothing."""
    network, evidence = predicted("80%", "20%")
    added = []
    for day in ("2024-02-01", "2024-07-01", "2024-11-01", "2024-12-28"):
        post = fc.update(network, evidence, as_of=day, draws=512)
        bare = fc.update(network, fc.Evidence([]), as_of=day, draws=512)
        left = YEARS - ((date.fromisoformat(day) - START).days + 1) / 365.25
        p = 1 - exp(-0.5 * left)
        expected = 4 * p / (1 - p + 4 * p)  # hit rate over false-alarm rate: 4
        found = float(post.probability("e", by=BY))
        assert found == pytest.approx(expected, abs=PROBABILITY)
        added.append(found - float(bare.probability("e", by=BY)))
    assert added == sorted(added, reverse=True)
    # With little time left it is four times the chance of that time, and goes to nothing with it.
    assert added[-1] == pytest.approx(3 * (1 - exp(-0.5 * left)), rel=0.05)


def test_a_prediction_that_does_not_come_true_tells_against_its_source_before_its_day() -> None:
    network, evidence = predicted("70% [40%, 90%]", "20% [5%, 50%]")
    false_alarms = [
        float(
            fc.update(network, evidence, as_of=day)
            .idata["posterior"]["type_predictive_false_alarm_rate"]
            .mean()
        )
        for day in ("2024-01-10", "2024-09-01", "2024-12-28")
    ]
    assert false_alarms[0] < false_alarms[1] < false_alarms[2]
