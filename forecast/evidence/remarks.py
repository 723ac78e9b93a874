"""What is allowed in a record, and probably not meant: items that seem to be one item twice."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forecast.errors import Fault
from forecast.evidence.count import Count
from forecast.evidence.forecast_item import Forecast, replaced
from forecast.evidence.item import Item, Place
from forecast.evidence.likelihood_ratio import LikelihoodRatio
from forecast.evidence.overlaps import overlaps
from forecast.evidence.report import Report
from forecast.evidence.retraction import withdrawn
from forecast.evidence.silence import Silence
from forecast.evidence.statement import statements
from forecast.evidence.watched import Watched
from forecast.network import Network
from forecast.time import day_label

__all__ = ["remarks"]

NAMED = 8
SAYS_NOTHING_OF_ITSELF = {"id", "recorded", "notes", "retracts", "reinstates"}
APART = (
    "Where one repeats the other, name it in derived_from (or name in origin whom both heard), or "
    "leave it out. Where it is a word of its own, write check: 1, or the passage in its citation, "
    "such as URL#p2."
)
APART_OTHERWISE = (
    "Leave one out, or retract it. Where both are meant, tell their passages apart in the "
    "citations, such as URL#p2."
)

_ADDRESS = re.compile(r"^https?://(www\.)?|:443(?=/)|(?<=[?&])utm_[^&#]*&?")


def remarks(
    network: Network, items: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Yield what is allowed in a record, and probably not meant; see `Evidence.remarks`.

    Parameters
    ----------
    network
        The network.
    items
        The whole record, in order.
    places
        Where each item stands, by id.
    """
    fallen = withdrawn(items)
    left = [item for item in items if item.id not in fallen]
    old = replaced(left)
    standing = [item for item in left if item.id not in old]
    yield from _twice(items, standing, places)
    yield from _silent_twice(items, places)
    for item in standing:
        if item.published_instant > network.horizon_instant:
            yield _fault(
                item,
                places,
                "published",
                f"the item was published after the network's horizon ({network.horizon}): no "
                "forecast sees it",
                "Correct the date, or set a later horizon.",
                day_label(item.published_instant),
            )


def _twice(
    items: Sequence[Item], standing: Sequence[Item], places: Mapping[str, Place]
) -> Iterator[Fault]:
    """Yield a remark for each group of items that look like one, none said to repeat another."""
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
            f"{' and '.join(marks)}, and counts in full beside it",
            APART if report else APART_OTHERWISE,
        )


def _marks(item: Item) -> Iterator[tuple[str, ...]]:
    """Yield by what an item is known as the same as another: what it has in common, and says."""
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
    """Return what an item says, whoever says it; None for what cannot count twice unseen.

    A word of its own (check: 1) is said to be none that is repeated; one source's counts over one
    time are a fault, its silences a remark of their own.
    """
    match item:
        case Report() if item.check != 1:
            what = f"{item.claim} {item.is_prediction}"
        case Forecast():
            what = f"{item.probability} {item.speaks_of_instant}"
        case LikelihoodRatio():
            what = f"{item.likelihood_ratio} {item.speaks_of_instant}"
        case Count():
            what = f"{item.counted} {item.window}"
        case _:
            return None
    return item.kind, item.event, what


def _derivations(items: Sequence[Item]) -> dict[str, str]:
    """Return by item the first of those that it is tied to by derivation, directly or not."""
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
            f"source '{later.source}' is silent on event '{later.event}' over part of the same "
            f"time in '{earlier.id}'{_where(earlier.id, places)}, and that time counts twice",
            f"Let this window begin after {_last_day(earlier)}, or name '{earlier.id}' in "
            "retracts.",
            str(later.watched_from),
        )


def _last_day(item: Watched) -> str:
    return day_label(item.window[1])


def _address(text: str) -> str:
    """Return a citation without what tells two ways to write one address apart."""
    return _ADDRESS.sub("", _words(text)).rstrip("/?&")


def _words(text: str) -> str:
    """Return a text without what tells two ways to type it apart."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.split()).strip(" .\"'“”‘’«»")


def _where(name: str, places: Mapping[str, Place]) -> str:
    place = places.get(name, Place())
    return f" ({place.file}:{place.line})" if place.file else ""


def _fault(  # noqa: PLR0917  # one call for each remark
    item: Item,
    places: Mapping[str, Place],
    field: str,
    problem: str,
    remedy: str,
    value: str = "",
) -> Fault:
    place = places.get(item.id, Place())
    return Fault(problem, remedy, place.file, place.line, f"item '{item.id}': {field}", value)
