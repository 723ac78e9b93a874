"""Who says it: the speaker, else the outlet; each guess with where it was read.

An outlet is known by its domain, its name, a byline, or the credit of a dateline. A speaker is a
source that is named beside a word of saying, in the headline or early in the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forecast.inbox._cues import Kind, cues
from forecast.inbox._names import Mention
from forecast.inbox._proposal import Guess
from forecast.inbox._reading import DATELINE_WITHIN, Reading
from forecast.inbox._words import quoted, small

IN_TITLE, FIRST, SECOND, LATER = 0.9, 0.85, 0.7, 0.4
CREDIT, BYLINE, DOMAIN, NAME, LEARNED = 0.55, 0.5, 0.5, 0.45, 0.35
REPORTS = 0.5
MOST = 4
READ = 40
"""Sentences in which a speaker is looked for."""
AFTER, BEFORE = 11, 7
"""Words between a name and a word of saying behind it, or before it."""
CLOSE, NEARBY = 15, 45
"""Characters behind a name, and before it, in which a word for reporting is looked for."""
SHORT = 4
"""Words of a sentence; what has fewer is a dateline."""
FARTHER, TURNED = 0.006, 8
"""What each word between costs; and how many a name behind the word of saying counts as."""
OBJECT = re.compile(r"(?<!\w)(?:that|dass|что|що|about|of|to|on|о|об|про|über)(?!\w)")
"""Words behind which a name is what is spoken of."""
CREDITS = re.compile(r"[(\[/]([^()\[\]/]{2,40})[)\]/]")


@dataclass(frozen=True, slots=True)
class Said:
    """A source beside a word of saying.

    Parameters
    ----------
    source
        Its id.
    score, reason
        As of a `Guess`.
    """

    source: str
    score: float
    reason: str


def guess_sources(
    reading: Reading, filed: Mapping[str, Mapping[str, int]] | None = None
) -> tuple[Guess, ...]:
    """Return who may have said it, best first.

    Parameters
    ----------
    reading
        The draft.
    filed
        By outlet, which sources its accepted drafts were filed under, and how often.
    """
    best: dict[str, Said] = {}
    for said in (*_speakers(reading), *_outlets(reading), *_learned(reading, filed or {})):
        known = best.get(said.source)
        if known is None or said.score > known.score:
            best[said.source] = said
    ranked = sorted(best.values(), key=lambda said: (-said.score, said.source))
    return tuple(Guess(said.source, round(said.score, 3), said.reason) for said in ranked[:MOST])


def speakers(reading: Reading) -> tuple[str, ...]:
    """Return the sources that it quotes in its headline or first sentences, best first."""
    best: dict[str, float] = {}
    for said in _speakers(reading):
        if said.score >= SECOND:
            best[said.source] = max(best.get(said.source, 0.0), said.score)
    return tuple(sorted(best, key=lambda source: (-best[source], source)))


def credited(reading: Reading) -> frozenset[str]:
    """Return the sources from which it says that it has what it tells."""
    return frozenset(said.source for said in (*_credits(reading), *_reporting(reading)))


def told_to(reading: Reading) -> frozenset[str]:
    """Return the sources to which somebody said what it tells: "a diplomat told Reuters"."""
    lower, found = small(reading.whole), set()
    for mention in reading.mentions:
        begin = _begin(reading, mention)
        before = lower[max(0, begin - NEARBY) : begin]
        told = _last(cues("told"), before)
        if told and not before[told.end() :].strip():
            found |= {*mention.sources}
    return frozenset(found)


def _speakers(reading: Reading) -> Iterator[Said]:
    place = -1
    for start, end in reading.sentences[:READ]:
        title = start == 0  # a text without a headline begins with what would be one
        if not title and len(reading.whole[start:end].split()) < SHORT:
            continue  # a dateline
        place += not title
        base = IN_TITLE if title else (FIRST, SECOND)[place] if place < 2 else LATER  # noqa: PLR2004
        where = "in the headline" if title else "in the text"
        for mention in reading.mentions:
            if not start <= _begin(reading, mention) < end or _is_credit(reading, mention):
                continue
            found = _saying(reading, mention, start, end, title=title)
            if found:
                name = quoted(reading.whole[_begin(reading, mention) : _end(reading, mention)])
                score = max(base - FARTHER * found[1], SECOND if base > SECOND else 0.0)
                yield from _each(mention, score, f"{name} {found[0]} {where}")


def _is_credit(reading: Reading, mention: Mention) -> bool:
    begin, end = _begin(reading, mention), _end(reading, mention)
    around = reading.whole[max(0, begin - 12) : begin], reading.whole[end : end + 2]
    return bool(re.search(r"[(\[/][^)\]/]*$", around[0]) and re.match(r"\s?[)\]/]", around[1]))


def _each(mention: Mention, score: float, reason: str) -> Iterator[Said]:
    """Yield one for each source of a name; a name of several is worth a little less."""
    shared = len(mention.sources) > 1
    for place, source in enumerate(mention.sources):
        told = f"{reason}; others have that name" if shared else reason
        yield Said(source, score - 0.02 * shared - 0.01 * place, told)


def _begin(reading: Reading, mention: Mention) -> int:
    return reading.words[mention.start].start


def _end(reading: Reading, mention: Mention) -> int:
    return reading.words[mention.end - 1].end


def _saying(
    reading: Reading, mention: Mention, start: int, end: int, *, title: bool
) -> tuple[str, int] | None:
    """Return the words by which a named source is said to speak, and how many words away."""
    whole = reading.whole
    begin, finish = _begin(reading, mention), _end(reading, mention)
    if title and (where := _set_off(whole[start:begin], whole[finish:end])):
        return where, 0
    if whole[start:begin].count('"') % 2:
        return None  # what is quoted does not quote
    behind = _window(reading, mention.end, AFTER, end)
    found = cues("says").search(small(behind))
    last = reading.words[mention.end - 1].raw
    if found and not _anothers(behind[: found.start()], last):
        return quoted(found[0]), len(behind[: found.start()].split())
    before = _window_before(reading, mention.start, start)
    found = _last(cues("cites"), small(before))
    if found and len(before[found.end() :].split()) <= 4:  # noqa: PLR2004
        return quoted(found[0]), 0
    found = _last(cues("says"), small(before))
    if found and _comes_after(before[found.end() :], whole[finish:end]):
        return quoted(found[0]), TURNED
    return None


def _set_off(before: str, behind: str) -> str:
    """Return where a name stands in a headline that gives it to what is said: "X: …", "… - X"."""
    if not before.strip(" \"“«'[]()") and behind.lstrip()[:1] in (":", '"', "“"):
        return "before what is said"
    if not behind.strip(" \"”»'") and re.search(r"[:\-–—]\s*$", before):
        return "behind what is said"
    return ""


def _anothers(between: str, name: str) -> bool:
    """Return whether the word of saying behind a name is another's, or no verb."""
    if re.search(r"[;:]|,[^,]*$", between) and between.count(",") != 2:  # noqa: PLR2004
        return True
    if not between.strip() and re.search(r"['’]s?$", name):
        return True  # "Pyongyang's claims"
    return bool(re.search(r"(?<!\w)(?:is|are|was|were|be|been)\s*$", between))


