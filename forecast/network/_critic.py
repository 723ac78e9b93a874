"""The critic: what a network implies that its author may not mean, and what to write instead.

Nothing here is a fault: every network that it names is legal. Each rule is a function that yields
remarks; fields are paths from the network's top, as in the faults of a file.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import fsum, log, log1p, prod

from forecast.errors import Fault
from forecast.network._belief import ProbabilityBelief
from forecast.network._critic_decisions import as_races, without_an_outcome
from forecast.network._critic_delays import delays
from forecast.network._event import Event
from forecast.network._implied import Implied, Spread, quantiles
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._pace import Pace
from forecast.network._phrase import NUMBER, Range
from forecast.network._prior import Fixed, Prior
from forecast.network._prior_of import link_prior
from forecast.network._rate_belief import Chance, RateBelief, RatePool
from forecast.network._while_on import ConditionalBelief
from forecast.network._wording import (
    FACTOR,
    chance_between,
    doubled_each_way,
    percent,
    rate_between,
    ratio_between,
    short,
    span,
    span_between,
)

type Rule = Callable[[Implied], Iterator[Fault]]

SURE = 0.9
"""A chance by the horizon above which a rate is no mere chance within a span any more."""
MOST = 0.9999
"""What is likelier is told as more than this."""
STRONGER = 3.0
"""By what factor the odds by the horizon must exceed those stated: '85% within a year' means it."""
EVER_ODDS = 1.5
"""The odds that it ever comes, relative to those within the stated span, in what is suggested."""
STRONG = 10.0
"""What hazard ratios on one event may come to together, and their reciprocal."""
NARROW = 0.01
MIDDLE = (0.05, 0.95)
"""An interval narrower than this says nothing where its median lies in the middle."""
KNOWN = "within 2 weeks [3 days, 2 months]"
NAMED = 8


def network_remarks(network: Network, rules: Collection[str] | None = None) -> Iterator[Fault]:
    """Yield what a network implies that its author may not mean.

    Parameters
    ----------
    network
        The network.
    rules
        Names of the `RULES` to apply; all, unless given.
    """
    implied = Implied(network)
    for name, rule in RULES.items():
        if rules is None or name in rules:
            yield from rule(implied)


def constant_rates(implied: Implied) -> Iterator[Fault]:
    """Yield the onsets whose chance within a span, gone on with, is near certainty."""
    network = implied.network
    for event in network.events:
        stated = _spoken(event.rate, network) if event.kind == "onset" else None
        whole = implied.chance(event)
        if stated is None or whole is None or event.initially or event.rate is None:
            continue
        chance, by = stated.range.median, whole.median
        stronger = by * (1 - chance) >= STRONGER * chance * (1 - by)
        if not (chance < SURE < by and stronger):
            continue
        parents = " and ".join(f"'{name}'" for name, _ in implied.needs.get(event.id, ()))
        once = f" once {parents} {'are' if ' and ' in parents else 'is'} on" if parents else ""
        left = implied.horizon - implied.opens(event.id)
        told = percent(by) if by <= MOST else f"more than {percent(MOST)}"
        yield Fault(
            f"is a constant rate: {told} by the horizon{once}, within {span(left)}",
            f"{_ever_and_pace(stated, event, network)} If it is to go on like this for as long as "
            f"it has not come, state a rate, such as 'rate: "
            f'"{rate_between(*_told(event.rate.prior(network.start)))}"\'.',
            field=f"events.{event.id}.rate",
            value=str(event.rate),
        )


def _spoken(belief: RateBelief | None, network: Network) -> Chance | None:
    """Return a belief as a chance within a span; None where it was stated as a rate or a count."""
    if isinstance(belief, Chance):
        return belief
    if not isinstance(belief, RatePool):
        return None
    chances = [expert.belief for expert in belief.experts]
    first = chances[0]
    if not isinstance(first, Chance) or not all(isinstance(each, Chance) for each in chances):
        return None
    low, middle, high = (
        first.probability_at(rate, network.start) for rate in quantiles(belief.prior(network.start))
    )
    ends = None if low == high else (low, high)
    return Chance(Range(middle, ends), first.within, first.by, str(belief))


def _ever_and_pace(stated: Chance, event: Event, network: Network) -> str:
    """Return a chance that it ever comes, and a pace, that give what was stated for its span.

    With the odds that it ever comes half as high again, a share s = p / ever of it comes within the
    span, so the half-time is span · ln 2 / −ln(1 − s): for 35% within 3 months 45% ever, half of it
    within 1.4 months.
    """
    chance = stated.range.median
    ever = EVER_ODDS * chance / (1 - chance + EVER_ODDS * chance)
    years = stated.years(network.start)
    half = years * log(2) / -log1p(-chance / ever)
    words = (
        f"If it may never come, write in its place 'ever: "
        f"\"{chance_between(stated.range, EVER_ODDS)}\"' and 'pace: "
        f'"half of it within {doubled_each_way(half)}"\', which is {percent(chance)} '
        f"{_when(stated)} too."
    )
    ratios = [
        f"'hazard_ratio: \"{ratio_between(*_told(prior))}\"' in link '{link.id}'"
        for link in network.links
        if link.child == event.id
        and isinstance(link.hazard_ratio or link.extra_rate, ConditionalBelief)
        and (prior := _ratio(network, link)) is not None
    ]
    return f"{words} A ratio is needed then: {', '.join(ratios)}." if ratios else words


def _ratio(network: Network, link: Link) -> Prior | None:
    """Return the prior of a link's hazard ratio, also of one that is stated as an extra rate."""
    if link.kind == "multiplies":
        return link_prior(network, link)
    belief, child = link.extra_rate, network.event(link.child)
    if not isinstance(belief, ConditionalBelief) or child.rate is None:
        return None
    found = belief.while_on(child.rate.prior(network.start), network.start, adds=False)
    if isinstance(found, Fixed):
        return found
    return found.at(child.rate.prior(network.start).median())


