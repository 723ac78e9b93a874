"""What moved between two runs is told from the first to the second, with the errors of both."""

from pathlib import Path

import pytest

from forecast.workspace._difference import difference
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.test_alerts import runs, workspace


def test_a_forecast_that_rose_is_told_from_then_to_now_with_the_errors_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.99")
    runs(folder, monkeypatch, 0.25, 0.75)
    found = difference(folder, ("1", "2"), explained=0, tell=lambda _: None)
    assert [(m.event, m.then, m.now, m.change) for m in found.moved] == [
        ("pact", 0.25, 0.75, 0.5),
        ("troops", 0.25, 0.75, 0.5),
    ]
    assert [m.mcse for m in found.moved] == pytest.approx([2**0.5 * 0.001] * 2, rel=SAME_ALGEBRA)
    assert (found.only_before, found.only_after, found.settings) == ((), (), ())
