"""What differs between the networks of two runs, field by field, as both were stated."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PARTS = ("events", "links", "source_types", "sources")
LONGEST = 80


@dataclass(frozen=True)
class FieldChange:
    """One field of a network; what it was and what it is, empty where there is none.

    `field` is a path such as ``events.pact.rate``; of a part that came or went whole, such as
    ``events.pact``.
    """

    field: str
    before: str
    after: str


def network_changes(before: str, after: str) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two networks in canonical JSON.

    Examples
    --------
    >>> old = '{"title": "a", "events": [{"id": "pact", "rate": "1 per year"}]}'
    >>> new = '{"title": "a", "events": [{"id": "pact", "rate": "2 per year"}]}'
    >>> network_changes(old, new)
    (FieldChange(field='events.pact.rate', before='1 per year', after='2 per year'),)
    """
    return tuple(_changes(json.loads(before), json.loads(after)))


def _changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[FieldChange]:
    yield from _fields("", then, now, left_out=PARTS)
    for part in PARTS:
        old, new = ({each["id"]: each for each in side.get(part, ())} for side in (then, now))
        for name in dict.fromkeys([*old, *new]):
            if name in old and name in new:
                yield from _fields(f"{part}.{name}.", old[name], new[name])
            else:
                came, went = ("", "there") if name in old else ("there", "")
                yield FieldChange(f"{part}.{name}", went, came)


def _fields(
    head: str, then: Mapping[str, Any], now: Mapping[str, Any], left_out: tuple[str, ...] = ()
) -> Iterator[FieldChange]:
    for field in dict.fromkeys([*then, *now]):
        old, new = then.get(field), now.get(field)
        if field not in left_out and old != new:
            yield FieldChange(f"{head}{field}", _words(old), _words(new))


def _words(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
