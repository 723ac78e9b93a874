"""How a bad value complains: an `InputError` that pydantic understands as well."""

from dataclasses import replace

from forecast.errors import Fault, InputError

__all__ = ["BadValueError", "bad", "inside"]


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
