"""What a record implies together with its network that was probably not meant.

Items about what is certain, predictions and decisions whose day has passed, and observations behind
a gate that was shut.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from forecast.errors import Fault
from forecast.evidence._item import Item, Place
from forecast.evidence._likelihood_ratio import LikelihoodRatio
from forecast.evidence._placed import remark_on, where
from forecast.evidence._relations import spoken_of
from forecast.evidence._report import Report
from forecast.evidence._retraction import withdrawn
from forecast.evidence._shut import Closed, Histories, Shut, observation_text, unseen_text
from forecast.evidence._silence import Silence
from forecast.network import Event, Network
from forecast.network._nodes import names_of
from forecast.time import add_years, day_label, parse_instant

NAMED = 8
LIKELIHOOD_RATIO = "likelihood_ratio"
FALLEN = timedelta(days=2)
"""How long after the event that it follows a decision has certainly fallen."""


type Soft = Report | LikelihoodRatio | Silence


class Effect(NamedTuple):
    """What an item on a certain state does: nothing, but for its source.

    Parameters
    ----------
    kind
        Its kind.
    value
        The state that is certain.
    silent
        Whether it is so only since nothing was seen of an event that is known at once.
    true
        Of a report, whether it counts as a true word of its source; else None.
    """

    kind: str
    value: bool
    silent: bool
    true: bool | None


def certain_remarks(
    network: Network, items: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Yield the events of which items tell what is certain anyway when they are published.

    A report is named where that is so because nothing was seen of an event that is known at once:
    it counts as a true or a false word of its source. Beside an observation it teaches about its
    source, as it should. A likelihood ratio teaches nothing wherever the state is certain.
    """
    spoken = spoken_of(items)
    histories = Histories(network, items, network.horizon_instant)
    groups: dict[tuple[str, Effect], list[Soft]] = {}
    for item in items:
        if not isinstance(item, Report | LikelihoodRatio | Silence):
            continue
        effect = _effect(item, spoken[item.id], histories.by(item.published_instant))
        if effect is not None and (effect.silent or effect.kind == LIKELIHOOD_RATIO):
            groups.setdefault((item.event, effect), []).append(item)
    for (name, effect), group in groups.items():
        event, first = network.event(name), group[0]
        problem, remedy = (
            _silently(event, first, network, effect) if effect.silent else _surely(event, effect)
        )
        more = _others(group[1:], places)
        yield remark_on(first, places, "event", f"{problem}{more}", remedy)


def _effect(item: Soft, spoken: datetime, known: Histories) -> Effect | None:
    """Return the effect of an item whose events are in a certain state; None for all others."""
    ends = (spoken, spoken)
    if isinstance(item, Silence):
        if item.claim is not None:
            return None
        ends = item.window
    elif isinstance(item, Report) and item.onset_instants is not None:
        ends = item.onset_instants
    first, last = map(known.years, ends)
    events = [known.network.event(name) for name in item.events]
    held = [known.covered(event, first, last) for event in events]
    if held[0] is None or None in held:
        return None
    silent = known.only_silent(events[0], first, last)
    true = None
    if isinstance(item, Report):
        dates = item.onset_instants is not None  # and there was no onset: the state is one
        true = item.claim == "off" if dates else (item.claim == "on") == held[0].value
    return Effect(item.kind, held[0].value, silent, true)


def _surely(event: Event, effect: Effect) -> tuple[str, str]:
    """Return what is said of likelihood ratios where an observation has told, and what to do."""
    state = "on" if effect.value else "off"
    return (
        f"moves no forecast, since it is certain already that event '{event.id}' was {state} then",
        "Leave it out, or correct its dates.",
    )


def _silently(event: Event, first: Soft, network: Network, effect: Effect) -> tuple[str, str]:
    """Return what is said of items on what is certain by silence alone, and what to do."""
    state, other = ("on", "off") if effect.value else ("off", "on")
    word = {None: "", True: ", and counts as a true word of its source"}.get(
        effect.true, ", and counts as a false word of its source"
    )
    seen = observation_text(event.id, first.speaks_of_instant, f"state: {other}")
    return (
        f"moves no forecast of event '{event.id}'{word}: the event is known at once, so that "
        f"without an observation it is certain that it was {state} then",
        f"{unseen_text(network, event.id)}If it was {other}, file that, such as {seen}. Otherwise "
        "leave the item out.",
    )


