"""What every test of pictures shares."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what a test has drawn: Matplotlib warns of more than twenty open figures."""
    yield
    plt.close("all")
