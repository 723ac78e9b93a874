"""LEARN: the numbers of a network from complete histories of many units."""

from forecast.learning._candidates import candidate_links
from forecast.learning._learn import learn
from forecast.learning._learned import Learned
from forecast.learning._scales import Scales

__all__ = ["Learned", "Scales", "candidate_links", "learn"]
