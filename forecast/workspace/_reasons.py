"""Why a run's forecasts are what they are, worked out from its draws once and kept beside them.

It takes a second or so an event, which the nightly estimate need not wait for: the report asks for
it, and the next report of the same run reads it back. It follows from the draws alone, so the file
is a convenience and no part of what was said: it may be deleted, and the ledger does not name it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from forecast.decimals import reaches
from forecast.errors import ForecastError, QueryError
from forecast.files._text_file import replacing
from forecast.report._content import Lean, OddsStep, Reasons, Watch
from forecast.workspace._work import Step, Tell

if TYPE_CHECKING:
    from forecast.network import Network
    from forecast.posterior import Posterior


QUARTER = timedelta(days=90)
SOON = timedelta(days=14)
"""How long after the cut-off the news to watch for comes."""

MOST = 5
"""Numbers and pieces of news that are shown."""

LEAST_CHANGE = 0.0005
"""Of a probability: news that would move it less is not worth a line."""

LEAST_SHARE = 0.05
"""Of a forecast's variance: a number that goes with less is not worth a line."""

SURE = 4.0
"""How many of its standard errors a share must come to: of a hundred numbers, draws of heavy tails
make some look as if they mattered."""


NUMBERS = {
    "base_rate": "base rate of",
    "off_rate": "rate of ending of",
    "initial_probability": "chance at the start of",
    "extra_rate": "extra rate:",
    "hazard_ratio": "hazard ratio:",
    "delay": "delay:",
    "likelihood_ratio": "likelihood ratio of",
}
"""What stands before the name of a number that is no source's."""


