"""`update` and `prior`: from a network and evidence to a posterior."""

from concurrent.futures import Executor

from forecast.estimate._fit import fit
from forecast.estimate._result import Method, Settings
from forecast.evidence import Clock, Evidence
from forecast.model._lower import lower
from forecast.network import Network
from forecast.posterior._posterior import Posterior
from forecast.time import Day

REFERENCE_DRAWS, REFERENCE_SHARE = 1024, 4
"""Of the prior that a posterior is compared with, as a share of the posterior's draws, and the
fewest. No evidence weighs them, so that one tells about as much as several weighed ones."""


def update(  # noqa: PLR0913
    network: Network,
    evidence: Evidence,
    *,
    as_of: Day,
    known: Clock = "published",
    method: Method = "auto",
    draws: int = 4096,
    seed: int = 1,
    progressbar: bool = False,
    executor: Executor | None = None,
) -> Posterior:
    """Return what a network and the evidence published by a date say together.

    The result is a pure function of network, evidence seen, `as_of`, method, draws and seed.

    Parameters
    ----------
    network
        Events, links, sources, and their priors.
    evidence
        The record; only what was published by `as_of` is seen.
    as_of
        The cut-off. A date means the end of that day, UTC.
    known
        ``"published"``: all that the world could read by `as_of` is seen; ``"recorded"``: only
        what this workspace had on file by then, which is what a forecaster really knew.
    method
        ``"auto"``: importance sampling where that is cheap and passes its gate, else whichever of
        NUTS and the path sampler would cost less; or one of ``"importance"``, ``"nuts"`` and
        ``"paths"``. The first two need the exact filter, which holds 14 tied events of unknown
        state and takes no counts; the path sampler takes everything.
    draws
        A power of two.
    seed
        Of everything random.
    progressbar
        Print a line on standard error as each stage begins.
    executor
        Where the prior, for comparison, is estimated meanwhile; in this process, unless given.

    Raises
    ------
    InputError
        If the evidence does not fit the network, or `as_of` is no date or lies outside its time.
    ContradictionError
        If observations contradict each other, or the evidence is impossible.

    Examples
    --------
    >>> import forecast as fc
    >>> pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    >>> network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    >>> post = fc.update(network, fc.Evidence([]), as_of="2024-07-01", draws=512)
    >>> 0.05 < post.probability("pact", by="2024-12-31").mean < 0.15
    True
    """
    settings = Settings(method=method, draws=draws, seed=seed)
    progress = _announce if progressbar else _silent
    lowered = lower(network, evidence, as_of, known)
    few = max(min(draws, REFERENCE_DRAWS), draws // REFERENCE_SHARE)
    if executor is None:
        return Posterior(fit(lowered, settings, progress), prior(network, draws=few, seed=seed))
    before = executor.submit(prior, network, draws=few, seed=seed)
    return Posterior(fit(lowered, settings, progress), before.result())


def prior(network: Network, *, draws: int = 4096, seed: int = 1) -> Posterior:
    """Return what a network says before any evidence, as of its start.

    Parameters
    ----------
    network
        Events, links, sources, and their priors.
    draws
        A power of two.
    seed
        Of everything random.
    """
    lowered = lower(network, Evidence([]), network.start_instant)
    return Posterior(fit(lowered, Settings(method="importance", draws=draws, seed=seed)))


def _announce(stage: str) -> None:
    import sys  # noqa: PLC0415

    sys.stderr.write(f"{stage}\n")


def _silent(stage: str) -> None:
    del stage
