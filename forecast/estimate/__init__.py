"""Estimation: importance sampling, NUTS and paths, and the choice between them."""