def _when(stated: Chance) -> str:
    return f"by {stated.by}" if stated.by is not None else f"within {span(stated.within or 0.0)}"


def products(implied: Implied) -> Iterator[Fault]:
    """Yield the events whose hazard ratios multiply to more than ten, or to less than a tenth."""
    network = implied.network
    acting: dict[str, list[Link]] = {}
    for link in network.links:
        if link.kind == "multiplies" and link.odds_ratio is None:
            for child in network.children(link):
                acting.setdefault(child, []).append(link)
    told: set[tuple[str, ...]] = set()
    for child, links in acting.items():
        names = tuple(link.id for link in links)
        ratios = {link.id: _told(_sure(link_prior(network, link))) for link in links}
        for up in (True, False):
            together = _together(links, ratios, network, up=up)
            product = prod(ratios[link.id][0] for link in together)
            beyond = product > STRONG if up else product < 1 / STRONG
            if beyond and len(together) > 1 and names not in told:
                told.add(names)
                yield _product_fault(child, together, ratios, product, network)


def _sure(prior: Prior | None) -> Prior:
    assert prior is not None  # noqa: S101 - a link that multiplies has a ratio
    return prior


def _together(
    links: list[Link],
    ratios: Mapping[str, tuple[float, float, float]],
    network: Network,
    *,
    up: bool,
) -> list[Link]:
    """Return the links that can act at one time: of one decision, that of a single outcome."""
    chosen: dict[str, Link] = {}
    for link in links:
        decided = network.stated(link.parent).kind == "decision"
        key = network.stated(link.parent).id if decided else link.id
        other = chosen.get(key)
        if other is None or (ratios[link.id][0] > ratios[other.id][0]) == up:
            chosen[key] = link
    return [link for link in chosen.values() if ratios[link.id][0] != 1.0]


