"""What a workspace's answered questions say of its forecasts, and what these would be by it.

It is shown beside what was forecast, and never in its place. What is learned is what the ledger had
by a run's cut-off: forecasts and outcomes entered by then, of questions that had closed.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from forecast.calibration._experience import Experience, experience_of
from forecast.errors import Fault, InputError
from forecast.evidence import Question
from forecast.ledger import Ledger
from forecast.time import Day, DayError, parse_instant
from forecast.workspace._contents import scan_asked
from forecast.workspace._history import open_kept
from forecast.workspace._learned import Learned
from forecast.workspace._run import canonical_text
from forecast.workspace._scores import Asked, Clock, Life, answered


def learned(
    ledger: Ledger,
    questions: Sequence[Question],
    *,
    until: datetime,
    clock: Clock = "made",
    with_hindsight: bool = False,
) -> Learned | None:
    """Return what answered questions teach; None where there is none yet.

    `until` is the cut-off: of later entries, and of what closed later, nothing is used.
    """
    rows: list[tuple[float, float, int, str, str, float]] = []
    told: list[list[Any]] = []
    entries: set[int] = set()
    found = answered(ledger, questions, clock=clock, with_hindsight=with_hindsight, until=until)
    for number, each in enumerate(found):
        if isinstance(each.life, str):
            continue
        weights = _weights(each.life)
        pairs = list(zip(each.life.probabilities.tolist(), weights, strict=True))
        cluster, share = _cluster(each), each.life.answer.share
        rows += [(p, share, number, cluster, each.kind, weight) for p, weight in pairs]
        closed = each.life.answer.closed.isoformat()
        told.append([each.event, each.life.said[0].forecast.by, share, closed, cluster, pairs])
        entries |= {one.entry for one in each.life.said}
    if not rows:
        return None
    p, y, question, cluster_of, kind, weight = zip(*rows, strict=True)
    adjusted = experience_of(p, y, question=question, cluster=cluster_of, kind=kind, weight=weight)
    digest = hashlib.sha256(canonical_text(told).encode()).hexdigest()
    return Learned(adjusted, digest, tuple(sorted(entries)))


def _weights(life: Life) -> list[float]:
    """Return the share of the scheduled life through which each forecast stood."""
    last = np.searchsorted(life.made, life.days, side="right") - 1  # (day,): as `standing` has it
    days = np.bincount(last[last >= 0], minlength=len(life.made))
    return [float(share) for share in days / life.scheduled]


def _cluster(each: Asked) -> str:
    """Return what counts once: the cluster that the question names, else its event as stated."""
    given = "" if each.asked is None else each.asked.cluster
    return f"cluster {given}" if given else each.event.partition(".")[0]


def experience(workspace: str | Path, *, as_of: Day | None = None) -> Experience | None:
    """Return what a workspace's answered questions say of its forecasts.

    Parameters
    ----------
    workspace
        The folder of a workspace.
    as_of
        What had been entered in its ledger, and had closed, by then; now, unless given.

    Returns
    -------
    Experience or None
        ``all``, an `Adjustment` of log-odds by a shift and a stretch, and ``by_kind``, those of
        kinds of events with answers enough; None where no question is answered.

    Raises
    ------
    InputError
        If the folder is no workspace, or has no ledger.

    Notes
    -----
    No forecast rests on it. See `forecast.calibration.experience_of` for what it is, and for the
    same of any forecasts.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import forecast as fc
    >>> with TemporaryDirectory() as empty:
    ...     fc.experience(empty)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    forecast.errors.InputError: ...there is no workspace here: no such file...
    """
    found = learned_in(Path(workspace), as_of=as_of)
    return None if found is None else found.experience


def learned_in(
    folder: Path,
    *,
    as_of: Day | None = None,
    clock: Clock = "made",
    with_hindsight: bool = False,
) -> Learned | None:
    """Return what a workspace's answered questions teach; None where there is none yet.

    An `InputError` names the faults of its questions, and an `as_of` that is no date.
    """
    questions, faults, _ = scan_asked(folder)
    if faults:
        raise InputError(faults)
    try:
        until = datetime.now(UTC) if as_of is None else parse_instant(as_of)
    except DayError as error:
        raise InputError(Fault(str(error), field="--as-of")) from error
    with open_kept(folder) as kept:
        return learned(
            kept.ledger,
            list(questions),
            until=until,
            clock=clock,
            with_hindsight=with_hindsight,
        )
