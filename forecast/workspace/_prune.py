"""Draws that nobody asks for any more are removed, by a stated rule; what was said stays for good.

The ledger keeps every forecast, and each run its manifest. What takes the room are the draws, which
are needed to ask a run something new. An entry of the ledger says which were removed, with their
digests: they are then pruned, and not lost, and a copy can be put back and is verified.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.ledger import (
    ArtifactRecord,
    RunHead,
    Said,
    artifacts_of,
    prune,
    pruned_files,
    run_heads,
    said,
    standing,
)
from forecast.time import day_label
from forecast.workspace._contents import scan_asked
from forecast.workspace._head import note_head
from forecast.workspace._history import Kept, open_kept

KEPT_NIGHTS = 30
A_DAY = 86_400.0
"""Seconds after which a part of a file is a killed job's."""


@dataclass(frozen=True)
class Pruned:
    """What a pruning removes.

    Parameters
    ----------
    runs
        How many runs the ledger has.
    kept
        How many of them keep their draws.
    files
        The files that go, in the folder of runs: draws, and what was worked out of them.
    leftovers
        Parts of files that killed jobs left.
    bytes
        How much room that makes.
    """

    runs: int
    kept: int
    files: tuple[str, ...]
    leftovers: tuple[str, ...]
    bytes: int


def prune_workspace(folder: Path, *, nights: int = KEPT_NIGHTS, trial: bool = False) -> Pruned:
    """Remove the draws of runs but those that the rule keeps.

    Kept are, of each network, the last runs as of `nights` dates, the last run of each month, and
    the first run that forecast each event and deadline that is answered: the one that is scored at
    its opening.

    Parameters
    ----------
    folder
        The workspace.
    nights
        How many dates.
    trial
        Only say what would go.

    Raises
    ------
    InputError
        If `nights` is below 1, or the questions have faults.
    LedgerError
        If the ledger cannot be written; then nothing was removed.
    """
    if nights < 1:
        fault = Fault("is below 1", "The last run is always kept.", field="--keep")
        raise InputError(fault)
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    with open_kept(folder) as kept:
        heads = run_heads(kept.ledger)
        answered = {name for name, word in standing(kept.ledger).items()}
        pairs = {(each.event, each.by) for each in questions if each.outcome is not None}
        pairs |= {(each.event, each.by) for each in questions if each.id in answered}
        staying = {
            *_last_nights(heads, nights),
            *_month_ends(heads),
            *_openings(said(kept.ledger), answered, pairs),
        }
        going = [head.entry for head in heads if head.entry not in staying]
        files = list(_here(kept, artifacts_of(kept.ledger, going)))
        beside = [each for file in files for each in _beside(kept, file)]
        leftovers = list(_leftovers(kept.workspace.output_path))
        base = kept.workspace.output_path
        paths = [*(base / file.path for file in files), *beside, *leftovers]
        found = Pruned(
            runs=len(heads),
            kept=len(heads) - len(going),
            files=tuple(str(path.relative_to(base)) for path in paths[: len(files) + len(beside)]),
            leftovers=tuple(str(path.relative_to(base)) for path in leftovers),
            bytes=sum(_size(path) for path in paths),
        )
        if not trial:
            _remove(kept, files, paths)
    return found


def _remove(kept: Kept, files: Sequence[ArtifactRecord], paths: Iterable[Path]) -> None:
    """Say in the ledger what goes, and then remove it: in between it is there, which is no harm."""
    told = pruned_files(kept.ledger)
    new = [file for file in files if told.get(file.path) != file.sha256]
    if new:
        prune(kept.ledger, new)
        note_head(kept.workspace, kept.ledger)
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            msg = f"{path}: cannot be removed: {error.strerror}"
            raise ForecastError(msg) from error


def _last_nights(heads: Sequence[RunHead], nights: int) -> Iterator[int]:
    for network in {head.network for head in heads}:
        mine = [head for head in heads if head.network == network]
        dates = set(sorted({head.as_of for head in mine})[-nights:])
        yield from (head.entry for head in mine if head.as_of in dates)


def _month_ends(heads: Sequence[RunHead]) -> Iterator[int]:
    """Yield the last run of each network and month, by cut-off; of several the last entered."""
    last: dict[tuple[str, str], RunHead] = {}
    for head in sorted(heads, key=lambda head: (head.as_of, head.entry)):
        last[head.network, day_label(head.as_of)[:7]] = head  # the day that it ends
    yield from (head.entry for head in last.values())


def _openings(
    forecasts: Iterable[Said], answered: Collection[str], pairs: Collection[tuple[str, object]]
) -> Iterator[int]:
    """Yield the first run that forecast each event and deadline that is answered."""
    seen = set()
    for each in forecasts:  # oldest first
        told = each.forecast
        question = (each.network, told.event, told.deadline)
        if question not in seen:
            seen.add(question)
            if told.event in answered or (told.event, told.deadline) in pairs:
                yield each.entry


def _here(kept: Kept, files: Iterable[ArtifactRecord]) -> Iterator[ArtifactRecord]:
    """Yield those of the files that hold draws and are here."""
    for file in files:
        if file.path.endswith(".nc") and (kept.workspace.output_path / file.path).is_file():
            yield file


def _beside(kept: Kept, file: ArtifactRecord) -> Iterator[Path]:
    """Yield what was worked out of draws and is kept beside them."""
    reasons = (kept.workspace.output_path / file.path).with_suffix(".reasons.json")
    if reasons.is_file():
        yield reasons


def _leftovers(folder: Path) -> Iterator[Path]:
    """Yield parts of files that no job can still be writing."""
    for path in sorted(folder.rglob(".*.part*")):
        with suppress(OSError):
            if path.is_file() and time.time() - path.stat().st_mtime > A_DAY:
                yield path


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
