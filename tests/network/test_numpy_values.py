"""Numbers, truth values and texts of NumPy, as they come out of a table in memory."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecast as fc

ITEM = {"id": "i", "event": "a", "published": "2024-05-01", "source": "s"}
WINDOW = {"watched_from": "2024-04-01", "watched_to": "2024-04-30"}
LINK = {"parent": "a", "child": "b"}


@pytest.mark.parametrize(
    ("make", "ours", "numpys"),
    [
        (fc.Event, {"id": "x", "kind": "fact", "initially": 0.3}, {"initially": np.float64(0.3)}),
        (fc.Event, {"id": "x", "kind": "fact", "initially": 0.3}, {"initially": np.float32(0.3)}),
        (
            fc.Event,
            {"id": "x", "kind": "onset", "rate": "once in 2 years", "public": False},
            {"rate": np.str_("once in 2 years"), "public": np.bool_(False)},
        ),
        (
            fc.Event,
            {"id": "x", "kind": "fact", "initially": {"median": 0.3, "interval": [0.1, 0.5]}},
            {"initially": {"median": np.float64(0.3), "interval": [*np.array([0.1, 0.5])]}},
        ),
        (
            fc.Event,
            {"id": "x", "kind": "decision", "on": "2024-06-01", "outcomes": {"a": 0.4, "b": 0.6}},
            {"outcomes": {"a": np.float64(0.4), "b": np.array(0.6)}},
        ),
        (
            fc.Link,
            {**LINK, "kind": "multiplies", "hazard_ratio": 3.0},
            {"hazard_ratio": np.float64(3)},
        ),
        (
            fc.Link,
            {**LINK, "kind": "requires", "delay": "1 month", "stages": 2},
            {"stages": np.int64(2)},
        ),
        (
            fc.SourceType,
            {"id": "t", "hit_rate": 0.8, "false_alarm_rate": 0.1, "spread": 0.5},
            {"hit_rate": np.float64(0.8), "spread": np.float32(0.5)},
        ),
        (fc.Count, {**ITEM, **WINDOW, "counted": 3}, {"counted": np.int64(3)}),
        (
            fc.Forecast,
            {**ITEM, "speaks_of": "2024-12-31", "probability": 0.25},
            {"probability": np.float32(0.25)},
        ),
        (
            fc.LikelihoodRatio,
            {"id": "i", "event": "a", "published": "2024-05-01", "likelihood_ratio": 2.0},
            {"likelihood_ratio": pd.Series([2.0]).iloc[0]},
        ),
        (fc.Report, {**ITEM, "claim": "on"}, {"claim": np.bool_(True)}),
        (fc.Report, {**ITEM, "claim": "off"}, {"claim": False}),
        (
            fc.Observation,
            {"id": "i", "event": "a", "published": "2024-05-01", "state": "off"},
            {"state": np.bool_(False)},
        ),
    ],
)
def test_a_value_of_numpy_is_the_value(
    make: Any, ours: dict[str, Any], numpys: dict[str, Any]
) -> None:
    wanted, found = make(**ours), make(**{**ours, **numpys})
    assert found == wanted
    assert repr(found) == repr(wanted)


def test_no_number_of_numpy_is_refused_as_one_of_python_is() -> None:
    told = []
    for nothing in (float("nan"), np.float64("nan"), np.float32("nan")):
        with pytest.raises(fc.InputError, match="not a finite number") as raised:
            fc.Event(id="x", kind="fact", initially=nothing)
        told.append(str(raised.value))
    assert len(set(told)) == 1


def test_an_array_is_no_number() -> None:
    with pytest.raises(fc.InputError, match="initially: is neither text, nor a number"):
        fc.Event(id="x", kind="fact", initially=np.array([0.1, 0.2]))
