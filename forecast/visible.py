r"""Text from outside as it is shown: what would steer a terminal or a reader is written out.

Control characters, marks of writing direction, breaks of lines and what cannot be seen are shown as
``\x1b`` or ``\u202e``. What is stored keeps them. Arabic and Hebrew need none of them, and stand as
they are; so do the joiners of Persian and Indic words and of emoji.
"""

import unicodedata

# Cc: control, Cf: format (bidirectional marks among them), Cs: lone surrogates, Zl and Zp: breaks.
STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
WRITTEN = frozenset(
    "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
    "\U000110bd\U000110cd"
)
"""In Cf, and part of how words and numbers are written: joiners, and signs of Arabic numbers."""


def steers(character: str) -> bool:
    """Return whether a character does something, or hides, in place of being read."""
    return unicodedata.category(character) in STEERING and character not in WRITTEN


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return text for a screen or a page: on one line, or with its `lines`.

    Examples
    --------
    >>> print(visible("a\x1b[31mred\u202e\nb"))
    a\x1b[31mred\u202e b
    >>> visible("שלום، سلام") == "שלום، سلام"
    True
    """
    if text.isprintable():
        return text
    return "".join(_shown(character, lines=lines) for character in text)


def escaped(text: str) -> str:
    r"""Return text with its breaks of lines written out as well.

    Examples
    --------
    >>> print(escaped("a\nb"))
    a\x0ab
    """
    if text.isprintable():
        return text
    return "".join(_written(each) if steers(each) else each for each in text)


def _shown(character: str, *, lines: bool) -> str:
    if character == "\n":
        return "\n" if lines else " "
    if character == "\t":
        return " "
    return _written(character) if steers(character) else character


def _written(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004  two digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004
