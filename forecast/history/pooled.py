"""Log rates of groups around a common centre, in coordinates that a sampler moves through well."""

from typing import Any

__all__ = ["pooled_logs"]


def pooled_logs(centre: Any, spread: Any, onsets: Any, dim: str) -> Any:
    """Return log rates that are Normal(centre, spread), one a group, inside a PyMC model.

    With a share p of what is known from a group's own n onsets, p = n d²/(1 + n d²), sampled
    is y ~ Normal(p c, d^p), and the log rate is c + d^(1−p) (y − p c): Normal(c, d) whatever p is.
    Groups with many onsets are so sampled as they are, those with few by their distance from the
    centre [1]_.

    Parameters
    ----------
    centre, spread
        c and d.
    onsets
        n of each group: data or an array.
    dim
        The dimension of the groups.

    References
    ----------
    .. [1] Gorinova, M. I., Moore, D. & Hoffman, M. D. (2020). Automatic reparameterisation of
       probabilistic programs. ICML 37.
    """
    import pymc as pm  # noqa: PLC0415 - takes seconds

    own = onsets * spread**2 / (1 + onsets * spread**2)
    sampled = pm.Normal("sampled", own * centre, spread**own, dims=dim)
    return centre + spread ** (1 - own) * (sampled - own * centre)
