"""A network as JSON, which gives the same network again."""

import json

from forecast.network._base import Model
from forecast.network._event import Event
from forecast.network._link import Link
from forecast.network._network import Network
from forecast.network._source import Source, SourceType
from forecast.network._units import Unit

PARTS: dict[str, type[Model]] = {
    "events": Event,
    "links": Link,
    "source_types": SourceType,
    "sources": Source,
    "units": Unit,
}


def network_from_json(text: str) -> Network:
    """Return the network that `Network.model_dump_json` wrote.

    Raises
    ------
    ValueError
        If this version has other fields.
    """
    fields = json.loads(text)
    for name, kind in PARTS.items():
        stated = fields.get(name, [])
        fields[name] = tuple(kind.model_validate_json(json.dumps(each)) for each in stated)
    return Network(**fields)
