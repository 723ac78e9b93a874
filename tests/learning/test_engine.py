"""The likelihood of a history is the engine's: its own on-rates, hidden stages and gates."""

import numpy as np
import pandas as pd
import pytest

import forecast as fc
from forecast.engine._problem import Record, draw_of
from forecast.engine._specification import log_likelihood
from forecast.evidence import Evidence
from forecast.model._lower import lower
from tests.learning.panels import network, processes, table

SOON = 1e-5
"""Years within which an onset is known to the engine; its density is the probability over that."""
CLOSE = 2e-3
"""Of splitting: two steps of a day at the rates below, and of the onset's window."""


def record(lowered, spans: list[tuple[str, float, float, int]]) -> Record:
    """Return what is known of each event: when it was certainly off, and certainly on."""
    index = {name: place for place, name in enumerate(lowered.events)}
    return Record(
        item_event=np.zeros(0, np.int64),
        item_time=np.zeros(0),
        known_event=np.array([index[name] for name, *_ in spans]),
        known_from=np.array([start for _, start, _, _ in spans]),
        known_to=np.array([stop for _, _, stop, _ in spans]),
        known_value=np.array([value for *_, value in spans]),
    )


def require_equal(found, lowered, known: Record, *, onsets: int) -> None:
    """Hold the likelihoods of processes to the engine's, at several values of the numbers."""
    z = np.random.default_rng(3).normal(size=(4, lowered.table.dimensions))
    theta = lowered.theta(lowered.table.from_z(z))
    theirs = [
        log_likelihood(lowered.structure, known, draw_of(theta, d), 1 / 365) - onsets * np.log(SOON)
        for d in range(len(z))
    ]
    ours = sum(process(z[:, process.layout.stated]) for process in found)
    assert ours == pytest.approx(theirs, abs=CLOSE)


EVENTS = {
    "pact": {"kind": "onset", "rate": "0.9 per year [0.3, 2.7]"},
    "war": {
        "kind": "state",
        "rate": "0.8 per year [0.3, 2]",
        "off_rate": "1.5 per year [0.5, 4]",
    },
    "coup": {"kind": "onset", "rate": "0.4 per year [0.1, 1.6]"},
}
LINKS = {
    "none": [],
    "multiplies": [
        {"parent": "pact", "child": "coup", "kind": "multiplies", "hazard_ratio": "x3 [1, 9]"},
        {"parent": "war", "child": "coup", "kind": "causes", "extra_rate": "1 per year [0.3, 3]"},
    ],
    "while on": [
        {"parent": "pact", "child": "coup", "kind": "causes",
         "extra_rate": "if on: 1.5 per year [0.9, 3]"},
    ],
    "a state that requires": [{"parent": "pact", "child": "war", "kind": "requires"}],
    "requires": [{"parent": "pact", "child": "coup", "kind": "requires"}],
    "delay": [
        {"parent": "pact", "child": "coup", "kind": "multiplies", "hazard_ratio": "x4 [1, 16]",
         "delay": "0.4 years [0.1, 1.6]"},
    ],
    "stages": [
        {"parent": "pact", "child": "coup", "kind": "multiplies", "hazard_ratio": "x4 [1, 16]",
         "delay": "0.4 years [0.1, 1.6]", "stages": 3},
    ],
    "two delays": [
        {"parent": "pact", "child": "coup", "kind": "requires", "delay": "0.1 years [0.03, 0.3]",
         "stages": 2},
        {"parent": "war", "child": "coup", "kind": "causes", "extra_rate": "2 per year [0.7, 6]",
         "delay": "0.3 years [0.1, 0.9]"},
    ],
}  # fmt: skip


CASES = [(links, ever) for links in LINKS for ever in (False, True)]
CASES.remove(("while on", True))  # such a strength needs a base rate


@pytest.mark.parametrize(("links", "ever"), CASES)
def test_the_likelihood_of_a_course_is_that_of_the_engine(links: str, ever: bool) -> None:
    events = dict(EVENTS)
    if ever:
        del events["coup"]
        events["coup"] = {
            "kind": "onset",
            "ever": "60% [30%, 85%]",
            "pace": "half of it within 8 months [3, 20]",
        }
    stated = network(events, LINKS[links])
    units = pd.DataFrame({"unit": ["a"], "start": 0.0, "stop": 1.9})
    seen = table(
        [
            {"unit": "a", "event": "pact", "on": 0.5},
            {"unit": "a", "event": "war", "on": 0.7, "off": 1.0},
            {"unit": "a", "event": "coup", "on": 1.6},
        ]
    )
    lowered = lower(stated, Evidence([]), stated.start)
    known = record(
        lowered,
        [
            ("pact", 0.0, 0.5, 0),
            ("pact", 0.5 + SOON, 1.9, 1),
            ("war", 0.0, 0.7, 0),
            ("war", 0.7 + SOON, 1.0, 1),
            ("war", 1.0 + SOON, 1.9, 0),
            ("coup", 0.0, 1.6, 0),
            ("coup", 1.6 + SOON, 1.9, 1),
        ],
    )
    found = processes(stated, seen, units, scales=fc.Scales(unit_sd=0.0))
    require_equal(found, lowered, known, onsets=4)


def test_a_repeated_event_and_its_confirmations_have_the_likelihood_of_the_engine() -> None:
    stated = network(
        {
            "summit": {
                "kind": "repeated",
                "rate": "1 per year [0.3, 3]",
                "rate_after": "2 per year [0.7, 6]",
                "up_to": 3,
                "known": "within 2 months [1, 4]",
            }
        },
        [],
    )
    seen = table(
        [
            {"unit": "a", "event": "summit", "on": 0.4},
            {"unit": "a", "event": "summit.confirmed", "on": 0.6},
            {"unit": "a", "event": "summit", "on": 1.1},
        ]
    )
    units = pd.DataFrame({"unit": ["a"], "start": 0.0, "stop": 1.2})
    lowered = lower(stated, Evidence([]), stated.start)
    known = record(
        lowered,
        [
            ("summit", 0.0, 0.4, 0),
            ("summit", 0.4 + SOON, 1.2, 1),
            ("summit.confirmed", 0.0, 0.6, 0),
            ("summit.confirmed", 0.6 + SOON, 1.2, 1),
            ("summit.2", 0.0, 1.1, 0),
            ("summit.2", 1.1 + SOON, 1.2, 1),
            ("summit.2.confirmed", 0.0, 1.2, 0),
            ("summit.3", 0.0, 1.2, 0),
            ("summit.3.confirmed", 0.0, 1.2, 0),
        ],
    )
    found = processes(stated, seen, units, scales=fc.Scales(unit_sd=0.0))
    require_equal(found, lowered, known, onsets=3)
