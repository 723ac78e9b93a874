"""What is allowed in a record but probably not meant, such as one item entered twice."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from forecast.errors import Fault
from forecast.evidence._count import Count
from forecast.evidence._critic import certain_remarks, gate_remarks, passed_remarks
from forecast.evidence._forecast_item import Forecast, replaced
from forecast.evidence._item import Item, Place
from forecast.evidence._likelihood_ratio import LikelihoodRatio
from forecast.evidence._opinion_remarks import opinion_remarks
from forecast.evidence._placed import remark_on as _fault
from forecast.evidence._placed import where as _where
from forecast.evidence._regime import Regime
from forecast.evidence._regime_remarks import regime_remarks
from forecast.evidence._relations import statements
from forecast.evidence._report import Report
from forecast.evidence._retraction import withdrawn
from forecast.evidence._silence import Silence
from forecast.evidence._watched import overlaps
from forecast.network import Network
from forecast.time import day_label

NAMED = 8
SAYS_NOTHING_OF_ITSELF = {
    "id",
    "recorded",
    "notes",
    "draft",
    "accepted_by",
    "proposed",
    "retracts",
    "reinstates",
}
APART = (
    "If one repeats the other, name it in derived_from (or name the source of both in origin), or "
    "leave it out. If it is a separate statement, write check: 1, or add the passage to its "
    "citation, such as URL#p2."
)
APART_OTHERWISE = (
    "Leave one out, or retract it. If both are meant, distinguish their passages in the citations, "
    "such as URL#p2."
)

_ADDRESS = re.compile(r"^https?://(www\.)?|:443(?=/)|(?<=[?&])utm_[^&#]*&?")


def remarks(
    network: Network,
    items: Sequence[Item],
    places: Mapping[str, Place],
    as_of: datetime | None = None,
) -> Iterator[Fault]:
    """Yield what is allowed in a record but probably not meant; see `Evidence.remarks`."""
    fallen = withdrawn(items)
    left = [item for item in items if item.id not in fallen]
    old = replaced(left)
    standing = [item for item in left if item.id not in old]
    yield from _twice(items, standing, places)
    yield from _silent_twice(items, places)
    yield from certain_remarks(network, standing, places)
    yield from gate_remarks(network, standing, places)
    if as_of is not None:
        yield from passed_remarks(network, items, places, as_of)
        yield from opinion_remarks(network, items, places, as_of)
    for each in regime_remarks(network, standing):
        yield _fault(each.item, places, each.field, each.problem, each.remedy, each.value)
    for item in standing:
        if item.published_instant > network.horizon_instant:
            yield _fault(
                item,
                places,
                "published",
                f"the item was published after the network's horizon ({network.horizon}), so no "
                "forecast sees it",
                "Correct the date, or set a later horizon.",
                day_label(item.published_instant),
            )


def _twice(
    items: Sequence[Item], standing: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Yield a remark for each group of items that look like one, without naming each other."""
    together = _derivations(items)
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in standing:
        for key in _marks(item):
            groups.setdefault(key, []).append(item)
    shared: dict[tuple[str, ...], list[str]] = {}
    for key, members in groups.items():
        apart = {together.get(item.id, item.id): item for item in reversed(members)}
        if len(apart) > 1:
            names = tuple(item.id for item in reversed(apart.values()))
            shared.setdefault(names, []).append(key[0])
    by_id = {item.id: item for item in standing}
    for names, marks in shared.items():
        last = by_id[names[-1]]
        report = isinstance(last, Report)
        listed = ", ".join(f"'{name}'{_where(name, places)}" for name in names[:-1][:NAMED])
        more = f" and {len(names) - 1 - NAMED} more" if len(names) - 1 > NAMED else ""
        yield _fault(
            last,
            places,
            "derived_from" if report else marks[0].split()[-1],
            f"says the same on event '{last.event}' as {listed}{more}, with the same "
            f"{' and '.join(marks)}, and both count in full",
            APART if report else APART_OTHERWISE,
        )


def _marks(item: Item) -> Iterator[tuple[str, ...]]:
    """Yield the keys that an item shares with one that says the same."""
    says = _says(item)
    if says is None:
        return
    citation, text = _address(item.citation), _words(item.text)
    if citation:
        yield "citation", citation, *says
    if text:
        yield "text", text, *says
    if not citation and not text:
        stated = item.model_dump(exclude=SAYS_NOTHING_OF_ITSELF)
        yield "source and date", repr(stated), *says


def _says(item: Item) -> tuple[str, ...] | None:
    """Return what an item says, whoever says it; None if it need not be compared.

    A report with check: 1 is declared independent; one source's counts over one time are a fault,
    and its silences a remark of their own.
    """
    match item:
        case Report() if item.check != 1:
            what = f"{item.claim} {item.is_prediction} {item.onset or ''}"
        case Forecast():
            what = f"{item.probability} {item.speaks_of_instant}"
        case LikelihoodRatio():
            what = f"{item.likelihood_ratio} {item.speaks_of_instant}"
        case Regime():
            what = f"{item.hazard_ratio} {item.span}"
        case Count():
            what = f"{item.counted} {item.window}"
        case _:
            return None
    return item.kind, item.event, what


def _derivations(items: Sequence[Item]) -> dict[str, str]:
    """Return for each item the first of those that it is related to by derivation."""
    head: dict[str, str] = {}

    def top(name: str) -> str:
        while head.get(name, name) != name:
            head[name] = head.get(head[name], head[name])
            name = head[name]
        return name

    ties = [(item.id, of) for item in items if isinstance(item, Report) for of in item.derived_from]
    ties += [(each.id, group[0].id) for group in statements(items) for each in group[1:]]
    for one, other in ties:
        head[top(one)] = top(other)
    return {item.id: top(item.id) for item in items}


def _silent_twice(items: Iterable[Item], places: Mapping[str, Place]) -> Iterator[Fault]:
    for earlier, later in overlaps(Silence, items):
        yield _fault(
            later,
            places,
            "watched_from",
            f"source '{later.source}' is silent on event '{_shared(earlier, later)}' over part of "
            f"the same time in '{earlier.id}'{_where(earlier.id, places)}, and that time counts "
            "twice",
            f"Begin this window after {day_label(earlier.window[1])}, or name '{earlier.id}' in "
            "retracts.",
            str(later.watched_from),
        )


def _shared(one: Silence, other: Silence) -> str:
    """Return the first event of the second that both are about."""
    return next(event for event in other.events if event in one.events)


def _address(text: str) -> str:
    """Return a citation in one form, however its address is written."""
    return _ADDRESS.sub("", _words(text)).rstrip("/?&")


def _words(text: str) -> str:
    """Return a text in one form, however it is typed."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(" .\"'“”‘’«»")
