"""Items of evidence as readers are told them: by title, in words."""

from collections.abc import Iterable

from forecast.evidence import Forecast, Item
from forecast.network import Network
from forecast.report._content import NamedItem


def named_items(network: Network, items: Iterable[Item]) -> dict[str, NamedItem]:
    """Return items as the page and the command line tell them, by id."""
    sources = {each.id: each.title or each.id for each in network.sources}
    return {item.id: _named(item, sources) for item in items}


def _named(item: Item, sources: dict[str, str]) -> NamedItem:
    source = getattr(item, "source", None)
    return NamedItem(
        id=item.id,
        event=item.event,
        published=item.published_instant,
        kind=item.kind.replace("_", " "),
        source="" if source is None else sources.get(source, source),
        claim=item.words(),
        text=item.text,
        citation=item.citation,
        more_events=item.events[1:],
        probability=item.probability if isinstance(item, Forecast) else None,
        deadline=item.speaks_of_instant if isinstance(item, Forecast) else None,
    )
