"""A workspace's events, sources, drafts and reasons as answers for an assistant."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from forecast.assistant._answers import (
    DraftLine,
    EventInFull,
    EventLine,
    Figure,
    ForecastChange,
    GuessLine,
    ItemLine,
    Kinship,
    LeansOn,
    LinkLine,
    MovedBy,
    News,
    NewsToWatch,
    ProposedItems,
    Reasons,
    SourceLine,
    SourceTypeLine,
    ToWatch,
    TriedItem,
)
from forecast.evidence import Item
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Guess, Kin
from forecast.inbox._store import Suggestion
from forecast.network import Event, Network, Source, SourceType
from forecast.network._as_stated import as_stated, kind_in_words
from forecast.network._belief import ProbabilityBelief
from forecast.probability import within_error
from forecast.report._content import NamedItem
from forecast.time import day_label
from forecast.workspace._contents import Inputs
from forecast.workspace._named import named_items
from forecast.workspace._waiting import Waiting

if TYPE_CHECKING:
    from forecast.ledger import ForecastRecord
    from forecast.workspace._effects import Effect
    from forecast.workspace._questions import Why

MOST_ITEMS = 40
"""Of an event, that are told."""
MOST_LOG_ODDS = 700.0
SHORT = 600
"""Characters of a text in a list."""
RATES = ("hit_rate", "false_alarm_rate", "predictive_hit_rate", "predictive_false_alarm_rate")
OWN_RATES = (*RATES, "forecast_weight", "report_rate", "check", "grade")

COUNTS_AS_ON: Mapping[str, str] = {
    "onset": "from its onset on, for ever: it has happened",
    "state": "while it lasts; it may turn off again",
    "fact": "if it is true; it is so or not from the start, and never changes",
    "value of a fact": "if it is the true value; that never changes",
    "outcome of a decision": "from the day on which it was decided so",
    "confirmation": "from the day on which the event is confirmed as its rule asks",
    "repetition": "from the day on which it happened this many times",
    "repeated": "from its first time on",
}
KNOWN_AT_ONCE = "; every change would be known at once, so that no item is needed to say 'not yet'"


def event_line(network: Network, node: Event, said: Iterable["ForecastRecord"]) -> EventLine:
    """Return an event with its rule and its last forecasts."""
    stated = network.stated(node.id)
    kind = kind_in_words(node)
    return EventLine(
        id=node.id,
        title=node.title or node.id,
        network=network.name,
        kind=kind,
        rule=stated.resolution,
        counts_as_on=COUNTS_AS_ON.get(kind, "") + (KNOWN_AT_ONCE if node.public else ""),
        forecasts=tuple(figure(each) for each in said if each.event == node.id),
    )


def event_in_full(
    inputs: Inputs, node: Event, said: Iterable["ForecastRecord"], stands: Iterable[Item]
) -> EventInFull:
    """Return an event with all that is stated of it and on file about it."""
    network = inputs.network
    stated = network.stated(node.id)
    about = {node.id, stated.id}
    links = (each for each in network.links if about & {each.parent, each.child})
    named = named_items(network, sorted(stands, key=lambda item: item.published_instant))
    mine = [each for each in named.values() if node.id in each.events]
    return EventInFull(
        **event_line(network, node, said).model_dump(),
        stated=as_stated(node),
        why=stated.why,
        cites=stated.cites,
        notes=stated.notes,
        links=tuple(
            LinkLine(parent=each.parent, child=each.child, kind=each.kind, why=each.why)
            for each in links
        ),
        items=tuple(map(item_line, mine[-MOST_ITEMS:])),
        earlier_items=max(len(mine) - MOST_ITEMS, 0),
    )


def item_line(item: NamedItem) -> ItemLine:
    """Return an item on file."""
    return ItemLine(
        id=item.id,
        kind=item.kind.replace(" ", "_"),
        published=day_label(item.published),
        source=item.source,
        says=item.claim,
        untrusted_text=cut(item.text),
        untrusted_citation=cut(item.citation),
    )


def figure(said: "ForecastRecord") -> Figure:
    """Return a forecast."""
    return Figure(
        by=said.by,
        probability=said.probability,
        lower=said.lower,
        upper=said.upper,
        error=said.mcse,
        question=said.question,
    )


def _stated(belief: ProbabilityBelief | None) -> str:
    return "not stated" if belief is None else str(belief)


def source_type_line(kind: SourceType) -> SourceTypeLine:
    """Return a type of source."""
    return SourceTypeLine(
        id=kind.id,
        title=kind.title or kind.id,
        hit_rate=_stated(kind.hit_rate),
        false_alarm_rate=_stated(kind.false_alarm_rate),
        check=f"{kind.check:.0%}",
        why=kind.why,
    )


def source_line(source: Source) -> SourceLine:
    """Return a source."""
    own = {name: getattr(source, name) for name in OWN_RATES}
    return SourceLine(
        id=source.id,
        title=source.title or source.id,
        type=source.type,
        domains=source.domains,
        aliases=source.aliases,
        own_rates={name: str(value) for name, value in own.items() if value is not None},
        why=source.why,
    )


def draft_line(waiting: Waiting, *, whole: bool = False) -> DraftLine:
    """Return a draft that waits; its text whole, or its beginning."""
    draft, suggested = waiting.draft, waiting.suggested
    return DraftLine(
        id=draft.id,
        received=day_label(draft.received),
        via=draft.via,
        published="" if draft.published is None else day_label(draft.published),
        proposed_by="" if suggested is None else suggested.by,
        missing=waiting.prefilled.missing,
        notes=draft.notes,
        untrusted=news_of(draft, whole=whole),
    )


def news_of(draft: Draft, *, whole: bool) -> News:
    """Return what a stranger wrote of a draft."""
    return News(
        title=draft.title,
        text=draft.text if whole else cut(draft.text),
        outlet=draft.outlet,
        byline=draft.byline,
        url=draft.url,
        published_as=draft.published_as,
        fields=draft.fields if whole else {},
    )


def guess_lines(guesses: Iterable[Guess]) -> tuple[GuessLine, ...]:
    """Return guesses of the machine's."""
    return tuple(
        GuessLine(value=each.value, score=each.score, untrusted_reason=each.reason)
        for each in guesses
    )


