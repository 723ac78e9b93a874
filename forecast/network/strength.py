"""The prior of a link's strength, which may lean on its child's base rate."""

from datetime import date

from forecast.network.conditional_belief import ConditionalBelief
from forecast.network.event import Event
from forecast.network.fault import bad
from forecast.network.link import Link
from forecast.network.prior import Fixed, Prior
from forecast.network.quantity_belief import RatioBelief
from forecast.network.rate_belief import RateBelief
from forecast.network.while_on import WhileOn

__all__ = ["strength_prior", "strength_while_on"]


def strength_prior(link: Link, child: Event, start: date) -> Prior | None:
    """Return the prior of an extra rate per year or of a hazard ratio; None for a gate.

    Of a strength said as a rate while on it is the prior with the child's base rate at its median;
    `strength_while_on` tells how the strength follows the base.

    Parameters
    ----------
    link
        The link.
    child
        Its child.
    start
        The network's first day.

    Raises
    ------
    BadValueError
        If a conditional belief does not exceed the child's base rate where it must.
    """
    belief = _belief(link)
    if belief is None:
        return None
    if isinstance(belief, RatioBelief):
        return belief.prior()
    if not isinstance(belief, ConditionalBelief):
        return belief.prior(start)
    base = _base(child, start)
    found = belief.while_on(base, start, adds=link.kind == "causes")
    return found if isinstance(found, Fixed) else found.at(base.median())


def strength_while_on(link: Link, child: Event, start: date) -> WhileOn | None:
    """Return how a strength follows the child's base rate; None where it is a number of its own.

    It is one where it was said as such, or without a range; and a hazard ratio where the base rate
    is known exactly. The parameters are those of `strength_prior`.
    """
    belief = _belief(link)
    if not isinstance(belief, ConditionalBelief):
        return None
    base = _base(child, start)
    found = belief.while_on(base, start, adds=link.kind == "causes")
    if isinstance(found, Fixed) or (found.softness is None and isinstance(base, Fixed)):
        return None
    return found


def _belief(link: Link) -> RateBelief | RatioBelief | ConditionalBelief | None:
    return link.extra_rate if link.kind == "causes" else link.hazard_ratio


def _base(child: Event, start: date) -> Prior:
    if child.rate is None:
        raise bad(f"the child '{child.id}' is a {child.kind}, which has no rate to change")
    return child.rate.prior(start)
