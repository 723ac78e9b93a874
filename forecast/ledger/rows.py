"""Records as rows of the tables, in the tables' order of columns, and back; texts as contents."""

from collections.abc import Iterable

from sqlalchemy import Row

from forecast.ledger.canonical import digest
from forecast.ledger.records import ForecastRecord, ResolutionRecord, RunRecord
from forecast.ledger.tables import instant, instant_text

__all__ = ["Rows", "contents_of", "forecast_of", "resolution_rows", "run_rows"]

type Rows = dict[str, list[tuple[object, ...]]]
"""The rows of one entry, by table."""


def contents_of(run: RunRecord) -> dict[str, str]:
    """Return the texts that a run refers to, by digest."""
    texts = [run.network_body, *(item.body for item in run.evidence)]
    return {digest(text.encode()): text for text in texts}


def run_rows(run: RunRecord, entry: int) -> Rows:
    """Return a run's rows."""
    network = digest(run.network_body.encode())
    head = (run.key, run.network, network, instant_text(run.as_of), run.settings, run.gate)
    seen = ((item.item, digest(item.body.encode())) for item in run.evidence)
    files = ((file.path, file.sha256, file.bytes) for file in run.artifacts)
    return {
        "runs": [(entry, *head, int(run.forced))],
        "forecasts": _numbered(entry, map(_forecast_row, run.forecasts)),
        "evidence": _numbered(entry, seen),
        "artifacts": _numbered(entry, files),
        "versions": _numbered(entry, sorted(run.versions.items())),
    }


def resolution_rows(resolution: ResolutionRecord, entry: int) -> Rows:
    """Return a resolution's one row."""
    at = None if resolution.at is None else instant_text(resolution.at)
    return {"resolutions": [(entry, resolution.event, resolution.outcome, at, resolution.note)]}


def forecast_of(row: Row[tuple[object, ...]]) -> ForecastRecord:
    """Return the forecast that a row of its table holds."""
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
    )


def _numbered(entry: int, rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [(entry, position, *row) for position, row in enumerate(rows)]


def _forecast_row(forecast: ForecastRecord) -> tuple[object, ...]:
    figures = (
        forecast.probability,
        forecast.lower,
        forecast.upper,
        forecast.mcse,
        forecast.prior,
    )
    return (
        forecast.event,
        forecast.condition,
        instant_text(forecast.deadline),
        # No database keeps the sign of a zero.
        *(None if figure is None else figure + 0.0 for figure in figures),
        instant_text(forecast.valid_until),
    )
