"""Arrays in, arrays out: filter, simulation and path sampler. `specification` comes first."""