def _product_fault(
    child: str,
    links: list[Link],
    ratios: Mapping[str, tuple[float, float, float]],
    product: float,
    network: Network,
) -> Fault:
    strongest = max(links, key=lambda link: abs(log(ratios[link.id][0])))
    listed = ", ".join(f"x{short(ratios[k.id][0])} ('{k.parent}')" for k in links[:NAMED])
    more = f" and {len(links) - NAMED} more" if len(links) > NAMED else ""
    share = log(STRONG) / abs(log(product))
    smaller = ", ".join(
        f"'{ratio_between(*(value**share for value in ratios[k.id]))}'" for k in links[:NAMED]
    )
    ways = [
        _as_causes(links, ratios, network.event(child), network) if product > 1 else "",
        "If the parents have one cause in common, or one comes about through another, make that "
        "cause an event and let it alone multiply.",
        f"Otherwise write smaller ratios, which come to x{short(product**share)} together: "
        f"{smaller}{more}.",
    ]
    return Fault(
        f"with all that multiply it on, the rate of '{child}' is x{short(product)}: {listed}{more}",
        " ".join(way for way in ways if way),
        field=f"links.{strongest.id}.hazard_ratio",
        value=str(strongest.hazard_ratio),
    )


def _as_causes(
    links: list[Link],
    ratios: Mapping[str, tuple[float, float, float]],
    child: Event,
    network: Network,
) -> str:
    """Return the links as rates that add up: each of (ratio − 1) times the base at its median."""
    belief = child.rate if child.ever is None else child.pace
    raising = [link for link in links if ratios[link.id][0] > 1]
    if belief is None or not raising:
        return ""
    base = belief.prior(network.start).median()
    lines = []
    for link in raising[:NAMED]:
        median, low, high = (base * (ratio - 1) for ratio in ratios[link.id])
        low = max(low, median / STRONG) if low < high else low
        lines.append(f"'extra_rate: \"{rate_between(median, low, high)}\"' ('{link.parent}')")
    total = 1 + fsum(ratios[link.id][0] - 1 for link in raising)
    return (
        f"If each brings it about by itself, let their rates add up, x{short(total)} together: "
        f"'kind: causes' with {', '.join(lines)}."
    )


def without_a_range(implied: Implied) -> Iterator[Fault]:
    """Yield the events whose prior is one number, or hardly more than one."""
    network = implied.network
    for event in network.events:
        fields = _numbers(event)
        if not fields or (event.initially is True and event.kind != "state"):
            continue
        priors = {name: _prior(belief, network) for name, belief in fields.items()}
        bare = [name for name, prior in priors.items() if isinstance(prior, Fixed)]
        if len(bare) == len(priors) and not _spreads(event):
            told = "is taken as known exactly, so that no forecast of it has an interval"
            yield _range_fault(event, fields, bare, told, network)
            continue
        whole = _chance(implied, event)
        if whole is None or not MIDDLE[0] <= whole.median <= MIDDLE[1]:
            continue
        if whole.high - whole.low < NARROW and event.kind != "decision":
            told = (
                f"is known to within {100 * (whole.high - whole.low):.1g} of a percentage point: "
                f"{100 * whole.low:.1f}% to {100 * whole.high:.1f}%"
            )
            yield _range_fault(event, fields, list(fields), told, network)


def _numbers(event: Event) -> dict[str, RateBelief | ProbabilityBelief]:
    """Return the uncertain numbers of an event by the path of their field."""
    named = {name: getattr(event, name) for name in ("rate", "ever", "pace", "off_rate")}
    named["rate_after"] = event.rate_after
    if not isinstance(event.initially, bool):
        named["initially"] = event.initially
    if event.outcomes is not None:
        named |= {f"outcomes.{name}": belief for name, belief in event.outcomes.chances}
    return {name: belief for name, belief in named.items() if belief is not None}


def _spreads(event: Event) -> bool:
    return event.outcomes is not None and any(event.outcomes.spreads.values())


def _prior(belief: RateBelief | ProbabilityBelief, network: Network) -> Prior:
    return belief.prior(network.start) if isinstance(belief, RateBelief) else belief.prior()


