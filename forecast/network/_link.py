"""A link: how one event affects the rate of another, and the prior of its strength."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from forecast.errors import Fault
from forecast.network._base import EventId, Model, StatedId, bad
from forecast.network._belief import DurationBelief, RatioBelief
from forecast.network._event import Event
from forecast.network._prior import Fixed, Prior
from forecast.network._rate_belief import RateBelief
from forecast.network._while_on import ConditionalBelief, WhileOn, is_conditional

type LinkKind = Literal["causes", "multiplies", "requires", "prevents"]

LONGEST_ID = 64
MOST_STAGES = 8
STRENGTHS = {"causes": "extra_rate", "multiplies": "hazard_ratio"}
VERBS = {
    "causes": "cause",
    "multiplies": "multiply",
    "requires": "require",
    "prevents": "prevent",
}
HINTS = {
    "extra_rate": "Write for example 'extra_rate: 0.3 per year [0.1, 1]' or "
    "'extra_rate: \"if on: 40% [20%, 60%] within 6 months\"'.",
    "hazard_ratio": "Write for example 'hazard_ratio: x3 [1.5, 6]'.",
}


def _extra_rate(value: object) -> RateBelief | ConditionalBelief | None:
    if value is None:
        return None
    return ConditionalBelief.parse(value) if is_conditional(value) else RateBelief.parse(value)


def _hazard_ratio(value: object) -> RatioBelief | ConditionalBelief | None:
    if value is None:
        return None
    return ConditionalBelief.parse(value) if is_conditional(value) else RatioBelief.parse(value)


type ExtraRate = Annotated[RateBelief | ConditionalBelief | None, BeforeValidator(_extra_rate)]
type HazardRatio = Annotated[RatioBelief | ConditionalBelief | None, BeforeValidator(_hazard_ratio)]


class Link(Model):
    """While the parent is on, the rate at which the child turns on is different.

    Notes
    -----
    ``causes`` adds an extra rate while the parent is on; ``multiplies`` multiplies the rate by a
    hazard ratio; ``requires`` lets the child happen only while the parent is on, ``prevents`` only
    while it is off. Links may form cycles.

    Parameters
    ----------
    id
        Its name; default ``parent__kind__child``.
    parent, child
        The events; the child is not its own parent. Into a fact only other facts lead, by their
        odds ratio.
    kind
        causes, multiplies, requires or prevents.
    extra_rate
        For ``causes``: the rate it adds, or the child's rate while the parent is on ("if on: …").
    hazard_ratio
        For ``multiplies``: the ratio, or the child's rate while the parent is on ("if on: …").
    odds_ratio
        For ``multiplies`` into an outcome of a decision, or into a fact: the factor on its odds, in
        place of a hazard ratio.
    delay
        How long after the parent's onset the effect begins.
    stages
        How sharp the delay is: the number of stages it passes through, 1 to 8.
    why
        Why these numbers.
    cites
        Where they come from.

    Examples
    --------
    >>> Link(parent="pact", child="embargo", kind="multiplies", hazard_ratio="x3 [1.5, 6]").id
    'pact__multiplies__embargo'
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: StatedId
    parent: EventId = Field(examples=["pact_signed"])
    child: EventId = Field(examples=["embargo_lifted"])
    kind: LinkKind = Field(examples=["multiplies"])
    extra_rate: ExtraRate = None
    hazard_ratio: HazardRatio = None
    odds_ratio: RatioBelief | None = Field(default=None, exclude_if=lambda ratio: ratio is None)
    delay: DurationBelief | None = None
    stages: int = Field(default=1, ge=1, le=MOST_STAGES)
    why: str = ""
    cites: str = ""

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_ends(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {"id": default_id(fields), **fields}

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a link."""
        kind, parent = fields.get("kind"), fields.get("parent")
        if isinstance(parent, str) and parent == fields.get("child"):
            yield Fault(
                f"an event cannot {VERBS.get(str(kind), 'influence')} itself",
                "Name another event as the child.",
                field="child",
                value=parent,
            )
        if kind in ("causes", "multiplies", "requires", "prevents"):
            yield from _strength_rules(str(kind), fields)
        if fields.get("stages", 1) != 1 and fields.get("delay") is None:
            yield Fault(
                "stages make a delay sharper, but there is no delay",
                "Add a delay such as 'delay: 3 months [1 month, 6 months]', or leave stages out.",
                field="stages",
                value=str(fields["stages"]),
            )


def _strength_rules(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    needed = STRENGTHS.get(kind)
    if fields.get("odds_ratio") is not None:
        yield from _odds_rules(kind, fields)
        return
    if needed and fields.get(needed) is None:
        yield Fault(f"a link of kind {kind} needs {needed}", HINTS[needed], field=needed)
    for name in STRENGTHS.values():
        if name == needed or fields.get(name) is None:
            continue
        takes = f"it takes {needed}" if needed else "it opens or closes a gate"
        yield Fault(
            f"a link of kind {kind} takes no {name}: {takes}",
            f"Leave it out, or write kind: {_kind_with(name)}.",
            field=name,
        )


def _odds_rules(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    if kind != "multiplies":
        yield Fault(
            f"a link of kind {kind} takes no odds_ratio",
            "Leave it out, or write kind: multiplies.",
            field="odds_ratio",
        )
    for name in STRENGTHS.values():
        if fields.get(name) is not None:
            yield Fault("odds_ratio is stated too", "Keep one of the two.", field=name)


def _kind_with(strength: str) -> str:
    return next(kind for kind, name in STRENGTHS.items() if name == strength)


def default_id(fields: Mapping[str, object]) -> str:
    """Return the name of a link that has none, from its ends and kind."""
    ends = (fields.get(name, "") for name in ("parent", "kind", "child"))
    return "__".join(str(end) for end in ends).replace(".", "_")[:LONGEST_ID]


def strength_prior(link: Link, child: Event, start: date) -> Prior | None:
    """Return the prior of an extra rate per year or of a hazard ratio; None for a gate.

    For a strength given as a rate while on it is the prior with the child's base rate at its
    median; `strength_while_on` says how the strength follows the base.
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
    """Return how a strength follows the child's base rate; None if it is a number of its own.

    That is so if it was given as such, or without a range, or is a hazard ratio on a base rate that
    is known exactly.
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
    if link.odds_ratio is not None:
        return link.odds_ratio
    return link.extra_rate if link.kind == "causes" else link.hazard_ratio


def _base(child: Event, start: date) -> Prior:
    if child.rate is None:
        raise bad(f"the child '{child.id}' is a {child.kind}, which has no rate to change")
    return child.rate.prior(start)
