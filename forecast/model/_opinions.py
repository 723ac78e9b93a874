"""Opinions: what each source thinks of each event, and what those on one event say together.

A *crowd* is what the engine calls the sources whose opinions on one event are told together: those
that are open. What is resolved of an opinion stands by itself, and teaches its source's weight.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from scipy.special import expit, logit

from forecast.engine._opinions import weights
from forecast.engine._problem import FACT, ONSET, Record, Structure
from forecast.evidence import Evidence, Forecast
from forecast.model._own import Word
from forecast.model._parameters import Place
from forecast.network import Network
from forecast.time import years_between

LEAST_CHANCE = 1e-6
"""Beyond it all is settled, and an opinion says nothing."""


@dataclass(frozen=True)
class Opinion:
    """What one source thinks of one event, at one deadline or at several.

    Parameters
    ----------
    source
        Who.
    weight
        How much its forecasts weigh, by group and position.
    apart
        Whether it knows nothing that other sources know.
    event, kind
        The event's place, and its kind.
    items
        Ids of its forecasts, by deadline.
    rows
        Its places in the record, by deadline.
    times
        Its deadlines, rising, in years from the start.
    was
        The network's own log-odds at each when it was stated.
    surprise
        Its own log-odds at each less those.
    then
        The network's own log-odds when it was stated, at the deadlines of all sources.
    error
        The largest Monte Carlo standard error of `was`, and so of its surprise.
    """

    source: str
    weight: Place
    apart: bool
    event: int
    kind: int
    items: tuple[str, ...]
    rows: tuple[int, ...]
    times: tuple[float, ...]
    was: tuple[float, ...]
    surprise: tuple[float, ...]
    then: tuple[tuple[float, float], ...]
    error: float

    def words(self) -> dict[float, Word]:
        """Return what the network itself said when it was stated, by deadline."""
        chances = {time: float(expit(line)) for time, line in self.then}
        return {time: Word(p, self.error * p * (1 - p)) for time, p in chances.items()}

    def share(self) -> float:
        """Return which part of its weight a deadline has that is told by itself."""
        return 1.0 if self.kind in (ONSET, FACT) else 1.0 / len(self.rows)


@dataclass(frozen=True)
class Crowd:
    """What is told together: see `forecast.engine._opinions`.

    Parameters
    ----------
    voices
        Of each source its weight, whether it stands apart, and which part of its weight counts.
    own
        The network's own log-odds at each deadline, rising.
    surprise
        Of each source at each deadline.
    spoken
        Each row of the record, with its source and its deadline by their places above.
    """

    voices: tuple[tuple[Place, bool, float], ...]
    own: tuple[float, ...]
    surprise: tuple[tuple[float, ...], ...]
    spoken: tuple[tuple[int, int, int], ...]


type Stated = tuple[str, str, datetime]
"""A source, an event, and when the source spoke of it."""


def stated_in(seen: Evidence) -> dict[Stated, list[Forecast]]:
    """Return what each source forecast of each event at a time, by deadline."""
    found: dict[Stated, list[Forecast]] = {}
    for item in seen:
        if isinstance(item, Forecast):
            found.setdefault((item.source, item.event, item.published_instant), []).append(item)
    return {
        who: sorted(items, key=lambda item: (item.speaks_of_instant, item.id))
        for who, items in found.items()
    }


def deadline_of(network: Network, item: Forecast) -> float:
    return years_between(network.start_instant, item.speaks_of_instant)


def bases_of(
    network: Network, seen: Evidence, then: Mapping[Stated, Mapping[float, Word]]
) -> dict[str, float]:
    """Return what each forecast is compared with: its base, or what the network itself said."""
    return {
        item.id: then[who][deadline_of(network, item)].chance if item.base is None else item.base
        for who, items in stated_in(seen).items()
        for item in items
    }


def known_for_sure(structure: Structure, record: Record, event: int, time: float) -> bool:
    """Return whether the state of an event at a time is known for sure."""
    kind, initially = structure.kind[event], structure.initially[event]
    if (kind == FACT and initially >= 0) or (kind == ONSET and initially == 1):
        return True
    known = (record.known_event == event) & (record.known_from <= time) & (time <= record.known_to)
    return bool(known.any())


def log_odds(chance: float) -> float:
    """Return log-odds, of what is all but settled those of `LEAST_CHANCE`."""
    return float(logit(np.clip(chance, LEAST_CHANCE, 1 - LEAST_CHANCE)))


def without_rows(opinions: Iterable[Opinion], struck: Iterable[int]) -> tuple[Opinion, ...]:
    """Return what is left of opinions without some rows of the record."""
    gone, found = set(struck), []
    for one in opinions:
        left = [k for k, row in enumerate(one.rows) if row not in gone]
        parts: dict[str, Any] = {
            name: tuple(getattr(one, name)[k] for k in left)
            for name in ("items", "rows", "times", "was", "surprise")
        }
        if left:
            found.append(Opinion(**{**vars(one), **parts}))
    return tuple(found)


def error_carried(
    opinions: Iterable[Opinion], event: int, worth: Callable[[Place], float]
) -> float:
    """Return how far errors of the network's own word move the log-odds of an event.

    An opinion moves them by its weight times its surprise, and the surprise has the error of what
    the network itself said when it was stated.

    Parameters
    ----------
    opinions
        Those of all sources on all events.
    event
        The event's place.
    worth
        Returns how much a source's forecasts weigh, on average over draws.
    """
    said = [one for one in opinions if one.event == event]
    if not said:
        return 0.0
    values = np.array([worth(one.weight) for one in said])
    apart = np.array([float(one.apart) for one in said])
    share = np.array([one.share() for one in said])
    weight = weights(values, np.arange(len(said)), apart, share)
    return float(np.linalg.norm(weight * [one.error for one in said]))


def told_together(opinions: Iterable[Opinion]) -> list[set[int]]:
    """Return the rows of the record whose chances hang on each other."""
    rows: dict[int, set[int]] = {}
    for one in opinions:
        rows.setdefault(one.event, set()).update(one.rows)
    return [together for together in rows.values() if len(together) > 1]


def crowds_of(
    opinions: Sequence[Opinion], now: Mapping[tuple[int, float], float]
) -> tuple[Crowd, ...]:
    """Return what is told together, and what of an opinion is resolved.

    Parameters
    ----------
    opinions
        Those of all sources on all events.
    now
        The network's own probability by the cut-off, of the event and deadline of what is open; all
        else is resolved.
    """
    own: dict[int, dict[float, float]] = {}
    for (event, time), chance in now.items():
        own.setdefault(event, {})[time] = log_odds(chance)
    found = [crowd for one in opinions for crowd in _resolved(one, own.get(one.event, {}))]
    for event, level in own.items():
        several = [one for one in opinions if one.event == event and set(one.times) & set(level)]
        found += _open(several, level)
    return tuple(found)


def _resolved(one: Opinion, still: Container[float]) -> list[Crowd]:
    """Return what an opinion says at deadlines that are not `still` open."""
    at = [k for k, time in enumerate(one.times) if time not in still]
    if not at:
        return []
    voice = (one.weight, True, one.share())
    spoken = [(one.rows[k], 0, 0) for k in at]
    if one.kind == FACT:
        mean = float(np.mean([one.surprise[k] for k in at]))
        return [Crowd((voice,), (one.was[at[0]],), ((mean,),), tuple(spoken))]
    if one.kind == ONSET:
        own, surprise = tuple(one.was[k] for k in at), tuple(one.surprise[k] for k in at)
        rows = tuple((one.rows[k], 0, mark) for mark, k in enumerate(at))
        return [Crowd((voice,), own, (surprise,), rows)]
    return [
        Crowd((voice,), (one.was[k],), ((one.surprise[k],),), (row,))
        for k, row in zip(at, spoken, strict=True)
    ]


def _open(several: Sequence[Opinion], own: Mapping[float, float]) -> list[Crowd]:
    """Return the crowds of the open opinions on one event."""
    times = sorted(own)
    voices = tuple((one.weight, one.apart, one.share()) for one in several)
    spoken = [
        (row, voice, times.index(time))
        for voice, one in enumerate(several)
        for row, time in zip(one.rows, one.times, strict=True)
        if time in own
    ]
    kind = several[0].kind
    if kind == FACT:
        means = tuple((float(np.mean(one.surprise)),) for one in several)
        rows = tuple((row, voice, 0) for row, voice, _ in spoken)
        return [Crowd(voices, (own[times[0]],), means, rows)]
    if kind == ONSET:
        level = tuple(np.maximum.accumulate([own[t] for t in times]).tolist())
        surprise = tuple(tuple(_surprise_at(one, t) for t in times) for one in several)
        return [Crowd(voices, level, surprise, tuple(spoken))]
    found = []
    for mark, time in enumerate(times):
        surprise = tuple(
            (one.surprise[one.times.index(time)] if time in one.times else 0.0,) for one in several
        )
        rows = tuple((row, voice, 0) for row, voice, at in spoken if at == mark)
        found.append(Crowd(voices, (own[time],), surprise, rows))
    return found


def _surprise_at(one: Opinion, time: float) -> float:
    """Return the surprise of an opinion on an onset at any deadline.

    Between its own deadlines it moves the chances of the onset in proportion.
    """
    if time in one.times:
        return one.surprise[one.times.index(time)]
    then = dict(one.then)
    edges = [(0.0, 0.0)]
    for mine, was, surprise in zip(one.times, one.was, one.surprise, strict=True):
        line = then.get(mine, was)
        edges.append((float(expit(line)), float(expit(line + surprise))))
    edges.append((1.0, 1.0))
    k = int(np.searchsorted(one.times, time))
    (low, low_said), (high, high_said) = edges[k], edges[k + 1]
    own = float(expit(then[time]))
    if high <= low or high_said < low_said:
        return one.surprise[min(k, len(one.surprise) - 1)]
    part = min(max((own - low) / (high - low), 0.0), 1.0)
    return log_odds(low_said + part * (high_said - low_said)) - log_odds(own)


def crowd_columns(crowds: Sequence[Crowd], place: Mapping[Place, int]) -> dict[str, list[Any]]:
    """Return the fields of the engine's map that hold crowds."""
    voices = [voice for crowd in crowds for voice in crowd.voices]
    spoken = [one for crowd in crowds for one in crowd.spoken]
    shares = []
    for crowd in crowds:
        marks = [mark for _, _, mark in crowd.spoken]
        shares += [1.0 / marks.count(mark) for mark in marks]
    sizes = {
        "first_voice": [len(crowd.voices) for crowd in crowds],
        "first_own": [len(crowd.own) for crowd in crowds],
        "first_surprise": [len(crowd.own) * len(crowd.voices) for crowd in crowds],
        "first_spoken": [len(crowd.spoken) for crowd in crowds],
    }
    return {
        **{name: np.cumsum(size, dtype=np.int64).tolist() for name, size in sizes.items()},
        "voice": [place[weight] for weight, _, _ in voices],
        "voice_apart": [float(apart) for _, apart, _ in voices],
        "voice_share": [share for _, _, share in voices],
        "voice_sign": [1.0 for _ in voices],
        "own": [line for crowd in crowds for line in crowd.own],
        "surprise": [x for crowd in crowds for row in crowd.surprise for x in row],
        "spoken": [row for row, _, _ in spoken],
        "spoken_voice": [voice for _, voice, _ in spoken],
        "spoken_mark": [mark for _, _, mark in spoken],
        "spoken_share": shares,
    }