def _chance(implied: Implied, event: Event) -> Spread | None:
    if event.kind == "fact" and isinstance(event.initially, ProbabilityBelief):
        low, median, high = quantiles(event.initially.prior())
        return Spread(median, low, high)
    return implied.chance(event)


def _range_fault(
    event: Event,
    fields: Mapping[str, RateBelief | ProbabilityBelief],
    bare: list[str],
    told: str,
    network: Network,
) -> Fault:
    ways = [f"'{name.split('.')[-1]}: \"{_ranged(fields[name], network)}\"'" for name in bare]
    return Fault(
        told,
        f"Add a range in which you would be surprised not to find it, such as {', '.join(ways)}.",
        field=f"events.{event.id}.{bare[0]}",
        value=str(fields[bare[0]]),
    )


def _ranged(belief: RateBelief | ProbabilityBelief, network: Network) -> str:
    """Return a number as it was written, with a range in place of what it has."""
    middle = _prior(belief, network).median()
    match belief:
        case Chance():
            return f"{chance_between(Range(belief.range.median))} {_when(belief)}"
        case Pace():
            half = log(2) / middle
            return f"{belief.lead} {span_between(half, half / FACTOR, half * FACTOR)}"
        case RateBelief():
            return _ranged_rate(belief, middle)
    return chance_between(Range(middle))


def _ranged_rate(belief: RateBelief, middle: float) -> str:
    number = re.search(NUMBER, belief.wording) if isinstance(belief.wording, str) else None
    if number is None or "[" in str(belief):
        return rate_between(middle, middle, middle)
    low, high = float(number[0]) / FACTOR, float(number[0]) * FACTOR
    return f"{belief} [{short(low)}, {short(high)}]"


def confirmations(implied: Implied) -> Iterator[Fault]:
    """Yield the events that are known at once, by a rule that waits for a confirmation."""
    for event in implied.network.events:
        takes = event.kind in ("onset", "repeated") and event.initially is False
        chosen = event.known is not None and not event.public
        word = confirming(event.resolution) if takes and not chosen else None
        if word is None:
            continue
        as_stated = (
            "is known at once, so that without an observation it has not come"
            if event.public
            else "is never known (public: false), so that it means nothing that nobody confirms it"
        )
        yield Fault(
            f"its rule says '{word}', and as stated the event {as_stated}",
            f"Write 'known: \"{KNOWN}\"' in place of public: '{event.id}' is then that it comes, "
            f"and '{event.id}.confirmed' that it is confirmed. If nobody ever will, write "
            "'known: never'.",
            field=f"events.{event.id}.resolution",
        )


def confirming(text: str) -> str | None:
    """Return the first word by which a rule makes an event hang on somebody's confirmation.

    Examples
    --------
    >>> confirming("On from the day of arrival, as confirmed by both sides.")
    'confirmed'
    >>> confirming("On from the day of arrival. It need not be confirmed.")
    """
    confirms, denies = _words()
    for clause in re.split(r"[.,;:!?()]", text):
        found = confirms.search(clause)
        if found is not None and denies.search(clause) is None:
            return " ".join(found[0].split()).lower()
    return None


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the words of ``wordlists/confirmation.csv``, by their role."""
    folder = files("forecast.network") / "wordlists"
    text = (folder / "confirmation.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))

    def finding(role: str) -> re.Pattern[str]:
        words = [
            re.escape(row["word"]).replace(r"\ ", r"\s+") for row in rows if row["role"] == role
        ]
        return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)

    return finding("confirms"), finding("denies")


def _told(prior: Prior) -> tuple[float, float, float]:
    """Return the median of a prior and its central 90% interval."""
    low, median, high = quantiles(prior)
    return median, low, high


RULES: dict[str, Rule] = {
    "constant rate": constant_rates,
    "product of ratios": products,
    "no range": without_a_range,
    "confirmation": confirmations,
    "delay": delays,
    "race": as_races,
    "no outcome": without_an_outcome,
}
PRIORS = ("constant rate", "product of ratios", "no range", "confirmation")
"""The rules that are about the prior of an event."""
