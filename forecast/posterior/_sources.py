"""What is known of the sources: as they or their types state, and as was learned of them."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.estimate._datatree import prior_values
from forecast.estimate._result import Fit
from forecast.evidence._rates import tells_of
from forecast.evidence._report import PREDICTING, REPORTING
from forecast.model._groups import FORECASTING
from forecast.network import source_prior
from forecast.network._prior_of import COUNT_RATES, RateName
from forecast.posterior._draws import Draws
from forecast.seeds import generator

if TYPE_CHECKING:
    import pandas as pd

type Floats = NDArray[np.float64]

TAILS = [0.05, 0.95]


def source_table(fitted: Fit) -> "pd.DataFrame":
    """Return each source's rates, prior and posterior; see `Posterior.sources`."""
    import pandas as pd  # noqa: PLC0415 - slow to import

    prior, posterior = prior_values(fitted), fitted.flat()
    items = list(fitted.lowered.evidence)
    rows, index = [], []
    for name in (*REPORTING, *PREDICTING, *FORECASTING, "report_rate", *COUNT_RATES):
        group = fitted.lowered.table.group(name)
        if group is None:
            continue
        for i, source in enumerate(group.labels):
            used = [item for item in items if tells_of(item, source, name)]
            before, after = prior[name][:, i], posterior[name][:, i]
            low, high = np.quantile(before, TAILS), np.quantile(after, TAILS)
            rows.append(
                {
                    "prior_mean": before.mean(),
                    "prior_lower": low[0],
                    "prior_upper": low[1],
                    "mean": after.mean(),
                    "lower": high[0],
                    "upper": high[1],
                    "items": len(used),
                    "moved_by": ", ".join(item.id for item in used),
                }
            )
            index.append((source, name))
    names = ["source", "rate"]
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(index, names=names))


def rate_draws(draws: Draws, source: str, name: RateName) -> Floats:
    """Return one of a source's rates, draw by draw."""
    network, table = draws.lowered.network, draws.lowered.table
    learned = table.group(name)
    if learned is not None and source in learned.labels:
        return draws.natural[name][:, learned.labels.index(source)]
    one = network.source(source)
    number = len(draws.theta.base_rate)
    own = source_prior(one, name)
    z = generator(draws.seed, "unheard source", source, name).normal(size=number)
    if own is not None:
        return np.asarray(own.from_z(z))
    kind = next(t for t in network.source_types if t.id == one.type)
    pooled = table.group(f"type_{name}")
    if pooled is not None and kind.id in pooled.labels:
        centre = draws.natural[f"type_{name}"][:, pooled.labels.index(kind.id)]
    else:
        prior = source_prior(kind, name)
        assert prior is not None, kind.id  # noqa: S101 - such a source is not asked about
        of_type = generator(draws.seed, "unheard type", kind.id, name).normal(size=number)
        centre = np.asarray(prior.from_z(of_type))
    return np.asarray(expit(logit(centre) + kind.spread * z))
