"""Canonical JSON and its digest: the bytes that the hash chain is made over.

The form is that of Python's ``json.dumps(value, sort_keys=True, separators=(",", ":"),
ensure_ascii=False)`` in UTF-8, whose numbers are the shortest that read back as the same double. It
must be the same for decades, so it leans on no other library's taste: orjson is used only where
every writer of JSON agrees, which is where no number needs an exponent.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import orjson

NOTHING_BEFORE = "0" * 64
"""The digest that the first entry names as the one before it."""

_SMALL = (b",0.0000", b"e-")
"""Below 1e-4 some write a number with an exponent, some with zeros."""

_ODD = (b"-0.0000", b"[0.0000")
"""So they do where it is negative or comes first, as no number of the ledger does."""

_plain = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical(value: object) -> bytes:
    """Return a value of dicts with text for keys, lists, tuples, text, numbers, booleans and None.

    A number that is not finite, half a surrogate pair or another type is a `ValueError` or
    `TypeError`.

    Examples
    --------
    >>> canonical({"b": [0.1, 1e-7], "a": "é"}).decode()
    '{"a":"é","b":[0.1,1e-07]}'
    """
    return _plain(value).encode()


def canonical_rows(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows of text, whole numbers, None and numbers between -1e15 and 1e15 as JSON; fast.

    Examples
    --------
    >>> canonical_rows([(1, "a", 0.5), (2, "b", 0.00001)]).decode()
    '[[1,"a",0.5],[2,"b",1e-05]]'
    """
    together = orjson.dumps(rows)
    if not any(sign in together for sign in _SMALL + _ODD):
        return together
    # Text that looks like a small number does no harm: its row is merely written the slow way.
    pieces = together[2:-2].split(b"],[")
    if len(pieces) != len(rows) or any(sign in together for sign in _ODD):
        return canonical(rows)
    small, tiny = _SMALL
    for place, piece in enumerate(pieces):
        if small in piece or tiny in piece:
            pieces[place] = _plain(rows[place])[1:-1].encode()
    return b"[[" + b"],[".join(pieces) + b"]]"


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def entry_bytes(
    seq: int,
    kind: str,
    made_at: str,
    previous: str,
    tables: Mapping[str, Sequence[Sequence[object]]],
) -> bytes:
    """Return what an entry's digest is made over: its columns, and its rows by table.

    Examples
    --------
    >>> entry_bytes(1, "run", "now", "00", {"runs": [(1, "k")]}).decode()
    '{"body":{"runs":[[1,"k"]]},"kind":"run","made_at":"now","previous":"00","seq":1}'
    """
    body = b",".join(
        canonical(name) + b":" + canonical_rows(tables[name])
        for name in sorted(tables)
        if tables[name]
    )
    return b'{"body":{%b},"kind":%b,"made_at":%b,"previous":%b,"seq":%d}' % (
        body,
        orjson.dumps(kind),
        orjson.dumps(made_at),
        orjson.dumps(previous),
        seq,
    )
