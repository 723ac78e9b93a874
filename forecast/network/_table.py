"""The table of a fact that depends on other facts: rows of chances, each for some of their values.

A row says ``when`` it holds and what the chances then are. Parents that it leaves out may have any
value, so that one row can stand for many combinations; each combination belongs to one row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from forecast.errors import Fault
from forecast.network._base import Model, bad
from forecast.network._belief import ProbabilityBelief
from forecast.network._outcomes import Outcomes
from forecast.network._prior import Fixed
from forecast.network._spoken import Belief, Wording

MOST_VALUES = 64
SURE = {0: 0.0, 1: 1.0, "0": 0.0, "1": 1.0, "0%": 0.0, "100%": 1.0, "0.0": 0.0, "1.0": 1.0}
STATES = {"on": True, "off": False, "true": True, "false": False}
ROW = "{when: {smoker: true}, initially: 10% [5%, 20%]}"


@dataclass(frozen=True)
class Certain(ProbabilityBelief):
    """A chance of 0 or 1, as tables may have."""

    value: float
    wording: Wording = field(compare=False)

    def prior(self) -> Fixed:
        """Return the number."""
        return Fixed(self.value)


def cell_belief(said: object) -> ProbabilityBelief:
    """Return the belief that a cell of a table states, which may be certain."""
    if isinstance(said, ProbabilityBelief):
        return said
    if isinstance(said, bool):
        return Certain(float(said), "100%" if said else "0%")
    if isinstance(said, str | int | float) and said in SURE:
        return Certain(SURE[said], str(said))
    return ProbabilityBelief.parse(said)


class Values(Outcomes):
    """The values of a fact, each with its chance; exactly one is true.

    Examples
    --------
    >>> Values.parse({"low": "20%", "high": "80%", "none": 0}).medians
    {'low': 0.2, 'high': 0.8, 'none': 0.0}
    """

    most: ClassVar[int] = MOST_VALUES

    @classmethod
    def chance_of(cls, said: object) -> ProbabilityBelief:
        """Return the belief about one value's chance, which may be 0 or 1."""
        return cell_belief(said)


@dataclass(frozen=True)
class When(Belief):
    """For which values of a fact's parents a row of its table holds."""

    values: tuple[tuple[str, str | bool], ...]
    wording: Wording = field(compare=False)

    description: ClassVar[str] = (
        "The parents' values for which the row holds: true or false, or the value's name; parents "
        "left out may have any."
    )
    examples: ClassVar[tuple[str, ...]] = ("{smoker: true}",)
    pieces: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def _read(cls, wording: Wording) -> "When":
        if not isinstance(wording, dict):
            raise bad("is no mapping from parents to their values", f"Write for example '{ROW}'.")
        return cls(tuple((name, _value(name, said)) for name, said in wording.items()), wording)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors how it may be written."""
        del core, handler
        return {
            "title": cls.__name__,
            "description": cls.description,
            "type": "object",
            "additionalProperties": {"type": ["boolean", "string"]},
            "examples": [{"smoker": True}],
        }


def _value(name: str, said: object) -> str | bool:
    if isinstance(said, bool):
        return said
    if isinstance(said, str):
        return STATES.get(said.strip(), said.strip())
    raise bad(
        f"'{name}' has the value {said!r}",
        "Write true or false, or the name of one of its values.",
    )


type Cell = Annotated[
    ProbabilityBelief | None,
    BeforeValidator(lambda said: None if said is None else cell_belief(said)),
]
type Cells = Annotated[
    Values | None, BeforeValidator(lambda said: None if said is None else Values.parse(said))
]


class TableRow(Model):
    """One row of a fact's table: its chances for some of the values of its parents.

    Parameters
    ----------
    when
        Each parent's value: true or false, or the name of one of its values. A parent that is left
        out may have any.
    initially
        The probability that the fact is true then; 0% and 100% are allowed.
    outcomes
        For a fact with several values: the probability of each then.

    Examples
    --------
    >>> row = TableRow(when={"smoker": True}, initially="10% [5%, 20%]")
    >>> row.when.values
    (('smoker', True),)
    """

    if TYPE_CHECKING:  # text and mappings are taken in place of what the fields hold

        def __init__(self, /, **fields: Any) -> None: ...

    when: When = Field(examples=["{smoker: true}"])
    initially: Cell = Field(default=None, exclude_if=lambda cell: cell is None)
    outcomes: Cells = Field(default=None, exclude_if=lambda cells: cells is None)

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a row."""
        if (fields.get("initially") is None) == (fields.get("outcomes") is None):
            yield Fault(
                "a row of a table has either the probability that the fact is true, or those of "
                "its outcomes",
                f"Write for example '{ROW}'.",
            )
