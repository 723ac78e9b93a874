"""The Python of README.md and what it prints; ``python -m tests.end_to_end.readme_snippet``."""

import contextlib
import io
import re
from typing import Any

from tests.contract.repository import ROOT

PAGE = ROOT / "README.md"
BEGIN, END = "<!-- output: begin -->\n```\n", "```\n<!-- output: end -->"


def snippet() -> str:
    """Return the page's Python, of which there is one piece."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", _page(), re.DOTALL | re.MULTILINE)
    return str(code)


def shown() -> str:
    """Return the output that the page shows."""
    return _page().split(BEGIN)[1].split(END)[0]


def run() -> tuple[str, dict[str, Any]]:
    """Run the page's Python where a reader would; return what it prints, and its names."""
    names: dict[str, Any] = {}
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(io.StringIO()) as stream:
        exec(compile(snippet(), PAGE.name, "exec"), names)  # noqa: S102
    lines = [line.rstrip() for line in stream.getvalue().splitlines()]
    return "\n".join(lines) + "\n", names


def rewrite() -> None:
    """Put what the Python prints into the page."""
    printed, _ = run()
    head, tail = _page().split(BEGIN)
    PAGE.write_text(head + BEGIN + printed + END + tail.split(END)[1], encoding="utf-8")


def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    rewrite()
