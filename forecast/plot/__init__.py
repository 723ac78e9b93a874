"""SEE: one function a picture: what to draw goes in, and Matplotlib axes come out.

Every function draws into the `ax` that it is given, or into a new figure, and returns the axes. No
setting of the session is changed: colours are fixed and told apart without colour vision, all else
(fonts, background, colour of the text) is the session's own. Titles and labels that come from data
are drawn as typed: nothing in them is read as mathematics or TeX.

Raises
------
MissingExtraError
    On import, if Matplotlib is not installed.
"""

from importlib.util import find_spec

from forecast.errors import MissingExtraError

if find_spec("matplotlib") is None:
    raise MissingExtraError("matplotlib", "plot")

from forecast.plot.curves import curves
from forecast.plot.history import history
from forecast.plot.network import network
from forecast.plot.prior_posterior import prior_posterior
from forecast.plot.ranks import ranks
from forecast.plot.reliability import reliability
from forecast.plot.scenarios import scenarios
from forecast.plot.sources import sources
from forecast.plot.tornado import tornado
from forecast.plot.waterfall import waterfall

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
