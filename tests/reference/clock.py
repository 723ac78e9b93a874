"""The clock of the oracle: years of 365.25 days since the beginning of a network's first day."""

from datetime import UTC, date, datetime, timedelta

from forecast.network import Network

__all__ = ["years"]

YEAR = timedelta(days=365.25)


def years(network: Network, moment: date | str, *, edge: str = "end") -> float:
    """Years from the beginning of the network's first day; a day means its end, or its start."""
    origin = _instant(network.start, "start")
    return (_instant(moment, edge) - origin) / YEAR


def _instant(moment: date | str, edge: str) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
    if isinstance(moment, datetime):
        return moment
    whole = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return whole + timedelta(days=1) if edge == "end" else whole
