"""Reading: runs and what each was made from, what was said of an event, and how it came out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Select, and_, func, select

from forecast.errors import LedgerError
from forecast.ledger._clock import clock_remarks
from forecast.ledger._connection import Ledger, reading
from forecast.ledger._records import (
    ArtifactRecord,
    Entry,
    ForecastRecord,
    ItemRecord,
    Outcome,
    ResolutionRecord,
    RunRecord,
)
from forecast.ledger._tables import (
    LOOKED_UP_AT_ONCE,
    SEALED,
    contents,
    entries,
    entry_of,
    instant,
    instant_text,
)

A_DAY = timedelta(days=1)
"""What is asked for as of today is as of its end."""

_runs, _forecasts, _errors = SEALED["runs"], SEALED["forecasts"], SEALED["interval_errors"]
_evidence, _resolutions = SEALED["evidence"], SEALED["resolutions"]
_FORECAST = (*_forecasts.columns, _errors.c.lower_mcse, _errors.c.upper_mcse)
"""All that makes a forecast, from `_forecasts_whole`."""


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run in the ledger.

    Parameters
    ----------
    entry, key
        Its place in the ledger, and its key.
    network
        The network's name.
    as_of, made_at
        The knowledge cut-off, and when it was published: where the machine's clock was put back or
        forward, not earlier than the entries before it (see `forecast.ledger._clock`).
    forced
        Whether it was kept although its gate failed.
    ahead
        Whether its cut-off had not come when it was made, as a later entry says of the clock: it
        was asked for a day that the clock made up.
    """

    entry: int
    key: str
    network: str
    as_of: datetime
    made_at: datetime
    forced: bool
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a run was made from.

    Parameters
    ----------
    network
        The network as canonical JSON.
    items
        Each item of evidence that it saw as canonical JSON, by id.
    settings, gate
        As JSON.
    files
        The digest of each of its files, by path.
    """

    network: str
    items: dict[str, str]
    settings: str
    gate: str
    files: dict[str, str]

    @classmethod
    def of(cls, run: RunRecord) -> "RunInputs":
        """Return what a run was made from."""
        return cls(
            network=run.network_body,
            items={item.item: item.body for item in run.evidence},
            settings=run.settings,
            gate=run.gate,
            files={file.path: file.sha256 for file in run.artifacts},
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A forecast, and the run that made it: its fields are those of `RunHead`.

    Parameters
    ----------
    entry, key, network, as_of, made_at, forced
        The run.
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
class Origin:
    """What a run was made from but for its cut-off, in short: to tell whether two are alike.

    Parameters
    ----------
    network
        The digest of the network.
    settings
        As JSON.
    items, versions
        Each item of evidence with its digest; each package with its version.
    """

    network: str
    settings: str
    items: frozenset[tuple[str, str]]
    versions: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A word on an event, as a rule the last, and when it was entered."""

    entry: int
    made_at: datetime
    resolution: ResolutionRecord


def run_heads(ledger: Ledger) -> list[RunHead]:
    """Return every run, oldest first."""
    query = select(_runs, entries.c.made_at).join(entries, entries.c.seq == _runs.c.entry)
    with reading(ledger) as connection:
        rows = connection.execute(query.order_by(_runs.c.entry)).all()
        readings = ledger.readings.of(connection)
        counted, wrong = readings.counted(), readings.wrong()
    heads = (RunHead(**_head(row, counted)) for row in rows)
    return [
        replace(head, ahead=head.entry in wrong and head.as_of > head.made_at + A_DAY)
        for head in heads
    ]


def run_inputs(ledger: Ledger, entry: int) -> RunInputs:
    """Return what a run was made from; the entry is that of a run."""
    return RunInputs.of(read_run(ledger, entry)[1])


def read_run(ledger: Ledger, entry: int) -> tuple[Entry, RunRecord]:
    """Return a run's entry and its record, equal to the one that was published.

    Parameters
    ----------
    ledger
        The ledger.
    entry
        The run's place.

    Raises
    ------
    LedgerError
        If there is no run at this place, or the ledger cannot be read.
    """
    head = (
        select(entries, _runs, contents.c.body)
        .join(_runs, _runs.c.entry == entries.c.seq)
        .join(contents, contents.c.sha256 == _runs.c.network_content)
        .where(entries.c.seq == entry)
    )
    bodies = (
        select(_evidence.c.item, contents.c.body)
        .join(contents, contents.c.sha256 == _evidence.c.content)
        .where(_evidence.c.entry == entry)
        .order_by(_evidence.c.position)
    )
    told = (
        select(*_FORECAST)
        .select_from(_forecasts_whole())
        .where(_forecasts.c.entry == entry)
        .order_by(_forecasts.c.position)
    )
    with reading(ledger) as connection:
        row = connection.execute(head).one_or_none()
        if row is None:
            msg = f"the ledger has no run at place {entry}"
            raise LedgerError(msg)
        record = RunRecord(
            key=row.key,
            network=row.network,
            network_body=row.body,
            as_of=instant(row.as_of),
            settings=row.settings,
            gate=row.gate,
            forced=bool(row.forced),
            forecasts=tuple(map(_forecast_of, connection.execute(told))),
            evidence=tuple(ItemRecord(*each) for each in connection.execute(bodies)),
            artifacts=tuple(
                ArtifactRecord(each.path, each.sha256, each.bytes)
                for each in _rows(connection, "artifacts", entry)
            ),
            versions={each.package: each.version for each in _rows(connection, "versions", entry)},
        )
    return entry_of(row), record


