"""The page looks as it did: at phone and desktop width, in light and dark."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.report.pictures import FOLDER, PARTS, WIDTHS, name_of, share_that_differs, taken
from tests.tolerances import PICTURE_COLOUR, PICTURE_SHARE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_looks_like_the_picture_that_is_kept(
    browser: Browser, written: Path, tmp_path: Path, width: int, part: str, dark: bool
) -> None:
    name = name_of(width, part, dark=dark)
    now = taken(browser, written, width, part, dark=dark)
    now.save(tmp_path / name)  # to be looked at where this fails
    with Image.open(FOLDER / name) as kept:
        assert share_that_differs(now, kept, PICTURE_COLOUR) <= PICTURE_SHARE, tmp_path / name


def test_a_moved_line_of_text_is_a_difference() -> None:
    with Image.open(FOLDER / name_of(390, "event", dark=False)) as kept:
        moved = Image.new("RGB", kept.size, "white")
        moved.paste(kept.convert("RGB"), (0, 6))
        assert share_that_differs(moved, kept, PICTURE_COLOUR) > PICTURE_SHARE
