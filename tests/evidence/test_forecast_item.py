"""Forecasts as items: a probability of a deadline still ahead, and no likelihood ratio."""

from pathlib import Path
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Forecast
from forecast.files._evidence_file import read_evidence
from tests.evidence.samples import make, network, record


def bet(name: str = "bet", **fields: Any) -> Forecast:
    given = {
        "event": "covert",
        "published": "2024-03-01",
        "speaks_of": "2024-06-30",
        "source": "reuters",
        "probability": 0.3,
    }
    return make(Forecast, id=name, **{**given, **fields})


def test_a_forecast_is_of_a_deadline_and_its_probability_may_be_a_percentage() -> None:
    item = bet(probability="35%", base="1%")
    assert (item.probability, item.base) == (0.35, 0.01)
    assert item.is_prediction


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, "0%", "100%", -0.1, 1.2, "likely"])
def test_certainty_and_what_is_no_probability_are_refused(value: object) -> None:
    with pytest.raises(InputError, match=r"probability: "):
        bet(probability=value)
    with pytest.raises(InputError, match=r"base: "):
        bet(base=value)


def test_a_forecast_without_a_deadline_is_refused() -> None:
    with pytest.raises(InputError, match=r"speaks_of: is missing.*2024-12-31"):
        make(Forecast, id="a", event="e", published="2024-03-01", source="reuters", probability=0.3)


def test_a_forecast_of_the_past_is_refused() -> None:
    with pytest.raises(InputError, match="forecasts nothing"):
        bet(speaks_of="2024-02-01")


def test_a_forecast_of_an_unknown_source_is_refused() -> None:
    with pytest.raises(InputError, match=r"unknown source.*'polymarkt'"):
        record(bet(source="polymarkt")).check(network())


def test_a_forecast_beyond_the_horizon_is_refused() -> None:
    with pytest.raises(InputError, match="after the network's horizon"):
        record(bet(speaks_of="2025-06-30")).check(network())


def test_a_forecast_is_read_from_a_row(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(
        "id,published,kind,event,source,speaks_of,probability,base\n"
        "bet,2024-03-01,forecast,covert,reuters,2024-06-30,30%,0.1\n"
    )
    assert read_evidence(path) == record(bet(base=0.1))


def test_a_ratio_is_not_taken_for_a_probability(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(
        "id,published,kind,event,source,speaks_of,probability,likelihood_ratio\n"
        "bet,2024-03-01,forecast,covert,reuters,2024-06-30,30%,x3\n"
    )
    with pytest.raises(InputError, match="'forecast' has no such field"):
        read_evidence(path)


@pytest.mark.parametrize(
    ("value", "told"),
    [("100%", r"must be below 1 .*Write 99% or 0.99"), ("0%", r"above 0 .*Write 1% or 0.01")],
)
def test_who_writes_a_certainty_is_told_what_to_write(value: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        bet(probability=value)
