"""Files of a run that are there before it is made: taken only where the ledger names them.

A run is published when the ledger has it, and the ledger has the digest of each of its files. What
it does not name may be what a killed job left, or what somebody wrote or copied: no look at it
shows which. It counts for nothing, and the run is estimated.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from forecast.errors import ForecastError
from forecast.ledger import Entry, ForecastRecord, Ledger, RunRecord, find_run, read_run
from forecast.workspace._run import Manifest, file_digest, read_manifest, said_of


def published(ledger: Ledger, key: str) -> tuple[Entry, RunRecord] | None:
    """Return what the ledger has of the run with a key; None where it was never published."""
    entry = find_run(ledger, key)
    return None if entry is None else read_run(ledger, entry.seq)


def as_published(
    path: Path, entry: Entry, record: RunRecord, pruned: Callable[[], Mapping[str, str]]
) -> Manifest | None:
    """Return the manifest of a published run, held against the ledger; None if it is not here.

    Parameters
    ----------
    path
        The manifest's file, in the network's own folder.
    entry, record
        What the ledger has of the run.
    pruned
        Gives the files that were removed on purpose, the digest of each by path; asked only where
        a file is not here.

    Raises
    ------
    ForecastError
        If a file of the run differs from what the ledger names, or one of several is missing.
    """
    files = {path.parent.parent / file.path: file.sha256 for file in record.artifacts}
    missing = [file for file in files if not file.exists()]
    if len(missing) == len(files):
        return None
    gone = pruned() if missing else {}
    for each in record.artifacts:
        place = path.parent.parent / each.path
        if place in missing and place != path and gone.get(each.path) == each.sha256:
            del files[place]
    way_out = (
        f"Put back the files of entry {entry.seq} from a copy; or move them away and run again, "
        "which makes them anew"
    )
    for file, written in files.items():
        try:
            digest = file_digest(file)
        except OSError as error:
            msg = f"{file}: cannot be read: {error.strerror}. {way_out}"
            raise ForecastError(msg) from error
        if digest != written:
            msg = (
                f"{file}: the file is damaged or was changed after it was published: its SHA-256 "
                f"is {digest[:12]}…, and the ledger names {written[:12]}…. {way_out}"
            )
            raise ForecastError(msg)
    if path not in files:
        msg = f"{path}: entry {entry.seq} of the ledger does not name this file. {way_out}"
        raise ForecastError(msg)
    return read_manifest(path)


def require_same(made: Manifest, entry: Entry, record: RunRecord) -> None:
    """Refuse an estimate that differs from what the ledger says of the same run."""
    differing = [
        (now, then)
        for now, then in zip(said_of(made), record.forecasts, strict=False)
        if now != then
    ]
    if not differing and len(made.forecasts) == len(record.forecasts):
        return
    how = _differ(*differing[0]) if differing else "it has other forecasts"
    changed = [
        f"{name} {version} then, {made.versions.get(name, 'none')} now"
        for name, version in record.versions.items()
        if made.versions.get(name) != version
    ]
    why = f" ({'; '.join(changed)})" if changed else ""
    msg = (
        f"the files of entry {entry.seq} were lost, and the estimate that would take their place "
        f"is not what was published: {how}{why}. Put the files back from a copy"
    )
    raise ForecastError(msg)


def set_aside(path: Path, made: Manifest) -> str:
    """Move away a manifest that no ledger names and that says something else than the estimate.

    Returns what to tell; empty where there is none, or where it says the same: a killed job left
    it.
    """
    if not path.exists():
        return ""
    try:
        found = read_manifest(path)
        how = _difference(found, made)
    except ForecastError:
        how = "it is no whole manifest"
    if not how:
        return ""
    kept = path.with_name(f"{path.name}.refused")
    path.replace(kept)
    return (
        f"{path}: was there, is in no ledger, and is not what was estimated: {how}. It was set "
        f"aside as {kept.name}, and the estimate published"
    )


def _difference(found: Manifest, made: Manifest) -> str:
    """Return in what a manifest that was there differs; nothing of its draws' file."""
    for name in type(made).model_fields:
        then, now = getattr(found, name), getattr(made, name)
        if name in {"posterior", "forecasts", "gate"} or then == now:
            continue
        return f"its {name} is {str(then)[:80]}, not {str(now)[:80]}"
    if len(found.forecasts) != len(made.forecasts):
        return "it has other forecasts"
    for then, now in zip(found.forecasts, made.forecasts, strict=True):
        if then != now:
            return _differ(then, now)
    return "" if str(found.gate) == str(made.gate) else "its gate is another"


def _differ(found: ForecastRecord, right: ForecastRecord) -> str:
    what = f"'{right.event}' by {right.by}"
    if found.probability != right.probability:
        return f"{what} is at {found.probability:.6g}, not {right.probability:.6g}"
    return f"{what} has other figures"
