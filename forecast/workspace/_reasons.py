"""Why a forecast is what it is, worked out for readers: what moved it, what it leans on, what next.

`forecast.workspace._kept_reasons` keeps what is worked out here.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from forecast.decimals import reaches
from forecast.errors import ForecastError
from forecast.evidence import Report
from forecast.network._as_stated import has_pace
from forecast.probability import CLEAR, TIME
from forecast.report._content import Figure, Lean, OddsStep, Reasons, Watch

if TYPE_CHECKING:
    import pandas as pd

    from forecast.network import Network
    from forecast.posterior import Posterior


QUARTER = timedelta(days=90)
SOON = timedelta(days=14)
"""How long after the cut-off the news to watch for comes."""

MOST, MOST_LEANS = 5, 3
"""Pieces of news to watch, and numbers that a forecast leans on, that are shown."""

PARTS = ("moved", "leans", "watch")
"""Of the reasons for a forecast; each has a note where it cannot be told."""

TOLD_BY_ITEMS = {"kind", "event", "published", "text"}
"""Columns of an explanation that follow from its items."""

LEAST_CHANGE = 0.0005
"""Of a probability: news that would move it less is not worth a line."""

LEAST_SHARE = 0.05
"""Of a forecast's variance: a number that goes with less is not worth a line."""

SURE = 4.0
"""How many of its standard errors a share must come to: of a hundred numbers, draws of heavy tails
make some look as if they mattered."""


NOTHING_TO_WATCH = (
    "No single piece of news nearby would move it noticeably, and beyond sampling error."
)

NUMBERS = {
    "base_rate": "base rate of",
    "off_rate": "rate of ending of",
    "initial_probability": "chance at the start of",
    "extra_rate": "extra rate:",
    "hazard_ratio": "hazard ratio:",
    "odds_ratio": "odds ratio:",
    "outcome_weight": "chance of",
    "delay": "delay:",
    "likelihood_ratio": "likelihood ratio of",
    "regime_ratio": "hazard ratio of",
}
"""What stands before the name of a number that is no source's."""


def deadline_of_reasons(as_of: datetime, deadlines: Sequence[datetime]) -> datetime:
    """Return the deadline that reasons are of, unless another is asked for.

    It is the run's first that lies a quarter ahead or more, else its last.
    """
    ordered = sorted(deadlines)
    return next((by for by in ordered if by - as_of >= QUARTER), ordered[-1])


def worked_out(
    post: "Posterior",
    event: str,
    by: datetime,
    steps: "pd.DataFrame | None" = None,
    shares: "pd.DataFrame | None" = None,
) -> Reasons:
    """Return the reasons for a forecast; each part that cannot be told says why.

    `steps` are those of `Posterior.explain_all`, and `shares` those of `Posterior.shares_all`,
    where these have been asked before.
    """
    notes: dict[str, str] = {}
    moved: tuple[OddsStep, ...] = ()
    figures: dict[str, tuple[Figure, ...]] = {}
    leans: tuple[Lean, ...] = ()
    watch: tuple[Watch, ...] = ()
    try:
        if steps is None:
            steps = post.explain(event, by=by, order="published")
        moved, figures = steps_of(steps)
    except ForecastError as error:
        notes["moved"] = note_of(error)
    try:
        leans = _leans(post, post.shares(event, by=by) if shares is None else shares)
        if not leans:
            notes["leans"] = "On no single number: none goes with a telling part of its spread."
    except ForecastError as error:
        notes["leans"] = note_of(error)
    try:
        watch = _watch(post, event, by)
        if not watch:
            notes["watch"] = NOTHING_TO_WATCH
    except ForecastError as error:
        notes["watch"] = note_of(error)
    if "moved" in notes and not (leans or watch):  # what is settled has no reasons at all
        notes = dict.fromkeys(PARTS, notes["moved"])
    return Reasons(by, moved, leans, watch, notes, figures)


def settled(event: str, by: datetime) -> Reasons:
    """Return the reasons for a forecast that is certain: there are none."""
    from forecast.posterior._levels import nothing_left  # noqa: PLC0415  it takes seconds

    return Reasons(by, notes=dict.fromkeys(PARTS, note_of(nothing_left(event))))


def note_of(error: ForecastError) -> str:
    """Return why a part cannot be told, as a sentence; a path at its start stays as it is."""
    words = str(error).removesuffix(".")
    first = words.split(" ", 1)[0]
    return f"{words}." if "/" in first or "." in first else f"{words[:1].upper()}{words[1:]}."


