"""What came of an update: runs, and why there are none of other networks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from forecast.errors import Fault, ForecastError, GateError, InputError
from forecast.workspace._alerts import Alert
from forecast.workspace._history import Before
from forecast.workspace._prune import Pruned
from forecast.workspace._run import Manifest


@dataclass(frozen=True)
class Run:
    """One network's run, saved and published.

    Parameters
    ----------
    path
        The manifest's file.
    manifest
        What the run was made from and what it found.
    head
        Place and digest of its entry in the ledger.
    alerts
        What it raises against the run before.
    before
        The run of the latest cut-off up to its own that was there before it; None without one.
    """

    path: Path
    manifest: Manifest
    head: str = ""
    alerts: tuple[Alert, ...] = ()
    before: Before | None = None


@dataclass(frozen=True)
class UpdateResult:
    """What came of an update.

    Parameters
    ----------
    runs
        One for each network that was estimated, in the order of the workspace file.
    failures
        Why there is none, by the name of each other network.
    page
        The HTML page, where one was asked for and written.
    warnings
        What is allowed in the files but probably not meant.
    finished
        Why there is nothing to forecast of other networks, by name.
    notes
        What is to be known and is no failure, such as a clock that ran back.
    pruned
        The draws that were removed to make room, by the rule of the workspace's file; None where
        it keeps all of them.
    """

    runs: tuple[Run, ...]
    failures: dict[str, ForecastError] = field(default_factory=dict)
    page: Path | None = None
    warnings: tuple[Fault, ...] = ()
    finished: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pruned: Pruned | None = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What all runs raise."""
        return tuple(alert for run in self.runs for alert in run.alerts)

    def refuse(self) -> None:
        """Raise what went wrong, if anything did, in one message.

        Raises
        ------
        ForecastError
            `GateError` where every failure is one; the error itself where there is but one.
        """
        if not self.failures:
            return
        errors = list(self.failures.values())
        lines = [f"{name}: {error}" for name, error in self.failures.items()]
        if all(isinstance(error, GateError) for error in errors):
            raise GateError(_gate_words(lines, some_saved=bool(self.runs)))
        if len(errors) == 1 and not self.runs:
            raise errors[0]
        if not self.runs and all(isinstance(error, InputError) for error in errors):
            inputs = cast("list[InputError]", errors)
            raise InputError([fault for error in inputs for fault in error.faults])
        raise ForecastError("\n".join(lines))


def _gate_words(lines: Sequence[str], *, some_saved: bool) -> str:
    what = "it was not saved" if some_saved else "nothing was saved"
    reasons = "\n".join(lines)
    return (
        f"the estimate did not pass its gate, and {what}:\n{reasons}\n"
        "Try more draws (--draws), or --method nuts or paths; --force keeps it all the same, "
        "and its record says so."
    )
