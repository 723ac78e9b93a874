"""Runs and resolutions to put into ledgers."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from forecast.ledger import (
    ArtifactRecord,
    ForecastRecord,
    ItemRecord,
    ResolutionRecord,
    RunRecord,
)

AS_OF = datetime(2024, 7, 2, tzinfo=UTC)


def key_of(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def forecast(number: int, probability: float = 0.25, *, errors: bool = True) -> ForecastRecord:
    deadline = AS_OF + timedelta(days=90 + 30 * (number % 3))
    return ForecastRecord(
        event=f"event_{number}",
        deadline=deadline,
        probability=probability,
        lower=probability / 2,
        upper=min(1.0, 1.5 * probability),
        mcse=0.00004,
        prior=None if number % 5 == 4 else 0.2,
        valid_until=deadline,
        condition='{"do":{"event_0":"2024-10-01"}}' if number % 7 == 6 else "",
        lower_mcse=0.0003 if errors else None,
        upper_mcse=0.00006 if errors else None,
    )


def run(
    name: object = "a",
    *,
    network: str = "tiny",
    forecasts: int = 3,
    items: int = 2,
    probability: float = 0.25,
    artifacts: tuple[ArtifactRecord, ...] = (),
    errors: bool = True,
) -> RunRecord:
    """Return a run, its key made of its name; without `errors`, as the first forms kept one."""
    return RunRecord(
        key=key_of(name),
        network=network,
        network_body=json.dumps({"name": network, "title": "Wörter – <b>&amp;</b> '\"\\"}),
        as_of=AS_OF,
        settings='{"seed":1}',
        gate='{"passed":true}',
        forced=False,
        forecasts=tuple(
            forecast(n, probability / (n + 1), errors=errors) for n in range(forecasts)
        ),
        evidence=tuple(ItemRecord(f"e{n}", json.dumps({"id": n})) for n in range(items)),
        artifacts=artifacts or (ArtifactRecord(f"{network}/{name}.nc", "0" * 64, 10),),
        versions={"eventcast": "0.1.0", "numpy": "2.5.0"},
    )


def happened(event: str = "event_0", day: datetime = AS_OF) -> ResolutionRecord:
    return ResolutionRecord(event, "happened", day, note="as reported")
