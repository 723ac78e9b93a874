"""Looking things up by name, and what to say when there is no such name."""

from collections.abc import Mapping

from forecast.errors import Fault, did_you_mean
from forecast.network.fault import BadValueError

__all__ = ["UnknownNameError", "find"]


class UnknownNameError(BadValueError):
    """A name that nothing in the network has; the message offers the nearest one."""


def find[T](what: str, name: str, known: Mapping[str, T]) -> T:
    """Return what has this name.

    Parameters
    ----------
    what
        What is looked for, such as "event", for the message.
    name
        The name.
    known
        Everything that has a name.

    Raises
    ------
    UnknownNameError
        If nothing has the name.
    """
    try:
        return known[name]
    except (KeyError, TypeError):
        raise UnknownNameError(
            Fault(f"unknown {what} '{name}'", did_you_mean(str(name), known))
        ) from None