def _comes_after(between: str, behind: str) -> bool:
    """Return whether a name follows a word of saying as its subject: "said the minister X."."""
    if re.search(r"[,;:\"]", between) or OBJECT.search(between):
        return False
    if re.search(r"[а-яіїєґ]", small(between + behind[:20])):
        return True
    short = len(between.split()) <= 3  # noqa: PLR2004
    return short and behind.lstrip("'’s ")[:1] in (",", ".", "", '"', "”")


def _window(reading: Reading, place: int, size: int, end: int) -> str:
    there = [w for w in reading.words[place : place + size] if w.end <= end]
    if not there:
        return ""
    return reading.whole[reading.words[place - 1].end : there[-1].end]


def _window_before(reading: Reading, place: int, start: int) -> str:
    there = [w for w in reading.words[max(0, place - BEFORE) : place] if w.start >= start]
    if not there:
        return ""
    return reading.whole[there[0].start : reading.words[place].start]


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007  # the last is wanted
        pass
    return found


def _outlets(reading: Reading) -> Iterator[Said]:
    here = reading.names.at(reading.host)
    shared = "; others are there too" if len(here) > 1 else ""
    for source in here:
        yield Said(source, DOMAIN, f"its page is at {quoted(reading.host)}{shared}")
    for source in reading.outlets:
        yield Said(source, NAME, "it is the outlet")
    for source in reading.names.called(reading.byline):
        yield Said(source, BYLINE, f"byline {quoted(reading.byline)}")
    yield from _credits(reading)
    yield from _reporting(reading)


def _credits(reading: Reading) -> Iterator[Said]:
    """Yield the agencies whose credit it bears: "(Reuters) -", "/TASS/", "… (Yonhap)"."""
    for text, place in ((reading.text[:DATELINE_WITHIN], "dateline"), (reading.text[-60:], "end")):
        for match in CREDITS.finditer(text):
            for source in reading.names.called(match[1]):
                yield Said(source, CREDIT, f"credit {quoted(match[0])} at its {place}")
    tail = re.search(r"\s[-–—|]\s([^-–—|]{2,40})$", reading.title)
    if tail:
        for source in reading.names.called(tail[1]):
            yield Said(source, REPORTS, f"{quoted(tail[1])} at the end of the headline")


def _reporting(reading: Reading) -> Iterator[Said]:
    """Yield the sources that it names as where it has it: "Reuters reports"."""
    lower = small(reading.whole)
    kinds: tuple[Kind, ...] = ("reports", "cites")
    for mention in reading.mentions:
        begin, end = _begin(reading, mention), _end(reading, mention)
        near = lower[end : end + CLOSE], lower[max(0, begin - NEARBY) : begin]
        for kind in kinds:
            behind = cues(kind).match(near[0].lstrip(" ,"))
            found = _last(cues(kind), near[1])
            between = near[1][found.end() :] if found else ""
            close = len(between.split()) <= 2 and not OBJECT.search(between)  # noqa: PLR2004
            close = close and not re.search(r"[.!?]", between)
            found = behind if kind == "reports" and behind else found if close else None
            if found:
                name = quoted(reading.whole[begin:end])
                yield from _each(mention, REPORTS, f"{name} beside {quoted(found[0])}")


def _learned(reading: Reading, filed: Mapping[str, Mapping[str, int]]) -> Iterator[Said]:
    counts = filed.get(reading.outlet, {}) if reading.outlet else {}
    total = sum(counts.values())
    for source, count in counts.items():
        reason = f"{count} of {total} accepted from this outlet were filed under it"
        yield Said(source, LEARNED * count / total, reason)


def learn_sources(accepted: Iterable[tuple[Reading, Iterable[str]]]) -> dict[str, dict[str, int]]:
    """Return by outlet which sources its accepted drafts were filed under, and how often.

    Parameters
    ----------
    accepted
        Drafts with the sources of the items that they became.
    """
    counts: dict[str, dict[str, int]] = {}
    for reading, sources in accepted:
        for source in sources:
            of_outlet = counts.setdefault(reading.outlet, {})
            of_outlet[source] = of_outlet.get(source, 0) + 1
    return counts