def passed_remarks(
    network: Network, items: Sequence[Item], places: Mapping[str, Place], as_of: datetime
) -> Iterator[Fault]:
    """Yield predictions and decisions whose day has passed while nothing says how they came out.

    A prediction is named where it is taken to have been wrong, since its event is known at once and
    nothing was seen of it.
    """
    now = min(as_of, network.horizon_instant)
    seen = [item for item in items if item.published_instant <= as_of]
    fallen = withdrawn(seen)
    visible = [item for item in seen if item.id not in fallen]
    known = Histories(network, visible, now)
    spoken = spoken_of(visible)
    by_event: dict[str, list[Report]] = {}
    for item in visible:
        if isinstance(item, Report) and item.is_prediction and spoken[item.id] <= now:
            by_event.setdefault(item.event, []).append(item)
    for event in network.nodes:
        wrong = []
        for report in by_event.get(event.id, ()):
            at = known.years(spoken[report.id])
            held = known.covered(event, at, at)
            if held is None or held.value == (report.claim == "on"):
                continue
            if known.only_silent(event, at, at):
                wrong.append(report)
        if wrong:
            yield _passed_fault(event, wrong, network, places)
    yield from _undecided(network, known, now)


def _passed_fault(
    event: Event, wrong: Sequence[Report], network: Network, places: Mapping[str, Place]
) -> Fault:
    first = wrong[0]
    day = first.speaks_of_instant
    came, not_ = ("on", "off") if first.claim == "on" else ("off", "on")
    return remark_on(
        first,
        places,
        "speaks_of",
        f"says that event '{event.id}' will be {came} by {day_label(day)}, which has passed, and "
        f"no observation says how it came out: it is taken to be {not_}, and this to be a false "
        f"word of its source{_others(wrong[1:], places)}",
        f"File how it came out, such as {observation_text(event.id, day, f'state: {came}')}, or "
        f"'state: {not_}' if it was so. {unseen_text(network, event.id)}".strip(),
        day_label(day),
    )


def _undecided(network: Network, known: Histories, now: datetime) -> Iterator[Fault]:
    """Yield the decisions that have fallen, and whose outcome nobody has filed."""
    for event in network.events:
        if event.kind != "decision" or event.on is None:
            continue
        names = names_of(event)
        if any(held.value for name in names for held in known.known(network.event(name))):
            continue
        fell = _fell(event, network, known)
        if fell is None or fell > now or _may_not_fall(event, network):
            continue
        shown = observation_text(names[0], fell, f"onset: {day_label(fell)[:10]}")
        yield Fault(
            f"the decision fell by {day_label(fell)}, and no observation says how it came out: "
            "each outcome is still as likely as before",
            f"File how it came out, such as {shown}.",
            field=f"events.{event.id}.on",
            value=event.on,
        )


def _fell(event: Event, network: Network, known: Histories) -> datetime | None:
    """Return by when a decision has fallen: on its day, or when what it follows was seen."""
    if event.day is not None:
        return parse_instant(event.day)
    begun = [held.start for held in known.known(network.event(event.on or "")) if held.value]
    return add_years(network.start_instant, min(begun)) + FALLEN if begun else None


def _may_not_fall(event: Event, network: Network) -> bool:
    """Return whether links may have shut out every outcome."""
    gates = (link for link in network.links if link.kind in ("requires", "prevents"))
    gated = {child for link in gates for child in network.children(link)}
    return gated.issuperset(names_of(event))


def gate_remarks(
    network: Network, items: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Yield the observations of events that cannot have come, since a gate was shut."""
    for item, shut in shut_out(network, items):
        yield remark_on(
            item,
            places,
            "event",
            f"is impossible under this network, and an update will refuse it: {shut.told()}",
            shut.way_out(item, network),
        )


def shut_out(network: Network, items: Sequence[Item]) -> Iterator[tuple[Item, Shut | Closed]]:
    """Yield the observations of events that cannot have come, each with what was shut."""
    known = Histories(network, items, network.horizon_instant)
    known = known.by(max((item.published_instant for item in items), default=known.cut))
    for item in items:
        for shut in known.shut(item):
            yield item, shut


def _others(items: Sequence[Item], places: Mapping[str, Place]) -> str:
    """Return that the same holds of further items, with their places."""
    if not items:
        return ""
    listed = ", ".join(f"'{item.id}'{where(item.id, places)}" for item in items[:NAMED])
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return f"; so it is with {listed}{more}"
