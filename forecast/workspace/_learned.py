"""What answered questions have taught, and what a run's forecasts would be by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from forecast.calibration._experience import Adjustment, Experience
from forecast.ledger import ForecastRecord
from forecast.network import Network
from forecast.probability import share


@dataclass(frozen=True)
class Learned:
    """What was learned, and from what.

    Parameters
    ----------
    experience
        The adjustments.
    sha256
        The digest of every question, answer, forecast and weight that it was learned from.
    entries
        The entries of the runs whose forecasts they are.
    """

    experience: Experience
    sha256: str
    entries: tuple[int, ...]

    def document(self) -> dict[str, Any]:
        """Return what was learned as the manifest and the ledger have it."""
        found = self.experience
        return {
            "learned_from": {
                "sha256": self.sha256,
                "first_entry": min(self.entries),
                "last_entry": max(self.entries),
            },
            "all": _document(found.all),
            "by_kind": {kind: _document(each) for kind, each in found.by_kind.items()},
        }

    def curve(self, levels: Sequence[float]) -> dict[str, list[list[float]]]:
        """Return what some probabilities would be, by kind of event; under "" for all others."""
        kinds = {"": self.experience.all, **self.experience.by_kind}
        return {
            kind: [list(found.recalibrated(level)) for level in levels]
            for kind, found in kinds.items()
        }

    def beside(
        self, network: Network, forecasts: Sequence[ForecastRecord]
    ) -> tuple[ForecastRecord, ...]:
        """Return forecasts, each with what it would be; nothing else of them changes."""
        kinds = [network.stated(told.event).kind for told in forecasts]
        return tuple(
            replace(
                told, recalibrated=self.experience.of(kind).recalibrated(share(told.probability))
            )
            for kind, told in zip(kinds, forecasts, strict=True)
        )


def _document(found: Adjustment) -> dict[str, Any]:
    return {
        "shift": list(found.shift),
        "stretch": list(found.stretch),
        "questions": found.questions,
        "clusters": found.clusters,
    }
