"""What a workspace has learned of the sources whose opinions were resolved, to take elsewhere."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.ledger import run_heads
from forecast.workspace._draws import posterior_of
from forecast.workspace._history import last_runs, open_kept

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.05, 0.5, 0.95)


def track_record(
    workspace: str | Path, *, tell: Callable[[str], None] = lambda _: None
) -> "pd.DataFrame":
    """Return how much each source's opinions have been worth, as learned from resolved ones.

    Its column ``belief`` is text for the `forecast_weight` of a source in another network: there it
    is where learning begins.

    Parameters
    ----------
    workspace
        The folder of a workspace, whose last run of each network is asked.
    tell
        Called where a run has to be estimated again, since its draws are not here.

    Returns
    -------
    DataFrame
        Indexed by ``source``, of those with a resolved opinion: the ``network`` that taught most,
        how many deadlines of its opinions are ``resolved`` there, ``low``, ``median`` and ``high``
        (5%, 50%, 95%) of its weight κ, and the ``belief``.

    Raises
    ------
    InputError
        If the folder is no workspace, or its ledger has no run.

    Notes
    -----
    Open opinions teach nothing of a weight, so that no run counts an opinion before it is resolved.
    A source that several networks share is told by the one in which most was resolved.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import forecast as fc
    >>> with TemporaryDirectory() as empty:
    ...     fc.track_record(empty)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    forecast.errors.InputError: ...there is no workspace here: no such file...
    """
    import numpy as np  # noqa: PLC0415  it and pandas take a while
    import pandas as pd  # noqa: PLC0415

    found: dict[str, dict[str, object]] = {}
    with open_kept(Path(workspace)) as kept:
        for head in last_runs(run_heads(kept.ledger)).values():
            post = posterior_of(kept, head, tell)
            lowered, values = post.fitted.lowered, post.fitted.flat()
            group = lowered.table.group("forecast_weight")
            for source, resolved in lowered.resolved_opinions().items():
                before = found.get(source, {"resolved": 0})["resolved"]
                if group is None or resolved <= before:  # type: ignore[operator]
                    continue
                draws = values["forecast_weight"][:, group.labels.index(source)]
                low, median, high = (float(each) for each in np.quantile(draws, LEVELS))
                found[source] = {
                    "network": head.network,
                    "resolved": resolved,
                    "low": low,
                    "median": median,
                    "high": high,
                    "belief": f"{median:.1%} [{low:.1%}, {high:.1%}]",
                }
    columns = ["network", "resolved", "low", "median", "high", "belief"]
    index = pd.Index(sorted(found), name="source")
    return pd.DataFrame([found[name] for name in index], index=index, columns=columns)
