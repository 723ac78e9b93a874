"""Counts as items: what they hold, what is refused, and how files write them."""

from pathlib import Path
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.evidence import Count
from forecast.files._evidence_file import read_evidence

HEADER = "id,published,kind,event,source,watched_from,watched_to,counted\n"


def trains(**fields: Any) -> Count:
    given = {
        "id": "trains",
        "event": "troops",
        "source": "station",
        "published": "2024-08-01",
        "watched_from": "2024-07-01",
        "watched_to": "2024-07-31",
        "counted": 14,
    }
    return Count(**{**given, **fields})


@pytest.mark.parametrize("counted", [-1, 1.5, "14", True, 1_000_001, None])
def test_what_was_counted_is_a_whole_number(counted: object) -> None:
    with pytest.raises(InputError, match=r"counted: is not a whole number from 0 to 1,000,000"):
        trains(counted=counted)


def test_a_count_that_looks_into_the_future_is_refused() -> None:
    with pytest.raises(InputError, match=r"a count until 2024-09-01, .* would see the future"):
        trains(watched_to="2024-09-01")


def test_a_count_speaks_of_its_window() -> None:
    with pytest.raises(InputError, match="a count speaks of its window"):
        trains(speaks_of="2024-07-01")


def test_a_count_goes_to_json_and_back() -> None:
    assert Count(**trains().model_dump(mode="json")) == trains()


def test_a_count_is_read_from_csv_and_yaml(tmp_path: Path) -> None:
    rows = HEADER + "trains,2024-08-01,count,troops,station,2024-07-01,2024-07-31,14\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    text = "\n".join(["items:", "  - id: trains", "    published: 2024-08-01", "    kind: count",
                      "    event: troops", "    source: station", "    watched_from: 2024-07-01",
                      "    watched_to: 2024-07-31", "    counted: 14"])  # fmt: skip
    (tmp_path / "b.yaml").write_text(text, encoding="utf-8")
    for name in ("a.csv", "b.yaml"):
        assert list(read_evidence(tmp_path / name)) == [trains()]


@pytest.mark.parametrize("cell", ["many", "1.5", "-2", "9" * 5000])
def test_a_cell_that_is_no_count_is_refused_with_its_place(tmp_path: Path, cell: str) -> None:
    file = tmp_path / "a.csv"
    row = f"trains,2024-08-01,count,troops,station,2024-07-01,2024-07-31,{cell}\n"
    file.write_text(HEADER + row, encoding="utf-8")
    with pytest.raises(InputError, match=r"a.csv:2: item 'trains': counted: .*whole number"):
        read_evidence(file)
