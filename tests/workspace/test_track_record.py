"""A track record leaves one workspace as a table, and enters another as a weight's prior."""

from pathlib import Path

import forecast as fc
from forecast.workspace._settings import Request
from forecast.workspace._update import update

EVENTS = tuple(f"e{number}" for number in range(6))
TYPES = 'types:\n  crowd: {hit_rate: "70% [50%, 85%]", false_alarm_rate: "10% [4%, 22%]"}\n'


def workspace(folder: Path, rows: list[str], weight: str = "") -> Path:
    """Write a workspace in which a market has spoken of events."""
    (folder / "priors").mkdir(parents=True)
    (folder / "evidence").mkdir()
    events = "".join(
        f'  {name}: {{kind: onset, rate: "30% [15%, 50%] within 1 year"}}\n' for name in EVENTS
    )
    market = f"{{type: crowd{f', forecast_weight: {weight!r}' if weight else ''}}}"
    (folder / "priors" / "n.yaml").write_text(
        f"name: n\ntitle: n\nstart: 2024-01-01\nhorizon: 2025-12-31\nevents:\n{events}"
        f"{TYPES}sources:\n  market: {market}\n"
    )
    head = "id,published,kind,event,source,speaks_of,probability,onset_from\n"
    (folder / "evidence" / "i.csv").write_text(head + "\n".join(rows) + "\n")
    (folder / "forecast.toml").write_text(
        '[workspace]\nnetworks = ["priors/n.yaml"]\n[forecast]\ndeadlines = ["2025-12-31"]\n'
        "draws = 1024\n"
    )
    return folder


def right() -> list[str]:
    """Return bold words of a market, all of which came true, and what came true."""
    said = [f"s{n},2024-02-01,forecast,{name},market,2024-12-31,0.9," for n, name in
            enumerate(EVENTS[:5])]  # fmt: skip
    seen = [f"o{n},2024-06-01,observation,{name},,,,2024-06-01" for n, name in
            enumerate(EVENTS[:5])]  # fmt: skip
    return [*said, *seen]


def test_a_source_that_was_right_leaves_with_a_heavier_weight(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "a", right())
    update(folder, Request(as_of="2024-07-01"))
    record = fc.track_record(folder)
    assert list(record.index) == ["market"]
    row = record.loc["market"]
    assert (row["network"], row["resolved"]) == ("n", 5)
    assert row["median"] > 0.55  # its type's is 50% [20%, 80%]
    assert row["low"] < row["median"] < row["high"]
    other = workspace(tmp_path / "b", [], weight=str(row["belief"]))
    network = fc.read_network(other / "priors" / "n.yaml")
    stated = network.source("market").forecast_weight
    assert stated is not None
    assert str(stated) == row["belief"]
    assert f"{row['median']:.1%}" in row["belief"]


def test_open_opinions_leave_no_record(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "a", [right()[0]])
    update(folder, Request(as_of="2024-07-01"))
    assert fc.track_record(folder).empty
