"""The prior of a link's strength, which may lean on its child's base rate."""

from datetime import date

from forecast.network.conditional_belief import ConditionalBelief
from forecast.network.event import Event
from forecast.network.fault import bad
from forecast.network.link import Link
from forecast.network.prior import Prior
from forecast.network.quantity_belief import RatioBelief

__all__ = ["strength_prior"]


def strength_prior(link: Link, child: Event, start: date) -> Prior | None:
    """Return the prior of an extra rate per year or of a hazard ratio; None for a gate.

    Parameters
    ----------
    link
        The link.
    child
        Its child, whose prior median is the base rate of a conditional belief.
    start
        The network's first day.

    Raises
    ------
    BadValueError
        If a conditional belief does not exceed the child's base rate where it must.
    """
    belief = link.extra_rate if link.kind == "causes" else link.hazard_ratio
    if belief is None:
        return None
    if isinstance(belief, RatioBelief):
        return belief.prior()
    if not isinstance(belief, ConditionalBelief):
        return belief.prior(start)
    if child.rate is None:
        raise bad(f"the child '{child.id}' is a {child.kind}, which has no rate to change")
    base = child.rate.prior(start).median()
    if link.kind == "causes":
        return belief.extra_rate(base, start)
    return belief.hazard_ratio(base, start)
