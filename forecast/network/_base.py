"""The base of everything people state: frozen, strict objects whose errors say what to write."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails

from forecast.errors import Fault, InputError, did_you_mean
from forecast.time import DayError, parse_day, stands_for_nothing


class BadValueError(InputError, ValueError):
    """An `InputError` raised by one value or object; a `ValueError` too, as Python expects."""


def bad(problem: str, remedy: str = "") -> BadValueError:
    """Return the error that states one problem and what to write instead."""
    return BadValueError(Fault(problem, remedy))


def inside(field: str, faults: tuple[Fault, ...] | list[Fault]) -> list[Fault]:
    """Return faults with `field` put before the field that each of them names."""
    return [
        replace(fault, field=".".join(part for part in (field, fault.field) if part))
        for fault in faults
    ]


class UnknownNameError(BadValueError):
    """An unknown name; the message offers the nearest known one."""


def find[T](what: str, name: str, known: Mapping[str, T]) -> T:
    """Return the thing of this name; `what` it is, such as "event", is for the message.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    try:
        return known[name]
    except (KeyError, TypeError):
        raise UnknownNameError(
            Fault(f"unknown {what} '{name}'", did_you_mean(str(name), known))
        ) from None


NOT_FINITE = {"nan", "inf", "infinity"}
MOST_UNKNOWN = 100
"""Unknown fields of one object that are told by name."""

type Remark = Callable[[ErrorDetails, Mapping[str, Any]], tuple[str, str]]


def faults_of(error: ValidationError, kind: type[BaseModel]) -> list[Fault]:
    """Return one fault for each thing wrong with an object of the class `kind`."""
    faults: list[Fault] = []
    unknown = 0
    found = error.errors(include_url=False)
    entries = {details["loc"][:-1] for details in found}
    for details in found:
        if details["type"] == "extra_forbidden" and (unknown := unknown + 1) > MOST_UNKNOWN:
            continue
        if details["type"] == "too_short" and details["loc"] in entries:
            continue  # it is so for its faulty entries alone, which are told
        field = ".".join(str(step) for step in details["loc"])
        cause = details.get("ctx", {}).get("error")
        if isinstance(cause, InputError):
            faults += [_with_value(fault, details) for fault in inside(field, cause.faults)]
            continue
        problem, remedy = _remark(details, kind, cause)
        value = "" if details["type"] == "missing" else value_text(details["input"])
        faults.append(Fault(problem, remedy, field=field, value=value))
    if unknown > MOST_UNKNOWN:
        faults.append(Fault(f"{unknown - MOST_UNKNOWN:,} more of its fields are unknown"))
    return faults


def _with_value(fault: Fault, details: ErrorDetails) -> Fault:
    deeper = fault.field != ".".join(str(step) for step in details["loc"])
    if fault.value or deeper:
        return fault
    return Fault(fault.problem, fault.remedy, field=fault.field, value=value_text(details["input"]))


