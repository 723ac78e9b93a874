"""What a draft may bear on: events ranked by the words that it shares with them.

Two things are compared with the draft: what the network says of each event, and what was filed on
it before. The first is how much of the event's title the draft covers; the second is BM25 [1]_.
Both count rare words for more than common ones.

References
----------
.. [1] Robertson & Zaragoza (2009). The probabilistic relevance framework: BM25 and beyond.
   Foundations and Trends in Information Retrieval 3(4).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from forecast.inbox._concepts import concept
from forecast.inbox._names import Names
from forecast.inbox._proposal import Guess
from forecast.inbox._reading import EARLIEST, Reading
from forecast.network import Network

LATEST = datetime.max.replace(tzinfo=UTC)
MOST = 3
LEAST = 0.16
"""A score below this proposes nothing. It was set on the first four days of the recorded week."""
SHARED = 2
"""Words that a draft must share with a text: by one word alone, anything is like anything."""
SKIPPED, UNNAMED, SETTLED = 0.5, 0.6, 0.5
"""What is left of a score: of a draft more like skipped ones; that does not name the place or body
which the event's title names; of an event that is on file as observed."""
TITLE, RULE, FILED = 0.45, 0.2, 0.35
FULL = {"title": 0.7, "rule": 0.35, "filed": 0.5}
"""The share of a text's weight that, if covered, counts as all of it."""
FAINT = 0.05
"""A smaller share of a text is not looked at."""
NAMED = 4
"""Words that a reason names."""


@dataclass(frozen=True)
class _Text:
    """One text that stands for an event, or for drafts that were skipped."""

    event: str
    part: str
    label: str
    terms: Mapping[str, int]


class Events:
    """The events of networks, with what was filed on them.

    Parameters
    ----------
    networks
        The networks.
    names
        What sources are called.
    filed
        Items and accepted drafts, each with the events that it was filed on.
    skipped
        Drafts that were skipped.
    settled
        From when on an observation says that an event is on.
    """

    def __init__(
        self,
        networks: Iterable[Network],
        names: Names,
        filed: Iterable[tuple[Reading, Sequence[str]]] = (),
        skipped: Iterable[Reading] = (),
        settled: Mapping[str, datetime] | None = None,
    ) -> None:
        texts: list[_Text] = []
        titles: dict[str, str] = {}
        self._named: dict[str, frozenset[str]] = {}
        self._settled = dict(settled or {})
        for network in networks:
            for event in network.events:
                if event.id not in titles:
                    titles[event.id] = event.title or event.id
                    title = _read(f"{event.title}. {event.id.replace('_', ' ')}", names)
                    rule = _read(event.resolution, names)
                    self._named[event.id] = _proper(event.title, names)
                    texts.append(_Text(event.id, "title", "its title", title.terms))
                    texts.append(_Text(event.id, "rule", "its rule", rule.terms))
        for reading, events in filed:
            stated = dict.fromkeys(name.split(".")[0] for name in events)
            texts += [
                _Text(name, "filed", reading.id, reading.terms) for name in stated if name in titles
            ]
        texts += [_Text("", "filed", reading.id, reading.terms) for reading in skipped]
        self._texts = [text for text in texts if text.terms]

    def guess(self, reading: Reading) -> tuple[Guess, ...]:
        """Return the events that a draft may bear on, best first; none where little is shared."""
        asked = [term for term in reading.terms if term in self._weights]
        if not asked:
            return ()
        best = self._best(asked, self._coverage(asked))
        skipped = best.get(("", "filed"), (0.0, -1))[0]
        guesses = []
        for event in {event for event, _ in best if event}:
            parts = {part: best.get((event, part), (0.0, -1)) for part in FULL}
            full = {part: min(1.0, share / FULL[part]) for part, (share, _) in parts.items()}
            score = TITLE * full["title"] + RULE * full["rule"] + FILED * full["filed"]
            reason = self._reason(reading, parts)
            if skipped > max(share for share, _ in parts.values()):
                score, reason = score * SKIPPED, f"{reason}; like what was skipped before"
            if self._named.get(event, frozenset()) - reading.terms.keys():
                score *= UNNAMED
            if self._settled.get(event, LATEST) <= reading.at:
                score, reason = score * SETTLED, f"{reason}; but it is on file as observed"
            if score >= LEAST:
                guesses.append(Guess(event, round(score, 3), reason))
        return tuple(sorted(guesses, key=lambda g: (-g.score, g.value))[:MOST])

    def _coverage(self, asked: Sequence[str]) -> Any:
        """Return the share of each text's own score that the words of a draft reach."""
        return self._index.get_scores(list(asked)) / self._whole

    def _best(self, asked: Sequence[str], shares: Any) -> dict[tuple[str, str], tuple[float, int]]:
        """Return by event and part the best share, and the text that it is of."""
        best: dict[tuple[str, str], tuple[float, int]] = {}
        said = set(asked)
        for place in (shares > FAINT).nonzero()[0]:
            text, share = self._texts[place], float(shares[place])
            known = best.get((text.event, text.part), (0.0, -1))[0]
            if share > known and len(said & text.terms.keys()) >= SHARED:
                best[text.event, text.part] = (share, int(place))
        return best

    def _reason(self, reading: Reading, parts: Mapping[str, tuple[float, int]]) -> str:
        said = []
        for share, place in sorted(parts.values(), reverse=True)[:2]:
            if share > 0:
                text = self._texts[place]
                shared = reading.terms.keys() & text.terms.keys()
                first = sorted(shared, key=lambda term: (-self._weights[term], term))[:NAMED]
                words = ", ".join(reading.said_as[term] for term in first)
                said.append(f"{words}: as in {text.label}")
        return "; ".join(said)

    @cached_property
    def _weights(self) -> dict[str, float]:
        count = Counter(term for text in self._texts for term in text.terms)
        size = len(self._texts)
        return {term: math.log(1 + size / number) for term, number in count.items()}

    @cached_property
    def _index(self) -> Any:
        import bm25s  # type: ignore[import-untyped]  # noqa: PLC0415  # heavy

        index = bm25s.BM25()
        index.index([list(text.terms) for text in self._texts], show_progress=False)
        return index

    @cached_property
    def _whole(self) -> Any:
        import numpy as np  # noqa: PLC0415

        own = [
            self._index.get_scores(list(text.terms))[place]
            for place, text in enumerate(self._texts)
        ]
        return np.maximum(np.array(own, dtype=np.float64), 1e-9)


def _proper(title: str, names: Names) -> frozenset[str]:
    """Return the places and bodies that a title names: what has a capital, but at its head."""
    reading = _read(title, names)
    first = 1 if reading.words and reading.words[0].end < len(title) else 0
    named = {f"@{m.sources[0]}" for m in reading.mentions}
    covered = {place for m in reading.mentions for place in range(m.start, m.end)}
    named |= {
        concept(word.stem)
        for place, word in enumerate(reading.words)
        if place >= first and place not in covered and word.raw[:1].isupper()
    }
    return frozenset(named)


def _read(text: str, names: Names) -> Reading:
    return Reading("", EARLIEST, "", text, "", "", (), "", "", names)
