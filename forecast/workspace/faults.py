"""Faults of many files, gathered, so that all are told in one go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from forecast.errors import Fault, InputError

__all__ = ["Gathered"]


class Gathered:
    """A list of faults that grows while work goes on.

    Examples
    --------
    >>> gathered = Gathered()
    >>> with gathered.faults_of():
    ...     raise InputError("the first")
    >>> gathered.add([Fault("the second")])
    >>> gathered.any
    True
    """

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    @property
    def any(self) -> bool:
        """Whether there is any fault so far."""
        return bool(self._faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults; one that is there already stays single."""
        self._faults.update(dict.fromkeys(faults))

    @contextmanager
    def faults_of(self) -> Iterator[None]:
        """Keep the faults that the work inside ends with, and go on after it."""
        try:
            yield
        except InputError as error:
            self.add(error.faults)

    def refuse(self) -> None:
        """Raise all that was gathered, if anything was.

        Raises
        ------
        InputError
            With every fault.
        """
        if self._faults:
            raise InputError(tuple(self._faults))
