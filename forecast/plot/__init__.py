"""SEE: one function for each picture; data go in, and Matplotlib axes come out.

Every function draws into the given `ax`, or into a new figure, and returns the axes. No setting of
the session is changed: colours are fixed and distinct with any colour vision; fonts, background and
text colour are the session's own. Titles and labels from data are drawn as typed, never read as
mathematics or TeX.

Raises
------
MissingExtraError
    On import, if Matplotlib is not installed.
"""

from importlib.util import find_spec

from forecast.errors import MissingExtraError

if find_spec("matplotlib") is None:
    raise MissingExtraError("matplotlib", "plot")

from forecast.plot._calibration import ranks, reliability
from forecast.plot._curves import curves, history
from forecast.plot._learned import prior_posterior, sources
from forecast.plot._network import network
from forecast.plot._reasons import tornado, waterfall
from forecast.plot._scenarios import scenarios

__all__ = [
    "curves",
    "history",
    "network",
    "prior_posterior",
    "ranks",
    "reliability",
    "scenarios",
    "sources",
    "tornado",
    "waterfall",
]
