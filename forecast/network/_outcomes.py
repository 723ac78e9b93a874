"""The outcomes of a decision: which there are, and how likely each is.

Exactly one comes. The chances are those of a race: outcome k has a log-normal weight w_k, and its
chance is w_k / Σ w. What is stated is each chance's median and range; the spreads of the weights
are those that give the chances about these ranges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, log
from typing import Any, ClassVar

import numpy as np
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from forecast.errors import Fault, InputError
from forecast.network._base import BadValueError, bad, inside, is_id
from forecast.network._belief import ProbabilityBelief
from forecast.network._phrase import LEVEL
from forecast.network._prior import Fixed, LogNormal, Prior, half_width, logit
from forecast.network._spoken import Belief, Wording

REST = "the rest"
EXAMPLE = '{left: "48% [40%, 56%]", right: 47%, other: the rest}'
MOST_OUTCOMES = 8
RESERVED = ("confirmed", "ever")
OFF_BY = 0.0015  # how far stated chances may miss 100% by rounding to tenths of a percent


@dataclass(frozen=True)
class Outcomes(Belief):
    """The outcomes of a decision, each with its chance; exactly one comes.

    Examples
    --------
    >>> outcomes = Outcomes.parse({"left": "48% [40%, 56%]", "right": "47%", "other": "the rest"})
    >>> {name: round(chance, 3) for name, chance in outcomes.medians.items()}
    {'left': 0.48, 'right': 0.47, 'other': 0.05}
    """

    chances: tuple[tuple[str, ProbabilityBelief | None], ...]
    wording: Wording = field(compare=False)

    description: ClassVar[str] = (
        "Two or more outcomes, of which exactly one comes, each with its probability; one may be "
        "'the rest'."
    )
    examples: ClassVar[tuple[str, ...]] = (EXAMPLE,)
    pieces: ClassVar[Mapping[str, str]] = {}
    most: ClassVar[int] = MOST_OUTCOMES

    @classmethod
    def chance_of(cls, said: object) -> ProbabilityBelief:
        """Return the belief about one outcome's chance."""
        return ProbabilityBelief.parse(said)

    @classmethod
    def parse(cls, source: object) -> "Outcomes":
        """Return the outcomes of a mapping, or of a list of mappings with one outcome each."""
        if isinstance(source, list | tuple):
            return super().parse(_merged(source))
        return super().parse(source)

    @classmethod
    def _read(cls, wording: Wording) -> "Outcomes":
        if not isinstance(wording, dict):
            raise bad("is no mapping from outcomes to chances", f"Write for example '{EXAMPLE}'.")
        chances: dict[str, ProbabilityBelief | None] = {}
        faults: list[Fault] = []
        for name, said in wording.items():
            if not is_id(name) or name in RESERVED or name.isdigit():
                faults.append(
                    Fault(
                        "is no name for an outcome",
                        "Write lower-case letters, digits and underscores, beginning with a "
                        f"letter; {' and '.join(RESERVED)} are taken.",
                        field=name,
                    )
                )
                continue
            try:
                chances[name] = None if said == REST else cls.chance_of(said)
            except InputError as error:
                faults += inside(name, error.faults)
        faults = faults or list(_faults_between(chances, cls.most))
        if faults:
            raise BadValueError(faults)
        return cls(tuple(chances.items()), wording)

    @property
    def names(self) -> tuple[str, ...]:
        """The outcomes, in the order in which they are stated."""
        return tuple(name for name, _ in self.chances)

    @property
    def medians(self) -> dict[str, float]:
        """The chance of each outcome, with every uncertain number at its median."""
        stated = {k: None if one is None else one.prior().median() for k, one in self.chances}
        rest = 1.0 - fsum(chance for chance in stated.values() if chance is not None)
        return {name: rest if chance is None else chance for name, chance in stated.items()}

    @property
    def spreads(self) -> dict[str, float]:
        """The standard deviation of the logarithm of each outcome's weight.

        To first order the log-odds of outcome j vary by w_j − Σ_k≠j p_k w_k / (1 − p_j) in terms of
        logarithms of weights. Their variances follow from those of the stated chances.
        """
        from scipy.optimize import nnls  # noqa: PLC0415 - stating a network loads nothing heavy

        chance = np.array(list(self.medians.values()))  # (outcome,)
        stated = np.array([_log_odds_spread(one) for _, one in self.chances])  # (outcome,)
        free = stated > 0
        if not free.any():
            return dict.fromkeys(self.names, 0.0)
        shares = (chance[None, :] / (1 - chance[:, None])) ** 2  # (outcome, outcome)
        np.fill_diagonal(shares, 1.0)
        variances = np.zeros(len(chance))
        variances[free], _ = nnls(shares[np.ix_(free, free)], stated[free] ** 2)
        return dict(zip(self.names, np.sqrt(variances).tolist(), strict=True))

    @property
    def weight_priors(self) -> dict[str, Fixed | LogNormal]:
        """The prior of each outcome's weight, whose median is its chance."""
        spread = self.spreads
        return {
            name: LogNormal(log(p), spread[name]) if spread[name] else Fixed(p)
            for name, p in self.medians.items()
        }

    def __str__(self) -> str:
        """Return the outcomes with their chances on one line."""
        return ", ".join(f"{name} {REST if one is None else one}" for name, one in self.chances)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Tell pydantic to write a list: their order counts, and canonical JSON sorts mappings."""
        del source, handler
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(_listed)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors how the outcomes may be written."""
        del core, handler
        return {
            "title": cls.__name__,
            "description": cls.description,
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "object"]},
            "minProperties": 2,
            "examples": [{"left": "48% [40%, 56%]", "right": "47%", "other": REST}],
        }


def _merged(entries: Sequence[object]) -> dict[object, object]:
    merged: dict[object, object] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or len(entry) != 1 or set(entry) & set(merged):
            raise bad(
                "is no list of outcomes, each with its chance",
                f"Write a mapping such as {EXAMPLE}, each outcome once.",
            )
        merged |= entry
    return merged


def _listed(outcomes: Outcomes) -> list[dict[str, Any]]:
    assert isinstance(outcomes.wording, dict)  # noqa: S101 - `_read` takes nothing else
    return [{name: said} for name, said in outcomes.wording.items()]


def _faults_between(chances: Mapping[str, ProbabilityBelief | None], most: int) -> list[Fault]:
    if not 2 <= len(chances) <= most:  # noqa: PLR2004 - exactly one of one is no decision
        return [
            Fault(
                f"has {len(chances)} outcomes",
                f"Write two to {most}, such as {EXAMPLE}; put the smallest into one.",
            )
        ]
    rest = [name for name, one in chances.items() if one is None]
    if len(rest) > 1:
        return [
            Fault(
                f"'{rest[0]}' and '{rest[1]}' are both '{REST}'",
                "State the chance of all outcomes but one.",
            )
        ]
    total = fsum(one.prior().median() for one in chances.values() if one is not None)
    if rest and total >= 1:
        return [Fault(f"the chances come to {total:.1%}, so nothing is left for '{rest[0]}'", "")]
    if not rest and abs(total - 1) > OFF_BY:
        return [
            Fault(
                f"the chances come to {total:.1%}, and exactly one outcome comes",
                f"Let them come to 100%, or write '{REST}' for one of them.",
            )
        ]
    return []


def _log_odds_spread(belief: ProbabilityBelief | None) -> float:
    prior: Prior | None = None if belief is None else belief.prior()
    if prior is None or isinstance(prior, Fixed):
        return 0.0
    low, high = prior.interval(LEVEL)
    return (logit(high) - logit(low)) / (2 * half_width(LEVEL))
