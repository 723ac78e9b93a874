"""The words of a text: folded, cut to their stems, and put together to shingles.

Stemming is a few lines for English, German, Russian, Ukrainian and Korean. It only has to map two
forms of one word to one text, for comparison; nobody reads its result.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from forecast.files._safe_text import sanitize

MOST_CHARACTERS = 20_000
"""What stands further on in a text is not compared: an article says what it says before."""
WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})(?:[.,  ]\d{3}){1,4}(?![\d.,]{0,9}\d)")
SHINGLE = 4
"""Words of a shingle. Four in a row are seldom the same by chance, and survive a changed word."""

ENDINGS = {
    "latin": ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "ed", "es",
              "en", "er", "s", "e", "y"),
    "cyrillic": ("ського", "ською", "ських", "ський", "ского", "ским", "ских", "ский", "ами",
                 "ями", "ого", "ому", "ими", "ыми", "ій", "ий", "ый", "ой", "ої", "ою", "ем",
                 "ом", "ам", "ах", "ях", "ів", "ов", "ев", "им", "ым", "их", "ых", "ей", "єю",
                 "ия", "ии", "ию", "ія", "ії", "ію", "ає", "ют", "а", "у", "і", "и", "ы", "е",
                 "я", "ю", "о", "ь", "й", "ї"),
    "hangul": ("에서는", "으로는", "에게는", "에서", "으로", "에게", "까지", "부터", "은", "는",
               "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "께"),
}  # fmt: skip
SHORTEST = {"latin": 4, "cyrillic": 4, "hangul": 2}

_STOPPED = """
a about after again all also an and any are as at be been before being but by can could did do
does for from had has have he her here him his how if in into is it its itself may might more most
must no nor not of off on one only or other our out over own said same say says she should so some
such than that the their them then there these they this those through to too two under until up
upon us very was we were what when where which while who whom why will with would yet you your
first last new monday tuesday wednesday thursday friday saturday sunday day week month year der
die das und oder ist sind war waren ein eine einer eines einem einen im am auf aus bei mit nach
von vom zu zum zur den dem des nicht auch als sich hat haben и в во на не что с со по к за о об от
из у до для как это его ее их но а или же бы был была і й та що з зі від про як це його її їх але
або був була
"""
STOP_WORDS = frozenset(_STOPPED.split())


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text.

    Parameters
    ----------
    raw
        As written.
    folded
        Without capitals and without a possessive.
    stem
        What its forms have in common.
    start, end
        Where it stands.
    """

    raw: str
    folded: str
    stem: str
    start: int
    end: int


def plain(text: str) -> str:
    """Return text in one form: compatibility forms and thousands' marks resolved, and shortened.

    Examples
    --------
    >>> plain("１０,000 men; 1.500 ships")
    '10000 men; 1500 ships'
    """
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS]
    return THOUSANDS.sub(lambda found: re.sub(r"\D", "", found[0]), text)


def small(text: str) -> str:
    """Return text in small letters, each where it stood: what is found there is there in both.

    Examples
    --------
    >>> small("STRASSE, Straße, İ") == "strasse, straße, İ"
    True
    """
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text that `plain` has made.

    Examples
    --------
    >>> [word.stem for word in words_of("Soldiers of South Korea's army")]
    ['soldi', 'of', 'south', 'korea', 'army']
    """
    found = []
    for match in WORD.finditer(text):
        folded = _folded(match[0])
        found.append(Word(match[0], folded, stem(folded), match.start(), match.end()))
    return tuple(found)


@lru_cache(maxsize=65_536)
def _folded(raw: str) -> str:
    return re.sub(r"['’ʼ]s?$", "", raw.casefold().replace("’", "'")).replace("'", "")


@lru_cache(maxsize=65_536)
def stem(folded: str) -> str:
    """Return what the forms of a word have in common.

    Examples
    --------
    >>> stem("troops"), stem("зеленського") == stem("зеленський"), stem("국정원은")
    ('troop', True, '국정원')
    """
    kind = script(folded)
    for ending in ENDINGS.get(kind, ()):
        if folded.endswith(ending) and len(folded) - len(ending) >= SHORTEST[kind]:
            return folded[: -len(ending)]
    return folded


def script(word: str) -> str:
    """Return the script of a folded word, by its last letter; ``other`` for one not told apart."""
    last = word[-1:]
    if "a" <= last <= "z" or last in "äöüßéèáíóúñç":
        return "latin"
    if "\u0400" <= last <= "\u04ff":
        return "cyrillic"
    return "hangul" if "\uac00" <= last <= "\ud7a3" else "other"


def shingles(words: Sequence[Word]) -> frozenset[tuple[str, ...]]:
    """Return all runs of a few words; a shorter text is one run.

    A script without spaces gives long words, so its characters stand for them.
    """
    folded = [part for word in words for part in _parts(word.folded)]
    if not folded:
        return frozenset()
    size = min(SHINGLE, len(folded))
    return frozenset(tuple(folded[i : i + size]) for i in range(len(folded) - size + 1))


def _parts(folded: str) -> Iterable[str]:
    first = folded[:1]
    unspaced = "\u3040" <= first <= "\u30ff" or "\u4e00" <= first <= "\u9fff"
    return folded if unspaced else (folded,)


LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    r"""Return a few words of a stranger's text, fit to stand in a reason.

    Examples
    --------
    >>> quoted("the Kremlin\nsaid")
    '"the Kremlin said"'
    """
    short = " ".join(sanitize(text[: 4 * LONGEST_QUOTE]).replace('"', "'").split())
    cut = short if len(short) <= LONGEST_QUOTE else short[: LONGEST_QUOTE - 1].rstrip() + "…"
    return f'"{cut}"'
