"""Text without its markup: what a reader of a page sees, never a script, an image or a form."""

import html
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

MAX_MARKUP = 250_000
"""Characters of markup that are read once scripts and styles are out; what follows is cut."""
LONGEST_TAG = 4_000
UNSEEN = ("head", "iframe", "object", "math", "form", "nav", "aside", "footer", "button")
BLOCKS = {
    "p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "hr",
    "blockquote", "section", "article", "header", "figure", "figcaption", "pre", "dd", "dt",
}  # fmt: skip
ALONE = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
}  # fmt: skip
"""Tags that hold nothing."""
_NAMED = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_MARKED = re.compile(r"<[a-zA-Z!/?]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,31});")
_RAW = re.compile(
    r"<(?:(!--)|(script|style|svg|template|noscript)\b([^<>]{0,500})>)", re.IGNORECASE
)
_ATTRIBUTES = r"""(?>[^<>"']|"[^"]{0,1000}"|'[^']{0,1000}')"""
_PIECE = re.compile(
    rf"(</?[a-zA-Z]{_ATTRIBUTES}{{0,{LONGEST_TAG}}}+>)|<[!?][^<>]{{0,{LONGEST_TAG}}}+>|<"
)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"[ ]?\n[ \n]*")


def without_raw(markup: str) -> tuple[str, list[str]]:
    """Return markup without comments, scripts, styles and drawings, and what its JSON-LD says.

    One that is never closed reaches to the end, as in a browser.

    Examples
    --------
    >>> without_raw("a<!-- b -->c<script>d</script>e")
    ('ace', [])
    """
    kept: list[str] = []
    stated: list[str] = []
    position = 0
    lower = markup.lower()
    while match := _RAW.search(markup, position):
        kept.append(markup[position : match.start()])
        closing = "-->" if match[1] else f"</{match[2].lower()}"
        end = lower.find(closing, match.end())
        if end < 0:
            return "".join(kept), stated
        if match[3] and "ld+json" in match[3].lower():
            stated.append(markup[match.end() : end])
        after = end if match[1] else lower.find(">", end)
        position = len(markup) if after < 0 else after + (len(closing) if match[1] else 1)
    kept.append(markup[position:])
    return "".join(kept), stated


def soup_of(markup: str) -> "BeautifulSoup":
    """Return markup, without what is raw in it, as a tree of the standard library's parser.

    Of what looks like a tag only whole ones reach the parser: it takes a time that grows with the
    square of the length where a page opens tags, quotes or comments and never closes them.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  a tenth of a second that most commands save

    whole = _PIECE.sub(_only_whole, markup[:MAX_MARKUP])
    with warnings.catch_warnings():  # that it looks like an address, or like XML, is no matter
        warnings.simplefilter("ignore")
        return BeautifulSoup(whole, "html.parser")


def _only_whole(piece: re.Match[str]) -> str:
    if piece[1]:  # the parser may end a quoted value elsewhere, and take what follows for a tag
        return "<" + piece[1][1:].replace("<", "&lt;")
    return "&lt;" if piece[0] == "<" else ""


def plain(text: str) -> str:
    r"""Return the words of a text that may hold markup; twice escaped markup is undone as well.

    Examples
    --------
    >>> plain("<p>Talks &amp; more</p><script>go()</script><p>begin&#8230;</p>")
    'Talks & more\nbegin…'
    >>> plain("5 < 6")
    '5 < 6'
    """
    for _ in range(2):  # feeds often escape what is escaped already
        if not _MARKED.search(text):
            break
        text = _words_alone(without_raw(text)[0][:MAX_MARKUP])
    return tidy(text)


class _Words:
    """The words of markup as `words_of` has them of its tree, without making the tree.

    A tag takes a microsecond, and in the tree twenty.
    """

    def __init__(self) -> None:
        self.kept: list[str] = []
        self._open: list[str] = []
        self._number: Counter[str] = Counter()  # of those, by name
        self._hidden = 0  # how many were open where what is not seen began; 0 where all is seen

    def say(self, text: str) -> None:
        """Keep words, where they are seen."""
        if not self._hidden:
            self.kept.append(text)

    def begin(self, name: str, *, alone: bool) -> None:
        """Open a tag; one that stands alone holds nothing."""
        self._break(name)
        if alone:
            return
        self._open.append(name)
        self._number[name] += 1
        if not self._hidden and name in UNSEEN:
            self._hidden = len(self._open)

    def end(self, name: str) -> None:
        """Close the last tag of a name with all in it; where none is open, nothing."""
        if not self._number[name]:
            return
        last = ""
        while last != name:
            last = self._open.pop()
            self._number[last] -= 1
            self._hidden = 0 if len(self._open) < self._hidden else self._hidden
            self._break(last)

    def _break(self, name: str) -> None:
        if name in BLOCKS:
            self.say("\n")


def _words_alone(markup: str) -> str:
    """Return the words of markup, references in it undone."""
    words, position = _Words(), 0
    for piece in _PIECE.finditer(markup):
        words.say(markup[position : piece.start()].replace("\n", " "))
        position = piece.end()
        named = _NAMED.match(piece[1] or "")
        if piece[0] == "<":
            words.say("&lt;")
        elif named is not None and named[1]:
            words.end(named[2].lower())
        elif named is not None:
            name = named[2].lower()
            words.begin(name, alone=name in ALONE or piece[1].endswith("/>"))
    words.say(markup[position:].replace("\n", " "))
    return html.unescape("".join(words.kept))


def words_of(tree: "Tag") -> str:
    """Return the words of a tree, a line for each block; what is not seen is left out."""
    for tag in tree.find_all(UNSEEN):
        if not tag.decomposed:
            tag.decompose()
    return "".join(_words(tree))


def _words(tree: "Tag") -> Iterator[str]:
    from bs4.element import NavigableString  # noqa: PLC0415  as above

    within: list[object] = [tree]
    for node in tree.descendants:
        while within[-1] is not node.parent:  # what stands before has ended
            if getattr(within.pop(), "name", None) in BLOCKS:
                yield "\n"
        if isinstance(node, NavigableString):
            yield str(node).replace("\n", " ")
        else:
            within.append(node)
            if getattr(node, "name", None) in BLOCKS:
                yield "\n"


def tidy(text: str) -> str:
    """Return text with single spaces and single breaks."""
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()
