"""From pydantic's errors to faults that a person can act on."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from forecast.errors import Fault, InputError, did_you_mean
from forecast.network.fault import inside
from forecast.time import stands_for_nothing

__all__ = ["faults_of", "value_text"]

NOT_FINITE = {"nan", "inf", "infinity"}

type Remark = Callable[[ErrorDetails, Mapping[str, Any]], tuple[str, str]]


def faults_of(error: ValidationError, kind: type[BaseModel]) -> list[Fault]:
    """Return one fault for each thing wrong with an object of the class `kind`."""
    faults: list[Fault] = []
    for details in error.errors(include_url=False):
        field = ".".join(str(step) for step in details["loc"])
        cause = details.get("ctx", {}).get("error")
        if isinstance(cause, InputError):
            faults += [_with_value(fault, details) for fault in inside(field, cause.faults)]
            continue
        problem, remedy = _remark(details, kind, cause)
        value = "" if details["type"] == "missing" else value_text(details["input"])
        faults.append(Fault(problem, remedy, field=field, value=value))
    return faults


def _with_value(fault: Fault, details: ErrorDetails) -> Fault:
    deeper = fault.field != ".".join(str(step) for step in details["loc"])
    if fault.value or deeper:
        return fault
    return Fault(fault.problem, fault.remedy, field=fault.field, value=value_text(details["input"]))


def value_text(value: object) -> str:
    """Return a value as it would stand in a file; empty for what has no short form.

    Examples
    --------
    >>> value_text({"median": "10%", "interval": ["3%", "25%"]})
    '{median: 10%, interval: [3%, 25%]}'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
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
        return "stands for no value at all", "Leave it out, or write what it is."
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
        "must be a name of at most 64 lower-case letters, digits and underscores that begins with "
        "a letter or an underscore"
    )
    better = re.sub(r"[^a-z0-9]+", "_", str(details["input"]).lower()).strip("_")[:64]
    if better and not better[0].isalpha():
        better = f"_{better}"[:64]
    return rule, f"Write for example '{better or 'embargo_lifted'}'."


def _at_least(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be {context['ge']:g} or more", ""


def _above(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be above {context['gt']:g}", ""


def _at_most(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be {context['le']:g} or less", ""


def _below(_: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    return f"must be below {context['lt']:g}", ""


def _list(_: ErrorDetails, __: Mapping[str, Any]) -> tuple[str, str]:
    return "must be a list", "Begin each entry with '- ', or put the entries into [ ]."


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
}
