"""What a draft repeats: the same entry, a text that it takes over, or a statement of a third.

Only what could be read before it can be its original, and a chain of copies leads to its first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from forecast.inbox._alike import Alike, same_words
from forecast.inbox._cues import cues
from forecast.inbox._proposal import Kin, Relation
from forecast.inbox._reading import QUOTED, Reading
from forecast.inbox._sources import credited, speakers, told_to
from forecast.inbox._words import quoted, small, words_of

CONTAINED, RUNS = 0.5, 6
"""A text is taken over if so large a share of the shorter one's runs of words is in the other, and
at least so many runs; a text that is shorter must be there as a whole."""
SHORT = 5
"""Words that a text has at least whose like is its copy; with fewer anything may be said again."""
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
BY_QUOTE = 0.6
"""The least score of a shared quotation."""
QUOTE = 6
"""Words of a quotation that two texts do not share by chance."""


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
        self._voices = {each.id: self._spoken_by(each) for each in self._alike.readings}
        for reading in self._alike.readings:
            if reading.url:
                self._pages.setdefault(reading.url, []).append(reading)
            for outlet in {*reading.outlets, *reading.sources}:
                self._by_outlet.setdefault(outlet, []).append(reading)
            for speaker in self._voices[reading.id]:
                self._by_speaker.setdefault(speaker, []).append(reading)
        self._press = self._outlets_that_quote()
        self._taken: dict[str, _Found | None] = {}
        for reading in self._alike.readings:  # in order, so that a chain's first is known
            self._taken[reading.id] = None if reading.on_file else self._first(reading)

    def kin(self, reading: Reading) -> tuple[tuple[Kin, ...], str]:
        """Return what a draft repeats, best first, and the name of the statement behind it."""
        found, speaker = self._taken[reading.id], ""
        if found is None:
            found, speaker = self._statement(reading)
        if found is None:
            return (), ""
        return (found.kin(),), speaker if found.relation == "origin" else ""

    def _first(self, reading: Reading) -> _Found | None:
        """Return the first text of the chain that a draft takes over."""
        found = self._same_page(reading) or self._same_text(reading) or self._corrected(reading)
        found = found or self._named(reading)
        beyond = self._taken.get(found.other.id) if found else None
        if found is None or beyond is None or beyond.relation == "corrects":
            return found
        if found.relation == "corrects" and beyond.relation != "duplicate":
            return found  # an outlet corrects itself, and not whom it repeated
        reason = f"{found.reason}, by way of {found.other.id}"
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
            sizes = len(self._alike.runs(reading)), len(self._alike.runs(other))
            share = runs / min(sizes)
            enough = runs >= RUNS or (share == 1 and sizes[0] == sizes[1] and _soon(reading, other))
            if share >= CONTAINED and enough and not _quotes_alone(reading, other):
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
            return _Found(other, "duplicate", words, f"same outlet, {words:.0%} of the words agree")
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
        passed_on = {*speakers(reading), *told_to(reading)} & self._press
        names = (credited(reading) | passed_on) - {*reading.outlets}
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
        rivals = [s for s, o in best[1:] if not self._one_family(o, other) and s * CLEAR > score]
        if rivals:
            return None
        outlet = sorted(names & {*other.outlets, *other.sources})[0]
        reason = (
            f"names {quoted(reading.names.titles[outlet])} as its source, and is on one subject"
        )
        return _Found(other, "derived_from", score, reason)

    def _outlets_that_quote(self) -> frozenset[str]:
        """Return the outlets most of whose entries quote others: the press, and no ministries.

        What "Reuters said" stood there; what "the ministry said" need not stand on its pages.
        """
        entries: Counter[str] = Counter()
        quoting: Counter[str] = Counter()
        for reading in self._alike.readings:
            for outlet in () if reading.on_file else reading.outlets:
                entries[outlet] += 1
                quoting[outlet] += bool({*speakers(reading)} - {outlet})
        return frozenset(each for each in entries if 2 * quoting[each] > entries[each])

    def _one_family(self, one: Reading, other: Reading) -> bool:
        first, second = self._taken.get(one.id), self._taken.get(other.id)
        return (first.other.id if first else one.id) == (second.other.id if second else other.id)

    def _statement(self, reading: Reading) -> tuple[_Found | None, str]:
        """Return the first report of a statement that a draft reports too, with the speaker."""
        found: dict[str, tuple[_Found, str]] = {}
        for speaker in self._voices[reading.id]:
            for other in self._by_speaker.get(speaker, ()):
                if other.order >= reading.order or reading.at - other.at > TOLD:
                    continue
                if reading.outlet and other.outlet == reading.outlet and not other.on_file:
                    continue
                told = self._one_statement(reading, other, speaker)
                known = found.get(other.id)
                if told and (known is None or told.score > known[0].score):
                    found[other.id] = (told, speaker)
        if not found:
            return None, ""
        least = ALIKE * max(told.score for told, _ in found.values())
        close = (pair for pair in found.values() if pair[0].score >= least)
        return min(close, key=lambda pair: pair[0].other.order)

    def _one_statement(self, reading: Reading, other: Reading, speaker: str) -> _Found | None:
        """Return another text if both report one statement; an item on file is its original."""
        relation: Relation = "derived_from" if other.on_file else "origin"
        name = quoted(reading.names.titles.get(speaker, speaker))
        quote = _shared_quote(reading, other)
        subject = self._alike.subject(reading, other)
        if quote:
            reason = f"both quote {name}: {quoted(quote)}"
            return _Found(other, relation, max(subject, BY_QUOTE), reason)
        across = reading.tongue != other.tongue
        if subject >= (ACROSS if across else STATEMENT):
            return _Found(other, relation, subject, f"both report {name} on one subject")
        numbers = reading.numbers & other.numbers
        if numbers and subject >= (ACROSS_NUMBER if across else WITH_NUMBER):
            told = quoted(", ".join(sorted(numbers)[:3]))
            return _Found(other, relation, subject, f"both report {name}, with {told}")
        return None

    @staticmethod
    def _spoken_by(reading: Reading) -> Sequence[str]:
        return reading.sources if reading.on_file else _voices(reading)


def _voices(reading: Reading) -> tuple[str, ...]:
    """Return the two sources whose statement a draft most likely is."""
    own = () if credited(reading) else reading.outlets
    return tuple(dict.fromkeys((*speakers(reading), *own)))[:2]


def _soon(one: Reading, other: Reading) -> bool:
    """Return whether two short texts that are equal may be one: "Weather" comes back every day."""
    return len(one.body_words) >= SHORT and one.at - other.at <= NEAR and not other.on_file


def _quotes_alone(one: Reading, other: Reading) -> bool:
    """Return whether two texts agree in what they quote, and hardly beyond: both heard it."""
    least = min(len(one.own_shingles), len(other.own_shingles))
    shared = len(one.own_shingles & other.own_shingles)
    return least >= RUNS and shared < CONTAINED * least


def _title(title: str) -> frozenset[str]:
    return frozenset(w.stem for w in words_of(cues("corrects").sub(" ", small(title))))


def _shared_quote(one: Reading, other: Reading) -> str:
    """Return the first words that stand between quotation marks in one text, and in the other."""
    for match in QUOTED.finditer(one.whole):
        words = words_of(match[1])
        for place in range(len(words) - QUOTE + 1):
            run = words[place : place + QUOTE]
            if f" {' '.join(w.folded for w in run)} " in other.running:
                return match[1][run[0].start : run[-1].end]
    return ""
