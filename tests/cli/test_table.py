"""The table shows no more than is known, and never certainty where there is none."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from forecast.cli.table import print_run
from forecast.probability import error, errors, percent, points
from forecast.workspace._result import Run
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import (
    NETWORK,
    WORKSPACE,
    FakePosterior,
    never_estimate,
    write_workspace,
)


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.0, "0%"),
        (1e-9, "<1%"),
        (0.0321, "3.2%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.504, "50%"),
        (0.9005, "90%"),
        (0.962, "96.2%"),
        (1 - 1e-9, ">99%"),
        (1.0, "100%"),
    ],
)
def test_a_probability_is_shown_to_two_digits_at_most(probability: float, shown: str) -> None:
    assert percent(probability) == shown


def test_a_decimal_is_shown_only_where_the_monte_carlo_error_allows_it() -> None:
    assert percent(0.0321, mcse=0.0005) == "3.2%"
    assert percent(0.0321, mcse=0.01) == "3%"


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.floats(0, 0.1))
def test_only_certainty_is_shown_as_certain(probability: float, mcse: float) -> None:
    assert percent(probability, mcse) not in {"0%", "100%"}


@pytest.mark.parametrize(
    ("change", "shown"), [(0.034, "+3.4"), (-0.2, "-20.0"), (-0.0004, "0.0"), (None, "")]
)
def test_a_change_is_shown_in_points_with_its_sign(change: float | None, shown: str) -> None:
    assert points(change) == shown


@pytest.mark.parametrize(
    ("lower", "upper", "shown"),
    [(0.003, 0.0112, "±0.3, ±1.1"), (0.00003, 0.0, "±<0.1, ±0.0"), (None, None, "")],
)
def test_errors_are_shown_in_points_and_never_as_nothing_where_there_are_some(
    lower: float | None, upper: float | None, shown: str
) -> None:
    assert errors(lower, upper) == shown
    assert error(lower) == shown.partition(",")[0]


@pytest.fixture(autouse=True)
def _no_width_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(
    run: Run, *, width: int, terminal: bool, with_errors: bool = False, ids: bool = False
) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal, no_color=True)
    print_run(run, console, with_errors=with_errors, ids=ids)
    return stream.getvalue()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    never_estimate(monkeypatch)
    (made,) = update(write_workspace(tmp_path), Request(as_of="2024-02-01"))
    return made


FIRST = """\
Most changed against the prior: Troops deploy by 2024-12-31, from 57% to 60%
(+3.4 points).

                                           against
event             by            P     90%    prior
──────────────────────────────────────────────────
Troops deploy     2024-03-31  30%  15–45%     +3.4
                  2024-12-31  60%  30–90%     +3.4
A pact is signed  2024-03-31  <1%     <1%     +0.2
                  2024-12-31  <1%     <1%     +0.4
