"""Tables as they are read: coarse dates, order, spells, and every fault with its row."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import forecast as fc
from forecast.errors import InputError
from forecast.learning._panel import read_panel
from forecast.learning._times import EPOCH
from forecast.time import years_between
from tests.learning.panels import network, simulate_unit, table

EVENTS = {
    "war": {"kind": "state", "rate": "0.1 per year", "off_rate": "1 per year"},
    "pact": {"kind": "onset", "rate": "0.1 per year", "known": "within 1 month"},
    "coup": {"kind": "repeated", "rate": "0.1 per year"},
    "aim": {"kind": "fact", "outcomes": {"deter": "60% [40%, 78%]", "coerce": "the rest"}},
}
STATED = network(EVENTS, [{"parent": "pact", "child": "coup", "kind": "requires"}])
UNITS = pd.DataFrame({"unit": ["a", "b"], "start": ["1970", "1980-05-03"], "stop": "2009"})


def read(rows, units=UNITS, **settings):
    given = {"covariates": (), "group": None, "unit": "1 year", **settings}
    return read_panel(STATED, table(rows), units, **given)


def year(text: str) -> float:
    return years_between(EPOCH, datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_a_coarse_date_lies_in_the_middle_of_what_is_left_of_it() -> None:
    panel = read(
        [
            {"unit": "a", "event": "pact", "on": "1974"},
            {"unit": "b", "event": "pact", "on": "1980"},  # of which b is there from May on
            {"unit": "a", "event": "war", "on": "1990-03", "off": "1990-04-02"},
        ]
    )
    pact = panel.changes["pact"].time
    assert pact[0] == pytest.approx((year("1974-01-01") + year("1975-01-01")) / 2)
    assert pact[1] == pytest.approx((year("1980-05-03") + year("1981-01-01")) / 2)
    assert panel.changes["war"].time[0] == pytest.approx(
        (year("1990-03-01") + year("1990-04-01")) / 2
    )


def test_what_is_known_to_come_one_after_the_other_is_spread_over_its_year() -> None:
    panel = read(
        [
            {"unit": "a", "event": "coup", "on": "1974"},
            {"unit": "a", "event": "coup", "on": "1974"},
            {"unit": "a", "event": "pact", "on": "1974"},
            {"unit": "a", "event": "war", "on": "1980", "off": "1980"},
        ]
    )
    first, length = year("1974-01-01"), year("1975-01-01") - year("1974-01-01")
    assert panel.changes["pact"].time[0] == pytest.approx(first + length / 4)
    assert panel.changes["coup"].time == pytest.approx(first + length * np.array([2, 3]) / 4)
    on, off = panel.changes["war"].time
    assert off - on == pytest.approx((year("1981-01-01") - year("1980-01-01")) / 3)


def test_years_bias_neither_the_rate_nor_the_ratio_by_more_than_a_tenth() -> None:
    rng = np.random.default_rng(11)
    on = {"war": lambda _: 0.1, "coup": lambda state: 0.1 * (3.0 if state["war"] else 1.0)}
    rows = []
    for k in range(300):
        rows += simulate_unit(f"u{k}", on, {"war": 0.3}, set(), (0.0, 30.0), rng)
    exact = table(rows)
    coarse = exact.assign(**{name: np.floor(exact[name]) + 1970 for name in ("on", "off")})
    stated = network(
        {
            "war": {"kind": "state", "rate": "0.1 per year [0.01, 1]", "off_rate": "1 per year"},
            "coup": {"kind": "repeated", "rate": "0.1 per year [0.01, 1]"},
        },
        [{"parent": "war", "child": "coup", "kind": "multiplies", "hazard_ratio": "x2 [0.3, 12]"}],
    )
    names = [f"u{k}" for k in range(300)]
    alike = fc.Scales(unit_sd=0.0)
    by_day = fc.learn(
        stated, exact, pd.DataFrame({"unit": names, "start": 0.0, "stop": 30.0}), scales=alike
    )
    by_year = fc.learn(
        stated, coarse, pd.DataFrame({"unit": names, "start": 1970, "stop": 1999}), scales=alike
    )
    one, two = by_day.table()["median"], by_year.table()["median"]
    assert two["base_rate", "war"] == pytest.approx(one["base_rate", "war"], rel=0.02)
    ratio = "hazard_ratio", "war__multiplies__coup"
    assert one[ratio] == pytest.approx(3.0, rel=0.1)
    assert two[ratio] == pytest.approx(one[ratio], rel=0.1)


FAULTS = {
    "unknown event": ({"unit": "a", "event": "wra", "on": "1974"}, "Did you mean 'war'"),
    "unknown unit": ({"unit": "c", "event": "war", "on": "1974"}, "no spell of the table units"),
    "no date": ({"unit": "a", "event": "war", "on": "74-1"}, "histories, row 0, on"),
    "outside": ({"unit": "b", "event": "war", "on": "2015"}, "lies in no spell of its unit"),
    "off first": (
        {"unit": "a", "event": "war", "on": "1974", "off": "1972"},
        "turns off before it turns on",
    ),
    "off of an onset": (
        {"unit": "a", "event": "pact", "on": "1974", "off": "1975"},
        "an event of kind onset never turns off",
    ),
    "no value": ({"unit": "a", "event": "aim", "value": "x"}, "Write one of: deter, coerce"),
    "a value": ({"unit": "a", "event": "war", "on": "1974", "value": 1}, "has no value"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_names_its_row_and_what_to_write(what: str) -> None:
    row, said = FAULTS[what]
    with pytest.raises(InputError) as caught:
        read([row])
    assert said in str(caught.value)
    assert "row 0" in str(caught.value)


def test_all_faults_of_both_tables_are_told_at_once() -> None:
    units = pd.DataFrame({"unit": ["a", "a"], "start": ["1970", "1975"], "stop": ["1980", "1985"]})
    with pytest.raises(InputError, match="overlaps the spell of row 0"):
        read([], units)
    rows = [
        {"unit": "a", "event": "war", "on": "1974"},
        {"unit": "a", "event": "war", "on": "1976"},
        {"unit": "a", "event": "pact", "on": "1974"},
        {"unit": "a", "event": "pact", "on": "1976"},
        {"unit": "b", "event": "wra", "on": "1990"},
    ]
    with pytest.raises(InputError) as caught:
        read(rows)
    text = str(caught.value)
    assert "'war' is still on by row 0" in text
    assert "'pact' is of kind onset and happens once, in row 2" in text
    assert "row 4, event: the network has no such event" in text


def test_an_event_that_the_network_says_cannot_happen_is_a_fault() -> None:
    rows = [{"unit": "a", "event": "coup", "on": "1974"}]
    with pytest.raises(InputError, match="row 0, on: 'coup' comes while a gate"):
        fc.learn(STATED, table(rows), UNITS)


def test_a_stop_is_included_but_for_one_on_which_the_next_spell_starts() -> None:
    units = pd.DataFrame(
        {"unit": "a", "start": ["1970", "1980", "1990"], "stop": ["1980", "1989", "1999"]}
    )
    panel = read([], units)
    assert panel.exposure == pytest.approx(30.0, abs=0.01)


def test_what_is_no_table_no_network_or_no_choice_is_told() -> None:
    with pytest.raises(InputError, match="this is no table"):
        fc.learn(STATED, [], UNITS)
    with pytest.raises(InputError, match="this is no network"):
        fc.learn("network.yaml", table([]), UNITS)
    with pytest.raises(InputError, match="'network' or 'flat'"):
        fc.learn(STATED, table([]), UNITS, priors="wide")
    with pytest.raises(InputError, match="is no length of a period"):
        fc.learn(STATED, table([]), UNITS, drift="often")
    with pytest.raises(InputError, match="has no column 'region'"):
        fc.learn(STATED, table([]), UNITS, group="region")
