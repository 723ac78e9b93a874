"""Likelihood ratios: an analyst's own weighing."""

from typing import Literal

from forecast.evidence._channel import Channel, Heard, Number
from forecast.evidence._item import Item
from forecast.network._belief import RatioBelief
from forecast.network._prior import Fixed

LEVEL = 0.9  # of an interval in which no level is stated


class LikelihoodRatio(Item):
    """How much likelier the news is if the event is on at the time it speaks of than if it is off.

    Parameters
    ----------
    likelihood_ratio
        With its range, such as ``"x2 [1.2, 4]"``.
    """

    kind: Literal["likelihood_ratio"] = "likelihood_ratio"
    likelihood_ratio: RatioBelief

    def reads(self) -> tuple[Number, ...]:
        """Return the ratio itself."""
        return (("likelihood_ratio", self.id),)

    def channel(self) -> Channel | None:
        """Return a virtual claim, which says on; a sure ratio of one says nothing."""
        prior = self.likelihood_ratio.prior()
        inert = isinstance(prior, Fixed) and prior.value == 1
        (ratio,) = self.reads()
        return None if inert else Channel("ratio", ratio)

    @property
    def claims(self) -> bool:
        """True: the virtual one."""
        return True

    def words(self) -> str:
        """Return the ratio with its range.

        Examples
        --------
        >>> told = {"id": "l", "event": "pact", "published": "2024-03-01"}
        >>> LikelihoodRatio(**told, likelihood_ratio="x3 [2, 5]").words()
        'likelihood ratio ×3 [2, 5]'
        """
        return f"likelihood ratio {str(self.likelihood_ratio).replace('x', '×')}"

    def drawn(self, heard: Heard) -> "LikelihoodRatio":
        """Return the ratio, turned round where it would have spoken against."""
        if heard.says_on:
            return self
        return self.model_copy(update={"likelihood_ratio": _inverse(self.likelihood_ratio)})


def _inverse(ratio: RatioBelief) -> RatioBelief:
    """Return the belief about one over a ratio."""
    prior = ratio.prior()
    low, high = prior.interval(LEVEL)
    median = f"x{1 / prior.median():.12g}"
    sure = isinstance(prior, Fixed)
    return RatioBelief.parse(median if sure else f"{median} [{1 / high:.12g}, {1 / low:.12g}]")