def value_text(value: object) -> str:
    """Return a value as it would be written in a file; empty if it has no short form.

    Examples
    --------
    >>> value_text({"median": "10%", "interval": ["3%", "25%"]})
    '{median: 10%, interval: [3%, 25%]}'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {value_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_text(part) for part in value) + "]"
    return "" if value is None else type(value).__name__


def _remark(details: ErrorDetails, kind: type[BaseModel], cause: object) -> tuple[str, str]:
    if cause is not None:
        return str(cause).rstrip("."), ""
    name = str(details["loc"][-1]) if details["loc"] else ""
    if details["type"] == "extra_forbidden":
        return _unknown(name, kind)
    if details["type"] == "missing":
        return "is missing", _example(name, kind)
    if details["input"] is None:
        return "is empty", f"{_example(name, kind)} Or leave the line out.".strip()
    remark = REMARKS.get(details["type"], _as_told)
    if remark is not _number and stands_for_nothing(details["input"]):
        return "stands for a missing value", "Leave it out, or write what it is."
    return remark(details, details.get("ctx", {}))


def _unknown(name: str, kind: type[BaseModel]) -> tuple[str, str]:
    a = "an" if kind.__name__[0] in "AEIOU" else "a"
    label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()
    remedy = did_you_mean(name, kind.model_fields)
    if " " in name.strip():  # the tail of a text that a comma has cut
        remedy = "Put a text that holds a comma or a colon into quotes."
    return f"is not a field of {a} {label}", remedy


def _example(name: str, kind: type[BaseModel]) -> str:
    field = kind.model_fields.get(name)
    if field is None or not field.examples:
        return f"Add '{name}'."
    return f"Write for example '{name}: {field.examples[0]}'."


def _as_told(details: ErrorDetails, _: Mapping[str, Any]) -> tuple[str, str]:
    return details["msg"].rstrip("."), ""


def _text(details: ErrorDetails, _: Mapping[str, Any]) -> tuple[str, str]:
    value = details["input"]
    if isinstance(value, bool | int | float):
        return "must be text", f'Put it in quotes: "{value_text(value)}".'
    return "must be text", "Write one line of text."


def _number(details: ErrorDetails, _: Mapping[str, Any]) -> tuple[str, str]:
    value = details["input"]
    if value_text(value).strip().lower().strip("+-.") in NOT_FINITE:
        return "must be a finite number", "Write a number such as 0.5."
    return "must be a number", "Write digits with a point for decimals, without quotes, as in 0.5."


def _whole(_: ErrorDetails, __: Mapping[str, Any]) -> tuple[str, str]:
    return "must be a whole number", "Write digits alone, without quotes, as in 2."


def _truth(_: ErrorDetails, __: Mapping[str, Any]) -> tuple[str, str]:
    return "must be true or false", "Write true or false, in lower case and without quotes."


def _choice(details: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    listed = ", ".join(choices[:-1]) + " or " * (len(choices) > 1) + "".join(choices[-1:])
    listed = listed or "one of a few words"
    value = details["input"]
    near = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"must be {listed}", near if near.startswith("Did") else ""


def _name(details: ErrorDetails, _: Mapping[str, Any]) -> tuple[str, str]:
    rule = (
        "must be a name of at most 64 lower-case letters, digits and underscores, beginning with a "
        "letter or an underscore"
    )
    better = re.sub(r"[^a-z0-9]+", "_", str(details["input"]).lower()).strip("_")[:64]
    if better and not better[0].isalpha():
        better = f"_{better}"[:64]
    return rule, f"Write for example '{better or 'embargo_lifted'}'."


def _at_least(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be {context['ge']:g} or more", ""


def _above(details: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    if context["gt"] == 0 and "probability" in details["loc"]:
        return "must be above 0", "Write 1% or 0.01, say: nothing is impossible."
    return f"must be above {context['gt']:g}", ""


def _at_most(details: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be {context['le']:g} or less", _as_percent(details["input"], context["le"])


def _below(details: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    most = context["lt"]
    sure = most == 1 and details["input"] == 1
    remedy = "Write 99% or 0.99, say: nothing is certain." if sure else ""
    return f"must be below {most:g}", remedy or _as_percent(details["input"], most)


def _as_percent(value: object, most: float) -> str:
    """Return how to write a number that was probably meant as a percentage."""
    if most != 1 or not isinstance(value, int | float) or not 1 < value <= PERCENT:
        return ""
    return f"Write {value:g}% or {value / PERCENT:g}."


PERCENT = 100
NO_LIST = "must be a list"


def _list(_: ErrorDetails, __: Mapping[str, Any]) -> tuple[str, str]:
    return NO_LIST, "Begin each entry with '- ', or put the entries into [ ]."


def _too_short(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    least = context["min_length"]
    if least == 1:
        return "is empty", "Write it, or leave the line out."
    return f"must have {least:,} characters or more", ""


def _too_long(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"has more than {context['max_length']:,} characters", "Write it in fewer words."


def _object(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    kind = context.get("class_name") or context.get("class") or "mapping"
    return f"must be a {kind}", ""


REMARKS: dict[str, Remark] = {
    "string_type": _text,
    "string_pattern_mismatch": _name,
    "float_type": _number,
    "finite_number": _number,
    "float_parsing": _number,
    "int_type": _whole,
    "int_from_float": _whole,
    "bool_type": _truth,
    "literal_error": _choice,
    "greater_than_equal": _at_least,
    "greater_than": _above,
    "less_than_equal": _at_most,
    "less_than": _below,
    "tuple_type": _list,
    "list_type": _list,
    "model_type": _object,
    "is_instance_of": _object,
    "string_too_short": _too_short,
    "string_too_long": _too_long,
}


ID_PATTERN = r"^[a-z_][a-z0-9_]{0,63}$"
OF_UNIT = r"(@[a-z0-9_]{1,64})?"
STATED_PATTERN = rf"^[a-z_][a-z0-9_]{{0,63}}{OF_UNIT}$"
EVENT_PATTERN = rf"^[a-z_][a-z0-9_]{{0,63}}{OF_UNIT}(\.[a-z0-9_]{{1,64}}){{0,2}}$"

type Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["embargo_lifted"])]
type StatedId = Annotated[str, Field(pattern=STATED_PATTERN, examples=["embargo_lifted"])]
"""The name of an event or a link as it is stated; in a panel's network with its unit."""
type EventId = Annotated[str, Field(pattern=EVENT_PATTERN, examples=["embargo_lifted"])]
"""The name of an event, or of what follows from one: ``troops.confirmed``, ``election.left``."""


