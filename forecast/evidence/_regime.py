"""Regimes: from a date on the pace of an event is another."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from forecast.errors import Fault
from forecast.evidence._item import Item
from forecast.evidence._moment import Moment, finish
from forecast.network._base import bad
from forecast.network._belief import RatioBelief
from forecast.network._prior import Fixed
from forecast.time import day_words


class Regime(Item):
    """From a date on an event begins at another rate: a new commander, a change of government.

    It multiplies the on-rate of an onset or a state, until it is taken back or ends. What it is
    known by is its publication: as of a day before it does not act, whatever date it speaks of.
    Several on one event multiply.

    Parameters
    ----------
    speaks_of
        From when on; its publication where nothing is said. A date means the end of that day, as
        for every item: the rate is another from the next midnight UTC on. Give a time to be exact.
    hazard_ratio
        What the rate is multiplied by, with its range, such as ``"x0.4 [0.2, 0.75]"``.
    until
        When it ends; a date means the end of that day. Never, where nothing is said.

    Examples
    --------
    >>> told = {"id": "g", "event": "talks", "published": "2024-12-03", "text": "New envoy."}
    >>> Regime(**told, hazard_ratio="x0.4 [0.2, 0.75]").span[0].isoformat()
    '2024-12-04T00:00:00+00:00'
    """

    kind: Literal["regime"] = "regime"
    hazard_ratio: RatioBelief
    until: Moment | None = Field(default=None, examples=["2025-03-31"])

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a regime."""
        if not str(fields.get("text") or "").strip():
            remedy = "Say in text why the rate is another from then on."
            yield Fault("a regime has a reason", remedy, field="text")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Regime":
        first, last = self.span
        if last is not None and last <= first:
            begins = self.published if self.speaks_of is None else self.speaks_of
            raise bad(
                f"a regime from the end of {begins} until {self.until} lasts no time",
                "Correct one of the two dates; a date means the end of that day.",
            )
        return self

    @property
    def span(self) -> tuple[datetime, datetime | None]:
        """From when to when it holds; None where it has no end."""
        return self.speaks_of_instant, None if self.until is None else finish(self.until)

    @property
    def inert(self) -> bool:
        """Whether it surely changes nothing."""
        prior = self.hazard_ratio.prior()
        return isinstance(prior, Fixed) and prior.value == 1

    def words(self) -> str:
        """Return from when on, by what ratio, and until when where that is said.

        Examples
        --------
        >>> told = {"id": "g", "event": "talks", "published": "2024-12-03", "text": "New envoy."}
        >>> Regime(**told, hazard_ratio="x0.4 [0.2, 0.75]", until="2025-03-31").words()
        'from 3 December 2024 until 31 March 2025: rate ×0.4 [0.2, 0.75]'
        """
        first, last = self.span
        until = "" if last is None else f" until {day_words(last)}"
        return f"from {day_words(first)}{until}: rate {str(self.hazard_ratio).replace('x', '×')}"
