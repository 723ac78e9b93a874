"""What all beliefs share: they are written as text or as a mapping, and kept as written.

A mapping is the same sentence cut into pieces. It is put together again and read as text, so there
is one grammar and one set of messages. A pool lists the beliefs of several experts with weights.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from operator import attrgetter
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from forecast.errors import did_you_mean
from forecast.network._base import BadValueError, bad
from forecast.network._phrase import tidy
from forecast.network._prior import PoolKind

type Wording = str | dict[str, Any]

INTERVAL_PIECES = {
    "interval": "A list of two ends, such as [3%, 25%]; leave it out if known exactly.",
    "level": "The probability of the interval, such as 80%; default 90%.",
}
POOL_PIECES = {
    "pool": "linear or logarithmic: how the experts' quantiles are averaged.",
    "experts": "A list of experts, each a belief or {belief: …, weight: …}; default equal weights.",
}


class Belief(ABC):
    """What somebody believes about one number, in their own words.

    Notes
    -----
    Beliefs are read by `parse`; pydantic fields of these types call it. They are equal if they mean
    the same, however they are worded.
    """

    description: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]
    pieces: ClassVar[Mapping[str, str]]
    """The keys of the mapping form, each with what it holds."""
    wording: Wording

    @classmethod
    def parse(cls, source: object) -> Self:
        """Return the belief that a text or a mapping states; a belief is returned unchanged.

        Raises
        ------
        BadValueError
            If it states none, with what to write instead.
        """
        found = source if isinstance(source, cls) else cls._read(_wording(source))
        assert isinstance(found, cls)  # noqa: S101
        return found

    @classmethod
    @abstractmethod
    def _read(cls, wording: Wording) -> "Belief":
        """Return the belief with this wording."""

    def __str__(self) -> str:
        """Return the belief's wording as text."""
        return as_text(self.wording)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Tell pydantic to read by `parse` and to write the wording."""
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(attrgetter("wording")),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Tell editors how the belief may be written."""
        pieces = {key: {"description": text} for key, text in cls.pieces.items()}
        return {
            "title": cls.__name__,
            "description": cls.description,
            "anyOf": [
                {"type": ["string", "number"], "examples": list(cls.examples)},
                {"type": "object", "properties": pieces, "additionalProperties": False},
            ],
        }


def as_text(wording: Wording) -> str:
    """Return a wording as text: a mapping in YAML's flow form."""
    if isinstance(wording, str):
        return wording
    parts = []
    for key, value in wording.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = "[" + ", ".join(_entry(entry) for entry in value) + "]"  # noqa: PLW2901
        parts.append(f"{key}: {_entry(value)}")
    return "; ".join(parts)


def _entry(value: object) -> str:
    return "{" + as_text(value) + "}" if isinstance(value, dict) else str(value)


def _wording(source: object) -> Wording:
    """Return tidy text, or a mapping with text for keys; a bare number stands for its text."""
    if isinstance(source, str):
        return tidy(source)
    if isinstance(source, int | float) and not isinstance(source, bool):
        return repr(source)
    if isinstance(source, Mapping) and all(isinstance(key, str) for key in source):
        return dict(source)
    if source is None:
        raise bad("is empty", "Write a belief such as '10% [3%, 25%]', or leave the line out.")
    raise bad(
        "is neither text, nor a number, nor a mapping",
        "Write a belief such as '10% [3%, 25%]'.",
    )


def reject_unknown_keys(source: Mapping[str, object], known: Sequence[str]) -> None:
    """Raise for the first key of a belief that is not among the known ones."""
    for key in source:
        if key not in known:
            raise bad(f"a belief has no part called '{key}'", did_you_mean(key, known))


def sentence(source: Mapping[str, object], head: str, *, before: str = "", after: str = "") -> str:
    """Return the text that a mapping stands for: its head, interval, level, and span.

    Parameters
    ----------
    source
        The mapping.
    head
        The key that holds the median.
    before, after
        Words around the median.
    """
    parts = [f"{before}{_scalar(source, head)}{after}"]
    if "interval" in source:
        ends = source["interval"]
        if isinstance(ends, str):
            parts.append(ends if ends.strip().startswith("[") else f"[{ends}]")
        elif isinstance(ends, Sequence):
            parts.append("[" + ", ".join(_plain(end, "interval") for end in ends) + "]")
        else:
            raise bad("the interval must be a list of two ends", "Write interval: [3%, 25%].")
    if "level" in source:
        parts.append(f"({_scalar(source, 'level')} interval)")
    parts.extend(f"{word} {_scalar(source, word)}" for word in ("within", "by") if word in source)
    return " ".join(parts)


def _scalar(source: Mapping[str, object], key: str) -> str:
    if key not in source:
        raise bad(f"the belief has no '{key}'", "Add it, or write the belief as one text.")
    return _plain(source[key], key)


def _plain(value: object, key: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise bad(f"'{key}' of the belief must be text or a number", "")


@dataclass(frozen=True)
class Expert[B]:
    """One expert's belief and its weight in a pool."""

    belief: B
    weight: float = 1.0


def read_pool[B](
    source: Mapping[str, object], read: Callable[[object], B]
) -> tuple[PoolKind, tuple[Expert[B], ...]]:
    """Return the kind of a pool and its experts, each belief read by `read`."""
    reject_unknown_keys(source, ("pool", "experts"))
    kind = source.get("pool")
    if kind not in ("linear", "logarithmic"):
        raise bad(
            f"a pool is linear or logarithmic, not '{kind}'",
            did_you_mean(str(kind), ("linear", "logarithmic")),
        )
    experts = source.get("experts")
    if not isinstance(experts, Sequence) or isinstance(experts, str) or not experts:
        raise bad(
            "a pool needs a list of experts",
            "Write experts: [{belief: '10% within 1 year', weight: 2}, …].",
        )
    return ("linear" if kind == "linear" else "logarithmic"), tuple(
        _expert(expert, place, read) for place, expert in enumerate(experts, start=1)
    )


def _expert[B](source: object, place: int, read: Callable[[object], B]) -> Expert[B]:
    try:
        if isinstance(source, str):
            return Expert(read(source))
        if not isinstance(source, Mapping) or "belief" not in source:
            raise bad("has no belief", "Write {belief: '10% within 1 year', weight: 2}.")
        reject_unknown_keys(source, ("belief", "weight", "name", "why"))
        belief = read(source["belief"])
        if hasattr(belief, "experts"):
            raise bad("is a pool within a pool", "List all experts in one pool.")
        return Expert(belief, _weight(source.get("weight", 1.0)))
    except BadValueError as error:
        fault = error.faults[0]
        raise bad(f"expert {place}: {fault.problem}", fault.remedy) from error


def _weight(weight: object) -> float:
    good = isinstance(weight, int | float) and not isinstance(weight, bool)
    if not good or not isfinite(value := float(str(weight))) or value <= 0:
        raise bad(
            f"the weight '{weight}' is not a number above 0",
            "Write for example weight: 2; leave out an expert who should not count.",
        )
    return value
