"""What events, sources, links and parameters are called in pictures."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecast.network import Network
    from forecast.posterior import Posterior

__all__ = ["event_title", "parameter_title", "source_title"]

RATES = {
    "base_rate": "Base rate",
    "off_rate": "Rate of ending",
    "initial_probability": "Chance at the start",
}


def event_title(network: "Network", event: str) -> str:
    """Return the title of an event, or its id where it has none."""
    return network.event(event).title or event


def source_title(network: "Network", source: str) -> str:
    """Return the title of a source or of a type of sources, or its id where it has none."""
    titles = {one.id: one.title for one in network.source_types}
    titles |= {one.id: one.title for one in network.sources}
    return titles.get(source) or source


def parameter_title(post: "Posterior", parameter: str, label: str) -> str:
    """Return what a parameter of a posterior is, in words."""
    network = post.network
    if parameter == "likelihood_ratio":
        return f"Likelihood ratio: {post.evidence.item(label).text or label}"
    what = RATES.get(parameter, parameter.removeprefix("type_").replace("_", " ").capitalize())
    link = next((one for one in network.links if one.id == label), None)
    if link is not None:
        ends = (event_title(network, end) for end in (link.parent, link.child))
        return f"{what}: {' → '.join(ends)}"
    if any(event.id == label for event in network.events):
        return f"{what}: {event_title(network, label)}"
    return f"{what}: {source_title(network, label)}"
