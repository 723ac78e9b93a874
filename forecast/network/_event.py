"""An event: something that is on or off at any time, and what is believed about it."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from forecast.errors import Fault
from forecast.network._base import Day, Id, Model, bad, several
from forecast.network._belief import ProbabilityBelief
from forecast.network._rate_belief import RateBelief, is_class, read_class

type EventKind = Literal["onset", "state", "fact"]

RATE = "Write for example 'rate: 10% [3%, 25%] within 6 months'."
OFF_RATE = "Write for example 'off_rate: once in 4 years [2, 8]'."
INITIALLY = "Write for example 'initially: 30% [10%, 60%]'."
NO_CLASS = re.compile(r"none:.*\S.*", re.DOTALL)
YES_OR_NO = {"yes", "no", "on", "off", "true", "false", "y", "n"}


class Window(Model):
    """A stretch of days over which an event's rate is multiplied by a known weight.

    Parameters
    ----------
    start, end
        Its first and its last day, both included.
    weight
        The factor, 0 or more.
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    start: Day = Field(examples=["2024-07-01"])
    end: Day = Field(examples=["2024-07-31"])
    weight: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.end < self.start:
            raise bad(f"ends on {self.end}, before it starts on {self.start}", "Swap the two days.")
        return self


def _apart(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    ordered = sorted(windows, key=lambda window: window.start)
    for one, two in pairwise(ordered):
        if two.start <= one.end:
            raise bad(
                f"the windows {one.start} to {one.end} and {two.start} to {two.end} overlap",
                "Both end days are included: end the first a day before the second starts.",
            )
    return tuple(ordered)


type Windows = Annotated[
    tuple[Window, ...], BeforeValidator(several(Window)), AfterValidator(_apart)
]


def _initially(value: object) -> bool | ProbabilityBelief:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in YES_OR_NO:
        raise bad(
            "must be true, false, or a probability",
            "Write true or false, in lower case and without quotes, or a probability "
            "such as 30% [10%, 60%].",
        )
    return ProbabilityBelief.parse(value)


type Initially = Annotated[bool | ProbabilityBelief, BeforeValidator(_initially)]


def _class_or_none(text: str) -> str:
    if is_class(text):
        read_class(text)
    elif text and not NO_CLASS.fullmatch(text):
        raise bad(
            "names neither a reference class nor a reason why there is none",
            "Write for example 'class troop_entry/interstate', or 'none: nobody has counted it'.",
        )
    return text


type ClassOrNone = Annotated[str, AfterValidator(_class_or_none)]


class Event(Model):
    """Something that may start (and stop), or that is true or false but unknown.

    Notes
    -----
    ``onset``: happens once and lasts. ``state``: turns on and off. ``fact``: true or false from the
    start, but unknown.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    kind
        onset, state or fact.
    rate
        The rate at which it turns on with all influences off; not for a fact.
    off_rate
        The rate at which it turns off again; only for a state.
    initially
        Whether it is on when the network starts: true or false, or for a state or a fact the
        probability that it is.
    public
        Whether every change would be known at once, so that without an observation there was none;
        false if it may change unnoticed. Always false for a fact.
    resolution
        How to tell whether it has happened: the question as a forecaster would put it.
    windows
        The days on which it can happen; outside them its rate has the weight `outside_windows`.
    outside_windows
        The weight of its rate outside the windows; default 0.
    reference_class
        A class to compare the rate with: ``class NAME/SUBCLASS``, or ``none:`` and why such things
        cannot be counted. It changes no forecast; a rate may name a class itself.
    why
        Why these numbers.
    cites
        Where they come from.
    notes
        Anything else; never interpreted.

    Examples
    --------
    >>> Event(id="pact", kind="onset", rate="10% [3%, 25%] within 6 months").public
    True
    """

    if TYPE_CHECKING:  # text, lists and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    id: Id = Field(examples=["embargo_lifted"])
    title: str = ""
    kind: EventKind = Field(examples=["onset"])
    rate: RateBelief | None = None
    off_rate: RateBelief | None = None
    initially: Initially = False
    public: bool = True
    resolution: str = ""
    reference_class: ClassOrNone = ""
    windows: Windows = ()
    outside_windows: float = Field(default=0.0, ge=0)
    why: str = ""
    cites: str = ""
    notes: str = ""

    @model_validator(mode="before")
    @classmethod
    def _a_fact_is_never_public(cls, fields: dict[str, Any]) -> dict[str, Any]:
        if fields.get("kind") == "fact":
            return {"public": False, **fields}
        return fields

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of an event."""
        kind = fields.get("kind")
        if kind == "fact":
            yield from _fact_rules(fields)
        elif kind in ("onset", "state"):
            yield from _rate_rules(str(kind), fields)
        outside = fields.get("outside_windows")
        if outside and not fields.get("windows"):
            yield Fault(
                "outside_windows needs windows",
                "Add windows, or leave outside_windows out.",
                field="outside_windows",
            )


def _fact_rules(fields: Mapping[str, object]) -> Iterable[Fault]:
    for name in ("rate", "off_rate", "windows"):
        if fields.get(name):
            yield Fault(
                f"a fact is true or false from the start and never changes, so it has no {name}",
                f"Leave {name} out, or make the event an onset or a state.",
                field=name,
            )
    initially = fields.get("initially")
    if initially is None:
        yield Fault("a fact needs the probability that it is true", INITIALLY, field="initially")
    elif isinstance(initially, bool):
        yield Fault(
            "a fact that is known for certain needs no event",
            f"{INITIALLY} Add an observation when it becomes known.",
            field="initially",
            value=str(initially).lower(),
        )
    if fields.get("public"):
        yield Fault("a fact is never public", "Leave public out.", field="public", value="true")


def _rate_rules(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    article = "an" if kind == "onset" else "a"
    if fields.get("rate") is None:
        yield Fault(f"{article} {kind} needs a rate", RATE, field="rate")
    if kind == "state" and fields.get("off_rate") is None:
        yield Fault(
            "a state needs an off_rate, at which it turns off again", OFF_RATE, field="off_rate"
        )
    if kind == "onset" and fields.get("off_rate") is not None:
        yield Fault(
            "an onset never turns off again, so it has no off_rate",
            "Leave it out, or write kind: state.",
            field="off_rate",
        )
    initially = fields.get("initially", False)
    if kind == "onset" and not isinstance(initially, bool):
        yield Fault(
            "whether an onset is on from the start must be known: true or false",
            "Write initially: false; for an uncertain start, write kind: state or kind: fact.",
            field="initially",
            value=str(initially),
        )
