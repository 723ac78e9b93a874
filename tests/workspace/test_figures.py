"""Every figure of a run is the posterior's own at each hop: in manifest, ledger, page and JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.files._network_file import read_network
from forecast.ledger import ForecastRecord, read_run
from forecast.time import parse_instant
from forecast.workspace import _report as report
from forecast.workspace._history import open_kept
from forecast.workspace._result import Run
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import FakePosterior, never_estimate, write_workspace

DEADLINES = ("2024-03-31", "2024-12-31")
FIGURES = ("lower", "upper", "mcse", "lower_mcse", "upper_mcse", "prior")

type Table = dict[tuple[str, str], dict[str, float]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    never_estimate(monkeypatch)
    (found,) = update(write_workspace(tmp_path), Request(as_of="2024-03-01"))
    return found


@pytest.fixture
def table(tmp_path: Path, run: Run) -> Table:  # noqa: ARG001  it wrote the files
    """What the posterior said, by event and deadline; no two figures of an event are alike."""
    network = read_network(tmp_path / "priors" / "tiny.yaml")
    said = FakePosterior(network, (), parse_instant("2024-03-01"))
    frame = said.table([parse_instant(by) for by in DEADLINES])
    rows = {(str(e), by): dict(frame.loc[e, by]) for e in frame.index for by in DEADLINES}
    assert len(set(rows["troops", DEADLINES[0]].values())) == 8
    return rows


def figures_of(forecasts: tuple[ForecastRecord, ...]) -> Table:
    return {
        (each.event, each.by): {
            "mean": each.probability,
            **{name: getattr(each, name) for name in FIGURES},
        }
        for each in forecasts
    }


def without_change(table: Table) -> Table:
    return {key: {name: row[name] for name in ("mean", *FIGURES)} for key, row in table.items()}


def test_the_manifest_has_the_tables_figures(run: Run, table: Table) -> None:
    stated = json.loads(run.path.read_text(encoding="utf-8"))["forecasts"]
    assert {(f["event"], f["by"]): {n: f[n] for n in ("mean", *FIGURES)} for f in stated} == (
        without_change(table)
    )
    for each in stated:
        assert each["change"] == each["mean"] - each["prior"]
    assert {each["event"]: each["title"] for each in stated} == {
        "pact": "A pact is signed",
        "troops": "Troops deploy",
    }
    assert figures_of(run.manifest.forecasts) == without_change(table)


def test_the_ledger_has_the_tables_figures(tmp_path: Path, run: Run, table: Table) -> None:
    with open_kept(tmp_path) as kept:
        _, record = read_run(kept.ledger, 1)
    assert figures_of(record.forecasts) == without_change(table)
    assert (record.key, record.forced) == (run.manifest.key, False)
    gate = json.loads(record.gate)
    assert gate == json.loads(run.path.read_text(encoding="utf-8"))["gate"]
    assert (gate["passed"], gate["forced"]) == (True, False)
    assert gate["checks"][0] == {"name": "khat", "value": 0.3, "limit": 0.7, "passed": True}


def test_the_page_has_the_tables_figures(tmp_path: Path, run: Run, table: Table) -> None:
    with open_kept(tmp_path) as kept:
        (network,) = report._content(kept, tmp_path, lambda _: None).networks
    told = tuple(figure for event in network.events for figure in event.figures)
    assert figures_of(told) == without_change(table)
    past = tuple(f for event in network.events for each in event.history for f in each.figures)
    assert figures_of(past) == without_change(table)
    assert network.making.gate == run.manifest.gate


def test_the_command_line_has_the_tables_figures(tmp_path: Path, run: Run, table: Table) -> None:
    shown = CliRunner().invoke(cli, ["show", "troops", "--json", "--workspace", str(tmp_path)])
    stated = json.loads(shown.stdout)["forecasts"]
    assert [each["by"] for each in stated] == list(DEADLINES)
    assert {each["network"] for each in stated} == {run.manifest.network}
    for each in stated:
        row = table["troops", each["by"]]
        assert {name: each[name] for name in FIGURES} == {name: row[name] for name in FIGURES}
        assert each["probability"] == row["mean"]
