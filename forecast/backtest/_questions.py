"""The life of a question in a replay: from the first date on which it was asked to its close."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from forecast.evidence import Resolution
from forecast.scoring import standing
from forecast.scoring._inputs import Floats
from forecast.time import day_label, next_midnight

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """A question, and the dates of a replay on which it was open.

    Parameters
    ----------
    resolution
        The question.
    dates
        The cut-offs at which it was asked, in order.
    opened
        The midnight from which its first forecast counts: none counts on the day it is made.
    """

    resolution: Resolution
    dates: tuple[datetime, ...]
    opened: datetime

    @property
    def outcome(self) -> int:
        """1 for a yes."""
        return int(self.resolution.outcome == "yes")

    @property
    def by(self) -> str:
        """The deadline, as tables show it."""
        return day_label(self.resolution.by)

    @property
    def scheduled(self) -> int:
        """The days from opening to the deadline, known before anything else is."""
        return math.ceil((self.resolution.by - self.opened) / DAY)

    @property
    def open_days(self) -> int:
        """The days on which it was open: fewer than scheduled where a yes closed it."""
        return math.ceil((self.resolution.closed - self.opened) / DAY)

    def daily(self, said: Sequence[float]) -> Floats:
        """Return the forecast that stood on each open day, from one a date."""
        made = [(next_midnight(date) - self.opened) / DAY for date in self.dates]
        return standing(made, said, np.arange(self.open_days))


def life_of(resolution: Resolution, dates: Sequence[datetime]) -> Life | None:
    """Return the life of a question at cut-offs in order; None where it was over by the first."""
    asked = tuple(date for date in dates if next_midnight(date) < resolution.closed)
    return Life(resolution, asked, next_midnight(asked[0])) if asked else None