def said(ledger: Ledger, *, events: Sequence[str] = ()) -> list[Said]:
    """Return every forecast, oldest first; of some events, or of all where none is named."""
    query = _saying()
    if events:
        query = query.where(_forecasts.c.event.in_(list(events)))
    return _said(ledger, query)


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
    return _said(ledger, _saying().where(_forecasts.c.entry == last.scalar_subquery()))


def run_said(ledger: Ledger, entry: int) -> list[Said]:
    """Return the forecasts of one run, in its own order; empty where the entry is no run."""
    return _said(ledger, _saying().where(_forecasts.c.entry == entry))


def last_head(ledger: Ledger) -> str:
    """Return the last entry's place and digest, ``"SEQ:DIGEST"``; empty where there is none."""
    query = select(entries).order_by(entries.c.seq.desc()).limit(1)
    with reading(ledger) as connection:
        row = connection.execute(query).one_or_none()
    return "" if row is None else entry_of(row).head


def holds(ledger: Ledger, head: str) -> bool:
    """Return whether an entry of this place and digest is in the chain."""
    seq, _, digest = head.partition(":")
    query = select(entries.c.digest).where(entries.c.seq == int(seq))
    with reading(ledger) as connection:
        return connection.scalar(query) == digest


def items_seen(ledger: Ledger, entry: int) -> dict[str, str]:
    """Return the evidence that a run saw: the digest of each item, by id."""
    query = select(_evidence.c.item, _evidence.c.content).where(_evidence.c.entry == entry)
    with reading(ledger) as connection:
        return {row.item: row.content for row in connection.execute(query)}


def origins_of(ledger: Ledger, runs: Iterable[int]) -> dict[int, Origin]:
    """Return what some runs were made from but for their cut-offs, by entry."""
    seen: dict[int, set[tuple[str, str]]] = {}
    used: dict[int, set[tuple[str, str]]] = {}
    heads: dict[int, tuple[str, str]] = {}
    versions = SEALED["versions"]
    with reading(ledger) as connection:
        for some in batched(sorted(runs), LOOKED_UP_AT_ONCE):
            columns = (_runs.c.entry, _runs.c.network_content, _runs.c.settings)
            for entry, network, settings in connection.execute(
                select(*columns).where(_runs.c.entry.in_(some))
            ):
                heads[entry] = network, settings
            for found, table in ((seen, _evidence), (used, versions)):
                first, second = list(table.c)[2:4]
                rows = select(table.c.entry, first, second).where(table.c.entry.in_(some))
                for entry, name, value in connection.execute(rows):
                    found.setdefault(entry, set()).add((name, value))
    return {
        entry: Origin(*head, frozenset(seen.get(entry, ())), frozenset(used.get(entry, ())))
        for entry, head in heads.items()
    }


def first_told(ledger: Ledger, events: Collection[str]) -> dict[tuple[str, str, datetime], int]:
    """Return the first run of each network that forecast events, by network, event and deadline."""
    told = (_runs.c.network, _forecasts.c.event, _forecasts.c.deadline)
    found: dict[tuple[str, str, datetime], int] = {}
    with reading(ledger) as connection:
        for some in batched(sorted(events), LOOKED_UP_AT_ONCE):
            query = (
                select(*told, func.min(_forecasts.c.entry).label("entry"))
                .join(_runs, _runs.c.entry == _forecasts.c.entry)
                .where(_forecasts.c.event.in_(some))
                .group_by(*told)
            )
            for row in connection.execute(query):
                found[row.network, row.event, instant(row.deadline)] = row.entry
    return found


def first_seen(ledger: Ledger, items: Iterable[str]) -> dict[str, int]:
    """Return the first run that saw each of some items, by the item's id; none for those unseen."""
    found: dict[str, int] = {}
    with reading(ledger) as connection:
        for some in batched(sorted(set(items)), LOOKED_UP_AT_ONCE):
            query = (
                select(_evidence.c.item, func.min(_evidence.c.entry).label("entry"))
                .where(_evidence.c.item.in_(some))
                .group_by(_evidence.c.item)
            )
            found |= {row.item: row.entry for row in connection.execute(query)}
    return found


