"""A headless Chromium, the system's own, that tells of everything a page tries."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # needed where the tests run as root; the pages are ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Give a browser; Chromium must be installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        msg = "these tests need Chromium: apt-get install chromium fonts-dejavu-core"
        raise FileNotFoundError(msg)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, and all that it did beyond showing itself."""

    page: Page
    told: list[str] = field(default_factory=list)

    def open(self, file: Path) -> None:
        self.page.goto(file.as_uri())


@contextmanager
def watched_page(
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    dark: bool = False,
    bypass_csp: bool = False,
) -> Iterator[Watched]:
    """Give a page that notes dialogs, errors, console messages and requests for anything else."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        bypass_csp=bypass_csp,
    )
    page = context.new_page()
    watched = Watched(page)
    page.on("console", lambda message: watched.told.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: watched.told.append(f"error: {error}"))

    def refuse(dialog: Dialog) -> None:
        watched.told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("popup", lambda other: watched.told.append(f"popup: {other.url}"))

    def note(request: Request) -> None:
        if not (request.is_navigation_request() and request.url.startswith("file:")):
            watched.told.append(f"request: {request.url}")

    page.on("request", note)
    try:
        yield watched
    finally:
        context.close()
