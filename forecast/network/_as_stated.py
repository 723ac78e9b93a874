"""What is stated of an event, in the words of its file and on one line."""

from forecast.network._belief import ProbabilityPool
from forecast.network._event import Event
from forecast.network._nodes import CONFIRMED, Node
from forecast.network._outcomes import REST
from forecast.network._rate_belief import RatePool


def as_stated(event: Event) -> str:
    """Return what is stated of an event or of one of its nodes: a rate, chances, or how soon.

    Parameters
    ----------
    event
        The event, or a node of it.

    Examples
    --------
    >>> deal = Event(id="deal", kind="onset", ever="45%", pace="half of it within 4 months")
    >>> as_stated(deal)
    'ever 45%, half of it within 4 months'
    >>> vote = Event(id="vote", kind="decision", on="2024-11-05", outcomes={"a": "60%", "b": "40%"})
    >>> as_stated(vote)
    'on 2024-11-05: a 60%, b 40%'
    """
    if isinstance(event, Node):
        return _of_node(event)
    if event.table:
        rows = f"{len(event.table)} row{'s' if len(event.table) > 1 else ''}"
        return f"a table of {rows}, given {', '.join(event.given)}" if event.given else rows
    parts = [_first(event)]
    if event.rate_after is not None:
        parts.append(f"again: {_words(event.rate_after)}")
    if event.off_rate is not None:
        parts.append(f"off: {_words(event.off_rate)}")
    if event.lag is not None:
        parts.append(f"confirmed {event.lag}")
    return "; ".join(parts)


def kind_in_words(event: Event) -> str:
    """Return what kind of thing an event or a node is: onset, outcome of a decision, and so on.

    Examples
    --------
    >>> kind_in_words(Event(id="pact", kind="onset", rate="1 per year"))
    'onset'
    """
    if not isinstance(event, Node):
        return event.kind
    if event.outcomes is not None:
        return "outcome of a decision"
    if event.kind == "fact":
        return event.kind if event.id == event.of else "value of a fact"
    if event.id.endswith(f".{CONFIRMED}"):
        return "confirmation"
    return event.kind if event.id == event.of else "repetition"


def _of_node(node: Node) -> str:
    if node.outcomes is not None:
        chance = dict(node.outcomes.chances)[node.id.removeprefix(f"{node.of}.")]
        return f"{REST if chance is None else _words(chance)} {_when(node)}"
    if node.id.endswith(f".{CONFIRMED}"):
        return f"confirmed {node.lag}"
    if node.kind == "fact" and node.id != node.of:
        return f"a value of '{node.of}'"
    if node.id != node.of:
        return f"again: {_words(node.rate)}"
    return _first(node)


def _first(event: Event) -> str:
    """Return what is stated of whether and when it first comes."""
    if event.outcomes is not None:
        return str(event.outcomes) if event.kind == "fact" else f"{_when(event)}: {event.outcomes}"
    if event.ever is not None:
        return f"ever {_words(event.ever)}, {event.pace}"
    text = _words(event.initially if event.rate is None else event.rate)
    if event.initially is True:
        return "known on" if event.off_rate is None else f"known on; then {text}"
    return text


def _when(event: Event) -> str:
    return f"on {event.on}" if event.day is not None else f"when '{event.on}' comes"


def _words(belief: object) -> str:
    """Return a belief as text; a pool as what each expert said, with weights where they differ."""
    if not isinstance(belief, RatePool | ProbabilityPool):
        return str(belief)
    alike = len({expert.weight for expert in belief.experts}) == 1
    said = (
        f"{expert.belief}{'' if alike else f' (weight {expert.weight:g})'}"
        for expert in belief.experts
    )
    return f"{belief.kind} pool of {'; '.join(said)}"
