"""Pictures of the page, taken and held against those that are kept.

``python -m tests.report.pictures`` takes them anew: look at each before it is committed.
"""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser

from forecast.report import page
from forecast.report._content import PageContent
from tests.report.browser import running_browser, watched_page
from tests.report.sample import content, fifteen_questions, first_run, long_history, panel

FOLDER = Path(__file__).parent / "kept_pictures"
PARTS: dict[str, tuple[Callable[[], PageContent], str]] = {
    "top": (content, ""),
    "event": (content, "#tiny-event_1"),
    "network": (content, "#tiny--network"),
    "table": (content, ".headline"),
    "first": (first_run, "#tiny"),
    "questions": (fifteen_questions, "#tiny"),
    "history": (long_history, "#tiny-event_0"),
    "panel": (panel, "#tiny"),
}
"""What is taken: the top of a page, else the first element that a selector finds on it."""

WIDTHS = (390, 768, 1280)
COLOURS = 96
"""Kept pictures have so few colours, to be small; that alone changes no colour by much."""

FONT = "* { font-family: 'DejaVu Sans', sans-serif !important; }"
"""The page takes the system's font; pictures take the one that the tests ask to be installed."""

type Pixels = NDArray[np.int16]


def taken(browser: Browser, file: Path, width: int, part: str, *, dark: bool) -> Image.Image:
    """Return a picture of part of the page as a browser shows it."""
    with watched_page(browser, width=width, height=700, dark=dark, bypass_csp=True) as watched:
        watched.open(file)
        watched.page.add_style_tag(content=FONT)
        _, selector = PARTS[part]
        shown = watched.page.locator(selector).first if selector else watched.page
        data = shown.screenshot()
    return Image.open(io.BytesIO(data)).convert("RGB")


def name_of(width: int, part: str, *, dark: bool) -> str:
    return f"{part}-{width}-{'dark' if dark else 'light'}.png"


def share_that_differs(one: Image.Image, two: Image.Image, by: int) -> float:
    """Return the share of pixels any of whose colours differ by more than `by` of 255."""
    if one.size != two.size:
        return 1.0
    a, b = (np.asarray(each.convert("RGB"), dtype=np.int16) for each in (one, two))
    return float((np.abs(a - b).max(axis=-1) > by).mean())


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, running_browser() as browser:
        for part, (made, _) in PARTS.items():
            file = Path(folder) / f"{part}.html"
            file.write_text(page(made()), encoding="utf-8")
            for width in WIDTHS:
                for dark in (False, True):
                    picture = taken(browser, file, width, part, dark=dark).quantize(COLOURS)
                    picture.save(FOLDER / name_of(width, part, dark=dark), optimize=True)


if __name__ == "__main__":
    main()
