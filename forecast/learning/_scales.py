"""How far units, groups, periods and covariates may make rates differ: scales of priors."""

from dataclasses import dataclass

from forecast.history._rate_fit import check_scales


@dataclass(frozen=True)
class Scales:
    """How far rates may differ, as scales of priors; a scale of 0 leaves that part out.

    Parameters
    ----------
    covariate_sd
        Normal, of the log ratio of rates for one standard deviation of a covariate.
    unit_sd
        Half-normal, of the relative spread of rates between units: of the gamma distribution with
        mean 1 that a unit's ratio to the common rate has.
    group_sd
        Half-normal, of the spread of log rates between groups.
    drift_sd
        Half-normal, of the steps of log rates from one period to the next.

    Raises
    ------
    InputError
        If one of them is not a number of 0 or more, or covariates have none.

    Examples
    --------
    >>> Scales(unit_sd=0.0).unit_sd
    0.0
    """

    covariate_sd: float = 1.0
    unit_sd: float = 1.0
    group_sd: float = 0.5
    drift_sd: float = 0.5

    def __post_init__(self) -> None:
        check_scales(self, above_zero="covariate_sd")
