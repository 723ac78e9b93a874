"""Simulated courses of events as a table of stretches, for `event_history.fit`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from forecast.errors import Fault, InputError
from forecast.network import Network
from forecast.time import years_between

if TYPE_CHECKING:
    import pandas as pd


class Course(Protocol):
    """One course of events, as `simulate` draws them."""

    @property
    def network(self) -> Network:
        """The network that names the events and its time."""

    @property
    def jumps(self) -> Mapping[str, tuple[datetime, ...]]:
        """For each event the instants at which it changes, rising."""

    @property
    def initially(self) -> Mapping[str, bool]:
        """Whether each event was on at the start."""


def stretches(courses: Iterable[Course], event: str, parents: Sequence[str]) -> "pd.DataFrame":
    """Return the history of an event's onsets, with other events on (1) or off (0) as covariates.

    Parameters
    ----------
    courses
        Such as the worlds that `simulate` returns.
    event
        Whose onsets are counted; it is at risk while it is off.
    parents
        The events that may bear on it.

    Returns
    -------
    DataFrame
        One row a stretch in which nothing changes: ``course``, ``start`` and ``stop`` in years from
        the network's start, ``event``, and one column a parent.

    Raises
    ------
    InputError
        If the event is among its parents.
    UnknownNameError
        If the network has no such event.

    """
    import pandas as pd  # noqa: PLC0415 - takes longer than the rest

    if event in parents:
        raise InputError(Fault(f"the event '{event}' is no parent of itself"))
    rows = []
    for number, course in enumerate(courses):
        for name in (event, *parents):
            course.network.event(name)
        rows += [(number, *row) for row in _rows(course, event, parents)]
    return pd.DataFrame(rows, columns=["course", "start", "stop", "event", *parents])


def _rows(course: Course, event: str, parents: Sequence[str]) -> Iterable[tuple[float, ...]]:
    begin = course.network.start_instant
    end = years_between(begin, course.network.horizon_instant)
    names = (event, *parents)
    changes = sorted(
        (years_between(begin, jump), name) for name in names for jump in course.jumps[name]
    )
    on = {name: bool(course.initially[name]) for name in names}
    now = 0.0
    for time, name in [*changes, (end, "")]:
        if not on[event] and time > now:
            yield now, time, int(name == event), *(int(on[parent]) for parent in parents)
        now = time
        if name:
            on[name] = not on[name]
