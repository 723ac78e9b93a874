"""Passes kept on disk, so that tonight's costs tonight's items.

A pass is found by digests: each covers the network, the settings, and the record up to one of its
segments. Where a later record begins with the same ones, its pass goes on from the last segment
whose particles are kept. The file is a convenience and no part of what was said: it may be deleted,
and what cannot be read is made anew.
"""

import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from forecast.engine._course import Courses
from forecast.evidence import Evidence, Item, Report
from forecast.files._sealed import sealed, unsealed
from forecast.files._text_file import replacing
from forecast.model._lower import Lowered
from forecast.posterior._particles import FAMILIES, Levels, Particles
from forecast.posterior._parts import Segment, segments
from forecast.posterior._passage import (
    CHAINS,
    KEEP,
    LOOKBACK,
    ROUNDS_SURE,
    UNEVEN,
    Begun,
    Passage,
    Step,
    passage,
)

type Floats = NDArray[np.float64]


def kept_passage(lowered: Lowered, times: Floats, seed: int, file: Path) -> Passage:
    """Return a pass, gone on from what a file has of an earlier one, and keep it there.

    Parameters
    ----------
    lowered, times, seed
        As for `forecast.posterior._passage.passage`.
    file
        Where it is kept; one that is not there, or holds another pass, is written anew.
    """
    names = _digests(lowered, times, seed)
    found, told = passage(lowered, times, seed, begun=_read(file, names, segments(lowered)))
    with suppress(OSError):  # where nothing may be written, it is only slower
        _write(file, names, found.steps, told)
    return found


def _digests(lowered: Lowered, times: Floats, seed: int) -> list[str]:
    """Return a digest of the pass from its beginning up to each segment."""
    settings = (version("eventcast"), np.__version__, seed, CHAINS, KEEP, FAMILIES, ROUNDS_SURE)
    text = f"{settings} {UNEVEN} {times.tolist()} {lowered.network.model_dump_json()}"
    so_far, found = hashlib.sha256(text.encode()), []
    for segment in segments(lowered):
        for item in segment.items:
            for each in _behind(item, lowered.evidence):
                so_far.update(each.model_dump_json().encode())
        found.append(so_far.hexdigest())
    return found


def _behind(item: Item, evidence: Evidence) -> list[Item]:
    """Return an item and all that it repeats, over any number of steps."""
    found = {item.id: item}
    waiting = [item]
    while waiting:
        one = waiting.pop()
        for name in one.derived_from if isinstance(one, Report) else ():
            if name not in found:
                found[name] = evidence.item(name)
                waiting.append(found[name])
    return list(found.values())


def _write(file: Path, names: Sequence[str], steps: Sequence[Step], told: Begun) -> None:
    sizes = [len(each) for each in told.steps]
    arrays: dict[str, NDArray[np.generic]] = {
        "names": np.array(names, dtype=str),
        "sizes": np.array(sizes, dtype=np.int64),
        "items": np.array([step.item for step in steps], dtype=str),
        "log_predictive": np.array([step.log_predictive for step in steps]),
        "log_predictive_influence": np.array([step.log_predictive_influence for step in steps]),
        "log_quiet": np.array(told.log_quiet),
        "kept": np.array(sorted(told.kept), dtype=np.int64),
        **_levels("first", [told.first]),
        **_levels("before", [step.before for step in steps]),
        **_levels("after", [step.after for step in steps]),
    }
    for k, cloud in told.kept.items():
        arrays[f"{k}_z"], arrays[f"{k}_log_weights"] = cloud.z, cloud.log_weights
        arrays[f"{k}_family"] = cloud.family.astype(np.int16)
        arrays[f"{k}_initial"] = cloud.courses.initial.astype(np.int8)
        arrays[f"{k}_first"], arrays[f"{k}_time"] = cloud.courses.first, cloud.courses.time
        arrays[f"{k}_event"] = cloud.courses.event.astype(np.int32)
    body = io.BytesIO()
    np.savez_compressed(body, allow_pickle=False, **arrays)
    data = body.getvalue()
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as new:
        new.write_bytes(sealed(data))


def _levels(name: str, levels: Sequence[Levels]) -> dict[str, NDArray[np.generic]]:
    if not levels:
        return {}
    return {
        f"{name}_chance": np.array([each.chance for each in levels]),
        f"{name}_influence": np.array([each.influence for each in levels]),
    }


def _read(file: Path, names: Sequence[str], parts: Sequence[Segment]) -> Begun | None:
    """Return what a file has of a pass; None where it has nothing of this one."""
    try:
        data = unsealed(file.read_bytes())
        if data is None:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            had, kept = found["names"].tolist(), found["kept"].tolist()
            alike = {k for k in kept if k < len(names) and names[k] == had[k]}
            whole = [k for k in alike if {*range(max(k - LOOKBACK + 1, 0), k + 1)} <= alike]
            if not whole:
                return None
            number = max(whole) + 1
            return _begun(found, number, sorted(k for k in alike if k < number), parts)
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _begun(
    found: "np.lib.npyio.NpzFile", number: int, kept: Sequence[int], parts: Sequence[Segment]
) -> Begun:
    edges = np.cumsum([0, *found["sizes"].tolist()])
    before, after, first = (_unpacked(found, name) for name in ("before", "after", "first"))
    surprise, parts_of = found["log_predictive"], found["log_predictive_influence"]
    steps = []
    for k in range(number):
        rows = range(int(edges[k]), int(edges[k + 1]))
        steps.append(
            tuple(
                Step(item.id, before[i], after[i], float(surprise[i]), parts_of[i])
                for i, item in zip(rows, parts[k].items, strict=True)
            )
        )
    clouds = {
        k: Particles(
            found[f"{k}_z"],
            Courses(
                _as_many(found[f"{k}_initial"], len(parts[k].lowered.events)),
                found[f"{k}_first"],
                found[f"{k}_time"],
                found[f"{k}_event"].astype(np.int64),
            ),
            found[f"{k}_log_weights"],
            found[f"{k}_family"].astype(np.intp),
        )
        for k in kept
    }
    return Begun(first[0], tuple(steps), tuple(found["log_quiet"][:number].tolist()), clouds)


def _as_many(initial: NDArray[np.int8], events: int) -> NDArray[np.int64]:
    """Return where courses begin with as many events as there are now, shape (course, event).

    The last ones are hidden states of regimes that come later: off, and without a jump.
    """
    more = max(events - initial.shape[1], 0)
    return np.pad(initial.astype(np.int64), ((0, 0), (0, more)))[:, :events]


def _unpacked(found: "np.lib.npyio.NpzFile", name: str) -> list[Levels]:
    pairs = zip(found[f"{name}_chance"], found[f"{name}_influence"], strict=True)
    return [Levels(chance, influence) for chance, influence in pairs]