def kinships(kin: Iterable[Kin]) -> tuple[Kinship, ...]:
    """Return what something repeats."""
    return tuple(
        Kinship(
            value=each.value,
            score=each.score,
            untrusted_reason=each.reason,
            relation=each.relation,
            on_file=each.on_file,
        )
        for each in kin
    )


def proposed_items(suggested: Suggestion) -> ProposedItems:
    """Return what an assistant proposes."""
    return ProposedItems(
        by=suggested.by,
        at=day_label(suggested.at),
        why=suggested.why,
        untrusted_rows=suggested.rows,
    )


def tried_items(items: Mapping[str, Sequence[Item]], unfiled: str = "") -> tuple[TriedItem, ...]:
    """Return items as they would stand on file; `unfiled` is the id of a draft that is none yet."""
    return tuple(
        TriedItem(
            id=item.id,
            draft="" if draft == unfiled else draft,
            kind=item.kind,
            events=item.events,
            published=day_label(item.published_instant),
            says=item.words(),
        )
        for draft, some in items.items()
        for item in some
    )


def change_line(effect: "Effect") -> ForecastChange:
    """Return what new items would do to a forecast."""
    return ForecastChange(
        event=effect.after.event,
        title=effect.after.title or effect.after.event,
        network=effect.network,
        before=figure(effect.before),
        after=figure(effect.after),
        change=effect.change,
        error=effect.error,
        telling=effect.telling,
    )


def reasons_of(why: "Why") -> Reasons:
    """Return why a forecast stands where it does."""
    moved = []
    for position, step in enumerate(why.reasons.moved):
        item = why.items.get(step.item)
        told = {} if item is None else item_line(item).model_dump()
        moved.append(
            MovedBy(
                what=step.item,
                **{name: told.get(name, "") for name in ("published", "source", "says")},
                untrusted_text=told.get("untrusted_text", ""),
                times_odds=None if position == 0 else _factor(step.log_odds),
                within_error=position > 0 and within_error(step.log_odds, step.mcse),
                points=step.points,
                probability=step.probability,
                copies=step.copies,
            )
        )
    notes = {name: note for name, note in why.reasons.notes.items() if name != "watch"}
    leans = (
        LeansOn(number=each.number, share=each.share, low=each.low, high=each.high)
        for each in why.reasons.leans
    )
    return Reasons(
        event=why.event,
        by=why.by,
        as_of=day_label(why.head.as_of),
        moved=tuple(moved),
        leans_on=tuple(leans),
        notes=notes,
    )


def _factor(log_odds: float) -> float | None:
    """Return what odds are multiplied by; None beyond what a number holds: it is certain then."""
    return math.exp(log_odds) if abs(log_odds) < MOST_LOG_ODDS else None


def to_watch(why: "Why") -> ToWatch:
    """Return what would change a forecast."""
    watch = (
        NewsToWatch(
            event=each.event,
            source=each.source,
            chance=each.says_on,
            if_so=each.if_on,
            if_not=each.if_off,
            expected_change=each.change,
            error=each.change_mcse,
        )
        for each in why.reasons.watch
    )
    return ToWatch(
        event=why.event,
        by=why.by,
        as_of=day_label(why.head.as_of),
        watch=tuple(watch),
        note=why.reasons.notes.get("watch", ""),
    )


def cut(text: str, most: int = SHORT) -> str:
    """Return a text, or its beginning.

    Examples
    --------
    >>> cut("a long story", most=7)
    'a long…'
    """
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
