"""Hazard ratios and base rates from event histories: ``forecast.event_history``.

`fit` is the Bayesian proportional-hazards model, with a piecewise-constant baseline:

    hazard of stretch i at time t = exp( a_k(t) + x_i'β + f_g(i) )

where piece k of the baseline has the log hazard a_k, a random walk; β are log hazard ratios, normal
around 0; f_g are normal frailties of groups. Given the pieces its likelihood is that of Poisson
counts of events over time at risk [1]_. `fit_flat` has no priors and no baseline: it is Cox's
partial likelihood, for comparison with published estimates.

References
----------
.. [1] Holford, T. R. (1980). The analysis of rates and of survivorship using log-linear models.
   Biometrics 36(2), 299-305.
"""

from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError
from forecast.history._partial import FlatFit, draw_flat, find_mode
from forecast.history._piecewise import HazardFit, HazardPriors, cut_points, fit_history
from forecast.history._risk_sets import Columns, read_history

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["Columns", "FlatFit", "HazardFit", "HazardPriors", "fit", "fit_flat"]

PIECES = 5


def fit(
    table: "pd.DataFrame",
    columns: Columns | None = None,
    *,
    unit: str = "1 year",
    pieces: "int | Sequence[float]" = PIECES,
    priors: HazardPriors | None = None,
    draws: int = 4000,
    seed: int = 1,
) -> HazardFit:
    """Return base rates and hazard ratios by a Bayesian proportional-hazards model.

    Limits: a hazard ratio is constant over time, and covariates act by multiplying; unmeasured ones
    confound it as in any regression; a stretch is at risk from its start to its stop, both known
    exactly.

    Parameters
    ----------
    table
        One row per stretch of a case's history, in which its covariates stay the same; a case whose
        covariates change has several rows.
    columns
        Which column is what; by default start, stop, event, and all others as covariates.
    unit
        The unit of start and stop, such as ``"1 week"``.
    pieces
        The number of pieces of the baseline, with equally many events each, or the times to cut it.
    priors
        Scales of the priors; None for the defaults.
    draws
        Over all chains.
    seed
        Of the sampler.

    Returns
    -------
    HazardFit
        ``.table()`` of hazard ratios; ``.link_prior(covariate)`` and ``.hazard_ratio(covariate)``
        for a link of kind multiplies; ``.base_rate()`` for the event's rate per year.

    Raises
    ------
    InputError
        With every fault of the table.
    GateError
        If the sampler did not converge.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"start": [0, 0, 2], "stop": [3, 2, 5], "event": [1, 0, 2], "pact": [0, 0, 1]}
    ... )
    >>> fit(table)
    Traceback (most recent call last):
    forecast.errors.InputError: event: row 2: an event is 0 or 1 (got '2'). Write a row per stretch.
    """
    history = read_history(table, columns or Columns())
    cuts = cut_points(history, pieces)
    priors = HazardPriors() if priors is None else priors
    return fit_history(history, cuts, priors, unit=unit, draws=draws, seed=seed)


def fit_flat(
    table: "pd.DataFrame", columns: Columns | None = None, *, draws: int = 4000, seed: int = 1
) -> FlatFit:
    """Return log hazard ratios under flat priors: Cox's partial likelihood, ties by Efron's method.

    Limits: no base rate and no groups; with few events the posterior under flat priors is wide and
    skewed, and its mean is not its mode.

    Parameters
    ----------
    table, columns
        As in `fit`, without a group.
    draws
        Of the posterior.
    seed
        Of the draws.

    Returns
    -------
    FlatFit
        ``.mode`` holds estimates of the published kind, ``.standard_error`` their errors,
        ``.draws`` the posterior.

    Raises
    ------
    InputError
        With every fault of the table.
    GateError
        If the partial likelihood has no mode, or its posterior cannot be drawn from.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"start": 0, "stop": [1, 2, 3, 4, 5, 6], "event": 1})
    >>> table["pact"] = [1, 0, 1, 1, 0, 0]
    >>> round(float(fit_flat(table, draws=100).table()["hazard ratio"]["pact"]), 2)
    4.03
    """
    columns = columns or Columns()
    if columns.group is not None:
        raise InputError(Fault("flat priors know no groups", "Use event_history.fit, or no group."))
    history = read_history(table, columns)
    mode = find_mode(history)
    return FlatFit(history, mode, draw_flat(history, mode, draws=draws, seed=seed))
