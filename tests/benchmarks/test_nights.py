"""The short form of the three hundred nights: the same edits of the small workspace in twenty."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.nights import SMALL, Plan, days_of, faults_of, run, summary

NIGHTS = 20
"""Some five weeks apart: the nineteenth comes after the horizon."""


def shortened(plan: Plan) -> Plan:
    """One edit a night from the third on, and the last edit in the last night."""
    places = {old: new for new, old in enumerate(sorted(plan.edits), start=2)}
    places[max(plan.edits)] = NIGHTS - 1
    return replace(
        plan,
        edits={places[old]: edit for old, edit in plan.edits.items()},
        wrong=frozenset(places[old] for old in plan.wrong),
        jumps={places[old]: days for old, days in plan.jumps.items()},
    )


def test_twenty_nights_with_every_edit_leave_nothing_to_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORECAST_LEDGER", raising=False)
    monkeypatch.setattr("benchmarks.nights.CHECKED_EVERY", NIGHTS // 2)
    plan = shortened(SMALL)
    days = days_of(plan, NIGHTS)
    rows = [{k: str(v) for k, v in row.items()} for row in run(plan, tmp_path / "n", days[:8])]
    assert len(rows) == 8
    rows = [  # begun again, it goes on after the last night
        {k: str(v) for k, v in row.items()} for row in run(plan, tmp_path / "n", days)
    ]
    assert faults_of(plan, rows) == []
    assert [row["night"] for row in rows] == [str(n) for n in range(NIGHTS)]
    assert sum(bool(row["verified"]) for row in rows) == 2
    expired = rows[NIGHTS - 2]
    assert expired["rows"] == rows[NIGHTS - 3]["rows"]  # nothing was said of what is over
    assert int(rows[-1]["rows"]) > int(expired["rows"])  # and it goes on with a new horizon
    assert "Nothing is left to explain." in summary(plan, rows)


def test_what_is_wrong_in_a_night_is_found() -> None:
    row = {"night": "0", "date": "2026-01-02", "edit": "", "code": "0", "rows": "50",
           "verified": "", "verdict": "ok", "said": ""}  # fmt: skip
    plan = replace(SMALL, wrong=frozenset({2}), jumps={})
    sound = [row, row, {**row, "code": "2", "verdict": "InputError: a fault"}]
    assert faults_of(plan, sound) == []
    assert faults_of(plan, [row, row, row]) == [
        "night 2 ended with 0: ",
        "night 2: the log ends with ok",
    ]
    assert faults_of(plan, [{**row, "code": "1", "said": "error: full"}, *sound[1:]]) == [
        "night 0 ended with 1: error: full"
    ]
    (told,) = faults_of(plan, [row, {**row, "verified": "error: the page"}, sound[2]])
    assert told == "night 1: error: the page"
    assert faults_of(replace(plan, jumps={0: 60}), sound) == [
        "night 1: the clock ran back, and nobody was told"
    ]
