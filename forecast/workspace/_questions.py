"""Questions put to a run of the ledger: an event under conditions, the reasons of a forecast."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, ForecastError, InputError, did_you_mean
from forecast.ledger import RunHead, run_heads, run_inputs, run_said
from forecast.report._content import NamedItem, Reasons
from forecast.time import day_label, day_stamp, parse_instant
from forecast.workspace._draws import (
    STATISTICS,
    evidence_of,
    network_of,
    posterior_of,
    saved_curves,
    saved_draws,
)
from forecast.workspace._history import Kept, history_of, named_run, open_kept
from forecast.workspace._kept_reasons import OfRun, reasons_of
from forecast.workspace._named import named_items
from forecast.workspace._reasons import PARTS, deadline_of_reasons, note_of

if TYPE_CHECKING:
    import pandas as pd

    from forecast.posterior import Probability

type Tell = Callable[[str], None]


@dataclass(frozen=True)
class Supposition:
    """What is supposed, as it was written.

    Parameters
    ----------
    given
        Conditions, in the forms of `forecast.posterior._conditions.read_conditions`.
    do
        Interventions, likewise.
    by
        Deadlines; those of the run where empty.
    """

    given: tuple[str, ...] = ()
    do: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Supposed:
    """The probability of an event by a deadline, as it is and as it would be."""

    by: str
    plain: "Probability"
    supposed: "Probability"


@dataclass(frozen=True)
class Asked:
    """Answers of one run.

    Parameters
    ----------
    head
        The run.
    given, do
        What was supposed, each condition in its plain form.
    answers
        By deadline.
    """

    head: RunHead
    given: tuple[str, ...]
    do: tuple[str, ...]
    answers: tuple[Supposed, ...]


@dataclass(frozen=True)
class Why:
    """The reasons for one forecast.

    Parameters
    ----------
    event, head
        The event, and the run.
    by
        The deadline.
    curve
        Over the ends of months: ``mean``, ``lower`` and ``upper`` (central 90%); None where the
        run's draws cannot be read.
    reasons
        What moved it, what it leans on and what to watch; its notes say what cannot be told.
    items
        The items that the run saw, as readers are told them, by id.
    titles
        What each event is called.
    """

    event: str
    head: RunHead
    by: str
    curve: "pd.DataFrame | None"
    reasons: Reasons
    items: Mapping[str, NamedItem]
    titles: Mapping[str, str]


def ask(
    folder: Path, event: str, supposed: Supposition, *, run: str | None = None, tell: Tell
) -> Asked:
    """Return what a run says of an event under conditions; by default the last that speaks of it.

    It is answered from the draws that the run saved; where there are none, or an older version did
    not save all of them, the run is estimated again from what the ledger has of it, which gives the
    same answer; `tell` is told so, and why. No such run or event and a condition that cannot be
    used are an `InputError`, damaged draws a `ForecastError`.
    """
    from forecast.posterior._conditions import read_conditions, write_condition  # noqa: PLC0415

    given, do = read_conditions(supposed.given), read_conditions(supposed.do)
    with open_kept(folder) as kept:
        head, deadlines = _run(kept, folder, event, run)
        post = posterior_of(kept, head, tell)
    answers = []
    for by in [*supposed.by] or deadlines:
        plain = post.probability(event, by=by)
        as_supposed = post.probability(event, by=by, given=given, do=do)  # type: ignore[arg-type]
        answers.append(Supposed(day_label(parse_instant(by)), plain, as_supposed))
    return Asked(
        head,
        tuple(write_condition(*pair) for pair in given.items()),
        tuple(write_condition(*pair) for pair in do.items()),
        tuple(answers),
    )


def why(folder: Path, event: str, *, run: str | None = None, by: str | None = None) -> Why:
    """Return the reasons for a run's forecast of an event, which its report gives too.

    Nothing is estimated anew: what the run's draws cannot tell is a note in its place.

    `by` is the deadline; that of the report (see `deadline_of_reasons`), unless given. No such run
    or event, and a date that cannot be asked for, are an `InputError`.
    """
    with open_kept(folder) as kept:
        head, deadlines = _run(kept, folder, event, run)
        inputs = run_inputs(kept.ledger, head.entry)
        network = network_of(inputs)
        day = deadline_of_reasons(head.as_of, deadlines)
        if by is not None:
            from forecast.posterior._calendar import Calendar  # noqa: PLC0415  it takes seconds

            day = Calendar(network.start_instant, head.as_of, network.horizon_instant).deadline(by)
        curve = None
        try:
            tree = saved_draws(kept, inputs)
            curve = None if tree is None else _curve(saved_curves(tree).get(event))
            reasons = reasons_of(OfRun(kept, head, inputs, day), [event])[event]
        except ForecastError as error:
            note = note_of(error)
            reasons = Reasons(day, notes=dict.fromkeys(PARTS, note))
        items = named_items(network, evidence_of(inputs))
    titles = {each.id: each.title or each.id for each in network.nodes}
    return Why(event, head, day_label(day), curve, reasons, items, titles)


def _curve(rows: "Sequence[tuple[datetime, float, float, float]] | None") -> "pd.DataFrame | None":
    import pandas as pd  # noqa: PLC0415  it takes half a second

    if rows is None:
        return None
    days = pd.DatetimeIndex([day_stamp(row[0]) for row in rows], name="date")
    return pd.DataFrame([row[1:] for row in rows], index=days, columns=list(STATISTICS))


def _run(kept: Kept, folder: Path, event: str, run: str | None) -> tuple[RunHead, list[datetime]]:
    """Return a run, and the deadlines by which it has a forecast of an event."""
    heads = run_heads(kept.ledger)
    if run is None:
        last = history_of(folder, event).last
        head = next(head for head in heads if head.entry == last[0].entry)
        return head, [each.forecast.deadline for each in last]
    head = named_run(heads, run)
    told = [each.forecast for each in run_said(kept.ledger, head.entry)]
    deadlines = sorted(f.deadline for f in told if f.event == event and not f.condition)
    if not deadlines:
        remedy = did_you_mean(event, {f.event for f in told})
        raise InputError(
            Fault(f"run {head.entry} has no forecast of this event", remedy, value=event)
        )
    return head, deadlines
