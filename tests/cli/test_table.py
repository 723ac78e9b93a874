"""The table shows no more than is known, and never certainty where there is none."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from forecast.cli.table import print_run
from forecast.probability import error, errors, percent, points
from forecast.workspace._settings import Request
from forecast.workspace._update import Run, update
from tests.workspace.samples import NETWORK, never_estimate, write_workspace


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


def printed(run: Run, *, width: int, terminal: bool, with_errors: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=terminal, no_color=True)
    print_run(run, console, with_errors=with_errors)
    return stream.getvalue()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    never_estimate(monkeypatch)
    (made,) = update(write_workspace(tmp_path), Request(as_of="2024-02-01"))
    return made


def test_the_table_has_probability_interval_and_change_for_each_deadline(run: Run) -> None:
    lines = printed(run, width=80, terminal=False).splitlines()
    assert " ".join(lines[0].split()) == "event by 2024-03-31 90% change by 2024-12-31 90% change"
    assert " ".join(lines[2].split()) == "troops 30% 15–45% +3.4 60% 30–90% +3.4"
    assert " ".join(lines[3].split()) == "pact <1% <1% +0.2 <1% <1% +0.4"


def test_errors_are_shown_on_request_beside_what_they_are_of(run: Run) -> None:
    plain = printed(run, width=80, terminal=False)
    assert "±" not in plain
    text = printed(run, width=80, terminal=False, with_errors=True)
    header, _, troops, *_ = (" ".join(line.split()) for line in text.splitlines())
    assert header == "event by 2024-03-31 ± 90% ± change by 2024-12-31 ± 90% ± change"
    assert troops == "troops 30% ±0.1 15–45% ±0.2, ±0.4 +3.4 60% ±0.1 30–90% ±0.2, ±0.4 +3.4"
    assert "±: the Monte Carlo standard errors of the probability, and of the interval's" in text


def test_a_run_from_before_errors_of_ends_were_kept_shows_those_it_has(run: Run) -> None:
    old = tuple(
        replace(forecast, lower_mcse=None, upper_mcse=None) for forecast in run.manifest.forecasts
    )
    before = replace(run, manifest=run.manifest.model_copy(update={"forecasts": old}))
    text = printed(before, width=80, terminal=False, with_errors=True)
    assert "troops 30% ±0.1 15–45% +3.4 60%" in " ".join(text.split())


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


def test_on_a_narrow_screen_each_deadline_has_a_table_of_its_own(run: Run) -> None:
    text = printed(run, width=60, terminal=True)
    assert text.count("troops ") == 2
    assert "…" not in text


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
