"""`remarks`: what a network, and a record of evidence on it, imply that was probably not meant."""

from forecast.errors import Fault, InputError
from forecast.evidence._record import Evidence
from forecast.network import Network
from forecast.network._critic import network_remarks
from forecast.time import Day


def remarks(
    network: Network, evidence: Evidence | None = None, *, as_of: Day | None = None
) -> tuple[Fault, ...]:
    r"""Return what a network and its evidence imply that was probably not meant.

    Everything here is legal, and every forecast can be made with it. Each remark names the field or
    the item, what follows from it, and the text to write instead. ``forecast check`` prints them.

    Parameters
    ----------
    network
        The network.
    evidence
        Items on its events, if there are any.
    as_of
        The cut-off, a date or a time: with it, predictions and decisions whose day has passed are
        looked at too.

    Returns
    -------
    tuple of Fault
        First those on the network, their `field` a path such as ``events.troops.rate``.

    Raises
    ------
    InputError
        If the network or the evidence is none, or the cut-off is no date.

    Examples
    --------
    >>> import forecast as fc
    >>> order = fc.Event(id="order", kind="onset", rate="once in 8 years [3, 20]")
    >>> troops = fc.Event(id="troops", kind="onset", rate="35% [12%, 65%] within 3 months")
    >>> needs = fc.Link(parent="order", child="troops", kind="requires")
    >>> network = fc.Network(
    ...     name="n",
    ...     start="2024-06-01",
    ...     horizon="2025-12-31",
    ...     events=[order, troops],
    ...     links=[needs],
    ... )
    >>> (remark,) = fc.remarks(network)
    >>> remark.problem
    "is a constant rate: 93% by the horizon once 'order' is on, within 19 months"
    >>> remark.remedy[:79]
    'If it may never come, write in its place \'ever: "45% [17%, 74%]"\' and \'pace: "h'
    """
    record = Evidence() if evidence is None else evidence
    for given, kind, read in ((network, Network, "network"), (record, Evidence, "evidence")):
        if not isinstance(given, kind):
            remedy = f"Make it one, or read a file: forecast.read_{read}(…)."
            raise InputError(Fault(f"is not a forecast.{kind.__name__}", remedy, field=read))
    return (*network_remarks(network), *record.remarks(network, as_of))
