"""The Python of docs/moving-from.md and what it prints; `python -m tests.contract.moving_page`."""

import contextlib
import io
import re

from tests.contract.repository import ROOT

PAGE = ROOT / "docs" / "moving-from.md"
OURS = re.compile(
    r"(```python\n(import forecast as fc\n.*?)```\n\n<!-- output: begin -->\n```\n)(.*?)"
    r"(```\n<!-- output: end -->)",
    re.DOTALL,
)
FILE = re.compile(r"```xml\n(.*?)```", re.DOTALL)


def printed(code: str) -> str:
    """Return what a piece of the page prints."""
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        exec(compile(code, PAGE.name, "exec"), {})  # noqa: S102
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def pieces() -> list[tuple[str, str]]:
    """Return the pieces that are ours, and the output that the page shows of each."""
    return [(found[2], found[3]) for found in OURS.finditer(PAGE.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    new = OURS.sub(lambda found: f"{found[1]}{printed(found[2])}{found[4]}", text)
    PAGE.write_text(new, encoding="utf-8")
