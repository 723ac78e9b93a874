"""Ask: what an estimate says of events, sources and parameters."""

from forecast.posterior._posterior import Posterior
from forecast.posterior._probability import Probability
from forecast.posterior._simulate import World, simulate
from forecast.posterior._update import prior, update

__all__ = ["Posterior", "Probability", "World", "prior", "simulate", "update"]
