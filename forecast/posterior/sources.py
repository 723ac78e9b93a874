"""What has been learned of the sources."""

import numpy as np
import pandas as pd

from forecast.estimate.datatree import prior_values
from forecast.estimate.result import Fit
from forecast.evidence.rates import tells_of
from forecast.evidence.report import PREDICTING, REPORTING
from forecast.model.groups import FORECASTING
from forecast.network.prior_of import COUNT_RATES

__all__ = ["source_table"]

TAILS = [0.05, 0.95]


def source_table(fitted: Fit) -> pd.DataFrame:
    """Return each source's rates, prior and posterior; see `Posterior.sources`."""
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
