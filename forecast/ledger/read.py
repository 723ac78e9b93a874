"""Reading: what was said of an event and when, and how it came out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select

from forecast.ledger.connection import Ledger, reading
from forecast.ledger.records import ForecastRecord, Outcome, ResolutionRecord
from forecast.ledger.rows import FORECAST_COLUMNS, forecast_of, forecasts_whole
from forecast.ledger.tables import SEALED, contents, entries, instant, instant_text

__all__ = [
    "Said",
    "Standing",
    "contents_named",
    "items_seen",
    "latest_run",
    "run_said",
    "said",
    "standing",
]

LOOKED_UP_AT_ONCE = 500

_runs, _forecasts = SEALED["runs"], SEALED["forecasts"]
_evidence, _resolutions = SEALED["evidence"], SEALED["resolutions"]


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast, and the run that made it.

    Parameters
    ----------
    entry, key
        The run's place in the ledger and its key.
    network
        The network.
    as_of, made_at
        The knowledge cut-off, and when it was published.
    forced
        Whether the run was kept although its gate failed.
    forecast
        What was said.
    """

    entry: int
    key: str
    network: str
    as_of: datetime
    made_at: datetime
    forced: bool
    forecast: ForecastRecord


@dataclass(frozen=True, slots=True)
class Standing:
    """The last word on an event, and when it was entered."""

    entry: int
    made_at: datetime
    resolution: ResolutionRecord


def said(ledger: Ledger, *, events: Sequence[str] = ()) -> list[Said]:
    """Return every forecast, oldest first; of some events, or of all where none is named."""
    query = _saying()
    if events:
        query = query.where(_forecasts.c.event.in_(list(events)))
    query = query.order_by(_forecasts.c.entry, _forecasts.c.position)
    with reading(ledger) as connection:
        return list(_read(connection.execute(query).all()))


def latest_run(
    ledger: Ledger, network: str, *, before: int | None = None, as_of: datetime | None = None
) -> list[Said]:
    """Return the forecasts of a network's run of the latest cut-off; empty where there is none.

    Of several with one cut-off it is the last that was entered. A past date that is run again does
    not become the latest by being entered last.

    Parameters
    ----------
    ledger, network
        The ledger, and the network's name.
    before
        Only runs that were entered before this entry.
    as_of
        Only runs whose cut-off is at this instant or earlier.
    """
    last = select(_runs.c.entry).where(_runs.c.network == network)
    if before is not None:
        last = last.where(_runs.c.entry < before)
    if as_of is not None:
        last = last.where(_runs.c.as_of <= instant_text(as_of))
    last = last.order_by(_runs.c.as_of.desc(), _runs.c.entry.desc()).limit(1)
    query = _saying().where(_forecasts.c.entry == last.scalar_subquery())
    with reading(ledger) as connection:
        return list(_read(connection.execute(query.order_by(_forecasts.c.position)).all()))


def run_said(ledger: Ledger, entry: int) -> list[Said]:
    """Return the forecasts of one run, in its own order; empty where the entry is no run."""
    query = _saying().where(_forecasts.c.entry == entry).order_by(_forecasts.c.position)
    with reading(ledger) as connection:
        return list(_read(connection.execute(query).all()))


def items_seen(ledger: Ledger, entry: int) -> dict[str, str]:
    """Return the evidence that a run saw: the digest of each item, by id."""
    query = select(_evidence.c.item, _evidence.c.content).where(_evidence.c.entry == entry)
    with reading(ledger) as connection:
        return {row.item: row.content for row in connection.execute(query)}


def contents_named(ledger: Ledger, names: Iterable[str]) -> dict[str, str]:
    """Return the texts of contents, by digest; those that are there."""
    wanted = sorted(set(names))
    found: dict[str, str] = {}
    with reading(ledger) as connection:
        for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
            some = wanted[start : start + LOOKED_UP_AT_ONCE]
            query = select(contents).where(contents.c.sha256.in_(some))
            found |= {row.sha256: row.body for row in connection.execute(query)}
    return found


def standing(ledger: Ledger) -> dict[str, Standing]:
    """Return the last word on each event that has one."""
    query = select(entries.c.made_at, _resolutions).join(
        _resolutions, _resolutions.c.entry == entries.c.seq
    )
    with reading(ledger) as connection:
        rows = connection.execute(query.order_by(entries.c.seq)).all()
    found = {}
    for row in rows:
        outcome: Outcome = row.outcome
        at = None if row.at is None else instant(row.at)
        record = ResolutionRecord(row.event, outcome, at, row.note)
        found[row.event] = Standing(row.entry, instant(row.made_at), record)
    return found


def _saying() -> Select[tuple[object, ...]]:
    made_at = select(entries.c.made_at).where(entries.c.seq == _runs.c.entry).scalar_subquery()
    whole = forecasts_whole().join(_runs, _runs.c.entry == _forecasts.c.entry)
    return select(
        _runs.c.key,
        _runs.c.network,
        _runs.c.as_of,
        _runs.c.forced,
        made_at.label("made_at"),
        *FORECAST_COLUMNS,
    ).select_from(whole)


def _read(rows: Sequence[Row[tuple[object, ...]]]) -> Iterator[Said]:
    for row in rows:
        yield Said(
            entry=row.entry,
            key=row.key,
            network=row.network,
            as_of=instant(row.as_of),
            made_at=instant(row.made_at),
            forced=bool(row.forced),
            forecast=forecast_of(row),
        )
