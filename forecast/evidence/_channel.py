"""A kind's channel: how what an item says follows from stated numbers, as data.

The formulas are those of `forecast.engine._channels`; a kind names the form, and the numbers that
it reads. Nothing here is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np

type Form = Literal["report", "ratio", "forecast", "silence", "count"]
type Number = tuple[str, str]
"""A stated number: its name, such as ``hit_rate``, and whose it is: a source's, or the item's."""


@dataclass(frozen=True)
class Channel:
    """How one item's chances follow from stated numbers.

    Parameters
    ----------
    form
        The formula, by its name in `forecast.engine._channels`.
    hit, false_alarm
        The numbers that it reads; most forms read one.
    number
        A constant of the formula: the window of a silence or a count, in years.
    said
        What it said: 1 for on, 0 for off; 1 for a silence; the number counted.
    broken
        Whether a word ended a silence.
    credibility
        The chance that a claim carries what its source knows; 0 makes it a coin toss.
    """

    form: Form
    hit: Number
    false_alarm: Number | None = None
    number: float = 0.0
    said: int = 1
    broken: bool = False
    credibility: float = 1.0


class Bearing(NamedTuple):
    """One row that an item has in the record: of which event it tells, and of when.

    The chances of an item with several rows are the product of theirs.

    Parameters
    ----------
    event
        The event.
    begin, end
        Of a window; the same for a moment.
    opens
        Whether it is the row before the last of a dated onset: at the beginning of its days. The
        event on by then is an onset too early, and as good as none.
    """

    event: str
    begin: datetime
    end: datetime
    opens: bool = False


@dataclass(frozen=True)
class Heard:
    """What an item is drawn from in a simulated world.

    Parameters
    ----------
    says_on
        Whether it says on, drawn already; of what makes a claim.
    chances
        P(says on | off) and P(says on | on); of a count, the numbers expected.
    rate
        The first number that it reads, per year where it is a rate.
    number
        The constant of its formula; of a forecast log(odds(q) / odds(b)), None where it has none.
    spells
        From when to when each of its events is on within a window.
    """

    says_on: bool
    chances: tuple[float, float]
    rate: float
    number: float | None
    spells: Callable[[str, datetime, datetime], list[tuple[datetime, datetime]]]
    rng: np.random.Generator