def steps_of(table: "pd.DataFrame") -> tuple[tuple[OddsStep, ...], dict[str, tuple[Figure, ...]]]:
    """Return what moved a forecast: the steps, copies with their origin; and all figures by item.

    Parameters
    ----------
    table
        As `Posterior.explain` or `Posterior.explain_change` gives it.
    """
    from forecast.posterior._explain import waterfall  # noqa: PLC0415  it takes seconds

    steps = waterfall(table)
    steps["points"] = _points(table).groupby(table["cluster"], sort=False).sum()
    names = ("in_order", "probability", "points", "copies", "in_order_mcse")
    columns = (steps[name].tolist() for name in names)
    moved = tuple(
        OddsStep(str(item), *row) for item, *row in zip(steps.index, *columns, strict=True)
    )
    figures = {str(name): table[name] for name in table if name not in TOLD_BY_ITEMS}
    return moved, {
        "item": tuple(map(str, table.index)),
        **{name: tuple(map(_figure, column.tolist())) for name, column in figures.items()},
    }


def _points(table: "pd.DataFrame") -> "pd.Series[float]":
    """Return what each row added to the probability: of the first row all of it."""
    level = table["probability"]
    moved = level - table["before"]
    rest = moved.drop([level.index[0], TIME]).sum()
    moved[TIME] = level.iloc[-1] - level.iloc[0] - rest
    moved.iloc[0] = level.iloc[0]
    return moved


def _figure(value: object) -> Figure:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def _leans(post: "Posterior", table: "pd.DataFrame") -> tuple[Lean, ...]:
    telling = (table["share"] >= LEAST_SHARE) & (table["share"] >= SURE * table["share_mcse"])
    table = table[telling][:MOST_LEANS]
    columns = (table[name].tolist() for name in ("share", "low", "high"))
    return tuple(
        Lean(number_words(post.network, *names), *row, *names)
        for names, *row in zip(table.index, *columns, strict=True)
    )


def _watch(post: "Posterior", event: str, by: datetime) -> tuple[Watch, ...]:
    """Return the news that would tell most, one row for each event that it could be of.

    The event and those linked to it are looked at: of a public event that it is seen, of another
    the source that would tell most, among those that have spoken of it where any have.
    """
    from forecast.posterior._information import OBSERVED  # noqa: PLC0415

    network, near = post.network, {event}
    links = [(link.parent, child) for link in network.links for child in network.children(link)]
    for ends in (*links, *((gate.parent, gate.child) for gate in network.gates)):
        if event in ends:
            near.update(ends)
    around = [each.id for each in network.nodes if each.id in near]
    at = min(post.as_of + SOON, by)
    table = post.value_of_information(event, by=by, at=at, events=around)
    public = {each.id for each in network.nodes if each.public}
    seen = table["source"] == OBSERVED
    table = table[(seen == table["event"].isin(public)) & ~(seen & table["event"].eq(event))]
    spoken = {(item.source, item.event) for item in post.evidence if isinstance(item, Report)}
    heard = {told for _, told in spoken}
    rows = zip(table["source"].tolist(), table["event"].tolist(), strict=True)
    near_enough = [row[0] == OBSERVED or row[1] not in heard or row in spoken for row in rows]
    table = table[np.array(near_enough, dtype=bool)]
    table = table.drop_duplicates("event")
    change, clear = table["change"], CLEAR * table["change_mcse"]
    table = table[reaches(change, LEAST_CHANGE) & reaches(change, clear)][:MOST]
    events = {each.id: each.title or each.id for each in network.nodes}
    sources = {each.id: each.title or each.id for each in network.sources}
    names = [
        (sources.get(source, ""), events[told])
        for source, told in zip(table["source"].tolist(), table["event"].tolist(), strict=True)
    ]
    told = ("says_on", "if_on", "if_off", "change")
    figures = (table[name].tolist() for name in (*told, *(f"{name}_mcse" for name in told)))
    return tuple(Watch(*who, *row) for who, *row in zip(names, *figures, strict=True))


def number_words(network: "Network", parameter: str, label: str) -> str:
    """Return an uncertain number in words: its group, and its place there, as in the posterior."""
    titles = {each.id: each.title or each.id for each in (*network.events, *network.nodes)}
    links = {link.id: f"{titles[link.parent]} → {titles[link.child]}" for link in network.links}
    sources = {each.id: each.title or each.id for each in network.sources}
    kinds = {each.id: each.title or each.id for each in network.source_types}
    for fact in network.hidden_facts:
        if fact.name == label:
            return f"chance that “{titles[fact.event]}” ever comes"
    head = NUMBERS.get(parameter)
    if parameter == "base_rate" and label in titles and has_pace(network.event(label)):
        head = "pace of"
    if head is not None:
        title = f"“{titles[label]}”" if label in titles else ""
        return f"{head} {title or links.get(label) or label}"
    rate = parameter.removeprefix("type_").replace("_", " ")
    if parameter.startswith("type_"):
        return f"{rate} of sources of the type {kinds.get(label, label)}"
    return f"{rate} of {sources.get(label, label)}"
