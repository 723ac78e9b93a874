"""Answers of one posterior, kept: pictures are compared on fixed data, whatever the estimates do.

``python -m tests.plot.kept`` makes them anew, from the example network as of 1 July 2024.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from forecast.evidence import Evidence, Item
from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.network import Network
from tests.contract.repository import ROOT

FILE = Path(__file__).parent / "kept.json"
AS_OF, BY = "2024-07-01", "2024-12-31"
TROOPS, ARMS, JAPAN = "dprk_troops_donetsk", "rok_lethal_exports", "japan_nato_integration"
SENT = "dprk_troops_russia"
SOURCE = "tv_chosun_official"
CURVES = (TROOPS, ARMS, JAPAN)


@dataclass(frozen=True)
class Mean:
    mean: float


class Kept:
    """What pictures ask of a posterior, answered from a file."""

    as_of = datetime(2024, 7, 2, tzinfo=UTC)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        texts = json.loads(FILE.read_text(encoding="utf-8"))
        return {name: read(text) for name, text in texts.items()}

    @cached_property
    def network(self) -> Network:
        return read_network(ROOT / "priors" / "nato_rok.yaml")

    @cached_property
    def evidence(self) -> Evidence:
        return read_evidence(ROOT / "evidence").as_of(AS_OF)

    @cached_property
    def news(self) -> list[Item]:
        """The news of autumn on whether soldiers were sent."""
        return [item for item in read_evidence(ROOT / "evidence") if item.event == SENT]

    @cached_property
    def idata(self) -> xr.DataTree:
        """Draws of one source's rate, seeded: before, and sharper after."""
        rng = np.random.default_rng(1)
        coords = {"source": [SOURCE]}
        groups = {
            group: xr.Dataset(
                {"hit_rate": (("chain", "draw", "source"), rng.beta(*shape, (1, 2_000, 1)))}, coords
            )
            for group, shape in (("prior", (4, 2)), ("posterior", (12, 4)))
        }
        return xr.DataTree.from_dict(groups)

    def probability(self, event: str, *, by: str) -> Mean:
        return Mean(float(self.table(by=[by]).loc[event, (BY, "mean")]))

    def curve(self, event: str, *, dates=None) -> pd.DataFrame:  # noqa: ARG002
        return self.tables[f"curve {event}"]

    def table(self, *, by: list[str]) -> pd.DataFrame:  # noqa: ARG002
        return pd.concat({BY: self.tables["table"]}, axis=1, names=["deadline", "statistic"])

    def explain(self, event: str, *, by: str, order: str) -> pd.DataFrame:  # noqa: ARG002
        return self.tables["explain"]

    def sensitivity(self, event: str, *, by: str) -> pd.DataFrame:  # noqa: ARG002
        return self.tables["sensitivity"]

    def sources(self) -> pd.DataFrame:
        return self.tables["sources"]

    def timeline(self, *, by: str, n: int, events=None) -> pd.DataFrame:  # noqa: ARG002
        return self.tables["timeline"]

    @property
    def history(self) -> pd.DataFrame:
        return self.tables["history"]


def read(text: str) -> pd.DataFrame:
    return pd.read_json(StringIO(text), orient="table")


def written(frame: pd.DataFrame) -> str:
    return frame.to_json(orient="table", double_precision=6, date_format="iso")


def soldiers(network: Network, evidence: Evidence) -> tuple[Network, Evidence]:
    """Return the part of a network that is about soldiers, for histories: quick to estimate."""
    kept = {SENT, TROOPS, "dprk_russia_treaty", "dprk_troops_kursk"}
    part = Network(
        name="soldiers",
        start=network.start,
        horizon=network.horizon,
        events=[event for event in network.events if event.id in kept],
        links=[link for link in network.links if {link.parent, link.child} <= kept],
        source_types=network.source_types,
        sources=network.sources,
    )
    return part, Evidence(item for item in evidence if item.event in kept)


def keep() -> None:
    """Estimate, ask, and write the answers down."""
    from forecast.posterior._update import update  # noqa: PLC0415 - the tests read the file alone

    network = read_network(ROOT / "priors" / "nato_rok.yaml")
    evidence = read_evidence(ROOT / "evidence")
    post = update(network, evidence, as_of=AS_OF, seed=1)
    tables: dict[str, pd.DataFrame] = {f"curve {event}": post.curve(event) for event in CURVES}
    tables["table"] = post.table(by=[BY]).droplevel("deadline", axis=1)
    tables["explain"] = post.explain(TROOPS, by=BY, order="published")
    tables["sensitivity"] = post.sensitivity(TROOPS, by=BY).head(10)
    tables["sources"] = post.sources()
    tables["timeline"] = post.timeline(by=BY, n=8)
    part, items = soldiers(network, evidence)
    said = {}
    for day in pd.date_range("2024-07-01", "2024-11-04", freq="7D"):
        then = update(part, items, as_of=f"{day:%Y-%m-%d}", seed=1)
        chance = then.probability(SENT, by=BY)
        lower, upper = chance.interval()
        said[day] = {"mean": chance.mean, "lower": lower, "upper": upper}
    tables["history"] = pd.DataFrame.from_dict(said, orient="index").rename_axis("as_of")
    texts = {name: written(table) for name, table in tables.items()}
    FILE.write_text(json.dumps(texts, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    keep()
