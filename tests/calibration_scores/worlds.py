"""Simulated forecasters: calibrated ones, on five kinds of questions, and three kinds of faults."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

type Floats = NDArray[np.float64]


class Said(NamedTuple):
    """What a forecaster said, what came of it, and what hangs together."""

    p: Floats
    y: Floats
    cluster: NDArray[np.intp] | None


def independent(rng: np.random.Generator, questions: int) -> Said:
    """Questions of their own, from very unlikely to very likely."""
    p = np.clip(rng.beta(0.7, 0.9, questions), 0.001, 0.999)
    return Said(p, (rng.random(questions) < p).astype(float), None)


def linked(rng: np.random.Generator, clusters: int) -> Said:
    """One to eight questions on one matter: a Gaussian copula, correlation 0.6 within clusters."""
    return _linked(rng, clusters, lambda n: np.clip(rng.beta(0.7, 0.9, n), 0.001, 0.999))


def rare(rng: np.random.Generator, clusters: int) -> Said:
    """As `linked`, of things that mostly do not happen."""
    return _linked(rng, clusters, lambda n: np.clip(rng.beta(0.8, 12, n), 0.001, 0.999))


def _linked(rng, clusters, draw) -> Said:
    cluster = np.repeat(np.arange(clusters), rng.integers(1, 9, size=clusters))
    p = draw(cluster.size)
    latent = np.sqrt(0.6) * rng.normal(size=clusters)[cluster]
    latent += np.sqrt(0.4) * rng.normal(size=cluster.size)
    return Said(p, (latent < ndtri(p)).astype(float), cluster)


def repeated(rng: np.random.Generator, questions: int) -> Said:
    """Questions forecast on one to ten days, ever better informed: P(a random walk ends high)."""
    days = 12
    asked = rng.integers(1, 11, size=questions)
    first = np.clip(rng.beta(0.6, 1.2, size=questions), 0.01, 0.99)
    bar = ndtri(1 - first) * np.sqrt(days)
    walk = np.cumsum(rng.normal(size=(questions, days)), axis=1)
    so_far = np.column_stack([np.zeros(questions), walk[:, :-1]])  # (question, day)
    p = ndtr((so_far - bar[:, None]) / np.sqrt(days - np.arange(days)))
    open_ = np.arange(days) < asked[:, None]
    y = np.broadcast_to((walk[:, -1] > bar)[:, None], p.shape)
    cluster = np.broadcast_to(np.arange(questions)[:, None], p.shape)
    return Said(np.clip(p[open_], 1e-4, 1 - 1e-4), y[open_].astype(float), cluster[open_])


def both_sides(rng: np.random.Generator, races: int) -> Said:
    """As `repeated`, with both candidates of each race: what one gains the other loses."""
    one = repeated(rng, races)
    assert one.cluster is not None
    return Said(
        np.concatenate([one.p, 1 - one.p]),
        np.concatenate([one.y, 1 - one.y]),
        np.concatenate([one.cluster, one.cluster]),
    )


CALIBRATED = {
    "independent": independent,
    "linked": linked,
    "rare": rare,
    "repeated": repeated,
    "both sides": both_sides,
}


def too_bold(p: Floats) -> Floats:
    """Log-odds stretched by 1.7: 20% is called 9%."""
    return expit(1.7 * logit(p))


def too_timid(p: Floats) -> Floats:
    """Log-odds shrunk by 0.55: 20% is called 32%."""
    return expit(0.55 * logit(p))


def too_high(p: Floats) -> Floats:
    """Log-odds raised by 0.8: 20% is called 36%."""
    return expit(logit(p) + 0.8)


FAULTS = {"too bold": too_bold, "too timid": too_timid, "too high": too_high}


def no_better(rng: np.random.Generator, questions: int) -> tuple[Floats, Floats, Floats]:
    """Two forecasts as far from the truth as each other, and outcomes: no skill between them."""
    truth = rng.beta(0.7, 0.9, questions)
    off = 0.1 * np.sign(truth - 0.5) * np.minimum(1, 2 * np.minimum(truth, 1 - truth))
    return truth + off, truth - off, (rng.random(questions) < truth).astype(float)
