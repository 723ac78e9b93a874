"""An update after another, with a made-up estimate: what `test_kills` kills."""

import os
from pathlib import Path

import forecast.workspace._update as module
from forecast.workspace._settings import Request
from tests.workspace.samples import FakePosterior

SEEDS = 1_000


def estimate(inputs, settings):
    seen = inputs.evidence.as_of(settings.as_of)
    return FakePosterior(inputs.network, seen, settings.as_of)


def update_until_killed(folder: Path, first: int) -> None:
    """Update with one seed after another, and note each run that was acknowledged."""
    module._estimate = estimate
    acknowledged = os.open(folder / "acknowledged", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for seed in range(first, first + SEEDS):
        (run,) = module.update(folder, Request(seed=seed))
        os.write(acknowledged, f"{run.manifest.key}\n".encode())
