"""The base of everything people state: frozen, strict objects whose faults say what to write."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from forecast.errors import Fault, InputError
from forecast.network.complaint import faults_of
from forecast.network.fault import BadValueError, bad, inside
from forecast.time import DayError, parse_day, stands_for_nothing

__all__ = ["ID_PATTERN", "Day", "Id", "Listed", "Model", "several", "to_day"]

ID_PATTERN = r"^[a-z_][a-z0-9_]{0,63}$"

type Id = Annotated[str, Field(pattern=ID_PATTERN, examples=["embargo_lifted"])]


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
        try:
            super().__init__(**fields)
        except ValidationError as error:
            faults = faults_of(error, type(self))
        named = {fault.field for fault in faults}
        # What tables have where there is nothing can be asked nothing, not even whether it is true.
        given = {name: None if stands_for_nothing(x) else x for name, x in fields.items()}
        faults += [fault for fault in self.rules(given) if fault.field not in named]
        if faults:
            raise BadValueError(faults)

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:  # noqa: ARG003  # a hook
        """Return the faults between fields, from the fields as given, whether valid or not."""
        return ()


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(_listed)
"""Lets a list stand for a tuple."""


def to_day(value: object) -> date:
    """Return the day that a date or ISO 8601 text names; nothing is guessed."""
    try:
        found = parse_day(value)  # type: ignore[arg-type]  # it refuses what is none
    except DayError as error:
        if error.problem:
            raise bad(error.problem, error.remedy) from None
        form = " of the calendar in ISO 8601 (year-month-day)" if isinstance(value, str) else ""
        remedy = "Write for example 2024-07-01; nothing is guessed about other orders."
        raise bad(f"is not a day{form}", remedy) from None
    if isinstance(found, datetime):
        raise bad("is a time, and a day is asked for", "Write the day alone, such as 2024-07-01.")
    return found


type Day = Annotated[
    date,
    BeforeValidator(to_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-07-01"]}),
]


def several[M: Model](kind: type[M]) -> Callable[[object], object]:
    """Return a validator that builds objects of a kind from the mappings in a list.

    Raises
    ------
    BadValueError
        With the faults of all the mappings together.
    """

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