"""


def test_of_a_first_run_a_screen_shows_a_verdict_and_one_table(run: Run) -> None:
    assert printed(run, width=80, terminal=True).split("\ntiny: ")[0] == FIRST


def test_errors_are_shown_on_request_beside_what_they_are_of(run: Run) -> None:
    plain = printed(run, width=80, terminal=False)
    assert "±" not in plain
    text = printed(run, width=80, terminal=False, with_errors=True)
    header, _, troops, *_ = (" ".join(line.split()) for line in text.splitlines()[3:])
    assert header == "event by P ± 90% ± prior"
    assert troops == "Troops deploy 2024-03-31 30% ±0.1 15–45% ±0.2, ±0.4 +3.4"
    assert "±: the Monte Carlo standard errors of the probability, and of the interval's" in text


def test_a_run_from_before_errors_of_ends_were_kept_shows_those_it_has(run: Run) -> None:
    old = tuple(
        replace(forecast, lower_mcse=None, upper_mcse=None) for forecast in run.manifest.forecasts
    )
    before = replace(run, manifest=run.manifest.model_copy(update={"forecasts": old}))
    text = printed(before, width=80, terminal=False, with_errors=True)
    assert "Troops deploy 2024-03-31 30% ±0.1 15–45% +3.4 2024-12-31" in " ".join(text.split())


def test_below_the_table_stands_how_it_was_made(run: Run) -> None:
    text = printed(run, width=80, terminal=False)
    assert "tiny: A pact and what follows\n" in text
    assert "As of the end of 2024-02-01 (given); 0 of 3 items of evidence seen.\n" in text
    assert "central 90% interval" in text
    assert "Estimated by importance sampling, 512 draws, seed 1.\n" in text
    assert "Gate, parameters: khat 0.3 (limit 0.7) ok.\n" in text
    judged = "mcse 0.001 (limit 0.025) ok; end_mcse 0.004 (limit 0.1) ok"
    assert f"Gate, forecasts: {judged}.\n" in text
    assert f"Saved as {run.path}.\n" in text


def test_forecasts_that_newer_ones_replace_are_counted_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a market that is quoted daily all quotes but the last are not among those seen."""
    never_estimate(monkeypatch)
    network = NETWORK.replace(
        "sources:", "  bets: {forecast_weight: 60%}\nsources:\n  m: {type: bets}"
    )
    rows = "".join(f"p{n},2024-01-1{n},forecast,pact,m,0.{n},2024-12-31\n" for n in range(1, 8))
    head = "id,published,kind,event,source,probability,speaks_of\n"
    files = {"priors/tiny.yaml": network, "evidence/items.csv": head + rows}
    folder = write_workspace(tmp_path, files)
    (made,) = update(folder, Request(as_of="2024-01-16"))
    told = "1 of 7 items of evidence seen; 5 were replaced by newer forecasts."
    assert told in printed(made, width=200, terminal=False)
    assert made.manifest.items_replaced == 5
    (first,) = update(folder, Request(as_of="2024-01-11"))
    assert "1 of 7 items of evidence seen.\n" in printed(first, width=200, terminal=False)
    assert "items_replaced" not in first.manifest.to_json()


LONG = "Troops of either government deploy beyond the border in numbers that a satellite counts"
THREE = WORKSPACE.replace('"2024-12-31"]', '"2024-12-31", "2025-06-30"]')
SECOND = """\
Most changed since the run as of 2024-02-01: Troops of either government deploy
beyond the border in numbers that a satellite counts by 2025-06-30, from 60% to
55% (-5.1 points).

                                                                 since  against
event                                by            P     90%  last run    prior
───────────────────────────────────────────────────────────────────────────────
Troops of either government deploy   2024-03-31  20%  10–30%       0.0     +3.4
beyond the border in numbers that a  2024-12-31  40%  20–60%       0.0     +3.4
satellite counts                     2025-06-30  55%  30–90%      -5.1     -1.7
A pact is signed                     2024-03-31  <1%     <1%       0.0     +0.1
                                     2024-12-31  <1%     <1%       0.0     +0.3
                                     2025-06-30  <1%     <1%       0.0     +0.4
"""


def shift_means(monkeypatch: pytest.MonkeyPatch, change: float) -> None:
    """Let the made-up posterior say less of what it held for likely."""
    plain = FakePosterior.table

    def shifted(self: FakePosterior, by: Sequence[datetime]) -> pd.DataFrame:
        told = plain(self, by)
        means = told.xs("mean", axis="columns", level="statistic")
        for day in means.columns:
            told[day, "mean"] = means[day] + change * (means[day] > 0.5)
        return told

    monkeypatch.setattr(FakePosterior, "table", shifted)


