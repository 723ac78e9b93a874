"""From descriptions to a model: arrays for the engine, named parameters, and the PyMC model."""
