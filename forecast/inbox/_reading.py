"""What a draft or an item shows at a glance; every proposal is made from this."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeGuard
from urllib.parse import parse_qsl, urlencode, urlsplit

from forecast.evidence import Item
from forecast.evidence._moment import begin
from forecast.inbox._concepts import concept, is_concept
from forecast.inbox._cues import cues
from forecast.inbox._draft import Draft
from forecast.inbox._names import Mention, Names, host_of
from forecast.inbox._words import STOP_WORDS, Word, plain, script, shingles, small, words_of

EARLIEST = datetime.min.replace(tzinfo=UTC)
TRACKING = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ref|referrer|ref_src|cmpid|taid|ncid|"
    r"ocid|smid|smtyp|spm|yclid|_ga|at_.*|partner|output|amp|outputtype|traffic_source|feature)$",
    re.IGNORECASE,
)
SENTENCE = re.compile(
    r"(?<=[^\s.][.!?…])[\"”»']?\s+(?=[\"“«'(]?[A-ZА-ЯІЇЄҐÄÖÜ0-9])|(?<=[다요]\.)\s+|\n+"
)
ABBREVIATED = re.compile(r"(?<!\w)(?:[A-Z][a-z]{0,3}|[a-z]{1,2})\.$")
FIRST_YEAR, LAST_YEAR = 1000, 9997
DAYS = 31
HANGUL = "\u1100"
"""From here on, one character may be a word."""
HEAD = re.compile(
    r"^\s*[\[(](?:\d+(?:st|nd|rd|th)?\s*)?(?:LD|LEAD|URGENT|UPDATE|BREAKING|EXCLUSIVE|보|\d보|속보|종합)"
    r"[^\])]*[\])]\s*|^\s*(?:UPDATE\s*\d*|EXCLUSIVE|BREAKING)\s*[-:–—]\s*",
    re.IGNORECASE,
)
DATELINE = re.compile(
    r"^.{0,80}?(?:\([^()]{2,40}\)|/[^/\s]{2,20}/\.?)\s*(?:--|[-–—:])?\s*", re.DOTALL
)
DATELINE_WITHIN = 110
QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{15,600})[\"”“»]")


@dataclass(frozen=True)
class Reading:
    """A draft or an item of evidence as it is read.

    Parameters
    ----------
    id
        Of the draft or item.
    at
        When it could first be read; when it came in, where a draft's publication is not stated.
    title, text
        Its headline and the text below it, in plain form.
    url
        Its address without what only tracks readers; empty if it is that of no page.
    host
        The host of its address.
    outlets
        The sources that published it, as far as they are on file.
    outlet
        Who published it, to tell outlets apart: the first of these, or the host, or the name.
    byline
        Who wrote it, as stated.
    names
        What sources are called.
    on_file
        Whether it is an item of evidence.
    events
        The events that an item is on.
    sources
        The source of an item.
    language
        In which it is said to be written, such as ``en``.
    """

    id: str
    at: datetime
    title: str
    text: str
    url: str
    host: str
    outlets: tuple[str, ...]
    outlet: str
    byline: str
    names: Names = field(repr=False, compare=False)
    on_file: bool = False
    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    language: str = ""

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Its place in time; what is on file comes before drafts of the same time."""
        return (self.at, 0 if self.on_file else 1, self.id)

    @cached_property
    def whole(self) -> str:
        """Headline and text, one below the other."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of headline and text."""
        return words_of(self.whole)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The sources named in headline and text."""
        return self.names.within(self.words)

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Where each sentence begins and ends, in characters; the headline is the first."""
        whole = self.whole
        ends = [
            found.end()
            for found in SENTENCE.finditer(whole)
            if not ABBREVIATED.search(whole, max(0, found.start() - 6), found.start())
        ]
        return tuple(zip([0, *ends], [*ends, len(whole)], strict=True))

    @cached_property
    def terms(self) -> Mapping[str, int]:
        """How often it says what: names by their sources, other words by concept or stem."""
        return Counter(term for term, _ in self._spoken)

    @cached_property
    def said_as(self) -> Mapping[str, str]:
        """How each of these is written where it first stands."""
        return dict(reversed(self._spoken))

    @cached_property
    def running(self) -> str:
        """The words one behind the other, with a blank before and behind each."""
        return f" {' '.join(word.folded for word in self.words)} "

    @cached_property
    def shared_terms(self) -> frozenset[str]:
        """What it says that would be the same in another language: names, numbers, concepts."""
        return frozenset(t for t in self.terms if t[0] == "@" or t.isdigit() or is_concept(t))

    @cached_property
    def tongue(self) -> str:
        """In what it is written, as far as letters and what is stated tell."""
        letters = Counter(script(word.folded) for word in self.words)
        most = max(letters, key=lambda each: (letters[each], each), default="latin")
        return (self.language or "en") if most == "latin" else most

    @cached_property
    def _spoken(self) -> tuple[tuple[str, str], ...]:
        """Each term with the words that it stands for, in order."""
        found: list[tuple[str, str]] = []
        place = 0
        for mention in self.mentions:
            found += self._plain(place, mention.start)
            written = " ".join(word.raw for word in self.words[mention.start : mention.end])
            found.append((f"@{mention.sources[0]}", written))
            place = mention.end
        return (*found, *self._plain(place, len(self.words)))

    def _plain(self, first: int, last: int) -> list[tuple[str, str]]:
        told = (w for w in self.words[first:last] if w.folded not in STOP_WORDS)
        long = (w for w in told if len(w.folded) > 1 or w.folded > HANGUL)
        return [(concept(w.stem), w.raw) for w in long]

    @cached_property
    def body(self) -> str:
        """The text without a dateline."""
        head = self.text[:DATELINE_WITHIN]
        found = DATELINE.match(head)
        return self.text[found.end() :] if found else self.text

    @cached_property
    def body_words(self) -> tuple[Word, ...]:
        """The words of the text; of the headline where there is none."""
        return words_of(self.body) or words_of(HEAD.sub("", self.title))

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """The runs of words of the text."""
        return shingles(self.body_words)

    @cached_property
    def own_shingles(self) -> frozenset[tuple[str, ...]]:
        """The runs of words of the text outside quotation marks."""
        return shingles(words_of(QUOTED.sub(" ", self.body)))

    @cached_property
    def corrects(self) -> bool:
        """Whether it says of itself, at its head, that it is a correction."""
        head = small(f"{self.title[:40]}\n{self.text[:25]}")
        return cues("corrects").search(head) is not None

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers that it states, without years and days of a month."""
        return frozenset(
            w.folded for w in self.words if w.folded.isdigit() and not _common(w.folded)
        )


def _common(number: str) -> bool:
    return int(number) <= DAYS or (len(number) == 4 and number[:2] in ("19", "20"))  # noqa: PLR2004


def of_draft(draft: Draft, names: Names) -> Reading:
    """Return a draft as it is read."""
    host = host_of(draft.url)
    stated = plain(draft.outlet)
    outlets = names.at(host)
    # A feed's own name, or an aggregator's word for whom it hands on.
    outlets = outlets or names.called(stated)[:1]
    return Reading(
        id=draft.id,
        at=draft.published if _possible(draft.published) else draft.received,
        title=plain(draft.title).strip(),
        text=plain(draft.text).strip(),
        url=page_of(draft.url),
        host=host,
        outlets=outlets,
        outlet=outlets[0] if outlets else stated.casefold().strip() or host,
        byline=plain(draft.byline),
        names=names,
        language=draft.language.strip().casefold()[:2],
    )


def _possible(at: datetime | None) -> TypeGuard[datetime]:
    """Return whether a stated time of publication can be one, and days be counted from it."""
    return at is not None and FIRST_YEAR <= at.year <= LAST_YEAR


def of_item(item: Item, names: Names) -> Reading:
    """Return an item of evidence as it is read."""
    cited = item.citation.split(",")[0].strip()
    source = getattr(item, "source", None)
    host = host_of(cited)
    outlets = names.at(host)
    return Reading(
        id=item.id,
        at=begin(item.published),  # a day's item may be the original of what that day brought
        title="",
        text=plain(item.text).strip(),
        url=page_of(item.citation),
        host=host,
        outlets=outlets,
        outlet=outlets[0] if outlets else host,
        byline="",
        names=names,
        on_file=True,
        events=item.events,
        sources=(source,) if isinstance(source, str) and source else (),
    )


def page_of(url: str) -> str:
    """Return the address of a page without what only tracks readers; empty for no page's.

    Examples
    --------
    >>> page_of("https://www.example.org/a/?utm_source=x&id=3#top")
    'example.org/a?id=3'
    >>> page_of("https://example.org/")
    ''
    """
    try:
        parts = urlsplit(url.strip())
        asked = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
        kept = urlencode(sorted((k, v) for k, v in asked if not TRACKING.match(k)))
    except ValueError:
        return ""
    host = host_of(url)
    path = re.sub(r"(/amp)?/*$", "", parts.path)
    if not host or not (path or kept):
        return ""
    for prefix in ("m.", "mobile.", "amp."):
        host = host.removeprefix(prefix)
    return f"{host}{path}" + (f"?{kept}" if kept else "")
