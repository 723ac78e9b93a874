"""Titles in boxes: broken into few short lines, and cut where they are too long."""

import textwrap

__all__ = ["wrapped"]


def wrapped(text: str, *, columns: int, lines: int) -> tuple[str, ...]:
    """Return a text as at most so many lines of at most so many characters; "…" where it was cut.

    Parameters
    ----------
    text
        Any text. Control characters and characters that turn the direction of writing are left out.
    columns, lines
        At most so many.

    Examples
    --------
    >>> wrapped("South Korea lifts its embargo on lethal arms", columns=16, lines=2)
    ('South Korea', 'lifts its…')
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return tuple(textwrap.wrap(plain, columns, max_lines=lines, placeholder="…")) or ("",)
