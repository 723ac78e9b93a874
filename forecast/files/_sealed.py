"""Files that are kept to save work: a line with the digest of the rest comes first.

One changed byte is found, whoever reads it. It is no proof against somebody who writes a digest of
their own: nothing that is published depends on these files, and they may be deleted.
"""

import hashlib

_HEAD = 65
"""Bytes of a SHA-256 in hexadecimal, and of the end of its line."""

KEPT = (".reasons.json", ".pass.npz")
"""How the names of such files end."""


def sealed(data: bytes) -> bytes:
    """Return data with its seal.

    Examples
    --------
    >>> unsealed(sealed(b"kept"))
    b'kept'
    """
    return hashlib.sha256(data).hexdigest().encode() + b"\n" + data


def unsealed(raw: bytes) -> bytes | None:
    """Return the data without its seal; None where one byte of either is not as it was written."""
    data = raw[_HEAD:]
    return data if sealed(data) == raw else None
