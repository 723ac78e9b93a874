"""What is proposed for drafts: who says what about which event and day, and what it repeats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from forecast.evidence import Evidence, Item, Observation
from forecast.inbox._claims import guess_claims
from forecast.inbox._copies import Copies
from forecast.inbox._days import guess_days
from forecast.inbox._draft import Draft
from forecast.inbox._events import Events
from forecast.inbox._names import Names
from forecast.inbox._proposal import Guess, Kin, Proposal
from forecast.inbox._reading import Reading, of_draft, of_item
from forecast.inbox._sources import guess_sources, learn_sources
from forecast.inbox._store import Decision
from forecast.network import Network

ITS_COPY = 0.9
"""The share of an original's score at which its events are proposed for what repeats it."""
MOST_EVENTS = 3


def propose(
    drafts: Iterable[Draft],
    networks: Network | Iterable[Network],
    evidence: Evidence | None = None,
    *,
    filed: Iterable[Decision] = (),
    others: Iterable[Draft] = (),
) -> list[Proposal]:
    """Return what a machine proposes for drafts, in their order; it decides nothing.

    Each proposal follows from the drafts, what is on file and what was decided before: the same
    input gives the same proposals, in whatever order the drafts stand. No text is followed as an
    instruction, and nothing is fetched.

    Parameters
    ----------
    drafts
        The drafts to propose for.
    networks
        A network, or several, whose events and sources may be meant.
    evidence
        What is on file, which a draft may repeat and from which events are learned.
    filed
        Decisions on earlier drafts, from which events and sources are learned. Of those on one
        draft, the newest counts.
    others
        Earlier drafts, decided or not: what they say is learned from, and drafts may repeat them.

    Notes
    -----
    Scores rank; they are no probabilities. Words are compared, not meanings: what is said in other
    words, in a language outside the tables, or between the lines is missed. ``docs`` has a page on
    the rules and on how good they were on recorded news.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> import forecast as fc
    >>> from forecast.inbox._draft import Draft, draft_id
    >>> wire = fc.SourceType(id="wire", hit_rate="80%", false_alarm_rate="10%")
    >>> reuters = fc.Source(id="reuters", type="wire", domains=["reuters.com"])
    >>> deal = fc.Event(id="deal", title="The grain deal is renewed", kind="onset", public=True,
    ...     rate="20% within 1 year")
    >>> network = fc.Network(name="grain", start="2024-01-01", horizon="2024-12-31",
    ...     events=[deal], source_types=[wire], sources=[reuters])
    >>> said = {"title": "Kyiv rules out that the grain deal is renewed",
    ...     "url": "https://www.reuters.com/world/1"}
    >>> draft = Draft(draft_id("f", said), datetime(2024, 7, 1, tzinfo=UTC), "f", "rss", **said)
    >>> (proposal,) = propose([draft], network)
    >>> [guess[0].value for guess in (proposal.sources, proposal.events, proposal.claims)]
    ['reuters', 'deal', 'off']
    >>> proposal.claims[0].reason
    '"rules out" in the headline'
    """  # fmt: skip
    wanted = list(drafts)
    listed = (networks,) if isinstance(networks, Network) else tuple(networks)
    names = Names(listed)
    read = {draft.id: of_draft(draft, names) for draft in (*others, *wanted)}
    items = list(evidence or ())
    on_file = {item.id: of_item(item, names) for item in items}
    decided = _newest(filed)
    copies = Copies([*read.values(), *on_file.values()])
    by_id = {item.id: item for item in items}
    accepted = [
        (read[name], [by_id[item] for item in decision.items if item in by_id])
        for name, decision in decided.items()
        if name in read and decision.outcome != "skipped"
    ]
    skipped = [
        read[name]
        for name, decision in decided.items()
        if name in read and decision.outcome == "skipped"
    ]
    events = Events(
        listed,
        names,
        [
            *((reading, reading.events) for reading in on_file.values()),
            *((draft, [e for item in became for e in item.events]) for draft, became in accepted),
        ],
        skipped,
        _settled(items),
    )
    learned = learn_sources((draft, _sources_of(became)) for draft, became in accepted)
    made = {
        draft.id: _one(read[draft.id], copies, events, learned)
        for draft in sorted(wanted, key=lambda draft: read[draft.id].order)
    }
    passed = {name: _passed_on(made[name], made, on_file) for name in made}
    became = {draft.id: [item.id for item in items] for draft, items in accepted}
    passed = {name: replace(found, kin=_filed(found.kin, became)) for name, found in passed.items()}
    return [passed[draft.id] for draft in wanted]


def _one(
    reading: Reading, copies: Copies, events: Events, learned: Mapping[str, Mapping[str, int]]
) -> Proposal:
    kin, origin = copies.kin(reading)
    ranked = events.guess(reading)
    return Proposal(
        draft=reading.id,
        sources=guess_sources(reading, learned),
        events=ranked,
        claims=guess_claims(reading) if ranked else (),
        days=guess_days(reading),
        kin=kin,
        origin=origin,
    )


def _passed_on(
    proposal: Proposal, made: Mapping[str, Proposal], on_file: Mapping[str, Reading]
) -> Proposal:
    """Return a proposal with the events of what it repeats, where these rank higher."""
    best = {guess.value: guess for guess in proposal.events}
    for kin in proposal.kin:
        for guess in _events_of(kin, made, on_file):
            known = best.get(guess.value)
            if known is None or known.score < guess.score:
                best[guess.value] = guess
    ranked = sorted(best.values(), key=lambda guess: (-guess.score, guess.value))[:MOST_EVENTS]
    return replace(proposal, events=tuple(ranked))


def _filed(kin: Iterable[Kin], became: Mapping[str, Sequence[str]]) -> tuple[Kin, ...]:
    """Return kin with the items that accepted drafts became in their place."""
    return tuple(
        replace(each, value=name, on_file=each.on_file or name != each.value)
        for each in kin
        for name in (became.get(each.value) or [each.value])
    )


def _events_of(
    kin: Kin, made: Mapping[str, Proposal], on_file: Mapping[str, Reading]
) -> Iterable[Guess]:
    if kin.on_file:
        for event in on_file[kin.value].events:
            yield Guess(
                event,
                round(ITS_COPY * kin.score, 3),
                f"what it repeats is filed on it: {kin.value}",
            )
    elif kin.value in made:
        for guess in made[kin.value].events:
            yield Guess(
                guess.value,
                round(ITS_COPY * guess.score, 3),
                f"as {kin.value}, which it repeats: {guess.reason}",
            )


def _newest(filed: Iterable[Decision]) -> dict[str, Decision]:
    newest: dict[str, Decision] = {}
    for decision in filed:
        known = newest.get(decision.draft)
        if known is None or decision.at >= known.at:
            newest[decision.draft] = decision
    return newest


def _settled(items: Sequence[Item]) -> dict[str, datetime]:
    """Return since when events are on file as observed to be on."""
    since: dict[str, datetime] = {}
    for item in items:
        if isinstance(item, Observation) and item.state != "off":
            known = since.get(item.event, item.published_instant)
            since[item.event] = min(known, item.published_instant)
    return since


def _sources_of(items: Iterable[Item]) -> list[str]:
    found = (getattr(item, "source", None) for item in items)
    return [source for source in found if isinstance(source, str) and source]
