"""The reasons for a run's forecasts, kept beside its draws: worked out once, whoever asks.

`show`, `diff` and the report ask here. What is kept follows from the draws alone, so the file is a
convenience and no part of what was said: it may be deleted, the ledger does not name it, and where
it cannot be written or read, or a byte of it has changed, the reasons are worked out anew.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from forecast.errors import ForecastError
from forecast.files._sealed import sealed, unsealed
from forecast.files._text_file import replacing
from forecast.ledger import ForecastRecord, RunHead, RunInputs
from forecast.report._content import Reasons
from forecast.workspace._draws import saved_posterior
from forecast.workspace._history import Kept
from forecast.workspace._reasons import PARTS, note_of, settled, steps_of, worked_out
from forecast.workspace._work import Step, Tell

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecast.posterior import Posterior, Probability


FEW = 2
"""Events that are explained one by one; more by one pass through the evidence for all of them."""


class _File(BaseModel):
    """What the file holds; `run`, `posterior` and `library` are what it was made from and by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[4] = 4
    run: str
    posterior: str
    library: str
    told: dict[str, dict[str, Reasons]] = {}
    """By deadline, or deadline and earlier run; by event."""


@dataclass(frozen=True)
class OfRun:
    """Whose reasons are asked for: a run's, for its forecasts by a deadline.

    `tree` are its saved draws, where they have been read before.
    """

    kept: Kept
    head: RunHead
    inputs: RunInputs
    by: datetime
    tree: "xr.DataTree | None" = None

    @property
    def _draws(self) -> tuple[str, str] | None:
        """The run's draws: path and digest."""
        return next((each for each in self.inputs.files.items() if each[0].endswith(".nc")), None)

    @property
    def file(self) -> Path | None:
        """Where the reasons are kept; None where the run has no draws."""
        draws = self._draws
        if draws is None:
            return None
        return (self.kept.workspace.output_path / draws[0]).with_suffix(".reasons.json")

    @property
    def shelf(self) -> Path:
        """Where what a pass through the evidence finds is kept for the nights to come."""
        return self.kept.workspace.output_path / f"{self.head.network}.pass.npz"

    def empty(self) -> _File:
        """Return a file of this run with nothing in it."""
        digest = "" if self._draws is None else self._draws[1]
        return _File(run=self.head.key, posterior=digest, library=version("eventcast"))


def reasons_of(
    of_run: OfRun, events: Sequence[str], *, tell: Tell = lambda _: None
) -> dict[str, Reasons]:
    """Return the reasons for forecasts of events, by event.

    Where the run's draws cannot be asked, they say why. What cannot be told is not kept: a later
    version may tell it. Draws that are damaged are a `ForecastError`.
    """

    def work(missing: Sequence[str]) -> dict[str, Reasons] | str:
        post = saved_posterior(of_run.kept, of_run.head, of_run.inputs, of_run.tree)
        if isinstance(post, str):
            return post
        return _of_all(replace(post, shelf=of_run.shelf), missing, of_run.by, tell)

    return _kept_or(of_run, of_run.by.isoformat(), events, work)


def _of_all(
    post: "Posterior", events: Sequence[str], by: datetime, tell: Tell
) -> dict[str, Reasons]:
    """Return the reasons for forecasts of events, and of all others where these come with them.

    What a run of the path sampler is asked takes half a minute for one event and for all.
    """
    if post.method == "paths":
        events = [event.id for event in post.network.nodes]
    steps, shares = {}, {}
    if len(events) > FEW:
        tell(Step(0, len(events), "going through the evidence"))
        steps = _by_event(post.explain_all(by=by, events=events))
        shares = _by_event(post.shares_all(by=by, events=events))
    found = {}
    for n, event in enumerate(events):
        tell(Step(n, len(events), f"explaining {event}"))
        known = steps.get(event)
        if steps and known is None:
            found[event] = settled(event, by)
        else:
            found[event] = worked_out(post, event, by, known, shares.get(event))
    return found


def _by_event(table: "pd.DataFrame") -> "dict[str, pd.DataFrame]":
    if not len(table):
        return {}
    parts = table.groupby(level="event_of", sort=False)
    return {str(event): part.droplevel("event_of") for event, part in parts}


def changes_of(
    of_run: OfRun,
    before: RunHead,
    events: Sequence[str],
    posteriors: "Callable[[], tuple[Posterior, Posterior]]",
    figures: Mapping[str, tuple[ForecastRecord, ForecastRecord]],
) -> dict[str, Reasons]:
    """Return what moved forecasts since an earlier run, by event: reasons with steps alone.

    `posteriors` gives those of the earlier run and of the later one, `figures` what both said.
    """

    def work(missing: Sequence[str]) -> dict[str, Reasons]:
        earlier, later = posteriors()
        later = replace(later, shelf=of_run.shelf)
        pairs = {event: tuple(map(_probability, figures[event])) for event in missing}
        return {event: _change(earlier, later, event, of_run.by, pairs[event]) for event in missing}

    return _kept_or(of_run, f"{of_run.by.isoformat()} since {before.key}", events, work)


def _probability(told: ForecastRecord) -> "Probability":
    from forecast.posterior import Probability  # noqa: PLC0415  it takes seconds

    return Probability(np.array([told.probability]), told.mcse or 0.0)


def _change(
    earlier: "Posterior",
    later: "Posterior",
    event: str,
    by: datetime,
    pair: "tuple[Probability, ...]",
) -> Reasons:
    then, now = pair
    try:
        moved, figures = steps_of(later.explain_change(earlier, event, by=by, figures=(then, now)))
    except ForecastError as error:
        return Reasons(by, notes={"moved": note_of(error)})
    return Reasons(by, moved, figures=figures)


def _kept_or(
    of_run: OfRun,
    of: str,
    events: Sequence[str],
    work: "Callable[[Sequence[str]], dict[str, Reasons] | str]",
) -> dict[str, Reasons]:
    """Return what is kept of events, and for the others what `work` gives, which is kept too."""
    file = _read(of_run)
    known = file.told.get(of, {})
    missing = [event for event in events if event not in known]
    if missing:
        found = work(missing)
        if isinstance(found, str):
            note = f"Not told: {found}."
            untold = Reasons(of_run.by, notes=dict.fromkeys(PARTS, note))
            return {event: known.get(event, untold) for event in events}
        lasting = {**known, **{event: each for event, each in found.items() if each.moved}}
        if lasting != known:
            _write(of_run, file.model_copy(update={"told": {**file.told, of: lasting}}))
        known = {**known, **found}
    return {event: known[event] for event in events}


def _read(of_run: OfRun) -> _File:
    """Return what is kept of a run; nothing where it is of other draws or another version."""
    empty = of_run.empty()
    try:
        data = None if of_run.file is None else unsealed(of_run.file.read_bytes())
        found = None if data is None else _File.model_validate_json(data)
    except (OSError, ValidationError):
        return empty
    return empty if found is None or found.model_copy(update={"told": {}}) != empty else found


def _write(of_run: OfRun, made: _File) -> None:
    if of_run.file is None:
        return
    with suppress(OSError), replacing(of_run.file) as temporary:
        temporary.write_bytes(sealed(f"{made.model_dump_json()}\n".encode()))
