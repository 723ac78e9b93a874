"""Which networks of a workspace the path sampler will estimate, and why, told before it is done."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forecast.errors import ForecastError
from forecast.evidence import Clock
from forecast.files._limits import most
from forecast.time import day_label
from forecast.workspace._contents import Contents, Inputs
from forecast.workspace._settings import Request, cut_off_of, how_to_estimate

MOST_ITEMS = most("evidence", "items looked ahead on")
"""Of a network: with more, looking ahead takes longer than a check may."""
NEWEST = "the newest item"
"""Whose publication sets a cut-off beside the workspace's own."""


@dataclass(frozen=True)
class Foreseen:
    """A network that will be estimated by the path sampler, as of a date, or cannot be.

    Parameters
    ----------
    network
        Its name.
    as_of, as_of_from
        The cut-off, and what set it: ``"forecast.toml"``, ``"today"`` or ``"the newest item"``.
    why
        Why the path sampler.
    seconds
        What its first round is estimated to take, of one core; None where no estimate can be made.
    """

    network: str
    as_of: str
    as_of_from: str
    why: str
    seconds: float | None

    def __str__(self) -> str:
        """Return it as a sentence."""
        then = f"as of {self.as_of} ({self.as_of_from})"
        if self.seconds is None:
            return f"{then} it cannot be estimated: {self.why}"
        return (
            f"{then} the path sampler will estimate it, in some {max(self.seconds, 1):.0f} s of "
            f"processor time or a few times that: {self.why}"
        )


def path_sampled(contents: Contents) -> tuple[Foreseen, ...]:
    """Return the networks that the path sampler will estimate with the evidence on file.

    They are looked at as of the cut-off that an update would take, and as of the newest item where
    that is later. What is the same as of both is told once. Nothing is estimated.
    """
    how = how_to_estimate(contents.workspace, Request())
    found: list[Foreseen] = []
    for inputs in contents.inputs:
        if len(inputs.evidence) > MOST_ITEMS:
            continue  # `unforeseen` names it
        told: dict[str, Foreseen] = {}
        for as_of, source in _cut_offs(contents, inputs, how["known"]):
            one = _foreseen(inputs, as_of, source, how)
            if one is not None:
                told.setdefault(one.why, one)
        found += told.values()
    return tuple(found)


def unforeseen(contents: Contents) -> tuple[str, ...]:
    """Return the networks with so many items that it is not worked out what will estimate them."""
    return tuple(
        inputs.network.name for inputs in contents.inputs if len(inputs.evidence) > MOST_ITEMS
    )


def _cut_offs(contents: Contents, inputs: Inputs, known: Clock) -> Iterator[tuple[datetime, str]]:
    """Yield the dates within a network's time as of which it is looked at."""
    network = inputs.network
    as_of, source = cut_off_of(contents.workspace, Request())
    inside = network.start_instant <= as_of < network.horizon_instant
    if inside:
        yield as_of, source
    instants = (item.instant(known) for item in inputs.evidence)
    newest = max((at for at in instants if at < network.horizon_instant), default=None)
    if newest is not None and newest >= network.start_instant and not (inside and newest <= as_of):
        yield newest, NEWEST


def _foreseen(
    inputs: Inputs, as_of: datetime, source: str, how: Mapping[str, Any]
) -> Foreseen | None:
    # Imported here, since they take half a second.
    from forecast.estimate._choice import foreseen, surely_filtered  # noqa: PLC0415
    from forecast.estimate._result import Settings  # noqa: PLC0415
    from forecast.model._lower import lower  # noqa: PLC0415

    settings = Settings(how["method"], how["draws"], how["seed"])
    named = inputs.network.name, day_label(as_of), source
    try:
        lowered = lower(inputs.network, inputs.evidence, as_of, how["known"])
        if settings.method != "paths" and surely_filtered(lowered):
            return None
        choice = foreseen(lowered, settings)
    except ForecastError as error:
        return Foreseen(*named, str(error), None)
    if settings.method == "paths":
        return Foreseen(*named, "forecast.toml asks for it (method)", choice.costs.paths)
    if settings.method == "auto" and choice.why_paths:
        return Foreseen(*named, choice.why_paths, choice.costs.paths)
    if settings.method != "auto" and choice.plans is None:
        why = f"method = '{settings.method}' in forecast.toml, and {choice.why_paths}"
        return Foreseen(*named, why, None)
    return None
