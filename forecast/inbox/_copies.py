"""What a draft repeats: the same entry, a text that it takes over, or a statement of a third.

Only what could be read before it can be its original, and a chain of copies leads to its first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from forecast.inbox._alike import Alike, same_words
from forecast.inbox._cues import cues
from forecast.inbox._proposal import Kin, Relation
from forecast.inbox._reading import Reading
from forecast.inbox._sources import credited, speakers
from forecast.inbox._words import quoted, words_of

CONTAINED, RUNS = 0.5, 6
"""A text is taken over if so large a share of the shorter one's runs of words is in the other, and
at least so many runs; a text that is shorter must be there as a whole."""
SAME = 0.85
"""The share of words from which on two texts of one outlet are one entry."""
NEAR = timedelta(days=3)
"""How long after an agency's entry "the agency reports" may point to it."""
TOLD = timedelta(hours=36)
"""How far apart two reports of one statement may be."""
SUBJECT, CLEAR = 0.2, 1.1
"""How alike in subject an entry must be to one of the agency that it names, and how much more so
than to the next best."""
STATEMENT, WITH_NUMBER = 0.3, 0.18
"""How alike in subject two reports of one speaker must be to be of one statement; if they state the
same uncommon number."""
ACROSS, ACROSS_NUMBER = 0.45, 0.3
"""The same of texts in two languages, which are compared by less, so that chance does more."""
ALIKE = 0.8
"""Of several, the first whose score is at least so large a share of the best is taken."""
QUOTE = 6
"""Words of a quotation that two texts do not share by chance."""
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{15,600})[\"”“»]")
MOST = 3


@dataclass(frozen=True)
class _Found:
    """One earlier text that a draft repeats."""

    other: Reading
    relation: Relation
    score: float
    reason: str

    def kin(self) -> Kin:
        other = self.other
        return Kin(other.id, self.relation, round(self.score, 3), self.reason, other.on_file)


