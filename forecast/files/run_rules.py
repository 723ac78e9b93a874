"""Rules for what a run is asked: how many draws, and deadlines that a network can answer for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import finish
from forecast.network import Network

__all__ = ["FEWEST_DRAWS", "MOST_DRAWS", "check_deadlines", "draws_fault", "repeated_faults"]

FEWEST_DRAWS, MOST_DRAWS = 512, 2**20
WHY_FEWEST = "the least with which the gate can pass: it wants 400 effective draws"


def draws_fault(draws: int) -> Fault | None:
    """Return what is wrong with the number of draws of a run to be published, if anything.

    Examples
    --------
    >>> print(draws_fault(1000))
    must be a power of two from 512 to 1,048,576 (got '1000'). Write 512 or 1024.
    >>> print(draws_fault(64).remedy)
    Write 512, the least with which the gate can pass: it wants 400 effective draws.
    """
    if FEWEST_DRAWS <= draws <= MOST_DRAWS and draws.bit_count() == 1:
        return None
    below = 1 << (max(draws, 1).bit_length() - 1)
    near = [n for n in (below, 2 * below) if FEWEST_DRAWS <= n <= MOST_DRAWS]
    remedy = f"Write {' or '.join(str(n) for n in near or [MOST_DRAWS])}."
    if draws < FEWEST_DRAWS:
        remedy = f"Write {FEWEST_DRAWS}, {WHY_FEWEST}."
    return Fault(
        f"must be a power of two from {FEWEST_DRAWS} to {MOST_DRAWS:,}",
        remedy,
        value=str(draws),
    )


def repeated_faults(deadlines: Mapping[int, date]) -> Iterator[Fault]:
    """Yield a fault for each deadline that stands in the list before, given by position."""
    seen = set()
    for position, deadline in deadlines.items():
        if finish(deadline) in seen:
            yield Fault(
                "the deadline stands there twice",
                "Write each once.",
                field=f"forecast.deadlines.{position}",
                value=deadline.isoformat(),
            )
        seen.add(finish(deadline))


def check_deadlines(
    network: Network,
    deadlines: Iterable[date],
    *,
    file: str | Path = "forecast.toml",
    lines: Sequence[int] = (),
) -> None:
    """Hold deadlines against the network that is to answer for them.

    Parameters
    ----------
    network
        The network.
    deadlines
        Days or times, as a `Workspace` has them.
    file, lines
        Where they stand, for the message; a line for each, or none.

    Raises
    ------
    InputError
        With one fault for each deadline beyond the horizon or before the start.
    """
    span = f"{network.start} to {network.horizon}"
    faults = []
    for position, deadline in enumerate(deadlines):
        instant = finish(deadline)
        if network.start_instant < instant <= network.horizon_instant:
            continue
        late = instant > network.horizon_instant
        side, word = (
            ("beyond the horizon", "a later horizon")
            if late
            else ("before the start", "an earlier start")
        )
        faults.append(
            Fault(
                f"the deadline lies {side} of network '{network.name}' ({span})",
                f"Write {word} in the network's file, or a deadline within {span}.",
                file=str(file),
                line=lines[position] if lines else 0,
                field="forecast.deadlines",
                value=deadline.isoformat(),
            )
        )
    if faults:
        raise InputError(faults)
