"""The page looks as it did: on a phone, a tablet and a desk, in light and dark."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from forecast.report import page
from tests.report.pictures import FOLDER, PARTS, WIDTHS, name_of, share_that_differs, taken
from tests.tolerances import PICTURE_COLOUR, PICTURE_SHARE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_looks_like_the_picture_that_is_kept(
    browser: Browser, tmp_path: Path, width: int, part: str, dark: bool
) -> None:
    name = name_of(width, part, dark=dark)
    file = tmp_path / "report.html"
    file.write_text(page(PARTS[part][0]()), encoding="utf-8")
    now = taken(browser, file, width, part, dark=dark)
    now.save(tmp_path / name)  # to be looked at where this fails
    with Image.open(FOLDER / name) as kept:
        assert share_that_differs(now, kept, PICTURE_COLOUR) <= PICTURE_SHARE, tmp_path / name


def test_a_moved_line_of_text_is_a_difference() -> None:
    with Image.open(FOLDER / name_of(390, "event", dark=False)) as kept:
        moved = Image.new("RGB", kept.size, "white")
        moved.paste(kept.convert("RGB"), (0, 6))
        assert share_that_differs(moved, kept, PICTURE_COLOUR) > PICTURE_SHARE
