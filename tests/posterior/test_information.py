"""What a report to come is worth, against filing it; what would change a mind, by the table."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, norm

from forecast.errors import QueryError
from forecast.evidence import Evidence, Observation, Report
from forecast.network import Event, Link, Network, Source, SourceType
from forecast.posterior import Posterior, prior, update
from forecast.posterior import _information as information
from forecast.posterior._information import OBSERVED
from forecast.probability import CLEAR, within_error
from tests.networks import demo_evidence, demo_network
from tests.tolerances import COHERENT, MONTE_CARLO_Z, SAME_ALGEBRA

AS_OF, YEAR_END = "2024-04-01", "2024-12-31"


@pytest.fixture(scope="module")
def post() -> Posterior:
    return update(demo_network(), demo_evidence(), as_of=AS_OF, draws=2048)


@pytest.fixture(scope="module")
def table(post: Posterior) -> pd.DataFrame:
    return post.value_of_information("arms", by=YEAR_END, at=AS_OF)


def row(table: pd.DataFrame, source: str, event: str) -> pd.Series:
    (found,) = (
        line for _, line in table.iterrows() if (line["source"], line["event"]) == (source, event)
    )
    return found


@pytest.mark.parametrize("claim", ["on", "off"])
@pytest.mark.parametrize("source", ["reuters", "kcna"])
def test_the_forecast_after_a_report_is_that_with_the_report_filed(
    post: Posterior, table: pd.DataFrame, source: str, claim: str
) -> None:
    """One source has spoken before and the other has not; either teaches of itself too."""
    said = Report(id="new", event="troops", published=AS_OF, source=source, claim=claim)
    filed = update(demo_network(), demo_evidence() + Evidence([said]), as_of=AS_OF, draws=2048)
    expected = filed.probability("arms", by=YEAR_END)
    found = row(table, source, "troops")
    before = post.probability("arms", by=YEAR_END)
    error = np.hypot(np.hypot(expected.mcse, before.mcse), found["change_mcse"])
    assert abs(found[f"if_{claim}"] - expected.mean) < MONTE_CARLO_Z * error


def test_an_observation_moves_the_forecast_as_a_condition_does(post: Posterior) -> None:
    day = "2024-07-31"
    table = post.value_of_information("arms", by=YEAR_END, at=day, events=["troops"], sources=[])
    seen = row(table, OBSERVED, "troops")
    assert seen["says_on"] == pytest.approx(post.probability("troops", by=day).mean, abs=0.02)
    for state in ("on", "off"):
        given = post.probability("arms", by=YEAR_END, given={"troops": (state, day)})
        error = np.hypot(given.mcse, seen["change_mcse"])
        assert abs(seen[f"if_{state}"] - given.mean) < MONTE_CARLO_Z * error


def test_worth_has_its_closed_form_where_all_numbers_are_sure() -> None:
    wire = SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%", spread=0)
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="pact", kind="onset", public=False, rate="40% within 1 year")],
        source_types=[wire],
        sources=[Source(id="afp", type="wire")],
    )
    post = prior(network, draws=64)
    table = post.value_of_information("pact", by=YEAR_END, at=YEAR_END)
    p = post.probability("pact", by=YEAR_END).mean
    on = 0.8 * p + 0.1 * (1 - p)
    after = {"on": 0.8 * p / on, "off": 0.2 * p / (1 - on)}
    chance = {"on": on, "off": 1 - on}

    def entropy(q: float) -> float:
        return float(-q * np.log2(q) - (1 - q) * np.log2(1 - q))

    found = row(table, "afp", "pact")
    expected = {
        "says_on": on,
        "if_on": after["on"],
        "if_off": after["off"],
        "change": sum(chance[s] * abs(after[s] - p) for s in after),
        "brier": p * (1 - p) - sum(chance[s] * after[s] * (1 - after[s]) for s in after),
        "bits": entropy(p) - sum(chance[s] * entropy(after[s]) for s in after),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name
    sure = row(table, OBSERVED, "pact")
    assert sure["bits"] == pytest.approx(entropy(p), rel=1e-9)
    assert sure["brier"] == pytest.approx(p * (1 - p), rel=1e-9)
    assert list(table["source"]) == [OBSERVED, "afp"]


def test_a_report_does_not_move_the_forecast_on_average(table: pd.DataFrame) -> None:
    mean = table["says_on"] * table["if_on"] + (1 - table["says_on"]) * table["if_off"]
    np.testing.assert_allclose(mean, mean.iloc[0], atol=COHERENT)
    assert (table[["change", "brier", "bits"]] >= 0).all(axis=None)
    assert table["bits"].is_monotonic_decreasing
    assert "treaty" not in set(table["event"])  # settled: nobody could say anything new


def test_counted_and_swept_worth_agree(
    post: Posterior, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(information, "MOST_BITS", -1)
    counted = post.value_of_information("arms", by=YEAR_END, at=AS_OF)
    for source in (OBSERVED, "reuters"):
        one, other = (row(t, source, "troops") for t in (table, counted))
        for name in ("change", "brier", "bits"):
            error = np.hypot(one[f"{name}_mcse"], other[f"{name}_mcse"])
            assert abs(one[name] - other[name]) < MONTE_CARLO_Z * error


@pytest.mark.parametrize("threshold", [0.22, 0.3])
def test_what_would_change_a_mind_is_what_crosses_in_the_table(
    post: Posterior, table: pd.DataFrame, threshold: float
) -> None:
    found = post.would_change_my_mind("arms", by=YEAR_END, at=AS_OF, threshold=threshold)
    above = post.probability("arms", by=YEAR_END).mean > threshold
    words: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for _, line in table.iterrows():
        for says, chance in (("on", line["says_on"]), ("off", 1 - line["says_on"])):
            if (line[f"if_{says}"] > threshold) != above and chance > 0:
                words.setdefault((line["event"], says), []).append((chance, line["source"]))
    assert words
    assert {(r["event"], r["says"]) for _, r in found.iterrows()} == set(words)
    assert len(found) == len(words)
    for _, line in found.iterrows():
        chance, source = max(words[line["event"], line["says"]])
        assert (line["source"], line["probability"]) == (source, pytest.approx(chance))
        assert line["sources"] == len(words[line["event"], line["says"]])
    assert found["probability"].is_monotonic_decreasing


def test_where_no_single_item_would_do_the_list_is_empty_and_keeps_its_columns() -> None:
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[
            Event(id="a", kind="onset", rate="40% within 1 year"),
            Event(id="b", kind="onset", rate="40% within 1 year"),
        ],
        links=[Link(parent="a", child="b", kind="multiplies", hazard_ratio="x1.1")],
    )
    found = prior(network, draws=64).would_change_my_mind(
        "b", by=YEAR_END, at="2024-06-30", threshold=0.9, events=["a"]
    )
    assert found.empty
    assert list(found.columns) == [
        "source", "event", "says", "probability", "forecast", "forecast_mcse", "sources",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"at": "2024-03-01"}, "ask for a date from 2024-04-01"),
        ({"at": "2025-03-01"}, "the horizon"),
        ({"at": YEAR_END, "by": "2024-06-30"}, "lies after the deadline"),
        ({"at": AS_OF, "sources": ["afq"]}, "Did you mean 'afp'"),
        ({"at": AS_OF, "events": ["troop"]}, "Did you mean 'troops'"),
    ],
)
def test_worth_that_cannot_be_asked_says_what_can(
    post: Posterior, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(QueryError, match=message):
        post.value_of_information("arms", **{"by": YEAR_END, **asked})  # type: ignore[arg-type]


def test_a_threshold_is_a_probability(post: Posterior) -> None:
    with pytest.raises(QueryError, match=r"between 0 and 1, such as 0\.5"):
        post.would_change_my_mind("arms", by=YEAR_END, at=AS_OF, threshold=30)


def test_an_answer_of_sure_numbers_has_no_error() -> None:
    network = Network(
        name="n",
        start="2024-01-01",
        horizon=YEAR_END,
        events=[Event(id="a", kind="onset", rate="40% within 1 year")],
    )
    table = prior(network, draws=64).value_of_information("a", by=YEAR_END, at="2024-06-30")
    assert list(table["source"]) == [OBSERVED]
    for name in ("change_mcse", "brier_mcse", "bits_mcse"):
        assert table[name].iloc[0] == pytest.approx(0, abs=SAME_ALGEBRA)


def test_an_onset_observed_at_a_date_is_worth_what_filing_it_moves() -> None:
    """Of a public onset an observation at the cut-off says nothing that was not known."""
    network = demo_network()
    seen = Observation(id="o", event="treaty", published="2024-02-10", onset="2024-02-09")
    post = update(network, Evidence([seen]), as_of=AS_OF, draws=64)
    table = post.value_of_information("arms", by=YEAR_END, at=AS_OF, events=["treaty", "arms"])
    assert table.empty


def test_errors_of_what_a_report_does_are_those_of_new_draws() -> None:
    """Over many sets of draws of a known law, beside the spread that the answers have there."""
    rng = np.random.default_rng(5)
    number, sets = 512, 300
    batch = np.arange(number) % 32
    weights = information._leave_batches_out(batch)
    hit, false_alarm = np.full(number, 0.8), np.full(number, 0.1)
    told: dict[str, list[tuple[float, float]]] = {"says_on": [], "if_on": [], "if_off": []}
    beyond = 0
    for _ in range(sets):
        report, forecast = rng.beta(2, 5, number), rng.beta(3, 4, number)
        together = information.Together(report, report * forecast, forecast)
        shares = information._shares(weights, together, hit, false_alarm)
        for name, pairs in told.items():
            values = getattr(shares, name)
            pairs.append((values[0], information._error(values)))
        change = information._worth(shares)[0]
        beyond += not within_error(change[0], information._error(change))
    for pairs in told.values():
        values, errors = np.array(pairs).T
        assert values.std() == pytest.approx(np.sqrt((errors**2).mean()), rel=5 / np.sqrt(2 * sets))
    # The two know nothing of each other: what is called an effect is none, as the normal tail says.
    low, high = (binom.ppf(p, sets, 2 * norm.sf(CLEAR)) for p in (1e-4, 1 - 1e-4))
    assert low <= beyond <= high
