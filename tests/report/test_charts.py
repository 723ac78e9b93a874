"""Charts draw the figures that they are given: dots, bands and ranges where the numbers say."""

import re
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest

from forecast.ledger import ForecastRecord
from forecast.report._charts import curve_chart, outlook, past_chart
from forecast.report._content import NamedItem, PastRun, Point

AS_OF = datetime(2024, 7, 2, tzinfo=UTC)
BY = datetime(2024, 12, 1, tzinfo=UTC)
PIXEL = 0.2
"""Coordinates are written to a tenth, and each of two has its own rounding."""


def figure(probability: float, lower: float, upper: float, prior: float = 0.2) -> ForecastRecord:
    return ForecastRecord("pact", BY, probability, lower, upper, 0.001, prior, BY)


def attribute(markup: str, cls: str, name: str) -> list[str]:
    return re.findall(rf'class="{cls}"[^>]* {name}="(.*?)"', markup)


def numbers(path: str) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", path)]


def heights(path: str) -> list[float]:
    """The heights along a path that is written in steps."""
    return list(accumulate(numbers(path)[1::2]))


def test_a_cell_draws_the_probability_its_interval_and_the_run_before() -> None:
    cell = str(outlook(figure(0.5, 0.25, 0.75), 0.125))
    assert attribute(cell, "range s0", "d") == ["M24 6H66"]
    assert attribute(cell, "dot s0", "cx") == ["45"]
    assert attribute(cell, "before", "cx") == ["13.5"]
    assert "before" not in str(outlook(figure(0.5, 0.25, 0.75), None))


def test_the_band_of_a_curve_runs_from_the_lower_to_the_upper_end() -> None:
    points = [
        Point(AS_OF + timedelta(days=30 * n), 0.1 * n + 0.1, 0.05 * n + 0.05, 0.12 * n + 0.25)
        for n in range(5)
    ]
    drawn = curve_chart(AS_OF, points, [figure(0.5, 0.25, 0.7)], "").__html__()
    (band,), (line,) = attribute(drawn, "band", "d"), attribute(drawn, "line s0", "d")
    upper, lower = heights(band)[:5], heights(band)[:4:-1]
    for point, high, middle, low in zip(points, upper, heights(line), lower, strict=True):
        share = (point.upper - point.mean) / (point.upper - point.lower)
        assert middle == pytest.approx(high + share * (low - high), abs=PIXEL)
    assert attribute(drawn, "range", "d") == []  # the band tells it


def test_a_deadline_without_a_curve_has_its_interval_and_its_prior() -> None:
    drawn = curve_chart(AS_OF, [], [figure(0.4, 0.2, 0.8, prior=0.2)], "").__html__()
    ((_, high, low),) = map(numbers, attribute(drawn, "range", "d"))
    (dot,) = map(float, attribute(drawn, "dot s0", "cy"))
    assert dot == pytest.approx(high + (low - high) * 2 / 3, abs=PIXEL)
    (rhomb,) = map(numbers, attribute(drawn, "prior", "d"))
    assert rhomb[1] + 4 == pytest.approx(low, abs=PIXEL)


def test_the_last_run_has_its_interval() -> None:
    runs = [
        PastRun(n, AS_OF + timedelta(days=7 * n), AS_OF, forced=False, figures=(told,))
        for n, told in enumerate([figure(0.3, 0.1, 0.5), figure(0.4, 0.2, 0.8)])
    ]
    drawn = past_chart(runs, [BY], [], "").__html__()
    ((_, high, low),) = map(numbers, attribute(drawn, "range s0", "d"))
    before, now = map(float, attribute(drawn, "dot s0", "cy"))
    assert now == pytest.approx(high + (low - high) * 2 / 3, abs=PIXEL)
    assert before == pytest.approx(high + (low - high) * 5 / 6, abs=PIXEL)


def test_runs_that_had_other_deadlines_draw_no_line() -> None:
    runs = [
        PastRun(n, AS_OF + timedelta(days=7 * n), AS_OF, forced=False, figures=(told,))
        for n, told in enumerate([figure(0.3, 0.1, 0.5), figure(0.4, 0.2, 0.8)])
    ]
    drawn = past_chart(runs, [BY + timedelta(days=1)], [], "").__html__()
    assert attribute(drawn, "line s0", "d") == []


def test_what_a_crowd_said_is_a_square_at_its_deadline() -> None:
    def drawn(said: float) -> tuple[float, float]:
        item = NamedItem("m", "pact", AS_OF, "forecast", "Market", probability=said, deadline=BY)
        chart = curve_chart(AS_OF, [], [figure(0.4, 0.2, 0.8, prior=0.2)], "", [item]).__html__()
        assert "Market: " in chart
        (dot,) = map(float, attribute(chart, "dot s0", "cy"))
        (top,) = map(float, attribute(chart, "crowd", "y"))
        return top + 4, dot

    square, dot = drawn(0.4)
    assert square == pytest.approx(dot, abs=PIXEL)
    square, dot = drawn(0.6)
    assert square < dot - 10


def test_items_are_named_by_their_text() -> None:
    runs = [
        PastRun(n, AS_OF + timedelta(days=7 * n), AS_OF, forced=False, figures=(told,))
        for n, told in enumerate([figure(0.3, 0.1, 0.5), figure(0.4, 0.2, 0.8)])
    ]
    items = [
        NamedItem("e1", "pact", AS_OF, "report", "Gazette", "says on", "Troops were seen"),
        NamedItem("e2", "pact", AS_OF, "report", "Gazette", "says on"),
    ]
    drawn = past_chart(runs, [BY], items, "").__html__()
    assert re.findall(r"<title>1 July 2024: (.*?)</title>", drawn) == [
        "Troops were seen",
        "Gazette says on",
    ]
