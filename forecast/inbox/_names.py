"""Sources by the names that texts call them, and by the domains of their pages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from forecast.inbox._words import Word, plain, script, words_of
from forecast.network import Network

LONGEST_ACRONYM = 4
SHORTEST_NAME = 3
"""Letters of a name from which a last "s" may be that of a plural."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A source named in a text.

    Parameters
    ----------
    sources
        The sources of that name, in the order of the alphabet.
    start, end
        Its first word, and the one behind its last.
    """

    sources: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Name:
    stems: tuple[str, ...]
    raws: tuple[str, ...]
    source: str


class Names:
    """What the sources of networks are called.

    Parameters
    ----------
    networks
        The networks.

    Attributes
    ----------
    titles : dict
        What each source is called in tables, by its id.
    """

    def __init__(self, networks: Iterable[Network]) -> None:
        self.titles: dict[str, str] = {}
        self._domains: dict[str, set[str]] = {}
        self._names: dict[str, list[_Name]] = {}
        for source in (each for network in networks for each in network.sources):
            self.titles.setdefault(source.id, source.title or source.id)
            for domain in source.domains:
                self._domains.setdefault(domain, set()).add(source.id)
            for name in dict.fromkeys((source.title, *source.aliases)):
                self._add(name, source.id)
        for names in self._names.values():
            names.sort(key=lambda name: (-len(name.stems), name.stems, name.source))

    def _add(self, name: str, source: str) -> None:
        words = words_of(plain(name))
        if words:
            stems = tuple(map(_key, words))
            found = _Name(stems, tuple(word.raw for word in words), source)
            known = self._names.setdefault(stems[0], [])
            if found not in known:
                known.append(found)

    def at(self, host: str) -> tuple[str, ...]:
        """Return the sources whose domain a host is, or is under; the nearest domain decides."""
        labels = host.split(".")
        for start in range(len(labels) - 1):
            found = self._domains.get(".".join(labels[start:]))
            if found:
                return tuple(sorted(found))
        return ()

    def within(self, words: Sequence[Word]) -> tuple[Mention, ...]:
        """Return the sources named in a text, longest names first where they overlap."""
        found: list[Mention] = []
        place = 0
        while place < len(words):
            mention = self._from(words, place)
            if mention is None:
                place += 1
            else:
                found.append(mention)
                place = mention.end
        return tuple(found)

    def _from(self, words: Sequence[Word], place: int) -> Mention | None:
        fitting = [n for n in self._names.get(_key(words[place]), ()) if _fits(n, words, place)]
        if not fitting:
            return None
        longest = len(fitting[0].stems)
        sources = sorted({name.source for name in fitting if len(name.stems) == longest})
        return Mention(tuple(sources), place, place + longest)

    def called(self, text: str) -> tuple[str, ...]:
        """Return the sources that a byline, credit or outlet names, in its order.

        None where most of the words are others: "Letters on North Korea" is no name of a source.
        """
        words = words_of(plain(text))
        mentions = self.within(words)
        if 2 * sum(each.end - each.start for each in mentions) < len(words):
            return ()
        return tuple(dict.fromkeys(name for each in mentions for name in each.sources))


def _fits(name: _Name, words: Sequence[Word], place: int) -> bool:
    there = words[place : place + len(name.stems)]
    return tuple(map(_key, there)) == name.stems and all(
        _as_written(raw, word.raw) for raw, word in zip(name.raws, there, strict=True)
    )


def _key(word: Word) -> str:
    """Return what the forms of a name have in common: of Latin ones little more than an "s".

    Stems would make "change" of a Mr Chang.
    """
    if script(word.folded) != "latin":
        return word.stem
    name = re.sub(r"(?<=isch)(?:e|en|er|es|em)$", "", word.folded)
    return name.removesuffix("s") if len(name) > SHORTEST_NAME else name


def _as_written(name: str, word: str) -> bool:
    """Return whether a word is written as the name: capitals count in short names and at first."""
    if name.isupper() and len(name) <= LONGEST_ACRONYM:
        return word.startswith(name)
    return not name[0].isupper() or word[0].isupper()


def host_of(url: str) -> str:
    """Return the host of an address in small letters, without ``www``; empty if there is none.

    Examples
    --------
    >>> host_of("https://www.Reuters.com/world/"), host_of("no address")
    ('reuters.com', '')
    """
    try:
        host = urlsplit(url.strip()).hostname or ""
        return host.encode("idna").decode("ascii").lower().removeprefix("www.").rstrip(".")
    except (ValueError, UnicodeError):
        return ""
