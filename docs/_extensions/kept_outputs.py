"""Outputs of code cells, kept in the pages, so that a code host shows them as the site does.

A page of Markdown has what a cell printed below it, between two comments; a notebook has it where
notebooks have it. The site takes neither: every cell is run anew, and what comes out is held
against what is kept. Words must be the same, and numbers nearly so, since the last digit may
depend on the processor; of a cell with the tag `by-day`, whose numbers go by today's date, or
`by-chance`, whose chains of draws do, the words alone. ``sphinx-build -D keep_outputs=1 docs site``
writes what came out into the pages.

What a page needs before its first cell, and no reader of it does, is not in the page either: it is
put there when the page is read.
"""

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

BEGIN, END = "<!-- output -->", "<!-- output: end -->"
KEPT = re.compile(rf"\n{BEGIN}\n(`{{3,}})text\n(.*?)\n?\1\n{END}\n", re.DOTALL)
CELL = re.compile(r"^```\{code-cell\} ipython3\n.*?^```\n", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])[+−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]\w)")
DAY_OR_KEY = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z?)?|(?<!\w)[0-9a-f]{12}(?!\w)")
WRITES = re.compile(r"(Writing|Overwriting) \S+")
RULE = re.compile(r"[─-]{3,}")
NEAR = 0.05
LAST_PLACES = 2
WORDS_ALONE = {"by-day", "by-chance"}

HIDDEN = """\
```{{code-cell}} ipython3
:tags: [remove-cell]
{}```

"""
PYTHON = """\
def prepare():
    import os
    from pathlib import Path
    import pandas

    here = Path.cwd()
    os.chdir(next(each for each in (here, *here.parents) if (each / "forecast.toml").exists()))
    pandas.set_option("display.width", 120)


prepare()
"""
SHELL = """\
def prepare():
    import os, shutil, subprocess, tempfile
    from pathlib import Path
    from IPython.core.magic import register_cell_magic

    samples = Path.cwd().parent / "tests/files/platforms/samples"
    os.chdir(tempfile.mkdtemp())
    os.environ["COLUMNS"] = "80"
    for name in ("PYTHONWARNINGS", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):  # no terminal here
        os.environ.pop(name, None)

    @register_cell_magic
    def sh(line, cell):
        if "downloads/" in cell and not Path("downloads").exists():
            shutil.copytree(samples, "downloads")
        done = subprocess.run(["bash", "-ec", cell], stdout=-1, stderr=subprocess.STDOUT, text=True)
        lines = done.stdout.splitlines(keepends=True)
        told = [line for line in lines if not line.startswith("still ")]  # of a slow machine
        print("".join(told), end="")  # as one piece
        done.check_returncode()


prepare()
"""


def without_outputs(text: str) -> str:
    """Return a page without what is kept in it."""
    return KEPT.sub("", text)


def prepared(text: str) -> str:
    """Return a page as it is run: without kept outputs, and after the cell that nobody sees."""
    text = without_outputs(text)
    first = CELL.search(text)
    if first is None:
        return text
    before = SHELL if re.search(r"^%%(sh|writefile)", text, re.MULTILINE) else PYTHON
    return text[: first.start()] + HIDDEN.format(before) + text[first.start() :]


