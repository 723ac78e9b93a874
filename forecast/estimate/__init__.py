"""Estimation: importance sampling, NUTS, the choice between them, and the gate."""
