"""The list of modules in ARCHITECTURE.md; ``python -m tests.contract.architecture`` rewrites it."""

import ast
from pathlib import Path

from tests.contract.repository import PACKAGE, ROOT, module_files

PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- modules: begin -->\n", "<!-- modules: end -->\n"
WIDTH = 120


def module_list() -> str:
    """Return one line a module, from the head of its docstring; a heading for each package."""
    lines = []
    for file in module_files():
        path = file.relative_to(PACKAGE)
        if path.name == "__init__.py" and len(path.parts) > 1:
            lines.append(f"\n`{path.parent.as_posix()}/` — {_says(file)}\n")
        elif path.name != "__init__.py":
            lines.append(f"- `{path.as_posix()}`: {_says(file)}")
    top = [line for line in lines if line.startswith("- ") and "/" not in line.split("`")[1]]
    rest = [line for line in lines if line not in top]
    return "\n".join([*top, *rest]) + "\n"


def listed() -> str:
    """Return the list that the page has."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]


def rewrite() -> None:
    """Put the list of the tree into the page."""
    head, tail = PAGE.read_text(encoding="utf-8").split(BEGIN)
    page = head + BEGIN + module_list() + END + tail.split(END)[1]
    PAGE.write_text(page, encoding="utf-8")


def _says(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


if __name__ == "__main__":
    rewrite()
