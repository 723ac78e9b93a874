"""Fuzzes readers by hand: ``python -m tests.fuzz.long [READER …] [--minutes 5]``.

Each reader is fuzzed for so long, and one line on it goes into ``tests/fuzz/results.csv``: the
version of the code, how many inputs, the processor time and the memory that the slowest of them
takes when it is read once more without the instruments, and how it ended.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.readers import READERS
from tests.fuzz.seeds import seeds

RESULTS = Path(__file__).with_name("results.csv")
COLUMNS = ("reader", "code", "seconds", "inputs", "worst_seconds", "worst_mb", "ended")
SECONDS_AN_INPUT = 120
MEGABYTES = 2_000
LONGEST = 100_000

ONCE = """
import json, resource, sys, time, warnings
from pathlib import Path
from tests.fuzz.readers import READERS
from forecast.errors import ForecastError
warnings.simplefilter("ignore")
name, folder, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]).read_bytes()
for given in (b"", data):  # the first time fills what is kept for good
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        READERS[name](folder, given)
    except ForecastError as error:
        str(error)
    took = time.process_time() - begin
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([took, more / 1024]))
"""


@dataclass(frozen=True)
class Fuzzed:
    """How the fuzzing of a reader ended: the exit code, what was printed, the slowest input."""

    code: int
    told: str
    worst: Path


def fuzz(
    readers: Iterable[str], folder: Path, *, longest: int, seconds: int = 0, inputs: int = -1
) -> dict[str, Fuzzed]:
    """Fuzz readers one after the other, each for some seconds or with a number of inputs.

    A number of inputs, without seconds, tries the same ones each time.
    """
    places = {reader: folder / reader for reader in readers}
    for reader, place in places.items():
        corpus = place / "corpus"
        corpus.mkdir(parents=True)
        for number, seed in enumerate(seeds(reader, place)):
            (corpus / str(number)).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-timeout={SECONDS_AN_INPUT}", f"-max_len={longest}"]
    limits += [f"-rss_limit_mb={MEGABYTES}", f"-runs={inputs}", "-seed=1"]
    command = [sys.executable, "-m", "tests.fuzz.readers", ",".join(places), str(folder), *limits]
    # The most memory that a process ever held is taken over from who starts it, and the fuzzer goes
    # by that. So a shell starts it, which holds little.
    shell = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
    subprocess.run(  # noqa: S603
        [*shell, *command], check=True, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    return {
        reader: Fuzzed(
            code=int((place / "code").read_text()),
            told=(place / "told").read_text(encoding="utf-8", errors="replace"),
            worst=place / "worst",
        )
        for reader, place in places.items()
    }


def once(reader: str, folder: Path, data: str) -> tuple[float, float]:
    """Return the processor seconds and the megabytes that one input takes, not instrumented."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ONCE, reader, str(folder), data],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return math.inf, math.inf  # it crashes it
    took, more = json.loads(done.stdout.splitlines()[-1])
    return took, more


def line_on(reader: str, seconds: int, keep: Path | None) -> dict[str, object]:
    """Fuzz a reader, and return what there is to say of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        begin = time.monotonic()
        fuzzed = fuzz([reader], folder, longest=LONGEST, seconds=seconds)[reader]
        lasted = time.monotonic() - begin
        took, more = once(reader, folder / reader, str(fuzzed.worst))
        if keep is not None and fuzzed.code:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{reader}.log").write_text(fuzzed.told[-20_000:])
            for found in (folder / reader).glob("*-*"):
                if found.is_file() and found.name.split("-")[0] in {"crash", "oom", "timeout"}:
                    (keep / f"{reader}-{found.name}").write_bytes(found.read_bytes())
    counted = [line for line in fuzzed.told.splitlines() if line.startswith("Done ")]
    inputs = int(counted[-1].split()[1]) if counted else 0
    return {
        "reader": reader,
        "code": _code(),
        "seconds": round(lasted),
        "inputs": inputs,
        "worst_seconds": f"{took:.2f}",
        "worst_mb": f"{max(more, 0):.0f}",
        "ended": "sound" if fuzzed.code == 0 else _last(fuzzed.told),
    }


def _code() -> str:
    git = ["git", "rev-parse", "--short=10", "HEAD"]
    return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def _last(told: str) -> str:
    said = [line for line in told.splitlines() if "Error" in line or "ERROR" in line]
    return said[-1][:200] if said else "crashed"


def main() -> None:
    """Fuzz the readers that are named, or all, and put down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--keep", type=Path, help="a folder for what crashed a reader")
    asked = parser.parse_args()
    for reader in asked.readers or READERS:
        made = line_on(reader, round(asked.minutes * 60), asked.keep)
        sys.stdout.write(f"{made}\n")
        sys.stdout.flush()
        rows = {row["reader"]: row for row in _kept()} | {reader: made}
        with RESULTS.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[name] for name in READERS if name in rows)


def _kept() -> list[dict[str, str]]:
    if not RESULTS.exists():
        return []
    with RESULTS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


if __name__ == "__main__":
    main()
