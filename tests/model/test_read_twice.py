"""One statement read for two events: the second reading carries what it says in its own right."""

from typing import Any

import numpy as np
from scipy.special import logit

from forecast.evidence import Evidence, Report
from forecast.model._lower import lower
from forecast.network import Event, Network, Source
from forecast.posterior import simulate, update
from tests.networks import WIRE
from tests.tolerances import LOG_PROBABILITY, MONTE_CARLO_Z

DAY, OWN = "2024-03-01", 0.3


def border() -> Network:
    """Two hidden events that no link joins, and a source that speaks of both."""
    return Network(
        name="border",
        start="2024-01-01",
        horizon="2024-12-31",
        events=[
            Event(id=name, kind="onset", public=False, rate="40% within 3 months")
            for name in ("kursk", "russia")
        ],
        source_types=[WIRE],
        sources=[
            Source(id="nato", type="wire", hit_rate="80%", false_alarm_rate="10%"),
            Source(id="paper", type="wire", hit_rate="80%", false_alarm_rate="10%"),
        ],
    )


def said(name: str, event: str, **more: Any) -> Report:
    fields = {"published": DAY, "source": "nato", "claim": "on", **more}
    return Report(id=name, event=event, **fields)


FIRST = said("first", "kursk")


def log_odds(event: str, *items: Report) -> float:
    post = update(border(), Evidence(items), as_of=DAY, draws=64)
    return float(logit(post.probability(event, by=DAY).mean))


def test_the_second_reading_weighs_what_its_own_part_of_the_statement_does() -> None:
    second = said("second", "russia", derived_from=("first",), check=OWN)
    moved = log_odds("russia", FIRST, second) - log_odds("russia", FIRST)
    expected = np.log((OWN * 0.8 + 1 - OWN) / (OWN * 0.1 + 1 - OWN))
    np.testing.assert_allclose(moved, expected, rtol=LOG_PROBABILITY)
    assert moved < np.log(0.8 / 0.1)  # of a statement of its own
    np.testing.assert_allclose(
        log_odds("kursk", FIRST, second), log_odds("kursk", FIRST), rtol=LOG_PROBABILITY
    )


def test_where_it_follows_from_the_first_it_adds_nothing() -> None:
    second = said("second", "russia", derived_from=("first",), check=0)
    np.testing.assert_allclose(
        log_odds("russia", FIRST, second), log_odds("russia", FIRST), rtol=LOG_PROBABILITY
    )


def test_one_that_says_the_opposite_of_the_second_event_speaks_for_itself() -> None:
    """They are in Kursk and nowhere else: nothing of the second follows from the first."""
    second = said("second", "russia", claim="off", derived_from=("first",), check=OWN)
    apart = said("second", "russia", claim="off")
    np.testing.assert_allclose(
        log_odds("russia", FIRST, second), log_odds("russia", FIRST, apart), rtol=LOG_PROBABILITY
    )


def test_others_may_copy_the_second_reading() -> None:
    second = said("second", "russia", derived_from=("first",), check=OWN)
    copy = said("a_copy", "russia", source="paper", derived_from=("second",), check=0)
    items = Evidence([FIRST, second, copy])
    lowered = lower(border(), items, DAY)
    names = [factor.item for factor in lowered.factors]
    copied = dict(zip(names, lowered.channels.item_copied.tolist(), strict=True))
    assert copied == {"first": 0.0, "second": 1.0}  # who never checks says nothing of his own
    for world in simulate(border(), worlds=20, seed=1, evidence=items):
        assert world.evidence.item("a_copy").claim == world.evidence.item("second").claim


def test_a_simulated_second_reading_says_the_same_unless_it_speaks_for_itself() -> None:
    second = said("second", "russia", derived_from=("first",), check=OWN)
    worlds = simulate(border(), worlds=2000, seed=1, evidence=Evidence([FIRST, second]))
    says = np.array(
        [[w.evidence.item(i).claim == "on" for i in ("first", "second")] for w in worlds]
    )
    on = np.array([w.on("russia", DAY) for w in worlds])
    for x, rate in enumerate((0.1, 0.8)):
        among = says[on == x]
        expected = OWN * rate + (1 - OWN) * among[:, 0]
        error = among[:, 1] - expected
        bound = MONTE_CARLO_Z * np.sqrt((expected * (1 - expected)).sum())
        assert abs(error.sum()) < bound
