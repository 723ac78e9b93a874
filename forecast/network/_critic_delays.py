"""Delays that act as if there were none, or as if there were no link, and stages without effect."""

from collections.abc import Iterator
from math import exp, factorial, fsum, log, sqrt

from forecast.errors import Fault
from forecast.network._implied import Implied, quantiles
from forecast.network._link import Link
from forecast.network._phrase import LEVEL
from forecast.network._prior import half_width
from forecast.network._wording import span

AT_ONCE = 0.01
"""A delay that is shorter than this share of the network's time acts as none."""
NEVER = 0.01
"""A delay that passes with a smaller chance before the horizon acts as no link."""
SAME = 1.1
"""Stages that make a delay no sharper than by this factor are of no use."""


def delays(implied: Implied) -> Iterator[Fault]:
    """Yield the links whose delay does nothing, or all, or has more stages than tell."""
    for link in implied.network.links:
        if link.delay is None:
            continue
        low, median, high = quantiles(link.delay.prior())
        if high < AT_ONCE * implied.horizon:
            yield _fault(
                link,
                f"passes within {span(high)} at most, and the network goes on for "
                f"{span(implied.horizon)}: it acts as no delay, and costs {_stages(link)}",
                "Leave delay and stages out.",
            )
        elif _passed(low, link.stages, implied.horizon) < NEVER:
            yield _fault(
                link,
                f"takes {span(low)} at least, and the network ends after {span(implied.horizon)}: "
                "the link acts as if it were not there",
                f"Set a later horizon, write a shorter delay (its mean is {span(median)} now), or "
                "leave the link out.",
            )
        else:
            yield from _needless(link, low, high)


def _needless(link: Link, low: float, high: float) -> Iterator[Fault]:
    """Yield a fault where fewer stages give a delay that is about as certain.

    Of a delay with k stages the standard deviation, relative to its mean, is 1/√k; that of the mean
    itself is about the width of its range on the logarithmic scale.
    """
    spread = log(high / low) / (2 * half_width(LEVEL))
    whole = sqrt(spread**2 + 1 / link.stages)
    fewest = next(k for k in range(1, link.stages + 1) if sqrt(spread**2 + 1 / k) <= SAME * whole)
    if fewest <= link.stages // 2:
        yield Fault(
            f"make the delay hardly sharper than {fewest} would, since its range is wide: "
            f"{span(low)} to {span(high)}; each stage is one more hidden event",
            f"Write 'stages: {fewest}', or a narrower range of the delay.",
            field=f"links.{link.id}.stages",
            value=str(link.stages),
        )


def _passed(mean: float, stages: int, time: float) -> float:
    """Return the chance that a delay is over by a time: the Erlang distribution."""
    x = stages * time / mean
    return 1 - exp(-x) * fsum(x**k / factorial(k) for k in range(stages))


def _stages(link: Link) -> str:
    return "a hidden event" if link.stages == 1 else f"{link.stages} hidden events"


def _fault(link: Link, problem: str, remedy: str) -> Fault:
    return Fault(problem, remedy, field=f"links.{link.id}.delay", value=str(link.delay))
