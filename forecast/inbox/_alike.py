"""How alike texts are: by the runs of words that they share, and by what they speak of.

Near-duplicates share runs of words (shingles) [1]_. Candidates come from an index of these runs, of
which only the first few texts are kept for each: the first is what a copy is traced to, however
often it was copied.

References
----------
.. [1] Broder (1997). On the resemblance and containment of documents. Compression and Complexity
   of Sequences.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from forecast.inbox._reading import Reading

type Run = tuple[str, ...]
OPENING = 4
"""Words by which openings are told apart."""
LEAST = 3
"""Words that two texts share at least, if they are on one subject."""
ALWAYS = 4
"""Texts of one outlet with different openings that make a run of words in all of them its habit,
such as "Follow us on all channels"."""
KEPT = 40
"""Texts that are kept for one run of words, the earliest ones."""


class Alike:
    """Texts in the order in which they could be read.

    Parameters
    ----------
    readings
        Drafts and items, in any order.
    """

    def __init__(self, readings: Iterable[Reading]) -> None:
        self.readings = sorted(readings, key=lambda reading: reading.order)
        self.place = {reading.id: place for place, reading in enumerate(self.readings)}
        self._always = _always_said(self.readings)
        self._runs: dict[Run, list[int]] = {}
        for place, reading in enumerate(self.readings):
            for run in self.runs(reading):
                places = self._runs.setdefault(run, [])
                if len(places) < KEPT:
                    places.append(place)

    def runs(self, reading: Reading) -> frozenset[Run]:
        """Return a text's runs of words, without what its outlet puts under everything."""
        return reading.shingles - self._always.get(reading.outlet, frozenset())

    def before(self, reading: Reading, span: timedelta) -> Sequence[Reading]:
        """Return what could be read before a text, at most so long before."""
        here = self.place[reading.id]
        first = bisect_left(self.readings, reading.at - span, hi=here, key=lambda each: each.at)
        return self.readings[first:here]

    def sharing(self, reading: Reading) -> Mapping[str, int]:
        """Return the earlier texts that share runs of words with one, and how many runs."""
        here = self.place[reading.id]
        shared = Counter(
            place for run in self.runs(reading) for place in self._runs[run] if place < here
        )
        return {self.readings[place].id: count for place, count in shared.items()}

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """How much each word counts: rare ones more."""
        count = Counter(term for reading in self.readings for term in reading.terms)
        size = len(self.readings)
        return {term: math.log(1 + size / number) for term, number in count.items()}

    def subject(self, one: Reading, other: Reading) -> float:
        """Return the cosine of what two texts speak of, from 0 to 1, each word counted once.

        Of texts in two languages it is that of what does not change with the language.
        """
        across = one.tongue != other.tongue
        shared = one.terms.keys() & other.terms.keys()
        if across:
            shared &= one.shared_terms
        if len(shared) < LEAST:
            return 0.0
        weight = math.fsum(self.weights[term] ** 2 for term in shared)
        return weight / math.sqrt(self._length(one, across) * self._length(other, across))

    def _length(self, reading: Reading, across: bool) -> float:  # noqa: FBT001  # two lengths
        known = self._lengths.get((reading.id, across))
        if known is None:
            terms = reading.shared_terms if across else reading.terms
            known = math.fsum(self.weights[term] ** 2 for term in terms) or 1.0
            self._lengths[reading.id, across] = known
        return known

    @cached_property
    def _lengths(self) -> dict[tuple[str, bool], float]:
        return {}


def _always_said(readings: Iterable[Reading]) -> Mapping[str, frozenset[Run]]:
    """Return by outlet the runs of words that stand in several texts that begin otherwise."""
    told = [reading for reading in readings if reading.outlet]
    count = Counter((reading.outlet, run) for reading in told for run in reading.shingles)
    openings: dict[tuple[str, Run], set[tuple[str, ...]]] = {}
    for reading in told:
        opening = tuple(word.folded for word in reading.body_words[:OPENING])
        for run in reading.shingles:
            if count[reading.outlet, run] >= ALWAYS:
                openings.setdefault((reading.outlet, run), set()).add(opening)
    found: dict[str, set[Run]] = {}
    for (outlet, run), different in openings.items():
        if len(different) >= ALWAYS:
            found.setdefault(outlet, set()).add(run)
    return {outlet: frozenset(runs) for outlet, runs in found.items()}


def same_words(one: Reading, other: Reading) -> float:
    """Return the share of the words of two texts that agree, in their order, from 0 to 1."""
    from rapidfuzz.distance import Indel  # noqa: PLC0415  # loaded when it is used

    first, second = ([w.folded for w in each.body_words] for each in (one, other))
    return float(Indel.normalized_similarity(first, second))
