"""The package's public face."""

import subprocess
import sys

import forecast.network

HEAVY = ("pymc", "pytensor", "numba", "pandas", "scipy", "ruamel.yaml")


def test_public_names_are_sorted_and_there() -> None:
    names = forecast.network.__all__
    assert names == sorted(names)
    assert all(hasattr(forecast.network, name) for name in names)


def test_stating_a_network_loads_nothing_heavy() -> None:
    code = f"""
import sys, forecast.network
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
