"""Records as rows of the tables, in the tables' order of columns, and back; texts as contents."""

from collections.abc import Iterable

from sqlalchemy import FromClause, Row, and_

from forecast.ledger.canonical import digest
from forecast.ledger.records import ForecastRecord, ResolutionRecord, RunRecord
from forecast.ledger.tables import SEALED, instant, instant_text

__all__ = [
    "FORECAST_COLUMNS",
    "Rows",
    "contents_of",
    "forecast_of",
    "forecasts_whole",
    "resolution_rows",
    "run_rows",
]

_forecasts, _errors = SEALED["forecasts"], SEALED["interval_errors"]

FORECAST_COLUMNS = (*_forecasts.columns, _errors.c.lower_mcse, _errors.c.upper_mcse)
"""All that makes a forecast, from `forecasts_whole`."""

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
        "interval_errors": [
            (entry, position, *errors)
            for position, errors in enumerate(map(_error_row, run.forecasts))
            if errors != (None, None)
        ],
        "evidence": _numbered(entry, seen),
        "artifacts": _numbered(entry, files),
        "versions": _numbered(entry, sorted(run.versions.items())),
    }


def resolution_rows(resolution: ResolutionRecord, entry: int) -> Rows:
    """Return a resolution's one row."""
    at = None if resolution.at is None else instant_text(resolution.at)
    return {"resolutions": [(entry, resolution.event, resolution.outcome, at, resolution.note)]}


def forecasts_whole() -> FromClause:
    """Return the table of forecasts with their errors; without, where none were kept."""
    same = and_(_errors.c.entry == _forecasts.c.entry, _errors.c.position == _forecasts.c.position)
    return _forecasts.outerjoin(_errors, same)


def forecast_of(row: Row[tuple[object, ...]]) -> ForecastRecord:
    """Return the forecast that a row with `FORECAST_COLUMNS` holds."""
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
        *map(_unsigned, figures),
        instant_text(forecast.valid_until),
    )


def _error_row(forecast: ForecastRecord) -> tuple[float | None, float | None]:
    return _unsigned(forecast.lower_mcse), _unsigned(forecast.upper_mcse)


def _unsigned(figure: float | None) -> float | None:
    """Take the sign off a zero: no database keeps it."""
    return None if figure is None else figure + 0.0
