"""The record: all items, in one order, as of any date."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Self, final

from forecast.errors import ContradictionError, Fault, InputError, did_you_mean
from forecast.evidence._faults import item_faults
from forecast.evidence._forecast_item import Forecast, replaced
from forecast.evidence._item import Clock, Item, Place
from forecast.evidence._moment import cut_off
from forecast.evidence._remarks import remarks
from forecast.evidence._report import Report
from forecast.evidence._retraction import withdrawn
from forecast.evidence._timeline import clashes
from forecast.network import Network
from forecast.network._html_table import html_table
from forecast.time import Day


@final
class Evidence:
    """An immutable record of items, ordered by publication, then by id.

    Two records with the same items are equal, however they were put together. A record as of a date
    holds the items that count then. Retracted items, and forecasts replaced by a newer one of the
    same source on the same event, are set aside: copies still know what they repeat, and a cut at
    an earlier date has them again.

    Parameters
    ----------
    items
        The items, in any order.
    places
        Where each item stands, by id, for messages.

    Raises
    ------
    InputError
        If two items have one id.

    Examples
    --------
    >>> from forecast.evidence import Evidence, Observation
    >>> seen = Observation(id="a", event="pact", published="2024-07-03", state="off")
    >>> len(Evidence([seen]).as_of("2024-07-02"))
    0
    """

    __slots__ = ("_aside", "_by_id", "_items", "_places", "_replaced", "_retracted")

    def __init__(
        self, items: Iterable[Item] = (), *, places: Mapping[str, Place] | None = None
    ) -> None:
        ordered = sorted(map(_item, items), key=lambda item: (item.published_instant, item.id))
        known = places or {}
        self._items = tuple(ordered)
        self._aside: frozenset[str] = frozenset()
        self._retracted: tuple[Item, ...] = ()
        self._replaced: tuple[Forecast, ...] = ()
        self._by_id = {item.id: item for item in ordered}
        self._places = {id_: known[id_] for id_ in self._by_id if id_ in known}
        if len(self._by_id) < len(self._items):
            raise InputError(_twins([(item, known.get(item.id, Place())) for item in ordered]))

    @classmethod
    def placed(cls, items: Iterable[tuple[Item, Place]]) -> Self:
        """Return the record of items with their places.

        Raises
        ------
        InputError
            If two items have one id; names both places.
        """
        pairs = list(items)
        faults = _twins(pairs)
        if faults:
            raise InputError(faults)
        return cls((item for item, _ in pairs), places={item.id: place for item, place in pairs})

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        return self._items

    @property
    def places(self) -> Mapping[str, Place]:
        """Where items that were read from files stand, by id."""
        return MappingProxyType(self._places)

    @property
    def retracted(self) -> tuple[Item, ...]:
        """The items set aside because they were retracted by the date of the cut, in order."""
        return self._retracted

    @property
    def replaced(self) -> tuple[Forecast, ...]:
        """The forecasts set aside because a newer one stood by the date of the cut, in order."""
        return self._replaced

    @property
    def repeated(self) -> tuple[Item, ...]:
        """The retracted items that counting ones repeat, directly or through others.

        Also those that retract these, if they are retracted themselves.
        """
        taking: dict[str, list[str]] = {}
        for item in self._retracted:
            for name in item.retracts:
                taking.setdefault(name, []).append(item.id)
        copies = [item for item in (*self._items, *self._retracted) if isinstance(item, Report)]
        origins = {copy.id: copy.derived_from for copy in copies}
        reached: set[str] = set()
        waiting = [item.id for item in self._items]
        while waiting:
            name = waiting.pop()
            named = {*origins.get(name, ()), *taking.get(name, ())} - reached
            reached |= named
            waiting += named
        return tuple(item for item in self._retracted if item.id in reached)

    def replacements(self) -> dict[str, str]:
        """Return the forecasts that are replaced in the end, each with the newest of its source.

        As of an earlier date each counts until the next is published.
        """
        fallen = withdrawn(tuple(self._by_id.values()))
        return replaced(item for item in self._by_id.values() if item.id not in fallen)

    def as_of(self, instant: Day, known: Clock = "published") -> "Evidence":
        """Return what counted at a date; later items do not change it.

        Parameters
        ----------
        instant
            The cut-off; a date means the end of that day, which is still seen.
        known
            ``"published"``: what the world could read by then; ``"recorded"``: what this
            workspace had on file by then. Retractions count by the same clock.
        """
        cut = cut_off(instant)
        if known not in ("published", "recorded"):
            raise InputError(
                Fault("known must be 'published' or 'recorded'", field="known", value=str(known))
            )
        everything = self._by_id.values()
        visible = Evidence(
            (item for item in everything if item.instant(known) <= cut), places=self._places
        )
        visible._aside = self._aside
        return visible._standing()

    def _standing(self) -> "Evidence":
        """Return this record with what its own items retract set aside."""
        fallen = self._aside.union(withdrawn([i for i in self._items if i.id not in self._aside]))
        left = [i for i in self._items if i.id not in fallen]
        old = replaced(left)
        stands = Evidence(i for i in left if i.id not in old)
        stands._retracted = tuple(i for i in self._items if i.id in fallen)
        stands._replaced = tuple(i for i in left if isinstance(i, Forecast) and i.id in old)
        stands._by_id, stands._places, stands._aside = self._by_id, self._places, self._aside
        return stands

    def without(self, ids: Collection[str]) -> "Evidence":
        """Return this record with some of its items set aside, at any date.

        They retract and replace nothing; copies of them still know what they repeat.
        """
        left = Evidence(self._by_id.values(), places=self._places)
        left._aside = self._aside.union(ids)
        return left._standing()

    def item(self, item_id: str) -> Item:
        """Return one item by its id, whether retracted or not."""
        try:
            return self._by_id[item_id]
        except KeyError:
            remedy = did_you_mean(item_id, self._by_id)
            raise InputError(Fault("unknown item", remedy, value=item_id)) from None

    def check(self, network: Network) -> None:
        """Check every item against a network.

        Raises
        ------
        ContradictionError
            If the only faults are observations that contradict each other or the network.
        InputError
            Otherwise, with every fault: an unknown event, source or origin, a time outside the
            network's period, a publication before its start, a copy older than its origin or of
            another event, a retraction of an unknown or later item, a series counted twice over one
            time, contradictions between items that count in the end.
        """
        by_item = item_faults(network, tuple(self._by_id.values()), self._places)
        faults = [fault for faults in by_item.values() for fault in faults]
        sound = (item for item in self._standing() if item.id not in by_item)
        contradictions = clashes(network, sound, self._places)
        if faults:
            raise InputError([*faults, *contradictions])
        if contradictions:
            raise ContradictionError(contradictions)

    def remarks(self, network: Network, as_of: Day | None = None) -> tuple[Fault, ...]:
        """Return what is allowed but probably not meant, with what to write instead.

        Items on one event that say the same and share their citation or text, without one naming
        the other; silences of one source over one time; items on what is certain anyway; what was
        seen behind a gate that was shut; regimes of events that have happened, and such as multiply
        a rate by more than ten, or by less than a tenth, alone or two together; items that no
        forecast of the network can see. With a cut-off also predictions and decisions whose day has
        passed by then, while nothing says how they came out; opinions of sources that used to speak
        more often; and such as nobody can learn from.

        Parameters
        ----------
        network
            What the items are about.
        as_of
            The cut-off; a date means the end of that day.

        Examples
        --------
        >>> from forecast.evidence import Evidence, LikelihoodRatio
        >>> import forecast as fc
        >>> deal = fc.Event(id="deal", kind="onset", public=False, rate="once in 8 years")
        >>> network = fc.Network(name="n", start="2024-01-01", horizon="2024-12-31", events=[deal])
        >>> row = {"event": "deal", "published": "2024-07-03", "likelihood_ratio": "x2"}
        >>> twice = Evidence([LikelihoodRatio(id=name, **row) for name in ("a", "b")])
        >>> len(twice.remarks(network))
        1
        """
        cut = None if as_of is None else cut_off(as_of)
        return tuple(remarks(network, tuple(self._by_id.values()), self._places, cut))

    def __add__(self, other: "Evidence") -> "Evidence":
        """Return the record of both, which must not share an id."""
        if not isinstance(other, Evidence):
            return NotImplemented
        pairs = [(item, r.places.get(item.id, Place())) for r in (self, other) for item in r]
        return Evidence.placed(pairs)

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items, in order."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold the same items."""
        return isinstance(other, Evidence) and self._items == other._items

    def __hash__(self) -> int:
        """Return a hash of the items' ids and times."""
        return hash(tuple((item.id, item.published_instant) for item in self._items))

    def _repr_html_(self) -> str:
        """Return a table of the items, for notebooks."""
        columns = ["published", "item", "event", "says", "text"]
        rows = ([str(i.published), i.id, _about(i), _says(i), i.text] for i in self._items)
        return html_table(repr(self), columns, rows)

    def __repr__(self) -> str:
        """Return the number of items and the days they span."""
        if not self._items:
            return "Evidence(0 items)"
        first, last = self._items[0].published, self._items[-1].published
        return f"Evidence({len(self)} items, published {first} to {last})"


def _item(given: object) -> Item:
    if not isinstance(given, Item):
        remedy = "Make it one, such as forecast.Report(…), or read a file of them."
        raise InputError(Fault("this is not an item of evidence", remedy, value=str(given)))
    return given


def _about(item: Item) -> str:
    return ", ".join(item.events)


def _says(item: Item) -> str:
    """Return in a few words who says what."""
    source = getattr(item, "source", None)
    return f"{source}: {item.words()}" if source else item.words()


def _twins(pairs: Iterable[tuple[Item, Place]]) -> list[Fault]:
    """Return a fault for each item whose id is taken."""
    first: dict[str, Place] = {}
    faults = []
    for item, place in pairs:
        if item.id not in first:
            first[item.id] = place
            continue
        before = first[item.id]
        where = f" in {before}" if before.file else ""
        faults.append(
            Fault(
                f"another item{where} has the same id",
                "Ids are unique over all evidence: rename one, or remove it if it is the same.",
                file=place.file,
                line=place.line,
                field="id",
                value=item.id,
            )
        )
    return faults
