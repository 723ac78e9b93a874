"""Arrays in, arrays out: the exact filter, simulation, and the plan that both run on."""