@pytest.fixture
def second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run after another, by three deadlines, of events with long titles."""
    never_estimate(monkeypatch)
    network = NETWORK.replace("Troops deploy", LONG)
    files = {"priors/tiny.yaml": network, "forecast.toml": THREE}
    folder = write_workspace(tmp_path, files)
    update(folder, Request(as_of="2024-02-01"))
    shift_means(monkeypatch, -0.051)
    (made,) = update(folder, Request(as_of="2024-02-15"))
    return made


def test_of_a_later_run_the_change_since_the_last_run_stands_beside_that_from_the_prior(
    second: Run,
) -> None:
    assert printed(second, width=80, terminal=True).split("\ntiny: ")[0] == SECOND


@pytest.mark.parametrize("width", [80, 60, 48])
@pytest.mark.parametrize("with_errors", [False, True], ids=["plain", "errors"])
@pytest.mark.parametrize("ids", [False, True], ids=["titles", "ids"])
def test_no_line_is_wider_than_the_screen_and_none_of_a_name_is_lost(
    second: Run, width: int, with_errors: bool, ids: bool
) -> None:
    text = printed(second, width=width, terminal=True, with_errors=with_errors, ids=ids)
    if width > 60 or not with_errors:  # figures and their errors take 64 columns
        lines = [line for line in text.splitlines() if not line.startswith("Saved as")]
        assert max(map(len, lines)) <= width  # a path is copied, and stays whole
    table = text.split("───")[-1].split("tiny: ")[0]
    name = "troops" if ids else LONG
    words = [word for line in table.splitlines() for word in line.split("  ")[0].split()]
    assert "…" not in text
    assert set(name.split()) <= set(words)
    assert table.count("2024-") + table.count("2025-") == 6


def test_a_width_that_is_said_holds_without_a_screen_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = printed(run, width=60, terminal=False)
    assert max(map(len, wide.splitlines())) > 80
    monkeypatch.setenv("COLUMNS", "60")
    told = printed(run, width=60, terminal=False).splitlines()
    assert max(len(line) for line in told if not line.startswith("Saved as")) <= 60


def test_two_events_of_one_title_are_told_by_their_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    network = NETWORK.replace("Troops deploy", "A pact is signed")
    (made,) = update(write_workspace(tmp_path, {"priors/tiny.yaml": network}), Request())
    lines = printed(made, width=80, terminal=True).splitlines()
    assert [line.split()[0] for line in lines if "2024-12-31" in line[:40]] == ["troops", "pact"]


@pytest.mark.usefixtures("run")
def test_the_verdict_says_where_nothing_moved(tmp_path: Path) -> None:
    (again,) = update(tmp_path, Request(as_of="2024-02-15"))
    told = "No forecast moved by half a percentage point or more since the run as of 2024-02-01."
    assert printed(again, width=100, terminal=True).startswith(told)
    (earlier,) = update(tmp_path, Request(as_of="2024-01-15"))  # a past date, filled in later
    assert printed(earlier, width=100, terminal=True).startswith("Most changed against the prior: ")


def test_a_change_that_moves_no_digit_is_told_in_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    with monkeypatch.context() as first:
        shift_means(first, -0.003)
        update(folder, Request(as_of="2024-02-01"))
    shift_means(monkeypatch, 0.003)
    (again,) = update(folder, Request(as_of="2024-02-15"))
    told = "Troops deploy by 2024-12-31, by +0.6 points, to 60%."
    assert told in printed(again, width=200, terminal=True).splitlines()[0]


def test_markup_and_escapes_in_a_title_are_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    title = r'title: "[/nope] [red]x[/red] \e[31m \u202E A pact"'
    network = NETWORK.replace("title: A pact and what follows", title)
    (run,) = update(write_workspace(tmp_path, {"priors/tiny.yaml": network}), Request())
    assert r"tiny: [/nope] [red]x[/red] \x1b[31m \u202e A pact" + "\n" in printed(
        run, width=80, terminal=False
    )


def test_a_run_by_the_clock_of_this_workspace_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    (run,) = update(write_workspace(tmp_path), Request(known="recorded"))
    text = printed(run, width=80, terminal=False)
    assert "2 of 3 items of evidence seen, by when they were recorded here.\n" in text


def test_a_forced_run_carries_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_estimate(monkeypatch, khat=1.2)
    (run,) = update(write_workspace(tmp_path), Request(force=True))
    text = printed(run, width=80, terminal=False)
    assert "khat 1.2 (limit 0.7) FAILED" in text
    assert "WARNING: the gate FAILED" in text
