"""What a shell offers for the word that is being typed: names of networks, events, questions."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from forecast.network import Network


def networks(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Offer names of networks."""
    return _begun((network.name for network in _networks(context)), begun)


def events(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Offer names of events and their parts, and ids of questions."""
    from forecast.workspace._contents import scan_asked  # noqa: PLC0415

    names = [event.id for network in _networks(context) for event in network.nodes]
    return _begun([*names, *(each.id for each in scan_asked(_folder(context))[0])], begun)


def _networks(context: click.Context) -> "Iterable[Network]":
    from forecast.workspace._by_name import networks_in  # noqa: PLC0415

    return networks_in(_folder(context)).values()


def _folder(context: click.Context) -> Path:
    return Path(context.params.get("folder") or ".")


def _begun(names: Iterable[str], begun: str) -> list[str]:
    return sorted({name for name in names if name.startswith(begun)})