def once(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs without what a kernel sent twice: the end of the one before, once more."""
    found: list[dict[str, Any]] = []
    for each in outputs:
        last = found[-1] if found else {}
        text, before = ("".join(one.get("text", "")) for one in (each, last))
        again = text and each.get("name") == last.get("name") and before.endswith(text)
        found += [] if again else [each]
    return found


def printed(outputs: list[dict[str, Any]]) -> str:
    """Return the text of what a cell put out; of a picture there is none."""
    parts = []
    for each in once(outputs):
        found = each.get("text")
        if found is None and not {"image/png", "image/svg+xml"} & set(each.get("data", {})):
            found = each.get("data", {}).get("text/plain", "")
        parts.append("".join(found or "").strip("\n"))
    text = "\n".join(part for part in parts if part and not WRITES.fullmatch(part))
    return "\n".join(line.rstrip() for line in text.splitlines())


def with_outputs(text: str, said: list[str]) -> str:
    """Return a page with what its cells printed below them."""
    told = iter(said)

    def kept(found: re.Match[str]) -> str:
        output = next(told)
        if not output:
            return found[0]
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", output)), default=0))
        return f"{found[0]}\n{BEGIN}\n{fence}text\n{output}\n{fence}\n{END}\n"

    return CELL.sub(kept, without_outputs(text))


def kept_in(text: str) -> list[str]:
    """Return what is kept below each cell of a page."""
    cells = list(CELL.finditer(text))
    found = [KEPT.match(text, cell.end()) for cell in cells]
    return [each[2] if each else "" for each in found]


def alike(kept: str, found: str, *, numbers: bool = True) -> bool:
    """Say whether two outputs have the same words, and numbers that are near each other."""
    first, second = (RULE.sub("---", DAY_OR_KEY.sub("DAY", text)) for text in (kept, found))
    if [part.split() for part in NUMBER.split(first)] != [
        part.split() for part in NUMBER.split(second)
    ]:
        return False
    pairs = zip(NUMBER.findall(first), NUMBER.findall(second), strict=True)
    return not numbers or all(_near(*pair) for pair in pairs)


def _near(kept: str, found: str) -> bool:
    values = [float(text.replace(",", "").replace("−", "-")) for text in (kept, found)]
    step = max(_last_place(text) for text in (kept, found))
    return abs(values[0] - values[1]) <= NEAR * max(map(abs, values)) + LAST_PLACES * step


def _last_place(text: str) -> float:
    digits, _, power = text.partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


def put_before(app: Sphinx, name: str, source: list[str]) -> None:
    """Prepare a page of Markdown as Sphinx reads it."""
    if Path(app.env.doc2path(name)).suffix == ".md":
        source[0] = prepared(source[0])


def compare(app: Sphinx, failed: Exception | None) -> None:
    """Hold what came out against what is kept, or keep it."""
    if failed or app.config.nb_execution_mode == "off":
        return
    for name in sorted(app.env.found_docs):
        run = Path(app.outdir).parent / "jupyter_execute" / f"{name}.ipynb"
        if run.exists():
            page = Path(app.env.doc2path(name))
            cells = [
                cell
                for cell in json.loads(run.read_text(encoding="utf-8"))["cells"]
                if cell["cell_type"] == "code"
            ]
            handle = _of_notebook if page.suffix == ".ipynb" else _of_markdown
            handle(page, cells, write=bool(app.config.keep_outputs))


def _of_markdown(page: Path, cells: list[dict[str, Any]], *, write: bool) -> None:
    text, cells = page.read_text(encoding="utf-8"), cells[1:]
    said = [printed(cell["outputs"]) for cell in cells]
    if write:
        page.write_text(with_outputs(text, said), encoding="utf-8")
    else:
        _hold(page, cells, kept_in(text), said)


def _of_notebook(page: Path, cells: list[dict[str, Any]], *, write: bool) -> None:
    stored = json.loads(page.read_text(encoding="utf-8"))
    there = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    if not write:
        kept = [printed(cell["outputs"]) for cell in there]
        _hold(page, cells, kept, [printed(cell["outputs"]) for cell in cells])
        return
    for number, (cell, run) in enumerate(zip(there, cells, strict=True), 1):
        cell["execution_count"] = number
        cell["outputs"] = [
            each | ({"execution_count": number} if "execution_count" in each else {})
            for each in once(run["outputs"])
        ]
    page.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _hold(page: Path, cells: list[dict[str, Any]], kept: list[str], said: list[str]) -> None:
    for number, (cell, one, other) in enumerate(zip(cells, kept, said, strict=True), 1):
        words_alone = WORDS_ALONE & set(cell["metadata"].get("tags", ()))
        if not alike(one, other, numbers=not words_alone):
            logging.getLogger(__name__).warning(
                "%s: code cell %d printed what is not kept below it "
                "(sphinx-build -D keep_outputs=1 docs site keeps it):\n%s\n--- is kept:\n%s",
                page.name, number, other, one,
            )  # fmt: skip


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what is done to pages, before and after."""
    app.add_config_value("keep_outputs", default=False, rebuild="", types=(bool, str))
    app.connect("source-read", put_before)
    app.connect("build-finished", compare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
