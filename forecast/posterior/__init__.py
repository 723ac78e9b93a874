"""Ask: what an estimate says of events, sources and parameters."""

from forecast.posterior.posterior import Posterior
from forecast.posterior.probability import Probability
from forecast.posterior.simulate import World, simulate
from forecast.posterior.update import prior, update

__all__ = ["Posterior", "Probability", "World", "prior", "simulate", "update"]
