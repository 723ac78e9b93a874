"""What all beliefs share: they are spoken as text or as a mapping, and kept as they were said.

A mapping is the same sentence cut into pieces. It is put together again and read as text, so there
is one grammar and one set of messages.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from forecast.errors import did_you_mean
from forecast.network.fault import bad
from forecast.network.phrase import tidy

__all__ = [
    "INTERVAL_PIECES",
    "POOL_PIECES",
    "Belief",
    "Said",
    "as_text",
    "reject_unknown_keys",
    "sentence",
    "taken",
]

type Said = str | dict[str, Any]

INTERVAL_PIECES = {
    "interval": "A list of two ends, such as [3%, 25%]; leave it out if known exactly.",
    "level": "The probability that the interval holds, such as 80%; 90% if nothing is said.",
}
POOL_PIECES = {
    "pool": "linear or logarithmic: how the experts' quantiles are averaged.",
    "experts": "A list of experts, each a belief or {belief: …, weight: …}; equal weights if "
    "nothing is said.",
}


class Belief(ABC):
    """What somebody believes about one number, as they said it.

    Notes
    -----
    Beliefs are read by `parse`; pydantic fields of these types call it. They compare equal when
    they mean the same, however they were said.
    """

    description: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]
    pieces: ClassVar[Mapping[str, str]]
    """The keys of the mapping form, each with what it holds."""
    said: Said

    @classmethod
    @abstractmethod
    def parse(cls, source: object) -> "Belief":
        """Return the belief that a text or a mapping states; a belief is returned as it is."""

    def __str__(self) -> str:
        """Return the belief in the words in which it was said."""
        return as_text(self.said)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Tell pydantic to read by `parse` and to write what was said."""
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(_what_was_said),
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


def _what_was_said(belief: Belief) -> Said:
    return belief.said


def as_text(said: Said) -> str:
    """Return text for what was said: a mapping in YAML's flow form."""
    if isinstance(said, str):
        return said
    parts = []
    for key, value in said.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = "[" + ", ".join(_entry(entry) for entry in value) + "]"  # noqa: PLW2901
        parts.append(f"{key}: {_entry(value)}")
    return "; ".join(parts)


def _entry(value: object) -> str:
    return "{" + as_text(value) + "}" if isinstance(value, dict) else str(value)


def taken(source: object) -> str | dict[str, Any]:
    """Return what a belief was said in: tidy text, or a mapping with text for keys.

    A bare number stands for its text.

    Raises
    ------
    BadValueError
        If it is neither.
    """
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
        The mapping; the keys `interval`, `level`, `within` and `by` are used if present.
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
