"""The error tree. Nothing else leaves the public interface for bad input.

::

    ForecastError                 everything this library raises on purpose
    ├── InputError                something the user wrote or asked for cannot be used (exit code 2)
    │   ├── ContradictionError    two or more items of evidence cannot both be true
    │   └── QueryError            a question that the posterior cannot answer as asked
    ├── GateError                 an estimate failed its convergence gate and is not published
    ├── LedgerError               the ledger cannot be reached, read or written
    └── MissingExtraError         an optional dependency is not installed
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from forecast.intact import require_intact
from forecast.visible import escaped, visible

__all__ = [
    "ContradictionError",
    "Fault",
    "ForecastError",
    "GateError",
    "InputError",
    "LedgerError",
    "MissingExtraError",
    "QueryError",
    "did_you_mean",
]

require_intact()  # here too: where the package's own __init__ is not, it cannot say so

MAX_VALUE_SHOWN = 80
MAX_WORDS_SHOWN = 2_000  # a problem may quote text of any length


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one input: where it is, what it is, and what to write instead.

    Parameters
    ----------
    problem
        The rule that is broken, in a sentence without a full stop.
    remedy
        What to write instead; empty if there is nothing to add.
    file, line
        Where it is; empty and 0 for objects built in Python.
    field
        The field, as a path such as ``events.a.rate``.
    value
        The offending value as text; shown shortened and with control characters escaped.
    """

    problem: str
    remedy: str = ""
    file: str = ""
    line: int = 0
    field: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.file and self.line else self.file
        head = ": ".join(_cut(part, MAX_WORDS_SHOWN) for part in (where, self.field) if part)
        got = f" (got {shown(self.value)})" if self.value else ""
        tail = f" {_cut(self.remedy, MAX_WORDS_SHOWN)}" if self.remedy else ""
        rule = f"{_cut(self.problem, MAX_WORDS_SHOWN)}{got}"
        stop = "" if rule.endswith((".", "?")) else "."
        body = f"{rule}{stop}{tail}"
        return visible(f"{head}: {body}" if head else body)


def shown(value: str) -> str:
    """Return a value for a message: quoted, printable, and short.

    Examples
    --------
    >>> shown("a" * 200)[-3:]
    "a…'"
    """
    cut = _cut(value, MAX_VALUE_SHOWN)
    return f"'{escaped(cut)}'"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" for the nearest known name, or the choices if none is close.

    Examples
    --------
    >>> did_you_mean("embargo_lft", ["embargo_lift", "pact"])
    "Did you mean 'embargo_lift'?"
    >>> did_you_mean("vote", ["pact", "vote.left", "vote.right"])
    "Ask for one of its outcomes: 'vote.left', 'vote.right'."
    >>> did_you_mean("signal", ["pact", "signal.confirmed"])
    "Did you mean 'signal.confirmed'?"
    """
    choices = sorted(known)
    parts = [f"'{choice}'" for choice in choices if choice.startswith(f"{name}.")]
    if len(parts) == 1 and name not in choices:
        return f"Did you mean {parts[0]}?"
    if parts and name not in choices:
        return f"Ask for one of its outcomes: {', '.join(parts)}."
    near = get_close_matches(name, choices, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    if not choices:
        return ""
    listed = ", ".join(choices[:12]) + (", …" if len(choices) > 12 else "")  # noqa: PLR2004
    return f"Known: {listed}."


class ForecastError(Exception):
    """Base of every error that this library raises on purpose."""


class InputError(ForecastError):
    """Input that cannot be used; holds every fault found, not only the first.

    Parameters
    ----------
    faults
        The faults, or one sentence.

    Attributes
    ----------
    faults : tuple of Fault
    """

    def __init__(self, faults: Sequence[Fault] | Fault | str) -> None:
        if isinstance(faults, str):
            faults = Fault(faults)
        self.faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ContradictionError(InputError):
    """Items of evidence that cannot all be true."""


class QueryError(InputError):
    """A question that the posterior cannot answer as asked."""


class GateError(ForecastError):
    """An estimate that failed its convergence gate."""


class LedgerError(ForecastError):
    """A ledger that cannot be reached, read or written, or that has been altered."""


class MissingExtraError(ForecastError):
    """An optional dependency that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package '{package}', which is not installed: "
            f"pip install 'eventcast[{extra}]'"
        )
