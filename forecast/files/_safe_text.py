"""Text from outside made safe: for terminals, and for spreadsheets."""

from forecast.visible import steers


def sanitize(text: str, *, lines: bool = False) -> str:
    r"""Return text without control, bidirectional and line-breaking characters, or keep `lines`.

    Examples
    --------
    >>> sanitize("a\x1b[31mred\u202e\nb")
    'a[31mred b'
    """
    if text.isprintable():
        return text
    return "".join(_safe(character, lines=lines) for character in text)


def _safe(character: str, *, lines: bool) -> str:
    if character == "\n":
        return "\n" if lines else " "
    if character == "\t":
        return " "
    return "" if steers(character) else character


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With one of these a spreadsheet takes a cell for a formula."""


def inert(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: with an apostrophe before it if need be.

    Examples
    --------
    >>> inert("=1+1"), inert("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def written(text: str) -> str:
    """Return what stood in a cell before it was made inert for a spreadsheet.

    Examples
    --------
    >>> written("'=1+1"), written("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
