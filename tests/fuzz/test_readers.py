"""No bytes whatever make a reader raise what is not an error of ours: the same few thousand each.

By hand each is fuzzed for minutes (``python -m tests.fuzz.long``); `results.csv` says how it went.
"""

import csv
from pathlib import Path

import pytest

from tests.fuzz.long import COLUMNS, RESULTS, fuzz
from tests.fuzz.readers import READERS

INPUTS = 3_000
LONGEST = 20_000
BY_HAND = 300
"""Seconds that each reader was fuzzed by hand, at the least."""


BEYOND = {
    "posterior": "HDF5, a library in C, may not come back from a file that is damaged on purpose",
}
"""Readers that are not fuzzed here, and why; by hand they are, and what was found is kept."""


SHARES = 2
"""Of the readers, so that two processes may fuzz at once: the instruments take 20 s to set up."""


@pytest.mark.parametrize("share", range(SHARES))
def test_no_bytes_crash_a_reader(tmp_path: Path, share: int) -> None:
    fuzzed = sorted(READERS.keys() - BEYOND.keys())[share::SHARES]
    ended = fuzz(fuzzed, tmp_path, longest=LONGEST, inputs=INPUTS)
    broken = [f"{reader}:\n{each.told[-6000:]}" for reader, each in ended.items() if each.code]
    assert not broken, "\n".join(broken)
    for each in ended.values():
        assert f"Done {INPUTS} " in each.told


def test_readers_were_fuzzed_by_hand_and_ended_sound() -> None:
    with RESULTS.open(encoding="utf-8", newline="") as stream:
        rows = {row["reader"]: row for row in csv.DictReader(stream)}
    assert tuple(next(iter(rows.values()))) == COLUMNS
    assert rows.keys() == READERS.keys()
    for row in rows.values():
        if row["reader"] not in BEYOND:
            assert float(row["seconds"]) >= BY_HAND
            assert int(row["inputs"]) > 0
            assert row["ended"] == "sound"
