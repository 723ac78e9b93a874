"""The page on moving from another tool: what it prints, reads and compares is so."""

from pathlib import Path

import pytest

import forecast as fc
from tests.contract.moving_page import FILE, PAGE, pieces, printed

CLEARED, IF_CLEARED, IF_NOT, HIT, FALSE_ALARM = 0.6, 0.9, 0.05, 0.8, 0.1
BEFORE = CLEARED * IF_CLEARED + (1 - CLEARED) * IF_NOT
GIVEN = CLEARED * HIT / (CLEARED * HIT + (1 - CLEARED) * FALSE_ALARM)
AFTER = GIVEN * IF_CLEARED + (1 - GIVEN) * IF_NOT
TEXT = PAGE.read_text(encoding="utf-8")


def test_our_code_prints_what_the_page_shows() -> None:
    """`python -m tests.contract.moving_page` writes it."""
    assert len(pieces()) == 2
    for code, shown in pieces():
        assert printed(code) == shown


def test_the_case_is_bayes_by_hand() -> None:
    (_, shown), _ = pieces()
    assert shown.split() == [f"{BEFORE:.4f}", f"{AFTER:.4f}"]
    assert f"{BEFORE:.0%} before the report, and {AFTER:.2%} after it" in TEXT
    for formula, value in (("=B1*B2", f"{BEFORE:.0%}"), ("=B1*B4", f"{GIVEN:.1%}")):
        (row,) = [line for line in TEXT.splitlines() if formula in line]
        assert f"| {value} |" in row


def test_the_file_of_genie_is_read(tmp_path: Path) -> None:
    found = FILE.search(TEXT)
    assert found is not None
    file = tmp_path / "merger.xdsl"
    file.write_text(found[1], encoding="utf-8")
    network = fc.import_network(file)
    post = fc.prior(network, draws=64)
    assert post.probability("closes", by=network.horizon).mean == pytest.approx(BEFORE, abs=1e-9)
