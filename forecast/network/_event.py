"""An event: something that is on or off at any time, and what is believed about it."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from forecast.errors import Fault, InputError
from forecast.network._base import (
    EVENT_PATTERN,
    BadValueError,
    Day,
    EventId,
    Listed,
    Model,
    StatedId,
    bad,
    inside,
    several,
    to_day,
)
from forecast.network._belief import ProbabilityBelief
from forecast.network._outcomes import EXAMPLE as OUTCOMES
from forecast.network._outcomes import Outcomes
from forecast.network._pace import Lag, Pace
from forecast.network._rate_belief import RateBelief, is_class, read_class
from forecast.network._table import ROW, TableRow, Values


def _is_none(value: object) -> bool:
    return value is None


def _is_empty(value: object) -> bool:
    return value == ()


type Table = Annotated[tuple[TableRow, ...], BeforeValidator(several(TableRow))]


type EventKind = Literal["onset", "state", "fact", "decision", "repeated"]

KINDS = ("onset", "state", "fact", "decision", "repeated")
RATE = "Write for example 'rate: 10% [3%, 25%] within 6 months'."
OFF_RATE = "Write for example 'off_rate: once in 4 years [2, 8]'."
INITIALLY = "Write for example 'initially: 30% [10%, 60%]'."
EVER = "Write for example 'ever: 45% [20%, 70%]' and 'pace: half of it within 4 months [2, 9]'."
ON = "Write the day, such as 'on: 2024-11-05', or the event at whose onset it is decided."
MOST_TIMES, TIMES = 12, 5
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


def _known(value: object) -> object:
    if isinstance(value, str) and value.strip().lower() in ("at once", "never"):
        return value.strip().lower()
    if value is None:
        return None
    try:
        return Lag.parse(value)
    except InputError as error:
        (fault, *_) = error.faults
        said = f"Write 'at once', 'never', or for example '{Lag.examples[0]}'."
        raise bad(fault.problem, fault.remedy if Lag.lead in str(value) else said) from error


type Known = Annotated[Literal["at once", "never"] | Lag | None, BeforeValidator(_known)]


def _on(value: object) -> object:
    """Return the name of an event as it is, and a day in ISO 8601."""
    if isinstance(value, str) and re.match(EVENT_PATTERN, value):
        return value
    try:
        return to_day(value).isoformat()
    except InputError as error:
        raise bad("is neither a day nor the name of an event", ON) from error


type DayOrEvent = Annotated[str, Field(examples=["2024-11-05", "law_passed"])]
type On = Annotated[DayOrEvent | None, BeforeValidator(lambda v: v if v is None else _on(v))]


class Event(Model):
    """Something that may start (and stop), or that is true or false but unknown.

    Notes
    -----
    ``onset``: happens once and lasts. ``state``: turns on and off. ``fact``: true or false from the
    start, but unknown. ``decision``: on a day, or as another event comes, exactly one of its
    outcomes comes; each is an event, ``ID.OUTCOME``. ``repeated``: may happen again; ``ID`` is that
    it happened at least once, ``ID.2`` that it happened at least twice, and so on.

    Parameters
    ----------
    id
        Its name: lower-case letters, digits, underscores.
    title
        What it is called in tables and reports.
    kind
        onset, state, fact, decision or repeated.
    rate
        The rate at which it turns on with all influences off; for an onset, a state, or the first
        time of what is repeated. An onset takes it, or `ever` and `pace`.
    ever
        The probability that an onset ever comes, however long one waits, once its gates are open.
        Links change how soon it comes, never whether.
    pace
        How soon it comes if it ever does: by when half of that chance is used up.
    off_rate
        The rate at which it turns off again; only for a state.
    initially
        Whether it is on when the network starts: true or false, or for a state or a fact the
        probability that it is.
    public
        Whether every change would be known at once, so that without an observation there was none;
        false if it may change unnoticed. Always false for a fact. The same as `known`: at once, or
        never.
    known
        How an onset becomes known: ``at once``, ``never``, or ``within 2 weeks [3 days, 2
        months]``, by when half of such onsets are confirmed. In that last case ``ID.confirmed`` is
        an event too, which is known at once; that it has not come is evidence. A fact can be
        confirmed in the same way.
    on
        When a decision falls: a day, or the name of the event whose onset it follows within a day.
    outcomes
        The outcomes of a decision with their chances: exactly one comes. Of a fact, its values: as
        many events ``ID.value``, of which exactly one is true; with a table they stand in its rows.
    given
        The facts that a fact depends on; `table` has its chances for each of their values.
    table
        The chances of a fact that depends on others: rows of ``when`` and ``initially`` (or
        ``outcomes``). Each combination of the parents' values belongs to exactly one row.
    rate_after
        The rate at which what is repeated comes again; default `rate`.
    up_to
        How many times of what is repeated are told apart, 2 to 12.
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

    id: StatedId = Field(examples=["embargo_lifted"])
    title: str = ""
    kind: EventKind = Field(examples=["onset"])
    rate: RateBelief | None = None
    off_rate: RateBelief | None = None
    initially: Initially = False
    public: bool = True
    # What is left out where it is empty: networks are known by what is written of them.
    ever: ProbabilityBelief | None = Field(default=None, exclude_if=_is_none)
    pace: Pace | None = Field(default=None, exclude_if=_is_none)
    known: Known = Field(default=None, exclude_if=_is_none)
    on: On = Field(default=None, exclude_if=_is_none)
    outcomes: Outcomes | None = Field(default=None, exclude_if=_is_none)
    given: Annotated[tuple[EventId, ...], Listed] = Field(default=(), exclude_if=_is_empty)
    table: Table = Field(default=(), exclude_if=_is_empty)
    rate_after: RateBelief | None = Field(default=None, exclude_if=_is_none)
    up_to: int = Field(default=TIMES, ge=2, le=MOST_TIMES, exclude_if=lambda n: n == TIMES)
    resolution: str = ""
    reference_class: ClassOrNone = ""
    windows: Windows = ()
    outside_windows: float = Field(default=0.0, ge=0)
    why: str = ""
    cites: str = ""
    notes: str = ""

    @model_validator(mode="before")
    @classmethod
    def _public_as_known(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Let a fact, a decision, and what becomes known with time or never not be public."""
        said = fields.get("outcomes")
        if fields.get("kind") == "fact" and said is not None and not isinstance(said, Values):
            try:
                fields = {**fields, "outcomes": Values.parse(said)}
            except InputError as error:
                raise BadValueError(inside("outcomes", error.faults)) from None
        hidden = fields.get("kind") in ("fact", "decision")
        if hidden or fields.get("known", "at once") not in (None, "at once"):
            return {"public": False, **fields}
        return fields

    @property
    def values(self) -> tuple[str, ...]:
        """The outcomes of a decision, or the values of a fact that has several; else empty."""
        if self.kind not in ("decision", "fact"):
            return ()  # one outcome is a node of its own, which is on or off
        stated = self.outcomes
        if self.kind == "fact" and self.table:
            stated = self.table[0].outcomes
        return () if stated is None else stated.names

    @property
    def day(self) -> date | None:
        """The day of a decision that has one."""
        return to_day(self.on) if self.on is not None and self.on[0].isdigit() else None

    @property
    def lag(self) -> Lag | None:
        """How soon its onset is confirmed; None where it is known at once, or never."""
        return self.known if isinstance(self.known, Lag) else None

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of an event."""
        kind = fields.get("kind")
        if kind in KINDS:
            yield from _not_taken(str(kind), fields)
        if kind == "fact":
            yield from _fact_rules(fields)
        elif kind == "decision":
            yield from _decision_rules(fields)
        elif kind in ("onset", "state", "repeated"):
            yield from _rate_rules(str(kind), fields)
        if kind in ("onset", "state", "repeated"):
            yield from _known_rules(str(kind), fields)
        outside = fields.get("outside_windows")
        if outside and not fields.get("windows"):
            yield Fault(
                "outside_windows needs windows",
                "Add windows, or leave outside_windows out.",
                field="outside_windows",
            )


TAKES: dict[str, tuple[str, ...]] = {
    "ever": ("onset",),
    "pace": ("onset",),
    "known": ("onset", "state", "fact", "repeated"),
    "on": ("decision",),
    "outcomes": ("decision", "fact"),
    "given": ("fact",),
    "table": ("fact",),
    "rate_after": ("repeated",),
    "up_to": ("repeated",),
}
"""The kinds that take a field of their own."""


def _not_taken(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    for name, kinds in TAKES.items():
        if fields.get(name) not in (None, (), []) and kind not in kinds:
            yield Fault(
                f"is a field of kind {' or '.join(kinds)}, and this event is of kind {kind}",
                "Leave it out, or change the kind.",
                field=name,
            )


def _decision_rules(fields: Mapping[str, object]) -> Iterable[Fault]:
    if fields.get("on") is None:
        yield Fault("a decision falls on a day, or as another event comes", ON, field="on")
    if fields.get("outcomes") is None:
        yield Fault(
            "a decision has outcomes, of which exactly one comes",
            f"Write for example 'outcomes: {OUTCOMES}'.",
            field="outcomes",
        )
    for name in ("rate", "off_rate", "windows", "initially"):
        if fields.get(name) not in (None, False, (), []):
            yield Fault(
                f"a decision has chances of outcomes, and no {name}",
                "Leave it out.",
                field=name,
            )
    if fields.get("public"):
        yield Fault(
            "a decision is known by an observation of its outcome",
            "Leave public out.",
            field="public",
            value="true",
        )


def _known_rules(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    known, public = fields.get("known"), fields.get("public")
    if known is None:
        return
    if public is not None and public != (known == "at once"):
        yield Fault(
            f"says '{known}', and public says {str(public).lower()}",
            "Leave public out.",
            field="known",
        )
    if kind == "state" and known not in ("at once", "never"):
        yield Fault(
            "a state comes and goes, so what is confirmed of it is not clear",
            "Write 'known: at once' or 'known: never', or make the event an onset.",
            field="known",
        )


def _fact_rules(fields: Mapping[str, object]) -> Iterable[Fault]:
    if fields.get("known") == "at once":
        yield Fault(
            "a fact that is known at once is no uncertain fact",
            "Write 'known: never', or 'known: within 2 months [2 weeks, 6 months]'.",
            field="known",
        )
    for name in ("rate", "off_rate", "windows"):
        if fields.get(name):
            yield Fault(
                f"a fact is true or false from the start and never changes, so it has no {name}",
                f"Leave {name} out, or make the event an onset or a state.",
                field=name,
            )
    initially = fields.get("initially")
    if fields.get("table") or fields.get("given") or fields.get("outcomes") is not None:
        yield from _table_rules(fields)
    elif initially is None:
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


def _table_rules(fields: Mapping[str, object]) -> Iterable[Fault]:
    """Check a fact whose chances stand in a table, or which has several values."""
    table, given, known = (fields.get(name) for name in ("table", "given", "known"))
    if fields.get("initially") not in (None, False):
        where = "table" if table else "outcomes"
        yield Fault(f"its chances stand under {where}", "Leave initially out.", field="initially")
    if table and fields.get("outcomes") is not None:
        yield Fault(
            "its chances stand under table",
            "Write the outcomes in each row of the table.",
            field="outcomes",
        )
    if given and not table:
        yield Fault(
            "a fact that depends on others needs a table of its chances",
            f"Write under 'table' a list of rows such as {ROW}.",
            field="table",
        )
    if isinstance(given, list | tuple):
        for name in {name for name in given if given.count(name) > 1}:
            yield Fault(f"names '{name}' twice", "Name each fact once.", field="given")
    several_values = fields.get("outcomes") is not None
    if isinstance(table, list | tuple) and table:
        first = table[0].model_dump() if isinstance(table[0], TableRow) else table[0]
        several_values |= isinstance(first, dict) and first.get("outcomes") is not None
    if several_values and known not in (None, "never"):
        yield Fault(
            "a fact of several values is found out by an observation of one of them",
            "Leave known out.",
            field="known",
        )


def _rate_rules(kind: str, fields: Mapping[str, object]) -> Iterable[Fault]:
    article = "an" if kind == "onset" else "a"
    what = f"{article} {kind} event" if kind == "repeated" else f"{article} {kind}"
    said = [name for name in ("ever", "pace") if fields.get(name) is not None]
    if fields.get("rate") is None and not said:
        yield Fault(f"{what} needs a rate", RATE, field="rate")
    if kind == "onset" and said:
        yield from _ever_rules(said, fields)
    if kind == "state" and fields.get("off_rate") is None:
        yield Fault(
            "a state needs an off_rate, at which it turns off again", OFF_RATE, field="off_rate"
        )
    if kind != "state" and fields.get("off_rate") is not None:
        yield Fault(
            f"{what} never turns off again, so it has no off_rate",
            "Leave it out, or write kind: state.",
            field="off_rate",
        )
    initially = fields.get("initially", False)
    if kind != "state" and not isinstance(initially, bool):
        yield Fault(
            f"whether {what} is on from the start must be known: true or false",
            "Write initially: false; for an uncertain start, write kind: state or kind: fact.",
            field="initially",
            value=str(initially),
        )


def _ever_rules(said: list[str], fields: Mapping[str, object]) -> Iterable[Fault]:
    if len(said) == 1:
        other = "pace" if said[0] == "ever" else "ever"
        yield Fault(f"{said[0]} needs {other}", EVER, field=said[0])
    if fields.get("rate") is not None:
        yield Fault(
            "is stated, and ever and pace are too",
            "Keep the rate, which goes on for ever, or the chance that it ever comes and its pace.",
            field="rate",
        )
    if fields.get("initially"):
        yield Fault(
            "is the chance that it comes, and the event is on from the start",
            "Leave ever and pace out and write a rate, or write initially: false.",
            field="ever",
        )