class Copies:
    """What the drafts of an inbox repeat.

    Parameters
    ----------
    readings
        All drafts and items that may be originals.
    """

    def __init__(self, readings: Iterable[Reading]) -> None:
        self._alike = Alike(readings)
        self._pages: dict[str, list[Reading]] = {}
        self._by_outlet: dict[str, list[Reading]] = {}
        self._by_speaker: dict[str, list[Reading]] = {}
        for reading in self._alike.readings:
            if reading.url:
                self._pages.setdefault(reading.url, []).append(reading)
            for outlet in {*reading.outlets, *reading.sources}:
                self._by_outlet.setdefault(outlet, []).append(reading)
            for speaker in self._speakers(reading):
                self._by_speaker.setdefault(speaker, []).append(reading)
        self._taken: dict[str, _Found | None] = {}
        for reading in self._alike.readings:  # in order, so that a chain's first is known
            self._taken[reading.id] = None if reading.on_file else self._first(reading)

    def kin(self, reading: Reading) -> tuple[tuple[Kin, ...], str]:
        """Return what a draft repeats, best first, and the name of the statement behind it."""
        taken = self._taken[reading.id]
        found = [] if taken is None else [taken]
        origin = ""
        if taken is None or taken.other.on_file is False:
            for statement, speaker in self._statements(reading):
                if taken is not None and not statement.other.on_file:
                    continue
                found.append(statement)
                origin = origin or speaker
        return tuple(each.kin() for each in found[:MOST]), origin

    def _first(self, reading: Reading) -> _Found | None:
        """Return the first text of the chain that a draft takes over."""
        found = self._same_page(reading) or self._same_text(reading) or self._corrected(reading)
        found = found or self._named(reading)
        if found is None or found.relation == "corrects":
            return found
        beyond = self._taken.get(found.other.id)
        if beyond is None or beyond.relation == "corrects":
            return found
        reason = f"{found.reason}; which repeats that"
        relation: Relation = found.relation
        if relation == "duplicate" and beyond.relation != "duplicate":
            relation = beyond.relation
        return _Found(beyond.other, relation, min(found.score, beyond.score), reason)

    def _same_page(self, reading: Reading) -> _Found | None:
        for other in self._pages.get(reading.url, ()) if reading.url else ():
            if other.order >= reading.order:
                return None
            if reading.corrects and not other.corrects:
                return _Found(other, "corrects", 0.95, "a correction at the same address")
            return _Found(other, "duplicate", 0.98, f"same address {quoted(reading.url)}")
        return None

    def _same_text(self, reading: Reading) -> _Found | None:
        by_id = self._alike.readings
        near: list[tuple[float, Reading]] = []
        for name, runs in self._alike.sharing(reading).items():
            other = by_id[self._alike.place[name]]
            least = min(len(reading.shingles), len(other.shingles))
            share = runs / least
            whole = share == 1 and len(reading.shingles) == len(other.shingles)
            if share >= CONTAINED and (runs >= RUNS or (whole and not other.on_file)):
                near.append((share, other))
        if not near or self._is_source_of(reading, near):
            return None
        best = max(share + same_words(reading, other) for share, other in near)
        share, other = next(
            (share, other)
            for share, other in sorted(near, key=lambda pair: pair[1].order)
            if share + same_words(reading, other) >= best - 0.02
        )
        return self._told(reading, other, share)

    def _is_source_of(self, reading: Reading, near: Sequence[tuple[float, Reading]]) -> bool:
        """Return whether what is like it names its outlet as where it is from: it came first."""
        return bool(reading.outlets) and all(
            set(reading.outlets) & credited(other) and not set(reading.outlets) & {*other.outlets}
            for _, other in near
        )

    @staticmethod
    def _told(reading: Reading, other: Reading, share: float) -> _Found:
        words = same_words(reading, other)
        if reading.corrects and not other.corrects and reading.outlet == other.outlet:
            return _Found(other, "corrects", share, f"a correction; {share:.0%} of the text agrees")
        if words >= SAME and reading.outlet == other.outlet:
            return _Found(
                other, "duplicate", words, f"same outlet, {words:.0%} of the words agree"
            )
        shorter = "its" if len(reading.shingles) <= len(other.shingles) else "that text's"
        reason = f"{share:.0%} of {shorter} runs of words are in both"
        return _Found(other, "derived_from", share, reason)

    def _corrected(self, reading: Reading) -> _Found | None:
        """Return the entry of the same outlet whose headline a correction repeats."""
        if not reading.corrects or not reading.title:
            return None
        title = _title(reading.title)
        for other in reversed(self._alike.before(reading, NEAR)):
            if other.outlet == reading.outlet and not other.corrects and other.title:
                theirs = _title(other.title)
                same = len(title & theirs) / max(1, len(title | theirs))
                if same >= CONTAINED:
                    return _Found(other, "corrects", same, "a correction with the same headline")
        return None

    def _named(self, reading: Reading) -> _Found | None:
        """Return the entry of an outlet that a draft names as where it has it."""
        names = credited(reading) - {*reading.outlets}
        ranked: dict[str, tuple[float, Reading]] = {}
        for name in names:
            for other in self._by_outlet.get(name, ()):
                if other.order >= reading.order or reading.at - other.at > NEAR:
                    continue
                ranked[other.id] = (self._alike.subject(reading, other), other)
        best = sorted(ranked.values(), key=lambda pair: (-pair[0], pair[1].order))
        if not best or best[0][0] < SUBJECT:
            return None
        score, other = best[0]
        rivals = [
            s for s, o in best[1:] if not self._one_family(o, other) and s * CLEAR > score
        ]
        if rivals:
            return None
        outlet = sorted(names & {*other.outlets, *other.sources})[0]
        reason = f"names {quoted(reading.names.titles[outlet])} as its source, and is on one subject"
        return _Found(other, "derived_from", score, reason)

    def _one_family(self, one: Reading, other: Reading) -> bool:
        first, second = self._taken.get(one.id), self._taken.get(other.id)
        return (first.other.id if first else one.id) == (second.other.id if second else other.id)

    def _statements(self, reading: Reading) -> Sequence[tuple[_Found, str]]:
        """Return the first reports of a statement that a draft reports too, with the speaker."""
        found: dict[str, tuple[_Found, str]] = {}
        for speaker in self._speakers(reading):
            for other in self._by_speaker.get(speaker, ()):
                if other.order >= reading.order or reading.at - other.at > TOLD:
                    continue
                if other.outlet == reading.outlet and not other.on_file:
                    continue
                told = self._one_statement(reading, other, speaker)
                if told and told.score > found.get(other.id, (replace(told, score=0.0), ""))[0].score:
                    found[other.id] = (told, speaker)
        most = max((told.score for told, _ in found.values()), default=0.0)
        close = [pair for pair in found.values() if pair[0].score >= ALIKE * most]
        return sorted(close, key=lambda pair: pair[0].other.order)[:1]

    def _one_statement(self, reading: Reading, other: Reading, speaker: str) -> _Found | None:
        name = quoted(reading.names.titles.get(speaker, speaker))
        quote = _shared_quote(reading, other)
        subject = self._alike.subject(reading, other)
        if quote:
            return _Found(other, "origin", max(subject, 0.6), f"both quote {name}: {quoted(quote)}")
        across = reading.tongue != other.tongue
        if subject >= (ACROSS if across else STATEMENT):
            return _Found(other, "origin", subject, f"both report {name} on one subject")
        numbers = reading.numbers & other.numbers
        if numbers and subject >= (ACROSS_NUMBER if across else WITH_NUMBER):
            told = ", ".join(sorted(numbers)[:3])
            return _Found(other, "origin", subject, f"both report {name}, with {quoted(told)}")
        return None

    @staticmethod
    def _speakers(reading: Reading) -> Sequence[str]:
        return reading.sources if reading.on_file else _speakers_of(reading)[:2]


@cache
def _speakers_of(reading: Reading) -> tuple[str, ...]:
    own = {name for name in reading.outlets if not credited(reading)}
    return tuple(dict.fromkeys((*speakers(reading), *sorted(own))))


def _title(title: str) -> frozenset[str]:
    return frozenset(w.stem for w in words_of(cues("corrects").sub(" ", title.casefold())))


def _shared_quote(one: Reading, other: Reading) -> str:
    """Return the first words that stand between quotation marks in one text, and in the other."""
    theirs = " " + " ".join(w.folded for w in other.words) + " "
    for match in QUOTED.finditer(one.whole):
        words = words_of(match[1])
        for place in range(len(words) - QUOTE + 1):
            run = words[place : place + QUOTE]
            if f" {' '.join(w.folded for w in run)} " in theirs:
                return match[1][run[0].start : run[-1].end]
    return ""


def families(kin: Mapping[str, tuple[Kin, ...]]) -> dict[str, str]:
    """Return for each draft with kin the first of its family.

    Parameters
    ----------
    kin
        What each draft repeats.
    """
    first: dict[str, str] = {}

    def top(name: str) -> str:
        while name in first:
            name = first[name]
        return name

    for name, found in kin.items():
        for each in found[:1]:
            one, other = top(name), top(each.value)
            if one != other:
                first[one] = other
    return {name: top(name) for name in kin}