class _Kept(BaseModel):
    """What the file holds; `posterior` and `library` are what it was made from and by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[2] = 2
    posterior: str
    library: str
    by: datetime
    events: dict[str, Reasons]


def deadline_of_reasons(as_of: datetime, deadlines: Sequence[datetime]) -> datetime:
    """Return the deadline that reasons are of, unless another is asked for.

    It is the run's first that lies a quarter ahead or more, else its last.
    """
    ordered = sorted(deadlines)
    return next((by for by in ordered if by - as_of >= QUARTER), ordered[-1])


def reasons_of(
    open_events: Sequence[str],
    by: datetime,
    *,
    digest: str,
    file: Path,
    posterior: "Callable[[], Posterior | str]",
    tell: Tell,
) -> dict[str, Reasons]:
    """Return the reasons for a run's forecasts of events that are not settled, by a deadline.

    They are read from `file` where it is of these draws (`digest`) and this version, else worked
    out from what `posterior` gives, which may say why there is none, and kept there.
    """
    kept = _read(file)
    if (
        kept is not None
        and (kept.posterior, kept.library, kept.by) == (digest, version("eventcast"), by)
        and set(open_events) <= set(kept.events)
    ):
        return kept.events
    post = posterior()
    if isinstance(post, str):
        note = f"Not told: {post}."
        return {event: _untold(by, note) for event in open_events}
    found = _worked_out(post, open_events, by, tell)
    made = _Kept(posterior=digest, library=version("eventcast"), by=by, events=found)
    try:
        with replacing(file) as temporary:
            temporary.write_text(made.model_dump_json() + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{file}: the reasons cannot be kept: {error.strerror or error}"
        raise ForecastError(msg) from error
    return found


def _read(file: Path) -> _Kept | None:
    """Return what was kept; None where nothing is, or it cannot be read and is to be made anew."""
    try:
        return _Kept.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def _untold(by: datetime, note: str) -> Reasons:
    return Reasons(by, notes=dict.fromkeys(("moved", "leans", "watch"), note))


def _worked_out(
    post: "Posterior", events: Sequence[str], by: datetime, tell: Tell
) -> dict[str, Reasons]:
    found = {}
    for n, event in enumerate(events):
        tell(Step(n, len(events), f"explaining {event}"))
        found[event] = _reasons(post, event, by)
    return found


def _reasons(post: "Posterior", event: str, by: datetime) -> Reasons:
    notes: dict[str, str] = {}
    moved: tuple[OddsStep, ...] = ()
    watch: tuple[Watch, ...] = ()
    try:
        moved = _moved(post, event, by)
    except QueryError as error:
        notes["moved"] = _note(error)
    leans = _leans(post, event, by)
    if not leans:
        notes["leans"] = "On no single number: none goes with a telling part of its spread."
    try:
        watch = _watch(post, event, by)
        if not watch:
            notes["watch"] = "No single piece of news nearby would move it noticeably."
    except QueryError as error:
        notes["watch"] = _note(error)
    return Reasons(by, moved, leans, watch, notes)


def _note(error: QueryError) -> str:
    words = str(error)
    return words[:1].upper() + words[1:] + "."


def _moved(post: "Posterior", event: str, by: datetime) -> tuple[OddsStep, ...]:
    from forecast.posterior._explain import waterfall  # noqa: PLC0415  it takes seconds

    table = waterfall(post.explain(event, by=by, order="published"))
    columns = (table[name].tolist() for name in ("in_order", "probability", "copies"))
    return tuple(
        OddsStep(str(item), *row) for item, *row in zip(table.index, *columns, strict=True)
    )


def _leans(post: "Posterior", event: str, by: datetime) -> tuple[Lean, ...]:
    table = post.shares(event, by=by)
    telling = (table["share"] >= LEAST_SHARE) & (table["share"] >= SURE * table["share_mcse"])
    table = table[telling][:MOST]
    columns = (table[name].tolist() for name in ("share", "low", "high"))
    return tuple(
        Lean(number_words(post.network, *names), *row)
        for names, *row in zip(table.index, *columns, strict=True)
    )


def _watch(post: "Posterior", event: str, by: datetime) -> tuple[Watch, ...]:
    """Return the news that would tell most, one row for each event that it could be of.

    The event and those linked to it are looked at: of a public event that it is seen, of another
    the source that would tell most.
    """
    from forecast.posterior._information import OBSERVED  # noqa: PLC0415

    network, near = post.network, {event}
    for link in network.links:
        if event in {link.parent, link.child}:
            near |= {link.parent, link.child}
    around = [each.id for each in network.events if each.id in near]
    at = min(post.as_of + SOON, by)
    table = post.value_of_information(event, by=by, at=at, events=around)
    public = {each.id for each in network.events if each.public}
    seen = table["source"] == OBSERVED
    table = table[(seen == table["event"].isin(public)) & ~(seen & table["event"].eq(event))]
    table = table.drop_duplicates("event")
    table = table[reaches(table["change"], LEAST_CHANGE)][:MOST]
    events = {each.id: each.title or each.id for each in network.events}
    sources = {each.id: each.title or each.id for each in network.sources}
    names = [
        (sources.get(source, ""), events[told])
        for source, told in zip(table["source"].tolist(), table["event"].tolist(), strict=True)
    ]
    figures = (table[name].tolist() for name in ("says_on", "if_on", "if_off", "change"))
    return tuple(Watch(*who, *row) for who, *row in zip(names, *figures, strict=True))


def number_words(network: "Network", parameter: str, label: str) -> str:
    """Return an uncertain number in words: its group, and its place there, as in the posterior."""
    titles = {each.id: each.title or each.id for each in network.events}
    links = {link.id: f"{titles[link.parent]} → {titles[link.child]}" for link in network.links}
    sources = {each.id: each.title or each.id for each in network.sources}
    kinds = {each.id: each.title or each.id for each in network.source_types}
    head = NUMBERS.get(parameter)
    if head is not None:
        return f"{head} {titles.get(label) or links.get(label) or label}"
    rate = parameter.removeprefix("type_").replace("_", " ")
    if parameter.startswith("type_"):
        return f"{rate} of sources of the type {kinds.get(label, label)}"
    return f"{rate} of {sources.get(label, label)}"
