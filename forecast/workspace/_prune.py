"""Draws that nobody asks for any more are removed, by a stated rule; what was said stays for good.

The ledger keeps every forecast, and each run its manifest. What takes the room are the draws, which
are needed to ask a run something new. An entry of the ledger says which were removed, with their
digests: they are then pruned, and not lost, and a copy can be put back and is verified. A run is a
function of what the ledger has of it, so that one without draws is estimated again when asked.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecast.errors import Fault, ForecastError, InputError
from forecast.evidence import Questions
from forecast.files._text_file import old_parts
from forecast.files._workspace_file import KEPT_NIGHTS
from forecast.ledger import (
    ArtifactRecord,
    Origin,
    RunHead,
    artifacts_of,
    first_told,
    origins_of,
    prune,
    pruned_files,
    run_heads,
    standing,
)
from forecast.time import day_label
from forecast.workspace._alerts import OF_TIME
from forecast.workspace._contents import scan_asked
from forecast.workspace._head import note_head
from forecast.workspace._history import Kept, last_runs, open_kept


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

    def words(self, done: str = "removed") -> str:
        """Return in a line what stays, and what was done with how much."""
        count = len(self.files) + len(self.leftovers)
        return (
            f"{self.kept} of {self.runs} runs keep their draws; {count} "
            f"file{'' if count == 1 else 's'} {done} ({self.bytes / 1e6:,.1f} MB)."
        )


def prune_workspace(folder: Path, *, nights: int | None = None, trial: bool = False) -> Pruned:
    """Remove the draws of runs but those that the rule keeps.

    Kept are, of each network, the last run, by cut-off and by entry; the runs as of the last
    `nights` dates but those of quiet nights, which differ from the run before by time alone; the
    last run of each month; and the first run that forecast each event and deadline that is
    answered: the one that is scored at its opening.

    Parameters
    ----------
    folder
        The workspace.
    nights
        How many dates; by default as many as forecast.toml says, and 30 where that is ``"all"``.
    trial
        Only say what would go.

    Raises
    ------
    InputError
        If `nights` is below 1, or the questions have faults.
    LedgerError
        If the ledger cannot be written; then nothing was removed.
    """
    if nights is not None and nights < 1:
        fault = Fault("is below 1", "The last run is always kept.", field="--keep")
        raise InputError(fault)
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    with open_kept(folder) as kept:
        heads = run_heads(kept.ledger)
        staying = {
            *_noisy(kept, _last_nights(heads, nights or kept.workspace.keep_nights or KEPT_NIGHTS)),
            *_last(heads),
            *_month_ends(heads),
            *_openings(kept, questions),
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


def _in_order(heads: Iterable[RunHead]) -> dict[str, list[RunHead]]:
    """Return the runs of each network by cut-off; of several with one, in the order of entry."""
    found: dict[str, list[RunHead]] = {}
    for head in sorted(heads, key=lambda head: (head.as_of, head.entry)):
        found.setdefault(head.network, []).append(head)
    return found


def _last(heads: Sequence[RunHead]) -> Iterator[int]:
    """Yield the last run of each network: by cut-off, and by entry."""
    yield from (head.entry for head in last_runs(heads).values())
    yield from {head.network: head.entry for head in heads}.values()


def _last_nights(heads: Sequence[RunHead], nights: int) -> list[tuple[RunHead, RunHead | None]]:
    """Return the runs as of the last dates of each network, each with the run before it."""
    found = []
    for mine in _in_order(heads).values():
        dates = set(sorted({head.as_of for head in mine})[-nights:])
        pairs = zip([None, *mine], mine, strict=False)
        found += [(head, before) for before, head in pairs if head.as_of in dates]
    return found


def _noisy(kept: Kept, runs: Sequence[tuple[RunHead, RunHead | None]]) -> Iterator[int]:
    """Yield the runs that differ from the run before by more than time."""
    entries = {each.entry for pair in runs for each in pair if each is not None}
    origins = {entry: _timeless(each) for entry, each in origins_of(kept.ledger, entries).items()}
    for head, before in runs:
        if before is None or origins[head.entry] != origins[before.entry]:
            yield head.entry


def _timeless(origin: Origin) -> Origin:
    """Return what a run was made from without what changes as days pass."""
    settings = json.loads(origin.settings)
    stated = {name: value for name, value in settings.items() if name not in OF_TIME}
    return replace(origin, settings=json.dumps(stated, sort_keys=True))


def _month_ends(heads: Sequence[RunHead]) -> Iterator[int]:
    """Yield the last run of each network and month, by cut-off; of several the last entered."""
    for mine in _in_order(heads).values():
        # the day that the cut-off ends
        yield from {day_label(head.as_of)[:7]: head.entry for head in mine}.values()


def _openings(kept: Kept, questions: Questions) -> Iterator[int]:
    """Yield the first run that forecast each event and deadline that is answered."""
    answered = set(standing(kept.ledger))
    pairs = {
        (each.event, each.by)
        for each in questions
        if each.outcome is not None or each.id in answered
    }
    asked = answered | {event for event, _ in pairs}
    for (_, event, deadline), entry in first_told(kept.ledger, asked).items():
        if event in answered or (event, deadline) in pairs:
            yield entry


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
    for place, _, _ in folder.walk():
        yield from sorted(old_parts(place))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