def is_id(text: object) -> bool:
    """Return whether a text can be the name of something stated."""
    return isinstance(text, str) and re.match(ID_PATTERN, text) is not None


class Model(BaseModel):
    """Base of stated objects: no unknown field, no coercion, no NaN, no change once made.

    Raises
    ------
    InputError
        On construction, with every fault found and, for each, what to write instead. It is a
        `ValueError` too.
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    def __init__(self, /, **fields: Any) -> None:
        faults: list[Fault] = []
        fields = {name: _of_python(value) for name, value in fields.items()}
        try:
            super().__init__(**fields)
        except ValidationError as error:
            faults = faults_of(error, type(self))
        named = {fault.field for fault in faults}
        # A table's mark for a missing value may not even have a truth value.
        given = {name: None if stands_for_nothing(x) else x for name, x in fields.items()}
        faults += [fault for fault in self.rules(given) if fault.field not in named]
        if faults:
            raise BadValueError(faults)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, some fields changed; what was worked out of the old ones stays behind."""
        found = super().model_copy(update=update, deep=deep)
        for name in found.__dict__.keys() - type(self).model_fields.keys():
            del found.__dict__[name]
        return found

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:  # noqa: ARG003  # a hook
        """Return the faults between fields, from the fields as given, whether valid or not."""
        return ()


def _of_python(value: Any) -> Any:
    """Return a number or a text of NumPy, alone or in lists and mappings, as one of Python.

    Whatever comes out of a table in memory is one: a rate of 0.3 is 0.3, whoever made it.
    """
    if isinstance(value, Mapping):
        return {_of_python(name): _of_python(each) for name, each in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(map(_of_python, value))
    if type(value).__module__ != "numpy" or getattr(value, "shape", None) != ():
        return value
    kind = value.dtype.kind
    if kind in "mM":  # days and spans are read as such
        return value
    return float(str(value)) if kind == "f" else value.item()  # the digits of a short float


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(_listed)
"""Lets a list stand for a tuple."""


def to_day(value: object) -> date:
    """Return the day that a date or ISO 8601 text names, without guessing."""
    try:
        found = parse_day(value)  # type: ignore[arg-type]  # it refuses what is none
    except DayError as error:
        if error.problem:
            raise bad(error.problem, error.remedy) from None
        form = " of the calendar in ISO 8601 (year-month-day)" if isinstance(value, str) else ""
        remedy = "Write for example 2024-07-01; nothing is guessed about other orders."
        raise bad(f"is not a day{form}", remedy) from None
    if isinstance(found, datetime):
        raise bad("is a time, not a day", "Write the day alone, such as 2024-07-01.")
    return found


type Day = Annotated[
    date,
    BeforeValidator(to_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-07-01"]}),
]


def several[M: Model](kind: type[M]) -> Callable[[object], object]:
    """Return a validator that builds objects of a kind from the mappings in a list."""

    def build(value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        built: list[object] = []
        faults: list[Fault] = []
        for place, entry in enumerate(value):
            try:
                built.append(kind(**entry) if isinstance(entry, dict) else entry)
            except InputError as error:
                faults += inside(str(place), error.faults)
        if faults:
            raise BadValueError(faults)
        return tuple(built)

    return build
