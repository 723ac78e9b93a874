"""One browser for all tests of the page, and a page of fixed content to open in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from forecast.report import page
from tests.report.browser import running_browser
from tests.report.sample import content


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the sample, as a file."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(content()), encoding="utf-8")
    return file
