"""Figures are kept with their machine, and shown with units that suit them."""

from pathlib import Path

import pytest

from benchmarks import record


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(2.5e-7, "0.25 µs"), (0.00123, "1.23 ms"), (1.5, "1.5 s"), (600, "10 min"), (9000, "2.5 h")],
)
def test_durations_have_three_digits_and_a_unit(seconds: float, shown: str) -> None:
    assert record.duration(seconds) == shown


@pytest.mark.parametrize(("number", "shown"), [(5, "5 B"), (2_500, "2.5 kB"), (4.56e9, "4.56 GB")])
def test_sizes_have_three_digits_and_a_unit(number: float, shown: str) -> None:
    assert record.size(number) == shown


def test_a_table_is_markdown() -> None:
    assert record.table(["a", "b"], [["x", "1"]]) == "| a | b |\n|---|--:|\n| x | 1 |\n"


def test_figures_are_kept_with_machine_and_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    assert record.kept("x") == {}
    record.keep("x", {"seconds": 1.5})
    found = record.kept("x")
    assert found["seconds"] == 1.5
    assert found["machine"]["cores"] >= 1
    line = record.stamp(found["machine"], "x")
    assert f"eventcast {found['machine']['versions']['eventcast']}" in line
    assert "python -m benchmarks.all x" in line