def contents_named(ledger: Ledger, names: Iterable[str]) -> dict[str, str]:
    """Return the texts of contents, by digest; those that are there."""
    found: dict[str, str] = {}
    with reading(ledger) as connection:
        for some in batched(sorted(set(names)), LOOKED_UP_AT_ONCE):
            query = select(contents).where(contents.c.sha256.in_(some))
            found |= {row.sha256: row.body for row in connection.execute(query)}
    return found


def standing(ledger: Ledger) -> dict[str, Standing]:
    """Return the last word on each event or question that has one."""
    return {name: words[-1] for name, words in every_word(ledger).items()}


def all_words(
    ledger: Ledger, *, until: datetime | None = None
) -> dict[str, list[ResolutionRecord]]:
    """Return all that was said of each event or question, in the order of the entries.

    All that ever was, or what had been entered `until` an instant.
    """
    return {
        name: [word.resolution for word in said]
        for name, said in every_word(ledger, until=until).items()
    }


def every_word(ledger: Ledger, *, until: datetime | None = None) -> dict[str, list[Standing]]:
    """Return all that was said of each event or question and when, in the order of the entries.

    All that ever was, or what had been entered `until` an instant. What was said before an event or
    a question was reopened is taken back, and left out.
    """
    query = select(entries.c.made_at, _resolutions).join(
        _resolutions, _resolutions.c.entry == entries.c.seq
    )
    with reading(ledger) as connection:
        rows = connection.execute(query.order_by(entries.c.seq)).all()
        counted = ledger.readings.of(connection).counted()
    found: dict[str, list[Standing]] = {}
    for row in rows:
        outcome: Outcome = row.outcome
        at = None if row.at is None else instant(row.at)
        record = ResolutionRecord(row.event, outcome, at, row.note)
        word = Standing(row.entry, _made(row, counted), record)
        if until is not None and word.made_at > until:
            continue
        if outcome == "reopened":
            found.pop(row.event, None)
        else:
            found.setdefault(row.event, []).append(word)
    return found


def _saying() -> Select[tuple[object, ...]]:
    made_at = select(entries.c.made_at).where(entries.c.seq == _runs.c.entry).scalar_subquery()
    whole = _forecasts_whole().join(_runs, _runs.c.entry == _forecasts.c.entry)
    head = (_runs.c.key, _runs.c.network, _runs.c.as_of, _runs.c.forced, made_at.label("made_at"))
    return select(*head, *_FORECAST).select_from(whole)


def _forecasts_whole() -> FromClause:
    """Return the table of forecasts with their errors; without, where none were kept."""
    same = and_(_errors.c.entry == _forecasts.c.entry, _errors.c.position == _forecasts.c.position)
    return _forecasts.outerjoin(_errors, same)


def _said(ledger: Ledger, query: Select[tuple[object, ...]]) -> list[Said]:
    with reading(ledger) as connection:
        ordered = query.order_by(_forecasts.c.entry, _forecasts.c.position)
        rows = connection.execute(ordered).all()
        counted = ledger.readings.of(connection).counted()
    return [Said(**_head(row, counted), forecast=_forecast_of(row)) for row in rows]


def clock_words(ledger: Ledger, *, settled: bool = True) -> tuple[str, ...]:
    """Return what is to be said of the machine's clock, by what it said at each entry.

    Without `settled` only what somebody has still to decide.
    """
    with reading(ledger) as connection:
        readings = ledger.readings.of(connection)
    return () if readings.plain else clock_remarks(readings.rows, settled=settled)


def _made(row: Row[tuple[object, ...]], counted: Mapping[int, str]) -> datetime:
    """Return from when on an entry counts."""
    return instant(counted.get(row.entry, row.made_at))


def _head(row: Row[tuple[object, ...]], counted: Mapping[int, str]) -> dict[str, Any]:
    return {
        "entry": row.entry,
        "key": row.key,
        "network": row.network,
        "as_of": instant(row.as_of),
        "made_at": _made(row, counted),
        "forced": bool(row.forced),
    }


def _forecast_of(row: Row[tuple[object, ...]]) -> ForecastRecord:
    """Return the forecast that a row with the columns of `_FORECAST` holds."""
    return ForecastRecord(
        event=row.event,
        deadline=instant(row.deadline),
        probability=row.probability,
        lower=row.lower,
        upper=row.upper,
        mcse=row.mcse,
        prior=row.prior,
        valid_until=instant(row.valid_until),
        condition=row.condition,
        lower_mcse=row.lower_mcse,
        upper_mcse=row.upper_mcse,
    )


def _rows(connection: Connection, name: str, entry: int) -> list[Row[tuple[object, ...]]]:
    """Return a run's rows in one table, in their order."""
    table = SEALED[name]
    query: Select[tuple[object, ...]] = select(table).where(table.c.entry == entry)
    return list(connection.execute(query.order_by(table.c.position)).all())
